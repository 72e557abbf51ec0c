/* SPDX-License-Identifier: Apache-2.0
 *
 * Hexadecimal digits of either case (RFC 5234 §B.1, and its lower case). */
#ifndef BASE_HEX_H
#define BASE_HEX_H

/* 0 to 15; -1 for what is no digit. */
static inline int
hex_value(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
