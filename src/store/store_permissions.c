/* SPDX-License-Identifier: Apache-2.0
 *
 * Permissions from outside in the store. */
#include "store/store_permissions.h"

#include "base/auto.h"
#include "store/fold.h"
#include "store/inside.h"

#include <stdio.h>

static enum status
load_row(struct store *store, struct db_query *query)
{
    struct row row = {.query = query};
    struct permission_name name;
    int64_t number = row_int(&row);

    row_text(&row, name.feature, sizeof(name.feature));
    row_text(&row, name.action, sizeof(name.action));
    if (row.is_bad || number < PERMISSION_ADDED_FIRST || number >= PERMISSION_MAX_COUNT)
        return store_damaged(store, "permission");
    /* CONFLICT: a number or a name is another's */
    return permission_add((uint16_t)number, &name) == STATUS_OK
               ? STATUS_OK
               : store_damaged(store, "permission");
}

enum status
store_permission_load(struct store *store)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, PERMISSION_LIST);
    bool has_row = true;
    enum status status = STATUS_OK;

    while ((status = db_step(query, &has_row)) == STATUS_OK && has_row) {
        status = load_row(store, query);
        if (status != STATUS_OK)
            return status;
    }
    return status;
}

enum status
store_permission_add(struct store *store, const struct permission_name *name,
                     int64_t now_s, uint16_t *out_number)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, PERMISSION_ADD);
    char whole[2 * PERMISSION_NAME_MAX + 2];
    char folded[sizeof(whole) * 2];
    int64_t number = 0;

    snprintf(whole, sizeof(whole), "%s:%s", name->feature, name->action);
    if (!fold_case(slice_of(whole), folded, sizeof(folded)))
        return STATUS_MALFORMED;
    db_bind_text(query, 1, slice_of(name->feature));
    db_bind_text(query, 2, slice_of(name->action));
    db_bind_text(query, 3, slice_of(folded));
    db_bind_int(query, 4, now_s);
    enum status status = store_run_returning(query, &number);
    if (status == STATUS_BROKEN) /* the row's own CHECK: no number is left */
        return STATUS_TOO_LARGE;
    if (status == STATUS_OK)
        *out_number = (uint16_t)number;
    return status;
}
