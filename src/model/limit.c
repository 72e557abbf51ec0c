/* SPDX-License-Identifier: Apache-2.0
 *
 * Rates as texts. */
#include "model/limit.h"

#include "base/auto.h"
#include "base/number.h"

#include <stdio.h>

static const struct unit {
    char letter;
    int64_t window_s;
} UNITS[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};

enum status
rate_read(struct slice text, struct rate *out)
{
    struct slice count = {0};
    int64_t number = 0;

    if (!slice_cut(&text, '/', &count) || text.len != 1 ||
        number_read(count, &number) != STATUS_OK || number < 1 || number > RATE_COUNT_MAX)
        return STATUS_MALFORMED;
    for (size_t i = 0; i < COUNT_OF(UNITS); i++) {
        if (text.at[0] != (unsigned char)UNITS[i].letter)
            continue;
        *out = (struct rate){number, UNITS[i].window_s};
        return STATUS_OK;
    }
    return STATUS_MALFORMED;
}

void
rate_write(struct rate rate, char out[RATE_TEXT_CHARS + 1])
{
    out[0] = '\0';
    for (size_t i = 0; rate.count > 0 && i < COUNT_OF(UNITS); i++) {
        if (UNITS[i].window_s == rate.window_s)
            snprintf(out, RATE_TEXT_CHARS + 1, "%lld/%c", (long long)rate.count,
                     UNITS[i].letter);
    }
}

bool
token_limits_are_none(const struct token_limits *limits)
{
    return limits->rate.count == 0 && limits->quota_per_day == 0 &&
           limits->concurrent_max == 0 && limits->max_uses == 0 &&
           limits->not_before_s == 0;
}
