/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens in the store. A row that does not read back as it was written is refused as
 * damaged: a token with half its groups or addresses would open doors. */
#include "store/store_tokens.h"

#include "base/auto.h"
#include "store/fold.h"
#include "store/pack.h"

#include <stdio.h>

enum {
    SEARCH_TEXT_BYTES =
        TEXT_TITLE_BYTES + TEXT_DESCRIPTION_BYTES + TOKEN_ID_MAX_CHARS + 2,
};

/* What the token is used with: which of them it is, its algorithm says. */
static void
row_key_material(struct row *row, struct token *out)
{
    struct slice bytes = row_blob(row);

    out->sealed_len = 0;
    memset(out->public_key, 0, sizeof(out->public_key));
    memset(out->bearer_hash, 0, sizeof(out->bearer_hash));
    switch (out->alg) {
    case ALG_HS256:
        if (bytes.len == 0 || bytes.len > sizeof(out->sealed))
            break;
        memcpy(out->sealed, bytes.at, bytes.len);
        out->sealed_len = bytes.len;
        return;
    case ALG_ES256:
        if (bytes.len != sizeof(out->public_key))
            break;
        memcpy(out->public_key, bytes.at, bytes.len);
        return;
    case ALG_BEARER:
        if (bytes.len != sizeof(out->bearer_hash))
            break;
        memcpy(out->bearer_hash, bytes.at, bytes.len);
        return;
    }
    row->is_bad = true;
}

static void
row_limits(struct row *row, struct token_limits *out)
{
    out->rate.count = row_int(row);
    out->rate.window_s = row_int(row);
    out->quota_per_day = row_int(row);
    out->concurrent_max = row_int(row);
    out->max_uses = row_int(row);
    out->not_before_s = row_int(row);
}

static void
bind_limits(struct db_query *query, int first, const struct token_limits *limits)
{
    db_bind_int(query, first, limits->rate.count);
    db_bind_int(query, first + 1, limits->rate.window_s);
    db_bind_int(query, first + 2, limits->quota_per_day);
    db_bind_int(query, first + 3, limits->concurrent_max);
    db_bind_int(query, first + 4, limits->max_uses);
    db_bind_int(query, first + 5, limits->not_before_s);
}

/* The TOKEN_COLUMNS; writes only these fields of `out` (it is 11 KB: see load_all). */
static void
row_token(struct row *row, struct token *out)
{
    row_text(row, out->id, sizeof(out->id));
    out->alg = (enum alg)row_int(row);
    out->user_id = row_int(row);
    row_permissions(row, &out->permissions);
    row_groups(row, out->group_ids, &out->group_count);
    row_addresses(row, out->addresses, &out->address_count);
    row_date(row, &out->expires_on);
    out->expires_at_s = row_int(row);
    out->is_suspended = row_truth(row);
    row_key_material(row, out);
    out->created_at_s = row_int(row);
    out->changed_at_s = row_int(row);
    out->changed_by = row_int(row);
    out->version = row_int(row);
    out->is_proved = row_truth(row);
    row_text(row, out->replaced_by, sizeof(out->replaced_by));
    out->is_canary = row_truth(row);
    row_limits(row, &out->limits);
}

/* The TOKEN_WHOLE. */
static enum status
read_token(struct store *store, struct db_query *query, struct token *out)
{
    struct row row = {.query = query};
    char address[IP_TEXT_MAX + 1];

    row_token(&row, out);
    row_text(&row, out->title, sizeof(out->title));
    row_text(&row, out->description, sizeof(out->description));
    out->last_used_at_s = row_int(&row);
    row_text(&row, address, sizeof(address));
    out->use_count = row_int(&row);
    out->replaced_at_s = row_int(&row);
    out->overlap_ends_at_s = row_int(&row);
    row_text(&row, out->replaces, sizeof(out->replaces));
    out->suspended_by = row_int(&row);
    out->suspended_at_s = row_int(&row);
    if (!row.is_bad && address[0] != '\0')
        row.is_bad = ip_read(slice_of(address), &out->last_used_from) != STATUS_OK;
    return row.is_bad ? store_damaged(store, "token") : STATUS_OK;
}

enum status
store_token_by_id(struct store *store, struct slice id, struct token *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, TOKEN_BY_ID);
    struct token token = {0};

    if (!text_can_be_stored(id))
        return STATUS_NOT_FOUND;
    db_bind_text(query, 1, id);
    enum status status = db_first(query);
    if (status == STATUS_OK)
        status = read_token(store, query, &token);
    if (status == STATUS_OK)
        *out = token;
    return status;
}

