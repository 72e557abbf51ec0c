/* SPDX-License-Identifier: Apache-2.0
 *
 * THE SETTING TABLE: the whole configuration, one row a setting. The reader of the file,
 * `config check`, `config show` and the manual are all made from it. */
#include "config/settings.h"

#include "base/auto.h"
#include "base/limits.h"
#include "base/log.h"

#include <assert.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>

static const char *const REPLAY_MODES[] = {
    "", [REPLAY_MODE_ALL] = "all", [REPLAY_MODE_UNSAFE] = "unsafe",
    [REPLAY_MODE_OFF] = "off", NULL};

static const char *const DECIDE_HEADERS[] = {
    "", [DECIDE_X_FORWARDED] = "x-forwarded", [DECIDE_X_ORIGINAL] = "x-original",
    [DECIDE_PATH] = "path", NULL};

static const char *const LOG_LEVELS[] = {[LOG_DEBUG] = "debug",
                                         [LOG_INFO] = "info",
                                         [LOG_WARN] = "warn",
                                         [LOG_ERROR] = "error",
                                         NULL};

static const char *const STARTTLS[] = {
    "", [SMTP_STARTTLS_REQUIRED] = "required", [SMTP_STARTTLS_OFF] = "off", NULL};
static const char *const MAIL_SCHEMES[] = {"smtp://", "smtps://", NULL};
static const char *const WEB_SCHEMES[] = {"https://", "http://", NULL};
static const char *const ES256_LEVELS[] = {"auto", "openssl", "table", "lanes", NULL};

#define FIELD(name) offsetof(struct config, name)
#define INT(section, name, usual, least, most, meaning)                           \
    {                                                                             \
        section, #name, SETTING_INT, FIELD(name), usual, least, most, NULL, NULL, \
            meaning                                                               \
    }
#define BOOL(section, name, usual, meaning)                                         \
    {                                                                               \
        section, #name, SETTING_BOOL, FIELD(name), usual, 0, 1, NULL, NULL, meaning \
    }
#define CHOICE(section, name, usual, choices, meaning)                                   \
    {                                                                                    \
        section, #name, SETTING_CHOICE, FIELD(name), usual, 0, 0, NULL, choices, meaning \
    }
#define PATH(section, name, meaning)                                          \
    {                                                                         \
        section, #name, SETTING_PATH, FIELD(name), 0, 0, 0, "", NULL, meaning \
    }
#define ADDRESS(section, name, usual, meaning)                                      \
    {                                                                               \
        section, #name, SETTING_ADDRESS, FIELD(name), 0, 0, 0, usual, NULL, meaning \
    }
#define RANGES(section, name, meaning)                                          \
    {                                                                           \
        section, #name, SETTING_RANGES, FIELD(name), 0, 0, 0, "", NULL, meaning \
    }

#define TEXT(section, name, kind, usual, choices, meaning)                  \
    {                                                                       \
        section, #name, kind, FIELD(name), 0, 0, 0, usual, choices, meaning \
    }

enum { KIB = 1024, MIB = 1024 * 1024, HOUR_MS = 3600 * 1000 };

