/* SPDX-License-Identifier: Apache-2.0
 *
 * Fills a new account: default roles, licences, facts, the first user. */
#include "rules/people.h"

#include "base/auto.h"
#include "model/roles.h"
#include "rules/details.h"
#include "rules/users.h"
#include "store/store_people.h"

#include <assert.h>
#include <stdio.h>

/* What a self-hosted account owns: each product of the API's documents, without end. */
static const char *const PRODUCTS[] = {"Control", "Resilience", "Visibility"};

enum { SEATS_WITHOUT_LIMIT = INT32_MAX }; /* licenceCount is an int32 on the wire */

struct found_role {
    bool is_filled;   /* there are roles */
    int64_t admin_id; /* System Administrator */
};

static bool
see_role(void *ctx, const struct role *role)
{
    struct found_role *found = ctx;

    found->is_filled = true;
    if (role->is_system_admin)
        found->admin_id = role->id;
    return true;
}

static enum status
add_roles(const struct act *act)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < default_role_count(); i++) {
        struct default_role row = default_role_at(i);
        struct role role = {
            .is_default = true,
            .is_system_admin = row.is_system_admin,
            .permissions = row.permissions,
            .created_at_s = act->now_ms / 1000,
            .changed_at_s = act->now_ms / 1000,
        };

        snprintf(role.name, sizeof(role.name), "%s", row.name);
        status = store_role_add(act->store, &role, &role.id);
        if (status == STATUS_OK)
            status = store_change_add_id(act->store, CHANGE_ROLE, role.id);
    }
    return status;
}

static enum status
add_licences(const struct act *act)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < COUNT_OF(PRODUCTS); i++) {
        struct licence licence = {
            .starts_at_s = act->now_ms / 1000,
            .ends_at_s = date_start_s((struct date){9999, 12, 31}),
            .seat_count = SEATS_WITHOUT_LIMIT,
        };

        uuid_make(licence.uid);
        snprintf(licence.name, sizeof(licence.name), "%s", PRODUCTS[i]);
        status = store_licence_add(act->store, &licence, &licence.id);
        if (status == STATUS_OK)
            status = store_change_add_id(act->store, CHANGE_LICENCE, licence.id);
    }
    return status;
}

static enum status
set_facts(const struct act *act, const char *account_uid)
{
    uint8_t check[SEAL_CHECK_BYTES];
    enum status status =
        store_fact_set(act->store, "account_uid", account_uid, UUID_CHARS);

    if (status != STATUS_OK || !act->master_key)
        return status;
    master_key_check(act->master_key, check);
    return store_fact_set(act->store, "master_key_check", check, sizeof(check));
}

static enum status
add_event(const struct act *act, const char *account_uid)
{
    struct happening what = {
        .kind = EVENT_ACCOUNT_CREATED,
        .object_kind = "account",
        .object_id = account_uid,
        .object_name = "",
    };
    return history_add_change(act, what, "created", NULL, NULL);
}

/* In the running transaction. */
static enum status
found(const struct act *act)
{
    char account_uid[UUID_CHARS + 1] = "";
    enum status status = STATUS_OK;

    uuid_make(account_uid);
    status = set_facts(act, account_uid);
    if (status == STATUS_OK)
        status = add_event(act, account_uid);
    if (status == STATUS_OK)
        status = add_roles(act);
    return status == STATUS_OK ? add_licences(act) : status;
}

enum status
account_found(const struct act *act)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct found_role roles = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = store_role_list(act->store, see_role, &roles);
    if (status == STATUS_OK && roles.is_filled)
        return failure_set(act->failure, STATUS_CONFLICT, NULL,
                           "the account has been made already");
    if (status == STATUS_OK)
        status = found(act);
    return status == STATUS_OK ? store_commit(act->store) : status;
}

/* The id of the System Administrator's role, in an account without users; founds the
 * account if nobody has. */
static enum status
prepare(const struct act *act, int64_t *out_admin_role_id)
{
    struct found_role roles = {0};
    int64_t user_count = 0;
    enum status status = store_user_count(act->store, &user_count);

    if (status == STATUS_OK && user_count > 0)
        return failure_set(act->failure, STATUS_CONFLICT, NULL,
                           "the account has been made already");
    if (status == STATUS_OK)
        status = store_role_list(act->store, see_role, &roles);
    if (status == STATUS_OK && !roles.is_filled) {
        status = found(act);
        if (status == STATUS_OK)
            status = store_role_list(act->store, see_role, &roles);
    }
    if (status == STATUS_OK)
        *out_admin_role_id = roles.admin_id;
    return status;
}

enum status
account_make(const struct act *act, const struct user_wish *wish, struct user *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct user admin = {0};
    enum status status = STATUS_OK;

    if (wish->password.len == 0)
        return failure_set(act->failure, STATUS_MALFORMED, "password",
                           "the first user's password is empty; wanted are at least %d "
                           "characters",
                           PASSWORD_MIN_CHARS);
    status = user_read_wish(act, wish, &admin);
    if (status == STATUS_OK)
        status = store_begin(act->store);
    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = prepare(act, &admin.role_id);
    if (status == STATUS_OK)
        status = user_add_with_event(act, &admin, NULL, 0);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = admin;
    return status;
}
