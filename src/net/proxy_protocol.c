/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a PROXY v2 header: 12 bytes of signature, version and command, family, length,
 * addresses, extensions (which we do not need). */
#include "net/proxy_protocol.h"

static const unsigned char SIGNATURE[12] = "\r\n\r\n\0\r\nQUIT\n";

enum {
    FIXED_BYTES = 16,
    COMMAND_LOCAL = 0x20, /* version 2 in the upper half */
    COMMAND_PROXY = 0x21,
    FAMILY_NONE = 0x0,
    FAMILY_INET = 0x1,
    FAMILY_INET6 = 0x2,
    FAMILY_UNIX = 0x3,
    INET_BYTES = 12,
    INET6_BYTES = 36,
    UNIX_BYTES = 216,
};

static enum proxy_outcome
read_source(unsigned family, const unsigned char *at, size_t len, struct ip *source)
{
    static const unsigned char MAPPED[12] = {[10] = 0xff, [11] = 0xff};

    switch (family >> 4) {
    case FAMILY_NONE:
        return PROXY_WHOLE;
    case FAMILY_INET:
        if (len < INET_BYTES)
            return PROXY_BAD;
        memcpy(source->at, MAPPED, sizeof(MAPPED));
        memcpy(source->at + sizeof(MAPPED), at, 4);
        return PROXY_WHOLE;
    case FAMILY_INET6:
        if (len < INET6_BYTES)
            return PROXY_BAD;
        memcpy(source->at, at, sizeof(source->at));
        return PROXY_WHOLE;
    case FAMILY_UNIX:
        return len < UNIX_BYTES ? PROXY_BAD : PROXY_WHOLE;
    }
    return PROXY_BAD;
}

enum proxy_outcome
proxy_protocol_read(struct slice bytes, size_t *out_len, struct ip *source)
{
    size_t known = bytes.len < sizeof(SIGNATURE) ? bytes.len : sizeof(SIGNATURE);

    if (known > 0 && memcmp(bytes.at, SIGNATURE, known) != 0)
        return PROXY_NONE;
    if (bytes.len < FIXED_BYTES)
        return PROXY_MORE;

    unsigned command = bytes.at[12];
    unsigned family = bytes.at[13];
    size_t len = (size_t)bytes.at[14] << 8 | bytes.at[15];
    if ((command != COMMAND_LOCAL && command != COMMAND_PROXY) ||
        FIXED_BYTES + len > PROXY_HEADER_MAX_BYTES)
        return PROXY_BAD;
    if (bytes.len < FIXED_BYTES + len)
        return PROXY_MORE;

    struct ip found = *source;
    /* Only streams: a client behind UDP cannot have sent HTTP/1.1. */
    bool is_stream = (family & 0xf) == 1 || family == 0;
    if (command == COMMAND_PROXY &&
        (!is_stream ||
         read_source(family, bytes.at + FIXED_BYTES, len, &found) != PROXY_WHOLE))
        return PROXY_BAD;
    *source = found;
    *out_len = FIXED_BYTES + len;
    return PROXY_WHOLE;
}
