/* SPDX-License-Identifier: Apache-2.0
 *
 * One value of one setting: read strictly, held against its bounds, put in its place. */
#include "config/settings.h"

#include "base/number.h"

#include <stdio.h>

/* "NAME is 'VALUE', but WANTED" */
__attribute__((format(printf, 4, 5))) MUST_CHECK static enum status
refuse(struct failure *failure, const struct setting *setting, const char *value,
       const char *format, ...)
{
    char wanted[256];
    va_list args;

    va_start(args, format);
    vsnprintf(wanted, sizeof(wanted), format, args);
    va_end(args);
    return failure_set(failure, STATUS_MALFORMED, setting->name, "%s is '%.100s', but %s",
                       setting->name, value, wanted);
}

static enum status
set_int(const struct setting *setting, const char *value, int64_t *out,
        struct failure *failure)
{
    int64_t number = 0;

    if (number_read(slice_of(value), &number) != STATUS_OK)
        return refuse(failure, setting, value, "a whole number in %lld..%lld is wanted",
                      (long long)setting->least, (long long)setting->most);
    if (number < setting->least || number > setting->most)
        return refuse(failure, setting, value, "must lie in %lld..%lld",
                      (long long)setting->least, (long long)setting->most);
    *out = number;
    return STATUS_OK;
}

static enum status
set_bool(const struct setting *setting, const char *value, int64_t *out,
         struct failure *failure)
{
    static const struct {
        const char *word;
        int64_t truth;
    } WORDS[] = {{"on", 1},  {"yes", 1}, {"true", 1},  {"1", 1},
                 {"off", 0}, {"no", 0},  {"false", 0}, {"0", 0}};

    for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
        if (slice_equal_nocase(slice_of(value), slice_of(WORDS[i].word))) {
            *out = WORDS[i].truth;
            return STATUS_OK;
        }
    }
    return refuse(failure, setting, value, "on or off is wanted");
}

static enum status
set_choice(const struct setting *setting, const char *value, int64_t *out,
           struct failure *failure)
{
    char names[128] = "";
    size_t len = 0;

    for (int64_t i = 0; setting->choices[i]; i++) {
        const char *name = setting->choices[i];
        if (name[0] == '\0')
            continue;
        if (slice_equal_nocase(slice_of(value), slice_of(name))) {
            *out = i;
            return STATUS_OK;
        }
        len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
                                len > 0 ? ", " : "", name);
    }
    return refuse(failure, setting, value, "one of %s is wanted", names);
}

static enum status
set_path(const struct setting *setting, const char *data, const char *value, char *out,
         struct failure *failure)
{
    char path[CONFIG_PATH_MAX];
    bool is_whole = value[0] == '/' || value[0] == '\0';
    int len = is_whole ? snprintf(path, sizeof(path), "%s", value)
                       : snprintf(path, sizeof(path), "%s/%s", data, value);

    if (len < 0 || len >= CONFIG_PATH_MAX)
        return refuse(failure, setting, value, "at most %d bytes are wanted",
                      CONFIG_PATH_MAX - 1);
    memcpy(out, path, (size_t)len + 1);
    return STATUS_OK;
}

/* Is `host` something that can be listened on: an address, in brackets when it is IPv6,
 * or localhost? Other names are refused: they depend on a name server. */
static bool
is_host(struct slice host)
{
    struct ip ip;

    if (host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']')
        return ip_read((struct slice){host.at + 1, host.len - 2}, &ip) == STATUS_OK &&
               memchr(host.at, ':', host.len) != NULL;
    return slice_equal(host, SLICE("localhost")) ||
           (ip_read(host, &ip) == STATUS_OK && memchr(host.at, ':', host.len) == NULL);
}

static enum status
set_address(const struct setting *setting, const char *value, char *out,
            struct failure *failure)
{
    const char *colon = strrchr(value, ':');
    int64_t port = -1;

    if (value[0] == '\0' && setting->usual_text[0] == '\0') { /* none is one, too */
        out[0] = '\0';
        return STATUS_OK;
    }
    if (!colon || strlen(value) >= CONFIG_ADDRESS_MAX ||
        number_read(slice_of(colon + 1), &port) != STATUS_OK || port < 0 ||
        port > UINT16_MAX ||
        !is_host((struct slice){(const unsigned char *)value, (size_t)(colon - value)}))
        return refuse(failure, setting, value,
                      "HOST:PORT is wanted, for example 127.0.0.1:8480, [::1]:8480 or "
                      "localhost:8480");
    snprintf(out, CONFIG_ADDRESS_MAX, "%s", value);
    return STATUS_OK;
}

static bool
is_visible_ascii(const char *value)
{
    for (const char *at = value; *at != '\0'; at++) {
        if (*at <= ' ' || *at >= 0x7f)
            return false;
    }
    return true;
}

