/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds where rows begin and end. What is in them is checked by whoever reads them; here
 * only quotes and braces are looked at. */
#include "api/import_rows.h"

#include "api/import_csv.h"
#include "api/import_source.h"
#include "base/auto.h"
#include "base/mem.h"

#include <string.h>

enum form {
    FORM_UNKNOWN = 0,
    FORM_ARRAY,    /* [ row, row ] */
    FORM_DATA,     /* {"data": [ row, row ], …} */
    FORM_LINES,    /* a row on each line */
    FORM_SEQUENCE, /* rows over several lines, one after the other */
    FORM_CSV,
};

struct import_rows {
    struct import_source source;
    enum form form;
    struct import_csv *csv; /* FORM_CSV */
    bool is_first, is_over;
};

struct import_rows *
import_rows_new(import_read *read, void *ctx)
{
    struct import_rows *rows = mem_new(sizeof(*rows));

    rows->source = (struct import_source){
        .read = read,
        .ctx = ctx,
        .window = buffer_make(IMPORT_ROW_MAX_BYTES + 2 * IMPORT_CHUNK_BYTES),
        .line = 1};
    rows->is_first = true;
    return rows;
}

void
import_rows_free(struct import_rows **rows)
{
    if (!*rows)
        return;
    import_csv_close(&(*rows)->csv);
    buffer_done(&(*rows)->source.window);
    mem_free(rows);
}

int64_t
import_rows_bytes(const struct import_rows *rows)
{
    return rows->source.read_bytes;
}

static enum status
goes_wrong(const struct import_rows *rows, const char *wanted, struct failure *failure)
{
    if (rows->source.failed_errno != 0)
        return failure_set(failure, STATUS_UNAVAILABLE, NULL, "it cannot be read: %s",
                           strerrordesc_np(rows->source.failed_errno));
    return failure_set(failure, STATUS_REFUSED, NULL, "here must be %s", wanted);
}

/* Where a value that begins at the view's start ends; 0 when it does not end. Strings
 * are skipped, braces counted. A value that is no object or array ends before ',', ']'
 * or a line end. */
static size_t
value_end(struct import_source *source)
{
    size_t i = 0;
    size_t depth = 0;
    bool is_in_string = false;

    for (;;) {
        struct slice view = import_source_view(source);
        for (; i < view.len; i++) {
            unsigned char byte = view.at[i];
            if (is_in_string) {
                if (byte == '\\')
                    i++;
                else if (byte == '"')
                    is_in_string = false;
            } else if (byte == '"') {
                is_in_string = true;
            } else if (byte == '{' || byte == '[') {
                depth++;
            } else if (byte == '}' || byte == ']') {
                if (depth == 0)
                    return i;
                if (--depth == 0)
                    return i + 1;
            } else if (depth == 0 && (byte == ',' || byte == '\n')) {
                return i;
            }
        }
        if (!import_source_more(source))
            return depth == 0 && !is_in_string ? import_source_view(source).len : 0;
    }
}

/* Where the line ends, without its end. */
static size_t
line_end(struct import_source *source)
{
    size_t seen = 0;

    for (;;) {
        struct slice view = import_source_view(source);
        const unsigned char *end =
            view.len > seen ? memchr(view.at + seen, '\n', view.len - seen) : NULL;
        if (end)
            return (size_t)(end - view.at);
        seen = view.len;
        if (!import_source_more(source))
            return seen;
    }
}

/* Is what comes next `text`, with blanks between its tokens forgiven? Then it is taken.
 */
static bool
take_tokens(struct import_source *source, const char *const *tokens)
{
    size_t at = 0;

    for (; *tokens; tokens++) {
        size_t len = strlen(*tokens);
        for (;;) {
            while (import_source_view(source).len < at + len + 1 &&
                   import_source_more(source))
                ;
            struct slice view = import_source_view(source);
            if (at < view.len && strchr(" \t\r\n", view.at[at]))
                at++;
            else
                break;
        }
        struct slice rest = slice_from(import_source_view(source), at);
        if (!slice_starts(rest, slice_of(*tokens)))
            return false;
        at += len;
    }
    import_source_take(source, at);
    return true;
}

/* Is the whole first line one value? Then so are all others. */
static bool
is_line_wise(struct import_source *source)
{
    size_t end = value_end(source);
    size_t line = line_end(source); /* may move the window: only then look into it */
    struct slice view = import_source_view(source);

    if (end == 0)
        return true; /* it never ends: line by line, something may be saved */
    return line >= end && slice_trim(slice_from(slice_head(view, line), end)).len == 0;
}

