/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the filter of the list of tokens from a query. */
#include "console/token_filter.h"

#include "console/write.h"
#include "rules/token_life.h"
#include "store/store_people.h"

enum { UNUSED_DAYS_MAX = 3650 };

static bool
find_label(struct slice name, unsigned *labels)
{
    for (int state = TOKEN_ACTIVE; state <= TOKEN_SUSPENDED; state++) {
        if (!slice_equal(name, slice_of(token_state_label((enum token_state)state))))
            continue;
        *labels |= 1u << state;
        return true;
    }
    return false;
}

static enum status
read_labels(struct visit *v, unsigned *out)
{
    struct slice rest = {0};
    struct slice one = {0};
    bool is_more = visit_query(v, "label", &rest);

    while (is_more) {
        is_more = slice_cut(&rest, ',', &one);
        if (!is_more)
            one = rest;
        if (!find_label(slice_trim(one), out))
            return visit_refuse(v, PROBLEM_INVALID, "label",
                                "label is '%.*s', but must be Active, Expires soon, "
                                "Expired or Suspended, several with commas",
                                SLICE_ARG(slice_head(one, 32)));
    }
    return STATUS_OK;
}

static enum status
read_creator(struct visit *v, int64_t *out)
{
    struct slice uid = {0};
    struct user user = {0};
    enum status status = STATUS_OK;

    if (!visit_query(v, "creator", &uid))
        return STATUS_OK;
    status = store_user_by_uid(v->reader, uid, &user);
    *out = status == STATUS_OK ? user.id : -1; /* -1: nobody's */
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status
read_made_before(struct visit *v, int64_t *out)
{
    struct slice text = {0};
    struct date date = {0};

    if (!visit_query(v, "madeBefore", &text))
        return STATUS_OK;
    if (date_read(text, &date) != STATUS_OK)
        return visit_refuse(v, PROBLEM_INVALID, "madeBefore",
                            "madeBefore is '%.*s', but must be a date, YYYY-MM-DD",
                            SLICE_ARG(slice_head(text, 32)));
    *out = date_start_s(date);
    return STATUS_OK;
}

/* "Unused" as the setting has it, or for a number of days that is asked for. */
static enum status
read_idle(struct visit *v, int64_t moment_s, struct token_filter *out)
{
    int64_t days = v->setup->config->unused_days;
    int64_t asked = 0;
    enum status status = visit_query_bool(v, "isUnused", &out->is_by_idle, &out->is_idle);

    if (status == STATUS_OK)
        status = visit_query_int(v, "unusedDays", 1, UNUSED_DAYS_MAX, &asked);
    if (status != STATUS_OK)
        return status;
    if (asked > 0 && out->is_by_idle)
        return visit_refuse(v, PROBLEM_INVALID, "unusedDays",
                            "isUnused and unusedDays exclude each other");
    if (asked > 0) {
        out->is_by_idle = true;
        out->is_idle = true;
        days = asked;
    }
    out->idle_since_s = days > 0 ? moment_s - days * DAY_S : -1;
    return STATUS_OK;
}

enum status
token_filter_read(struct visit *v, int64_t moment_s, struct token_filter *out)
{
    struct slice kind = {0};
    enum status status = read_labels(v, &out->labels);

    out->now_s = moment_s;
    if (status == STATUS_OK && visit_query(v, "kind", &kind) &&
        alg_read_kind(kind, &out->alg) != STATUS_OK)
        return visit_refuse(v, PROBLEM_INVALID, "kind",
                            "kind is '%.*s', but must be ES256, HS256 or bearer",
                            SLICE_ARG(slice_head(kind, 32)));
    if (status == STATUS_OK)
        status = read_creator(v, &out->creator_id);
    if (status == STATUS_OK)
        status = visit_query_group(v, &out->group_id);
    if (status == STATUS_OK)
        status = read_made_before(v, &out->made_before_s);
    if (status == STATUS_OK)
        status = read_idle(v, moment_s, out);
    if (status == STATUS_OK)
        status = read_search(v, "q", &out->text);
    out->seen_by = v->role.is_system_admin ? 0 : v->user.id;
    return status;
}
