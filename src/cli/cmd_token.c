/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse token …: API tokens, from their making to their end. */
#include "base/auto.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/cli_house.h"
#include "cli/cli_permissions.h"
#include "cli/cli_table.h"
#include "cli/cli_token.h"
#include "cli/commands_all.h"
#include "jose/token_file.h"
#include "rules/token_life.h"
#include "rules/token_make.h"
#include "rules/words.h"
#include "store/store_people.h"
#include "store/store_tokens.h"

#include <stdio.h>
#include <sys/stat.h>

enum {
    KEY_FILE_MAX_BYTES = 64 * 1024,
    ADDRESSES_MAX_BYTES = 64 * 1024,
    TOKEN_FILE_MAX_BYTES = 1024,
    TOKEN_FILE_MODE = 0600,
};

/* ---- what is typed ---- */

/* All values of --approved-ip as one list. */
static void
join_addresses(const struct options *options, struct buffer *out)
{
    for (size_t i = 0; i < options_count(options, "approved-ip"); i++) {
        buffer_add_text(out, options_value_at(options, "approved-ip", i));
        buffer_add_byte(out, '\n');
    }
}

/* The file of --public-key; an empty one is refused here, because a wish without key
 * asks for a secret key. */
static int
read_key_file(const struct options *options, struct buffer *out)
{
    const char *path = options_value(options, "public-key");
    struct failure failure = {0};

    if (!path)
        return EXIT_DONE;
    if (file_read(path, out, &failure) != STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    if (out->len == 0)
        return cli_failed(options, "'%s' is empty; wanted is a P-256 public key in PEM",
                          path);
    return EXIT_DONE;
}

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

static int
find_groups(struct cli_house *house, const struct options *options, int64_t *ids)
{
    for (size_t i = 0; i < options_count(options, "group"); i++) {
        const char *name = options_value_at(options, "group", i);
        struct device_group group = {0};
        enum status status =
            store_group_by_name(house->store, slice_trim(slice_of(name)), &group);

        if (status == STATUS_NOT_FOUND)
            return cli_failed(options, "there is no device group '%s'", name);
        if (status != STATUS_OK)
            return cli_house_failed(house, status, "the device groups cannot be read");
        ids[i] = group.id;
    }
    return EXIT_DONE;
}

/* ---- create ---- */

/* Before anything is made: a file that is there is never overwritten. */
static int
check_out(const struct options *options)
{
    const char *path = options_value(options, "out");
    struct stat facts;

    if (!path)
        return EXIT_DONE;
    if (options_has(options, "public-key"))
        return options_refuse(options, "--out keeps a secret key, and a token with "
                                       "--public-key has none");
    if (lstat(path, &facts) == 0)
        return cli_failed(options, "'%s' exists already; wanted is a new file", path);
    return EXIT_DONE;
}

/* Writes the .token file. When that fails the token goes again: nobody could use it. */
static int
write_token_file(struct cli_house *house, const struct options *options,
                 const struct token *token, const struct secret *secret)
{
    const char *path = options_value(options, "out");
    struct buffer text AUTO(buffer_wipe) = buffer_make(TOKEN_FILE_MAX_BYTES);
    struct failure failure = {0};

    if (!path)
        return EXIT_DONE;
    token_file_write(slice_of(token->id), secret_slice(secret), &text);
    if (file_write_new(path, buffer_slice(&text), TOKEN_FILE_MODE, &failure) == STATUS_OK)
        return EXIT_DONE;
    if (token_delete(&house->act, slice_of(token->id)) != STATUS_OK)
        return cli_failed(options, "%s; delete the token %s, whose secret key is lost",
                          failure.text, token->id);
    return cli_failed(options, "%s; no token was made", failure.text);
}

static int
print_created(struct cli_house *house, const struct options *options,
              const struct token *token, const struct secret *secret)
{
    const char *path = options_value(options, "out");
    char expires[DATE_CHARS + 1] = "";

    if (options_has(options, "json")) {
        json_t *json = NULL;
        enum status status = cli_token_json(house, token, &json);
        if (status != STATUS_OK)
            return cli_house_failed(house, status, "the token was made, but not shown");
        if (secret->len > 0)
            json_object_set_new(json, "secret",
                                json_stringn((const char *)secret->at, secret->len));
        return cli_print_json(json);
    }
    date_write(token->expires_on, expires);
    cli_show_text("Token ID:", token->id);
    if (secret->len > 0 && !path)
        printf("%-20s%.*s\n", "Secret key:", SLICE_ARG(secret_slice(secret)));
    printf("%-20s%s (through 23:59:59 UTC)\n", "Expires:", expires);
    if (path)
        printf("The token ID and the secret key are in %s. The secret key cannot be read "
               "again.\n",
               path);
    else if (secret->len > 0)
        printf("Keep the secret key now: it cannot be read again.\n");
    if (fflush(stdout) != 0 || ferror(stdout))
        return cli_failed(options, "the token cannot be shown: standard output is gone");
    return EXIT_DONE;
}

/* A secret key that nobody has seen can never be seen: the token goes again. */
static int
show_or_take_back(struct cli_house *house, const struct options *options,
                  const struct token *token, const struct secret *secret)
{
    int exit_status = print_created(house, options, token, secret);

    if (exit_status == EXIT_DONE || secret->len == 0 || options_has(options, "out"))
        return exit_status;
    if (token_delete(&house->act, slice_of(token->id)) != STATUS_OK)
        return cli_failed(options, "delete the token %s, whose secret key is lost",
                          token->id);
    return cli_failed(options, "no token was made");
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
        find_groups(house, options, group_ids) != EXIT_DONE)
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
    if (write_token_file(house, options, token, &secret) != EXIT_DONE)
        return EXIT_FAILED;
    return show_or_take_back(house, options, token, &secret);
}

