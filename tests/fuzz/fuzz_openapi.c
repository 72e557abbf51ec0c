/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a description and, behind a zero byte, an overlay on it. A tree that is
 * taken means the same written as JSON, and the same to the YAML half wherever that takes
 * it. An operation that is taken is found by its own path, or by whoever stands beside it
 * and says more; none is open that nobody has spoken of. A draft is an overlay that can
 * be applied, and closes nothing and opens nothing but what it was asked for. */
#include "base/auto.h"
#include "base/buffer.h"
#include "openapi/draft.h"
#include "openapi/tree.h"
#include "rules/upstream_source.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct upstream UPSTREAM = {.prefix = "/fuzz", .base_path = "/base"};

/* ---- trees ---- */

static void
check_tree(struct slice text)
{
    json_t *tree AUTO(tree_done) = NULL;
    json_t *again AUTO(tree_done) = NULL;
    json_t *yaml AUTO(tree_done) = NULL;
    struct failure failure = {0};
    enum status status = tree_read(text, &tree, &failure);

    assert(status == STATUS_OK || failure.text[0]);
    if (status != STATUS_OK || !json_is_object(tree))
        return;
    assert(tree_depth(tree) <= TREE_DEPTH_MAX);
    char *written = json_dumps(tree, 0);
    assert(written);
    status = tree_read(slice_of(written), &again, &failure);
    assert(status == STATUS_OK && json_equal(tree, again));
    status = tree_read_yaml(slice_of(written), &yaml, &failure);
    assert(status != STATUS_OK || json_equal(tree, yaml));
    free(written);
}

/* ---- operations ---- */

static void
check_operation(const struct operation *operation)
{
    assert(slice_starts(slice_of(operation->path), SLICE("/fuzz/")) ||
           strcmp(operation->path, "/fuzz") == 0);
    assert(operation->upstream && operation->id && operation->summary);
    assert((operation->need == OPERATION_NEEDS) ==
           !permission_set_is_empty(&operation->permissions));
    assert(operation->need != OPERATION_CLOSED || operation->when_count == 0 ||
           !operation->whens);
    for (size_t i = 0; operation->need != OPERATION_CLOSED && i < operation->when_count;
         i++) {
        const struct operation_when *when = &operation->whens[i];
        assert(when->kind == WHEN_QUERY || when->kind == WHEN_BODY);
        assert(when->name && !permission_set_is_empty(&when->permissions));
    }
}

static bool
is_literal(const char *path)
{
    return !strpbrk(path, "{}");
}

static void
check_source(const struct route_source *source)
{
    struct route_map *map AUTO(route_map_free) = NULL;
    struct failure failure = {0};
    enum status status =
        route_map_new(source->operations, source->operation_count, &map, &failure);

    assert(status == STATUS_OK);
    for (size_t i = 0; i < source->operation_count; i++) {
        const struct operation *operation = &source->operations[i];
        struct slice path = slice_of(operation->path);
        struct route_match match;
        char asked[4096];
        check_operation(operation);
        if (!is_literal(operation->path))
            continue;
        status = route_map_find(map, slice_of(operation->method), path, &match);
        assert(status == STATUS_OK && match.operation == operation);
        status = route_upstream_path(operation, path, asked, sizeof(asked));
        assert(status == STATUS_OK);
        assert(slice_starts(slice_of(asked), SLICE("/base/")));
    }
}

/* ---- drafts ---- */

static size_t
count_closed(const struct description *description)
{
    size_t count = 0;

    for (size_t i = 0; i < description->operation_count; i++)
        count += description->operations[i].need == OPERATION_CLOSED;
    return count;
}

/* Actions whose operation stands behind the $ref of its path. */
static size_t
count_missed(const struct description *description)
{
    size_t count = 0;

    for (size_t i = 0; i < description->note_count; i++)
        count += strstr(description->notes[i].words, "selects nothing") != NULL;
    return count;
}

static void
check_draft(struct slice document)
{
    static const struct upstream NOBODY = {.prefix = ""};
    struct arena arena AUTO(arena_done) = {0};
    struct buffer draft AUTO(buffer_done) = buffer_make(TREE_TEXT_MAX_BYTES);
    struct description_wish wish = {
        .document = document, .upstream = &NOBODY, .may_introduce = true};
    struct description before;
    struct description after;
    struct draft_counts counts;
    struct failure failure = {0};

    if (description_read(&wish, &arena, &before, &failure) != STATUS_OK)
        return;
    draft_write(&before, &draft, &counts);
    assert(counts.marked_count <= counts.drafted_count);
    assert(counts.drafted_count <= count_closed(&before));
    wish.overlay = buffer_slice(&draft);
    enum status status = description_read(&wish, &arena, &after, &failure);
    if (status != STATUS_OK) { /* what a draft cannot know */
        assert(strstr(failure.text, "no room") || strstr(failure.text, "$ref"));
        return;
    }
    assert(after.operation_count == before.operation_count);
    assert(count_closed(&after) + counts.drafted_count <=
           count_closed(&before) + count_missed(&after));
    for (size_t i = 0; i < after.operation_count; i++) {
        assert(strcmp(after.operations[i].path, before.operations[i].path) == 0);
        if (before.operations[i].need != OPERATION_CLOSED)
            assert(after.operations[i].need == before.operations[i].need);
        else
            assert(after.operations[i].need != OPERATION_OPEN_TO_ALL);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice overlay = {data, size};
    struct slice document = overlay;
    struct route_source *source AUTO(route_source_drop) = NULL;
    struct description description;
    struct failure failure = {0};

    if (!slice_cut(&overlay, 0, &document))
        overlay = (struct slice){0};
    check_tree(document);
    check_tree(overlay);
    check_draft(document);
    enum status status = upstream_source_read(&UPSTREAM, document, overlay, true, &source,
                                              &description, &failure);
    assert(status == STATUS_OK || failure.text[0]);
    if (status == STATUS_OK)
        check_source(source);
    return 0;
}
