/* SPDX-License-Identifier: Apache-2.0
 *
 * Expiry dates: from tomorrow to one year ahead, UTC. */
#include "rules/expiry.h"

#include "rules/words.h"

enum status
expiry_read(struct slice text, struct date today, struct date *out,
            struct failure *failure)
{
    struct date first = date_add_days(today, 1);
    struct date last = date_add_year(today);
    struct date typed = date_add_days(today, EXPIRY_DEFAULT_DAYS);
    char first_text[DATE_CHARS + 1];
    char last_text[DATE_CHARS + 1];

    text = slice_trim(text);
    date_write(first, first_text);
    date_write(last, last_text);
    if (text.len > 0 && date_read(text, &typed) != STATUS_OK)
        return failure_set(failure, STATUS_MALFORMED, "expires",
                           "'%.*s' is not a date; wanted is YYYY-MM-DD from %s to %s",
                           WORDS_SHORT(text), first_text, last_text);
    if (date_compare(typed, first) < 0 || date_compare(typed, last) > 0)
        return failure_set(failure, STATUS_MALFORMED, "expires",
                           "%.*s cannot be the expiry date; wanted is a date from %s to "
                           "%s (UTC): at least one day ahead, at most one year",
                           WORDS_SHORT(text), first_text, last_text);
    *out = typed;
    return STATUS_OK;
}

int64_t
expiry_end_s(struct date date)
{
    return date_start_s(date) + DAY_S;
}
