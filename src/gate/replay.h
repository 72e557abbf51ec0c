/* SPDX-License-Identifier: Apache-2.0
 *
 * Which requests have been used: a set that all lanes share without a lock. A request is
 * its token id and the SHA-256 of its signing input, never its signature: whoever sees an
 * ES256 signature (r, s) can make another good one, (r, n - s).
 *
 * Requests lie in buckets by the minute of their issuedAt. A bucket whose minute has left
 * the window of freshness is dropped as a whole: a request of that minute is refused as
 * not fresh. */
#ifndef GATE_REPLAY_H
#define GATE_REPLAY_H

#include "base/slice.h"
#include "base/status.h"
#include "crypto/sha256.h"
#include "keyring/keyring.h"

#include <stdint.h>

struct replay;

/* For issuedAt within ±freshness_s. `keyring` (borrowed) frees dropped buckets when no
 * lane looks at them any more. */
struct replay *replay_new(int64_t freshness_s, struct keyring *keyring);
/* All lanes have ended. */
void replay_free(struct replay **replay);

enum replay_answer {
    REPLAY_FULL = 0, /* cannot tell, or cannot remember: to be refused */
    REPLAY_AGAIN,    /* it was used before */
    REPLAY_FIRST,    /* it was not; now it is */
};

/* Uses a request. Of many threads with the same request exactly one hears FIRST.
 * Inside keyring_enter()/keyring_leave(). Allocates only when a minute begins or fills
 * up. issued_at_ms  within the window */
enum replay_answer replay_use(struct replay *replay, struct slice token_id,
                              const uint8_t digest[SHA256_BYTES], int64_t issued_at_ms);

/* Writes all that may still matter after `now_ms` into a new file (0600), in place of an
 * old one. No lane runs. */
MUST_CHECK enum status replay_save(const struct replay *replay, const char *path,
                                   int64_t now_ms, struct failure *failure);
/* Reads it into an empty set, and removes the file: it holds for one start only.
 * STATUS_NOT_FOUND: there is no such file; STATUS_MALFORMED: it is not whole. */
MUST_CHECK enum status replay_load(struct replay *replay, const char *path,
                                   int64_t now_ms, struct failure *failure);

#endif
