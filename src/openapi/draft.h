/* SPDX-License-Identifier: Apache-2.0
 *
 * A first overlay for a description without permissions, to be read and corrected. */
#ifndef OPENAPI_DRAFT_H
#define OPENAPI_DRAFT_H

#include "base/buffer.h"
#include "openapi/description.h"

/* How many operations it gives a permission, and how many of them are marked. */
struct draft_counts {
    size_t drafted_count, marked_count, ready_count; /* ready: have x-tokenhouse */
};

/* Writes an overlay (YAML) with an action for each operation that nobody has said
 * anything about: GET and HEAD need "<Tag>:View", all others "<Tag>:Manage". What looks
 * dangerous is marked by a comment and "x-tokenhouse-note". `description` was read for an
 * upstream without a prefix. */
void draft_write(const struct description *description, struct buffer *out,
                 struct draft_counts *out_counts);

#endif
