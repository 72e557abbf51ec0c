/* SPDX-License-Identifier: Apache-2.0
 *
 * Permissions that descriptions of upstreams brought into the catalogue: their numbers
 * are given here, once and for ever. */
#ifndef STORE_STORE_PERMISSIONS_H
#define STORE_STORE_PERMISSIONS_H

#include "model/permission.h"
#include "store/store.h"

/* Adds all to the catalogue of this process (model/permission.h); store_open() has done
 * so once. */
MUST_CHECK enum status store_permission_load(struct store *store);
/* Gives a new permission its number. The catalogue learns of it by
 * store_permission_load() after the commit. STATUS_CONFLICT: the store has one of this
 * name. STATUS_TOO_LARGE: all numbers are given. */
MUST_CHECK enum status store_permission_add(struct store *store,
                                            const struct permission_name *name,
                                            int64_t now_s, uint16_t *out_number);
/* Keeps which permissions the description of an upstream asks for; those of our own are
 * left out. In the running transaction. */
MUST_CHECK enum status store_permission_set_of(struct store *store, int64_t upstream_id,
                                               const struct permission_set *asked_for);
/* Those that upstreams have brought and that no description asks for any more, nor
 * implies. None, while there is an upstream of which nobody knows what it asks for. */
MUST_CHECK enum status store_permission_unused(struct store *store,
                                               struct permission_set *out);

#endif
