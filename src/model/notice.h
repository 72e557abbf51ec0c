/* SPDX-License-Identifier: Apache-2.0
 *
 * What people are told about tokens, and the letters that tell it. Plain records. */
#ifndef MODEL_NOTICE_H
#define MODEL_NOTICE_H

#include "model/records.h"

enum {
    LETTER_LINE_MAX_COUNT = 50, /* a digest shows so many tokens and counts the rest */
    LETTER_FAILURE_BYTES = 200, /* what a mail server said, cut */
    NOTICE_NOTE_BYTES = TEXT_TITLE_BYTES + 200, /* a sentence about one token */
};

/* Each is given once for a token and a date, that of its expiry or, where it says so, of
 * the day. The numbers are stored. */
enum notice_kind {
    NOTICE_CREATED = 1,
    NOTICE_SOON,
    NOTICE_EXPIRED,
    NOTICE_TEST,     /* no notice: a letter by which people see that mail works */
    NOTICE_REPLACED, /* no letter: the ledger's mark that an overlap's end is on record */
    NOTICE_USED_LATE, /* a replaced token was used after its end; once a token and day */
    NOTICE_UNUSED,    /* nobody has used it for long; once for a user and month */
    NOTICE_CANARY,    /* a canary token was used; once for a token and hour */
    NOTICE_HEAD,      /* of no token: the newest signed head of Event History */
};

/* One token in a letter, as it was when the letter was written. */
struct notice_line {
    char token_id[TOKEN_ID_MAX_CHARS + 1];
    char title[TEXT_TITLE_BYTES];
    char user_email[EMAIL_MAX_CHARS + 1]; /* whose token it is */
    char user_name[TEXT_NAME_BYTES];      /* may be "" */
    struct date expires_on;
    bool is_late; /* NOTICE_EXPIRED: the notice before could not be given in time */
    char note[NOTICE_NOTE_BYTES]; /* what else is to be said of it; a sentence, or "" */
};

/* The numbers are stored. */
enum letter_state { LETTER_WAITING = 1, LETTER_TAKEN, LETTER_SENT, LETTER_FAILED };

/* A letter in the outbox; its lines are read by themselves. */
struct letter {
    int64_t id;
    char uid[UUID_CHARS + 1];
    enum notice_kind kind;
    char email[EMAIL_MAX_CHARS + 1]; /* who reads it */
    char name[TEXT_NAME_BYTES];      /* may be "" */
    enum letter_state state;
    int64_t
        line_count; /* tokens it is about; at most LETTER_LINE_MAX_COUNT have a line */
    int64_t made_at_ms;
    int64_t next_at_ms;    /* LETTER_WAITING: not sent before */
    int64_t give_up_at_ms; /* a failure after this is the last */
    int64_t done_at_ms;    /* sent, or failed for good; 0 = neither */
    int64_t try_count;
    char last_failure[LETTER_FAILURE_BYTES]; /* words, or "" */
};

const char *notice_kind_name(enum notice_kind kind);    /* "created", "soon", … */
const char *letter_state_name(enum letter_state state); /* "waiting", "sent", … */

#endif
