/* SPDX-License-Identifier: Apache-2.0
 *
 * A user's tokens with their use of the last 30 days, the busiest first. */
#include "cli/cli_leaving.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "cli/cli_table.h"
#include "rules/details.h"
#include "rules/suggest.h"
#include "rules/token_life.h"
#include "store/store_lists.h"
#include "store/store_tokens.h"

#include <stdio.h>

enum { SHOWN_TOKENS = 20, DAYS = 30, SHOWN_USED = 3, USED_CHARS = 400 };

/* "Device reports:View, … and 2 more": what a token used of what it may. */
static enum status
write_used(struct cli_house *house, const struct token *token, char out[USED_CHARS])
{
    struct suggestion *suggestion AUTO(mem_done) = mem_new(sizeof(*suggestion));
    json_t *names AUTO(cli_json_done) = NULL;
    size_t len = 0;
    enum status status =
        suggest_read(house->store, token, DAYS, clock_now_s(), suggestion);

    if (status != STATUS_OK)
        return status;
    names = details_permissions(&suggestion->used);
    size_t count = json_array_size(names);
    snprintf(out, USED_CHARS, "-");
    for (size_t i = 0; i < count && i < SHOWN_USED && len < USED_CHARS; i++)
        len += (size_t)snprintf(out + len, USED_CHARS - len, "%s%s", i ? ", " : "",
                                json_string_value(json_array_get(names, i)));
    if (count > SHOWN_USED && len < USED_CHARS)
        snprintf(out + len, USED_CHARS - len, " and %zu more", count - SHOWN_USED);
    return STATUS_OK;
}

static enum status
add_row(struct cli_house *house, const struct token_sum *sum, struct cli_table *table)
{
    struct token *token AUTO(mem_done) = mem_new(sizeof(*token));
    char used[CLI_TIME_CHARS + 1] = "";
    char address[IP_TEXT_MAX + 1] = "-";
    char did[USED_CHARS];
    enum status status = store_token_by_id(house->store, slice_of(sum->id), token);

    if (status == STATUS_OK)
        status = write_used(house, token, did);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    cli_time_write(token->last_used_at_s, used);
    if (token->last_used_at_s != 0)
        ip_write(&token->last_used_from, address);
    cli_table_add(table, token->id);
    cli_table_add(table, token->title);
    cli_table_add(table, token_state_label(token_state_at(token, clock_now_s())));
    cli_table_print(table, "%lld", (long long)sum->permitted);
    cli_table_print(table, "%lld", (long long)sum->refused);
    cli_table_add(table, did);
    cli_table_add(table, used);
    cli_table_add(table, address);
    return STATUS_OK;
}

static enum status
show_tokens(struct cli_house *house, const struct user *user, int64_t total)
{
    static const char *const HEADINGS[CLI_TABLE_COLUMN_MAX] = {
        "TOKEN ID",         "TITLE",     "STATE", "REQUESTS", "REFUSED",
        "PERMISSIONS USED", "LAST USED", "FROM"};
    struct cli_table *table AUTO(cli_table_free) = cli_table_new(HEADINGS);
    struct token_sum sums[SHOWN_TOKENS];
    size_t count = 0;
    enum status status =
        store_token_list_sums(house->store, user->id, clock_now_s() / DAY_S - DAYS + 1,
                              sums, SHOWN_TOKENS, &count);

    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = add_row(house, &sums[i], table);
    if (status != STATUS_OK)
        return status;
    printf("%s has %lld token%s; requests of the last %d days:\n", user->email,
           (long long)total, total == 1 ? "" : "s", DAYS);
    cli_table_show(table, "");
    if (total > (int64_t)count)
        printf("and %lld more\n", (long long)total - (long long)count);
    return STATUS_OK;
}

int
cli_leaving_show(struct cli_house *house, const struct user *user)
{
    int64_t total = 0;
    enum status status = store_user_count_tokens(house->store, user->id, &total);

    if (status == STATUS_OK && total == 0)
        printf("%s has no tokens.\n", user->email);
    else if (status == STATUS_OK)
        status = show_tokens(house, user, total);
    return status == STATUS_OK
               ? EXIT_DONE
               : cli_house_failed(house, status, "the user's tokens cannot be read");
}
