/* SPDX-License-Identifier: Apache-2.0
 *
 * The route table of the house: our own operations and those of all active upstreams,
 * read from their descriptions. Made anew when the change feed tells of an upstream, on a
 * housekeeper's thread of its own: a large description takes a while to read. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/log.h"
#include "base/mem.h"
#include "openapi/openapi_read.h"
#include "rules/upstream_source.h"
#include "store/store_permissions.h"
#include "store/store_upstreams.h"

/* Sources for a new table, our own first. */
struct gathering {
    struct house *house;
    struct store *store;
    struct route_source **sources; /* held; owned */
    size_t count;
};

/* A table that was replaced, until nobody can be looking at it. */
struct gone_table {
    struct keyring_retired retired; /* first */
    const struct route_table *table;
};

static void
drop_sources(struct route_source ***sources, size_t count)
{
    for (size_t i = 0; i < count; i++)
        route_source_drop(&(*sources)[i]);
    mem_free(sources);
}

static void
gathering_done(struct gathering *gathering)
{
    drop_sources(&gathering->sources, gathering->count);
}

static void
gather(struct gathering *gathering, struct route_source *source)
{
    gathering->sources = mem_resize(
        gathering->sources, (gathering->count + 1) * sizeof(gathering->sources[0]));
    gathering->sources[gathering->count++] = source;
}

static enum status
read_own(struct house *house, struct route_source **out)
{
    struct route_source *source AUTO(route_source_drop) = route_source_new();
    enum status status =
        openapi_read(api_openapi_document(), NULL, &source->arena, &source->operations,
                     &source->operation_count, house->failure);

    if (status == STATUS_OK)
        *out = TAKE(source);
    return status;
}

/* What we have read of this upstream already, as it still is; NULL: nothing. */
static struct route_source *
find_read(const struct house_routes *routes, const struct upstream *upstream)
{
    for (size_t i = 0; i < routes->source_count; i++) {
        const struct upstream *read = routes->sources[i]->upstream;
        if (read && read->id == upstream->id && read->version == upstream->version)
            return routes->sources[i];
    }
    return NULL;
}

static void
tell_left_out(const struct upstream *upstream, const struct failure *failure)
{
    log_event(LOG_ERROR, "upstream left out",
              LOG_TEXT("upstream", slice_of(upstream->name)),
              LOG_TEXT("why", slice_of(failure->text)));
}

static enum status
read_upstream(struct store *store, const struct upstream *upstream,
              struct route_source **out)
{
    struct arena texts AUTO(arena_done) = {0};
    struct slice document;
    struct slice overlay;
    struct failure failure = {0};
    enum status status =
        store_upstream_description(store, upstream->id, &texts, &document, &overlay);

    if (status == STATUS_OK)
        status =
            upstream_source_read(upstream, document, overlay, false, out, NULL, &failure);
    if (status == STATUS_MALFORMED)
        /* it was good when it was taken; its callers get 404, the others what is theirs
         */
        tell_left_out(upstream, &failure);
    return status;
}

struct listing {
    struct upstream *upstreams;
    size_t count;
};

static bool
take_active(void *ctx, const struct upstream *upstream)
{
    struct listing *listing = ctx;

    if (upstream->is_suspended)
        return true;
    listing->upstreams = mem_resize(listing->upstreams,
                                    (listing->count + 1) * sizeof(listing->upstreams[0]));
    listing->upstreams[listing->count++] = *upstream;
    return true;
}

static void
listing_done(struct listing *listing)
{
    mem_free(&listing->upstreams);
}

static enum status
gather_all(struct gathering *gathering)
{
    struct house_routes *routes = &gathering->house->routes;
    struct listing listing AUTO(listing_done) = {0};
    enum status status = store_upstream_list(gathering->store, take_active, &listing);

    gather(gathering, route_source_hold(routes->own));
    for (size_t i = 0; status == STATUS_OK && i < listing.count; i++) {
        struct route_source *source = find_read(routes, &listing.upstreams[i]);
        if (source)
            route_source_hold(source);
        else
            status = read_upstream(gathering->store, &listing.upstreams[i], &source);
        if (source)
            gather(gathering, source);
        if (status == STATUS_MALFORMED || status == STATUS_NOT_FOUND)
            status = STATUS_OK; /* left out, or gone a moment ago */
    }
    return status;
}

