/* SPDX-License-Identifier: Apache-2.0
 *
 * Many tokens by a filter: first exactly which, then the act on exactly these. */
#include "cli/cmd_token_bulk.h"

#include "base/auto.h"
#include "base/date.h"
#include "base/number.h"
#include "cli/cli_ask.h"
#include "cli/cli_house.h"
#include "cli/cli_table.h"
#include "rules/token_life.h"
#include "rules/words.h"
#include "store/store_people.h"

#include <stdio.h>

static const char *const FILTERS[] = {"creator",     "group", "unused-days",
                                      "made-before", "state", "algorithm"};

bool
cmd_token_bulk_is_wanted(const struct options *options)
{
    for (size_t i = 0; i < COUNT_OF(FILTERS); i++) {
        if (options_has(options, FILTERS[i]))
            return true;
    }
    return false;
}

/* ---- the filter ---- */

static int
read_states(const struct options *options, unsigned *out)
{
    static const struct {
        const char *name;
        enum token_state state;
    } STATES[] = {{"active", TOKEN_ACTIVE},
                  {"soon", TOKEN_EXPIRES_SOON},
                  {"expired", TOKEN_EXPIRED},
                  {"suspended", TOKEN_SUSPENDED}};

    for (size_t i = 0; i < options_count(options, "state"); i++) {
        const char *typed = options_value_at(options, "state", i);
        unsigned bit = 0;
        for (size_t k = 0; k < COUNT_OF(STATES); k++)
            bit |= strcmp(STATES[k].name, typed) == 0 ? 1u << STATES[k].state : 0;
        if (bit == 0)
            return options_refuse(options,
                                  "'%s' is no state; wanted is active, soon, expired or "
                                  "suspended",
                                  typed);
        *out |= bit;
    }
    return EXIT_DONE;
}

/* What can be read without the store. */
static int
read_plain(const struct options *options, int64_t now_s, struct token_filter *out)
{
    const char *days = options_value(options, "unused-days");
    const char *day = options_value(options, "made-before");
    const char *algorithm = options_value(options, "algorithm");
    struct date date = {0};
    int64_t count = 0;

    out->now_s = now_s;
    if (days &&
        (number_read(slice_of(days), &count) != STATUS_OK || count < 1 || count > 3650))
        return options_refuse(options, "'%s' is no number of days; wanted are 1 to 3650",
                              days);
    if (day && date_read(slice_of(day), &date) != STATUS_OK)
        return options_refuse(options, "'%s' is not a date; wanted is YYYY-MM-DD", day);
    if (algorithm && alg_read_kind(slice_of(algorithm), &out->alg) != STATUS_OK)
        return options_refuse(options,
                              "'%s' is no algorithm; wanted is ES256, HS256 or "
                              "bearer",
                              algorithm);
    out->is_by_idle = days != NULL;
    out->is_idle = days != NULL;
    out->idle_since_s = now_s - count * DAY_S;
    out->made_before_s = day ? date_start_s(date) : 0;
    return read_states(options, &out->labels);
}

static int
read_names(struct cli_house *house, const struct options *options,
           struct token_filter *out)
{
    const char *creator = options_value(options, "creator");
    const char *name = options_value(options, "group");
    char email[EMAIL_MAX_CHARS + 1] = "";
    struct user user = {0};
    struct device_group group = {0};
    enum status status = STATUS_OK;

    if (creator) {
        status = words_read_email(slice_of(creator), email, &house->failure);
        if (status == STATUS_OK)
            status = store_user_by_email(house->store, slice_of(email), &user);
        if (status == STATUS_NOT_FOUND)
            return cli_failed(options, "there is no user '%s'", creator);
        out->creator_id = user.id;
    }
    if (status == STATUS_OK && name) {
        status = store_group_by_name(house->store, slice_trim(slice_of(name)), &group);
        if (status == STATUS_NOT_FOUND)
            return cli_failed(options, "there is no device group '%s'", name);
        out->group_id = group.id;
    }
    return status == STATUS_OK
               ? EXIT_DONE
               : cli_house_failed(house, status, "the filter cannot be read");
}

/* ---- showing ---- */

static enum status
add_row(void *ctx, const struct token *token)
{
    struct cli_table *table = ctx;
    char created[CLI_TIME_CHARS + 1] = "";
    char used[CLI_TIME_CHARS + 1] = "";
    char address[IP_TEXT_MAX + 1] = "-";

    cli_time_write(token->created_at_s, created);
    cli_time_write(token->last_used_at_s, used);
    if (token->last_used_at_s != 0)
        ip_write(&token->last_used_from, address);
    cli_table_add(table, token->id);
    cli_table_add(table, token->title);
    cli_table_add(table, created);
    cli_table_add(table, used);
    cli_table_add(table, address);
    return STATUS_OK;
}

static bool
is_confirmed(const struct options *options, enum bulk_act what, size_t count)
{
    char question[80];

    if (options_has(options, "yes"))
        return true;
    snprintf(question, sizeof(question), "%s %zu token%s?",
             what == BULK_SUSPEND ? "Suspend" : "Delete", count, count == 1 ? "" : "s");
    return cli_ask_can() && cli_ask_yes(question);
}

static int
act_on_found(struct cli_house *house, const struct options *options, enum bulk_act what,
             const struct token_filter *filter)
{
    static const char *const HEADINGS[CLI_TABLE_COLUMN_MAX] = {
        "TOKEN ID", "TITLE", "MADE", "LAST USED", "FROM"};
    struct cli_table *table AUTO(cli_table_free) = cli_table_new(HEADINGS);
    struct arena arena AUTO(arena_done) = {0};
    struct token_set set = {0};
    const char *done = what == BULK_SUSPEND ? "suspended" : "deleted";
    enum status status =
        token_bulk_find(&house->act, what, filter, &arena, add_row, table, &set);

    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the tokens cannot be found");
    cli_table_show(table, "No token fits.");
    if (set.count == 0)
        return EXIT_DONE;
    if (!is_confirmed(options, what, set.count))
        return cli_failed(options,
                          "nothing was changed; --yes does it to the %zu token%s shown",
                          set.count, set.count == 1 ? "" : "s");
    status = token_bulk(&house->act, what, &set, filter, &arena);
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "nothing was changed");
    printf("%zu token%s %s %s.\n", set.count, set.count == 1 ? "" : "s",
           set.count == 1 ? "is" : "are", done);
    return EXIT_DONE;
}

int
cmd_token_bulk(const struct options *options, enum bulk_act what)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct token_filter filter = {0};

    if (options->argument_count > 0)
        return options_refuse(options, "an ID and a filter exclude each other");
    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    int exit_status = read_plain(options, house.act.now_ms / 1000, &filter);
    if (exit_status == EXIT_DONE)
        exit_status = read_names(&house, options, &filter);
    return exit_status == EXIT_DONE ? act_on_found(&house, options, what, &filter)
                                    : exit_status;
}
