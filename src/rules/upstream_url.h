/* SPDX-License-Identifier: Apache-2.0
 *
 * Where an upstream is, as people type it. Pure. */
#ifndef RULES_UPSTREAM_URL_H
#define RULES_UPSTREAM_URL_H

#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"
#include "model/upstream.h"

/* Reads the addresses of an upstream: "https://orders.internal:8443/api". Several have
 * the same scheme and path. Fills is_tls, addresses and base_path. *out_has_path: one of
 * them says a path, be it "/". STATUS_MALFORMED: failure (field "url") says which and
 * why. */
MUST_CHECK enum status upstream_url_read(const struct slice *urls, size_t count,
                                         struct upstream *out, bool *out_has_path,
                                         struct failure *failure);
/* Writes one of its addresses in that form. */
void upstream_url_write(const struct upstream *upstream, size_t index,
                        struct buffer *out);

/* Reads what callers' paths begin with: "/orders"; "" and "/" are nothing. */
MUST_CHECK enum status upstream_prefix_read(struct slice typed,
                                            char out[UPSTREAM_PATH_MAX_CHARS + 1],
                                            struct failure *failure);

#endif
