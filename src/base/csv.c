/* SPDX-License-Identifier: Apache-2.0
 *
 * CSV. Every field is quoted: then no comma or line break in it can divide a row. */
#include "base/csv.h"

static bool
is_formula(struct slice text)
{
    return text.len > 0 && memchr("=+-@\t\r", text.at[0], 6) != NULL;
}

void
csv_add(struct buffer *out, struct slice text)
{
    bool is_first = out->len == 0 || out->at[out->len - 1] == '\n';
    struct slice part = {0};

    buffer_add_text(out, is_first ? "\"" : ",\"");
    if (is_formula(text))
        buffer_add_byte(out, '\'');
    while (slice_cut(&text, '"', &part)) {
        buffer_add(out, part);
        buffer_add_text(out, "\"\"");
    }
    buffer_add(out, text);
    buffer_add_byte(out, '"');
}

void
csv_end(struct buffer *out)
{
    buffer_add_text(out, "\r\n");
}
