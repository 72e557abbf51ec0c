/* SPDX-License-Identifier: Apache-2.0
 *
 * What the operator decided. Filled once, then never written to: a reload makes a new
 * one, and a reload that fails leaves the old one in force. The names, bounds, usual
 * values and meanings are THE SETTING TABLE in settings.c. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/buffer.h"
#include "base/ip.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    CONFIG_PATH_MAX = 1024,
    CONFIG_ADDRESS_MAX = 64,
    CONFIG_TEXT_MAX = 256, /* URLs, e-mail addresses, names */
    CONFIG_PROXY_MAX_COUNT = 64,
    CONFIG_VALUE_MAX = 4096, /* of one setting as a text; a line of the file */
};

/* Which requests may be used only once. */
enum replay_mode { REPLAY_MODE_ALL = 1, REPLAY_MODE_UNSAFE, REPLAY_MODE_OFF };

/* Must mail be encrypted on its way to the mail server? */
enum smtp_starttls { SMTP_STARTTLS_REQUIRED = 1, SMTP_STARTTLS_OFF };

/* Which fields say what a gateway asks about. */
enum decide_headers { DECIDE_X_FORWARDED = 1, DECIDE_X_ORIGINAL, DECIDE_PATH };

struct config {
    /* where; an empty path is the usual place in the data folder */
    char data[CONFIG_PATH_MAX];                                  /* the data folder */
    char listen[CONFIG_ADDRESS_MAX], health[CONFIG_ADDRESS_MAX]; /* HOST:PORT */
    char master_key_file[CONFIG_PATH_MAX];                    /* "" = DATA/master.key */
    char tls_cert[CONFIG_PATH_MAX], tls_key[CONFIG_PATH_MAX]; /* "" = plain text */
    char decide_listen[CONFIG_ADDRESS_MAX];                   /* "" = nobody asks */
    char decide_client_ca[CONFIG_PATH_MAX]; /* "" = plain text, loopback only */
    int64_t decide_headers;                 /* enum decide_headers; X_FORWARDED */
    struct ip_range trusted_proxies[CONFIG_PROXY_MAX_COUNT];
    int64_t trusted_proxy_count;

    /* threads */
    int64_t loop_count, worker_count; /* 0 = one a core */

    /* the door; see base/limits.h */
    int64_t head_max_bytes, header_max_count, body_max_bytes, upstream_body_max_bytes;
    int64_t head_timeout_ms, body_timeout_ms, idle_timeout_ms;
    int64_t connection_max_count, connection_per_ip_max_count;
    int64_t upstream_connection_max_count; /* to one upstream */
    int64_t upstream_link_local;           /* 1: it may be there; 0 */
    int64_t drain_s;                       /* how long SIGTERM waits for what runs; 10 */

    /* the gate */
    int64_t freshness_s;                   /* issuedAt may differ by this; 300 */
    int64_t replay;                        /* enum replay_mode; UNSAFE */
    int64_t account_rate_per_s;            /* requests of all tokens; 0 = no limit */
    int64_t token_rate_per_s;              /* requests of one token; 0 = no limit */
    char operation_rates[CONFIG_TEXT_MAX]; /* "id=10/s,…"; "" = none */
    int64_t key_cache_bytes;  /* for prepared keys, all loops together; 256 MiB */
    int64_t stale_max_s;      /* no news from the store for so long: 503; 60 */
    int64_t identity_reuse_s; /* 0 = a Tokenhouse-Identity for each request */

    /* the console */
    int64_t session_idle_s; /* a session ends after this silence; 900 */
    int64_t session_max_s;  /* and this long after its beginning; 43,200 */

    /* mail */
    char smtp_url[CONFIG_TEXT_MAX];           /* "" = letters become files */
    int64_t smtp_starttls;                    /* enum smtp_starttls; REQUIRED */
    char smtp_user[CONFIG_TEXT_MAX];          /* "" = no log-in */
    char smtp_password_file[CONFIG_PATH_MAX]; /* "" = no log-in */
    char smtp_ca_file[CONFIG_PATH_MAX];       /* "" = the system's authorities */
    char mail_from[CONFIG_TEXT_MAX];
    char console_url[CONFIG_TEXT_MAX]; /* "" = letters have no links */

    /* tokens */
    int64_t unused_days;   /* a token is called unused after so many; 0 = never; 90 */
    int64_t unused_notice; /* are their users told, once a month? 1 */

    /* the webhook */
    char webhook_url[CONFIG_TEXT_MAX]; /* "" = none */
    int64_t webhook_link_local;        /* may it be a link-local address? 0 */

    /* the rest */
    int64_t log_level;        /* enum log_level */
    int64_t es256_level;      /* a place in ES256_LEVELS of settings.c; 0 = the best */
    int64_t es256_tables_mb;  /* memory for the tables of keys; 256 */
    int64_t event_keep_days;  /* Event History; 365 */
    int64_t event_keep_count; /* 0 = however many */
    int64_t disk_min_free_percent; /* below it /readyz is red; 5 */
    int64_t disk_min_free_kib;     /* below it changes are refused; 16 MiB */
    int64_t event_hold_days;       /* and so much longer for an output that lags; 30 */
    int64_t head_letter_days;      /* between letters with a signed head; 0 = none; 7 */
};

/* The usual values. */
void config_usual(struct config *out);

/* Reads `DATA/tokenhouse.ini` or, when `path` is not NULL, that file, over the usual
 * values. A missing usual file is no failure. Relative paths in it are taken from the
 * data folder. STATUS_MALFORMED: an unknown section or name, a name given twice or in the
 * wrong section, a value out of its bounds; `failure` has the line, the name (in field),
 * what was given and what is wanted. `out` is untouched unless OK. */
MUST_CHECK enum status config_read(const char *data, const char *path, struct config *out,
                                   struct failure *failure);
/* Sets one by its name, as a line in the file would; untouched unless OK.
 * STATUS_NOT_FOUND: there is no such setting. */
MUST_CHECK enum status config_set(struct config *config, const char *name,
                                  const char *value, struct failure *failure);

/* THE SETTING TABLE, for `config show` and the manual. */
size_t config_setting_count(void);
struct config_view {
    const char *name, *section, *meaning, *bounds, *usual; /* texts; static */
    char value[CONFIG_VALUE_MAX];                          /* in force */
    bool is_usual;
};
void config_setting_view(const struct config *config, size_t index,
                         struct config_view *out);

#endif
