/* SPDX-License-Identifier: Apache-2.0
 *
 * What the background thread does for the webhook: takes the oldest notices, in order, as
 * one body; signs it with the server's key; posts it; drops them when they were taken. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "jose/jws.h"
#include "rules/notices.h"
#include "store/store_webhook.h"
#include "json/write.h"

enum {
    BATCH_MAX_COUNT = 100,
    BODY_MAX_BYTES = 1024 * 1024, /* 100 notices with the longest texts: 150 KB */
    PAUSE_LEAST_MS = 15 * 1000,
    PAUSE_DOUBLE_COUNT = 6, /* to 16 minutes */
    DROP_MS = 60 * 1000,
};

static void
write_notice(struct json_writer *writer, const struct webhook_notice *notice)
{
    const struct notice_line *line = &notice->line;
    char date[DATE_CHARS + 1];

    date_write(line->expires_on, date);
    json_write_object(writer);
    json_write_member_int(writer, "id", notice->id);
    json_write_member_text(writer, "notice", notice_kind_name(notice->kind));
    json_write_member_moment(writer, "at", notice->at_ms);
    json_write_member_text(writer, "tokenId", line->token_id);
    json_write_member_text(writer, "title", line->title);
    json_write_member_text(writer, "expiresOn", date);
    json_write_member_text(writer, "userEmail", line->user_email);
    json_write_member_text(writer, "userName", line->user_name);
    json_write_member_bool(writer, "isLate", line->is_late);
    json_write_member_text(writer, "note", line->note);
    json_write_end(writer);
}

static enum status
write_body(const struct webhook_notice *notices, size_t count, struct buffer *out)
{
    struct json_writer writer = json_write_into(out);

    json_write_object(&writer);
    json_write_member_moment(&writer, "sentAt", clock_now_ms());
    json_write_key(&writer, "notices");
    json_write_array(&writer);
    for (size_t i = 0; i < count; i++)
        write_notice(&writer, &notices[i]);
    json_write_end(&writer);
    json_write_end(&writer);
    return json_write_done(&writer);
}

static enum status
post(struct house *house, const struct webhook_notice *notices, size_t count)
{
    struct house_background *background = &house->background;
    struct buffer body AUTO(buffer_done) = buffer_make(BODY_MAX_BYTES);
    struct buffer signature AUTO(buffer_done) = buffer_make(1024);
    struct failure failure = {0};
    enum status status = write_body(notices, count, &body);

    if (status == STATUS_OK)
        status = jws_sign_detached(buffer_slice(&body), clock_now_ms(),
                                   house->keeper.server_key, &signature);
    if (status == STATUS_OK)
        status = webhook_post(background->webhook, buffer_slice(&body),
                              buffer_slice(&signature), &failure);
    if (status != STATUS_OK)
        log_event(LOG_WARN, "the webhook has not taken the notices",
                  LOG_INT("notices", (int64_t)count),
                  LOG_TEXT("why", slice_of(failure.text)));
    return status;
}

static enum status
drop(struct house_background *background, int64_t id, int64_t before_ms)
{
    struct store *act AUTO(store_undo_done) = background->store;
    enum status status = store_begin(act);

    if (status == STATUS_OK)
        status =
            id > 0 ? store_webhook_drop(act, id) : store_webhook_drop_old(act, before_ms);
    return status == STATUS_OK ? store_commit(act) : status;
}

/* What nobody listens to is dropped; what nobody has taken, after three days. */
static enum status
drop_old(struct house *house)
{
    struct house_background *background = &house->background;
    int64_t now_ms = clock_now_ms();
    int64_t before_ms =
        background->webhook ? now_ms - (int64_t)NOTICE_KEEP_S * 1000 : INT64_MAX;

    if (clock_monotonic_ms() < background->webhook_drop_ms)
        return STATUS_OK;
    background->webhook_drop_ms = clock_monotonic_ms() + DROP_MS;
    return drop(background, 0, before_ms);
}

enum status
webhook_turn(struct house *house)
{
    struct house_background *background = &house->background;
    struct webhook_notice *notices AUTO(mem_done) =
        mem_new(BATCH_MAX_COUNT * sizeof(*notices));
    size_t count = 0;
    enum status status = drop_old(house);

    if (status != STATUS_OK || !background->webhook ||
        clock_monotonic_ms() < background->webhook_due_ms)
        return status;
    status = store_webhook_list(background->store, notices, BATCH_MAX_COUNT, &count);
    if (status != STATUS_OK || count == 0)
        return status;
    if (post(house, notices, count) == STATUS_OK) {
        background->webhook_failure_count = 0;
        return drop(background, notices[count - 1].id, 0);
    }
    int64_t doubled = background->webhook_failure_count < PAUSE_DOUBLE_COUNT
                          ? background->webhook_failure_count++
                          : PAUSE_DOUBLE_COUNT;
    background->webhook_due_ms =
        clock_monotonic_ms() + ((int64_t)PAUSE_LEAST_MS << doubled);
    return STATUS_OK;
}
