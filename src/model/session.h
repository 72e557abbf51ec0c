/* SPDX-License-Identifier: Apache-2.0
 *
 * A person's session at the console, and the second factor of their log-in. Plain
 * records; zeroed they open nothing. Times are Unix seconds, UTC. */
#ifndef MODEL_SESSION_H
#define MODEL_SESSION_H

#include "base/ip.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SESSION_HASH_BYTES = 32,   /* SHA-256 of the cookie's text */
    SESSION_COOKIE_CHARS = 43, /* 32 random bytes in base64url */
    SESSION_AGENT_MAX_CHARS = 255,
    FACTOR_SECRET_BYTES = 20, /* RFC 4226 §4 R6 recommends 160 bits */
    FACTOR_SEALED_MAX_BYTES = FACTOR_SECRET_BYTES + 40,
    RECOVERY_CODE_COUNT = 10,
    RECOVERY_CODE_CHARS = 19, /* four by four of base32: 80 bits; with dashes */
};

/* How far a log-in has come. */
enum session_state {
    SESSION_ACTIVE = 1,
    SESSION_SECOND_FACTOR,   /* the password was right, a code is still wanted */
    SESSION_PASSWORD_CHANGE, /* a password that somebody else set must be changed */
};

struct session {
    int64_t id;               /* the store's; 0 = none */
    char uid[UUID_CHARS + 1]; /* for the outside */
    int64_t user_id;
    enum session_state state;
    char address[IP_TEXT_MAX + 1]; /* where the log-in came from */
    char user_agent[SESSION_AGENT_MAX_CHARS + 1];
    int64_t created_at_s;
    int64_t used_at_s; /* the last request that counts as use */
};

struct second_factor {
    int64_t user_id;
    uint8_t sealed[FACTOR_SEALED_MAX_BYTES]; /* under the master key, the user's uid as
                                                associated data */
    size_t sealed_len;
    bool is_in_force;
    int64_t last_step; /* of the newest code that was used */
    int64_t created_at_s;
};

#endif
