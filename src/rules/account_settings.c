/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts about the account that people can change. */
#include "rules/account_settings.h"

#include "base/auto.h"
#include "base/number.h"
#include "rules/authority.h"
#include "rules/details.h"
#include "rules/words.h"
#include "store/store_events.h"

#include <stdio.h>

enum { FACT_NUMBER_CHARS = 24 };

static enum status
read_text(struct store *store, const char *name, char *out, size_t size)
{
    size_t len = 0;
    enum status status = store_fact_get(store, name, out, size, &len);

    if (status == STATUS_NOT_FOUND) {
        out[0] = '\0';
        return STATUS_OK;
    }
    return status;
}

/* A number, or `usual` when nothing is kept. */
static enum status
read_number(struct store *store, const char *name, int64_t usual, int64_t *out)
{
    char text[FACT_NUMBER_CHARS] = "";
    enum status status = read_text(store, name, text, sizeof(text));

    if (status != STATUS_OK)
        return status;
    if (text[0] == '\0')
        *out = usual;
    else if (number_read(slice_of(text), out) != STATUS_OK)
        return STATUS_BROKEN;
    return STATUS_OK;
}

static bool
keep_moment(void *ctx, const struct event *event)
{
    *(int64_t *)ctx = event->at_ms / 1000;
    return false;
}

enum status
account_read(struct store *store, struct account *out)
{
    struct account account = {0};
    struct event_query founding = {.kind = EVENT_ACCOUNT_CREATED, .count = 1};
    int64_t is_live = 1;
    int64_t is_bearer = 0;
    enum status status =
        read_text(store, "account_uid", account.uid, sizeof(account.uid));

    if (status == STATUS_OK)
        status = read_text(store, "account_name", account.name, sizeof(account.name));
    if (status == STATUS_OK)
        status = read_number(store, "live_rights", 1, &is_live);
    if (status == STATUS_OK)
        status = read_number(store, "allow_bearer", 0, &is_bearer);
    if (status == STATUS_OK)
        status = read_number(store, "account_version", 1, &account.version);
    if (status == STATUS_OK)
        status = store_event_list(store, &founding, keep_moment, &account.created_at_s);
    if (status != STATUS_OK)
        return status;
    account.is_live_rights = is_live != 0;
    account.is_bearer_allowed = is_bearer == 1;
    *out = account;
    return STATUS_OK;
}

static json_t *
details_account(const struct account *account)
{
    return json_pack("{s:s, s:b, s:b}", "name", account->name, "liveRights",
                     account->is_live_rights, "allowBearer", account->is_bearer_allowed);
}

static enum status
write_facts(const struct act *act, const struct account *account)
{
    char version[FACT_NUMBER_CHARS] = "";
    int len = snprintf(version, sizeof(version), "%lld", (long long)account->version);
    enum status status =
        store_fact_set(act->store, "account_name", account->name, strlen(account->name));

    if (status == STATUS_OK)
        status = store_fact_set(act->store, "live_rights",
                                account->is_live_rights ? "1" : "0", 1);
    if (status == STATUS_OK)
        status = store_fact_set(act->store, "allow_bearer",
                                account->is_bearer_allowed ? "1" : "0", 1);
    if (status == STATUS_OK)
        status = store_fact_set(act->store, "account_version", version, (size_t)len);
    if (status == STATUS_OK)
        status = store_change_add(act->store, CHANGE_SETTING, "live_rights");
    return status;
}

static enum status
apply_edit(const struct act *act, const struct account_edit *edit,
           struct account *account)
{
    if (edit->if_version != 0 && edit->if_version != account->version)
        return failure_set(act->failure, STATUS_CONFLICT, "version",
                           "the account has been changed meanwhile; read it again");
    if (edit->is_live_rights)
        account->is_live_rights = *edit->is_live_rights;
    if (edit->is_bearer_allowed)
        account->is_bearer_allowed = *edit->is_bearer_allowed;
    if (!edit->name)
        return STATUS_OK;
    return words_read(&WORDS_ACCOUNT_NAME, *edit->name, account->name,
                      sizeof(account->name), act->failure);
}

static enum status
change_in_transaction(const struct act *act, const struct account_edit *edit,
                      struct account *account)
{
    struct authority authority = {0};
    json_t *before AUTO(details_done) = NULL;
    json_t *after AUTO(details_done) = NULL;
    enum status status = authority_need(act, PERMISSION_SETTINGS_MANAGE, &authority);

    if (status == STATUS_OK)
        status = account_read(act->store, account);
    if (status != STATUS_OK)
        return status;
    before = details_account(account);
    status = apply_edit(act, edit, account);
    after = details_account(account);
    if (status != STATUS_OK || json_equal(before, after))
        return status;

    struct happening what = {
        .kind = EVENT_SETTING_UPDATED,
        .object_kind = "account",
        .object_id = account->uid,
        .object_name = account->name,
    };
    account->version++;
    status = write_facts(act, account);
    return status == STATUS_OK ? history_add_change(act, what, "edited", before, after)
                               : status;
}

enum status
account_change(const struct act *act, const struct account_edit *edit,
               struct account *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct account account = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = change_in_transaction(act, edit, &account);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = account;
    return status;
}