const struct setting SETTINGS[] = {
    ADDRESS("server", listen, "127.0.0.1:8480", "where callers and the console come in"),
    ADDRESS("server", health, "127.0.0.1:8481", "where /healthz, /readyz, /metrics are"),
    PATH("server", tls_cert, "certificate chain in PEM; empty: plain text"),
    PATH("server", tls_key, "private key of the certificate in PEM"),
    ADDRESS("server", decide_listen, "",
            "where a gateway of one's own asks (/decide); empty: nowhere"),
    PATH("server", decide_client_ca,
         "who vouches for gateways that ask, in PEM; empty: they ask in plain text, on"
         " the loopback interface only"),
    CHOICE("server", decide_headers, DECIDE_X_FORWARDED, DECIDE_HEADERS,
           "which fields say what a gateway asks about"),
    PATH("server", master_key_file,
         "the master key; empty: master.key in the data"
         " folder"),
    RANGES("server", trusted_proxies,
           "whose X-Forwarded-For and PROXY header are"
           " believed"),
    INT("server", loop_count, 0, 0, 256, "threads that serve callers; 0: one a core"),
    INT("server", worker_count, 0, 0, 256, "threads that may block; 0: one a core"),
    INT("server", drain_s, 10, 0, 600, "how long a stop waits for what runs, in seconds"),
    CHOICE("server", log_level, LOG_INFO, LOG_LEVELS, "the least that is logged"),

    INT("limits", head_max_bytes, HTTP_HEAD_MAX_BYTES, KIB, MIB,
        "the largest request head, in bytes"),
    INT("limits", header_max_count, HTTP_HEADER_MAX_COUNT, 10, 1000,
        "the most headers of a request"),
    INT("limits", body_max_bytes, HTTP_BODY_MAX_BYTES, KIB, 64 * MIB,
        "the largest request body, in bytes"),
    INT("limits", upstream_body_max_bytes, INT64_C(16) << 30, KIB, INT64_C(1) << 40,
        "the largest body of a request that goes on to an upstream as it comes, in "
        "bytes"),
    INT("limits", head_timeout_ms, HTTP_HEAD_TIMEOUT_MS, 100, HOUR_MS,
        "how long a request head may take, in milliseconds"),
    INT("limits", body_timeout_ms, HTTP_BODY_TIMEOUT_MS, 100, HOUR_MS,
        "how long a request body may take, in milliseconds"),
    INT("limits", idle_timeout_ms, HTTP_IDLE_TIMEOUT_MS, 100, HOUR_MS,
        "how long a connection may be silent between two requests, in milliseconds"),
    INT("limits", connection_max_count, CONNECTION_MAX_COUNT, 10, 1000 * 1000,
        "the most connections at a time"),
    INT("limits", connection_per_ip_max_count, CONNECTION_PER_IP_MAX_COUNT, 1,
        1000 * 1000, "the most connections of one address at a time"),
    INT("limits", upstream_connection_max_count, UPSTREAM_CONNECTION_MAX_COUNT, 1,
        1000 * 1000, "the most connections to one upstream at a time"),
    BOOL("limits", upstream_link_local, 0,
         "an upstream may have a link-local address, where clouds keep their secrets"),

    INT("gate", freshness_s, 300, 1, 3600,
        "how far issuedAt may be from our clock, in seconds"),
    CHOICE("gate", replay, REPLAY_MODE_UNSAFE, REPLAY_MODES,
           "which requests may be used only once (unsafe: all but GET and HEAD)"),
    INT("gate", account_rate_per_s, 0, 0, 1000 * 1000,
        "requests of all tokens together, a second; 0: no limit"),
    INT("gate", token_rate_per_s, 0, 0, 1000 * 1000,
        "requests of one token, a second; 0: no limit"),
    TEXT("gate", operation_rates, SETTING_TEXT, "", NULL,
         "rates of single operations, all tokens together: id=10/s,id=5/m (s, m, h, d)"),
    INT("gate", key_cache_bytes, 256 * MIB, MIB, INT64_C(1) << 40,
        "memory for prepared keys, in bytes"),
    CHOICE("gate", es256_level, 0, ES256_LEVELS,
           "how ES256 is verified: the best way that the processor has, or at most this"),
    INT("gate", es256_tables_mb, 256, 0, 1024 * 1024,
        "memory for the tables of keys that are used most, in MiB; 0: no tables"),
    INT("gate", stale_max_s, 60, 1, 3600,
        "without news from the database for so long requests are refused, in seconds"),
    INT("gate", identity_reuse_s, 0, 0, 30,
        "how long one Tokenhouse-Identity serves the same caller, in seconds; 0: each"
        " request has its own, with its id"),

    INT("console", session_idle_s, 900, 1, 86400,
        "the console logs out after this silence, in seconds"),
    INT("console", session_max_s, 43200, 1, 30 * 86400,
        "the console logs out this long after the log-in, in seconds"),

    TEXT("mail", smtp_url, SETTING_URL, "", MAIL_SCHEMES,
         "the mail server, smtp://HOST:PORT or smtps://HOST:PORT; empty: letters become"
         " files in the data folder"),
    CHOICE("mail", smtp_starttls, SMTP_STARTTLS_REQUIRED, STARTTLS,
           "whether smtp:// must become encrypted before anything is sent"),
    TEXT("mail", smtp_user, SETTING_TEXT, "", NULL,
         "who we are to the mail server; empty: no log-in"),
    PATH("mail", smtp_password_file, "the first line is the password of smtp_user"),
    PATH("mail", smtp_ca_file,
         "who vouches for the mail server, in PEM; empty: the system's authorities"),
    TEXT("mail", mail_from, SETTING_EMAIL, "tokenhouse@localhost", NULL,
         "the address that letters come from"),
    TEXT("mail", console_url, SETTING_URL, "", WEB_SCHEMES,
         "where people find the console, for links in letters; empty: no links"),

    INT("tokens", unused_days, 90, 0, 3650,
        "after so many days without a use a token is called unused; 0: never"),
    BOOL("tokens", unused_notice, 1,
         "whether users get a letter about their unused tokens, once a month"),

    TEXT("webhook", webhook_url, SETTING_URL, "", WEB_SCHEMES,
         "where notices are posted as signed JSON; empty: nowhere"),
    BOOL("webhook", webhook_link_local, 0,
         "webhook_url may be a link-local address, where clouds keep their secrets"),

    INT("disk", disk_min_free_percent, 5, 0, 99,
        "with less of the data folder's disk free /readyz says 503, in percent"),
    INT("disk", disk_min_free_kib, 16 * KIB, 0, INT64_C(1) << 30,
        "with less free nothing is changed any more, in KiB; log-ins, revocations and "
        "what"
        " time does may use it up"),

    INT("history", event_keep_days, 365, 1, 36500,
        "how long Event History is kept, in days"),
    INT("history", event_keep_count, 0, 0, INT64_C(1) << 40,
        "how many events are kept; 0: however many"),
    INT("history", event_hold_days, 30, 0, 36500,
        "how much longer events are kept that an output has not taken, in days"),
    INT("history", head_letter_days, 7, 0, 365,
        "how often System Administrators get the newest signed head by e-mail, in days; "
        "0: never"),
};

