/* SPDX-License-Identifier: Apache-2.0
 *
 * What somebody wants of an upstream, held against all that is there. Nothing is changed
 * here. */
#include "rules/upstream_inside.h"

#include "base/auto.h"
#include "rules/upstream_url.h"
#include "rules/words.h"
#include "store/store_upstreams.h"

#include <stdio.h>

enum {
    CLASH_MAX_COUNT = 100,
    OTHER_MAX_COUNT = 256,
    CONNECT_TIMEOUT_MS = 5 * 1000,
    FIRST_BYTE_TIMEOUT_MS = 60 * 1000,
    HEALTH_STATUS = 200,
    HEALTH_INTERVAL_S = 5,
    HEALTH_INTERVAL_MAX_S = 3600,
};

static const struct words_rule NAME = {"name", "the name of an upstream", 1,
                                       NAME_MAX_CHARS, false};

void
upstream_check_done(struct upstream_check *check)
{
    route_source_drop(&check->source);
    arena_done(&check->arena);
    *check = (struct upstream_check){0};
}

enum status
upstream_find(struct store *store, struct which which, struct upstream *out,
              struct failure *failure)
{
    struct slice name = slice_trim(which.name);
    enum status status = which.uid.len > 0 ? store_upstream_by_uid(store, which.uid, out)
                                           : store_upstream_by_name(store, name, out);

    if (status == STATUS_NOT_FOUND && which.uid.len > 0)
        return failure_set(failure, status, "id", "there is no such upstream");
    if (status == STATUS_NOT_FOUND)
        return failure_set(failure, status, "name", "there is no upstream '%.*s'",
                           WORDS_SHORT(name));
    return status;
}

enum status
upstream_read_stored(struct store *store, const struct upstream *upstream,
                     struct route_source **out, struct description *out_description,
                     struct failure *failure)
{
    struct arena texts AUTO(arena_done) = {0};
    struct slice document;
    struct slice overlay;
    enum status status =
        store_upstream_description(store, upstream->id, &texts, &document, &overlay);

    if (status != STATUS_OK)
        return status;
    return upstream_source_read(upstream, document, overlay, true, out, out_description,
                                failure);
}

/* ---- what is wanted ---- */

static enum status
read_timeout(const int64_t *wanted, const char *field, int64_t least, int64_t *out,
             struct failure *failure)
{
    if (!wanted)
        return STATUS_OK;
    if (*wanted < least || *wanted > UPSTREAM_TIMEOUT_MAX_MS)
        return failure_set(failure, STATUS_MALFORMED, field,
                           "%s is %lld ms; wanted are %lld to %d", field,
                           (long long)*wanted, (long long)least, UPSTREAM_TIMEOUT_MAX_MS);
    *out = *wanted;
    return STATUS_OK;
}

static enum status
read_file_name(const struct slice *wanted, const char *field, char *out, size_t size,
               struct failure *failure)
{
    if (!wanted)
        return STATUS_OK;

    struct slice text = slice_trim(*wanted);
    bool is_file = size > UPSTREAM_HOST_MAX_CHARS + 1;
    if (is_file && text.len > 0 && text.at[0] != '/')
        return failure_set(failure, STATUS_MALFORMED, field,
                           "'%.*s' must be the whole name of a file, from '/' on: the "
                           "server reads it",
                           WORDS_SHORT(text));
    if (memchr(text.at ? text.at : (const unsigned char *)"", 0, text.len) ||
        !slice_to_text(text, out, size))
        return failure_set(failure, STATUS_MALFORMED, field, "%s is too long", field);
    return STATUS_OK;
}

static enum status
read_tls(const struct upstream_wish *wish, struct upstream *out, struct failure *failure)
{
    enum status status = read_file_name(wish->tls_ca_file, "tlsCaFile", out->tls_ca_file,
                                        sizeof(out->tls_ca_file), failure);

    if (status == STATUS_OK)
        status = read_file_name(wish->tls_certificate_file, "tlsCertificateFile",
                                out->tls_certificate_file,
                                sizeof(out->tls_certificate_file), failure);
    if (status == STATUS_OK)
        status = read_file_name(wish->tls_key_file, "tlsKeyFile", out->tls_key_file,
                                sizeof(out->tls_key_file), failure);
    if (status == STATUS_OK)
        status =
            read_file_name(wish->tls_server_name, "tlsServerName", out->tls_server_name,
                           sizeof(out->tls_server_name), failure);
    if (status == STATUS_OK && !out->tls_certificate_file[0] != !out->tls_key_file[0])
        return failure_set(failure, STATUS_MALFORMED, "tlsCertificateFile",
                           "a certificate and its key go together");
    return status;
}

