/* SPDX-License-Identifier: Apache-2.0
 *
 * OpenAPI Overlay 1.0: changes to a description that its owner need not touch. */
#ifndef OPENAPI_OVERLAY_H
#define OPENAPI_OVERLAY_H

#include "base/slice.h"
#include "base/status.h"

#include <stddef.h>

struct tree;

/* Told of each action: what its target selected. */
typedef void overlay_told(void *ctx, size_t action, const char *target, size_t count);

/* Applies an overlay (JSON or YAML) to a description. `update` is merged into objects
 * (objects by their members, lists are added at the end, all else is replaced), and added
 * to lists; `remove: true` takes out what was selected. `told` may be NULL.
 *
 * STATUS_MALFORMED: failure says where and what is wrong; the tree may be half changed.
 * Source: OpenAPI Overlay Specification 1.0.0 §4.4. */
MUST_CHECK enum status overlay_apply(struct slice overlay, struct tree *tree,
                                     overlay_told *told, void *ctx,
                                     struct failure *failure);

#endif
