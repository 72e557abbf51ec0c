/* SPDX-License-Identifier: Apache-2.0
 *
 * Letters sent again, and test letters. */
#include "rules/letters.h"

#include "base/auto.h"
#include "base/mem.h"
#include "rules/authority.h"
#include "rules/notices.h"
#include "store/store_letters.h"

static enum status
send_one_again(const struct act *act, int64_t id)
{
    enum status status =
        store_letter_again(act->store, id, act->now_ms, (int64_t)NOTICE_KEEP_S * 1000);

    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, status, "id", "there is no letter %lld",
                           (long long)id);
    if (status == STATUS_CONFLICT)
        return failure_set(act->failure, STATUS_REFUSED, "id",
                           "the letter is being sent at this moment");
    return status;
}

static enum status
need(const struct act *act)
{
    struct authority authority = {0};

    return authority_need(act, PERMISSION_SETTINGS_MANAGE, &authority);
}

enum status
letter_send_again(const struct act *act, int64_t id, struct letter *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct letter letter = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = need(act);
    if (status == STATUS_OK)
        status = send_one_again(act, id);
    if (status == STATUS_OK)
        status = store_letter_by_id(act->store, id, &letter);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = letter;
    return status;
}

struct ids {
    int64_t at[LETTER_AGAIN_MAX_COUNT];
    size_t count;
};

static bool
add_id(void *ctx, const struct letter *letter)
{
    struct ids *ids = ctx;

    ids->at[ids->count++] = letter->id;
    return ids->count < LETTER_AGAIN_MAX_COUNT;
}

enum status
letter_send_failed_again(const struct act *act, size_t *out_count)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct ids *ids AUTO(mem_done) = mem_new(sizeof(*ids));
    struct letter_query failed = {.state = LETTER_FAILED,
                                  .count = LETTER_AGAIN_MAX_COUNT};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = need(act);
    if (status == STATUS_OK)
        status = store_letter_list(act->store, &failed, add_id, ids);
    for (size_t i = 0; status == STATUS_OK && i < ids->count; i++)
        status = send_one_again(act, ids->at[i]);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out_count = ids->count;
    return status;
}

enum status
letter_add_test(const struct act *act, const struct user *user, struct letter *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct letter_to to = {
        .email = user->email,
        .name = user->name,
        .kind = NOTICE_TEST,
        .now_ms = act->now_ms,
        .keep_ms = (int64_t)NOTICE_KEEP_S * 1000,
    };
    struct letter letter = {0};
    int64_t id = 0;
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = need(act);
    if (status == STATUS_OK)
        status = store_letter_begin(act->store, &to, &id);
    if (status == STATUS_OK)
        status = store_letter_by_id(act->store, id, &letter);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = letter;
    return status;
}
