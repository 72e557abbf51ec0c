/* SPDX-License-Identifier: Apache-2.0
 *
 * Which headers go through, in either direction. */
#ifndef UPSTREAM_FORWARD_HEADERS_H
#define UPSTREAM_FORWARD_HEADERS_H

#include "http/call.h"

/* Those of a request that the upstream may see: `out` has room for all; gives how many.
 * Not: what is for one connection only, what its Connection names, what says who is
 * calling (ours alone), what asks for another method, path or host than was permitted,
 * credentials for us. */
size_t forward_request_headers(const struct http_header *headers, size_t count,
                               struct http_header *out);
/* Those of an answer that the caller may see. */
size_t forward_answer_headers(const struct http_header *headers, size_t count,
                              struct http_header *out);

#endif