/* What a token is found by. */
static bool
write_search_text(const struct token *token, char out[SEARCH_TEXT_BYTES])
{
    char text[SEARCH_TEXT_BYTES];
    int len = snprintf(text, sizeof(text), "%s\n%s\n%s", token->title, token->description,
                       token->id);

    return len >= 0 && fold_case(slice_of(text), out, SEARCH_TEXT_BYTES);
}

static struct slice
key_material(const struct token *token)
{
    switch (token->alg) {
    case ALG_HS256:
        return (struct slice){token->sealed, token->sealed_len};
    case ALG_ES256:
        return (struct slice){token->public_key, sizeof(token->public_key)};
    case ALG_BEARER:
        return (struct slice){token->bearer_hash, sizeof(token->bearer_hash)};
    }
    return (struct slice){NULL, 0};
}

static enum status
add_row(struct store *store, const struct token *token)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, TOKEN_ADD);
    uint8_t permissions[PERMISSION_SET_BYTES];
    uint8_t groups[PACKED_GROUPS_MAX_BYTES];
    uint8_t addresses[PACKED_ADDRESSES_MAX_BYTES];
    char expires_on[DATE_CHARS + 1];
    char folded[TEXT_TITLE_BYTES];
    char search_text[SEARCH_TEXT_BYTES];

    if (!fold_case(slice_of(token->title), folded, sizeof(folded)) ||
        !write_search_text(token, search_text))
        return STATUS_MALFORMED;
    size_t permissions_len = permission_set_pack(&token->permissions, permissions);
    size_t groups_len = pack_groups(token->group_ids, token->group_count, groups);
    size_t addresses_len =
        pack_addresses(token->addresses, token->address_count, addresses);
    date_write(token->expires_on, expires_on);
    db_bind_text(query, 1, slice_of(token->id));
    db_bind_int(query, 2, token->alg == ALG_BEARER ? ALG_HS256 : token->alg);
    db_bind_int(query, 3, token->user_id);
    db_bind_blob(query, 4, (struct slice){permissions, permissions_len});
    db_bind_blob(query, 5, (struct slice){groups, groups_len});
    db_bind_blob(query, 6, (struct slice){addresses, addresses_len});
    db_bind_text(query, 7, slice_of(expires_on));
    db_bind_int(query, 8, token->expires_at_s);
    db_bind_int(query, 9, token->is_suspended);
    db_bind_blob(query, 10, key_material(token));
    db_bind_int(query, 11, token->created_at_s);
    db_bind_int(query, 12, token->changed_at_s);
    db_bind_int(query, 13, token->changed_by);
    db_bind_text(query, 14, slice_of(token->title));
    db_bind_text(query, 15, slice_of(token->description));
    db_bind_text(query, 16, slice_of(folded));
    db_bind_int(query, 17, token->is_proved);
    db_bind_text(query, 18, slice_of(search_text));
    db_bind_int(query, 19, token->is_canary);
    bind_limits(query, 20, &token->limits);
    db_bind_int(query, 26, token->alg == ALG_BEARER);
    return db_run(query);
}

enum status
store_token_add(struct store *store, const struct token *token)
{
    if (token->group_count > TOKEN_GROUP_MAX_COUNT ||
        token->address_count > TOKEN_ADDRESS_MAX_COUNT)
        return STATUS_TOO_LARGE;

    enum status status = add_row(store, token);
    struct db_query *query AUTO(db_query_end) = store_act(store, TOKEN_GROUP_ADD);
    for (size_t i = 0; i < token->group_count && status == STATUS_OK; i++) {
        db_bind_int(query, 1, token->group_ids[i]);
        db_bind_text(query, 2, slice_of(token->id));
        status = db_run(query);
    }
    return status == STATUS_REFUSED ? STATUS_NOT_FOUND : status; /* no such user, group */
}

/* Why a change has changed nothing. */
static enum status
find_why_unchanged(struct store *store, const struct token *token)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, TOKEN_BY_ID);

    db_bind_text(query, 1, slice_of(token->id));
    enum status status = db_first(query);
    return status == STATUS_OK ? STATUS_CONFLICT : status;
}

