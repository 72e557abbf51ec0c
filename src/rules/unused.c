/* SPDX-License-Identifier: Apache-2.0
 *
 * The monthly letter. The ledger row, the letter and what goes to the webhook are one
 * transaction, so nobody is told twice and nobody is forgotten, whenever we are stopped.
 * A fact of the store says that a month is done: looking again costs nearly nothing. */
#include "rules/unused.h"

#include "base/auto.h"
#include "base/mem.h"
#include "rules/notices.h"
#include "rules/token_life.h"
#include "store/store_letters.h"
#include "store/store_unused.h"
#include "store/store_webhook.h"

#include <stdio.h>

static const char DONE_FACT[] = "unused_month"; /* the month in which all were told */

enum { MONTH_CHARS = 7, PAGE_COUNT = 200 };

/* What one act needs, in one piece of memory. */
struct telling {
    struct store *store;
    int64_t now_ms, user_id;
    char month[DATE_CHARS + 1]; /* "YYYY-MM" */
    struct unused_query query;
    struct unused_token page[PAGE_COUNT];
    struct notice_line lines[PAGE_COUNT];
    size_t count;
};

static void
begin_telling(struct telling *telling, struct store *store, int64_t now_ms,
              int64_t unused_days)
{
    struct date first = date_of(now_ms / 1000);

    first.day = 1;
    date_write(first, telling->month);
    telling->month[MONTH_CHARS] = '\0';
    telling->store = store;
    telling->now_ms = now_ms;
    telling->query = (struct unused_query){
        .now_s = now_ms / 1000,
        .idle_s = date_start_s(first) - unused_days * DAY_S,
        .month = telling->month,
    };
}

static enum status
is_done(const struct telling *telling, bool *out)
{
    char month[MONTH_CHARS + 2] = "";
    size_t len = 0;
    enum status status =
        store_fact_get(telling->store, DONE_FACT, month, sizeof(month), &len);

    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    *out = status == STATUS_OK && strcmp(month, telling->month) == 0;
    return STATUS_OK;
}

/* "It was never used since it was made on 2026-05-01, 207 days ago." */
static void
write_note(const struct unused_token *unused, int64_t now_s, char out[NOTICE_NOTE_BYTES])
{
    struct token token = {.created_at_s = unused->created_at_s,
                          .last_used_at_s = unused->last_used_at_s};
    char day[DATE_CHARS + 1];
    bool is_used = unused->last_used_at_s > 0;

    date_write(date_of(is_used ? unused->last_used_at_s : unused->created_at_s), day);
    snprintf(out, NOTICE_NOTE_BYTES,
             is_used ? "It was last used on %s (UTC), %lld days ago."
                     : "It was never used since it was made on %s (UTC), %lld days ago.",
             day, (long long)token_idle_days(&token, now_s));
}

/* Adds a page to the letter and to what goes to the webhook. */
static enum status
tell_page(struct telling *telling)
{
    struct letter_to to = {
        .email = telling->lines[0].user_email,
        .name = telling->lines[0].user_name,
        .kind = NOTICE_UNUSED,
        .now_ms = telling->now_ms,
        .gap_ms = (int64_t)NOTICE_GAP_S * 1000,
        .keep_ms = (int64_t)NOTICE_KEEP_S * 1000,
    };
    enum status status = store_webhook_add(telling->store, NOTICE_UNUSED, telling->lines,
                                           telling->count, telling->now_ms);

    return status == STATUS_OK ? store_letter_add_lines(telling->store, &to,
                                                        telling->lines, telling->count)
                               : status;
}

static enum status
tell_user(struct telling *telling)
{
    char after[TOKEN_ID_MAX_CHARS + 1] = "";
    enum status status = store_unused_told(telling->store, telling->user_id,
                                           telling->month, telling->now_ms);

    do {
        if (status == STATUS_OK)
            status = store_unused_list(telling->store, telling->user_id, &telling->query,
                                       after, telling->page, PAGE_COUNT, &telling->count);
        if (status != STATUS_OK || telling->count == 0)
            break;
        for (size_t i = 0; i < telling->count; i++) {
            telling->lines[i] = telling->page[i].line;
            write_note(&telling->page[i], telling->query.now_s, telling->lines[i].note);
        }
        memcpy(after, telling->lines[telling->count - 1].token_id, sizeof(after));
        status = tell_page(telling);
    } while (telling->count == PAGE_COUNT);
    return status;
}

/* Some users in one act; when there is nobody left, the month is done. */
static enum status
carry_out_in_act(struct telling *telling, bool *out_is_more)
{
    int64_t after = 0;

    for (int i = 0; i < UNUSED_ACT_MAX_COUNT; i++) {
        enum status status =
            store_unused_user(telling->store, &telling->query, after, &telling->user_id);
        if (status == STATUS_NOT_FOUND)
            return store_fact_set(telling->store, DONE_FACT, telling->month, MONTH_CHARS);
        if (status == STATUS_OK)
            status = tell_user(telling);
        if (status != STATUS_OK)
            return status;
        after = telling->user_id;
    }
    *out_is_more = true;
    return STATUS_OK;
}

enum status
unused_carry_out(struct store *store, int64_t now_ms, int64_t unused_days,
                 bool *out_is_more)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct telling *telling AUTO(mem_done) = mem_new(sizeof(*telling));
    bool is_all = false;

    *out_is_more = false;
    begin_telling(telling, store, now_ms, unused_days);
    enum status status = is_done(telling, &is_all);
    if (status != STATUS_OK || is_all)
        return status; /* nearly always */
    status = store_begin(store);
    if (status != STATUS_OK)
        return status;
    begun = store;
    bool is_more = false;
    status = carry_out_in_act(telling, &is_more);
    if (status == STATUS_OK)
        status = store_commit(store);
    if (status == STATUS_OK)
        *out_is_more = is_more;
    return status;
}
