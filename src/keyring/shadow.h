/* SPDX-License-Identifier: Apache-2.0
 *
 * Shadows of tokens in memory (model/shadow.h): the sets that run, and what they would
 * have refused since it was last written down. A token without one pays for it with one
 * look at a pointer. */
#ifndef KEYRING_SHADOW_H
#define KEYRING_SHADOW_H

#include "keyring/keyring.h"
#include "model/shadow.h"

struct keyring_shadow;

/* The shadow of a token that runs at `now_s`; NULL = none. Inside enter/leave. */
struct keyring_shadow *keyring_shadow(const struct keyring_entry *entry, int64_t now_s);
const struct permission_set *keyring_shadow_permissions(const struct keyring_shadow *s);
const struct ip_range *keyring_shadow_addresses(const struct keyring_shadow *shadow,
                                                size_t *out_count);
/* Has it fewer device groups than its token? */
bool keyring_shadow_is_narrower(const struct keyring_shadow *shadow,
                                const struct keyring_entry *entry);
/* Is one of these groups among the shadow's? True when it is not limited to groups. */
bool keyring_shadow_has_group(const struct keyring_shadow *shadow, const int64_t *ids,
                              size_t count);

/* Counts a request that was let in. For all threads, inside enter/leave. */
void keyring_shadow_count(struct keyring_shadow *shadow);
/* And one of these that the shadow would have refused, or told less. */
void keyring_shadow_count_failed(struct keyring_shadow *shadow);
void keyring_shadow_count_less(struct keyring_shadow *shadow);
/* Notes a reason; one more of those that are there already. Looks at kind, method, path
 * and item. The first one of a shadow takes memory. */
void keyring_shadow_note(struct keyring_shadow *shadow, const struct shadow_miss *miss,
                         int64_t now_s);

#endif
