/* SPDX-License-Identifier: Apache-2.0
 *
 * Acts on licences. */
#include "rules/licences.h"

#include "base/auto.h"
#include "rules/authority.h"
#include "rules/details.h"
#include "rules/words.h"
#include "store/store_people.h"

int64_t
licence_endless_s(void)
{
    return date_start_s((struct date){9999, 12, 31});
}

static struct happening
happening_of(const struct licence *licence)
{
    return (struct happening){
        .kind = EVENT_LICENCE_UPDATED,
        .object_kind = "licence",
        .object_id = licence->uid,
        .object_name = licence->name,
    };
}

static enum status
record_change(const struct act *act, const struct licence *licence, const char *action,
              json_t *before, json_t *after)
{
    enum status status =
        history_add_change(act, happening_of(licence), action, before, after);

    if (status == STATUS_OK)
        status = store_change_add_id(act->store, CHANGE_LICENCE, licence->id);
    return status;
}

static enum status
read_day(const struct act *act, const char *field, struct slice typed, struct date *out)
{
    struct slice text = slice_trim(typed);

    if (date_read(text, out) == STATUS_OK)
        return STATUS_OK;
    return failure_set(act->failure, STATUS_MALFORMED, field,
                       "'%.*s' is not a date; wanted is YYYY-MM-DD", WORDS_SHORT(text));
}

static enum status
read_span(const struct act *act, const struct licence_wish *wish, struct licence *out)
{
    struct date day = {0};
    enum status status = STATUS_OK;

    if (wish->starts_on) {
        status = read_day(act, "startsOn", *wish->starts_on, &day);
        if (status == STATUS_OK)
            out->starts_at_s = date_start_s(day);
    }
    if (status == STATUS_OK && wish->ends_on && slice_trim(*wish->ends_on).len == 0) {
        out->ends_at_s = licence_endless_s();
    } else if (status == STATUS_OK && wish->ends_on) {
        status = read_day(act, "endsOn", *wish->ends_on, &day);
        if (status == STATUS_OK)
            out->ends_at_s = date_start_s(day) + DAY_S; /* to the end of that day */
    }
    if (status == STATUS_OK && out->ends_at_s <= out->starts_at_s)
        return failure_set(act->failure, STATUS_MALFORMED, "endsOn",
                           "the licence ends before it begins");
    return status;
}

static enum status
read_wish(const struct act *act, const struct licence_wish *wish, struct licence *out)
{
    enum status status = STATUS_OK;

    if (wish->name)
        status = words_read(&WORDS_LICENCE_NAME, *wish->name, out->name,
                            sizeof(out->name), act->failure);
    if (status == STATUS_OK && wish->order_no)
        status = words_read(&WORDS_ORDER_NO, *wish->order_no, out->order_no,
                            sizeof(out->order_no), act->failure);
    if (status == STATUS_OK)
        status = read_span(act, wish, out);
    if (status != STATUS_OK || !wish->seat_count)
        return status;
    if (*wish->seat_count < 0 || *wish->seat_count > LICENCE_SEATS_MAX)
        return failure_set(act->failure, STATUS_MALFORMED, "seatCount",
                           "the number of seats is %lld; wanted are 0 to %d",
                           (long long)*wish->seat_count, LICENCE_SEATS_MAX);
    out->seat_count = *wish->seat_count;
    return STATUS_OK;
}

/* ---- the acts ---- */

static enum status
add_in_transaction(const struct act *act, struct licence *licence)
{
    struct authority authority = {0};
    json_t *after AUTO(details_done) = NULL;
    enum status status = authority_need(act, PERMISSION_LICENSES_MANAGE, &authority);

    if (status == STATUS_OK)
        status = store_licence_add(act->store, licence, &licence->id);
    if (status == STATUS_OK)
        status = details_licence(licence, &after);
    if (status == STATUS_OK)
        status = record_change(act, licence, "created", NULL, after);
    return status;
}

enum status
licence_add(const struct act *act, const struct licence_wish *wish, struct licence *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct slice no_name = {0};
    struct licence_wish whole = *wish;
    struct licence licence = {
        .starts_at_s = date_start_s(date_of(act->now_ms / 1000)),
        .ends_at_s = licence_endless_s(),
        .seat_count = LICENCE_SEATS_MAX,
        .version = 1,
    };
    enum status status = STATUS_OK;

    if (!whole.name)
        whole.name = &no_name; /* which the rule refuses */
    status = read_wish(act, &whole, &licence);
    if (status == STATUS_OK)
        status = store_begin(act->store);
    if (status != STATUS_OK)
        return status;
    begun = act->store;
    uuid_make(licence.uid);
    status = add_in_transaction(act, &licence);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = licence;
    return status;
}

static enum status
find_licence(const struct act *act, struct slice uid, struct licence *out)
{
    struct authority authority = {0};
    enum status status = authority_need(act, PERMISSION_LICENSES_MANAGE, &authority);

    if (status == STATUS_OK)
        status = store_licence_by_uid(act->store, uid, out);
    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, status, "uid", "there is no such licence");
    return status;
}

static enum status
change_in_transaction(const struct act *act, struct slice uid,
                      const struct licence_wish *wish, struct licence *licence)
{
    json_t *before AUTO(details_done) = NULL;
    json_t *after AUTO(details_done) = NULL;
    enum status status = find_licence(act, uid, licence);

    if (status == STATUS_OK && wish->if_version != 0 &&
        wish->if_version != licence->version)
        return failure_set(act->failure, STATUS_CONFLICT, "version",
                           "the licence has been changed meanwhile; read it again");
    if (status == STATUS_OK)
        status = details_licence(licence, &before);
    if (status == STATUS_OK)
        status = read_wish(act, wish, licence);
    if (status == STATUS_OK)
        status = details_licence(licence, &after);
    if (status != STATUS_OK || json_equal(before, after))
        return status;
    status = store_licence_change(act->store, licence);
    if (status == STATUS_OK)
        status = record_change(act, licence, "edited", before, after);
    return status == STATUS_OK ? store_licence_by_uid(act->store, uid, licence) : status;
}

enum status
licence_change(const struct act *act, struct slice uid, const struct licence_wish *wish,
               struct licence *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct licence licence = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = change_in_transaction(act, uid, wish, &licence);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = licence;
    return status;
}

enum status
licence_delete(const struct act *act, struct slice uid)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    json_t *before AUTO(details_done) = NULL;
    struct licence licence = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = find_licence(act, uid, &licence);
    if (status == STATUS_OK)
        status = details_licence(&licence, &before);
    if (status == STATUS_OK)
        status = store_licence_remove(act->store, licence.id);
    if (status == STATUS_OK)
        status = record_change(act, &licence, "deleted", before, NULL);
    return status == STATUS_OK ? store_commit(act->store) : status;
}
