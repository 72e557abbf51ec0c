/* SPDX-License-Identifier: Apache-2.0
 *
 * The only door to the time. Tests may stand in for the wall clock. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_now_s(void);        /* Unix time, UTC */
int64_t clock_now_ms(void);       /* the same in milliseconds */
int64_t clock_monotonic_ms(void); /* for deadlines; counts from somewhere */
int64_t clock_monotonic_ns(void);

/* Tests only: from now on the wall clock stands at `now_ms`; -1 lets it run again. */
void clock_stand_at(int64_t now_ms);

#endif
