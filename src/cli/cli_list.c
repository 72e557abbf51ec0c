/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists: JSON or a table. */
#include "cli/cli_list.h"

#include "base/auto.h"
#include "cli/cli_house.h"

struct cli_list
cli_list_make(const struct options *options,
              const char *const headings[CLI_TABLE_COLUMN_MAX])
{
    if (options_has(options, "json"))
        return (struct cli_list){.json = json_array()};
    return (struct cli_list){.table = cli_table_new(headings)};
}

void
cli_list_done(struct cli_list *list)
{
    cli_table_free(&list->table);
    cli_json_done(&list->json);
}

int
cli_list_show(struct cli_list *list, const char *empty)
{
    if (!list->table)
        return cli_print_json(TAKE(list->json));
    cli_table_show(list->table, empty);
    return EXIT_DONE;
}
