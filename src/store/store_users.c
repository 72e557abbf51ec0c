/* SPDX-License-Identifier: Apache-2.0
 *
 * Users in the store (table person: "user" means something else to PostgreSQL). */
#include "base/auto.h"
#include "store/fold.h"
#include "store/inside.h"
#include "store/store_people.h"

static enum status
read_user(struct store *store, struct db_query *query, struct user *out)
{
    struct row row = {.query = query};
    struct user user = {.id = row_int(&row)};

    row_text(&row, user.uid, sizeof(user.uid));
    row_text(&row, user.email, sizeof(user.email));
    row_text(&row, user.name, sizeof(user.name));
    user.role_id = row_int(&row);
    user.is_suspended = row_truth(&row);
    user.must_change_password = row_truth(&row);
    row_text(&row, user.password_hash, sizeof(user.password_hash));
    user.created_at_s = row_int(&row);
    user.changed_at_s = row_int(&row);
    user.password_changed_at_s = row_int(&row);
    user.last_login_at_s = row_int(&row);
    user.version = row_int(&row);
    if (row.is_bad)
        return store_damaged(store, "person");
    *out = user;
    return STATUS_OK;
}

enum status
store_user_by_id(struct store *store, int64_t id, struct user *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, USER_BY_ID);

    db_bind_int(query, 1, id);
    enum status status = db_first(query);
    return status == STATUS_OK ? read_user(store, query, out) : status;
}

enum status
store_user_by_email(struct store *store, struct slice email, struct user *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, USER_BY_EMAIL);
    char folded[EMAIL_MAX_CHARS + 1];

    if (!text_can_be_stored(email) || !fold_case(email, folded, sizeof(folded)))
        return STATUS_NOT_FOUND;
    db_bind_text(query, 1, slice_of(folded));
    enum status status = db_first(query);
    return status == STATUS_OK ? read_user(store, query, out) : status;
}

enum status
store_user_by_uid(struct store *store, struct slice uid, struct user *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, USER_BY_UID);

    if (!text_can_be_stored(uid))
        return STATUS_NOT_FOUND;
    db_bind_text(query, 1, uid);
    enum status status = db_first(query);
    return status == STATUS_OK ? read_user(store, query, out) : status;
}

enum status
store_user_add(struct store *store, const struct user *user, int64_t *out_id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, USER_ADD);
    char folded[EMAIL_MAX_CHARS + 1];
    char name_folded[TEXT_NAME_BYTES];

    if (!fold_case(slice_of(user->email), folded, sizeof(folded)) ||
        !fold_case(slice_of(user->name), name_folded, sizeof(name_folded)))
        return STATUS_MALFORMED;
    db_bind_text(query, 1, slice_of(user->uid));
    db_bind_text(query, 2, slice_of(folded));
    db_bind_text(query, 3, slice_of(user->name));
    db_bind_int(query, 4, user->role_id);
    db_bind_int(query, 5, user->is_suspended);
    db_bind_int(query, 6, user->must_change_password);
    db_bind_text(query, 7, slice_of(user->password_hash));
    db_bind_int(query, 8, user->created_at_s);
    db_bind_int(query, 9, user->changed_at_s);
    db_bind_int(query, 10, user->password_changed_at_s);
    db_bind_text(query, 11, slice_of(name_folded));
    enum status status = store_run_returning(query, out_id);
    return status == STATUS_REFUSED ? STATUS_NOT_FOUND : status; /* no such role */
}

enum status
store_user_change(struct store *store, const struct user *user)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, USER_CHANGE);
    char folded[EMAIL_MAX_CHARS + 1];
    char name_folded[TEXT_NAME_BYTES];
    int64_t version;

    if (!fold_case(slice_of(user->email), folded, sizeof(folded)) ||
        !fold_case(slice_of(user->name), name_folded, sizeof(name_folded)))
        return STATUS_MALFORMED;
    db_bind_int(query, 1, user->id);
    db_bind_text(query, 2, slice_of(folded));
    db_bind_text(query, 3, slice_of(user->name));
    db_bind_int(query, 4, user->role_id);
    db_bind_int(query, 5, user->is_suspended);
    db_bind_int(query, 6, user->must_change_password);
    db_bind_text(query, 7, slice_of(user->password_hash));
    db_bind_int(query, 8, user->changed_at_s);
    db_bind_int(query, 9, user->password_changed_at_s);
    db_bind_text(query, 10, slice_of(name_folded));
    enum status status = store_run_returning(query, &version);
    return status == STATUS_REFUSED ? STATUS_NOT_FOUND : status; /* no such role */
}

enum status
store_user_remove(struct store *store, int64_t id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, USER_REMOVE);

    db_bind_int(query, 1, id);
    return store_run_returning(query, &id);
}

enum status
store_user_list(struct store *store, bool (*each)(void *ctx, const struct user *),
                void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, USER_LIST);
    enum status status = STATUS_OK;

    while (db_next(query, &status)) {
        struct user user;
        status = read_user(store, query, &user);
        if (status != STATUS_OK)
            return status;
        if (!each(ctx, &user))
            return STATUS_OK;
    }
    return status;
}

/* No groups would mean all devices: a list that does not fit must never be cut. */
enum status
store_user_groups(struct store *store, int64_t user_id,
                  int64_t out_ids[TOKEN_GROUP_MAX_COUNT], size_t *out_count)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, USER_GROUPS);
    int64_t ids[TOKEN_GROUP_MAX_COUNT];
    size_t count = 0;
    enum status status = STATUS_OK;

    db_bind_int(query, 1, user_id);
    while (db_next(query, &status)) {
        if (count == TOKEN_GROUP_MAX_COUNT)
            return store_damaged(store, "person_group");
        ids[count++] = db_int(query, 0);
    }
    if (status != STATUS_OK)
        return status;
    memcpy(out_ids, ids, count * sizeof(ids[0]));
    *out_count = count;
    return STATUS_OK;
}

static enum status
clear_groups(struct store *store, int64_t user_id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, USER_GROUPS_CLEAR);

    db_bind_int(query, 1, user_id);
    return db_run(query);
}

enum status
store_user_groups_set(struct store *store, int64_t user_id, const int64_t *ids,
                      size_t count)
{
    if (count > TOKEN_GROUP_MAX_COUNT)
        return STATUS_TOO_LARGE;

    struct user user;
    enum status status = store_user_by_id(store, user_id, &user);
    if (status == STATUS_OK)
        status = clear_groups(store, user_id);

    struct db_query *query AUTO(db_query_end) = store_act(store, USER_GROUPS_ADD);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        db_bind_int(query, 1, user_id);
        db_bind_int(query, 2, ids[i]);
        status = db_run(query);
    }
    return status == STATUS_REFUSED ? STATUS_NOT_FOUND : status; /* no such group */
}

enum status
store_user_count_admins(struct store *store, int64_t *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, USER_COUNT_ADMINS);

    return db_first_int(query, out);
}

enum status
store_user_count(struct store *store, int64_t *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, USER_COUNT);

    return db_first_int(query, out);
}

enum status
store_user_logged_in(struct store *store, int64_t id, int64_t at_s)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, USER_LOGGED_IN);

    db_bind_int(query, 1, id);
    db_bind_int(query, 2, at_s);
    return store_run_returning(query, &id);
}
