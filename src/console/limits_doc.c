/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits as JSON. */
#include "console/limits_doc.h"

#include "base/date.h"
#include "console/write.h"

static void
write_number(struct json_writer *writer, const char *name, int64_t number)
{
    json_write_key(writer, name);
    if (number > 0)
        json_write_int(writer, number);
    else
        json_write_null(writer);
}

void
write_limits(struct json_writer *writer, const struct token_limits *limits)
{
    char rate[RATE_TEXT_CHARS + 1];
    char day[DATE_CHARS + 1] = "";

    rate_write(limits->rate, rate);
    if (limits->not_before_s > 0)
        date_write(date_of(limits->not_before_s), day);
    json_write_key(writer, "limits");
    json_write_object(writer);
    json_write_member_text_or_null(writer, "rate", rate);
    write_number(writer, "quotaPerDay", limits->quota_per_day);
    write_number(writer, "concurrent", limits->concurrent_max);
    write_number(writer, "maxUses", limits->max_uses);
    json_write_member_text_or_null(writer, "notBefore", day);
    json_write_end(writer);
}

static void
read_number(struct visit *v, const char *name, const json_t *value, int64_t *out)
{
    if (json_is_integer(value) && json_integer_value(value) > 0)
        *out = json_integer_value(value);
    else
        visit_add_error(v, name, "%s must be a whole number from 1 on, or null", name);
}

static void
read_one(struct visit *v, const char *name, const json_t *value, struct token_limits *out)
{
    struct slice text = slice_of(json_is_string(value) ? json_string_value(value) : "");
    struct date day = {0};

    if (strcmp(name, "quotaPerDay") == 0) {
        read_number(v, "limits.quotaPerDay", value, &out->quota_per_day);
    } else if (strcmp(name, "concurrent") == 0) {
        read_number(v, "limits.concurrent", value, &out->concurrent_max);
    } else if (strcmp(name, "maxUses") == 0) {
        read_number(v, "limits.maxUses", value, &out->max_uses);
    } else if (strcmp(name, "rate") == 0) {
        if (rate_read(text, &out->rate) != STATUS_OK)
            visit_add_error(v, "limits.rate",
                            "limits.rate must be like 10/s, 300/m, 1000/h or 5000/d");
    } else if (strcmp(name, "notBefore") == 0) {
        if (date_read(text, &day) == STATUS_OK)
            out->not_before_s = date_start_s(day);
        else
            visit_add_error(v, "limits.notBefore",
                            "limits.notBefore must be a date, YYYY-MM-DD");
    } else {
        visit_add_error(v, "limits", "there is no field '%.48s' in limits", name);
    }
}

enum status
read_limits(struct visit *v, const json_t *object, struct token_limits *out)
{
    const char *name = NULL;
    json_t *value = NULL;

    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        if (!json_is_null(value))
            read_one(v, name, value, out);
    }
    return visit_checked(v);
}

void
rename_limits(struct visit *v)
{
    rename_field(v, "rate", "limits.rate");
    rename_field(v, "quotaPerDay", "limits.quotaPerDay");
    rename_field(v, "concurrent", "limits.concurrent");
    rename_field(v, "maxUses", "limits.maxUses");
    rename_field(v, "notBefore", "limits.notBefore");
}
