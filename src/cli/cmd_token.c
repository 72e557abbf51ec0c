/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse token …: API tokens, from their making to their end. */
#include "base/auto.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/cli_house.h"
#include "cli/cli_limits.h"
#include "cli/cli_permissions.h"
#include "cli/cli_table.h"
#include "cli/cli_token.h"
#include "cli/cli_token_make.h"
#include "cli/cmd_token_bulk.h"
#include "cli/cmd_token_roll.h"
#include "cli/cmd_token_shadow.h"
#include "cli/cmd_token_suggest.h"
#include "cli/commands_all.h"
#include "rules/token_life.h"
#include "rules/token_make.h"
#include "rules/words.h"
#include "store/store_people.h"
#include "store/store_tokens.h"

#include <stdio.h>

/* ---- what is typed ---- */

static int
find_user(struct cli_house *house, const struct options *options, struct user *out)
{
    const char *typed = options_value(options, "user");
    char email[EMAIL_MAX_CHARS + 1] = "";
    enum status status = words_read_email(slice_of(typed), email, &house->failure);

    if (status == STATUS_OK)
        status = store_user_by_email(house->store, slice_of(email), out);
    if (status == STATUS_NOT_FOUND)
        return cli_failed(options, "there is no user '%s'", typed);
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the user cannot be read");
    return EXIT_DONE;
}

/* ---- create ---- */

static enum status
take_back_created(const struct act *act, const struct cli_made *made)
{
    return token_delete(act, slice_of(made->token->id));
}

/* Reads what needs the store, makes the token, hands it out. */
static int
create_in(struct cli_house *house, const struct options *options, struct token_wish *wish)
{
    struct secret secret AUTO(secret_done) = {0};
    struct permission_set permissions = {{0}};
    size_t group_count = options_count(options, "group");
    int64_t *group_ids AUTO(mem_done) = mem_new_array(group_count + 1, sizeof(int64_t));
    struct token *token AUTO(mem_done) = mem_new(sizeof(*token));
    struct user user = {0};

    if (cli_permissions_read(options, "permission", &permissions) != EXIT_DONE ||
        find_user(house, options, &user) != EXIT_DONE ||
        cli_find_groups(house, options, group_ids) != EXIT_DONE)
        return EXIT_FAILED;
    if (options_has(options, "permission"))
        wish->permissions = &permissions;
    if (group_count > 0) {
        wish->group_ids = group_ids;
        wish->group_count = group_count;
    }

    enum status status = token_make(&house->act, user.id, wish, token, &secret);
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the token was not made");
    struct cli_made made = {
        .token = token, .secret = &secret, .take_back = take_back_created};
    return cli_hand_out(house, options, &made);
}

static int
run_create(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct buffer key AUTO(buffer_wipe) = buffer_make(CLI_KEY_FILE_MAX_BYTES);
    struct buffer addresses AUTO(buffer_done) = buffer_make(CLI_ADDRESSES_MAX_BYTES);
    const char *description = options_value(options, "description");
    const char *expires = options_value(options, "expires");
    int exit_status = cli_check_out(options);

    if (exit_status != EXIT_DONE)
        return exit_status;
    if (cli_read_key_file(options, &key) != EXIT_DONE)
        return EXIT_FAILED;
    if (expires && !expires[0])
        return cli_failed(options, "the expiry date is empty; wanted is YYYY-MM-DD");
    cli_join_addresses(options, &addresses);
    if (addresses.is_short)
        return cli_failed(options, "the approved addresses are too long a list");
    if (cli_house_open(options, CLI_WRITE_WITH_KEY, &house) != EXIT_DONE)
        return EXIT_FAILED;

    struct token_wish wish = {
        .title = slice_of(options_value(options, "title")),
        .description = description ? slice_of(description) : SLICE(""),
        .public_key = buffer_slice(&key),
        .is_bearer = options_has(options, "bearer"),
        .expires_on = expires ? slice_of(expires) : SLICE(""),
        .addresses = buffer_slice(&addresses),
        .is_canary = options_has(options, "canary"),
    };
    if (cli_read_limits(options, &wish.limits) != EXIT_DONE)
        return EXIT_FAILED;
    return create_in(&house, options, &wish);
}

/* ---- edit ---- */

