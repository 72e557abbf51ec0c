/* SPDX-License-Identifier: Apache-2.0
 *
 * A tree as jansson's, which did not read it: to compare what both see. */
#ifndef SUPPORT_TREE_JSON_H
#define SUPPORT_TREE_JSON_H

#include "openapi/tree.h"

#include <jansson.h>

static inline json_t *
tree_as_json(const struct tree_value *value)
{
    const struct tree_value *member = NULL;
    json_t *made = NULL;

    switch (value->kind) {
    case TREE_NOTHING:
        return NULL;
    case TREE_NULL:
        return json_null();
    case TREE_FALSE:
    case TREE_TRUE:
        return json_boolean(value->kind == TREE_TRUE);
    case TREE_WHOLE:
        return json_integer(value->whole);
    case TREE_REAL:
        return json_real(value->real);
    case TREE_TEXT:
        return json_string(value->text);
    case TREE_LIST:
        made = json_array();
        for (size_t i = 0; (member = tree_next(value, &i));)
            json_array_append_new(made, tree_as_json(member));
        return made;
    case TREE_OBJECT:
        made = json_object();
        for (size_t i = 0; (member = tree_next(value, &i));)
            json_object_setn_new(made, member->name, member->name_len,
                                 tree_as_json(member));
        return made;
    }
    return NULL;
}

/* Whole numbers that jansson was told to read as reals are whole again, where ours are.
 */
static inline bool
tree_equals_json(const struct tree_value *ours, const json_t *theirs)
{
    const struct tree_value *member = NULL;
    size_t at = 0;

    switch (ours->kind) {
    case TREE_NOTHING:
        return false;
    case TREE_NULL:
        return json_is_null(theirs);
    case TREE_FALSE:
        return json_is_false(theirs);
    case TREE_TRUE:
        return json_is_true(theirs);
    case TREE_WHOLE:
        return json_is_integer(theirs)
                   ? json_integer_value(theirs) == ours->whole
                   : json_is_real(theirs) &&
                         json_number_value(theirs) == (double)ours->whole;
    case TREE_REAL:
        return json_is_real(theirs) && json_real_value(theirs) == ours->real;
    case TREE_TEXT:
        return json_is_string(theirs) &&
               strcmp(json_string_value(theirs), ours->text) == 0;
    case TREE_LIST:
        if (!json_is_array(theirs) || json_array_size(theirs) != tree_count(ours))
            return false;
        for (size_t i = 0; (member = tree_next(ours, &i));) {
            if (!tree_equals_json(member, json_array_get(theirs, at++)))
                return false;
        }
        return true;
    case TREE_OBJECT:
        if (!json_is_object(theirs) || json_object_size(theirs) != tree_count(ours))
            return false;
        for (size_t i = 0; (member = tree_next(ours, &i));) {
            const json_t *its = json_object_getn(theirs, member->name, member->name_len);
            if (!its || !tree_equals_json(member, its) ||
                tree_member(ours, member->name) != member)
                return false;
        }
        return true;
    }
    return false;
}

#endif
