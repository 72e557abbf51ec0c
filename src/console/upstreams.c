/* SPDX-License-Identifier: Apache-2.0
 *
 * Upstreams over the admin API. */
#include "rules/upstreams.h"

#include "base/auto.h"
#include "console/handlers.h"
#include "console/write.h"
#include "openapi/draft.h"
#include "openapi/tree.h"
#include "rules/details.h"
#include "rules/upstream_doc.h"
#include "rules/upstream_url.h"
#include "store/store_upstreams.h"

#include <stdlib.h>

enum { DRAFT_MAX_BYTES = 16 * 1024 * 1024, URL_MAX_BYTES = 1024 };

/* Answers with a tree, and takes it. */
static enum status
answer_tree(struct visit *v, int status_code, json_t *tree)
{
    json_t *owned AUTO(details_done) = tree;
    char *text = owned ? json_dumps(owned, JSON_COMPACT) : NULL;

    if (!text)
        return STATUS_BROKEN;
    struct json_writer writer = visit_json(v, status_code);
    json_write_raw(&writer, slice_of(text));
    free(text); /* jansson's own */
    return json_write_done(&writer);
}

static struct which
which_of(const struct visit *v)
{
    return v->match.parameter_count > 0 ? which_uid(v->match.parameters[0])
                                        : (struct which){0};
}

/* ---- reading ---- */

/* How it does in a word, for people and for scripts. */
static const char *
state_of(const struct upstream *upstream, bool is_known,
         const struct upstream_health *health)
{
    if (upstream->is_suspended)
        return "suspended";
    if (!is_known)
        return "unknown"; /* it is new, or its TLS files cannot be read */
    if (health->place_count == 0)
        return "unresolved";
    if (health->down_count == 0) {
        bool is_tried = health->requests > 0 || upstream->health_path[0] != '\0';
        return is_tried ? "works" : "untried";
    }
    return health->down_count < health->place_count ? "partly" : "down";
}

static const char *
read_health(const struct visit *v, const struct upstream *upstream,
            struct upstream_health *out)
{
    bool is_known = v->setup->health(v->setup->health_ctx, upstream->uid, out);

    return state_of(upstream, is_known, out);
}

struct listing {
    const struct visit *v;
    json_t *rows;
};

/* How many of its operations are in force, and how many of those nobody may call. */
static void
count_operations(const struct route_table *table, const char *uid, json_int_t *out,
                 json_int_t *out_refused)
{
    for (size_t i = 0; i < route_table_count(table); i++) {
        const struct operation *operation = route_table_at(table, i);
        if (!operation->upstream || strcmp(operation->upstream->uid, uid) != 0)
            continue;
        (*out)++;
        *out_refused += operation->need == OPERATION_CLOSED;
    }
}

static bool
add_row(void *ctx, const struct upstream *upstream)
{
    const struct listing *listing = ctx;
    struct upstream_health health = {0};
    json_int_t count = 0;
    json_int_t refused_count = 0;
    json_t *row = upstream_doc(upstream);
    json_t *more AUTO(details_done) = NULL;

    count_operations(listing->v->table, upstream->uid, &count, &refused_count);
    more = json_pack("{s:I, s:I, s:s}", "operationCount", count, "refusedCount",
                     refused_count, "state", read_health(listing->v, upstream, &health));
    json_object_update(row, more);
    json_array_append_new(listing->rows, row);
    return true;
}

enum status
upstreams_list(struct visit *v)
{
    static const char *const NAMES[] = {NULL};
    json_t *rows AUTO(details_done) = json_array();
    struct listing listing = {v, rows};
    enum status status = visit_query_names(v, NAMES);

    if (status == STATUS_OK)
        status = store_upstream_list(v->reader, add_row, &listing);
    if (status != STATUS_OK)
        return status;
    return answer_tree(v, 200,
                       json_pack("{s:O, s:n, s:I}", "data", rows, "next", "total",
                                 (json_int_t)json_array_size(rows)));
}

static json_t *
place_json(const struct upstream *upstream, const struct upstream_place *place)
{
    struct buffer url AUTO(buffer_done) = buffer_make(URL_MAX_BYTES);
    char address[IP_TEXT_MAX + 1];

    if (place->server < upstream->address_count)
        upstream_url_write(upstream, place->server, &url);
    buffer_add_byte(&url, 0);
    ip_write(&place->ip, address);
    return json_pack("{s:s, s:s, s:i, s:b, s:I, s:I}", "url", (const char *)url.at,
                     "address", address, "port", (int)place->port, "isDown",
                     place->is_down, "running", (json_int_t)place->running,
                     "failuresInARow", (json_int_t)place->failures_in_a_row);
}

