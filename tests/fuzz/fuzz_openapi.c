/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a description and, behind a zero byte, an overlay on it. A tree that is
 * taken means the same written as JSON, and the same to the YAML half wherever that takes
 * it. An operation that is taken is found by its own path, or by whoever stands beside it
 * and says more; none is open that nobody has spoken of. A draft is an overlay that can
 * be applied, and closes nothing and opens nothing but what it was asked for. */
#include "fuzz.h"

#include "base/auto.h"
#include "base/buffer.h"
#include "openapi/draft.h"
#include "openapi/tree.h"
#include "rules/upstream_source.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "../support/tree_json.h"

static const struct upstream UPSTREAM = {.prefix = "/fuzz", .base_path = "/base"};

/* ---- trees ---- */

static size_t
depth_of(json_t *value)
{
    size_t most = 0;
    const char *key = NULL;
    json_t *member = NULL;
    size_t i = 0;

    if (!json_is_object(value) && !json_is_array(value))
        return 0;
    json_object_foreach(value, key, member)
    {
        size_t depth = depth_of(member);
        most = depth > most ? depth : most;
    }
    json_array_foreach(value, i, member)
    {
        size_t depth = depth_of(member);
        most = depth > most ? depth : most;
    }
    return most + 1;
}

/* What begins as JSON is read as jansson reads it, or refused as it refuses it. */
static void
check_json(struct slice text, const struct tree *tree, enum status status)
{
    bool has_zero =
        text.len > 0 && memchr(text.at, 0, text.len); /* it passes over some */

    if (slice_starts(text, SLICE("\xEF\xBB\xBF")))
        text = slice_from(text, 3);
    text = slice_trim(text);
    if (text.len == 0 || text.at[0] != '{' || has_zero)
        return;
    json_t *theirs = json_loadb((const char *)text.at, text.len,
                                JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, NULL);
    if (status == STATUS_OK)
        assert(theirs && tree_equals_json(tree->root, theirs));
    else
        assert(!theirs || depth_of(theirs) > TREE_DEPTH_MAX);
    json_decref(theirs);
}

static void
check_tree(struct slice text)
{
    struct tree tree AUTO(tree_done) = {0};
    struct tree again AUTO(tree_done) = {0};
    struct tree yaml AUTO(tree_done) = {0};
    struct tree copy AUTO(tree_done) = {0};
    struct failure failure = {0};
    enum status status = tree_read(text, &tree, &failure);

    assert(status == STATUS_OK || (failure.text[0] && !tree.root));
    check_json(text, &tree, status);
    if (status != STATUS_OK)
        return;
    assert(tree_depth(tree.root) <= TREE_DEPTH_MAX);
    copy.root = tree_copy(&copy, tree.root);
    assert(tree_equal(copy.root, tree.root));
    if (!tree_is(tree.root, TREE_OBJECT))
        return;
    json_t *json = tree_as_json(tree.root);
    char *written = json_dumps(json, 0);
    assert(written);
    status = tree_read(slice_of(written), &again, &failure);
    assert(status == STATUS_OK && tree_equal(tree.root, again.root));
    status = tree_read_yaml(slice_of(written), &yaml, &failure);
    assert(status != STATUS_OK || tree_equal(tree.root, yaml.root));
    json_decref(json);
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
    draft_write(&before, PERMISSION_MAX_COUNT, &draft, &counts);
    assert(counts.marked_count <= counts.drafted_count);
    assert(counts.drafted_count <= count_closed(&before));
    wish.overlay = buffer_slice(&draft);
    enum status status = description_read(&wish, &arena, &after, &failure);
    if (status != STATUS_OK) { /* what a draft cannot know */
        assert(
            (strstr(failure.text, "no room") && counts.permission_count > counts.room) ||
            strstr(failure.text, "$ref"));
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
