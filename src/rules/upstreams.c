/* SPDX-License-Identifier: Apache-2.0
 *
 * Acts on upstreams: what is wanted is checked inside the act against all that is there,
 * and what was checked is what is stored. */
#include "rules/upstreams.h"

#include "base/auto.h"
#include "crypto/sha256.h"
#include "rules/authority.h"
#include "rules/details.h"
#include "rules/upstream_inside.h"
#include "rules/upstream_url.h"
#include "store/store_permissions.h"
#include "store/store_upstreams.h"

#include <stdio.h>

enum { HEX_BYTES = 2 * SHA256_BYTES + 1, URL_MAX_BYTES = 1024 };

/* ---- events ---- */

static void
write_digest(struct slice text, char out[HEX_BYTES])
{
    uint8_t digest[SHA256_BYTES];

    sha256(text, digest);
    for (size_t i = 0; i < SHA256_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

static enum status
details_upstream(struct store *store, const struct upstream *upstream, json_t **out)
{
    json_t *urls AUTO(details_done) = json_array();
    struct arena texts AUTO(arena_done) = {0};
    struct slice document;
    struct slice overlay;
    char document_hex[HEX_BYTES] = "";
    char overlay_hex[HEX_BYTES] = "";
    enum status status =
        store_upstream_description(store, upstream->id, &texts, &document, &overlay);

    if (status != STATUS_OK)
        return status;
    write_digest(document, document_hex);
    if (overlay.len > 0)
        write_digest(overlay, overlay_hex);
    for (size_t i = 0; i < upstream->address_count; i++) {
        struct buffer url AUTO(buffer_done) = buffer_make(URL_MAX_BYTES);
        upstream_url_write(upstream, i, &url);
        json_array_append_new(urls, json_stringn((const char *)url.at, url.len));
    }
    *out = json_pack(
        "{s:s, s:s, s:O, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:I, s:I,"
        " s:b, s:s, s:s}",
        "name", upstream->name, "prefix", upstream->prefix, "urls", urls, "tlsCaFile",
        upstream->tls_ca_file, "tlsCertificateFile", upstream->tls_certificate_file,
        "tlsKeyFile", upstream->tls_key_file, "tlsServerName", upstream->tls_server_name,
        "connectTimeoutMs", (json_int_t)upstream->connect_timeout_ms,
        "firstByteTimeoutMs", (json_int_t)upstream->first_byte_timeout_ms,
        "wholeTimeoutMs", (json_int_t)upstream->whole_timeout_ms, "healthPath",
        upstream->health_path, "healthStatus", (json_int_t)upstream->health_status,
        "healthIntervalS", (json_int_t)upstream->health_interval_s, "isSuspended",
        upstream->is_suspended, "openapiSha256", document_hex, "overlaySha256",
        overlay_hex);
    return *out ? STATUS_OK : STATUS_BROKEN;
}

static enum status
record_change(const struct act *act, const struct upstream *upstream, const char *action,
              json_t *before, json_t *after)
{
    struct happening what = {
        .kind = EVENT_UPSTREAM_UPDATED,
        .object_kind = "upstream",
        .object_id = upstream->uid,
        .object_name = upstream->name,
    };
    enum status status = history_add_change(act, what, action, before, after);

    if (status == STATUS_OK)
        status = store_change_add_id(act->store, CHANGE_UPSTREAM, upstream->id);
    return status;
}

/* ---- the acts ---- */

struct permission_set
upstream_asks_for(const struct description *description)
{
    struct permission_set set = {0};

    for (size_t i = 0; i < description->operation_count; i++) {
        const struct operation *operation = &description->operations[i];
        if (operation->need == OPERATION_NEEDS)
            set = permission_set_either(set, operation->permissions);
        for (size_t k = 0; k < operation->when_count; k++)
            set = permission_set_either(set, operation->whens[k].permissions);
    }
    return set;
}

/* Gives the permissions that it names, and that nobody knew, their numbers; these take
 * the place of those for now in *asked. */
static enum status
introduce(const struct act *act, const struct description *description, json_t *after,
          struct permission_set *asked)
{
    json_t *names AUTO(details_done) = json_array();
    struct permission_set numbered = {0};
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < description->introduced_count; i++) {
        const struct permission_name *name = &description->introduced[i];
        uint16_t number = PERMISSION_NONE;
        char text[2 * PERMISSION_NAME_MAX + 2];
        snprintf(text, sizeof(text), "%s:%s", name->feature, name->action);
        json_array_append_new(names, json_string(text));
        status = store_permission_add(act->store, name, act->now_ms / 1000, &number);
        if (status == STATUS_TOO_LARGE)
            return failure_set(act->failure, status, "openapi",
                               "the catalogue has no room for '%.80s'", text);
        permission_set_remove(asked, description->introduced_numbers[i]);
        permission_set_add(&numbered, number);
    }
    *asked = permission_set_either(*asked, numbered);
    if (status == STATUS_OK && description->introduced_count > 0) {
        json_object_set(after, "newPermissions", names);
        status = store_change_add(act->store, CHANGE_PERMISSION, "");
    }
    return status;
}

static enum status
refuse_clashes(const struct act *act, const struct upstream_check *check)
{
    if (check->clash_count == 0)
        return STATUS_OK;
    return failure_set(act->failure, STATUS_CONFLICT, "prefix",
                       "%zu of its operations clash with others; a prefix of its own "
                       "helps; the first: %.300s",
                       check->clash_count, check->clashes[0]);
}

static enum status
store_upstream(const struct act *act, const struct upstream_wish *wish,
               struct upstream_check *check)
{
    struct arena texts AUTO(arena_done) = {0};
    struct upstream *upstream = &check->upstream;
    struct slice document;
    struct slice overlay;
    enum status status =
        upstream_find_texts(act->store, wish, check, &texts, &document, &overlay);

    upstream->changed_at_s = act->now_ms / 1000;
    if (status == STATUS_OK)
        status = check->is_new ? store_upstream_add(act->store, upstream, &upstream->id)
                               : store_upstream_change(act->store, upstream);
    if (status == STATUS_CONFLICT)
        return failure_set(act->failure, status, "name",
                           "there is already an upstream '%.300s'", upstream->name);
    if (status == STATUS_OK && (wish->document || wish->overlay))
        status =
            store_upstream_description_set(act->store, upstream->id, document, overlay);
    if (status == STATUS_OK && !check->is_new)
        upstream->version++;
    return status;
}

/* New ones get their numbers; which it asks for is kept. */
static enum status
keep_permissions(const struct act *act, const struct upstream_check *check, json_t *after)
{
    struct permission_set asked = upstream_asks_for(&check->description);
    enum status status = introduce(act, &check->description, after, &asked);

    return status == STATUS_OK
               ? store_permission_set_of(act->store, check->upstream.id, &asked)
               : status;
}

static enum status
save_in_transaction(const struct act *act, struct route_source *own, struct which which,
                    const struct upstream_wish *wish, struct upstream_check *check)
{
    struct authority authority = {0};
    struct upstream old = {0};
    json_t *before AUTO(details_done) = NULL;
    json_t *after AUTO(details_done) = NULL;
    enum status status = authority_need(act, PERMISSION_UPSTREAMS_MANAGE, &authority);

    if (status == STATUS_OK) /* what others have introduced meanwhile */
        status = store_permission_load(act->store);
    if (status == STATUS_OK)
        status = upstream_check_make(act->store, own, which, wish, act->now_ms / 1000,
                                     check, act->failure);
    if (status == STATUS_OK)
        status = refuse_clashes(act, check);
    if (status == STATUS_OK && !check->is_new)
        status = store_upstream_by_uid(act->store, slice_of(check->upstream.uid), &old);
    if (status == STATUS_OK && !check->is_new)
        status = details_upstream(act->store, &old, &before);
    if (status == STATUS_OK && check->is_new)
        uuid_make(check->upstream.uid);
    if (status == STATUS_OK)
        status = store_upstream(act, wish, check);
    if (status == STATUS_OK)
        status = details_upstream(act->store, &check->upstream, &after);
    if (status == STATUS_OK)
        status = keep_permissions(act, check, after);
    if (status == STATUS_OK)
        status = record_change(act, &check->upstream,
                               check->is_new ? "created" : "edited", before, after);
    return status;
}

static enum status
save(const struct act *act, struct route_source *own, struct which which,
     const struct upstream_wish *wish, struct upstream_check *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct upstream_check check AUTO(upstream_check_done) = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = save_in_transaction(act, own, which, wish, &check);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status != STATUS_OK)
        return status;
    begun = NULL;
    *out = check;
    check = (struct upstream_check){0};
    return store_permission_load(act->store); /* this process knows them at once */
}

