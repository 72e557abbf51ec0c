/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of this folder share: cmocka, and bytes from hexadecimal text. */
#ifndef TEST_CRYPTO_SUPPORT_H
#define TEST_CRYPTO_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* Reads hexadecimal digits; gives the number of bytes. */
static inline size_t
from_hex(const char *text, uint8_t *out, size_t room)
{
    size_t len = strlen(text) / 2;

    assert_true(len <= room);
    for (size_t i = 0; i < len; i++) {
        char pair[3] = {text[2 * i], text[2 * i + 1], 0};
        out[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return len;
}

#endif
