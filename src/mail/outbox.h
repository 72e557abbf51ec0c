/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends what is in the outbox of the store: over SMTP, or, without a mail server, as
 * files DATA/mail/….eml. For the background thread; blocks. */
#ifndef MAIL_OUTBOX_H
#define MAIL_OUTBOX_H

#include "config/config.h"
#include "store/store.h"

#include <stdatomic.h>
#include <stdbool.h>

struct outbox;

/* Do the settings of mail go together? */
MUST_CHECK enum status outbox_check(const struct config *config, struct failure *failure);

/* `is_told_to_stop` (may be NULL) ends what waits for a mail server. `config` must
 * outlive the outbox. */
MUST_CHECK enum status outbox_open(const struct config *config,
                                   const _Atomic bool *is_told_to_stop,
                                   struct outbox **out, struct failure *failure);
void outbox_close(struct outbox **outbox);

/* What a turn did. */
enum outbox_did {
    OUTBOX_NOTHING = 0, /* there is nothing to send at present */
    OUTBOX_SENT,
    OUTBOX_FAILED, /* this time; it comes again, or has failed for good */
};
/* Sends the next letter that is due. `store` is open for writing. A status other than OK
 * is the store's. */
MUST_CHECK enum status outbox_turn(struct outbox *outbox, struct store *store,
                                   int64_t now_ms, enum outbox_did *out_did);

/* Sends a test letter to `email` at once. `out_where` (CONFIG_PATH_MAX + 128 bytes):
 * the mail server, or the file that was written. */
MUST_CHECK enum status outbox_send_test(struct outbox *outbox, const char *email,
                                        int64_t now_ms, char *out_where,
                                        struct failure *failure);
enum { OUTBOX_WHERE_BYTES = CONFIG_PATH_MAX + 256 };

#endif