static enum status
read_timeouts(const struct upstream_wish *wish, struct upstream *out,
              struct failure *failure)
{
    enum status status = read_timeout(wish->connect_timeout_ms, "connectTimeoutMs", 1,
                                      &out->connect_timeout_ms, failure);

    if (status == STATUS_OK)
        status = read_timeout(wish->first_byte_timeout_ms, "firstByteTimeoutMs", 1,
                              &out->first_byte_timeout_ms, failure);
    if (status == STATUS_OK)
        status = read_timeout(wish->whole_timeout_ms, "wholeTimeoutMs", 0,
                              &out->whole_timeout_ms, failure);
    return status;
}

static enum status
read_health_path(const struct slice *wanted, char out[UPSTREAM_PATH_MAX_CHARS + 1],
                 struct failure *failure)
{
    struct slice text = wanted ? slice_trim(*wanted) : (struct slice){0};
    bool is_good = text.len == 0 || text.at[0] == '/';

    if (!wanted)
        return STATUS_OK;
    for (size_t i = 0; i < text.len; i++)
        is_good = is_good && text.at[i] > 0x20 && text.at[i] < 0x7f && text.at[i] != '#';
    if (is_good && slice_to_text(text, out, UPSTREAM_PATH_MAX_CHARS + 1))
        return STATUS_OK;
    return failure_set(failure, STATUS_MALFORMED, "healthPath",
                       "'%.*s' cannot be asked for; wanted is a path as '/healthz' of at "
                       "most %d characters, or nothing",
                       WORDS_SHORT(text), UPSTREAM_PATH_MAX_CHARS);
}

static enum status
read_number(const int64_t *wanted, const char *field, int64_t least, int64_t most,
            int64_t *out, struct failure *failure)
{
    if (!wanted)
        return STATUS_OK;
    if (*wanted < least || *wanted > most)
        return failure_set(failure, STATUS_MALFORMED, field,
                           "%s is %lld; wanted are %lld to %lld", field,
                           (long long)*wanted, (long long)least, (long long)most);
    *out = *wanted;
    return STATUS_OK;
}

static enum status
read_health(const struct upstream_wish *wish, struct upstream *out,
            struct failure *failure)
{
    enum status status = read_health_path(wish->health_path, out->health_path, failure);

    if (status == STATUS_OK)
        status = read_number(wish->health_status, "healthStatus", 200, 599,
                             &out->health_status, failure);
    if (status == STATUS_OK)
        status = read_number(wish->health_interval_s, "healthIntervalS", 1,
                             HEALTH_INTERVAL_MAX_S, &out->health_interval_s, failure);
    return status;
}

/* What the description itself says of paths, where nobody has said anything. */
struct unsaid {
    bool is_prefix, is_base;
};

static enum status
read_wish(const struct upstream_wish *wish, bool is_new, struct upstream *out,
          struct unsaid *out_unsaid, struct failure *failure)
{
    bool has_path = false;
    enum status status = STATUS_OK;

    if (wish->name || is_new)
        status = words_read(&NAME, wish->name ? *wish->name : (struct slice){0},
                            out->name, sizeof(out->name), failure);
    if (status == STATUS_OK && (wish->urls || is_new))
        status = upstream_url_read(wish->urls, wish->url_count, out, &has_path, failure);
    if (status == STATUS_OK && wish->prefix)
        status = upstream_prefix_read(*wish->prefix, out->prefix, failure);
    if (status == STATUS_OK)
        status = read_tls(wish, out, failure);
    if (status == STATUS_OK)
        status = read_timeouts(wish, out, failure);
    if (status == STATUS_OK)
        status = read_health(wish, out, failure);
    if (status == STATUS_OK && is_new && !wish->document)
        return failure_set(failure, STATUS_MALFORMED, "openapi",
                           "an OpenAPI description is wanted");
    out_unsaid->is_prefix = is_new && !wish->prefix;
    out_unsaid->is_base = (wish->urls || is_new) && !has_path;
    return status;
}

/* ---- clashes ---- */

struct clashing {
    struct store *store;
    const struct upstream *own;                    /* the one that is checked */
    struct route_map *map;                         /* of all others; owned */
    struct route_source *sources[OTHER_MAX_COUNT]; /* of the others; held */
    size_t source_count;
    enum status status;
};

