/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines on stderr. What comes from outside cannot end a line, close its quotes or speak
 * to the terminal. */
#include "base/log.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/utf8.h"

#include <stdatomic.h>
#include <unistd.h>

enum {
    LOG_TEXT_MAX_BYTES = 200,
    LOG_LINE_MAX_BYTES = 8 * 1024,
};

static _Atomic int least_level = LOG_INFO;

static const char *
level_name(enum log_level level)
{
    switch (level) {
    case LOG_DEBUG:
        return "debug";
    case LOG_INFO:
        return "info";
    case LOG_WARN:
        return "warn";
    case LOG_ERROR:
        return "error";
    }
    return "error";
}

static void
add_hex(struct buffer *line, unsigned char byte)
{
    static const char HEX[] = "0123456789abcdef";

    buffer_add(line, SLICE("\\x"));
    buffer_add_byte(line, (unsigned char)HEX[byte >> 4]);
    buffer_add_byte(line, (unsigned char)HEX[byte & 15]);
}

/* Adds one code point, or one byte that is none; gives how many bytes it took. */
static size_t
add_escaped(struct buffer *line, struct slice rest)
{
    unsigned char c = rest.at[0];
    size_t len = utf8_len(rest);

    if (c == '"' || c == '\\') {
        buffer_add_byte(line, '\\');
        buffer_add_byte(line, c);
        return 1;
    }
    if (len == 0 || utf8_has_control(slice_head(rest, len))) {
        add_hex(line, c);
        for (size_t i = 1; i < len; i++)
            add_hex(line, rest.at[i]);
        return len ? len : 1;
    }
    buffer_add(line, slice_head(rest, len));
    return len;
}

static void
add_quoted(struct buffer *line, struct slice text)
{
    size_t i = 0;

    buffer_add_byte(line, '"');
    while (i < text.len) {
        size_t len = utf8_len(slice_from(text, i));
        if (i + (len ? len : 1) > LOG_TEXT_MAX_BYTES)
            break;
        i += add_escaped(line, slice_from(text, i));
    }
    if (i < text.len)
        buffer_add_text(line, "…");
    buffer_add_byte(line, '"');
}

void
log_line(enum log_level level, const char *what, const struct log_field *fields,
         size_t field_count)
{
    char when[DATE_TIME_CHARS + 1];
    struct buffer line = buffer_make(LOG_LINE_MAX_BYTES);

    if ((int)level < atomic_load_explicit(&least_level, memory_order_relaxed))
        return;
    date_time_write(clock_now_ms(), when);
    buffer_print(&line, "%s %s %s", when, level_name(level), what);
    for (size_t i = 0; i < field_count; i++) {
        buffer_print(&line, " %s=", fields[i].key);
        if (fields[i].kind == LOG_FIELD_INT)
            buffer_add_int(&line, fields[i].number);
        else
            add_quoted(&line, fields[i].text);
    }
    line.max_bytes++; /* the end of the line always has its place */
    line.is_short = false;
    buffer_add_byte(&line, '\n');
    if (write(STDERR_FILENO, line.at, line.len) < 0) {
        /* nobody is left who could be told */
    }
    buffer_done(&line);
}

void
log_set_level(enum log_level least)
{
    atomic_store(&least_level, (int)least);
}