static enum status
find_form(struct import_rows *rows, struct failure *failure)
{
    static const char *const DATA[] = {"{", "\"data\"", ":", "[", NULL};
    struct import_source *source = &rows->source;

    while (import_source_view(source).len < 3 && import_source_more(source))
        ;
    if (slice_starts(import_source_view(source), SLICE("\xEF\xBB\xBF")))
        import_source_take(source, 3);
    int byte = import_source_peek(source);
    if (byte < 0)
        return rows->source.failed_errno ? goes_wrong(rows, "", failure)
                                         : STATUS_NOT_FOUND;
    if (byte == '[') {
        import_source_take(source, 1);
        rows->form = FORM_ARRAY;
    } else if (byte == '{') {
        rows->form = take_tokens(source, DATA) ? FORM_DATA
                     : is_line_wise(source)    ? FORM_LINES
                                               : FORM_SEQUENCE;
    } else {
        rows->form = FORM_CSV;
        return import_csv_open(source, &rows->csv, failure);
    }
    return STATUS_OK;
}

/* After the last row: nothing but the rest of the wrapper may follow. */
static enum status
check_tail(struct import_rows *rows, int *out_line, struct failure *failure)
{
    struct import_source *source = &rows->source;

    rows->is_over = true;
    if (rows->form == FORM_DATA) {
        while (import_source_peek(source) == ',') {
            import_source_take(source, 1); /* "metadata": {…} */
            size_t end = value_end(source);
            if (end == 0)
                return goes_wrong(rows, "the end of the object that holds data", failure);
            import_source_take(source, end);
        }
        while (import_source_peek(source) >= 0 && import_source_peek(source) != '}') {
            size_t end = value_end(source);
            import_source_take(source, end ? end : 1);
        }
        if (import_source_peek(source) != '}')
            return goes_wrong(rows, "the end of the object that holds data", failure);
        import_source_take(source, 1);
    }
    int byte = import_source_peek(source);
    *out_line = source->line;
    return byte < 0 && source->failed_errno == 0 ? STATUS_NOT_FOUND
                                                 : goes_wrong(rows, "the end", failure);
}

/* A row in an array; commas stand between rows. */
static enum status
next_in_array(struct import_rows *rows, struct slice *out, int *out_line,
              struct failure *failure)
{
    struct import_source *source = &rows->source;
    int byte = import_source_peek(source);

    *out_line = source->line;
    if (byte == ']') {
        import_source_take(source, 1);
        return check_tail(rows, out_line, failure);
    }
    if (!rows->is_first) {
        if (byte != ',')
            return goes_wrong(rows, "a comma or the end of the list", failure);
        import_source_take(source, 1);
        byte = import_source_peek(source);
        *out_line = source->line;
    }
    size_t end = byte < 0 ? 0 : value_end(source);
    if (end == 0)
        return goes_wrong(rows, "a device that ends, of at most 16 MiB", failure);
    rows->is_first = false;
    *out = slice_head(import_source_view(source), end);
    import_source_take(source, end);
    return STATUS_OK;
}

static enum status
next_line(struct import_rows *rows, struct slice *out, int *out_line,
          struct failure *failure)
{
    struct import_source *source = &rows->source;
    int byte = import_source_peek(source);

    *out_line = source->line;
    if (byte < 0)
        return source->failed_errno ? goes_wrong(rows, "", failure) : STATUS_NOT_FOUND;
    size_t end = rows->form == FORM_LINES ? line_end(source) : value_end(source);
    if (end == 0)
        return goes_wrong(rows, "a device that ends, of at most 16 MiB", failure);
    *out = slice_head(import_source_view(source), end);
    import_source_take(source, end);
    return STATUS_OK;
}

enum status
import_rows_next(struct import_rows *rows, struct slice *out, int *out_line,
                 struct failure *failure)
{
    *out_line = rows->source.line;
    if (rows->is_over)
        return STATUS_NOT_FOUND;
    if (rows->form == FORM_UNKNOWN) {
        enum status status = find_form(rows, failure);
        if (status != STATUS_OK)
            return status;
    }
    switch (rows->form) {
    case FORM_ARRAY:
    case FORM_DATA:
        return next_in_array(rows, out, out_line, failure);
    case FORM_LINES:
    case FORM_SEQUENCE:
        return next_line(rows, out, out_line, failure);
    case FORM_CSV:
        return import_csv_next(rows->csv, out, out_line, failure);
    case FORM_UNKNOWN:
        break;
    }
    return STATUS_BROKEN;
}