static void
clashing_done(struct clashing *clashing)
{
    route_map_free(&clashing->map);
    for (size_t i = 0; i < clashing->source_count; i++)
        route_source_drop(&clashing->sources[i]);
}

static void
add_all(struct clashing *clashing, const struct route_source *source)
{
    for (size_t i = 0; i < source->operation_count; i++) {
        const struct operation *rival = NULL;
        struct failure failure;
        enum status status =
            route_map_add_one(clashing->map, &source->operations[i], &rival, &failure);
        (void)status; /* it clashes with yet another: told when that was checked */
    }
}

static bool
take_other(void *ctx, const struct upstream *upstream)
{
    struct clashing *clashing = ctx;
    struct route_source *source = NULL;
    struct failure failure = {0};

    if (upstream->id == clashing->own->id ||
        clashing->source_count == COUNT_OF(clashing->sources))
        return true;
    /* a suspended one may be resumed: its paths are taken */
    clashing->status =
        upstream_read_stored(clashing->store, upstream, &source, NULL, &failure);
    if (clashing->status == STATUS_MALFORMED || clashing->status == STATUS_NOT_FOUND)
        clashing->status = STATUS_OK;
    if (source) {
        add_all(clashing, source);
        clashing->sources[clashing->source_count++] = source;
    }
    return clashing->status == STATUS_OK;
}

static void
add_clash(struct upstream_check *check, const char **clashes, const char *words)
{
    if (check->clash_count < CLASH_MAX_COUNT)
        clashes[check->clash_count++] = arena_text(&check->arena, slice_of(words));
}

static void
find_clashes(struct clashing *clashing, struct upstream_check *check)
{
    const char **clashes =
        arena_new(&check->arena, (CLASH_MAX_COUNT + 1) * sizeof(clashes[0]));

    check->clashes = clashes;
    for (size_t i = 0; i < check->source->operation_count; i++) {
        const struct operation *operation = &check->source->operations[i];
        const char *ours = upstream_path_is_ours(operation->path);
        const struct operation *rival = NULL;
        struct failure failure = {0};
        char words[FAILURE_TEXT_MAX];
        if (ours) {
            snprintf(words, sizeof(words), "%s %.300s: the house itself answers below %s",
                     operation->method, operation->path, ours);
            add_clash(check, clashes, words);
            continue;
        }
        enum status status =
            route_map_add_one(clashing->map, operation, &rival, &failure);
        if (status == STATUS_OK)
            continue;
        snprintf(words, sizeof(words), "%.300s (of %.120s)", failure.text,
                 !rival            ? "another upstream"
                 : rival->upstream ? rival->upstream->name
                                   : "our own API");
        add_clash(check, clashes, words);
    }
}

static enum status
check_clashes(struct store *store, struct route_source *own, struct upstream_check *check)
{
    struct clashing clashing AUTO(clashing_done) = {
        .store = store, .own = &check->upstream, .map = route_map_empty()};

    if (own)
        add_all(&clashing, own);
    enum status status = store_upstream_list(store, take_other, &clashing);
    if (status == STATUS_OK)
        status = clashing.status;
    if (status == STATUS_OK)
        find_clashes(&clashing, check);
    return status;
}

/* ---- checking ---- */

static enum status
fill_unsaid(struct unsaid unsaid, struct upstream_check *check, struct failure *failure)
{
    const char *base = check->description.server_base;

    if (!base)
        return failure_set(failure, STATUS_MALFORMED, unsaid.is_prefix ? "prefix" : "url",
                           "%s; %s is wanted", check->description.server_words,
                           unsaid.is_prefix ? "a prefix" : "a URL with a path");
    if (strlen(base) > UPSTREAM_PATH_MAX_CHARS)
        return failure_set(failure, STATUS_MALFORMED, "prefix",
                           "the path of the description's server is too long");
    if (unsaid.is_prefix)
        return upstream_prefix_read(slice_of(base), check->upstream.prefix, failure);
    return upstream_prefix_read(slice_of(base), check->upstream.base_path, failure);
}

static enum status
read_source(struct slice document, struct slice overlay, struct unsaid unsaid,
            struct upstream_check *check, struct failure *failure)
{
    enum status status =
        upstream_source_read(&check->upstream, document, overlay, true, &check->source,
                             &check->description, failure);
    struct unsaid prefix = {.is_prefix = true};
    struct unsaid base = {.is_base = true};

