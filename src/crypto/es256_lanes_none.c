/* SPDX-License-Identifier: Apache-2.0
 *
 * Level 2 on processors that cannot have it. */
#include "crypto/es256_base.h"

bool
es256_lanes_are_there(void)
{
    return false;
}

enum es256_answer
es256_sum_lanes(const struct sum *sum)
{
    (void)sum;
    return ES256_ASK;
}

bool
es256_base_x(const struct base_table *table, const uint64_t k[4], const uint64_t blind[4],
             uint64_t x[4])
{
    (void)table;
    (void)k;
    (void)blind;
    (void)x;
    return false;
}

bool
es256_eight_x(const struct eight_table *table, size_t groups, const uint64_t k[][4],
              const uint64_t blind[4], uint64_t x[][4])
{
    (void)table;
    (void)groups;
    (void)k;
    (void)blind;
    (void)x;
    return false;
}

bool
es256_eight_s(size_t groups, const struct eight_numbers *given, const uint64_t d_r[4],
              const uint64_t blind[4], uint64_t s[][4])
{
    (void)groups;
    (void)given;
    (void)d_r;
    (void)blind;
    (void)s;
    return false;
}
