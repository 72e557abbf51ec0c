/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions at the console: how they begin and end, and for how long they live. Whoever
 * calls these has proved who the person is; they ask for no right. A session's cookie is
 * a secret: the store knows its SHA-256 only. */
#ifndef RULES_SESSIONS_H
#define RULES_SESSIONS_H

#include "base/secret.h"
#include "model/session.h"
#include "rules/act.h"

struct session_limits {
    int64_t idle_s, max_s;
};

/* The first second in which it is dead unless it is used before, and in any case. Pure.
 */
int64_t session_idle_end_s(const struct session *session, const struct session_limits *);
int64_t session_end_s(const struct session *session, const struct session_limits *);
/* Zeroed: no. Pure. */
bool session_is_alive(const struct session *session, const struct session_limits *limits,
                      int64_t now_s);

/* What the store knows of a cookie. */
void session_hash(struct slice cookie, uint8_t out[SESSION_HASH_BYTES]);

struct session_wish {
    const struct user *user;
    enum session_state state;
    struct slice user_agent; /* as it came; kept in printable ASCII */
    /* the session that this one takes the place of, NULL = none: a log-in that has come
     * further gets another cookie, but not another end */
    const struct session *before;
    bool is_log_in; /* now they are in: an event, and the time of it */
};

/* Begins a session, from now. `out_cookie` gets its text, SESSION_COOKIE_CHARS long.
 * STATUS_NOT_FOUND: the user was suspended or deleted or got another password since
 * `user` was read, or `before` has ended. */
MUST_CHECK enum status session_start(const struct act *act,
                                     const struct session_wish *wish,
                                     struct secret *out_cookie, struct session *out);
/* Ends one of the actor's. `how`: "logged out", "signed out from another session". */
MUST_CHECK enum status session_end(const struct act *act, const struct user *user,
                                   const struct session *session, const char *how);

/* A log-in that failed, for Event History. `user` NULL: nobody we know; then what was
 * typed is not kept, for people type passwords into the wrong field. `unsaid_count`: how
 * many more there were for which no event was written. */
MUST_CHECK enum status session_tell_failed(const struct act *act, const struct user *user,
                                           const char *why, int64_t unsaid_count);

#endif