static int
run_edit(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct buffer addresses AUTO(buffer_done) = buffer_make(CLI_ADDRESSES_MAX_BYTES);
    struct token *token AUTO(mem_done) = mem_new(sizeof(*token));
    static const char *const NAMES[] = {"title", "description", "expires"};
    struct slice texts[COUNT_OF(NAMES)];
    const struct slice *given[COUNT_OF(NAMES)] = {NULL};
    bool is_any = options_has(options, "any-ip");

    if (is_any && options_has(options, "approved-ip"))
        return options_refuse(options, "--any-ip and --approved-ip exclude each other");
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        const char *text = options_value(options, NAMES[i]);
        if (text) {
            texts[i] = slice_of(text);
            given[i] = &texts[i];
        }
    }
    cli_join_addresses(options, &addresses);
    bool has_addresses = is_any || options_has(options, "approved-ip");
    if (!given[0] && !given[1] && !given[2] && !has_addresses && !cli_has_limits(options))
        return options_refuse(options, "nothing to change is given");
    if (addresses.is_short)
        return cli_failed(options, "the approved addresses are too long a list");

    struct slice list = buffer_slice(&addresses);
    struct token_edit edit = {
        .title = given[0],
        .description = given[1],
        .expires_on = given[2],
        .addresses = has_addresses ? &list : NULL,
    };
    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    struct slice id = slice_of(options->arguments[0]);
    struct token_limits limits = {0};
    if (cli_has_limits(options)) {
        /* those that are not given stay; of a token that is not there the act says so */
        if (store_token_by_id(house.store, id, token) == STATUS_OK)
            limits = token->limits;
        if (cli_read_limits(options, &limits) != EXIT_DONE)
            return EXIT_FAILED;
        edit.limits = &limits;
    }
    enum status status = token_edit(&house.act, id, &edit, token);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the token was not changed");
    return cli_token_print(&house, options, token);
}

/* ---- list and show ---- */

