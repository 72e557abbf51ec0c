/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions in the store: of a cookie only its SHA-256 is known here. */
#include "store/store_sessions.h"

#include "base/auto.h"
#include "store/inside.h"

static struct slice
hash_slice(const uint8_t *hash)
{
    return (struct slice){hash, SESSION_HASH_BYTES};
}

static enum status
read_session(struct store *store, struct db_query *query, struct session *out)
{
    struct row row = {.query = query};
    struct session session = {.id = row_int(&row)};
    int64_t state;

    row_text(&row, session.uid, sizeof(session.uid));
    session.user_id = row_int(&row);
    state = row_int(&row);
    row_text(&row, session.address, sizeof(session.address));
    row_text(&row, session.user_agent, sizeof(session.user_agent));
    session.created_at_s = row_int(&row);
    session.used_at_s = row_int(&row);
    if (row.is_bad || state < SESSION_ACTIVE || state > SESSION_PASSWORD_CHANGE)
        return store_damaged(store, "session");
    session.state = (enum session_state)state;
    *out = session;
    return STATUS_OK;
}

static enum status
first_session(struct store *store, struct db_query *query, struct session *out)
{
    enum status status = db_first(query);

    return status == STATUS_OK ? read_session(store, query, out) : status;
}

enum status
store_session_add(struct store *store, const struct session *session, const uint8_t *hash,
                  int64_t *out_id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, SESSION_ADD);

    db_bind_text(query, 1, slice_of(session->uid));
    db_bind_blob(query, 2, hash_slice(hash));
    db_bind_int(query, 3, session->user_id);
    db_bind_int(query, 4, session->state);
    db_bind_text(query, 5, slice_of(session->address));
    db_bind_text(query, 6, slice_of(session->user_agent));
    db_bind_int(query, 7, session->created_at_s);
    db_bind_int(query, 8, session->used_at_s);
    enum status status = store_run_returning(query, out_id);
    return status == STATUS_REFUSED ? STATUS_NOT_FOUND : status; /* no such user */
}

enum status
store_session_by_hash(struct store *store, const uint8_t *hash, struct session *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, SESSION_BY_HASH);

    db_bind_blob(query, 1, hash_slice(hash));
    return first_session(store, query, out);
}

enum status
store_session_by_uid(struct store *store, int64_t user_id, const char *uid,
                     struct session *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, SESSION_BY_UID);

    if (!text_can_be_stored(slice_of(uid)))
        return STATUS_NOT_FOUND;
    db_bind_int(query, 1, user_id);
    db_bind_text(query, 2, slice_of(uid));
    return first_session(store, query, out);
}

enum status
store_session_is_of(struct store *store, int64_t id, int64_t user_id)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, SESSION_IS_OF);

    db_bind_int(query, 1, id);
    db_bind_int(query, 2, user_id);
    return db_first(query);
}

enum status
store_session_list(struct store *store, int64_t user_id,
                   bool (*each)(void *ctx, const struct session *), void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, SESSION_LIST);
    enum status status = STATUS_OK;

    db_bind_int(query, 1, user_id);
    while (db_next(query, &status)) {
        struct session session;
        status = read_session(store, query, &session);
        if (status != STATUS_OK)
            return status;
        if (!each(ctx, &session))
            return STATUS_OK;
    }
    return status;
}

enum status
store_session_use(struct store *store, int64_t id, int64_t at_s)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, SESSION_USE);

    db_bind_int(query, 1, id);
    db_bind_int(query, 2, at_s);
    return db_run(query);
}

enum status
store_session_remove(struct store *store, int64_t id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, SESSION_REMOVE);

    db_bind_int(query, 1, id);
    return store_run_returning(query, &id);
}

enum status
store_session_remove_of_user(struct store *store, int64_t user_id, int64_t but_id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, SESSION_REMOVE_OF_USER);

    db_bind_int(query, 1, user_id);
    db_bind_int(query, 2, but_id);
    return db_run(query);
}

enum status
store_session_keep_newest(struct store *store, int64_t user_id, int64_t count)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, SESSION_KEEP_NEWEST);

    db_bind_int(query, 1, user_id);
    db_bind_int(query, 2, count);
    return db_run(query);
}

enum status
store_session_prune(struct store *store, int64_t used_before_s, int64_t created_before_s)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, SESSION_PRUNE);

    db_bind_int(query, 1, used_before_s);
    db_bind_int(query, 2, created_before_s);
    return db_run(query);
}
