/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes a set of permissions. */
#include "rules/permission_list.h"

void
write_permissions(struct json_writer *writer, const char *name,
                  const struct permission_set *set)
{
    json_write_key(writer, name);
    json_write_array(writer);
    for (size_t i = 0; i < permission_count(); i++) {
        const struct permission *permission = permission_at(i);
        if (permission_set_has(set, permission->number))
            json_write_raw(writer, permission->quoted);
    }
    json_write_end(writer);
}
