/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse token suggest: what a successor may do without. */
#include "cli/cmd_token_suggest.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "base/number.h"
#include "cli/cli_house.h"
#include "cli/cli_permissions.h"
#include "cli/cli_table.h"
#include "rules/details.h"
#include "rules/suggest.h"
#include "store/store_people.h"
#include "store/store_tokens.h"

#include <stdio.h>

static int
read_days(const struct options *options, int64_t *out)
{
    const char *typed = options_value(options, "days");

    *out = SUGGEST_USUAL_DAYS;
    if (typed && (number_read(slice_of(typed), out) != STATUS_OK || *out < 1 ||
                  *out > SUGGEST_MAX_DAYS))
        return cli_failed(options, "--days '%s' is no number from 1 to %d", typed,
                          SUGGEST_MAX_DAYS);
    return EXIT_DONE;
}

static json_t *
addresses_json(const struct token *token, const struct suggestion *suggestion)
{
    json_t *list = json_array();
    char text[IP_RANGE_TEXT_MAX + 1];

    for (size_t i = 0; i < token->address_count; i++) {
        ip_range_write(&token->addresses[i], text);
        if (suggestion->address_unused[i])
            json_array_append_new(list, json_string(text));
    }
    return list;
}

static json_t *
groups_json(struct store *store, const struct token *token,
            const struct suggestion *suggestion)
{
    json_t *list = json_array();
    struct device_group group;

    for (size_t i = 0; i < token->group_count; i++) {
        if (suggestion->group_unused[i] &&
            store_group_by_id(store, token->group_ids[i], &group) == STATUS_OK)
            json_array_append_new(list, json_string(group.name));
    }
    return list;
}

static int
print_json(struct store *store, const struct token *token,
           const struct suggestion *suggestion)
{
    char since[DATE_CHARS + 1];

    date_write(date_of(suggestion->since_day * DAY_S), since);
    json_t *unused = json_pack("{s:o, s:o, s:o}", "permissions",
                               details_permissions(&suggestion->unused),
                               "approvedAddresses", addresses_json(token, suggestion),
                               "groups", groups_json(store, token, suggestion));
    return cli_print_json(json_pack(
        "{s:I, s:s, s:b, s:b, s:o, s:o}", "days", (json_int_t)suggestion->days, "since",
        since, "isWhole", suggestion->is_whole, "isUsed", suggestion->is_used, "used",
        details_permissions(&suggestion->used), "unused", unused));
}

static void
print_list(const char *title, json_t *list)
{
    json_t *items AUTO(cli_json_done) = list;
    size_t index = 0;
    json_t *item = NULL;

    if (json_array_size(items) > 0)
        printf("%s:\n", title);
    json_array_foreach(items, index, item) cli_show_text("  ", json_string_value(item));
}

static void
print_words(struct store *store, const struct token *token,
            const struct suggestion *suggestion)
{
    char since[DATE_CHARS + 1];

    date_write(date_of(suggestion->since_day * DAY_S), since);
    if (!suggestion->is_whole)
        printf("What this token uses is known since %s only.\n", since);
    if (!suggestion->is_used) {
        printf("It has not been used at all in %lld days.\n",
               (long long)suggestion->days);
        return;
    }
    printf("Permissions that it has and has not used in %lld days:\n",
           (long long)suggestion->days);
    cli_permissions_print(&suggestion->unused, "none");
    print_list("Approved addresses", addresses_json(token, suggestion));
    print_list("Device groups", groups_json(store, token, suggestion));
}

int
cmd_token_suggest(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct token *token AUTO(mem_done) = mem_new(sizeof(*token));
    struct suggestion *suggestion AUTO(mem_done) = mem_new(sizeof(*suggestion));
    const char *id = options->arguments[0];
    int64_t days = 0;

    if (read_days(options, &days) != EXIT_DONE ||
        cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = store_token_by_id(house.store, slice_of(id), token);
    if (status == STATUS_NOT_FOUND)
        return cli_failed(options, "there is no token '%s'", id);
    if (status == STATUS_OK)
        status = suggest_read(house.store, token, days, clock_now_s(), suggestion);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "what the token has used cannot be read");
    if (options_has(options, "json"))
        return print_json(house.store, token, suggestion);
    print_words(house.store, token, suggestion);
    return EXIT_DONE;
}
