/* SPDX-License-Identifier: Apache-2.0
 *
 * JSONPath (RFC 9535), as overlays use it: names, indexes, wildcards, slices, descendants
 * and filters with comparisons; functions are refused in words. */
#ifndef OPENAPI_JSONPATH_H
#define OPENAPI_JSONPATH_H

#include "base/status.h"
#include "openapi/tree.h"

#include <stddef.h>

enum {
    JSONPATH_NODE_MAX_COUNT = 2 * 1000 * 1000,
    JSONPATH_VISIT_MAX_COUNT = 20 * 1000 * 1000, /* about a second */
};

/* A value that was selected, and where it hangs. All borrowed from the tree. */
struct jsonpath_node {
    struct tree_value *parent; /* NULL: it is the root */
    size_t index;              /* in a list */
    struct tree_value *value;
};

struct jsonpath_nodes {
    struct jsonpath_node *at; /* owned */
    size_t count, room;
    size_t visit_count; /* values that were looked at on the way */
    size_t depth_most;  /* no deeper below the root they lie; SIZE_MAX: anywhere */
};

void jsonpath_done(struct jsonpath_nodes *nodes);
/* All that `expression` selects below `root`, in the order of the document; a value twice
 * when two selectors select it. STATUS_MALFORMED: failure says where and what is wrong;
 * also when it would look at too many values: a filter within a descent looks at all for
 * each. */
MUST_CHECK enum status jsonpath_select(struct tree_value *root, const char *expression,
                                       struct jsonpath_nodes *out,
                                       struct failure *failure);

#endif
