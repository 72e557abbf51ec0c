/* SPDX-License-Identifier: Apache-2.0
 *
 * The log is for the operator: one event one line on stderr, first what happened, then
 * key=value. Only cli, house, gate, console and mail write to it. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/slice.h"

#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* One `key=value` of a line. */
struct log_field {
    const char *key;
    enum { LOG_FIELD_TEXT, LOG_FIELD_INT } kind;
    struct slice text; /* from outside: quoted, escaped and cut at 200 bytes */
    int64_t number;
};

#define LOG_TEXT(key, slice) ((struct log_field){(key), LOG_FIELD_TEXT, (slice), 0})
#define LOG_INT(key, n)      ((struct log_field){(key), LOG_FIELD_INT, {NULL, 0}, (n)})

/* Writes "<ISO time> <level> <what> key=value …\n" in one write(2), so lines of several
 * threads never mix. Fields end at the count. Lines under the level are dropped. */
void log_line(enum log_level level, const char *what, const struct log_field *fields,
              size_t field_count);

/* log_event(LOG_INFO, "listening", LOG_TEXT("address", a), LOG_INT("port", p)); */
#define log_event(level, what, ...)                                    \
    log_line((level), (what), (const struct log_field[]){__VA_ARGS__}, \
             sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

void log_set_level(enum log_level least);

#endif
