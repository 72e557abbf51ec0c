/* SPDX-License-Identifier: Apache-2.0
 *
 * Upstreams in the store. The addresses of one are a single text: "host:port host:port",
 * a host with colons in brackets. */
#include "store/store_upstreams.h"

#include "base/auto.h"
#include "base/number.h"
#include "store/fold.h"
#include "store/inside.h"

#include <stdio.h>

enum {
    ADDRESS_TEXT_MAX = UPSTREAM_HOST_MAX_CHARS + 9, /* brackets, port, blank */
    ADDRESSES_TEXT_BYTES = UPSTREAM_ADDRESS_MAX_COUNT * ADDRESS_TEXT_MAX + 1,
};

static void
write_addresses(const struct upstream *upstream, char out[ADDRESSES_TEXT_BYTES])
{
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < upstream->address_count; i++) {
        const struct upstream_address *address = &upstream->addresses[i];
        bool has_colon = strchr(address->host, ':') != NULL;
        int added = snprintf(out + len, ADDRESSES_TEXT_BYTES - len, "%s%s%s%s:%u",
                             i > 0 ? " " : "", has_colon ? "[" : "", address->host,
                             has_colon ? "]" : "", address->port);
        len += added > 0 ? (size_t)added : 0;
    }
}

static bool
read_address(struct slice text, struct upstream_address *out)
{
    int64_t port = 0;
    size_t colon = text.len;

    while (colon > 0 && text.at[colon - 1] != ':')
        colon--;
    if (colon == 0 || number_read(slice_from(text, colon), &port) != STATUS_OK ||
        port < 1 || port > UINT16_MAX)
        return false;
    struct slice host = slice_head(text, colon - 1);
    if (host.len >= 2 && host.at[0] == '[' && host.at[host.len - 1] == ']')
        host = slice_from(slice_head(host, host.len - 1), 1);
    out->port = (uint16_t)port;
    return host.len > 0 && slice_to_text(host, out->host, sizeof(out->host));
}

static void
row_addresses(struct row *row, struct upstream *out)
{
    struct slice rest = db_text(row->query, row->column++);

    while (rest.len > 0) {
        struct slice one = rest;
        if (!slice_cut(&rest, ' ', &one))
            rest = (struct slice){0};
        if (out->address_count == UPSTREAM_ADDRESS_MAX_COUNT ||
            !read_address(one, &out->addresses[out->address_count])) {
            row->is_bad = true;
            return;
        }
        out->address_count++;
    }
    row->is_bad = row->is_bad || out->address_count == 0;
}

static enum status
read_upstream(struct store *store, struct db_query *query, struct upstream *out)
{
    struct row row = {.query = query};
    struct upstream upstream = {.id = row_int(&row)};

    row_text(&row, upstream.uid, sizeof(upstream.uid));
    row_text(&row, upstream.name, sizeof(upstream.name));
    row_text(&row, upstream.prefix, sizeof(upstream.prefix));
    upstream.is_tls = row_truth(&row);
    row_addresses(&row, &upstream);
    row_text(&row, upstream.base_path, sizeof(upstream.base_path));
    row_text(&row, upstream.tls_ca_file, sizeof(upstream.tls_ca_file));
    row_text(&row, upstream.tls_certificate_file, sizeof(upstream.tls_certificate_file));
    row_text(&row, upstream.tls_key_file, sizeof(upstream.tls_key_file));
    row_text(&row, upstream.tls_server_name, sizeof(upstream.tls_server_name));
    upstream.connect_timeout_ms = row_int(&row);
    upstream.first_byte_timeout_ms = row_int(&row);
    upstream.whole_timeout_ms = row_int(&row);
    upstream.is_suspended = row_truth(&row);
    upstream.created_at_s = row_int(&row);
    upstream.changed_at_s = row_int(&row);
    row_text(&row, upstream.health_path, sizeof(upstream.health_path));
    upstream.health_status = row_int(&row);
    upstream.health_interval_s = row_int(&row);
    upstream.version = row_int(&row);
    if (row.is_bad)
        return store_damaged(store, "upstream");
    *out = upstream;
    return STATUS_OK;
}

enum status
store_upstream_by_uid(struct store *store, struct slice uid, struct upstream *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, UPSTREAM_BY_UID);

    if (!text_can_be_stored(uid))
        return STATUS_NOT_FOUND;
    db_bind_text(query, 1, uid);
    enum status status = db_first(query);
    return status == STATUS_OK ? read_upstream(store, query, out) : status;
}

