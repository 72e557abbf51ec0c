/* SPDX-License-Identifier: Apache-2.0
 *
 * The outbox. A letter is written in the transaction of what it tells; it is open, and
 * gathers more, until it is taken for sending for the first time. */
#ifndef STORE_STORE_LETTERS_H
#define STORE_STORE_LETTERS_H

#include "model/notice.h"
#include "store/store.h"

/* Who is to be told what, and from when on. */
struct letter_to {
    const char *email, *name;
    enum notice_kind kind;
    int64_t now_ms;
    int64_t gap_ms;  /* a reader gets no two letters of a kind within this time */
    int64_t keep_ms; /* for so long sending is tried */
};
/* Adds these tokens to the open letter, or begins one. Of a letter's tokens the first
 * LETTER_LINE_MAX_COUNT have a line; the others are counted. */
MUST_CHECK enum status store_letter_add_lines(struct store *store,
                                              const struct letter_to *to,
                                              const struct notice_line *lines,
                                              size_t count);

/* The open letter, or a new one, without a line. */
MUST_CHECK enum status store_letter_begin(struct store *store, const struct letter_to *to,
                                          int64_t *out_id);

/* The letter that may be sent next; STATUS_NOT_FOUND: none. While tokens are due, letters
 * about their end are kept back, so that they gather all; not longer than `patience_ms`.
 */
MUST_CHECK enum status store_letter_next(struct store *store, int64_t now_ms,
                                         int64_t patience_ms, int64_t *out_id);
/* Takes it for sending; it is closed. STATUS_NOT_FOUND: somebody else was faster. */
MUST_CHECK enum status store_letter_take(struct store *store, int64_t id, int64_t now_ms);
/* It was sent. */
MUST_CHECK enum status store_letter_sent(struct store *store, int64_t id, int64_t now_ms);
/* It was not sent: it waits until `next_at_ms` or, when that is later than it may wait,
 * has failed. `is_untouched`: it cannot have reached anybody and may gather more. */
MUST_CHECK enum status store_letter_back(struct store *store, int64_t id, int64_t now_ms,
                                         int64_t next_at_ms, bool is_untouched,
                                         const char *failure);
/* No letter is sent before `until_ms`; those that have waited too long have failed. For a
 * mail server that cannot be reached. */
MUST_CHECK enum status store_letter_hold_all(struct store *store, int64_t now_ms,
                                             int64_t until_ms, const char *failure);
/* Gives back what was taken before `before_ms` and never finished. */
MUST_CHECK enum status store_letter_release(struct store *store, int64_t before_ms);
/* It is sent (once more) as soon as can be. STATUS_NOT_FOUND: there is none.
 * STATUS_CONFLICT: it is being sent. */
MUST_CHECK enum status store_letter_again(struct store *store, int64_t id, int64_t now_ms,
                                          int64_t keep_ms);

MUST_CHECK enum status store_letter_by_id(struct store *store, int64_t id,
                                          struct letter *out);
MUST_CHECK enum status store_letter_lines(struct store *store, int64_t id,
                                          struct notice_line out[LETTER_LINE_MAX_COUNT],
                                          size_t *out_count);

/* Zeroed = the newest 100. */
struct letter_query {
    int64_t state;     /* enum letter_state; 0 = all */
    int64_t before_id; /* older than this one; 0 = from the newest */
    int64_t count;     /* at most so many; 0 = 100 */
};
/* Newest first. `each` gives false to stop. */
MUST_CHECK enum status store_letter_list(struct store *store,
                                         const struct letter_query *query,
                                         bool (*each)(void *ctx, const struct letter *),
                                         void *ctx);

struct letter_counts {
    int64_t waiting, failed; /* waiting: those that are being sent as well */
    int64_t oldest_at_ms;    /* of those that wait: when it was made; 0 = none */
};
MUST_CHECK enum status store_letter_count(struct store *store, struct letter_counts *out);
/* Drops at most `count` letters that were sent or failed before `before_ms`. */
MUST_CHECK enum status store_letter_prune(struct store *store, int64_t before_ms,
                                          int64_t count);

#endif
