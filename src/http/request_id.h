/* SPDX-License-Identifier: Apache-2.0
 *
 * Request ids: 26 characters as a ULID has them (48 bits of time, 80 that tell requests
 * of the same millisecond apart). Not secret, and made without asking the kernel. */
#ifndef HTTP_REQUEST_ID_H
#define HTTP_REQUEST_ID_H

#include "http/call.h"

#include <stdint.h>

struct request_id_maker {
    uint64_t count; /* from a random start */
    uint64_t tag;   /* of this loop; random */
    int64_t time_ms;
    char time[10]; /* time_ms as text */
};

void request_id_start(struct request_id_maker *maker);
/* Writes the next id and a closing zero; `now_ms` is Unix time. */
void request_id_make(struct request_id_maker *maker, int64_t now_ms,
                     char out[HTTP_REQUEST_ID_CHARS + 1]);

#endif
