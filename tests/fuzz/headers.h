/* SPDX-License-Identifier: Apache-2.0
 *
 * An input as the fields of a message. */
#ifndef TESTS_FUZZ_HEADERS_H
#define TESTS_FUZZ_HEADERS_H

#include "http/call.h"

/* "name: value", one a line; gives how many there are. */
static inline size_t
cut_headers(struct slice text, struct http_header *headers, size_t max_count)
{
    size_t count = 0;
    struct slice line;

    while (count < max_count && slice_cut(&text, '\n', &line)) {
        struct http_header header = {.value = line};
        if (slice_cut(&header.value, ':', &header.name))
            headers[count++] = header;
    }
    return count;
}

#endif