    if (status == STATUS_OK && unsaid.is_base)
        status = fill_unsaid(base, check, failure);
    if (status == STATUS_OK && unsaid.is_prefix)
        status = fill_unsaid(prefix, check, failure);
    if (status != STATUS_OK || (!unsaid.is_prefix && !unsaid.is_base))
        return status;
    route_source_drop(&check->source); /* again, below that prefix */
    return upstream_source_read(&check->upstream, document, overlay, true, &check->source,
                                &check->description, failure);
}

/* The texts that count: those that are wanted, or those that the store has. */
enum status
upstream_find_texts(struct store *store, const struct upstream_wish *wish,
                    const struct upstream_check *check, struct arena *arena,
                    struct slice *out_document, struct slice *out_overlay)
{
    enum status status = STATUS_OK;

    *out_document = *out_overlay = (struct slice){0};
    if (!check->is_new)
        status = store_upstream_description(store, check->upstream.id, arena,
                                            out_document, out_overlay);
    if (wish->document)
        *out_document = *wish->document;
    if (wish->overlay)
        *out_overlay = *wish->overlay;
    return status;
}

static enum status
check_against_store(struct store *store, struct route_source *own,
                    const struct upstream *before, struct upstream_check *check,
                    int64_t now_s, struct failure *failure)
{
    struct route_source *old AUTO(route_source_drop) = NULL;
    struct failure ignored = {0};
    enum status status = check_clashes(store, own, check);

    if (status == STATUS_OK && !check->is_new && !before->is_suspended)
        status = upstream_read_stored(store, before, &old, NULL, &ignored);
    if (status == STATUS_MALFORMED)
        status = STATUS_OK; /* what cannot be read any more let nobody in */
    for (size_t i = 0; i < check->source->operation_count; i++)
        check->closed_count += check->source->operations[i].need == OPERATION_CLOSED;
    if (status == STATUS_OK)
        status = upstream_diff_make(
            store, old, check->upstream.is_suspended ? NULL : check->source,
            &check->description, now_s, &check->arena, &check->diff);
    if (status == STATUS_OK && check->source->operation_count == 0)
        return failure_set(
            failure, STATUS_MALFORMED, "openapi",
            "there is no operation in it that can be taken%s%.200s",
            check->description.note_count > 0 ? "; for one: " : "",
            check->description.note_count > 0 ? check->description.notes[0].words : "");
    return status;
}

static struct upstream
usual_upstream(int64_t now_s)
{
    return (struct upstream){
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .first_byte_timeout_ms = FIRST_BYTE_TIMEOUT_MS,
        .health_status = HEALTH_STATUS,
        .health_interval_s = HEALTH_INTERVAL_S,
        .created_at_s = now_s,
        .changed_at_s = now_s,
        .version = 1,
    };
}

enum status
upstream_check_make(struct store *store, struct route_source *own, struct which which,
                    const struct upstream_wish *wish, int64_t now_s,
                    struct upstream_check *check, struct failure *failure)
{
    struct arena texts AUTO(arena_done) = {0};
    struct slice document;
    struct slice overlay;
    struct unsaid unsaid = {0};
    struct upstream before = {0};
    enum status status = STATUS_OK;

    check->is_new = which.uid.len == 0 && which.name.len == 0;
    check->upstream = usual_upstream(now_s);
    if (!check->is_new)
        status = upstream_find(store, which, &check->upstream, failure);
    if (status == STATUS_OK && wish->if_version != 0 &&
        wish->if_version != check->upstream.version)
        return failure_set(failure, STATUS_CONFLICT, "version",
                           "the upstream has been changed meanwhile; read it again");
    before = check->upstream;
    if (status == STATUS_OK)
        status = read_wish(wish, check->is_new, &check->upstream, &unsaid, failure);
    if (status == STATUS_OK)
        status = upstream_find_texts(store, wish, check, &texts, &document, &overlay);
    if (status == STATUS_OK)
        status = read_source(document, overlay, unsaid, check, failure);
    if (status == STATUS_OK)
        status = check_against_store(store, own, &before, check, now_s, failure);
    return status;
}

enum status
upstream_check(struct store *store, struct route_source *own, struct which which,
               const struct upstream_wish *wish, int64_t now_s,
               struct upstream_check *out, struct failure *failure)
{
    struct upstream_check check AUTO(upstream_check_done) = {0};
    enum status status =
        upstream_check_make(store, own, which, wish, now_s, &check, failure);

    if (status == STATUS_OK) {
        *out = check;
        check = (struct upstream_check){0};
    }
    return status;
}
