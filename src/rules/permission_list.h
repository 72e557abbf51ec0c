/* SPDX-License-Identifier: Apache-2.0
 *
 * A set of permissions as JSON. */
#ifndef RULES_PERMISSION_LIST_H
#define RULES_PERMISSION_LIST_H

#include "model/permission.h"
#include "json/write.h"

/* The member `name`: the names of the set as a list, in the catalogue's order. */
void write_permissions(struct json_writer *writer, const char *name,
                       const struct permission_set *set);

#endif
