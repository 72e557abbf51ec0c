/* SPDX-License-Identifier: Apache-2.0
 *
 * The outbox in the store. */
#include "store/store_letters.h"

#include "base/auto.h"
#include "base/uuid.h"
#include "store/inside.h"

enum {
    LETTER_LIST_USUAL_COUNT = 100,
    LETTER_WAIT_MAX_MS = DAY_S * 1000, /* longer than this only a clock that was turned
                                          back makes a letter wait: it goes at once */
};

/* ---- writing ---- */

/* When may a letter that begins now be sent? */
static enum status
find_earliest(struct store *store, const struct letter_to *to, int64_t *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, LETTER_LAST);

    db_bind_text(query, 1, slice_of(to->email));
    db_bind_int(query, 2, to->kind);
    enum status status = db_first(query);
    if (status == STATUS_OK) {
        int64_t last_ms = db_int(query, 0);
        /* A clock that was turned back does not hold letters up. */
        bool is_near = last_ms <= to->now_ms && last_ms > to->now_ms - to->gap_ms;
        *out = is_near ? last_ms + to->gap_ms : to->now_ms;
    }
    return status;
}

static enum status
begin_letter(struct store *store, const struct letter_to *to, int64_t *out_id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, LETTER_ADD);
    char uid[UUID_CHARS + 1];
    int64_t earliest_ms = 0;
    enum status status = find_earliest(store, to, &earliest_ms);

    if (status != STATUS_OK)
        return status;
    uuid_make(uid);
    db_bind_text(query, 1, slice_of(uid));
    db_bind_int(query, 2, to->kind);
    db_bind_text(query, 3, slice_of(to->email));
    db_bind_text(query, 4, slice_of(to->name));
    db_bind_int(query, 5, to->now_ms);
    db_bind_int(query, 6, earliest_ms);
    db_bind_int(query, 7, to->now_ms + to->keep_ms);
    return store_run_returning(query, out_id);
}

static enum status
find_open(struct store *store, const struct letter_to *to, int64_t *out_id,
          int64_t *out_count)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, LETTER_OPEN);

    db_bind_text(query, 1, slice_of(to->email));
    db_bind_int(query, 2, to->kind);
    enum status status = db_first(query);
    if (status == STATUS_OK) {
        *out_id = db_int(query, 0);
        *out_count = db_int(query, 1);
    }
    return status;
}

static enum status
add_line(struct db_query *query, int64_t id, int64_t place,
         const struct notice_line *line)
{
    char date[DATE_CHARS + 1];

    date_write(line->expires_on, date);
    db_bind_int(query, 1, id);
    db_bind_int(query, 2, place);
    db_bind_text(query, 3, slice_of(line->token_id));
    db_bind_text(query, 4, slice_of(line->title));
    db_bind_text(query, 5, slice_of(line->user_email));
    db_bind_text(query, 6, slice_of(line->user_name));
    db_bind_text(query, 7, slice_of(date));
    db_bind_int(query, 8, line->is_late);
    db_bind_text(query, 9, slice_of(line->note));
    return db_run(query);
}

static enum status
grow_letter(struct store *store, int64_t id, size_t more)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, LETTER_GROW);

    db_bind_int(query, 1, id);
    db_bind_int(query, 2, (int64_t)more);
    return db_run(query);
}

enum status
store_letter_begin(struct store *store, const struct letter_to *to, int64_t *out_id)
{
    int64_t place = 0;
    enum status status = find_open(store, to, out_id, &place);

    return status == STATUS_NOT_FOUND ? begin_letter(store, to, out_id) : status;
}

enum status
store_letter_add_lines(struct store *store, const struct letter_to *to,
                       const struct notice_line *lines, size_t count)
{
    int64_t id = 0;
    int64_t place = 0;
    enum status status = find_open(store, to, &id, &place);

    if (status == STATUS_NOT_FOUND)
        status = begin_letter(store, to, &id);
    if (status == STATUS_OK)
        status = grow_letter(store, id, count);

    struct db_query *query AUTO(db_query_end) = store_act(store, LETTER_LINE_ADD);
    for (size_t i = 0; status == STATUS_OK && i < count && place < LETTER_LINE_MAX_COUNT;
         i++)
        status = add_line(query, id, place++, &lines[i]);
    return status;
}

/* ---- sending ---- */

enum status
store_letter_next(struct store *store, int64_t now_ms, int64_t patience_ms,
                  int64_t *out_id)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, LETTER_NEXT);

    db_bind_int(query, 1, now_ms);
    db_bind_int(query, 2, NOTICE_SOON);
    db_bind_int(query, 6, NOTICE_EXPIRED);
    db_bind_int(query, 3, now_ms - patience_ms);
    db_bind_int(query, 4, now_ms / 1000);
    db_bind_int(query, 5, now_ms + LETTER_WAIT_MAX_MS);
    return db_first_int(query, out_id);
}

enum status
store_letter_take(struct store *store, int64_t id, int64_t now_ms)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, LETTER_TAKE);
    int64_t taken = 0;

    db_bind_int(query, 1, id);
    db_bind_int(query, 2, now_ms);
    return store_run_returning(query, &taken);
}

enum status
store_letter_sent(struct store *store, int64_t id, int64_t now_ms)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, LETTER_IS_SENT);

    db_bind_int(query, 1, id);
    db_bind_int(query, 2, now_ms);
    return db_run(query);
}

/* What a server said may be anything: of it, printable ASCII is kept. */
static void
write_failure(const char *said, char out[LETTER_FAILURE_BYTES])
{
    size_t len = strnlen(said, LETTER_FAILURE_BYTES - 1);

    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)said[i];
        out[i] = byte < 0x20 || byte >= 0x7f ? '?' : said[i];
    }
    out[len] = '\0';
}

