/* SPDX-License-Identifier: Apache-2.0
 *
 * Custom device fields: their definitions. */
#include "store/store_field_definitions.h"

#include "base/auto.h"
#include "base/buffer.h"
#include "store/inside.h"
#include "store/store_device_fields.h"

#include <assert.h>

static const char LIST[] = "SELECT id, uid, key, name, category, type, dropdowns"
                           " FROM field_definition ORDER BY name_folded";
static const char ADD[] = "INSERT INTO field_definition"
                          " (uid, key, name, name_folded, category, type, dropdowns)"
                          " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";

enum { NAME_MAX_BYTES = 1024 };

enum status
store_field_definition_list(struct store *store,
                            bool (*each)(void *ctx, const struct field_definition *),
                            void *ctx)
{
    struct db_query *query AUTO(db_query_end) = db_ask(store->db, LIST);
    enum status status = STATUS_OK;

    while (db_next(query, &status)) {
        struct field_definition definition = {.id = db_int(query, 0),
                                              .uid = db_text(query, 1),
                                              .key = db_text(query, 2),
                                              .name = db_text(query, 3),
                                              .category = db_text(query, 4),
                                              .type = db_text(query, 5),
                                              .dropdowns = db_text(query, 6)};
        if (!each(ctx, &definition))
            return STATUS_OK;
    }
    return status;
}

enum status
store_field_definition_add(struct store *store, const struct field_definition *definition,
                           int64_t *out_id)
{
    struct buffer folded AUTO(buffer_done) = buffer_make(NAME_MAX_BYTES);
    enum status status = device_field_fold(FIELD_TEXT, definition->name, &folded);

    assert(db_is_begun(store->db));
    if (status != STATUS_OK)
        return status;
    struct db_query *query AUTO(db_query_end) = db_ask(store->db, ADD);
    db_bind_text(query, 1, definition->uid);
    db_bind_text(query, 2, definition->key);
    db_bind_text(query, 3, definition->name);
    db_bind_text(query, 4, buffer_slice(&folded));
    db_bind_text(query, 5, definition->category);
    db_bind_text(query, 6, definition->type);
    db_bind_text(query, 7, definition->dropdowns);
    return store_run_returning(query, out_id);
}