enum status
upstreams_health(struct visit *v)
{
    struct upstream upstream = {0};
    struct upstream_health health = {0};
    json_t *places AUTO(details_done) = json_array();
    enum status status = upstream_find(v->reader, which_of(v), &upstream, &v->failure);

    if (status != STATUS_OK)
        return status;
    const char *state = read_health(v, &upstream, &health);
    for (size_t i = 0; i < health.place_count; i++)
        json_array_append_new(places, place_json(&upstream, &health.places[i]));
    return answer_tree(
        v, 200,
        json_pack("{s:s, s:O, s:I, s:I, s:I, s:I, s:I, s:I}", "state", state, "addresses",
                  places, "requests", (json_int_t)health.requests, "failures",
                  (json_int_t)health.failures, "retries", (json_int_t)health.retries,
                  "refused", (json_int_t)health.refused, "running",
                  (json_int_t)health.running, "connections",
                  (json_int_t)health.connections));
}

static enum status
answer_upstream(struct visit *v, int status_code, const struct upstream *upstream)
{
    struct route_source *source AUTO(route_source_drop) = NULL;
    struct description description = {0};
    enum status status =
        upstream_read_stored(v->reader, upstream, &source, &description, &v->failure);

    if (status != STATUS_OK)
        return status;
    visit_etag(v, upstream->version);
    return answer_tree(v, status_code,
                       upstream_whole_doc(upstream, source, &description));
}

enum status
upstreams_show(struct visit *v)
{
    struct upstream upstream = {0};
    enum status status = upstream_find(v->reader, which_of(v), &upstream, &v->failure);

    return status == STATUS_OK ? answer_upstream(v, 200, &upstream) : status;
}

enum status
upstreams_use(struct visit *v)
{
    struct upstream_use use;
    struct upstream upstream = {0};
    enum status status = upstream_find(v->reader, which_of(v), &upstream, &v->failure);

    if (status == STATUS_OK)
        status = upstream_use_read(v->reader, &upstream, v->now_s, &use, &v->failure);
    return status == STATUS_OK ? answer_tree(v, 200, upstream_use_doc(&use)) : status;
}

enum status
upstreams_texts(struct visit *v)
{
    struct upstream upstream = {0};
    struct slice document;
    struct slice overlay;
    enum status status = upstream_find(v->reader, which_of(v), &upstream, &v->failure);

    if (status == STATUS_OK)
        status = store_upstream_description(v->reader, upstream.id, v->arena, &document,
                                            &overlay);
    if (status != STATUS_OK)
        return status;
    struct json_writer writer = visit_json(v, 200);
    json_write_object(&writer);
    json_write_member_string(&writer, "openapi", document);
    json_write_member_string(&writer, "overlay", overlay);
    json_write_end(&writer);
    return json_write_done(&writer);
}

/* ---- what is wanted ---- */

/* A body, and the wish that it says. */
struct wanted {
    struct upstream_wish wish;
    struct slice texts[9];
    bool has[9];
    json_t *urls;
    bool has_urls;
    int64_t numbers[5];
    bool has_number[5];
    struct slice *list;
};

static void
point_at_what_is_there(struct wanted *wanted)
{
    struct upstream_wish *wish = &wanted->wish;
    const struct slice **texts[] = {
        &wish->name,         &wish->prefix,          &wish->document,
        &wish->overlay,      &wish->tls_ca_file,     &wish->tls_certificate_file,
        &wish->tls_key_file, &wish->tls_server_name, &wish->health_path};
    const int64_t **numbers[] = {&wish->connect_timeout_ms, &wish->first_byte_timeout_ms,
                                 &wish->whole_timeout_ms, &wish->health_status,
                                 &wish->health_interval_s};

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (wanted->has[i])
            *texts[i] = &wanted->texts[i];
    }
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        if (wanted->has_number[i])
            *numbers[i] = &wanted->numbers[i];
    }
    if (wanted->has_urls)
        wish->urls = wanted->list;
}

#define TEXT(place, its_name)                                              \
    {                                                                      \
        .name = (its_name), .kind = BODY_TEXT, .text = &out->texts[place], \
        .is_there = &out->has[place]                                       \
    }
#define NUMBER(place, its_name)                                               \
    {                                                                         \
        .name = (its_name), .kind = BODY_INT, .number = &out->numbers[place], \
        .is_there = &out->has_number[place]                                   \
    }

