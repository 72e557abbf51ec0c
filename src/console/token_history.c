/* SPDX-License-Identifier: Apache-2.0
 *
 * What has happened to a token, and with it: its events, its use day by day, and its
 * latest refusals. */
#include "base/auto.h"
#include "base/date.h"
#include "console/event_doc.h"
#include "console/handlers.h"
#include "console/token_doc.h"
#include "console/write.h"
#include "rules/refusals.h"
#include "store/store_tokens.h"

enum { OUTCOME_MAX_COUNT = 32 }; /* kinds of refusals on one day; VERDICT_COUNT is less */

/* ---- events ---- */

enum status
tokens_events(struct visit *v)
{
    static const char *const NAMES[] = {"kind",      "actor",    "q",     "from", "to",
                                        "newerThan", "pageSize", "after", NULL};
    struct token *token = arena_new(v->arena, sizeof(*token));
    struct event_filter filter = {0};
    enum status status = visit_query_names(v, NAMES);

    if (status == STATUS_OK)
        status = token_doc_find(v, token);
    if (status == STATUS_OK)
        status = event_doc_filter(v, &filter);
    if (status != STATUS_OK)
        return status;
    filter.object_id = slice_of(token->id);
    filter.seen_by = NULL; /* whoever sees the token sees what happened to it */
    return event_doc_list(v, &filter);
}

/* ---- use ---- */

struct outcome {
    char name[64];
    int64_t count;
};

struct use_day {
    int64_t permitted;
    struct outcome refused[OUTCOME_MAX_COUNT];
    size_t refused_count;
};

struct use_days {
    int64_t first_day;
    struct use_day days[TOKEN_DOC_DAYS];
};

static void
take_day(void *ctx, const struct token_use_day *row)
{
    struct use_days *use = ctx;
    struct use_day *day = &use->days[row->day - use->first_day];

    if (slice_equal(slice_of(row->outcome), slice_of(verdict_name(PERMITTED)))) {
        day->permitted += row->count;
    } else if (day->refused_count < OUTCOME_MAX_COUNT) {
        struct outcome *outcome = &day->refused[day->refused_count++];
        slice_to_text(slice_of(row->outcome), outcome->name, sizeof(outcome->name));
        outcome->count = row->count;
    }
}

static void
write_day(struct json_writer *writer, int64_t number, const struct use_day *day)
{
    json_write_object(writer);
    write_date(writer, "date", date_of(number * DAY_S));
    json_write_member_int(writer, "permitted", day->permitted);
    json_write_key(writer, "refused");
    json_write_object(writer);
    for (size_t i = 0; i < day->refused_count; i++)
        json_write_member_int(writer, day->refused[i].name, day->refused[i].count);
    json_write_end(writer);
    json_write_end(writer);
}

enum status
tokens_use(struct visit *v)
{
    struct token *token = arena_new(v->arena, sizeof(*token));
    struct use_days *use = arena_new(v->arena, sizeof(*use));
    int64_t today = v->now_s / DAY_S;
    char address[IP_TEXT_MAX + 1] = "";
    enum status status = token_doc_find(v, token);

    use->first_day = today - TOKEN_DOC_DAYS + 1;
    if (status == STATUS_OK)
        status = store_token_list_use_days(v->reader, slice_of(token->id), use->first_day,
                                           today, take_day, use);
    if (status != STATUS_OK)
        return status;
    if (token->last_used_at_s != 0)
        ip_write(&token->last_used_from, address);
    struct json_writer writer = visit_json(v, 200);
    json_write_object(&writer);
    json_write_key(&writer, "days");
    json_write_array(&writer);
    for (size_t i = 0; i < TOKEN_DOC_DAYS; i++)
        write_day(&writer, use->first_day + (int64_t)i, &use->days[i]);
    json_write_end(&writer);
    visit_write_time(&writer, "lastUsedAt", token->last_used_at_s);
    json_write_member_text_or_null(&writer, "lastUsedFrom", address);
    json_write_member_int(&writer, "useCount", token->use_count);
    json_write_end(&writer);
    return json_write_done(&writer);
}

/* ---- refusals ---- */

enum status
tokens_refusals(struct visit *v)
{
    struct token *token = arena_new(v->arena, sizeof(*token));
    struct refusal *found =
        arena_new(v->arena, REFUSALS_OF_TOKEN_MAX_COUNT * sizeof(*found));
    enum status status = token_doc_find(v, token);

    if (status != STATUS_OK)
        return status;
    size_t count = refusals_find(v->setup->refusals, slice_of(token->id), found);
    struct json_writer writer = visit_json(v, 200);
    json_write_object(&writer);
    json_write_key(&writer, "data");
    json_write_array(&writer);
    for (size_t i = 0; i < count; i++)
        refusal_write(&found[i], &writer);
    json_write_end(&writer);
    json_write_end(&writer);
    return json_write_done(&writer);
}