/* Makes a table of what can stand in one. An upstream whose operations clash with those
 * before it was taken when they did not yet do so; it is left out. */
static struct route_table *
make_table(struct gathering *gathering)
{
    struct route_table *table = NULL;
    struct failure failure = {0};

    for (size_t count = 1; count <= gathering->count; count++) {
        const struct route_table *smaller = table;
        struct route_source *last = gathering->sources[count - 1];
        if (route_table_new(gathering->sources, count, &table, &failure) == STATUS_OK) {
            route_table_drop(&smaller);
            continue;
        }
        if (!last->upstream)
            return NULL; /* our own: a test walks them */
        tell_left_out(last->upstream, &failure);
        route_source_drop(&last);
        gathering->count--;
        for (size_t i = count - 1; i < gathering->count; i++)
            gathering->sources[i] = gathering->sources[i + 1];
        count--;
    }
    return table;
}

static void
free_gone(struct keyring_retired *retired)
{
    struct gone_table *gone = (struct gone_table *)retired;

    route_table_drop(&gone->table);
    mem_free(&gone);
}

static void
retire(struct house *house, const struct route_table *table)
{
    struct gone_table *gone;

    if (!table)
        return;
    gone = mem_new(sizeof(*gone));
    gone->retired.free = free_gone;
    gone->table = table;
    keyring_retire(house->keyring, &gone->retired);
}

/* Reads what has changed and puts a new table in force. */
static enum status
renew(struct house *house, struct store *store)
{
    struct house_routes *routes = &house->routes;
    struct gathering gathering AUTO(gathering_done) = {.house = house, .store = store};
    /* a description may be newer than what the keyring has told the catalogue */
    enum status status = store_permission_load(store);

    if (status == STATUS_OK)
        status = gather_all(&gathering);
    if (status != STATUS_OK)
        return status;
    struct route_table *table = make_table(&gathering);
    if (!table)
        return STATUS_BROKEN;
    origin_stage_renew(house, gathering.sources, gathering.count);
    retire(house, routes_put(routes->published, table));

    drop_sources(&routes->sources, routes->source_count);
    routes->sources = TAKE(gathering.sources);
    routes->source_count = gathering.count;
    gathering.count = 0;
    return STATUS_OK;
}

enum status
route_stage_follow(struct house *house)
{
    uint64_t serial = keyring_upstream_serial(house->keyring);

    if (serial == house->routes.seen_serial)
        return STATUS_OK;
    enum status status = renew(house, house->routes.reader);
    if (status == STATUS_OK)
        house->routes.seen_serial = serial; /* taken first: what came since is seen */
    return status;
}

/* ---- the stage ---- */

enum status
route_stage_open(struct house *house)
{
    struct house_routes *routes = &house->routes;
    enum status status = read_own(house, &routes->own);

    if (status == STATUS_OK)
        status =
            store_open(house->config->data, STORE_READ, &routes->reader, house->failure);
    routes->published = routes_new();
    if (status == STATUS_OK)
        status = renew(house, house->store);
    if (status != STATUS_OK)
        route_stage_close(house);
    if (status != STATUS_OK && !house->failure->text[0])
        return failure_set(house->failure, status, NULL,
                           "the upstreams could not be read: %s", status_text(status));
    return status;
}

void
route_stage_close(struct house *house)
{
    struct house_routes *routes = &house->routes;

    origin_stage_forget(house);
    drop_sources(&routes->sources, routes->source_count);
    routes_free(&routes->published);
    route_source_drop(&routes->own);
    store_close(&routes->reader);
    *routes = (struct house_routes){0};
}
