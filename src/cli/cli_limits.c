/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading and showing limits. */
#include "cli/cli_limits.h"

#include "base/auto.h"
#include "base/date.h"
#include "base/number.h"
#include "cli/cli_table.h"

#include <stdio.h>

static const char *const NAMES[] = {"rate", "quota", "concurrent", "max-uses",
                                    "not-before"};

bool
cli_has_limits(const struct options *options)
{
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        if (options_has(options, NAMES[i]))
            return true;
    }
    return false;
}

static int
read_number(const struct options *options, const char *name, int64_t *out)
{
    const char *typed = options_value(options, name);

    if (!typed)
        return EXIT_DONE;
    if (number_read(slice_of(typed), out) == STATUS_OK)
        return EXIT_DONE;
    return cli_failed(options, "--%s is '%s'; wanted is a whole number", name, typed);
}

static int
read_day(const struct options *options, int64_t *out_s)
{
    const char *typed = options_value(options, "not-before");
    struct date date = {0};

    if (!typed)
        return EXIT_DONE;
    if (strcmp(typed, "0") == 0) {
        *out_s = 0;
        return EXIT_DONE;
    }
    if (date_read(slice_of(typed), &date) != STATUS_OK)
        return cli_failed(options, "--not-before is '%s'; wanted is YYYY-MM-DD", typed);
    *out_s = date_start_s(date);
    return EXIT_DONE;
}

int
cli_read_limits(const struct options *options, struct token_limits *out)
{
    const char *rate = options_value(options, "rate");

    if (rate && strcmp(rate, "0") == 0)
        out->rate = (struct rate){0};
    else if (rate && rate_read(slice_of(rate), &out->rate) != STATUS_OK)
        return cli_failed(options, "--rate is '%s'; wanted is for example 10/s or 300/m",
                          rate);
    if (read_number(options, "quota", &out->quota_per_day) != EXIT_DONE ||
        read_number(options, "concurrent", &out->concurrent_max) != EXIT_DONE ||
        read_number(options, "max-uses", &out->max_uses) != EXIT_DONE)
        return EXIT_FAILED;
    return read_day(options, &out->not_before_s);
}

static json_t *
number_or_null(int64_t number)
{
    return number > 0 ? json_integer(number) : json_null();
}

json_t *
cli_limits_json(const struct token_limits *limits)
{
    char rate[RATE_TEXT_CHARS + 1];
    char day[DATE_CHARS + 1];

    rate_write(limits->rate, rate);
    date_write(date_of(limits->not_before_s), day);
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "rate",
                     rate[0] ? json_string(rate) : json_null(), "quotaPerDay",
                     number_or_null(limits->quota_per_day), "concurrent",
                     number_or_null(limits->concurrent_max), "maxUses",
                     number_or_null(limits->max_uses), "notBefore",
                     limits->not_before_s > 0 ? json_string(day) : json_null());
}

static void
show_number(const char *label, int64_t number)
{
    char text[32];

    if (number == 0)
        return;
    snprintf(text, sizeof(text), "%lld", (long long)number);
    cli_show_text(label, text);
}

void
cli_show_limits(const struct token_limits *limits)
{
    char rate[RATE_TEXT_CHARS + 1];
    char day[DATE_CHARS + 1];

    rate_write(limits->rate, rate);
    if (rate[0])
        cli_show_text("Rate:", rate);
    show_number("Requests a day:", limits->quota_per_day);
    show_number("At the same time:", limits->concurrent_max);
    show_number("Requests in all:", limits->max_uses);
    date_write(date_of(limits->not_before_s), day);
    if (limits->not_before_s > 0)
        cli_show_text("Works from:", day);
}
