/* SPDX-License-Identifier: Apache-2.0
 *
 * Posting one signed body to the webhook, by libcurl. Blocks; for the background thread.
 * Follows no redirect, and asks no link-local address unless it may. */
#ifndef MAIL_WEBHOOK_H
#define MAIL_WEBHOOK_H

#include "base/slice.h"
#include "base/status.h"

#include <stdatomic.h>

struct webhook;

/* Where to, and how. All of it must outlive the handle. */
struct webhook_setup {
    const char *url;
    bool may_be_link_local;
    struct slice ca_pem, certificate_pem, key_pem; /* empty: the system's; nobody */
    const _Atomic bool *is_told_to_stop;           /* ends the wait; may be NULL */
};

/* STATUS_BROKEN: libcurl does not start. */
MUST_CHECK enum status webhook_open(const struct webhook_setup *setup,
                                    struct webhook **out, struct failure *failure);
void webhook_close(struct webhook **webhook);

/* `signature` goes into the header Tokenhouse-Signature. STATUS_UNAVAILABLE: no answer of
 * 200 to 299; `failure` says what was. */
MUST_CHECK enum status webhook_post(struct webhook *webhook, struct slice body,
                                    struct slice signature, struct failure *failure);

/* Is it an address that a webhook may not have: link-local (RFC 3927, RFC 4291), among
 * which are those of the metadata services of clouds, or that of "this host"? Pure. */
bool webhook_is_link_local(const char *address);

#endif
