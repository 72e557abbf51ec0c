/* SPDX-License-Identifier: Apache-2.0
 *
 * Handing one message to a mail server, by libcurl. Blocks; for the background thread
 * and for commands. */
#ifndef MAIL_SMTP_H
#define MAIL_SMTP_H

#include "base/slice.h"
#include "config/config.h"

#include <stdatomic.h>

struct smtp;

/* How it ended. */
enum smtp_end {
    SMTP_SENT = 1,    /* the server has taken the message */
    SMTP_REFUSED,     /* the server does not want this message, or this reader */
    SMTP_UNREACHABLE, /* no server, no encryption, no log-in: nothing was sent */
    SMTP_UNKNOWN,     /* the connection was lost when the message was on its way */
};

/* `is_told_to_stop` (may be NULL) is looked at while we wait: true ends the wait.
 * STATUS_BROKEN: libcurl does not start. Both arguments must outlive the handle. */
MUST_CHECK enum status smtp_open(const struct config *config,
                                 const _Atomic bool *is_told_to_stop, struct smtp **out,
                                 struct failure *failure);
void smtp_close(struct smtp **smtp);

/* Sends `message` (CRLF line ends) to `email`. *out_end is set in any case.
 * STATUS_UNAVAILABLE, STATUS_REFUSED, …: not SMTP_SENT; `failure` has the server's words,
 * or libcurl's. Over smtp:// the connection is encrypted by STARTTLS first unless the
 * setting smtp_starttls is off; without it nothing is sent. */
MUST_CHECK enum status smtp_send(struct smtp *smtp, const char *email,
                                 struct slice message, enum smtp_end *out_end,
                                 struct failure *failure);

#endif
