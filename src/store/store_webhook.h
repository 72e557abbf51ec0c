/* SPDX-License-Identifier: Apache-2.0
 *
 * Notices on their way to the webhook, in order. */
#ifndef STORE_STORE_WEBHOOK_H
#define STORE_STORE_WEBHOOK_H

#include "model/notice.h"
#include "store/store.h"

struct webhook_notice {
    int64_t id; /* rising; the same when it is sent again */
    enum notice_kind kind;
    int64_t at_ms;
    struct notice_line line;
};

MUST_CHECK enum status store_webhook_add(struct store *store, enum notice_kind kind,
                                         const struct notice_line *lines, size_t count,
                                         int64_t at_ms);
/* The oldest, at most `max`. */
MUST_CHECK enum status store_webhook_list(struct store *store, struct webhook_notice *out,
                                          size_t max, size_t *out_count);
/* Drops all up to this one. */
MUST_CHECK enum status store_webhook_drop(struct store *store, int64_t id);
MUST_CHECK enum status store_webhook_drop_old(struct store *store, int64_t before_ms);

#endif
