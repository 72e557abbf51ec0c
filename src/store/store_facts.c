/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts about the account, by name. */
#include "base/auto.h"
#include "store/inside.h"

enum { FACT_MAX_BYTES = 1024 };

enum status
store_fact_get(struct store *store, const char *name, char *out, size_t size,
               size_t *out_len)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, FACT_GET);

    db_bind_text(query, 1, slice_of(name));
    enum status status = db_first(query);
    if (status != STATUS_OK)
        return status;

    struct slice value = db_blob(query, 0);
    if (value.len >= size)
        return STATUS_TOO_LARGE;
    if (value.len > 0)
        memcpy(out, value.at, value.len);
    out[value.len] = '\0';
    *out_len = value.len;
    return STATUS_OK;
}

enum status
store_fact_set(struct store *store, const char *name, const void *bytes, size_t len)
{
    if (len > FACT_MAX_BYTES)
        return STATUS_TOO_LARGE;

    struct db_query *query AUTO(db_query_end) = store_act(store, FACT_SET);
    db_bind_text(query, 1, slice_of(name));
    db_bind_blob(query, 2, (struct slice){bytes, len});
    return db_run(query);
}
