/* SPDX-License-Identifier: Apache-2.0
 *
 * Is this the history that was signed? Events are given one after the other, as lines
 * from an export or rows from a store; what is wrong first is told by its number. Pure:
 * reads nothing by itself. */
#ifndef RULES_HISTORY_CHECK_H
#define RULES_HISTORY_CHECK_H

#include "base/slice.h"
#include "crypto/es256.h"
#include "crypto/merkle.h"
#include "model/records.h"

/* What was found. */
struct history_report {
    bool is_whole;         /* nothing is wrong */
    int64_t bad_id;        /* the first event that is wrong, 0 = it is not one event */
    char words[512];       /* what is wrong, one sentence; "" = nothing */
    int64_t first_id;      /* the first event that is there; 0 = none */
    int64_t event_count;   /* looked at */
    int64_t removed_count; /* before the first one, known by their hashes only */
    int64_t size;          /* of the tree */
    int64_t head_count;    /* heads that hold */
    int64_t signed_size;   /* the largest of them */
    int64_t signed_at_ms;
};

/* A check on its way. Zero it, begin it, give it events, end it. */
struct history_check {
    struct merkle_range range;
    const struct tree_head *heads; /* borrowed; by size and time */
    size_t head_count, next_head;
    bool is_over;          /* something is wrong: no more is looked at */
    int64_t removal_up_to; /* what the newest event of a removal says */
    struct history_report report;
};

/* Sorts `heads`, and looks at their signatures. Heads may come from anywhere: the store,
 * an export, a mail. STATUS_BROKEN: the crypto library failed. */
MUST_CHECK enum status history_check_begin(struct history_check *check,
                                           struct tree_head *heads, size_t count,
                                           struct slice account_uid,
                                           struct es256_key *key);
/* Events before the first one are known by their tree only: an export that begins in the
 * middle. Heads over fewer events cannot be looked at. */
void history_check_start_at(struct history_check *check,
                            const struct merkle_range *before);
/* The next event is one that was removed, and only its hash is left. */
void history_check_removed(struct history_check *check, const struct merkle_hash *hash);
/* An event that is there.
 *   found  the hash of its line
 *   kept   the hash that was written down with it; NULL = none is there
 * False: something is wrong, it is enough. */
bool history_check_event(struct history_check *check, int64_t id,
                         const struct merkle_hash *found, const struct merkle_hash *kept);
/* An event said that those up to this one were removed because of their age. */
void history_check_removal(struct history_check *check, int64_t up_to);
/* Something is wrong with an event, in words; 0 = not with a certain one. What was found
 * first stays. Always false. */
__attribute__((format(printf, 3, 4))) bool history_check_wrong(
    struct history_check *check, int64_t id, const char *format, ...);
/* That was all. `size`: how many events there should be, as far as hashes tell; 0 = not
 * known. */
void history_check_end(struct history_check *check, int64_t size);

#endif
