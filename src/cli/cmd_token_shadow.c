/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse token shadow start, show and stop: which calls would fail with less. */
#include "cli/cmd_token_shadow.h"

#include "base/auto.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/number.h"
#include "cli/cli_house.h"
#include "cli/cli_permissions.h"
#include "cli/cli_table.h"
#include "cli/cli_token_make.h"
#include "rules/addresses.h"
#include "rules/shadow_report.h"
#include "rules/suggest.h"
#include "rules/token_shadow.h"
#include "store/store_people.h"
#include "store/store_tokens.h"

#include <stdio.h>
#include <string.h>

enum { ANSWER_MAX_BYTES = 1024 * 1024 };

static const char *const SET_OPTIONS[] = {"permission", "approved-ip", "group"};

static bool
has_set(const struct options *options)
{
    for (size_t i = 0; i < COUNT_OF(SET_OPTIONS); i++) {
        if (options_has(options, SET_OPTIONS[i]))
            return true;
    }
    return false;
}

static int
read_number(const struct options *options, const char *name, int64_t most, int64_t *out)
{
    const char *typed = options_value(options, name);

    if (typed &&
        (number_read(slice_of(typed), out) != STATUS_OK || *out < 1 || *out > most))
        return cli_failed(options, "--%s '%s' is no number from 1 to %lld", name, typed,
                          (long long)most);
    return EXIT_DONE;
}

static int
find_token(struct cli_house *house, const struct options *options, struct token *out)
{
    const char *id = options->arguments[1];
    enum status status = store_token_by_id(house->store, slice_of(id), out);

    if (status == STATUS_NOT_FOUND)
        return cli_failed(options, "there is no token '%s'", id);
    return status == STATUS_OK
               ? EXIT_DONE
               : cli_house_failed(house, status, "the token cannot be read");
}

/* ---- show ---- */

static void
print_list(const char *title, const struct rights_set *set, struct store *store)
{
    char text[IP_RANGE_TEXT_MAX + 1];
    struct device_group group;

    printf("%s\n", title);
    cli_permissions_print(&set->permissions, "no permission");
    for (size_t i = 0; i < set->address_count; i++) {
        ip_range_write(&set->addresses[i], text);
        printf("  approved address %s\n", text);
    }
    for (size_t i = 0; i < set->group_count; i++) {
        if (store_group_by_id(store, set->group_ids[i], &group) == STATUS_OK)
            cli_show_text("  device group ", group.name);
    }
}

static void
print_misses(const struct shadow_report *report)
{
    static const char *const HEADINGS[CLI_TABLE_COLUMN_MAX] = {"TIMES", "LAST", "CALL",
                                                               "WHY"};
    struct cli_table *table AUTO(cli_table_free) = cli_table_new(HEADINGS);
    char last[CLI_TIME_CHARS + 1];

    for (size_t i = 0; i < report->told_count; i++) {
        const struct shadow_told *told = &report->told[i];
        cli_time_write(told->miss.last_at_s, last);
        cli_table_print(table, "%lld", (long long)told->miss.count);
        cli_table_add(table, last);
        cli_table_print(table, "%s %s", told->miss.method, told->miss.path);
        cli_table_print(table, "%s %s", shadow_why(told->miss.kind), told->what);
    }
    cli_table_show(table, "None would have failed.");
    if (report->shadow.counts.unlisted > 0)
        printf("and %lld reasons more that are not listed\n",
               (long long)report->shadow.counts.unlisted);
}

static void
print_words(struct cli_house *house, const struct shadow_report *report)
{
    const struct shadow *shadow = &report->shadow;
    char from[CLI_TIME_CHARS + 1];
    char until[CLI_TIME_CHARS + 1];

    cli_time_write(shadow->started_at_s, from);
    cli_time_write(shadow->is_stopped ? shadow->over_at_s : shadow->ends_at_s, until);
    printf("The shadow is %s: from %s until %s (UTC), started by ", report->state, from,
           until);
    cli_show_text("", shadow->started_by);
    print_list("It leaves out:", &report->without, house->store);
    printf("%lld calls were let in since; %lld of them would have failed, and %lld would "
           "have told of fewer devices.\n",
           (long long)shadow->counts.calls, (long long)shadow->counts.failed,
           (long long)shadow->counts.less);
    if (shadow->counts.calls > 0)
        print_misses(report);
}

static int
print_json(struct cli_house *house, const struct shadow_report *report)
{
    struct buffer text AUTO(buffer_done) = buffer_make(ANSWER_MAX_BYTES);
    struct json_writer writer = json_write_into(&text);
    enum status status = shadow_report_write(house->store, report, &writer);

    if (status == STATUS_OK)
        status = json_write_done(&writer);
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the shadow cannot be told");
    printf("%.*s\n", SLICE_ARG(buffer_slice(&text)));
    return EXIT_DONE;
}

