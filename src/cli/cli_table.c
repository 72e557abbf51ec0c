/* SPDX-License-Identifier: Apache-2.0
 *
 * Aligned plain tables, and single texts, on a terminal. */
#include "cli/cli_table.h"

#include "base/auto.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_MAX_BYTES = 1024, GAP_CHARS = 2 };

struct cli_table {
    size_t column_count;
    char **cells; /* headings first, then row by row */
    size_t count, room;
};

/* A copy in which every byte of a control character is '?'. */
static char *
clean_text(const char *text)
{
    size_t len = strlen(text);
    char *clean = mem_text(text, len);
    size_t at = 0;

    while (at < len) {
        struct slice rest = {(const unsigned char *)clean + at, len - at};
        size_t step = utf8_len(rest);

        if (step == 0 || utf8_has_control(slice_head(rest, step))) {
            clean[at++] = '?';
            for (size_t i = 1; i < step; i++)
                clean[at++] = '?';
        } else {
            at += step;
        }
    }
    return clean;
}

static size_t
width_of(const char *text)
{
    return utf8_count(slice_of(text)); /* clean_text() leaves well-formed text */
}

void
cli_table_add(struct cli_table *table, const char *text)
{
    if (table->count == table->room) {
        table->room = table->room ? 2 * table->room : 64;
        table->cells = mem_resize(table->cells, table->room * sizeof(*table->cells));
    }
    table->cells[table->count++] = clean_text(text);
}

void
cli_table_print(struct cli_table *table, const char *format, ...)
{
    char text[CELL_MAX_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    cli_table_add(table, text);
}

struct cli_table *
cli_table_new(const char *const headings[CLI_TABLE_COLUMN_MAX])
{
    struct cli_table *table = mem_new(sizeof(*table));

    for (size_t i = 0; i < CLI_TABLE_COLUMN_MAX && headings[i]; i++) {
        cli_table_add(table, headings[i]);
        table->column_count++;
    }
    assert(table->column_count > 0);
    return table;
}

static void
print_row(const struct cli_table *table, size_t row, const size_t *widths)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const char *cell = table->cells[row * table->column_count + i];
        size_t pad =
            i + 1 < table->column_count ? widths[i] - width_of(cell) + GAP_CHARS : 0;
        printf("%s%*s", cell, (int)pad, "");
    }
    printf("\n");
}

void
cli_table_show(struct cli_table *table, const char *empty)
{
    size_t widths[CLI_TABLE_COLUMN_MAX] = {0};
    size_t row_count = table->count / table->column_count;

    if (row_count < 2) {
        printf("%s\n", empty);
        return;
    }
    for (size_t i = 0; i < table->count; i++) {
        size_t width = width_of(table->cells[i]);
        size_t *widest = &widths[i % table->column_count];
        *widest = width > *widest ? width : *widest;
    }
    for (size_t row = 0; row < row_count; row++)
        print_row(table, row, widths);
}

void
cli_table_free(struct cli_table **table)
{
    if (!*table)
        return;
    for (size_t i = 0; i < (*table)->count; i++)
        mem_free(&(*table)->cells[i]);
    mem_free(&(*table)->cells);
    mem_free(table);
}

void
cli_show_text(const char *label, const char *text)
{
    char *clean AUTO(mem_done) = clean_text(text);
    printf("%-20s%s\n", label, clean);
}

void
cli_say_list(FILE *out, const char *format, va_list args)
{
    char *text = NULL;

    if (vasprintf(&text, format, args) < 0)
        return;
    for (char *line = text; line;) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        char *clean AUTO(mem_done) = clean_text(line);
        fprintf(out, "%s%s", clean, end ? "\n" : "");
        line = end ? end + 1 : NULL;
    }
    free(text); /* the C library's own */
}

void
cli_say(FILE *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    cli_say_list(out, format, args);
    va_end(args);
}