enum { SETTING_COUNT = COUNT_OF(SETTINGS), BOUNDS_CHARS = 96, USUAL_CHARS = 32 };

/* Bounds and usual values in words, written once. */
static char bounds_texts[SETTING_COUNT][BOUNDS_CHARS];
static char usual_texts[SETTING_COUNT][USUAL_CHARS];
static pthread_once_t texts_once = PTHREAD_ONCE_INIT;

const struct setting *
setting_find(const char *name)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(SETTINGS[i].name, name) == 0)
            return &SETTINGS[i];
    }
    return NULL;
}

size_t
config_setting_count(void)
{
    return SETTING_COUNT;
}

static void
write_choices(const struct setting *setting, char *out, size_t size)
{
    size_t len = 0;

    for (const char *const *choice = setting->choices; *choice; choice++) {
        if (**choice != '\0' && len < size)
            len += (size_t)snprintf(out + len, size - len, "%s%s", len > 0 ? ", " : "",
                                    *choice);
    }
}

static void
write_bounds(const struct setting *setting, char out[BOUNDS_CHARS])
{
    switch (setting->kind) {
    case SETTING_INT:
        snprintf(out, BOUNDS_CHARS, "%lld..%lld", (long long)setting->least,
                 (long long)setting->most);
        return;
    case SETTING_BOOL:
        snprintf(out, BOUNDS_CHARS, "on, off");
        return;
    case SETTING_CHOICE:
        write_choices(setting, out, BOUNDS_CHARS);
        return;
    case SETTING_PATH:
        snprintf(out, BOUNDS_CHARS, "a file");
        return;
    case SETTING_ADDRESS:
        snprintf(out, BOUNDS_CHARS, "HOST:PORT");
        return;
    case SETTING_TEXT:
        snprintf(out, BOUNDS_CHARS, "printable ASCII without blanks");
        return;
    case SETTING_URL:
        write_choices(setting, out, BOUNDS_CHARS);
        return;
    case SETTING_EMAIL:
        snprintf(out, BOUNDS_CHARS, "an e-mail address");
        return;
    case SETTING_RANGES:
        snprintf(out, BOUNDS_CHARS, "IP addresses and CIDR ranges, at most %d",
                 CONFIG_PROXY_MAX_COUNT);
        return;
    }
}