static int
run_create(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct buffer key AUTO(buffer_wipe) = buffer_make(KEY_FILE_MAX_BYTES);
    struct buffer addresses AUTO(buffer_done) = buffer_make(ADDRESSES_MAX_BYTES);
    const char *description = options_value(options, "description");
    const char *expires = options_value(options, "expires");
    int exit_status = check_out(options);

    if (exit_status != EXIT_DONE)
        return exit_status;
    if (read_key_file(options, &key) != EXIT_DONE)
        return EXIT_FAILED;
    if (expires && !expires[0])
        return cli_failed(options, "the expiry date is empty; wanted is YYYY-MM-DD");
    join_addresses(options, &addresses);
    if (addresses.is_short)
        return cli_failed(options, "the approved addresses are too long a list");
    if (cli_house_open(options, CLI_WRITE_WITH_KEY, &house) != EXIT_DONE)
        return EXIT_FAILED;

    struct token_wish wish = {
        .title = slice_of(options_value(options, "title")),
        .description = description ? slice_of(description) : SLICE(""),
        .public_key = buffer_slice(&key),
        .expires_on = expires ? slice_of(expires) : SLICE(""),
        .addresses = buffer_slice(&addresses),
    };
    return create_in(&house, options, &wish);
}

/* ---- edit ---- */

static int
run_edit(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct buffer addresses AUTO(buffer_done) = buffer_make(ADDRESSES_MAX_BYTES);
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
    join_addresses(options, &addresses);
    bool has_addresses = is_any || options_has(options, "approved-ip");
    if (!given[0] && !given[1] && !given[2] && !has_addresses)
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
    enum status status =
        token_edit(&house.act, slice_of(options->arguments[0]), &edit, token);
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

static int
run_act(const struct options *options,
        enum status (*act)(const struct act *act, struct slice id), const char *done)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    const char *id = options->arguments[0];

    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = act(&house.act, slice_of(id));
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the token was not changed");
    printf("The token %s is %s.\n", id, done);
    return EXIT_DONE;
}

static int
run_suspend(const struct options *options)
{
    return run_act(options, token_suspend, "suspended");
}

static int
run_resume(const struct options *options)
{
    return run_act(options, token_resume, "active");
}

static int
run_delete(const struct options *options)
{
    return run_act(options, token_delete, "deleted");
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
    {"expires", "DATE", "YYYY-MM-DD, tomorrow to one year ahead; usual: in 90 days",
     false, false},
    {"permission", "P", "only these; usual: all that the user's role has for the API",
     false, true},
    {"approved-ip", "ADDRESS", "only from here: an address, a range, or a list of them",
     false, true},
    {"group", "NAME", "only these of the user's device groups", false, true},
    {"out", "FILE", "write token ID and secret key to a new .token file", false, false},
    OPTION_JSON,
};

static const struct form_option EDIT_OPTIONS[] = {
    OPTION_DATA,
    {"title", "TITLE", "a new title", false, false},
    {"description", "TEXT", "a new description", false, false},
    {"expires", "DATE", "a new expiry date, tomorrow to one year ahead", false, false},
    {"approved-ip", "ADDRESS", "the approved addresses from now on", false, true},
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

static const struct form_option SHOW_OPTIONS[] = {OPTION_DATA, OPTION_JSON};
static const struct form_option DATA_OPTIONS[] = {OPTION_DATA};

#define OPTIONS(rows) rows, COUNT_OF(rows)

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
    {"suspend", "ID", 1, 1, "make a token invalid until it is resumed",
     OPTIONS(DATA_OPTIONS), run_suspend, NULL},
    {"resume", "ID", 1, 1, "make a suspended token valid again", OPTIONS(DATA_OPTIONS),
     run_resume, NULL},
    {"delete", "ID", 1, 1, "delete a token", OPTIONS(DATA_OPTIONS), run_delete, NULL},
};

int
cmd_token(int argc, char **argv)
{
    return forms_run("token", FORMS, COUNT_OF(FORMS), argc, argv);
}
