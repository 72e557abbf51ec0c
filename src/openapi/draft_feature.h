/* SPDX-License-Identifier: Apache-2.0
 *
 * Which feature a draft gives to an operation, and how many there will be. */
#ifndef OPENAPI_DRAFT_FEATURE_H
#define OPENAPI_DRAFT_FEATURE_H

#include "openapi/draft.h"

enum { DRAFT_FEATURE_MAX_BYTES = 80 };

/* May this character stand in YAML as it is, and in a comment without ending its line?
 * (YAML 1.2.2 §5.1; libyaml ends lines at U+0085, U+2028 and U+2029 too) */
bool draft_is_printable(struct slice character);
/* The first character of `rest`, which moves behind it; a byte that begins none counts as
 * one. */
struct slice draft_next_character(struct slice *rest);

/* Is it given a permission: nobody has said anything about it, and an action can aim at
 * it? */
bool draft_is_wanted(const struct operation *operation);
/* "View" or "Manage". */
const char *draft_action_of(const struct operation *operation);

void draft_feature_of(const struct description *description, size_t index,
                      enum draft_grain grain, char out[DRAFT_FEATURE_MAX_BYTES + 1]);
/* How many permissions it would bring that the catalogue does not have yet. */
size_t draft_permission_count(const struct description *description,
                              enum draft_grain grain);
/* Fills in the finest grain that brings no more than `most`, and no more than there is
 * room for, and the counts of permissions. */
void draft_choose_grain(const struct description *description, size_t most,
                        struct draft_counts *out);

#endif
