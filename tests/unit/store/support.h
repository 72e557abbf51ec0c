/* SPDX-License-Identifier: Apache-2.0
 *
 * A fresh data folder with a real SQLite database for each test, and records to fill it.
 */
#ifndef TESTS_UNIT_STORE_SUPPORT_H
#define TESTS_UNIT_STORE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../support/claims.h"
#include "../../support/folder.h"
#include "base/auto.h"
#include "store/store.h"
#include "store/store_events.h"
#include "store/store_people.h"
#include "store/store_tokens.h"

/* What a test has: a folder, and a store opened in it. */
struct place {
    char data[64];
    struct store *store;
};

static inline struct place
place_make_empty(void)
{
    struct place place = {.data = "/tmp/tokenhouse-store-XXXXXX"};

    assert_non_null(mkdtemp(place.data));
    return place;
}

static inline struct store *
place_open(const struct place *place, enum store_use use)
{
    struct store *store = NULL;
    struct failure failure = {0};

    if (store_open(place->data, use, &store, &failure) != STATUS_OK)
        fail_msg("%s", failure.text);
    return store;
}

static inline struct place
place_make(void)
{
    struct place place = place_make_empty();
    struct failure failure = {0};

    if (store_create(place.data, &failure) != STATUS_OK)
        fail_msg("%s", failure.text);
    place.store = place_open(&place, STORE_WRITE);
    return place;
}

static inline void
place_path(const struct place *place, const char *file, char out[128])
{
    snprintf(out, 128, "%s/%s", place->data, file);
}

static inline void
place_done(struct place *place)
{
    store_close(&place->store);
    folder_remove(place->data);
}

static inline int64_t
add_role(struct store *store, const char *name, bool is_system_admin)
{
    struct role role = {.is_default = true,
                        .is_system_admin = is_system_admin,
                        .created_at_s = 10,
                        .changed_at_s = 11};
    int64_t id = 0;

    snprintf(role.name, sizeof(role.name), "%s", name);
    permission_set_add(&role.permissions, PERMISSION_DEVICE_REPORTS_VIEW);
    OK(store_role_add(store, &role, &id));
    return id;
}

static inline struct user
make_user(const char *email, int64_t role_id)
{
    struct user user = {.name = "Ada Löve",
                        .role_id = role_id,
                        .must_change_password = true,
                        .password_hash = "$argon2id$x",
                        .created_at_s = 20,
                        .changed_at_s = 21};

    uuid_make(user.uid);
    snprintf(user.email, sizeof(user.email), "%s", email);
    return user;
}

static inline int64_t
add_user(struct store *store, const char *email, int64_t role_id)
{
    struct user user = make_user(email, role_id);
    int64_t id = 0;

    OK(store_user_add(store, &user, &id));
    return id;
}

static inline int64_t
add_group(struct store *store, const char *name)
{
    struct device_group group = {.description = "all of them", .created_at_s = 30};
    int64_t id = 0;

    uuid_make(group.uid);
    snprintf(group.name, sizeof(group.name), "%s", name);
    OK(store_group_add(store, &group, &id));
    return id;
}

/* An HS256 token of `user_id` that works to the end of this day. */
static inline struct token
make_token(int64_t user_id, struct date expires_on)
{
    struct token token = {.alg = ALG_HS256,
                          .title = "Nightly report",
                          .description = "reads «devices»",
                          .user_id = user_id,
                          .expires_on = expires_on,
                          .expires_at_s = date_start_s(expires_on) + DAY_S,
                          .sealed = {9, 8, 7, 0, 1},
                          .sealed_len = 128,
                          .created_at_s = 40,
                          .changed_at_s = 41,
                          .changed_by = user_id};

    uuid_make(token.id);
    permission_set_add(&token.permissions, PERMISSION_DEVICE_FIELDS_VIEW);
    permission_set_add(&token.permissions, 200);
    return token;
}

/* Records are compared field by field: what lies between the fields is nobody's. */
#define SAME_INT(field)   assert_int_equal(a->field, b->field)
#define SAME_TEXT(field)  assert_string_equal(a->field, b->field)
#define SAME_BYTES(field) assert_memory_equal(&a->field, &b->field, sizeof(a->field))

static inline void
assert_same_user(const struct user *a, const struct user *b)
{
    SAME_INT(id);
    SAME_TEXT(uid);
    SAME_TEXT(email);
    SAME_TEXT(name);
    SAME_INT(role_id);
    SAME_INT(is_suspended);
    SAME_INT(must_change_password);
    SAME_TEXT(password_hash);
    SAME_INT(created_at_s);
    SAME_INT(changed_at_s);
}

static inline void
assert_same_role(const struct role *a, const struct role *b)
{
    SAME_INT(id);
    SAME_TEXT(name);
    SAME_INT(is_default);
    SAME_INT(is_system_admin);
    SAME_BYTES(permissions);
    SAME_INT(created_at_s);
    SAME_INT(changed_at_s);
}

static inline void
assert_same_group(const struct device_group *a, const struct device_group *b)
{
    SAME_INT(id);
    SAME_TEXT(uid);
    SAME_TEXT(name);
    SAME_TEXT(description);
    SAME_TEXT(folder);
    SAME_INT(created_at_s);
    SAME_INT(changed_at_s);
}

static inline void
assert_same_licence(const struct licence *a, const struct licence *b)
{
    SAME_INT(id);
    SAME_TEXT(uid);
    SAME_TEXT(name);
    SAME_TEXT(order_no);
    SAME_INT(starts_at_s);
    SAME_INT(ends_at_s);
    SAME_INT(seat_count);
}

static inline void
assert_same_token(const struct token *a, const struct token *b)
{
    SAME_TEXT(id);
    SAME_INT(alg);
    SAME_TEXT(title);
    SAME_TEXT(description);
    SAME_INT(user_id);
    SAME_BYTES(permissions);
    SAME_INT(group_count);
    SAME_BYTES(group_ids);
    SAME_INT(address_count);
    SAME_BYTES(addresses);
    SAME_INT(expires_on.year);
    SAME_INT(expires_on.month);
    SAME_INT(expires_on.day);
    SAME_INT(expires_at_s);
    SAME_INT(is_suspended);
    SAME_INT(sealed_len);
    SAME_BYTES(sealed);
    SAME_BYTES(public_key);
    SAME_INT(is_proved);
    SAME_INT(created_at_s);
    SAME_INT(changed_at_s);
    SAME_INT(changed_by);
    SAME_INT(last_used_at_s);
    SAME_BYTES(last_used_from);
    SAME_INT(use_count);
    SAME_INT(version);
}

#endif
