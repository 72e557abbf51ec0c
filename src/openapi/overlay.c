/* SPDX-License-Identifier: Apache-2.0
 *
 * Applying an overlay, action by action. */
#include "openapi/overlay.h"

#include "base/auto.h"
#include "openapi/jsonpath.h"
#include "openapi/tree.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ACTION_MAX_COUNT = 100 * 1000,       /* Microsoft's Graph has 22,000 operations */
    VISIT_MAX_COUNT = 500 * 1000 * 1000, /* of all actions together */
    DEPTH_UNSEEN_MAX = 1024, /* so deep it may be before somebody looks how deep it is */
};

/* An overlay being applied. A small one must not make a tree without end. */
struct applying {
    json_t *root;
    struct failure *failure;
    size_t action;                  /* the one that is carried out */
    size_t node_count, visit_count; /* added, and looked at, by all so far */
    size_t depth_most;              /* no deeper is the tree */
};

__attribute__((format(printf, 2, 3))) MUST_CHECK static enum status
refuse(const struct applying *applying, const char *format, ...)
{
    char why[FAILURE_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    return failure_set(applying->failure, STATUS_MALFORMED, "overlay", "/actions/%zu%s",
                       applying->action, why);
}

static void
merge(json_t *into, json_t *update)
{
    const char *key = NULL;
    json_t *value = NULL;

    /* as deep as the overlay, which tree_read() holds against a limit */
    json_object_foreach(update, key, value)
    {
        json_t *old = json_object_get(into, key);
        if (json_is_object(old) && json_is_object(value))
            merge(old, value);
        else if (json_is_array(old) && json_is_array(value))
            json_array_extend(old, value);
        else
            json_object_set_new(into, key, json_deep_copy(value));
    }
}

/* May so much be added to what was selected? */
static enum status
check_growth(struct applying *applying, const struct jsonpath_nodes *nodes,
             const json_t *update)
{
    applying->node_count += tree_size(update, TREE_NODE_MAX_COUNT) * nodes->count;
    if (applying->node_count > TREE_NODE_MAX_COUNT)
        return refuse(applying, "/update: the actions add more than %d values",
                      TREE_NODE_MAX_COUNT);
    applying->depth_most += tree_depth(update) + 1;
    if (applying->depth_most <= DEPTH_UNSEEN_MAX)
        return STATUS_OK;
    applying->depth_most = tree_depth(applying->root) + tree_depth(update) + 1;
    return applying->depth_most <= TREE_DEPTH_MAX
               ? STATUS_OK
               : refuse(applying, "/update: it would be nested more than %d deep",
                        TREE_DEPTH_MAX);
}

static enum status
update_one(const struct applying *applying, json_t *value, json_t *update)
{
    if (json_is_array(value))
        json_array_append_new(value, json_deep_copy(update));
    else if (json_is_object(value) && json_is_object(update))
        merge(value, update);
    else if (json_is_object(value))
        return refuse(applying, "/update: an object can only be updated by an object");
    else
        return refuse(applying, "/update: its target selects a value that is neither an "
                                "object nor a list");
    return STATUS_OK;
}

static enum status
update_all(struct applying *applying, const struct jsonpath_nodes *nodes, json_t *update)
{
    enum status status = check_growth(applying, nodes, update);

    if (status != STATUS_OK)
        return status;
    /* kept until all are done: an update may replace what another one aims at */
    for (size_t i = 0; i < nodes->count; i++)
        json_incref(nodes->at[i].value);
    for (size_t i = 0; status == STATUS_OK && i < nodes->count; i++)
        status = update_one(applying, nodes->at[i].value, update);
    for (size_t i = 0; i < nodes->count; i++)
        json_decref(nodes->at[i].value);
    return status;
}

/* Of one list the last place comes first, so that the others stay where they are. */
static int
compare_places(const void *a, const void *b)
{
    const struct jsonpath_node *left = a;
    const struct jsonpath_node *right = b;

    if (left->parent != right->parent)
        return (uintptr_t)left->parent < (uintptr_t)right->parent ? -1 : 1;
    if (left->key != right->key) /* one member, one pointer */
        return (uintptr_t)left->key < (uintptr_t)right->key ? -1 : 1;
    return (left->index < right->index) - (left->index > right->index);
}

static void
remove_all(const struct jsonpath_nodes *nodes)
{
    for (size_t i = 0; i < nodes->count; i++) {
        const struct jsonpath_node *node = &nodes->at[i];
        bool is_again = i > 0 && compare_places(node, node - 1) == 0;
        if (is_again) /* selected twice, and out already */
            continue;
        if (node->key)
            json_object_del(node->parent, node->key);
        else
            json_array_remove(node->parent, node->index);
    }
}

static enum status
take_out(const struct applying *applying, struct jsonpath_nodes *nodes)
{
    for (size_t i = 0; i < nodes->count; i++) {
        if (!nodes->at[i].parent)
            return refuse(applying, ": the whole description cannot be removed");
    }
    for (size_t i = 0; i < nodes->count; i++) {
        /* kept until all are out: a later one may hang in it */
        json_incref(nodes->at[i].parent);
        json_incref(nodes->at[i].value);
    }
    if (nodes->count > 1)
        qsort(nodes->at, nodes->count, sizeof(nodes->at[0]), compare_places);
    remove_all(nodes);
    for (size_t i = 0; i < nodes->count; i++) {
        json_decref(nodes->at[i].value);
        json_decref(nodes->at[i].parent);
    }
    return STATUS_OK;
}

static enum status
find_target(struct applying *applying, const char *target, struct jsonpath_nodes *out)
{
    struct failure why = {0};
    enum status status = jsonpath_select(applying->root, target, out, &why);

    if (status != STATUS_OK)
        return refuse(applying, "/target: %s", why.text);
    applying->visit_count += out->visit_count;
    if (applying->visit_count > VISIT_MAX_COUNT)
        return refuse(applying, "/target: the actions look at values more than %d times",
                      VISIT_MAX_COUNT);
    return STATUS_OK;
}

static enum status
run_action(struct applying *applying, const json_t *json, overlay_told *told, void *ctx)
{
    const char *target = json_string_value(json_object_get(json, "target"));
    json_t *update = json_object_get(json, "update");
    const json_t *removed = json_object_get(json, "remove");
    struct jsonpath_nodes nodes AUTO(jsonpath_done) = {0};

    if (!target)
        return refuse(applying, "/target: it is missing, or not a text");
    if (removed && !json_is_boolean(removed))
        return refuse(applying, "/remove: it must be true or false");
    if (!update && !json_is_true(removed))
        return refuse(applying, ": it has neither 'update' nor 'remove'");
    enum status status = find_target(applying, target, &nodes);
    if (status != STATUS_OK)
        return status;
    if (told)
        told(ctx, applying->action, target, nodes.count);
    return json_is_true(removed) ? take_out(applying, &nodes)
                                 : update_all(applying, &nodes, update);
}

static enum status
check_head(const json_t *tree, struct failure *failure)
{
    const char *version = json_string_value(json_object_get(tree, "overlay"));
    const json_t *actions = json_object_get(tree, "actions");

    if (!version || strncmp(version, "1.0", 3) != 0 ||
        (version[3] != '\0' && version[3] != '.'))
        return failure_set(failure, STATUS_MALFORMED, "overlay",
                           "/overlay: it must be 1.0.x, not '%.20s'",
                           version ? version : "missing");
    if (!json_is_array(actions))
        return failure_set(failure, STATUS_MALFORMED, "overlay",
                           "/actions: there must be a list");
    if (json_array_size(actions) > ACTION_MAX_COUNT)
        return failure_set(failure, STATUS_MALFORMED, "overlay",
                           "/actions: there are %zu; %d are the most",
                           json_array_size(actions), ACTION_MAX_COUNT);
    return STATUS_OK;
}

enum status
overlay_apply(struct slice overlay, json_t *root, overlay_told *told, void *ctx,
              struct failure *failure)
{
    json_t *tree AUTO(tree_done) = NULL;
    struct failure why = {0};
    struct applying applying = {.root = root, .failure = failure};
    enum status status = tree_read(overlay, &tree, &why);

    if (status != STATUS_OK)
        return failure_set(failure, status, "overlay", "the overlay: %s", why.text);
    status = check_head(tree, failure);

    const json_t *actions = json_object_get(tree, "actions");
    applying.depth_most = TREE_DEPTH_MAX;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(actions); i++) {
        applying.action = i;
        status = run_action(&applying, json_array_get(actions, i), told, ctx);
    }
    return status;
}
