/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads and prints sets of permissions. */
#include "cli/cli_permissions.h"

#include "cli/cli_house.h"

#include <stdio.h>

int
cli_permissions_read(const struct options *options, const char *name,
                     struct permission_set *set)
{
    for (size_t i = 0; i < options_count(options, name); i++) {
        const char *text = options_value_at(options, name, i);
        uint16_t number = PERMISSION_NONE;

        if (permission_read(slice_of(text), &number) != STATUS_OK)
            return cli_failed(options,
                              "there is no permission '%s'; wanted is Feature:Action, "
                              "such as 'Device reports:View' ('tokenhouse role "
                              "permissions' lists them)",
                              text);
        permission_set_add(set, number);
    }
    return EXIT_DONE;
}

void
cli_permissions_print(const struct permission_set *set, const char *none)
{
    if (permission_set_is_empty(set))
        printf("  %s\n", none);
    for (size_t i = 0; i < permission_count(); i++) {
        char name[PERMISSION_NAME_MAX + 1] = "";
        uint16_t number = permission_at(i)->number;

        if (!permission_set_has(set, number))
            continue;
        permission_write(number, name);
        printf("  %s\n", name);
    }
}
