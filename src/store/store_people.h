/* SPDX-License-Identifier: Apache-2.0
 *
 * Users, user roles, device groups and licences in the store. Lists are in the order of
 * their names. STATUS_NOT_FOUND leaves `out` untouched; STATUS_CONFLICT: the name or
 * e-mail is taken (compared after folding case). A change raises the version. */
#ifndef STORE_STORE_PEOPLE_H
#define STORE_STORE_PEOPLE_H

#include "base/slice.h"
#include "model/records.h"
#include "store/store.h"

MUST_CHECK enum status store_user_by_id(struct store *store, int64_t id,
                                        struct user *out);
MUST_CHECK enum status store_user_by_email(struct store *store, struct slice email,
                                           struct user *out);
MUST_CHECK enum status store_user_by_uid(struct store *store, struct slice uid,
                                         struct user *out);
MUST_CHECK enum status store_user_add(struct store *store, const struct user *user,
                                      int64_t *out_id);
/* All but last_login_at_s. */
MUST_CHECK enum status store_user_change(struct store *store, const struct user *user);
/* With their tokens and group assignments (the caller writes the events). */
MUST_CHECK enum status store_user_remove(struct store *store, int64_t id);
MUST_CHECK enum status store_user_list(struct store *store,
                                       bool (*each)(void *ctx, const struct user *),
                                       void *ctx);
/* Ascending ids of the user's device groups; at most TOKEN_GROUP_MAX_COUNT. */
MUST_CHECK enum status store_user_groups(struct store *store, int64_t user_id,
                                         int64_t out_ids[TOKEN_GROUP_MAX_COUNT],
                                         size_t *out_count);
/* Makes these the user's groups, instead of what they were. */
MUST_CHECK enum status store_user_groups_set(struct store *store, int64_t user_id,
                                             const int64_t *ids, size_t count);
/* Users that are not suspended and have the default System Administrator role. */
MUST_CHECK enum status store_user_count_admins(struct store *store, int64_t *out);
MUST_CHECK enum status store_user_count(struct store *store, int64_t *out);
MUST_CHECK enum status store_user_logged_in(struct store *store, int64_t id,
                                            int64_t at_s);

MUST_CHECK enum status store_role_by_id(struct store *store, int64_t id,
                                        struct role *out);
MUST_CHECK enum status store_role_by_name(struct store *store, struct slice name,
                                          struct role *out);
MUST_CHECK enum status store_role_add(struct store *store, const struct role *role,
                                      int64_t *out_id);
MUST_CHECK enum status store_role_change(struct store *store, const struct role *role);
/* STATUS_CONFLICT: users have it. */
MUST_CHECK enum status store_role_remove(struct store *store, int64_t id);
MUST_CHECK enum status store_role_list(struct store *store,
                                       bool (*each)(void *ctx, const struct role *),
                                       void *ctx);

MUST_CHECK enum status store_group_by_id(struct store *store, int64_t id,
                                         struct device_group *out);
MUST_CHECK enum status store_group_by_name(struct store *store, struct slice name,
                                           struct device_group *out);
MUST_CHECK enum status store_group_by_uid(struct store *store, struct slice uid,
                                          struct device_group *out);
MUST_CHECK enum status store_group_add(struct store *store,
                                       const struct device_group *group, int64_t *out_id);
MUST_CHECK enum status store_group_change(struct store *store,
                                          const struct device_group *group);
/* STATUS_CONFLICT: users or living tokens are limited to it (without it they would see
 * nothing, or worse, everything). */
MUST_CHECK enum status store_group_remove(struct store *store, int64_t id);
MUST_CHECK enum status store_group_list(struct store *store,
                                        bool (*each)(void *ctx,
                                                     const struct device_group *,
                                                     int64_t device_count),
                                        void *ctx);

MUST_CHECK enum status store_licence_add(struct store *store,
                                         const struct licence *licence, int64_t *out_id);
MUST_CHECK enum status store_licence_by_uid(struct store *store, struct slice uid,
                                            struct licence *out);
MUST_CHECK enum status store_licence_change(struct store *store,
                                            const struct licence *licence);
MUST_CHECK enum status store_licence_remove(struct store *store, int64_t id);
MUST_CHECK enum status store_licence_list(struct store *store,
                                          bool (*each)(void *ctx, const struct licence *),
                                          void *ctx);

#endif