enum status
upstream_add(const struct act *act, struct route_source *own,
             const struct upstream_wish *wish, struct upstream_check *out)
{
    return save(act, own, (struct which){0}, wish, out);
}

enum status
upstream_change(const struct act *act, struct route_source *own, struct which which,
                const struct upstream_wish *wish, struct upstream_check *out)
{
    return save(act, own, which, wish, out);
}

static enum status
suspend_in_transaction(const struct act *act, struct route_source *own,
                       struct which which, bool is_suspended, struct upstream *upstream)
{
    struct authority authority = {0};
    struct upstream_check check AUTO(upstream_check_done) = {0};
    struct upstream_wish nothing = {0};
    json_t *before AUTO(details_done) = NULL;
    json_t *after AUTO(details_done) = NULL;
    enum status status = authority_need(act, PERMISSION_UPSTREAMS_MANAGE, &authority);

    if (status == STATUS_OK)
        status = upstream_find(act->store, which, upstream, act->failure);
    if (status != STATUS_OK || upstream->is_suspended == is_suspended)
        return status;
    if (!is_suspended) /* others may have taken its paths meanwhile */
        status = upstream_check_make(act->store, own, which, &nothing, act->now_ms / 1000,
                                     &check, act->failure);
    if (status == STATUS_OK)
        status = refuse_clashes(act, &check);
    if (status == STATUS_OK)
        status = details_upstream(act->store, upstream, &before);
    upstream->is_suspended = is_suspended;
    upstream->changed_at_s = act->now_ms / 1000;
    if (status == STATUS_OK)
        status = store_upstream_change(act->store, upstream);
    if (status == STATUS_OK)
        status = details_upstream(act->store, upstream, &after);
    upstream->version++;
    if (status == STATUS_OK)
        status = record_change(act, upstream, is_suspended ? "suspended" : "resumed",
                               before, after);
    return status;
}

enum status
upstream_suspend(const struct act *act, struct route_source *own, struct which which,
                 bool is_suspended, struct upstream *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct upstream upstream = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = suspend_in_transaction(act, own, which, is_suspended, &upstream);
    if (status == STATUS_OK)
        status = store_commit(begun);
    if (status == STATUS_OK)
        *out = upstream;
    return status;
}

enum status
upstream_delete(const struct act *act, struct which which, struct upstream *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct authority authority = {0};
    struct upstream upstream = {0};
    json_t *before AUTO(details_done) = NULL;
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = authority_need(act, PERMISSION_UPSTREAMS_MANAGE, &authority);
    if (status == STATUS_OK)
        status = upstream_find(act->store, which, &upstream, act->failure);
    if (status == STATUS_OK)
        status = details_upstream(act->store, &upstream, &before);
    if (status == STATUS_OK)
        status = store_upstream_remove(act->store, upstream.id);
    if (status == STATUS_OK)
        status = record_change(act, &upstream, "deleted", before, NULL);
    if (status == STATUS_OK)
        status = store_commit(begun);
    if (status == STATUS_OK)
        *out = upstream;
    return status;
}
