/* SPDX-License-Identifier: Apache-2.0
 *
 * What a list command prints: an array with --json, else a table for people. A command
 * adds each row to the one that is there, and shows the list when all rows are. */
#ifndef CLI_CLI_LIST_H
#define CLI_CLI_LIST_H

#include "cli/cli_table.h"
#include "cli/options.h"

#include <jansson.h>

struct cli_list {
    struct cli_table *table; /* NULL: JSON is wanted */
    json_t *json;            /* an array; NULL: a table is */
};

/* Headings as in cli_table_new(). */
struct cli_list cli_list_make(const struct options *options,
                              const char *const headings[CLI_TABLE_COLUMN_MAX]);
void cli_list_done(struct cli_list *list);

/* Prints all; a table without rows is the sentence `empty`. Gives the exit status. */
int cli_list_show(struct cli_list *list, const char *empty);

#endif
