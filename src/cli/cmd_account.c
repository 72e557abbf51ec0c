/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse account …: what the account has decided about itself. */
#include "base/auto.h"
#include "cli/cli_house.h"
#include "cli/cli_table.h"
#include "cli/commands_all.h"
#include "rules/account_settings.h"

#include <stdio.h>
#include <string.h>

static int
run_show(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct account account = {0};

    if (cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = account_read(house.store, &account);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the account cannot be read");
    if (options_has(options, "json"))
        return cli_print_json(json_pack("{s:s, s:s, s:b, s:b, s:o}", "id", account.uid,
                                        "name", account.name, "liveRights",
                                        account.is_live_rights, "allowBearer",
                                        account.is_bearer_allowed, "createdAt",
                                        cli_json_date_time(account.created_at_s)));
    cli_show_text("Account:", account.uid);
    cli_show_text("Name:", account.name);
    cli_show_text("Live rights:",
                  account.is_live_rights
                      ? "on: a right that a role loses is lost by its tokens at once"
                      : "off: tokens keep the rights with which they were made");
    cli_show_text("Bearer tokens:",
                  account.is_bearer_allowed
                      ? "on: they are taken over TLS; whoever sees one may use it"
                      : "off: every request is signed");
    return EXIT_DONE;
}

/* "on" or "off". */
static int
read_switch(const struct options *options, const char *name, const char *typed, bool *out)
{
    if (strcmp(typed, "on") != 0 && strcmp(typed, "off") != 0)
        return options_refuse(options, "--%s is on or off", name);
    *out = strcmp(typed, "on") == 0;
    return EXIT_DONE;
}

static int
run_change(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    const char *name = options_value(options, "name");
    const char *live = options_value(options, "live-rights");
    struct slice name_slice = slice_of(name ? name : "");
    const char *bearer = options_value(options, "allow-bearer");
    bool is_live = false;
    bool is_bearer = false;
    struct account_edit edit = {
        .name = name ? &name_slice : NULL,
        .is_live_rights = live ? &is_live : NULL,
        .is_bearer_allowed = bearer ? &is_bearer : NULL,
    };
    struct account account = {0};

    if (!name && !live && !bearer)
        return options_refuse(options, "nothing to change is given");
    if (live && read_switch(options, "live-rights", live, &is_live) != EXIT_DONE)
        return EXIT_ASKED_WRONGLY;
    if (bearer && read_switch(options, "allow-bearer", bearer, &is_bearer) != EXIT_DONE)
        return EXIT_ASKED_WRONGLY;
    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = account_change(&house.act, &edit, &account);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the account was not changed");
    printf("The account is changed: name '%s', live rights %s, bearer tokens %s.\n",
           account.name, account.is_live_rights ? "on" : "off",
           account.is_bearer_allowed ? "on" : "off");
    return EXIT_DONE;
}

/* ---- the forms ---- */

static const struct form_option CHANGE_OPTIONS[] = {
    OPTION_DATA,
    {"name", "NAME", "what the account is called", false, false},
    {"live-rights", "SWITCH",
     "on or off; on: a right that a role loses is lost by its users' tokens at once",
     false, false},
    {"allow-bearer", "SWITCH",
     "on or off; on: tokens that sign nothing may be made, and are taken over TLS", false,
     false},
};

static const struct form_option SHOW_OPTIONS[] = {OPTION_DATA, OPTION_JSON};

#define OPTIONS(rows) rows, COUNT_OF(rows)

static const struct form FORMS[] = {
    {"show", "", 0, 0, "show the account", OPTIONS(SHOW_OPTIONS), run_show, NULL},
    {"change", "", 0, 0, "rename the account, or switch live rights or bearer tokens",
     OPTIONS(CHANGE_OPTIONS), run_change,
     "A running server follows within a moment. Event History tells who did it."},
};

int
cmd_account(int argc, char **argv)
{
    return forms_run("account", FORMS, COUNT_OF(FORMS), argc, argv);
}