static int
print_report(struct cli_house *house, const struct options *options,
             const struct token *token)
{
    struct shadow_report *report AUTO(shadow_report_free) = NULL;
    enum status status = shadow_report_read(house->store, token, clock_now_s(), &report);

    if (status == STATUS_NOT_FOUND)
        return cli_failed(options, "the token '%s' has no shadow; start one first",
                          token->id);
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the shadow cannot be read");
    if (options_has(options, "json"))
        return print_json(house, report);
    print_words(house, report);
    return EXIT_DONE;
}

/* ---- start ---- */

/* What suggest would leave of the token. */
static int
suggest(struct cli_house *house, const struct options *options, const struct token *token,
        struct rights_set *out)
{
    struct suggestion *suggestion AUTO(mem_done) = mem_new(sizeof(*suggestion));
    int64_t days = SUGGEST_USUAL_DAYS;

    if (read_number(options, "unused", SUGGEST_MAX_DAYS, &days) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status =
        suggest_read(house->store, token, days, clock_now_s(), suggestion);
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "what the token has used cannot be read");
    if (!suggestion->is_used)
        return cli_failed(options,
                          "the token has not been used at all in %lld days: nothing can "
                          "be suggested",
                          (long long)days);
    suggest_set(token, suggestion, out);
    return EXIT_DONE;
}

/* What is typed, into `set` and the text of the addresses. */
static int
read_set(struct cli_house *house, const struct options *options, struct rights_set *set,
         struct buffer *addresses, struct shadow_wish *wish)
{
    if (options_count(options, "group") > TOKEN_GROUP_MAX_COUNT)
        return cli_failed(options, "more than %d device groups are named",
                          TOKEN_GROUP_MAX_COUNT);
    if (cli_permissions_read(options, "permission", &set->permissions) != EXIT_DONE ||
        cli_find_groups(house, options, set->group_ids) != EXIT_DONE)
        return EXIT_FAILED;
    cli_join_addresses(options, addresses);
    if (addresses->is_short)
        return cli_failed(options, "the approved addresses are too long a list");
    wish->permissions = options_has(options, "permission") ? &set->permissions : NULL;
    wish->group_count = options_count(options, "group");
    return EXIT_DONE;
}

static int
fill_wish(struct cli_house *house, const struct options *options,
          const struct token *token, struct rights_set *set, struct buffer *addresses,
          struct shadow_wish *wish)
{
    wish->days = SHADOW_USUAL_DAYS;
    wish->group_ids = set->group_ids;
    if (read_number(options, "days", SHADOW_MAX_DAYS, &wish->days) != EXIT_DONE)
        return EXIT_FAILED;
    if (has_set(options))
        return read_set(house, options, set, addresses, wish);
    if (suggest(house, options, token, set) != EXIT_DONE)
        return EXIT_FAILED;
    addresses_write(set->addresses, set->address_count, addresses);
    wish->permissions = &set->permissions;
    wish->group_count = set->group_count;
    return EXIT_DONE;
}

static int
start(struct cli_house *house, const struct options *options, const struct token *token)
{
    struct buffer addresses AUTO(buffer_done) = buffer_make(CLI_ADDRESSES_MAX_BYTES);
    struct rights_set *set AUTO(mem_done) = mem_new(sizeof(*set));
    struct shadow *shadow AUTO(mem_done) = mem_new(sizeof(*shadow));
    struct shadow_wish wish = {0};

    if (has_set(options) && options_has(options, "unused"))
        return options_refuse(options, "--unused names the set: then no --permission, "
                                       "--approved-ip or --group");
    if (fill_wish(house, options, token, set, &addresses, &wish) != EXIT_DONE)
        return EXIT_FAILED;
    struct slice list = buffer_slice(&addresses);
    wish.addresses = list.len > 0 ? &list : NULL;
    enum status status =
        token_shadow_start(&house->act, slice_of(token->id), &wish, shadow);
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the shadow was not started");
    return print_report(house, options, token);
}

static int
stop(struct cli_house *house, const struct options *options, const struct token *token)
{
    struct shadow *shadow AUTO(mem_done) = mem_new(sizeof(*shadow));
    enum status status = token_shadow_stop(&house->act, slice_of(token->id), shadow);

    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the shadow was not stopped");
    return print_report(house, options, token);
}

/* ---- which ---- */

static const struct {
    const char *name;
    enum cli_need need;
    int (*run)(struct cli_house *house, const struct options *options,
               const struct token *token);
} ACTS[] = {
    {"start", CLI_WRITE, start},
    {"show", CLI_READ, print_report},
    {"stop", CLI_WRITE, stop},
};

int
cmd_token_shadow(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct token *token AUTO(mem_done) = mem_new(sizeof(*token));
    const char *typed = options->arguments[0];

    for (size_t i = 0; i < COUNT_OF(ACTS); i++) {
        if (strcmp(ACTS[i].name, typed) != 0)
            continue;
        if (cli_house_open(options, ACTS[i].need, &house) != EXIT_DONE ||
            find_token(&house, options, token) != EXIT_DONE)
            return EXIT_FAILED;
        return ACTS[i].run(&house, options, token);
    }
    return options_refuse(options, "'%s' is none of start, show and stop", typed);
}
