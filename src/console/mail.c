/* SPDX-License-Identifier: Apache-2.0
 *
 * The outbox at the console: what became of letters, once more, and a test. */
#include "base/number.h"
#include "console/handlers.h"
#include "console/list.h"
#include "rules/letters.h"
#include "store/store_letters.h"

static void
write_letter(struct json_writer *writer, const struct letter *letter)
{
    json_write_object(writer);
    json_write_member_int(writer, "id", letter->id);
    json_write_member_text(writer, "notice", notice_kind_name(letter->kind));
    json_write_member_text(writer, "to", letter->email);
    json_write_member_text(writer, "name", letter->name);
    json_write_member_text(writer, "state", letter_state_name(letter->state));
    json_write_member_int(writer, "tokens", letter->line_count);
    json_write_member_int(writer, "tries", letter->try_count);
    json_write_member_text(writer, "lastFailure", letter->last_failure);
    visit_write_time(writer, "madeAt", letter->made_at_ms / 1000);
    visit_write_time(writer, "nextTryAt",
                     letter->state == LETTER_WAITING ? letter->next_at_ms / 1000 : 0);
    visit_write_time(writer, "doneAt", letter->done_at_ms / 1000);
    json_write_end(writer);
}

static enum status
answer_letter(struct visit *v, int status, const struct letter *letter)
{
    struct json_writer writer = visit_json(v, status);

    write_letter(&writer, letter);
    return json_write_done(&writer);
}

/* ---- the list ---- */

/* Untouched when the query names none. */
static enum status
read_state(struct visit *v, int64_t *out)
{
    struct slice typed = {0};

    if (!visit_query(v, "state", &typed))
        return STATUS_OK;
    for (int state = LETTER_WAITING; state <= LETTER_FAILED; state++) {
        if (slice_equal(typed, slice_of(letter_state_name((enum letter_state)state)))) {
            *out = state;
            return STATUS_OK;
        }
    }
    return visit_refuse(v, PROBLEM_INVALID, "state",
                        "state must be one of waiting, being sent, sent, failed");
}

struct page_writing {
    struct json_writer *writer;
    size_t left; /* rows of the page */
    int64_t last_id;
    bool is_more;
};

static bool
write_row(void *ctx, const struct letter *letter)
{
    struct page_writing *page = ctx;

    if (page->left == 0) {
        page->is_more = true;
        return false;
    }
    page->left--;
    page->last_id = letter->id;
    write_letter(page->writer, letter);
    return true;
}

enum status
mail_list(struct visit *v)
{
    static const char *const NAMES[] = {"state", "pageSize", "after", NULL};
    struct letter_query query = {0};
    struct list_ask ask;
    struct list_mark next = {.is_there = true};
    enum status status = visit_query_names(v, NAMES);

    if (status == STATUS_OK)
        status = read_state(v, &query.state);
    if (status == STATUS_OK)
        status = list_read(v, NULL, &ask);
    if (status != STATUS_OK)
        return status;
    query.before_id = ask.page.after.is_there ? ask.page.after.id_number : 0;
    query.count = (int64_t)ask.page.count + 1;
    struct json_writer writer = list_begin(v);
    struct page_writing page = {.writer = &writer, .left = (size_t)ask.page.count};
    status = store_letter_list(v->reader, &query, write_row, &page);
    if (status != STATUS_OK)
        return status;
    next.id_number = page.last_id;
    return list_end(v, &writer, &ask, page.is_more ? &next : NULL, -1);
}

/* ---- how mail is sent ---- */

enum status
mail_show(struct visit *v)
{
    const struct config *config = v->setup->config;
    struct letter_counts counts = {0};
    enum status status = store_letter_count(v->reader, &counts);

    if (status != STATUS_OK)
        return status;
    struct json_writer writer = visit_json(v, 200);
    json_write_object(&writer);
    json_write_member_text(&writer, "by", config->smtp_url[0] ? "smtp" : "file");
    json_write_member_text(&writer, "server", config->smtp_url);
    json_write_member_text(&writer, "from", config->mail_from);
    json_write_member_text(&writer, "consoleUrl", config->console_url);
    json_write_member_int(&writer, "waiting", counts.waiting);
    json_write_member_int(&writer, "failed", counts.failed);
    visit_write_time(&writer, "oldestWaitingAt", counts.oldest_at_ms / 1000);
    json_write_end(&writer);
    return json_write_done(&writer);
}

/* ---- acts ---- */

enum status
mail_send_again(struct visit *v)
{
    struct letter letter = {0};
    int64_t id = 0;

    if (number_read(v->match.parameters[0], &id) != STATUS_OK)
        return visit_refuse(v, PROBLEM_NOT_FOUND, NULL, "there is no such letter");
    enum status status = letter_send_again(&v->act, id, &letter);
    return status == STATUS_OK ? answer_letter(v, 200, &letter) : status;
}

/* To whoever asks: nobody can have mail sent to others by it. */
enum status
mail_test(struct visit *v)
{
    struct letter letter = {0};
    enum status status = letter_add_test(&v->act, &v->user, &letter);

    return status == STATUS_OK ? answer_letter(v, 201, &letter) : status;
}
