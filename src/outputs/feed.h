/* SPDX-License-Identifier: Apache-2.0
 *
 * Feeding one output: reads events behind its cursor, gives them to the receiver, and
 * moves the cursor when it has taken them. In order, without a gap, at least once:
 *
 *   syslog   a connection is one delivery. We end our side and wait until the receiver
 * has ended its own: only then has it read everything. Whatever breaks before that is
 * sent again, from the cursor on. (TCP's own acknowledgement says that the receiver's
 * kernel has the bytes, and dies with it.) webhook  an answer of 200 to 299 takes the
 * batch.
 *
 * Blocks; each output has a thread of its own, so that one that hangs holds up none. */
#ifndef OUTPUTS_FEED_H
#define OUTPUTS_FEED_H

#include "config/config.h"
#include "crypto/es256.h"
#include "crypto/seal.h"
#include "model/output.h"
#include "store/store.h"

#include <stdatomic.h>

struct feed;

/* What a feed needs of the house; must outlive it. */
struct feed_setup {
    const struct config *config;
    const struct master_key *master_key;
    const struct es256_private *server_key; /* signs what webhooks get */
    const _Atomic bool *is_stopping;        /* begins nothing new; may be NULL */
    const _Atomic bool *must_end;           /* gives up what it waits for; may be NULL */
};

enum feed_did {
    FEED_NOTHING = 1, /* there was nothing to do, or it is not time yet */
    FEED_TAKEN,
    FEED_FAILED, /* the output says why */
    FEED_GONE,   /* removed, or paused: not to be fed any more */
};

MUST_CHECK enum status feed_open(const struct feed_setup *setup, const char *uid,
                                 struct feed **out, struct failure *failure);
void feed_close(struct feed **feed);
/* A status other than OK is the store's. */
MUST_CHECK enum status feed_turn(struct feed *feed, enum feed_did *out);
/* Sends a test now. STATUS_UNAVAILABLE: `failure` says what the receiver did. */
MUST_CHECK enum status feed_test(struct feed *feed, struct failure *failure);

#endif
