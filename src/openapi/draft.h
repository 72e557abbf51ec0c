/* SPDX-License-Identifier: Apache-2.0
 *
 * A first overlay for a description without permissions, to be read and corrected. */
#ifndef OPENAPI_DRAFT_H
#define OPENAPI_DRAFT_H

#include "base/buffer.h"
#include "openapi/description.h"

enum { DRAFT_WORDS_BYTES = 320 };

/* How fine the features are; the next is coarser. */
enum draft_grain {
    DRAFT_BY_TAG = 0,  /* "users.message"; the path's segment where there is no tag */
    DRAFT_BY_TAG_HEAD, /* "users" */
    DRAFT_BY_SEGMENT,  /* the first of the path that is no parameter */
    DRAFT_BY_API,      /* its title */
};

/* What a draft does. */
struct draft_counts {
    size_t drafted_count; /* operations that it gives a permission */
    size_t marked_count;  /* of these: look dangerous */
    size_t ready_count;   /* had x-tokenhouse */
    enum draft_grain grain;
    size_t permission_count;     /* that it brings and the catalogue does not have yet */
    size_t tag_permission_count; /* that it would bring, were each tag a feature */
    size_t room;                 /* so many it might bring */
};

/* Writes an overlay (YAML) with an action for each operation that nobody has said
 * anything about: GET and HEAD need "<Tag>:View", all others "<Tag>:Manage". Where that
 * would bring more than `most` permissions, or more than the catalogue has room for,
 * features are coarser. What looks dangerous is marked by a comment and
 * "x-tokenhouse-note". `description` was read for an upstream without a prefix. */
void draft_write(const struct description *description, size_t most, struct buffer *out,
                 struct draft_counts *out_counts);

/* Says in a sentence or two why features are coarser than tags; "" when they are not. */
void draft_explain(const struct draft_counts *counts, char out[DRAFT_WORDS_BYTES]);

#endif
