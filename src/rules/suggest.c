/* SPDX-License-Identifier: Apache-2.0
 *
 * The least that a token has needed. */
#include "rules/suggest.h"

#include "base/auto.h"
#include "base/number.h"
#include "store/store_token_used.h"

#include <string.h>

struct finding {
    const struct token *token;
    struct suggestion *suggestion;
    int64_t first_day;
};

static void
note_permission(struct finding *finding, struct slice item)
{
    struct suggestion *suggestion = finding->suggestion;
    int64_t number = 0;

    if (number_read(item, &number) == STATUS_OK && number > 0 &&
        number < PERMISSION_MAX_COUNT &&
        permission_set_has(&suggestion->unused, (uint16_t)number)) {
        permission_set_remove(&suggestion->unused, (uint16_t)number);
        permission_set_add(&suggestion->used, (uint16_t)number);
    }
}

static void
note_address(struct finding *finding, struct slice item)
{
    const struct token *token = finding->token;
    char text[IP_RANGE_TEXT_MAX + 1];

    for (size_t i = 0; i < token->address_count; i++) {
        ip_range_write(&token->addresses[i], text);
        if (slice_equal(slice_of(text), item))
            finding->suggestion->address_unused[i] = false;
    }
}

static void
note_group(struct finding *finding, struct slice item)
{
    const struct token *token = finding->token;
    int64_t id = 0;

    if (number_read(item, &id) != STATUS_OK)
        return;
    for (size_t i = 0; i < token->group_count; i++) {
        if (token->group_ids[i] == id)
            finding->suggestion->group_unused[i] = false;
    }
}

static void
note_used(void *ctx, const struct token_used *used)
{
    struct finding *finding = ctx;

    if (used->day < finding->first_day)
        return;
    switch (used->kind) {
    case USED_PERMISSION:
        note_permission(finding, slice_of(used->item));
        break;
    case USED_ADDRESS:
        note_address(finding, slice_of(used->item));
        break;
    case USED_GROUP:
        note_group(finding, slice_of(used->item));
        break;
    }
}

/* Manage brings View along: it cannot be left out alone. */
static void
keep_implied(struct suggestion *suggestion, const struct token *token)
{
    permission_set_imply(&suggestion->used);
    suggestion->used = permission_set_both(suggestion->used, token->permissions);
    suggestion->unused = permission_set_without(suggestion->unused, suggestion->used);
}

static void
count_unused(struct suggestion *suggestion)
{
    for (size_t i = 0; i < TOKEN_ADDRESS_MAX_COUNT; i++)
        suggestion->unused_address_count += suggestion->address_unused[i];
    for (size_t i = 0; i < TOKEN_GROUP_MAX_COUNT; i++)
        suggestion->unused_group_count += suggestion->group_unused[i];
}

enum status
suggest_read(struct store *store, const struct token *token, int64_t days, int64_t now_s,
             struct suggestion *out)
{
    int64_t today = now_s / DAY_S;
    int64_t since_day = 0;
    struct finding finding = {token, out, today - days + 1};
    enum status status = store_used_since_day(store, &since_day);

    *out = (struct suggestion){.days = days, .unused = token->permissions};
    if (status == STATUS_NOT_FOUND) /* nobody has written it down: nothing is known */
        since_day = today;
    else if (status != STATUS_OK)
        return status;
    out->since_day =
        token->created_at_s / DAY_S > since_day ? token->created_at_s / DAY_S : since_day;
    out->is_whole = out->since_day <= finding.first_day;
    out->is_used = token->last_used_at_s / DAY_S >= finding.first_day;
    memset(out->address_unused, true, token->address_count);
    memset(out->group_unused, true, token->group_count);
    status = store_token_used_list(store, slice_of(token->id), note_used, &finding);
    if (status != STATUS_OK)
        return status;
    keep_implied(out, token);
    count_unused(out);
    return STATUS_OK;
}

void
suggest_set(const struct token *token, const struct suggestion *suggestion,
            struct rights_set *out)
{
    bool has_group = suggestion->unused_group_count < token->group_count;
    bool has_address = suggestion->unused_address_count < token->address_count;

    *out = (struct rights_set){.permissions = suggestion->used};
    for (size_t i = 0; i < token->group_count; i++) {
        if (!has_group || !suggestion->group_unused[i])
            out->group_ids[out->group_count++] = token->group_ids[i];
    }
    for (size_t i = 0; i < token->address_count; i++) {
        if (!has_address || !suggestion->address_unused[i])
            out->addresses[out->address_count++] = token->addresses[i];
    }
}
