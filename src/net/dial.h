/* SPDX-License-Identifier: Apache-2.0
 *
 * A connection that we make ourselves, plain or with TLS, for threads that may wait: each
 * call waits, but never longer than it says, and ends when it is told to. */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include "base/slice.h"
#include "base/status.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct dial;

struct dial_setup {
    const char *host;
    uint16_t port;
    bool is_tls;
    struct slice ca_pem, certificate_pem, key_pem; /* see net/tls_dial.h */
    bool may_be_link_local; /* such addresses are where clouds keep secrets */
    const _Atomic bool *is_told_to_stop; /* may be NULL */
    int64_t connect_ms;                  /* to be connected, with TLS */
    int64_t silent_ms;                   /* without any progress afterwards */
};

/* STATUS_UNAVAILABLE, STATUS_MALFORMED: `failure` says why. Names are resolved here,
 * which may take longer than connect_ms. */
MUST_CHECK enum status dial_open(const struct dial_setup *setup, struct dial **out,
                                 struct failure *failure);
void dial_close(struct dial **dial);
/* All of it, or STATUS_UNAVAILABLE: also when the other side has ended meanwhile. */
MUST_CHECK enum status dial_write(struct dial *dial, struct slice bytes,
                                  struct failure *failure);
/* Has the other side ended, or broken off? Throws away what it said. */
bool dial_has_ended(struct dial *dial);
/* Ends our side, and waits until the other side has ended too: only then has it read all
 * that was sent. STATUS_UNAVAILABLE: it has not within `limit_ms`, or broke off. */
MUST_CHECK enum status dial_end(struct dial *dial, int64_t limit_ms,
                                struct failure *failure);

#endif