static enum status
read_wanted(struct visit *v, struct wanted *out)
{
    const struct body_member members[] = {
        TEXT(0, "name"),
        TEXT(1, "prefix"),
        TEXT(2, "openapi"),
        TEXT(3, "overlay"),
        TEXT(4, "tlsCaFile"),
        TEXT(5, "tlsCertificateFile"),
        TEXT(6, "tlsKeyFile"),
        TEXT(7, "tlsServerName"),
        TEXT(8, "healthPath"),
        {.name = "urls",
         .kind = BODY_ARRAY,
         .json = &out->urls,
         .is_there = &out->has_urls},
        NUMBER(0, "connectTimeoutMs"),
        NUMBER(1, "firstByteTimeoutMs"),
        NUMBER(2, "wholeTimeoutMs"),
        NUMBER(3, "healthStatus"),
        NUMBER(4, "healthIntervalS"),
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status == STATUS_OK && out->has_urls)
        status = read_texts(v, out->urls, "urls", UPSTREAM_ADDRESS_MAX_COUNT, &out->list,
                            &out->wish.url_count);
    point_at_what_is_there(out);
    return status;
}

/* ---- acts ---- */

static enum status
answer_check(struct visit *v, int status_code, const struct upstream_check *check)
{
    return answer_tree(v, status_code, upstream_check_doc(check));
}

enum status
upstreams_check(struct visit *v)
{
    struct upstream_check check AUTO(upstream_check_done) = {0};
    struct wanted wanted = {0};
    enum status status = read_wanted(v, &wanted);

    if (status == STATUS_OK)
        status = upstream_check(v->reader, route_table_own(v->table), which_of(v),
                                &wanted.wish, v->now_s, &check, &v->failure);
    rename_field(v, "url", "urls");
    return status == STATUS_OK ? answer_check(v, 200, &check) : status;
}

enum status
upstreams_add(struct visit *v)
{
    struct upstream_check check AUTO(upstream_check_done) = {0};
    struct wanted wanted = {0};
    enum status status = read_wanted(v, &wanted);

    if (status == STATUS_OK)
        status = upstream_add(&v->act, route_table_own(v->table), &wanted.wish, &check);
    rename_field(v, "url", "urls");
    return status == STATUS_OK ? answer_check(v, 201, &check) : status;
}

enum status
upstreams_edit(struct visit *v)
{
    struct upstream_check check AUTO(upstream_check_done) = {0};
    struct wanted wanted = {0};
    enum status status = visit_if_match(v, &wanted.wish.if_version);

    if (status == STATUS_OK)
        status = read_wanted(v, &wanted);
    if (status == STATUS_OK)
        status = upstream_change(&v->act, route_table_own(v->table), which_of(v),
                                 &wanted.wish, &check);
    rename_field(v, "url", "urls");
    return status == STATUS_OK ? answer_check(v, 200, &check) : status;
}

static enum status
set_suspended(struct visit *v, bool is_suspended)
{
    struct upstream upstream = {0};
    enum status status = upstream_suspend(&v->act, route_table_own(v->table), which_of(v),
                                          is_suspended, &upstream);

    return status == STATUS_OK ? answer_upstream(v, 200, &upstream) : status;
}

enum status
upstreams_suspend(struct visit *v)
{
    return set_suspended(v, true);
}

enum status
upstreams_resume(struct visit *v)
{
    return set_suspended(v, false);
}

enum status
upstreams_delete(struct visit *v)
{
    struct upstream upstream = {0};
    enum status status = upstream_delete(&v->act, which_of(v), &upstream);

    return status == STATUS_OK ? visit_nothing(v) : status;
}

enum status
upstreams_draft(struct visit *v)
{
    static const struct upstream NOWHERE = {0};
    struct buffer text AUTO(buffer_done) = buffer_make(DRAFT_MAX_BYTES);
    struct slice document = {0};
    struct description description = {0};
    struct draft_counts counts = {0};
    char words[DRAFT_WORDS_BYTES];
    const struct body_member members[] = {
        {.name = "openapi",
         .kind = BODY_TEXT,
         .wanted = BODY_REQUIRED,
         .text = &document},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));
    struct description_wish wish = {
        .document = document, .upstream = &NOWHERE, .may_introduce = true};

    if (status == STATUS_OK)
        status = description_read(&wish, v->arena, &description, &v->failure);
    if (status != STATUS_OK)
        return status;
    draft_write(&description, PERMISSION_MAX_COUNT, &text, &counts);
    draft_explain(&counts, words);
    if (buffer_check(&text) != STATUS_OK)
        return failure_set(&v->failure, STATUS_TOO_LARGE, "openapi",
                           "the draft would have more than %d bytes", DRAFT_MAX_BYTES);
    struct json_writer writer = visit_json(v, 200);
    json_write_object(&writer);
    json_write_member_string(&writer, "overlay", buffer_slice(&text));
    json_write_member_int(&writer, "draftedCount", (int64_t)counts.drafted_count);
    json_write_member_int(&writer, "markedCount", (int64_t)counts.marked_count);
    json_write_member_int(&writer, "readyCount", (int64_t)counts.ready_count);
    json_write_member_int(&writer, "permissionCount", (int64_t)counts.permission_count);
    json_write_member_string(&writer, "coarser", slice_of(words));
    json_write_end(&writer);
    return json_write_done(&writer);
}
