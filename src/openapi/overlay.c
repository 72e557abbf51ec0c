/* SPDX-License-Identifier: Apache-2.0
 *
 * Applying an overlay, action by action. */
#include "openapi/overlay.h"

#include "base/auto.h"
#include "openapi/jsonpath.h"
#include "openapi/tree.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ACTION_MAX_COUNT = 10 * 1000 };

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

static enum status
update_all(const struct jsonpath_nodes *nodes, json_t *update, size_t action,
           struct failure *failure)
{
    for (size_t i = 0; i < nodes->count; i++) {
        json_t *value = nodes->at[i].value;
        if (json_is_array(value)) {
            json_array_append_new(value, json_deep_copy(update));
        } else if (json_is_object(value) && json_is_object(update)) {
            merge(value, update);
        } else {
            return failure_set(
                failure, STATUS_MALFORMED, "overlay", "/actions/%zu/update: %s", action,
                json_is_object(value) ? "an object can only be updated by an object"
                                      : "its target selects a value that is neither an "
                                        "object nor a list");
        }
    }
    return STATUS_OK;
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
take_out(struct jsonpath_nodes *nodes, size_t action, struct failure *failure)
{
    for (size_t i = 0; i < nodes->count; i++) {
        if (!nodes->at[i].parent)
            return failure_set(failure, STATUS_MALFORMED, "overlay",
                               "/actions/%zu: the whole description cannot be removed",
                               action);
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
run_action(const json_t *json, size_t action, json_t *root, overlay_told *told, void *ctx,
           struct failure *failure)
{
    const char *target = json_string_value(json_object_get(json, "target"));
    json_t *update = json_object_get(json, "update");
    const json_t *removed = json_object_get(json, "remove");
    struct jsonpath_nodes nodes AUTO(jsonpath_done) = {0};
    struct failure why = {0};

    if (!target)
        return failure_set(failure, STATUS_MALFORMED, "overlay",
                           "/actions/%zu/target: it is missing, or not a text", action);
    if (removed && !json_is_boolean(removed))
        return failure_set(failure, STATUS_MALFORMED, "overlay",
                           "/actions/%zu/remove: it must be true or false", action);
    if (!update && !json_is_true(removed))
        return failure_set(failure, STATUS_MALFORMED, "overlay",
                           "/actions/%zu: it has neither 'update' nor 'remove'", action);
    enum status status = jsonpath_select(root, target, &nodes, &why);
    if (status != STATUS_OK)
        return failure_set(failure, status, "overlay", "/actions/%zu/target: %s", action,
                           why.text);
    if (told)
        told(ctx, action, target, nodes.count);
    return json_is_true(removed) ? take_out(&nodes, action, failure)
                                 : update_all(&nodes, update, action, failure);
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
    enum status status = tree_read(overlay, &tree, &why);

    if (status != STATUS_OK)
        return failure_set(failure, status, "overlay", "the overlay: %s", why.text);
    status = check_head(tree, failure);

    const json_t *actions = json_object_get(tree, "actions");
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(actions); i++)
        status = run_action(json_array_get(actions, i), i, root, told, ctx, failure);
    return status;
}
