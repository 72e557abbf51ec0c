/* SPDX-License-Identifier: Apache-2.0
 *
 * The calendar by arithmetic: days are counted in years that begin in March, so that
 * the leap day is the last of its year. */
#include "base/date.h"

enum {
    DAYS_PER_400_YEARS = 146097,
    DAYS_TO_1970 = 719468, /* from 0000-03-01 */
    YEAR_LEAST = 1970,
};

/* The moments that four digits of a year can name. */
static const int64_t WRITE_LEAST_MS = -62167219200000;
static const int64_t WRITE_MOST_MS = 253402300799999;

static bool
is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
days_of_month(int year, int month)
{
    static const uint8_t DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return DAYS[month - 1] + (month == 2 && is_leap(year));
}

static int64_t
floor_div(int64_t number, int64_t by)
{
    return number / by - (number % by < 0);
}

static int64_t
days_from(struct date date)
{
    int64_t year = date.year - (date.month <= 2);
    int64_t era = floor_div(year, 400);
    int64_t of_era = year - era * 400;
    int month = (date.month + 9) % 12; /* March = 0 */
    int64_t of_year = (153 * month + 2) / 5 + date.day - 1;

    return era * DAYS_PER_400_YEARS + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
           DAYS_TO_1970;
}

static struct date
date_from_days(int64_t days)
{
    int64_t shifted = days + DAYS_TO_1970;
    int64_t era = floor_div(shifted, DAYS_PER_400_YEARS);
    int64_t day = shifted - era * DAYS_PER_400_YEARS; /* 0..146096 */
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153; /* March = 0 */

    return (struct date){
        .year = (int)(year + era * 400 + (month >= 10)),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .day = (int)(of_year - (153 * month + 2) / 5 + 1),
    };
}

/* Reads exactly `count` digits at `*text` and moves on. */
static bool
take_digits(struct slice *text, size_t count, int *out)
{
    int number = 0;

    if (text->len < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (text->at[i] < '0' || text->at[i] > '9')
            return false;
        number = number * 10 + (text->at[i] - '0');
    }
    *text = slice_from(*text, count);
    *out = number;
    return true;
}

static bool
take_byte(struct slice *text, unsigned char byte)
{
    if (text->len == 0 || text->at[0] != byte)
        return false;
    *text = slice_from(*text, 1);
    return true;
}

static bool
take_date(struct slice *text, struct date *out)
{
    if (!take_digits(text, 4, &out->year) || !take_byte(text, '-') ||
        !take_digits(text, 2, &out->month) || !take_byte(text, '-') ||
        !take_digits(text, 2, &out->day))
        return false;
    if (out->year < YEAR_LEAST || out->month < 1 || out->month > 12)
        return false;
    return out->day >= 1 && out->day <= days_of_month(out->year, out->month);
}

enum status
date_read(struct slice text, struct date *out)
{
    struct date date = {0};

    if (!take_date(&text, &date) || text.len)
        return STATUS_MALFORMED;
    *out = date;
    return STATUS_OK;
}

static void
put_digits(char *out, int count, int number)
{
    while (count-- > 0) {
        out[count] = (char)('0' + number % 10);
        number /= 10;
    }
}

void
date_write(struct date date, char out[DATE_CHARS + 1])
{
    put_digits(out, 4, date.year);
    out[4] = '-';
    put_digits(out + 5, 2, date.month);
    out[7] = '-';
    put_digits(out + 8, 2, date.day);
    out[DATE_CHARS] = '\0';
}

struct date
date_of(int64_t at_s)
{
    return date_from_days(floor_div(at_s, DAY_S));
}

int64_t
date_start_s(struct date date)
{
    return days_from(date) * DAY_S;
}

struct date
date_add_days(struct date date, int days)
{
    return date_from_days(days_from(date) + days);
}

struct date
date_add_year(struct date date)
{
    date.year++;
    if (date.month == 2 && date.day == 29)
        date.day = 28;
    return date;
}

int
date_compare(struct date a, struct date b)
{
    if (a.year != b.year)
        return a.year < b.year ? -1 : 1;
    if (a.month != b.month)
        return a.month < b.month ? -1 : 1;
    return (a.day > b.day) - (a.day < b.day);
}

void
date_time_write(int64_t at_ms, char out[DATE_TIME_CHARS + 1])
{
    int64_t held_ms = at_ms < WRITE_LEAST_MS  ? WRITE_LEAST_MS
                      : at_ms > WRITE_MOST_MS ? WRITE_MOST_MS
                                              : at_ms;
    int64_t at_s = floor_div(held_ms, 1000);
    int of_day = (int)(at_s - floor_div(at_s, DAY_S) * DAY_S);

    date_write(date_of(at_s), out);
    out[10] = 'T';
    put_digits(out + 11, 2, of_day / 3600);
    out[13] = ':';
    put_digits(out + 14, 2, of_day / 60 % 60);
    out[16] = ':';
    put_digits(out + 17, 2, of_day % 60);
    out[19] = '.';
    put_digits(out + 20, 3, (int)(held_ms - at_s * 1000));
    out[23] = 'Z';
    out[DATE_TIME_CHARS] = '\0';
}

/* Reads hh:mm:ss as seconds of the day. */
static bool
take_time(struct slice *text, int64_t *out_s)
{
    int hour = 0;
    int minute = 0;
    int second = 0;

    if (!take_digits(text, 2, &hour) || !take_byte(text, ':') ||
        !take_digits(text, 2, &minute) || !take_byte(text, ':') ||
        !take_digits(text, 2, &second))
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *out_s = (int64_t)hour * 3600 + minute * 60 + second;
    return true;
}

/* Reads ".d" to ".ddddddddd", or nothing. What is finer than a millisecond is cut. */
static bool
take_fraction(struct slice *text, int *out_ms)
{
    int weight = 100;
    size_t count = 0;

    *out_ms = 0;
    if (!take_byte(text, '.'))
        return true;
    for (; count < text->len && text->at[count] >= '0' && text->at[count] <= '9';
         count++) {
        *out_ms += (text->at[count] - '0') * weight;
        weight /= 10;
    }
    *text = slice_from(*text, count);
    return count >= 1 && count <= 9;
}

/* Reads Z or ±hh:mm as seconds east of Greenwich. */
static bool
take_offset(struct slice *text, int64_t *out_s)
{
    int hour = 0;
    int minute = 0;
    int sign = 1;

    if (take_byte(text, 'Z') || take_byte(text, 'z')) {
        *out_s = 0;
        return true;
    }
    if (take_byte(text, '-'))
        sign = -1;
    else if (!take_byte(text, '+'))
        return false;
    if (!take_digits(text, 2, &hour) || !take_byte(text, ':') ||
        !take_digits(text, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *out_s = sign * (int64_t)(hour * 3600 + minute * 60);
    return true;
}

enum status
date_time_read(struct slice text, int64_t *out_ms)
{
    struct date date = {0};
    int64_t of_day_s = 0;
    int64_t offset_s = 0;
    int ms = 0;

    if (!take_date(&text, &date) || !(take_byte(&text, 'T') || take_byte(&text, 't')))
        return STATUS_MALFORMED;
    if (!take_time(&text, &of_day_s) || !take_fraction(&text, &ms) ||
        !take_offset(&text, &offset_s) || text.len)
        return STATUS_MALFORMED;
    *out_ms = (date_start_s(date) + of_day_s - offset_s) * 1000 + ms;
    return STATUS_OK;
}
