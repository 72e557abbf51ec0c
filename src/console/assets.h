/* SPDX-License-Identifier: Apache-2.0
 *
 * The pages that the program carries; the table is written by tools/embed_console.py. */
#ifndef CONSOLE_ASSETS_H
#define CONSOLE_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

/* One file. Its bytes are in console_asset_bytes: plain, and gzipped unless that would
 * not pay (then packed_len is 0). */
struct asset {
    const char *name; /* below /console/ */
    const char *type;
    const char *etag;  /* of the plain bytes, with its quotes */
    bool is_immutable; /* a hash of the bytes is in the name */
    size_t at, len;
    size_t packed_at, packed_len;
};

extern const struct asset CONSOLE_ASSETS[];
extern const size_t CONSOLE_ASSET_COUNT;
extern const unsigned char console_asset_bytes[];

#endif