static int
run_show(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct token *token AUTO(mem_done) = mem_new(sizeof(*token));
    const char *id = options->arguments[0];

    if (cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = store_token_by_id(house.store, slice_of(id), token);
    if (status == STATUS_NOT_FOUND)
        return cli_failed(options, "there is no token '%s'", id);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the token cannot be read");
    return cli_token_print(&house, options, token);
}

static int
run_list(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct token_query query = {0};
    struct user user = {0};

    if (cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    if (options_has(options, "user")) {
        if (find_user(&house, options, &user) != EXIT_DONE)
            return EXIT_FAILED;
        query.user_id = user.id;
    }
    return cli_token_list(&house, options, &query, options_has(options, "unused"));
}

/* ---- acts with an id alone ---- */

/* One by its id, or many by a filter. */
static int
run_one_or_many(const struct options *options, enum bulk_act what,
                enum status (*act)(const struct act *act, struct slice id),
                const char *done)
{
    if (cmd_token_bulk_is_wanted(options))
        return cmd_token_bulk(options, what);
    if (options->argument_count == 0)
        return options_refuse(options, "something is missing; wanted: [ID] or a filter");
    return cli_act(options, "token", act, done);
}

static int
run_suspend(const struct options *options)
{
    return run_one_or_many(options, BULK_SUSPEND, token_suspend, "suspended");
}

static int
run_resume(const struct options *options)
{
    return cli_act(options, "token", token_resume, "active");
}

static int
run_delete(const struct options *options)
{
    return run_one_or_many(options, BULK_DELETE, token_delete, "deleted");
}

/* ---- the forms ---- */

static const struct form_option CREATE_OPTIONS[] = {
    OPTION_DATA,
    {"user", "EMAIL", "whose token it is", true, false},
    {"title", "TITLE", "its name, to 120 characters", true, false},
    {"description", "TEXT", "what it is for, to 1,000 characters", false, false},
    {"public-key", "FILE",
     "ES256 with this P-256 public key; else HS256, with a secret "
     "key made for you",
     false, false},
    {"bearer", NULL,
     "a token that signs nothing: whoever sees it may use it; needs 'account change "
     "--allow-bearer on'",
     false, false},
    {"expires", "DATE", "YYYY-MM-DD, tomorrow to one year ahead; usual: in 90 days",
     false, false},
    {"permission", "P", "only these; usual: all that the user's role has for the API",
     false, true},
    {"approved-ip", "ADDRESS", "only from here: an address, a range, or a list of them",
     false, true},
    {"group", "NAME", "only these of the user's device groups", false, true},
    CLI_LIMIT_OPTIONS,
    {"canary", NULL,
     "a trap that can do nothing: put it where nobody should look, and hear when it is "
     "used",
     false, false},
    {"out", "FILE", "write token ID and secret key to a new .token file", false, false},
    OPTION_JSON,
};

static const struct form_option ROLL_OPTIONS[] = {
    OPTION_DATA,
    {"overlap", "DAYS", "both work for so long, 0 to 30; usual: 7. 0: the old ends now",
     false, false},
    {"title", "TITLE", "of the successor; usual: the same", false, false},
    {"description", "TEXT", "of the successor; usual: the same", false, false},
    {"public-key", "FILE",
     "ES256 with this P-256 public key; else HS256, with a secret "
     "key made for you",
     false, false},
    {"bearer", NULL, "of a bearer token: one again", false, false},
    {"expires", "DATE", "YYYY-MM-DD; usual: as long a life as the old one was given",
     false, false},
    {"permission", "P", "only these of the old one's; usual: all", false, true},
    {"approved-ip", "ADDRESS", "only from here, within the old one's; usual: the same",
     false, true},
    {"group", "NAME", "only these of the old one's device groups", false, true},
    CLI_LIMIT_OPTIONS,
    {"shadow", NULL, "only what the old one's shadow tries out", false, false},
    {"out", "FILE", "write token ID and secret key to a new .token file", false, false},
    OPTION_JSON,
};

static const struct form_option EDIT_OPTIONS[] = {
    OPTION_DATA,
    {"title", "TITLE", "a new title", false, false},
    {"description", "TEXT", "a new description", false, false},
    {"expires", "DATE", "a new expiry date, tomorrow to one year ahead", false, false},
    {"approved-ip", "ADDRESS", "the approved addresses from now on", false, true},
    CLI_LIMIT_OPTIONS,
    {"any-ip", NULL, "no approved addresses: usable from anywhere", false, false},
    OPTION_JSON,
};

static const struct form_option LIST_OPTIONS[] = {
    OPTION_DATA,
    {"user", "EMAIL", "only this user's", false, false},
    {"unused", NULL, "only those that nobody has used for long: the setting unused_days",
     false, false},
    OPTION_JSON,
};

static const struct form_option SUGGEST_OPTIONS[] = {
    OPTION_DATA,
    {"days", "N", "what was not used for so long; usual: 90", false, false},
    OPTION_JSON,
};

static const struct form_option SHADOW_OPTIONS[] = {
    OPTION_DATA,
    {"days", "N", "start: for so long, 1 to 90; usual: 14", false, false},
    {"permission", "P", "start: only these of the token's; usual: all", false, true},
    {"approved-ip", "ADDRESS",
     "start: only from here, within the token's; usual: the same", false, true},
    {"group", "NAME", "start: only these of the token's device groups", false, true},
    {"unused", "N",
     "start: leave out what was not used in N days, as suggest says; usual, when none of "
     "the three above is given: 90",
     false, false},
    OPTION_JSON,
};

static const struct form_option SHOW_OPTIONS[] = {OPTION_DATA, OPTION_JSON};
static const struct form_option DATA_OPTIONS[] = {OPTION_DATA};
static const struct form_option BULK_OPTIONS[] = {OPTION_DATA, OPTIONS_BULK};

#define OPTIONS(rows) rows, COUNT_OF(rows)

#define BULK_HELP                                                                        \
    "With a filter the tokens that it finds are printed first; then you are asked, or\n" \
    "--yes does it. It is done to exactly these or, when they are others by then, to\n"  \
    "none; at most 10,000 at once."

static const struct form FORMS[] = {
    {"create", "", 0, 0, "create a token", OPTIONS(CREATE_OPTIONS), run_create,
     "The user's role needs the permission API Credentials:Manage. The secret key of an\n"
     "HS256 token is shown this once. JSON: id, secret, expires, and more."},
    {"list", "", 0, 0, "list tokens, the earliest to expire first", OPTIONS(LIST_OPTIONS),
     run_list, NULL},
    {"show", "ID", 1, 1, "show a token", OPTIONS(SHOW_OPTIONS), run_show, NULL},
    {"edit", "ID", 1, 1, "change title, description, expiry or approved addresses",
     OPTIONS(EDIT_OPTIONS), run_edit,
     "Expired and suspended tokens cannot be edited. Permissions and device groups never "
     "change."},
    {"roll", "ID", 1, 1, "make a successor with a new key, and let the old token end",
     OPTIONS(ROLL_OPTIONS), cmd_token_roll,
     "The successor has at most the rights of the old token and of its user's role and\n"
     "device groups as they are now. A use of the old token after its end is refused,\n"
     "and told to its user and the System Administrators. JSON: as of create, and\n"
     "old: id, endsAt."},
    {"overlap", "ID DAYS", 2, 2,
     "let a token that is rolled end so many days after that; 0: now",
     OPTIONS(SHOW_OPTIONS), cmd_token_roll_overlap, NULL},
    {"unroll", "ID", 1, 1, "call a roll off: delete the successor, keep the old token",
     OPTIONS(SHOW_OPTIONS), cmd_token_roll_off, NULL},
    {"suggest", "ID", 1, 1, "say what a token has and has not used for a while",
     OPTIONS(SUGGEST_OPTIONS), cmd_token_suggest,
     "A device group counts as used when a device in it was asked for by itself, or "
     "when\n"
     "a list was asked for, which is over all of the token's groups."},
    {"shadow", "start|show|stop ID", 2, 2,
     "try a tightened set out: which calls would have failed with less",
     OPTIONS(SHADOW_OPTIONS), cmd_token_shadow,
     "Every call that is let in is asked of the tightened set too; its answer stays what "
     "it\nis. What was counted is written down every ten seconds. `token roll ID "
     "--shadow` "
     "makes\na successor that has this set."},
    {"suspend", "[ID]", 0, 1,
     "make a token, or all that fit a filter, invalid until resumed",
     OPTIONS(BULK_OPTIONS), run_suspend, BULK_HELP},
    {"resume", "ID", 1, 1, "make a suspended token valid again", OPTIONS(DATA_OPTIONS),
     run_resume, NULL},
    {"delete", "[ID]", 0, 1, "delete a token, or all that fit a filter",
     OPTIONS(BULK_OPTIONS), run_delete, BULK_HELP},
};

int
cmd_token(int argc, char **argv)
{
    return forms_run("token", FORMS, COUNT_OF(FORMS), argc, argv);
}
