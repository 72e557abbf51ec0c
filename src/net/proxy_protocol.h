/* SPDX-License-Identifier: Apache-2.0
 *
 * The PROXY protocol, version 2: what a load balancer says, before all other bytes, about
 * who is behind it. To be asked only of trusted proxies.
 * Source: haproxy.org, The PROXY protocol, section 2.2. */
#ifndef NET_PROXY_PROTOCOL_H
#define NET_PROXY_PROTOCOL_H

#include "base/ip.h"
#include "base/slice.h"

enum { PROXY_HEADER_MAX_BYTES = 2048 }; /* 16 + 36 + room for extensions (TLVs) */

enum proxy_outcome {
    PROXY_NONE = 1, /* these bytes are no PROXY header */
    PROXY_MORE,     /* they may become one */
    PROXY_WHOLE,
    PROXY_BAD, /* the signature is there, and what follows makes no sense */
};

/* Reads the header that `bytes` begin with. When WHOLE, `out_len` is its length, and
 * `source` the address of the client; it is untouched when the proxy speaks for itself
 * (LOCAL) or the client has no IP address. */
enum proxy_outcome proxy_protocol_read(struct slice bytes, size_t *out_len,
                                       struct ip *source);

#endif
