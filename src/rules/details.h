/* SPDX-License-Identifier: Apache-2.0
 *
 * What an event says about a record before and after an act: JSON objects with the
 * names that people and the admin API use. Never a secret, never a key (of a public key
 * its SHA-256). */
#ifndef RULES_DETAILS_H
#define RULES_DETAILS_H

#include "rules/history.h"

#include <jansson.h>

/* For AUTO(details_done). */
static inline void
details_done(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}

/* A token as events tell it, with the names of its groups and its user's e-mail. */
MUST_CHECK enum status details_token(struct store *store, const struct token *token,
                                     json_t **out);
/* What a shadow tries out, and until when. */
struct shadow;
MUST_CHECK enum status details_shadow(struct store *store, const struct shadow *shadow,
                                      json_t **out);
/* A user, with the name of the role and of the device groups. */
MUST_CHECK enum status details_user(struct store *store, const struct user *user,
                                    json_t **out);
MUST_CHECK enum status details_role(const struct role *role, json_t **out);
MUST_CHECK enum status details_group(const struct device_group *group, json_t **out);
MUST_CHECK enum status details_licence(const struct licence *licence, json_t **out);
/* The names of a set, in the catalogue's order. NULL without memory. */
json_t *details_permissions(const struct permission_set *set);
/* Approved addresses as texts. NULL without memory. */
json_t *details_addresses(const struct ip_range *ranges, size_t count);

/* Adds the event {"action": action, "before": …, "after": …} in the running transaction.
 * With both, only what differs is kept; NULL leaves one out. `what`'s details are
 * ignored. */
MUST_CHECK enum status history_add_change(const struct act *act, struct happening what,
                                          const char *action, json_t *before,
                                          json_t *after);

#endif
