/* SPDX-License-Identifier: Apache-2.0
 *
 * The records of people and what they hand out: user, user role, device group, token,
 * event, licence. Plain records: they do nothing by themselves, are copied freely, and
 * zeroed they may do nothing. Texts are closed UTF-8; times are Unix seconds, UTC. */
#ifndef MODEL_RECORDS_H
#define MODEL_RECORDS_H

#include "base/date.h"
#include "base/ip.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/uuid.h"
#include "model/alg.h"
#include "model/limit.h"
#include "model/permission.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    TEXT_TITLE_BYTES = TITLE_MAX_CHARS * 4 + 1,
    TEXT_DESCRIPTION_BYTES = DESCRIPTION_MAX_CHARS * 4 + 1,
    TEXT_NAME_BYTES = NAME_MAX_CHARS * 4 + 1,
    TEXT_FOLDER_BYTES = FOLDER_MAX_CHARS * 4 + 1,
    SEALED_MAX_BYTES = SECRET_KEY_CHARS + 40, /* nonce 24, tag 16 */
    PASSWORD_HASH_MAX_CHARS = 128
};

/* A named set of permissions. */
struct role {
    int64_t id;                 /* the store's; 0 = none */
    char name[TEXT_NAME_BYTES]; /* unique, case folded */
    bool is_default;            /* one of ours: cannot be changed or deleted */
    bool is_system_admin;       /* the default System Administrator: may do all */
    struct permission_set permissions;
    int64_t created_at_s, changed_at_s;
    int64_t version; /* rises with each change; for If-Match */
};

/* A person at the console. */
struct user {
    int64_t id;
    char uid[UUID_CHARS + 1];        /* for the outside */
    char email[EMAIL_MAX_CHARS + 1]; /* unique, lower case */
    char name[TEXT_NAME_BYTES];      /* may be "" */
    int64_t role_id;
    bool is_suspended;
    bool must_change_password;
    char password_hash[PASSWORD_HASH_MAX_CHARS + 1]; /* Argon2id; "" = cannot log in */
    int64_t created_at_s, changed_at_s;
    int64_t password_changed_at_s; /* 0 = never, or before this was kept */
    int64_t last_login_at_s;       /* 0 = never */
    int64_t version;
};

/* A named set of devices. */
struct device_group {
    int64_t id;
    char uid[UUID_CHARS + 1];
    char name[TEXT_NAME_BYTES]; /* unique, case folded */
    char description[TEXT_DESCRIPTION_BYTES];
    char folder[TEXT_FOLDER_BYTES]; /* names with '/' between them; "" = at the top */
    int64_t created_at_s, changed_at_s;
    int64_t version;
};

/* A token as the store remembers it: what a caller signs with. */
struct token {
    char id[TOKEN_ID_MAX_CHARS + 1]; /* "kid" */
    enum alg alg;                    /* the only one it may be used with */
    char title[TEXT_TITLE_BYTES];
    char description[TEXT_DESCRIPTION_BYTES];
    int64_t user_id;
    struct permission_set permissions;
    int64_t group_ids[TOKEN_GROUP_MAX_COUNT]; /* ascending; none = all devices */
    size_t group_count;
    struct ip_range addresses[TOKEN_ADDRESS_MAX_COUNT]; /* none = from anywhere */
    size_t address_count;
    struct date expires_on; /* works through 23:59:59 UTC of this day */
    int64_t expires_at_s;   /* the first second in which it is dead; also by an overlap */
    bool is_suspended;
    int64_t suspended_by;             /* user id; 0 = by command, or not suspended */
    int64_t suspended_at_s;           /* 0 = not suspended */
    uint8_t sealed[SEALED_MAX_BYTES]; /* HS256: the secret key's text under the master
                                         key, this token's id as associated data */
    size_t sealed_len;
    uint8_t public_key[PUBLIC_KEY_BYTES];   /* ES256: x ‖ y */
    uint8_t bearer_hash[BEARER_HASH_BYTES]; /* bearer: SHA-256 of its text */
    bool is_proved; /* ES256: its maker has shown to hold the private key */
    char replaced_by[TOKEN_ID_MAX_CHARS + 1]; /* its successor, who may be deleted since;
                                                 "" = not replaced */
    int64_t replaced_at_s, overlap_ends_at_s; /* when replaced */
    char replaces[TOKEN_ID_MAX_CHARS + 1];    /* whose successor it is; "" = nobody's.
                                                 Read only: told by the other token */
    struct token_limits limits;
    bool is_canary; /* a trap: it can do nothing, and its use raises an alarm */
    int64_t created_at_s, changed_at_s;
    int64_t changed_by;     /* user id; 0 = by command */
    int64_t last_used_at_s; /* 0 = never */
    struct ip last_used_from;
    int64_t use_count;
    int64_t version; /* rises with each change; for If-Match */
};

