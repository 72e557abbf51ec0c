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
    enum status status = STATUS_OK;

    while (db_next(query, &status)) {
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

/* ---- which are asked for ---- */

static enum status
run_of(struct store *store, enum statement statement, int64_t upstream_id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, statement);

    db_bind_int(query, 1, upstream_id);
    return db_run(query);
}

enum status
store_permission_set_of(struct store *store, int64_t upstream_id,
                        const struct permission_set *asked_for)
{
    enum status status = run_of(store, UPSTREAM_PERMISSIONS_CLEAR, upstream_id);
    struct db_query *query AUTO(db_query_end) = store_act(store, UPSTREAM_PERMISSION_ADD);

    for (unsigned number = PERMISSION_ADDED_FIRST;
         status == STATUS_OK && number < PERMISSION_MAX_COUNT; number++) {
        if (!permission_set_has(asked_for, (uint16_t)number))
            continue;
        db_bind_int(query, 1, upstream_id);
        db_bind_int(query, 2, number);
        status = db_run(query);
    }
    return status == STATUS_OK ? run_of(store, UPSTREAM_HAS_PERMISSIONS, upstream_id)
                               : status;
}

static enum status
count_unknown(struct store *store, int64_t *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, UPSTREAM_COUNT_UNKNOWN);

    return db_first_int(query, out);
}

static enum status
read_used(struct store *store, struct permission_set *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, PERMISSION_USED);
    enum status status = STATUS_OK;

    while (db_next(query, &status)) {
        int64_t number = db_int(query, 0);
        if (number < PERMISSION_ADDED_FIRST || number >= PERMISSION_MAX_COUNT)
            return store_damaged(store, "upstream_permission");
        permission_set_add(out, (uint16_t)number);
    }
    return status;
}

enum status
store_permission_unused(struct store *store, struct permission_set *out)
{
    struct permission_set used = {0};
    struct permission_set unused = {0};
    int64_t unknown_count = 0;
    enum status status = count_unknown(store, &unknown_count);

    if (status == STATUS_OK)
        status = read_used(store, &used);
    if (status != STATUS_OK)
        return status;
    permission_set_imply(&used);
    for (size_t i = 0; unknown_count == 0 && i < permission_count(); i++) {
        uint16_t number = permission_at(i)->number;
        if (number >= PERMISSION_ADDED_FIRST && !permission_set_has(&used, number))
            permission_set_add(&unused, number);
    }
    *out = unused;
    return STATUS_OK;
}
