/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse user …: the people at the console. */
#include "base/auto.h"
#include "base/mem.h"
#include "cli/cli_ask.h"
#include "cli/cli_house.h"
#include "cli/cli_leaving.h"
#include "cli/cli_list.h"
#include "cli/commands_all.h"
#include "rules/people.h"
#include "store/store_people.h"

#include <stdio.h>

static struct slice
text_or_empty(const char *text)
{
    return text ? slice_of(text) : SLICE("");
}

/* ---- add ---- */

static int
run_add(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct secret password AUTO(secret_done) = {0};
    const char *file = options_value(options, "password-file");
    struct user user = {0};
    struct user_wish wish = {
        .email = slice_of(options->arguments[0]),
        .name = text_or_empty(options_value(options, "name")),
        .role = text_or_empty(options_value(options, "role")),
        .must_change_password = options_has(options, "must-change-password"),
    };

    if (file && cli_read_password(options, file, &password) != EXIT_DONE)
        return EXIT_FAILED;
    wish.password = secret_slice(&password);
    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = user_add(&house.act, &wish, &user);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the user was not added");
    printf("Added the user %s.%s\n", user.email,
           file ? ""
                : " Without a password there is no log-in yet: 'tokenhouse user "
                  "password' sets one.");
    return EXIT_DONE;
}

/* ---- list ---- */

/* What belongs to a user is asked for after all are read. */
struct kept_users {
    struct user *users;
    size_t count, room;
};

static bool
keep_user(void *ctx, const struct user *user)
{
    struct kept_users *kept = ctx;

    if (kept->count == kept->room) {
        kept->room = kept->room ? 2 * kept->room : 16;
        kept->users = mem_resize(kept->users, kept->room * sizeof(*kept->users));
    }
    kept->users[kept->count++] = *user;
    return true;
}

static void
kept_users_done(struct kept_users *kept)
{
    mem_free(&kept->users);
}

static enum status
role_name(struct store *store, const struct user *user, struct role *out)
{
    return store_role_by_id(store, user->role_id, out);
}

static enum status
add_groups(struct store *store, const struct user *user, json_t *names)
{
    int64_t ids[TOKEN_GROUP_MAX_COUNT];
    size_t count = 0;
    enum status status = store_user_groups(store, user->id, ids, &count);

    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        struct device_group group = {0};
        status = store_group_by_id(store, ids[i], &group);
        if (status == STATUS_OK)
            json_array_append_new(names, json_string(group.name));
    }
    return status;
}

static enum status
user_as_json(struct store *store, const struct user *user, json_t **out)
{
    struct role role = {0};
    json_t *groups AUTO(cli_json_done) = json_array();
    enum status status = role_name(store, user, &role);

    if (status == STATUS_OK)
        status = add_groups(store, user, groups);
    if (status != STATUS_OK)
        return status;
    *out = json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:O, s:o}", "id", user->uid,
                     "email", user->email, "name", user->name, "role", role.name,
                     "isSuspended", user->is_suspended, "hasPassword",
                     user->password_hash[0] != '\0', "mustChangePassword",
                     user->must_change_password, "deviceGroups", groups, "createdAt",
                     cli_json_date_time(user->created_at_s));
    return *out ? STATUS_OK : STATUS_BROKEN;
}

static enum status
add_json_row(struct store *store, const struct user *user, json_t *list)
{
    json_t *json = NULL;
    enum status status = user_as_json(store, user, &json);

    if (status == STATUS_OK)
        json_array_append_new(list, json);
    return status;
}

static enum status
add_table_row(struct store *store, const struct user *user, struct cli_table *table)
{
    int64_t ids[TOKEN_GROUP_MAX_COUNT];
    size_t count = 0;
    struct role role = {0};
    enum status status = role_name(store, user, &role);

    if (status == STATUS_OK)
        status = store_user_groups(store, user->id, ids, &count);
    if (status != STATUS_OK)
        return status;
    cli_table_add(table, user->email);
    cli_table_add(table, user->name[0] ? user->name : "-");
    cli_table_add(table, role.name);
    cli_table_add(table, user->is_suspended       ? "Suspended"
                         : user->password_hash[0] ? "Active"
                                                  : "No password");
    if (count > 0)
        cli_table_print(table, "%zu", count);
    else
        cli_table_add(table, "all devices");
    return STATUS_OK;
}

