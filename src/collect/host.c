/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the host's files, and what parts share in writing. */
#include "collect/inside.h"

#include "base/auto.h"
#include "base/date.h"
#include "base/number.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILE_STEP_BYTES = 32 * 1024 };

__attribute__((format(printf, 3, 0))) static const char *
path_of(const struct collecting *c, char out[COLLECT_PATH_MAX], const char *format,
        va_list args)
{
    int head = snprintf(out, COLLECT_PATH_MAX, "%s", c->host->root);

    if (head < 0 || head >= COLLECT_PATH_MAX)
        head = 0, out[0] = '\0';
    int tail = vsnprintf(out + head, (size_t)(COLLECT_PATH_MAX - head), format, args);
    if (tail < 0 || tail >= COLLECT_PATH_MAX - head)
        out[0] = '\0';
    return out;
}

const char *
host_path(const struct collecting *c, char out[COLLECT_PATH_MAX], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    path_of(c, out, format, args);
    va_end(args);
    return out;
}

/* Files of /proc and /sys have no size before they are read. */
static struct slice
read_whole(struct collecting *c, const char *path)
{
    int fd AUTO(fd_done) = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = 0;

    buffer_clear(&c->file);
    if (fd < 0)
        return (struct slice){0};
    do {
        unsigned char *at = buffer_reserve(&c->file, FILE_STEP_BYTES);
        got = at ? read(fd, at, FILE_STEP_BYTES) : -1;
        if (got > 0)
            c->file.len += (size_t)got;
    } while (got > 0);
    return got == 0 ? buffer_slice(&c->file) : (struct slice){0};
}

__attribute__((format(printf, 2, 0))) static struct slice
read_at(struct collecting *c, const char *format, va_list args)
{
    char path[COLLECT_PATH_MAX];

    return read_whole(c, path_of(c, path, format, args));
}

struct slice
host_read(struct collecting *c, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    struct slice text = read_at(c, format, args);
    va_end(args);
    return text;
}

/* What makers write where they had nothing to write. */
static bool
says_nothing(struct slice text)
{
    static const char *const NOTHING[] = {
        "To Be Filled By O.E.M.",
        "To be filled by O.E.M.",
        "Not Specified",
        "Default string",
        "System Serial Number",
        "System Product Name",
        "System manufacturer",
        "None",
        "Unknown",
        "Not Applicable",
        "Not Available",
        "0123456789",
        "00000000",
        "(none)",
        "N/A",
    };

    for (size_t i = 0; i < COUNT_OF(NOTHING); i++) {
        if (slice_equal_nocase(text, slice_of(NOTHING[i])))
            return true;
    }
    return false;
}

static struct slice
first_line(struct slice text)
{
    struct slice line = text;

    slice_cut(&text, '\n', &line);
    line = slice_trim(line);
    return says_nothing(line) ? (struct slice){0} : line;
}

struct slice
host_line(struct collecting *c, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    struct slice text = read_at(c, format, args);
    va_end(args);
    return first_line(text);
}

bool
host_number(struct collecting *c, int64_t *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    struct slice text = read_at(c, format, args);
    va_end(args);
    return number_read(first_line(text), out) == STATUS_OK;
}

struct slice
host_value(struct slice text, const char *key, unsigned char mark)
{
    struct slice line;

    while (text.len > 0) {
        if (!slice_cut(&text, '\n', &line)) {
            line = text;
            text = (struct slice){0};
        }
        struct slice name;
        if (slice_cut(&line, mark, &name) && slice_equal(slice_trim(name), slice_of(key)))
            return slice_trim(line);
    }
    return (struct slice){0};
}

static int
is_name(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

void
host_each_name(struct collecting *c, const char *folder,
               void (*each)(struct collecting *c, const char *name))
{
    char path[COLLECT_PATH_MAX];
    struct dirent **names = NULL;
    int count = scandir(host_path(c, path, "%s", folder), &names, is_name, versionsort);

    for (int i = 0; i < count; i++) {
        each(c, names[i]->d_name);
        free(names[i]);
    }
    free(names);
}

void
put_text(struct collecting *c, const char *name, struct slice value)
{
    if (value.len > 0)
        json_write_member_string(c->w, name, value);
}

void
put_vendor(struct collecting *c, struct slice value)
{
    if (!slice_starts(value, SLICE("0x")))
        put_text(c, "manufacturer", value);
}

void
put_time(struct collecting *c, const char *name, int64_t at_ms)
{
    json_write_member_moment(c->w, name, at_ms);
}
