/* SPDX-License-Identifier: Apache-2.0
 *
 * What servers have reserved of the limited uses of tokens. */
#ifndef STORE_STORE_ALLOWANCES_H
#define STORE_STORE_ALLOWANCES_H

#include "base/slice.h"
#include "store/store.h"

struct allowance {
    int64_t uses_reserved;
    int64_t day, day_reserved;
};

/* Zeroed when nothing was reserved yet. */
MUST_CHECK enum status store_allowance_get(struct store *store, struct slice token_id,
                                           struct allowance *out);
/* Nothing when there is no such token. */
MUST_CHECK enum status store_allowance_set(struct store *store, struct slice token_id,
                                           const struct allowance *allowance);

#endif
