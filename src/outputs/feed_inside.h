/* SPDX-License-Identifier: Apache-2.0
 *
 * What feed.c and feed_send.c share. */
#ifndef OUTPUTS_FEED_INSIDE_H
#define OUTPUTS_FEED_INSIDE_H

#include "base/buffer.h"
#include "outputs/feed.h"
#include "outputs/message.h"

enum { FEED_HOST_BYTES = 256, FEED_ACCOUNT_BYTES = 64 };

struct feed {
    const struct feed_setup *setup;
    struct store *store;
    char uid[UUID_CHARS + 1];
    struct output output; /* as it was when last read */
    struct buffer ca, certificate, key;
    char host[FEED_HOST_BYTES], account_uid[FEED_ACCOUNT_BYTES];
    struct message_sender sender;
    int64_t store_version; /* of what was read; -1 = read it again */
    int64_t newest_id;     /* of the events */
    struct tree_head head; /* the newest; size 0 = none */
    int64_t head_size;     /* of the head that the receiver has; -1 = not known */
    int64_t due_ms;        /* monotonic: not before */
    int64_t failure_count; /* in a row */
    bool is_test;          /* what is sent is a test */
};

static inline bool
feed_is_told(const _Atomic bool *flag)
{
    return flag && atomic_load(flag);
}

/* feed_send.c: gives what is there to the receiver; *out_id is the last event that it has
 * taken for certain (the cursor, when there was only a head). Of a test nothing but the
 * test. */
MUST_CHECK enum status feed_send(struct feed *feed, int64_t *out_id,
                                 struct failure *failure);

#endif
