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
    struct tree *tree; /* the description */
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
extend(struct tree *tree, struct tree_value *list, const struct tree_value *more)
{
    const struct tree_value *element = NULL;

    for (size_t i = 0; (element = tree_next(more, &i));)
        tree_append(tree, list, tree_copy(tree, element));
}

static void
merge(struct tree *tree, struct tree_value *into, const struct tree_value *update)
{
    const struct tree_value *value = NULL;

    /* as deep as the overlay, which tree_read() holds against a limit */
    for (size_t i = 0; (value = tree_next(update, &i));) {
        struct slice name = {(const unsigned char *)value->name, value->name_len};
        struct tree_value *old = tree_member_named(into, name);
        if (tree_is(old, TREE_OBJECT) && tree_is(value, TREE_OBJECT))
            merge(tree, old, value);
        else if (tree_is(old, TREE_LIST) && tree_is(value, TREE_LIST))
            extend(tree, old, value);
        else
            tree_set(tree, into, tree_keep(tree, name), tree_copy(tree, value));
    }
}

/* May an update that is nested `depth` deep be put into what was selected? Where its
 * target says by names how deep that is, nobody needs to look at the whole tree. */
static enum status
check_depth(struct applying *applying, const struct jsonpath_nodes *nodes, size_t depth)
{
    if (nodes->depth_most != SIZE_MAX) {
        depth += nodes->depth_most + 1;
    } else {
        applying->depth_most += depth + 1;
        if (applying->depth_most <= DEPTH_UNSEEN_MAX)
            return STATUS_OK;
        depth += tree_depth(applying->tree->root) + 1;
        applying->depth_most = depth;
    }
    return depth <= TREE_DEPTH_MAX
               ? STATUS_OK
               : refuse(applying, "/update: it would be nested more than %d deep",
                        TREE_DEPTH_MAX);
}

/* May so much be added to what was selected? */
static enum status
check_growth(struct applying *applying, const struct jsonpath_nodes *nodes,
             const struct tree_value *update)
{
    applying->node_count += tree_size(update, TREE_NODE_MAX_COUNT) * nodes->count;
    if (applying->node_count > TREE_NODE_MAX_COUNT)
        return refuse(applying, "/update: the actions add more than %d values",
                      TREE_NODE_MAX_COUNT);
    return check_depth(applying, nodes, tree_depth(update));
}

static enum status
update_one(const struct applying *applying, struct tree_value *value,
           const struct tree_value *update)
{
    if (tree_is(value, TREE_LIST))
        tree_append(applying->tree, value, tree_copy(applying->tree, update));
    else if (tree_is(value, TREE_OBJECT) && tree_is(update, TREE_OBJECT))
        merge(applying->tree, value, update);
    else if (tree_is(value, TREE_OBJECT))
        return refuse(applying, "/update: an object can only be updated by an object");
    else
        return refuse(applying, "/update: its target selects a value that is neither an "
                                "object nor a list");
    return STATUS_OK;
}

/* An update may replace what another one aims at: that one then changes what hangs
 * nowhere any more. */
static enum status
update_all(struct applying *applying, const struct jsonpath_nodes *nodes,
           const struct tree_value *update)
{
    enum status status = check_growth(applying, nodes, update);

    for (size_t i = 0; status == STATUS_OK && i < nodes->count; i++)
        status = update_one(applying, nodes->at[i].value, update);
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
    if (tree_is(left->parent, TREE_OBJECT) && left->value != right->value)
        return (uintptr_t)left->value < (uintptr_t)right->value ? -1 : 1;
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
        if (tree_is(node->parent, TREE_LIST))
            tree_take_element(node->parent, node->index);
        else
            tree_take_member(node->parent, node->value);
    }
}

static enum status
take_out(const struct applying *applying, struct jsonpath_nodes *nodes)
{
    for (size_t i = 0; i < nodes->count; i++) {
        if (!nodes->at[i].parent)
            return refuse(applying, ": the whole description cannot be removed");
    }
    if (nodes->count > 1)
        qsort(nodes->at, nodes->count, sizeof(nodes->at[0]), compare_places);
    remove_all(nodes);
    return STATUS_OK;
}

static enum status
find_target(struct applying *applying, const char *target, struct jsonpath_nodes *out)
{
    struct failure why = {0};
    enum status status = jsonpath_select(applying->tree->root, target, out, &why);

    if (status != STATUS_OK)
        return refuse(applying, "/target: %s", why.text);
    applying->visit_count += out->visit_count;
    if (applying->visit_count > VISIT_MAX_COUNT)
        return refuse(applying, "/target: the actions look at values more than %d times",
                      VISIT_MAX_COUNT);
    return STATUS_OK;
}

static enum status
run_action(struct applying *applying, const struct tree_value *json, overlay_told *told,
           void *ctx)
{
    const char *target = tree_text(tree_member(json, "target"));
    struct tree_value *update = tree_member(json, "update");
    const struct tree_value *removed = tree_member(json, "remove");
    struct jsonpath_nodes nodes AUTO(jsonpath_done) = {0};

    if (!target)
        return refuse(applying, "/target: it is missing, or not a text");
    if (removed && !tree_is(removed, TREE_TRUE) && !tree_is(removed, TREE_FALSE))
        return refuse(applying, "/remove: it must be true or false");
    if (!update && !tree_is(removed, TREE_TRUE))
        return refuse(applying, ": it has neither 'update' nor 'remove'");
    enum status status = find_target(applying, target, &nodes);
    if (status != STATUS_OK)
        return status;
    if (told)
        told(ctx, applying->action, target, nodes.count);
    return tree_is(removed, TREE_TRUE) ? take_out(applying, &nodes)
                                       : update_all(applying, &nodes, update);
}

static enum status
check_head(const struct tree_value *tree, struct failure *failure)
{
    const char *version = tree_text(tree_member(tree, "overlay"));
    const struct tree_value *actions = tree_member(tree, "actions");

    if (!version || strncmp(version, "1.0", 3) != 0 ||
        (version[3] != '\0' && version[3] != '.'))
        return failure_set(failure, STATUS_MALFORMED, "overlay",
                           "/overlay: it must be 1.0.x, not '%.20s'",
                           version ? version : "missing");
    if (!tree_is(actions, TREE_LIST))
        return failure_set(failure, STATUS_MALFORMED, "overlay",
                           "/actions: there must be a list");
    if (tree_count(actions) > ACTION_MAX_COUNT)
        return failure_set(failure, STATUS_MALFORMED, "overlay",
                           "/actions: there are %zu; %d are the most",
                           tree_count(actions), ACTION_MAX_COUNT);
    return STATUS_OK;
}

enum status
overlay_apply(struct slice overlay, struct tree *tree, overlay_told *told, void *ctx,
              struct failure *failure)
{
    struct tree read AUTO(tree_done) = {0};
    struct failure why = {0};
    struct applying applying = {.tree = tree, .failure = failure};
    enum status status = tree_read(overlay, &read, &why);

    if (status != STATUS_OK)
        return failure_set(failure, status, "overlay", "the overlay: %s", why.text);
    status = check_head(read.root, failure);

    const struct tree_value *actions = tree_member(read.root, "actions");
    applying.depth_most = TREE_DEPTH_MAX;
    for (size_t i = 0; status == STATUS_OK && i < tree_count(actions); i++) {
        applying.action = i;
        status = run_action(&applying, tree_element(actions, i), told, ctx);
    }
    return status;
}
