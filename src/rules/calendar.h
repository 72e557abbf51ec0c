/* SPDX-License-Identifier: Apache-2.0
 *
 * A calendar of coming expiries for each user who wants one, as calendar programs
 * subscribe to (iCalendar, RFC 5545). They cannot log in, so the address is the secret:
 * 32 random bytes, shown once, of which a SHA-256 is kept; it can be renewed and taken
 * away. It tells titles and dates, never a key. */
#ifndef RULES_CALENDAR_H
#define RULES_CALENDAR_H

#include "base/buffer.h"
#include "rules/act.h"

enum {
    CALENDAR_SECRET_CHARS = 43,           /* 32 bytes in base64url */
    CALENDAR_MAX_COUNT = 1000,            /* tokens in one: those that expire first */
    CALENDAR_MAX_BYTES = 4 * 1024 * 1024, /* 1,000 of the longest titles: 1.5 MB */
};

/* A new secret for this user; an older address is void. With its event. */
MUST_CHECK enum status calendar_renew(const struct act *act, const struct user *user,
                                      char out_secret[CALENDAR_SECRET_CHARS + 1]);
/* STATUS_NOT_FOUND: there is none. */
MUST_CHECK enum status calendar_remove(const struct act *act, const struct user *user);
/* The same in the transaction that is running, for acts of others on this user: there may
 * be none, and no right is asked for. */
MUST_CHECK enum status calendar_end(const struct act *act, const struct user *user);
/* Writes the calendar with this secret: the living tokens of its user, or of all for a
 * System Administrator. STATUS_NOT_FOUND: there is no such calendar, or its user is
 * suspended. */
MUST_CHECK enum status calendar_write(struct store *store, struct slice secret,
                                      int64_t now_ms, struct buffer *out);

/* One day in a calendar. Pure; for tests. */
void calendar_add_token(struct buffer *out, const struct token *token, int64_t now_ms);

#endif