enum status
store_letter_back(struct store *store, int64_t id, int64_t now_ms, int64_t next_at_ms,
                  bool is_untouched, const char *failure)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, LETTER_BACK);
    char words[LETTER_FAILURE_BYTES];

    write_failure(failure, words);
    db_bind_int(query, 1, id);
    db_bind_int(query, 2, now_ms);
    db_bind_int(query, 3, next_at_ms);
    db_bind_int(query, 4, is_untouched);
    db_bind_text(query, 5, slice_of(words));
    return db_run(query);
}

enum status
store_letter_hold_all(struct store *store, int64_t now_ms, int64_t until_ms,
                      const char *failure)
{
    struct db_query *fail AUTO(db_query_end) = store_act(store, LETTER_FAIL_OLD);
    struct db_query *hold AUTO(db_query_end) = store_act(store, LETTER_HOLD);
    char words[LETTER_FAILURE_BYTES];

    write_failure(failure, words);
    db_bind_int(fail, 1, now_ms);
    db_bind_text(fail, 2, slice_of(words));
    db_bind_int(hold, 1, until_ms);
    enum status status = db_run(fail);
    return status == STATUS_OK ? db_run(hold) : status;
}

enum status
store_letter_release(struct store *store, int64_t before_ms)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, LETTER_RELEASE);

    db_bind_int(query, 1, before_ms);
    return db_run(query);
}

enum status
store_letter_again(struct store *store, int64_t id, int64_t now_ms, int64_t keep_ms)
{
    struct letter letter = {0};
    enum status status = store_letter_by_id(store, id, &letter);
    struct db_query *query AUTO(db_query_end) = store_act(store, LETTER_AGAIN);

    if (status != STATUS_OK)
        return status;
    if (letter.state == LETTER_TAKEN)
        return STATUS_CONFLICT;
    db_bind_int(query, 1, id);
    db_bind_int(query, 2, now_ms);
    db_bind_int(query, 3, now_ms + keep_ms);
    return db_run(query);
}

/* ---- reading ---- */

static enum status
read_letter(struct store *store, struct db_query *query, struct letter *out)
{
    struct row row = {.query = query};

    out->id = row_int(&row);
    row_text(&row, out->uid, sizeof(out->uid));
    out->kind = (enum notice_kind)row_int(&row);
    row_text(&row, out->email, sizeof(out->email));
    row_text(&row, out->name, sizeof(out->name));
    out->state = (enum letter_state)row_int(&row);
    out->line_count = row_int(&row);
    out->made_at_ms = row_int(&row);
    out->next_at_ms = row_int(&row);
    out->give_up_at_ms = row_int(&row);
    out->done_at_ms = row_int(&row);
    out->try_count = row_int(&row);
    row_text(&row, out->last_failure, sizeof(out->last_failure));
    return row.is_bad ? store_damaged(store, "letter") : STATUS_OK;
}

enum status
store_letter_by_id(struct store *store, int64_t id, struct letter *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, LETTER_BY_ID);
    struct letter letter = {0};

    db_bind_int(query, 1, id);
    enum status status = db_first(query);
    if (status == STATUS_OK)
        status = read_letter(store, query, &letter);
    if (status == STATUS_OK)
        *out = letter;
    return status;
}

static void
row_line(struct row *row, struct notice_line *out)
{
    *out = (struct notice_line){0};
    row_text(row, out->token_id, sizeof(out->token_id));
    row_text(row, out->title, sizeof(out->title));
    row_text(row, out->user_email, sizeof(out->user_email));
    row_text(row, out->user_name, sizeof(out->user_name));
    row_date(row, &out->expires_on);
    out->is_late = row_truth(row);
    row_text(row, out->note, sizeof(out->note));
}

enum status
store_letter_lines(struct store *store, int64_t id,
                   struct notice_line out[LETTER_LINE_MAX_COUNT], size_t *out_count)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, LETTER_LINES);
    size_t count = 0;
    enum status status = STATUS_OK;

    db_bind_int(query, 1, id);
    while (db_next(query, &status) && count < LETTER_LINE_MAX_COUNT) {
        struct row row = {.query = query};
        row_line(&row, &out[count++]);
        if (row.is_bad)
            return store_damaged(store, "letter_line");
    }
    if (status == STATUS_OK)
        *out_count = count;
    return status;
}

enum status
store_letter_list(struct store *store, const struct letter_query *wanted,
                  bool (*each)(void *ctx, const struct letter *), void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, LETTER_LIST);
    enum status status = STATUS_OK;

    db_bind_int(query, 1, wanted->before_id > 0 ? wanted->before_id : INT64_MAX);
    db_bind_int(query, 2, wanted->state);
    db_bind_int(query, 3, wanted->count > 0 ? wanted->count : LETTER_LIST_USUAL_COUNT);
    while (db_next(query, &status)) {
        struct letter letter = {0};
        status = read_letter(store, query, &letter);
        if (status != STATUS_OK)
            return status;
        if (!each(ctx, &letter))
            return STATUS_OK;
    }
    return status;
}

enum status
store_letter_count(struct store *store, struct letter_counts *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, LETTER_COUNT);
    enum status status = db_first(query);

    if (status == STATUS_OK)
        *out = (struct letter_counts){
            .waiting = db_int(query, 0),
            .failed = db_int(query, 1),
            .oldest_at_ms = db_int(query, 2),
        };
    return status;
}

enum status
store_letter_prune(struct store *store, int64_t before_ms, int64_t count)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, LETTER_PRUNE);

    db_bind_int(query, 1, before_ms);
    db_bind_int(query, 2, count);
    return db_run(query);
}