static int
run_list(const struct options *options)
{
    static const char *const HEADINGS[CLI_TABLE_COLUMN_MAX] = {"E-MAIL", "NAME", "ROLE",
                                                               "STATE", "DEVICE GROUPS"};
    struct cli_house house AUTO(cli_house_close) = {0};
    struct cli_list list AUTO(cli_list_done) = cli_list_make(options, HEADINGS);
    struct kept_users kept AUTO(kept_users_done) = {0};

    if (cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = store_user_list(house.store, keep_user, &kept);
    for (size_t i = 0; status == STATUS_OK && i < kept.count; i++)
        status = list.table ? add_table_row(house.store, &kept.users[i], list.table)
                            : add_json_row(house.store, &kept.users[i], list.json);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the users cannot be listed");
    return cli_list_show(&list, "There are no users.");
}

/* ---- acts with an e-mail address alone ---- */

/* Shows what goes with the user; at a terminal, unless --yes is given, asks. */
static int
run_leaving(const struct options *options, const char *question,
            enum status (*act)(const struct act *act, struct slice email),
            const char *done)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    const char *email = options->arguments[0];
    struct user user = {0};

    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = user_may_leave(&house.act, slice_of(email), &user);
    if (status == STATUS_OK && cli_leaving_show(&house, &user) != EXIT_DONE)
        return EXIT_FAILED;
    if (status == STATUS_OK && !options_has(options, "yes") && cli_ask_can() &&
        !cli_ask_yes(question))
        return cli_failed(options, "nothing was changed");
    if (status == STATUS_OK)
        status = act(&house.act, slice_of(email));
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the user was not changed");
    printf("The user %s is %s.\n", email, done);
    return EXIT_DONE;
}

static int
run_suspend(const struct options *options)
{
    return run_leaving(options, "Suspend the user?", user_suspend,
                       "suspended; the user's tokens are invalid");
}

static int
run_resume(const struct options *options)
{
    return cli_act(options, "user", user_resume,
                   "active; the user's tokens are valid again");
}

static int
run_delete(const struct options *options)
{
    return run_leaving(options, "Delete the user, and these tokens?", user_delete,
                       "deleted, and the user's tokens with it");
}

/* ---- password and role ---- */

static int
run_password(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct secret password AUTO(secret_done) = {0};
    const char *email = options->arguments[0];

    if (cli_read_password(options, options_value(options, "password-file"), &password) !=
        EXIT_DONE)
        return EXIT_FAILED;
    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status =
        user_set_password(&house.act, slice_of(email), secret_slice(&password),
                          options_has(options, "must-change-password"));
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the password was not changed");
    printf("The password of %s is changed.\n", email);
    return EXIT_DONE;
}

static int
run_role(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    const char *email = options->arguments[0];
    const char *role = options->arguments[1];

    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = user_set_role(&house.act, slice_of(email), slice_of(role));
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the role was not changed");
    printf("The user %s has the role %s.\n", email, role);
    return EXIT_DONE;
}

/* ---- the forms ---- */

static const struct form_option ADD_OPTIONS[] = {
    OPTION_DATA,
    {"name", "NAME", "first and last name", false, false},
    {"role", "ROLE", "the user role; usual: Guest User", false, false},
    {"password-file", "FILE", "read the password from FILE, or - for standard input",
     false, false},
    {"must-change-password", NULL, "ask for a new password at the first log-in", false,
     false},
};

static const struct form_option PASSWORD_OPTIONS[] = {
    OPTION_DATA,
    {"password-file", "FILE",
     "read the password from FILE, or - for standard input; else from the terminal",
     false, false},
    {"must-change-password", NULL, "ask for a new password at the next log-in", false,
     false},
};

static const struct form_option LIST_OPTIONS[] = {OPTION_DATA, OPTION_JSON};
static const struct form_option DATA_OPTIONS[] = {OPTION_DATA};
static const struct form_option LEAVING_OPTIONS[] = {
    OPTION_DATA,
    {"yes", NULL, "do not ask at a terminal", false, false},
};

#define OPTIONS(rows) rows, COUNT_OF(rows)

static const struct form FORMS[] = {
    {"add", "EMAIL", 1, 1, "add a user", OPTIONS(ADD_OPTIONS), run_add, NULL},
    {"list", "", 0, 0, "list the users", OPTIONS(LIST_OPTIONS), run_list, NULL},
    {"suspend", "EMAIL", 1, 1, "suspend a user; all the user's tokens are invalid",
     OPTIONS(LEAVING_OPTIONS), run_suspend,
     "Prints first what the user's tokens are and did in the last 30 days, the busiest\n"
     "20 of them."},
    {"resume", "EMAIL", 1, 1, "make a suspended user and the user's tokens valid again",
     OPTIONS(DATA_OPTIONS), run_resume, NULL},
    {"delete", "EMAIL", 1, 1, "delete a user and the user's tokens",
     OPTIONS(LEAVING_OPTIONS), run_delete, "Prints the same first."},
    {"password", "EMAIL", 1, 1, "set a user's password", OPTIONS(PASSWORD_OPTIONS),
     run_password, NULL},
    {"role", "EMAIL ROLE", 2, 2, "give a user another role", OPTIONS(DATA_OPTIONS),
     run_role, NULL},
};

int
cmd_user(int argc, char **argv)
{
    return forms_run("user", FORMS, COUNT_OF(FORMS), argc, argv);
}
