/* SPDX-License-Identifier: Apache-2.0
 *
 * Aligned plain tables for people. Cells are collected, then printed with columns as
 * wide as their longest text (counted in code points). */
#ifndef CLI_CLI_TABLE_H
#define CLI_CLI_TABLE_H

#include "base/slice.h"

#include <stdarg.h>
#include <stdio.h>

enum { CLI_TABLE_COLUMN_MAX = 8 };

struct cli_table;

/* The headings; ends at the first NULL. */
struct cli_table *cli_table_new(const char *const headings[CLI_TABLE_COLUMN_MAX]);
/* Adds the next cell, left to right, then the next row. Control characters become '?',
 * so no stored text can play tricks on a terminal. */
void cli_table_add(struct cli_table *table, const char *text);
__attribute__((format(printf, 2, 3))) void cli_table_print(struct cli_table *table,
                                                           const char *format, ...);
/* Prints all to standard output, or `empty` (a sentence) when there is no row. */
void cli_table_show(struct cli_table *table, const char *empty);
void cli_table_free(struct cli_table **table);

/* The same care for a single text. */
void cli_show_text(const char *label, const char *text);
/* And for a sentence with texts of others in it, such as an API's description; a line
 * end stays one. */
__attribute__((format(printf, 2, 3))) void cli_say(FILE *out, const char *format, ...);
__attribute__((format(printf, 2, 0))) void cli_say_list(FILE *out, const char *format,
                                                        va_list args);

#endif
