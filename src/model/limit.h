/* SPDX-License-Identifier: Apache-2.0
 *
 * What a token, an operation or the account is limited to. Plain records. */
#ifndef MODEL_LIMIT_H
#define MODEL_LIMIT_H

#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    RATE_COUNT_MAX = 1000 * 1000,
    RATE_TEXT_CHARS = 24,
    LIMIT_CONCURRENT_MAX = 10 * 1000,
};
#define LIMIT_COUNT_MAX INT64_C(1000000000000) /* of a quota, of uses */

/* So many requests in so long a time; all of them may come at once. */
struct rate {
    int64_t count; /* 0 = no limit */
    int64_t window_s;
};

/* "10/s", "300/m", "1000/h", "5000/d". STATUS_MALFORMED: anything else; 0 is. */
MUST_CHECK enum status rate_read(struct slice text, struct rate *out);
void rate_write(struct rate rate, char out[RATE_TEXT_CHARS + 1]); /* "" = no limit */

/* Of one token; zeroed = none. */
struct token_limits {
    struct rate rate;       /* in place of the setting token_rate_per_s */
    int64_t quota_per_day;  /* permitted requests on a day (UTC) */
    int64_t concurrent_max; /* requests that wait for their answer */
    int64_t max_uses;       /* permitted requests in all */
    int64_t not_before_s;   /* it does not work before; Unix time */
};

bool token_limits_are_none(const struct token_limits *limits);

#endif