/* What a token is at a moment, as lists label it. */
enum token_state { TOKEN_ACTIVE = 1, TOKEN_EXPIRES_SOON, TOKEN_EXPIRED, TOKEN_SUSPENDED };
enum {
    TOKEN_SOON_S = 4 * DAY_S
}; /* before its end: the third day before the expiry date
      begins, and the letter goes out */

/* What an account has bought; some resources need one. */
struct licence {
    int64_t id;
    char uid[UUID_CHARS + 1];
    char name[TEXT_NAME_BYTES];                /* "Control", "Resilience", … */
    char order_no[ORDER_NO_MAX_CHARS * 4 + 1]; /* may be "" */
    int64_t starts_at_s, ends_at_s;
    int64_t seat_count;
    int64_t version;
};

/* Who did something. */
enum actor_kind { ACTOR_USER = 1, ACTOR_COMMAND, ACTOR_SYSTEM, ACTOR_TOKEN };

/* How much an event wants to be looked at: the numbers of syslog (RFC 5424
 * section 6.2.1).
 */
enum severity {
    SEVERITY_CRITICAL = 2,
    SEVERITY_ERROR,
    SEVERITY_WARNING,
    SEVERITY_NOTICE,
    SEVERITY_INFO
};

/* THE EVENT TABLE: X(value, stored code, name that people read, severity). Codes and
 * names are for ever: the name is part of the bytes that an event's hash is over. */
#define EVENT_LIST(X)                                              \
    X(ACCOUNT_CREATED, 1, "Account created", NOTICE)               \
    X(TOKEN_UPDATED, 2, "API token updated", NOTICE)               \
    X(TOKEN_EXPIRED, 3, "API token expired", WARNING)              \
    X(USER_UPDATED, 4, "User updated", NOTICE)                     \
    X(ROLE_UPDATED, 5, "User role updated", NOTICE)                \
    X(GROUP_UPDATED, 6, "Device group updated", NOTICE)            \
    X(LICENCE_UPDATED, 7, "Licence updated", NOTICE)               \
    X(SETTING_UPDATED, 8, "Setting updated", NOTICE)               \
    X(DEVICES_IMPORTED, 9, "Devices imported", INFO)               \
    X(DEVICE_FIELDS_UPDATED, 10, "Device fields updated", INFO)    \
    X(USER_LOGGED_IN, 11, "User logged in", INFO)                  \
    X(LOGIN_FAILED, 12, "Log-in failed", WARNING)                  \
    X(USER_LOGGED_OUT, 13, "User logged out", INFO)                \
    X(PASSWORD_CHANGED, 14, "Password changed", NOTICE)            \
    X(SECOND_FACTOR_UPDATED, 15, "Second factor updated", WARNING) \
    X(TOKEN_REPLACED, 16, "API token replaced", NOTICE)            \
    X(TOKEN_USED_LATE, 17, "API token used after its end", ERROR)  \
    X(CANARY_USED, 20, "API token canary used", CRITICAL)          \
    X(UPSTREAM_UPDATED, 21, "Upstream updated", NOTICE)            \
    X(EVENTS_REMOVED, 30, "Events removed", NOTICE)                \
    X(CHECK_DIFFERED, 31, "Signature check differed", CRITICAL)    \
    X(OUTPUT_UPDATED, 32, "Event output updated", WARNING)

enum event_kind {
#define X(name, code, text, severity) EVENT_##name = (code),
    EVENT_LIST(X)
#undef X
};

/* A row of Event History. `details` is a JSON object: {"action":"created", "before":…,
 * "after":…}; never a secret. */
struct event {
    int64_t id; /* rising, without gaps */
    int64_t at_ms;
    enum event_kind kind;
    enum actor_kind actor_kind;
    char actor_id[TOKEN_ID_MAX_CHARS + 1]; /* user uid, token id, or "" */
    char actor_name[TEXT_NAME_BYTES];      /* e-mail, or "tokenhouse user add" */
    char address[IP_TEXT_MAX + 1];         /* or "" */
    char object_kind[32];                  /* "token", "user", … */
    char object_id[TOKEN_ID_MAX_CHARS + 1];
    char object_name[TEXT_TITLE_BYTES];
    char request_id[32];  /* or "" */
    struct slice details; /* borrowed */
};

/* What the server signed about Event History: its first `size` events have this root
 * (RFC 6962 §2.1, §3.5). */
struct tree_head {
    int64_t size;
    int64_t at_ms;
    uint8_t root[32];
    uint8_t signature[64]; /* ES256, R ‖ S, over the head's text (rules/history_tree.h) */
};

const char *event_name(enum event_kind kind);
enum severity event_severity(enum event_kind kind);
/* The number of the kind with this name, in any case. STATUS_NOT_FOUND: there is none. */
MUST_CHECK enum status event_kind_read(struct slice name, int64_t *out);

#endif