enum status
store_token_change(struct store *store, const struct token *token)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, TOKEN_CHANGE);
    uint8_t addresses[PACKED_ADDRESSES_MAX_BYTES];
    char expires_on[DATE_CHARS + 1];
    char folded[TEXT_TITLE_BYTES];
    char search_text[SEARCH_TEXT_BYTES];
    int64_t version;

    if (token->address_count > TOKEN_ADDRESS_MAX_COUNT)
        return STATUS_TOO_LARGE;
    if (!fold_case(slice_of(token->title), folded, sizeof(folded)) ||
        !write_search_text(token, search_text))
        return STATUS_MALFORMED;
    size_t addresses_len =
        pack_addresses(token->addresses, token->address_count, addresses);
    date_write(token->expires_on, expires_on);
    db_bind_text(query, 1, slice_of(token->id));
    db_bind_int(query, 2, token->version);
    db_bind_text(query, 3, slice_of(token->title));
    db_bind_text(query, 4, slice_of(token->description));
    db_bind_text(query, 5, slice_of(expires_on));
    db_bind_int(query, 6, token->expires_at_s);
    db_bind_int(query, 7, token->is_suspended);
    db_bind_blob(query, 8, (struct slice){addresses, addresses_len});
    db_bind_int(query, 9, token->changed_at_s);
    db_bind_int(query, 10, token->changed_by);
    db_bind_text(query, 11, slice_of(folded));
    db_bind_text(query, 12, slice_of(search_text));
    db_bind_text(query, 13, slice_of(token->replaced_by));
    db_bind_int(query, 14, token->replaced_at_s);
    db_bind_int(query, 15, token->overlap_ends_at_s);
    bind_limits(query, 16, &token->limits);
    db_bind_int(query, 22, token->suspended_by);
    db_bind_int(query, 23, token->suspended_at_s);
    enum status status = store_run_returning(query, &version);
    return status == STATUS_NOT_FOUND ? find_why_unchanged(store, token) : status;
}

enum status
store_token_remove(struct store *store, struct slice id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, TOKEN_REMOVE);

    if (!text_can_be_stored(id))
        return STATUS_NOT_FOUND;
    db_bind_text(query, 1, id);
    enum status status = db_first(query);
    return status == STATUS_OK ? db_run(query) : status;
}

enum status
store_token_list(struct store *store, const struct token_query *wanted,
                 bool (*each)(void *ctx, const struct token *), void *ctx)
{
    bool is_of_user = wanted->user_id != 0;
    bool is_from_start = wanted->after_id[0] == '\0';
    struct db_query *query AUTO(db_query_end) =
        store_ask(store, is_of_user ? TOKEN_LIST_OF_USER : TOKEN_LIST);
    enum status status = STATUS_OK;

    db_bind_int(query, 1, is_from_start ? INT64_MIN : wanted->after_expires_at_s);
    db_bind_text(query, 2, slice_of(wanted->after_id));
    db_bind_int(query, 3, wanted->count > 0 ? wanted->count : INT64_MAX);
    if (is_of_user)
        db_bind_int(query, 4, wanted->user_id);
    while (db_next(query, &status)) {
        struct token token = {0};
        status = read_token(store, query, &token);
        if (status != STATUS_OK)
            return status;
        if (!each(ctx, &token))
            return STATUS_OK;
    }
    return status;
}

/* One struct serves all rows, and only the columns' fields are written: zeroing its
 * 11 KB each time would cost more than reading the row. */
enum status
store_token_load_all(struct store *store, bool (*each)(void *ctx, const struct token *),
                     void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, TOKEN_LOAD_ALL);
    struct token token = {0};
    enum status status = STATUS_OK;

    while (db_next(query, &status)) {
        struct row row = {.query = query};
        row_token(&row, &token);
        row_text(&row, token.title, sizeof(token.title)); /* whoami tells it */
        if (row.is_bad)
            return store_damaged(store, "token");
        if (!each(ctx, &token))
            return STATUS_OK;
    }
    return status;
}

enum status
store_token_add_uses(struct store *store, const struct token_use *uses, size_t count)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, TOKEN_ADD_USE);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        char address[IP_TEXT_MAX + 1];
        ip_write(&uses[i].last_used_from, address);
        db_bind_text(query, 1, slice_of(uses[i].id));
        db_bind_int(query, 2, uses[i].last_used_at_s);
        db_bind_text(query, 3, slice_of(address));
        db_bind_int(query, 4, uses[i].more);
        status = db_run(query);
    }
    return status;
}

enum status
store_token_count(struct store *store, int64_t *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, TOKEN_COUNT);

    return db_first_int(query, out);
}
