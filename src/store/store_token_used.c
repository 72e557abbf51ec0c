/* SPDX-License-Identifier: Apache-2.0
 *
 * What tokens have used. */
#include "store/store_token_used.h"

#include "base/auto.h"
#include "base/buffer.h"
#include "base/number.h"
#include "store/inside.h"

enum { NUMBERS_MAX_BYTES = PERMISSION_MAX_COUNT * 6 };

enum status
store_token_used_add(struct store *store, const struct token_used *used)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, TOKEN_USED_ADD);

    db_bind_text(query, 1, slice_of(used->token_id));
    db_bind_int(query, 2, used->kind);
    db_bind_text(query, 3, slice_of(used->item));
    db_bind_int(query, 4, used->day);
    return db_run(query);
}

enum status
store_token_used_list(struct store *store, struct slice token_id,
                      void (*each)(void *ctx, const struct token_used *), void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, TOKEN_USED_LIST);
    enum status status = STATUS_OK;

    if (!text_can_be_stored(token_id))
        return STATUS_OK;
    db_bind_text(query, 1, token_id);
    while (db_next(query, &status)) {
        struct row row = {.query = query};
        struct token_used used = {.kind = (enum used_kind)row_int(&row)};

        row_text(&row, used.item, sizeof(used.item));
        used.day = row_int(&row);
        if (row.is_bad || !slice_to_text(token_id, used.token_id, sizeof(used.token_id)))
            return store_damaged(store, "token_used");
        each(ctx, &used);
    }
    return status;
}

/* ",17,256,": what the statements look for. */
static void
write_numbers(const struct permission_set *set, struct buffer *out)
{
    buffer_add_byte(out, ',');
    for (unsigned number = 1; number < PERMISSION_MAX_COUNT; number++) {
        if (permission_set_has(set, (uint16_t)number))
            buffer_print(out, "%u,", number);
    }
}

static void
bind_used_by(struct db_query *query, struct slice numbers,
             const struct used_by_query *wanted)
{
    db_bind_text(query, 1, numbers);
    db_bind_int(query, 2, wanted->first_day);
    db_bind_int(query, 3, wanted->now_s);
}

static enum status
list_used_by(struct store *store, struct slice numbers,
             const struct used_by_query *wanted, struct used_by *out, size_t room,
             size_t *out_count)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, TOKEN_USED_BY);
    enum status status = STATUS_OK;

    *out_count = 0;
    bind_used_by(query, numbers, wanted);
    db_bind_int(query, 4, (int64_t)room);
    while (*out_count < room && db_next(query, &status)) {
        struct row row = {.query = query};
        struct used_by *used = &out[*out_count];

        row_text(&row, used->token_id, sizeof(used->token_id));
        row_text(&row, used->title, sizeof(used->title));
        row_text(&row, used->user_email, sizeof(used->user_email));
        used->day = row_int(&row);
        if (row.is_bad)
            return store_damaged(store, "token_used");
        (*out_count)++;
    }
    return status;
}

enum status
store_token_used_by(struct store *store, const struct used_by_query *wanted,
                    struct used_by *out, size_t room, size_t *out_count,
                    int64_t *out_total)
{
    struct buffer numbers AUTO(buffer_done) = buffer_make(NUMBERS_MAX_BYTES);
    struct db_query *query AUTO(db_query_end) = store_ask(store, TOKEN_USED_BY_COUNT);

    write_numbers(wanted->permissions, &numbers);
    bind_used_by(query, buffer_slice(&numbers), wanted);
    enum status status = db_first(query);
    if (status != STATUS_OK)
        return status;
    *out_total = db_int(query, 0);
    return list_used_by(store, buffer_slice(&numbers), wanted, out, room, out_count);
}

enum status
store_used_since_day(struct store *store, int64_t *out)
{
    char text[32] = "";
    size_t len = 0;
    enum status status =
        store_fact_get(store, "used_since_day", text, sizeof(text) - 1, &len);

    if (status != STATUS_OK)
        return status;
    return number_read((struct slice){(unsigned char *)text, len}, out);
}

enum status
store_groups_of_device(struct store *store, struct slice device_uid, int64_t *out_ids,
                       size_t room, size_t *out_count)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, GROUPS_OF_DEVICE);
    enum status status = STATUS_OK;

    *out_count = 0;
    if (!text_can_be_stored(device_uid))
        return STATUS_OK;
    db_bind_text(query, 1, device_uid);
    while (*out_count < room && db_next(query, &status))
        out_ids[(*out_count)++] = row_int(&(struct row){.query = query});
    return status;
}