static void
write_ranges(const struct config *config, char out[CONFIG_VALUE_MAX])
{
    size_t len = 0;

    out[0] = '\0';
    for (int64_t i = 0; i < config->trusted_proxy_count; i++) {
        char text[IP_RANGE_TEXT_MAX + 1];
        ip_range_write(&config->trusted_proxies[i], text);
        len += (size_t)snprintf(out + len, CONFIG_VALUE_MAX - len, "%s%s",
                                len > 0 ? ", " : "", text);
    }
}

_Static_assert(CONFIG_PROXY_MAX_COUNT *(IP_RANGE_TEXT_MAX + 2) < CONFIG_VALUE_MAX,
               "all ranges fit in one text");

/* The value in force, as the file would say it. */
static void
write_value(const struct config *config, const struct setting *setting,
            char out[CONFIG_VALUE_MAX])
{
    const char *field = (const char *)config + setting->field;
    const int64_t *number = (const void *)field;

    switch (setting->kind) {
    case SETTING_INT:
        snprintf(out, CONFIG_VALUE_MAX, "%lld", (long long)*number);
        return;
    case SETTING_BOOL:
        snprintf(out, CONFIG_VALUE_MAX, "%s", *number != 0 ? "on" : "off");
        return;
    case SETTING_CHOICE:
        snprintf(out, CONFIG_VALUE_MAX, "%s", setting->choices[*number]);
        return;
    case SETTING_PATH:
    case SETTING_ADDRESS:
    case SETTING_TEXT:
    case SETTING_URL:
    case SETTING_EMAIL:
        snprintf(out, CONFIG_VALUE_MAX, "%s", field);
        return;
    case SETTING_RANGES:
        write_ranges(config, out);
        return;
    }
}

static void
write_texts(void)
{
    struct config usual;
    char value[CONFIG_VALUE_MAX];

    config_usual(&usual);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        write_bounds(&SETTINGS[i], bounds_texts[i]);
        write_value(&usual, &SETTINGS[i], value);
        assert(strlen(value) < USUAL_CHARS);
        memcpy(usual_texts[i], value, strlen(value));
    }
}

void
config_setting_view(const struct config *config, size_t index, struct config_view *out)
{
    assert(index < SETTING_COUNT);
    pthread_once(&texts_once, write_texts);

    const struct setting *setting = &SETTINGS[index];
    out->name = setting->name;
    out->section = setting->section;
    out->meaning = setting->meaning;
    out->bounds = bounds_texts[index];
    out->usual = usual_texts[index];
    write_value(config, setting, out->value);
    out->is_usual = strcmp(out->value, out->usual) == 0;
}

void
config_usual(struct config *out)
{
    *out = (struct config){.data = "./data"};
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        char *field = (char *)out + SETTINGS[i].field;
        switch (SETTINGS[i].kind) {
        case SETTING_INT:
        case SETTING_BOOL:
        case SETTING_CHOICE:
            *(int64_t *)(void *)field = SETTINGS[i].usual;
            break;
        case SETTING_ADDRESS:
            snprintf(field, CONFIG_ADDRESS_MAX, "%s", SETTINGS[i].usual_text);
            break;
        case SETTING_TEXT:
        case SETTING_URL:
        case SETTING_EMAIL:
            snprintf(field, CONFIG_TEXT_MAX, "%s", SETTINGS[i].usual_text);
            break;
        case SETTING_PATH:
        case SETTING_RANGES:
            break; /* empty */
        }
    }
}
