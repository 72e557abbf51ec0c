/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions about refusals. */
#include "store/store_refusal_questions.h"

#include "base/auto.h"
#include "store/inside.h"

/* The numbers are stored. */
enum { STATE_ASKED = 1, STATE_FOUND, STATE_NOT_FOUND };

enum status
store_refusal_ask(struct store *store, struct slice request_id, int64_t now_ms)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, REFUSAL_ASK);

    if (request_id.len == 0 || request_id.len >= REFUSAL_REQUEST_ID_BYTES ||
        !text_can_be_stored(request_id))
        return STATUS_MALFORMED;
    db_bind_text(query, 1, request_id);
    db_bind_int(query, 2, now_ms);
    db_bind_int(query, 3, STATE_ASKED);
    return db_run(query);
}

/* Half a character, from a path that was cut, is not worth a failure. */
static struct slice
stored_text(const char *text)
{
    struct slice whole = slice_of(text);

    return text_can_be_stored(whole) ? whole : SLICE("");
}

enum status
store_refusal_answer(struct store *store, const char *request_id,
                     const struct refusal *refusal)
{
    static const struct refusal NONE = {0};
    struct db_query *query AUTO(db_query_end) = store_act(store, REFUSAL_ANSWER);
    const struct refusal *told = refusal ? refusal : &NONE;

    db_bind_text(query, 1, slice_of(request_id));
    db_bind_int(query, 2, refusal ? STATE_FOUND : STATE_NOT_FOUND);
    db_bind_int(query, 3, told->at_ms);
    db_bind_text(query, 4, slice_of(refusal ? verdict_name(told->verdict) : ""));
    db_bind_text(query, 5, stored_text(told->token_id));
    db_bind_text(query, 6, stored_text(told->method));
    db_bind_text(query, 7, stored_text(told->uri));
    db_bind_text(query, 8, stored_text(told->query));
    db_bind_text(query, 9, stored_text(told->body));
    db_bind_int(query, 10, told->issued_at_ms);
    db_bind_text(query, 11, stored_text(told->address));
    db_bind_text(query, 12, stored_text(told->words));
    return db_run(query);
}

enum status
store_refusal_forget_old(struct store *store, int64_t before_ms)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, REFUSAL_FORGET_OLD);

    db_bind_int(query, 1, before_ms);
    return db_run(query);
}

enum status
store_refusal_forget(struct store *store, struct slice request_id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, REFUSAL_FORGET);

    db_bind_text(query, 1, request_id);
    return db_run(query);
}

enum status
store_refusal_asked(struct store *store, char out[REFUSAL_REQUEST_ID_BYTES])
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, REFUSAL_ASKED);
    enum status status = db_first(query);
    struct row row = {.query = query};

    if (status != STATUS_OK)
        return status;
    row_text(&row, out, REFUSAL_REQUEST_ID_BYTES);
    return row.is_bad ? store_damaged(store, "refusal_question") : STATUS_OK;
}

static void
row_refusal(struct row *row, struct refusal *out)
{
    char verdict[64];

    out->at_ms = row_int(row);
    row_text(row, verdict, sizeof(verdict));
    row_text(row, out->token_id, sizeof(out->token_id));
    row_text(row, out->method, sizeof(out->method));
    row_text(row, out->uri, sizeof(out->uri));
    row_text(row, out->query, sizeof(out->query));
    row_text(row, out->body, sizeof(out->body));
    out->issued_at_ms = row_int(row);
    row_text(row, out->address, sizeof(out->address));
    row_text(row, out->words, sizeof(out->words));
    for (int i = 0; i < VERDICT_COUNT; i++) {
        if (strcmp(verdict_name((enum verdict)i), verdict) == 0)
            out->verdict = (enum verdict)i;
    }
}

enum status
store_refusal_answered(struct store *store, struct slice request_id, bool *out_is_kept,
                       struct refusal *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, REFUSAL_ANSWERED);
    struct row row = {.query = query};
    struct refusal refusal = {0};

    db_bind_text(query, 1, request_id);
    enum status status = db_first(query);
    if (status != STATUS_OK)
        return status;
    int64_t state = row_int(&row);
    row_refusal(&row, &refusal);
    if (row.is_bad ||
        !slice_to_text(request_id, refusal.request_id, sizeof(refusal.request_id)))
        return store_damaged(store, "refusal_question");
    if (state == STATE_ASKED)
        return STATUS_NOT_FOUND;
    *out_is_kept = state == STATE_FOUND;
    *out = refusal;
    return STATUS_OK;
}
