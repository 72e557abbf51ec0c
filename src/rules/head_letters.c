/* SPDX-License-Identifier: Apache-2.0
 *
 * Heads in letters. A fact of the store says when there were letters last, and over how
 * many events; it is written in the transaction of the letters. */
#include "rules/head_letters.h"

#include "base/auto.h"
#include "base/mem.h"
#include "base/number.h"
#include "model/notice.h"
#include "rules/history_line.h"
#include "rules/notices.h"
#include "store/store_event_tree.h"
#include "store/store_letters.h"
#include "store/store_notices.h"
#include "json/write.h"

#include <stdio.h>
#include <string.h>

static const char TOLD_FACT[] = "head_letter"; /* "AT_MS SIZE" */

enum { FACT_CHARS = 48 };

struct told {
    int64_t at_ms, size;
};

/* What one act needs. */
struct telling {
    struct store *store;
    int64_t now_ms;
    struct notice_line line;
};

/* STATUS_NOT_FOUND: there were no letters yet, or the fact is none of ours. */
static enum status
read_told(struct store *store, struct told *out)
{
    char text[FACT_CHARS];
    struct slice rest, at;
    size_t len = 0;
    enum status status = store_fact_get(store, TOLD_FACT, text, sizeof(text), &len);

    if (status != STATUS_OK)
        return status;
    rest = slice_of(text);
    if (!slice_cut(&rest, ' ', &at) || number_read(at, &out->at_ms) != STATUS_OK ||
        number_read(rest, &out->size) != STATUS_OK)
        return STATUS_NOT_FOUND;
    return STATUS_OK;
}

static enum status
write_told(struct store *store, int64_t now_ms, int64_t size)
{
    char text[FACT_CHARS];
    int len =
        snprintf(text, sizeof(text), "%lld %lld", (long long)now_ms, (long long)size);

    return store_fact_set(store, TOLD_FACT, text, (size_t)len);
}

static bool
is_due(const struct told *told, const struct tree_head *head, int64_t now_ms,
       int64_t every_days)
{
    int64_t since_ms = now_ms - told->at_ms;
    int64_t every_ms = every_days * DAY_S * 1000;

    return head->size > told->size && (since_ms >= every_ms || since_ms <= -every_ms);
}

/* The line's note is the head as 'tokenhouse events head' prints it. */
static enum status
write_line(const struct tree_head *head, struct notice_line *out)
{
    struct buffer text AUTO(buffer_done) = buffer_make(sizeof(out->note) - 1);
    struct json_writer writer = json_write_into(&text);

    history_head_write(&writer, head);
    enum status status = json_write_done(&writer);
    if (status != STATUS_OK)
        return status;
    snprintf(out->title, sizeof(out->title), "%lld", (long long)head->size);
    snprintf(out->note, sizeof(out->note), "%.*s", (int)text.len, (const char *)text.at);
    out->expires_on = date_of(head->at_ms / 1000);
    return STATUS_OK;
}

static enum status
tell_admin(void *ctx, const char *email, const char *name)
{
    const struct telling *telling = ctx;
    struct letter_to to = {
        .email = email,
        .name = name,
        .kind = NOTICE_HEAD,
        .now_ms = telling->now_ms,
        .gap_ms = (int64_t)NOTICE_GAP_S * 1000,
        .keep_ms = (int64_t)NOTICE_KEEP_S * 1000,
    };

    return store_letter_add_lines(telling->store, &to, &telling->line, 1);
}

static enum status
tell_all(struct store *store, const struct tree_head *head, int64_t now_ms)
{
    struct telling *telling AUTO(mem_done) = mem_new(sizeof(*telling));
    enum status status = write_line(head, &telling->line);

    telling->store = store;
    telling->now_ms = now_ms;
    if (status == STATUS_OK)
        status = store_admin_list(store, tell_admin, telling);
    return status == STATUS_OK ? write_told(store, now_ms, head->size) : status;
}

/* Inside the transaction: somebody else may have been faster. */
static enum status
carry_out_in_act(struct store *store, int64_t now_ms, int64_t every_days)
{
    struct tree_head head = {0};
    struct told told = {0};
    enum status status = read_told(store, &told);

    if (status == STATUS_NOT_FOUND)
        return write_told(store, now_ms, 0);
    if (status == STATUS_OK)
        status = store_event_head_newest(store, &head);
    if (status != STATUS_OK || !is_due(&told, &head, now_ms, every_days))
        return status;
    return tell_all(store, &head, now_ms);
}

enum status
head_letters_carry_out(struct store *store, int64_t now_ms, int64_t every_days)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct tree_head head = {0};
    struct told told = {0};
    enum status status = store_event_head_newest(store, &head);

    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status; /* nothing is signed */
    status = read_told(store, &told);
    if (status != STATUS_NOT_FOUND &&
        (status != STATUS_OK || !is_due(&told, &head, now_ms, every_days)))
        return status; /* nearly always */
    status = store_begin(store);
    if (status != STATUS_OK)
        return status;
    begun = store;
    status = carry_out_in_act(store, now_ms, every_days);
    return status == STATUS_OK ? store_commit(store) : status;
}
