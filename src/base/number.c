/* SPDX-License-Identifier: Apache-2.0
 *
 * Decimal numbers, all of the text or nothing. */
#include "base/number.h"

enum status
number_read(struct slice text, int64_t *out)
{
    bool is_negative = text.len && text.at[0] == '-';
    int64_t number = 0;
    bool is_large = false;
    struct slice digits = slice_from(text, is_negative);

    if (digits.len == 0)
        return STATUS_MALFORMED;
    for (size_t i = 0; i < digits.len; i++) {
        int digit = digits.at[i] - '0';
        if (digit < 0 || digit > 9)
            return STATUS_MALFORMED;
        is_large |= __builtin_mul_overflow(number, 10, &number);
        /* counted downwards, because INT64_MIN has no positive twin */
        is_large |= __builtin_sub_overflow(number, digit, &number);
    }
    if (is_large || (!is_negative && number == INT64_MIN))
        return STATUS_TOO_LARGE;
    *out = is_negative ? number : -number;
    return STATUS_OK;
}