static enum status
set_text(const struct setting *setting, const char *value, char *out,
         struct failure *failure)
{
    if (strlen(value) >= CONFIG_TEXT_MAX || !is_visible_ascii(value))
        return refuse(
            failure, setting, value,
            "at most %d characters of printable ASCII without blanks are wanted",
            CONFIG_TEXT_MAX - 1);
    snprintf(out, CONFIG_TEXT_MAX, "%s", value);
    return STATUS_OK;
}

/* After the scheme there is a host, and no user: a password has no place in a file that
 * people show around. */
static enum status
set_url(const struct setting *setting, const char *value, char *out,
        struct failure *failure)
{
    size_t len = 0;

    for (size_t i = 0; value[0] != '\0' && setting->choices[i] && len == 0; i++) {
        const char *scheme = setting->choices[i];
        if (slice_starts(slice_of(value), slice_of(scheme)))
            len = strlen(scheme);
    }
    if (value[0] != '\0' && (len == 0 || strspn(value + len, "/:") > 0 ||
                             value[len] == '\0' || strpbrk(value, "@<>\"\\?#")))
        return refuse(failure, setting, value,
                      "a URL without user, question mark or # is wanted, for example "
                      "%smail.example.com",
                      setting->choices[0]);
    return set_text(setting, value, out, failure);
}

/* What may stand in a header without quotes, with one @ in it. */
static enum status
set_email(const struct setting *setting, const char *value, char *out,
          struct failure *failure)
{
    static const char MAY[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789.!#$%&'*+/=?^_`{|}~-";
    size_t local = strspn(value, MAY);
    size_t domain = value[local] == '@' ? strspn(value + local + 1, MAY) : 0;

    if (local == 0 || domain == 0 || value[local + 1 + domain] != '\0')
        return refuse(failure, setting, value,
                      "an e-mail address is wanted, for example tokens@example.com");
    return set_text(setting, value, out, failure);
}

/* Cuts the next entry of a list off `rest`; empty at its end. */
static struct slice
next_entry(struct slice *rest)
{
    size_t start = 0;
    size_t end;

    while (start < rest->len && strchr(" \t,;", rest->at[start]))
        start++;
    for (end = start; end < rest->len && !strchr(" \t,;", rest->at[end]);)
        end++;

    struct slice entry = {rest->at + start, end - start};
    *rest = slice_from(*rest, end);
    return entry;
}

static enum status
set_ranges(const struct setting *setting, const char *value, struct config *config,
           struct failure *failure)
{
    struct ip_range ranges[CONFIG_PROXY_MAX_COUNT];
    struct ip_range corrected;
    struct slice rest = slice_of(value);
    int64_t count = 0;

    for (struct slice entry = next_entry(&rest); entry.len > 0;
         entry = next_entry(&rest)) {
        char text[IP_RANGE_TEXT_MAX + 1];
        if (count == CONFIG_PROXY_MAX_COUNT)
            return refuse(failure, setting, value, "at most %d entries are wanted",
                          CONFIG_PROXY_MAX_COUNT);
        enum status status = ip_range_read(entry, &ranges[count], &corrected);
        if (status == STATUS_CONFLICT) {
            ip_range_write(&corrected, text);
            return refuse(failure, setting, value,
                          "in '%.*s' host bits are set; probably %s is meant",
                          SLICE_ARG(entry), text);
        }
        if (status != STATUS_OK)
            return refuse(failure, setting, value,
                          "'%.*s' in it is no IP address or CIDR range",
                          SLICE_ARG(slice_head(entry, 60)));
        count++;
    }
    memcpy(config->trusted_proxies, ranges, (size_t)count * sizeof(ranges[0]));
    config->trusted_proxy_count = count;
    return STATUS_OK;
}

enum status
config_set(struct config *config, const char *name, const char *value,
           struct failure *failure)
{
    const struct setting *setting = setting_find(name);

    if (!setting)
        return failure_set(failure, STATUS_NOT_FOUND, name,
                           "there is no setting '%.60s'; 'tokenhouse config show' lists "
                           "them",
                           name);

    char *field = (char *)config + setting->field;
    int64_t *number = (void *)field;
    switch (setting->kind) {
    case SETTING_INT:
        return set_int(setting, value, number, failure);
    case SETTING_BOOL:
        return set_bool(setting, value, number, failure);
    case SETTING_CHOICE:
        return set_choice(setting, value, number, failure);
    case SETTING_PATH:
        return set_path(setting, config->data, value, field, failure);
    case SETTING_ADDRESS:
        return set_address(setting, value, field, failure);
    case SETTING_RANGES:
        return set_ranges(setting, value, config, failure);
    case SETTING_TEXT:
        return set_text(setting, value, field, failure);
    case SETTING_URL:
        return set_url(setting, value, field, failure);
    case SETTING_EMAIL:
        return set_email(setting, value, field, failure);
    }
    return STATUS_BROKEN;
}