enum status
store_upstream_by_name(struct store *store, struct slice name, struct upstream *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, UPSTREAM_BY_NAME);
    char folded[UPSTREAM_NAME_BYTES];

    if (!text_can_be_stored(name) || !fold_case(name, folded, sizeof(folded)))
        return STATUS_NOT_FOUND;
    db_bind_text(query, 1, slice_of(folded));
    enum status status = db_first(query);
    return status == STATUS_OK ? read_upstream(store, query, out) : status;
}

enum status
store_upstream_list(struct store *store, bool (*each)(void *ctx, const struct upstream *),
                    void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, UPSTREAM_LIST);
    enum status status = STATUS_OK;

    while (db_next(query, &status)) {
        struct upstream upstream;
        status = read_upstream(store, query, &upstream);
        if (status != STATUS_OK)
            return status;
        if (!each(ctx, &upstream))
            return STATUS_OK;
    }
    return status;
}

/* Binds all columns but id and version as $1 … $20. The texts are borrowed. */
static void
bind_upstream(struct db_query *query, const struct upstream *upstream, const char *folded,
              const char *addresses)
{
    db_bind_text(query, 1, slice_of(upstream->uid));
    db_bind_text(query, 2, slice_of(upstream->name));
    db_bind_text(query, 3, slice_of(folded));
    db_bind_text(query, 4, slice_of(upstream->prefix));
    db_bind_int(query, 5, upstream->is_tls);
    db_bind_text(query, 6, slice_of(addresses));
    db_bind_text(query, 7, slice_of(upstream->base_path));
    db_bind_text(query, 8, slice_of(upstream->tls_ca_file));
    db_bind_text(query, 9, slice_of(upstream->tls_certificate_file));
    db_bind_text(query, 10, slice_of(upstream->tls_key_file));
    db_bind_text(query, 11, slice_of(upstream->tls_server_name));
    db_bind_int(query, 12, upstream->connect_timeout_ms);
    db_bind_int(query, 13, upstream->first_byte_timeout_ms);
    db_bind_int(query, 14, upstream->whole_timeout_ms);
    db_bind_int(query, 15, upstream->is_suspended);
    db_bind_int(query, 16, upstream->created_at_s);
    db_bind_int(query, 17, upstream->changed_at_s);
    db_bind_text(query, 18, slice_of(upstream->health_path));
    db_bind_int(query, 19, upstream->health_status);
    db_bind_int(query, 20, upstream->health_interval_s);
}

enum status
store_upstream_add(struct store *store, const struct upstream *upstream, int64_t *out_id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, UPSTREAM_ADD);
    char folded[UPSTREAM_NAME_BYTES];
    char addresses[ADDRESSES_TEXT_BYTES];

    if (!fold_case(slice_of(upstream->name), folded, sizeof(folded)))
        return STATUS_MALFORMED;
    write_addresses(upstream, addresses);
    bind_upstream(query, upstream, folded, addresses);
    return store_run_returning(query, out_id);
}

enum status
store_upstream_change(struct store *store, const struct upstream *upstream)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, UPSTREAM_CHANGE);
    char folded[UPSTREAM_NAME_BYTES];
    char addresses[ADDRESSES_TEXT_BYTES];
    int64_t version = 0;

    if (!fold_case(slice_of(upstream->name), folded, sizeof(folded)))
        return STATUS_MALFORMED;
    write_addresses(upstream, addresses);
    bind_upstream(query, upstream, folded, addresses);
    db_bind_int(query, 21, upstream->id);
    db_bind_int(query, 22, upstream->version);
    return store_run_returning(query, &version);
}

enum status
store_upstream_remove(struct store *store, int64_t id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, UPSTREAM_REMOVE);

    db_bind_int(query, 1, id);
    return store_run_returning(query, &id);
}

enum status
store_upstream_description(struct store *store, int64_t id, struct arena *arena,
                           struct slice *out_document, struct slice *out_overlay)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, UPSTREAM_DESCRIPTION);

    db_bind_int(query, 1, id);
    enum status status = db_first(query);
    if (status != STATUS_OK)
        return status;
    *out_document = arena_copy(arena, db_blob(query, 0));
    *out_overlay = arena_copy(arena, db_blob(query, 1));
    return STATUS_OK;
}

enum status
store_upstream_description_set(struct store *store, int64_t id, struct slice document,
                               struct slice overlay)
{
    struct db_query *query AUTO(db_query_end) =
        store_act(store, UPSTREAM_DESCRIPTION_SET);

    db_bind_int(query, 1, id);
    db_bind_blob(query, 2, document);
    db_bind_blob(query, 3, overlay);
    return db_run(query);
}
