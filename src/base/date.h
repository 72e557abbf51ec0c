/* SPDX-License-Identifier: Apache-2.0
 *
 * Calendar dates and moments, UTC, proleptic Gregorian. No time zones, no locale. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/slice.h"
#include "base/status.h"

#include <stdint.h>

enum {
    DATE_CHARS = 10,      /* YYYY-MM-DD */
    DATE_TIME_CHARS = 24, /* YYYY-MM-DDThh:mm:ss.mmmZ */
    DAY_S = 86400,
};

struct date {
    int year, month, day; /* 1970..9999, 1..12, 1..31 */
};

/* Reads exactly YYYY-MM-DD, a day that exists, years 1970..9999. */
MUST_CHECK enum status date_read(struct slice text, struct date *out);
void date_write(struct date date, char out[DATE_CHARS + 1]);
struct date date_of(int64_t at_s);      /* the UTC day of a moment */
int64_t date_start_s(struct date date); /* 00:00:00 UTC of that day */
struct date date_add_days(struct date date, int days);
struct date date_add_year(struct date date);    /* 29 February -> 28 February */
int date_compare(struct date a, struct date b); /* <0, 0, >0 */

/* Writes YYYY-MM-DDThh:mm:ss.mmmZ with its closing zero. */
void date_time_write(int64_t at_ms, char out[DATE_TIME_CHARS + 1]);
/* Reads ISO 8601 / RFC 3339 with 0..9 digits of fraction and Z or ±hh:mm. */
MUST_CHECK enum status date_time_read(struct slice text, int64_t *out_ms);

#endif
