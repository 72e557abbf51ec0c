/* SPDX-License-Identifier: Apache-2.0
 *
 * A store in a fresh folder, with a keyring over it and shorthand for changing it as the
 * acts of rules/ do. For the tests of keyring/ and gate/. */
#ifndef KEYRING_SUPPORT_H
#define KEYRING_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/claims.h"
#include "../../support/folder.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/mem.h"
#include "crypto/seal.h"
#include "keyring/keyring.h"
#include "store/store.h"
#include "store/store_people.h"
#include "store/store_tokens.h"

struct place {
    char folder[64];
    char key_path[96];
    struct store *writer, *reader;
    struct keyring *keyring;
    struct master_key *master_key;
    int64_t role_id, user_id;
};

static inline void
place_commit(struct place *place)
{
    OK(store_commit(place->writer));
}

/* A role, a user with it, and no token; the keyring is not open yet. */
static inline void
place_open(struct place *place)
{
    struct failure failure = {0};
    struct role role = {.name = "Testers"};
    struct user user = {.uid = "11111111-2222-4333-8444-555555555555",
                        .email = "ada@example.com"};

    *place = (struct place){.folder = "/tmp/test_keyring_XXXXXX"};
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->key_path, sizeof(place->key_path), "%s/master.key", place->folder);
    OK(master_key_make(place->key_path, &failure));
    OK(master_key_open(place->key_path, &place->master_key, &failure));
    OK(store_create(place->folder, &failure));
    OK(store_open(place->folder, STORE_WRITE, &place->writer, &failure));
    OK(store_open(place->folder, STORE_READ, &place->reader, &failure));
    permission_set_add(&role.permissions, PERMISSION_DEVICE_REPORTS_VIEW);
    permission_set_add(&role.permissions, PERMISSION_DEVICE_FIELDS_VIEW);
    OK(store_begin(place->writer));
    OK(store_role_add(place->writer, &role, &place->role_id));
    user.role_id = place->role_id;
    OK(store_user_add(place->writer, &user, &place->user_id));
    place_commit(place);
}

static inline void
place_open_keyring(struct place *place)
{
    struct failure failure = {0};

    OK(keyring_open(place->reader, &place->keyring, &failure));
}

static inline void
place_close(struct place *place)
{
    keyring_close(&place->keyring);
    store_close(&place->reader);
    store_close(&place->writer);
    master_key_close(&place->master_key);
    folder_remove(place->folder);
}

/* A token that works until 2100, of the place's user, with an ES256 key that is no key.
 */
static inline struct token
place_token(const struct place *place, const char *id)
{
    struct token token = {.alg = ALG_ES256,
                          .title = "a token",
                          .user_id = place->user_id,
                          .expires_on = {2099, 12, 31},
                          .expires_at_s = 4102444800,
                          .version = 1};

    snprintf(token.id, sizeof(token.id), "%s", id);
    permission_set_add(&token.permissions, PERMISSION_DEVICE_REPORTS_VIEW);
    memset(token.public_key, id[0], sizeof(token.public_key));
    return token;
}

static inline void
place_add(struct place *place, const struct token *token)
{
    OK(store_begin(place->writer));
    OK(store_token_add(place->writer, token));
    OK(store_change_add(place->writer, CHANGE_TOKEN, token->id));
    place_commit(place);
}

static inline void
place_change(struct place *place, struct token *token)
{
    OK(store_begin(place->writer));
    OK(store_token_change(place->writer, token));
    OK(store_change_add(place->writer, CHANGE_TOKEN, token->id));
    place_commit(place);
    token->version++;
}

static inline void
place_remove(struct place *place, const char *id)
{
    OK(store_begin(place->writer));
    OK(store_token_remove(place->writer, slice_of(id)));
    OK(store_change_add(place->writer, CHANGE_TOKEN, id));
    place_commit(place);
}

static inline void
place_suspend_user(struct place *place, bool is_suspended)
{
    struct user user;

    OK(store_user_by_id(place->reader, place->user_id, &user));
    user.is_suspended = is_suspended;
    OK(store_begin(place->writer));
    OK(store_user_change(place->writer, &user));
    OK(store_change_add_id(place->writer, CHANGE_USER, user.id));
    place_commit(place);
}

static inline void
place_set_role(struct place *place, struct permission_set permissions)
{
    struct role role;

    OK(store_role_by_id(place->reader, place->role_id, &role));
    role.permissions = permissions;
    OK(store_begin(place->writer));
    OK(store_role_change(place->writer, &role));
    OK(store_change_add_id(place->writer, CHANGE_ROLE, role.id));
    place_commit(place);
}

static inline int64_t
place_add_group(struct place *place, const char *name, const char *uid)
{
    struct device_group group = {0};
    int64_t id = 0;

    snprintf(group.name, sizeof(group.name), "%s", name);
    snprintf(group.uid, sizeof(group.uid), "%s", uid);
    OK(store_begin(place->writer));
    OK(store_group_add(place->writer, &group, &id));
    OK(store_change_add_id(place->writer, CHANGE_GROUP, id));
    place_commit(place);
    return id;
}

static inline void
place_add_licence(struct place *place, const char *name, int64_t starts_at_s,
                  int64_t ends_at_s)
{
    struct licence licence = {.starts_at_s = starts_at_s, .ends_at_s = ends_at_s};
    int64_t id = 0;

    snprintf(licence.name, sizeof(licence.name), "%s", name);
    uuid_make(licence.uid);
    OK(store_begin(place->writer));
    OK(store_licence_add(place->writer, &licence, &id));
    OK(store_change_add_id(place->writer, CHANGE_LICENCE, id));
    place_commit(place);
}

static inline void
place_set_live_rights(struct place *place, bool is_on)
{
    OK(store_begin(place->writer));
    OK(store_fact_set(place->writer, "live_rights", is_on ? "1" : "0", 1));
    OK(store_change_add(place->writer, CHANGE_SETTING, "live_rights"));
    place_commit(place);
}

#endif
