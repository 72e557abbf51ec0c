/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse role …: named sets of permissions. */
#include "base/auto.h"
#include "cli/cli_house.h"
#include "cli/cli_list.h"
#include "cli/cli_permissions.h"
#include "cli/commands_all.h"
#include "rules/details.h"
#include "rules/policy.h"
#include "rules/roles.h"
#include "store/store_people.h"
#include "store/store_permissions.h"

#include <stdio.h>
#include <unistd.h>

static json_t *
role_as_json(const struct role *role)
{
    struct permission_set rights = policy_role_rights(role);

    return json_pack("{s:I, s:s, s:b, s:o, s:o}", "id", (json_int_t)role->id, "name",
                     role->name, "isDefault", role->is_default, "permissions",
                     details_permissions(&rights), "changedAt",
                     cli_json_date_time(role->changed_at_s));
}

/* ---- list, show, permissions ---- */

static bool
add_row(void *ctx, const struct role *role)
{
    struct cli_list *list = ctx;
    struct permission_set rights = policy_role_rights(role);

    if (!list->table) {
        json_array_append_new(list->json, role_as_json(role));
        return true;
    }
    cli_table_add(list->table, role->name);
    cli_table_add(list->table, role->is_default ? "default" : "own");
    cli_table_print(list->table, "%zu", permission_set_count(&rights));
    return true;
}

static int
run_list(const struct options *options)
{
    static const char *const HEADINGS[CLI_TABLE_COLUMN_MAX] = {"ROLE", "KIND",
                                                               "PERMISSIONS"};
    struct cli_house house AUTO(cli_house_close) = {0};
    struct cli_list list AUTO(cli_list_done) = cli_list_make(options, HEADINGS);

    if (cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = store_role_list(house.store, add_row, &list);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the roles cannot be listed");
    return cli_list_show(&list, "There are no roles.");
}

static int
find_role(struct cli_house *house, const struct options *options, const char *name,
          struct role *out)
{
    enum status status =
        store_role_by_name(house->store, slice_trim(slice_of(name)), out);

    if (status == STATUS_NOT_FOUND)
        return cli_failed(options, "there is no user role '%s'", name);
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the role cannot be read");
    return EXIT_DONE;
}

static int
run_show(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct role role = {0};

    if (cli_house_open(options, CLI_READ, &house) != EXIT_DONE ||
        find_role(&house, options, options->arguments[0], &role) != EXIT_DONE)
        return EXIT_FAILED;
    if (options_has(options, "json"))
        return cli_print_json(role_as_json(&role));

    struct permission_set rights = policy_role_rights(&role);
    cli_show_text("Role:", role.name);
    cli_show_text("Kind:", role.is_default ? "default role, cannot be changed" : "own");
    printf("Permissions:\n");
    cli_permissions_print(&rights, "none");
    return EXIT_DONE;
}

static void
add_permission(struct cli_list *list, const struct permission *permission, bool is_used)
{
    char name[PERMISSION_NAME_MAX + 1] = "";

    permission_write(permission->number, name);
    if (!list->table) {
        json_array_append_new(list->json,
                              json_pack("{s:s, s:s, s:s, s:b, s:b}", "name", name,
                                        "feature", permission->feature, "action",
                                        permission->action, "isForTokens",
                                        permission->is_for_api, "isUsed", is_used));
        return;
    }
    cli_table_add(list->table, name);
    cli_table_add(list->table, !permission->is_for_api ? "no"
                               : is_used               ? "yes"
                                                       : "no longer used");
}

static int
run_permissions(const struct options *options)
{
    static const char *const HEADINGS[CLI_TABLE_COLUMN_MAX] = {"PERMISSION",
                                                               "MAY A TOKEN HAVE IT"};
    struct cli_list list AUTO(cli_list_done) = cli_list_make(options, HEADINGS);
    struct cli_house house AUTO(cli_house_close) = {0};
    struct permission_set unused = {0};
    bool is_somewhere =
        options_has(options, "data") || access(cli_data_folder(options), F_OK) == 0;

    /* opening a data folder adds the permissions that its upstreams have brought */
    if (is_somewhere && cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    if (house.store && store_permission_unused(house.store, &unused) != STATUS_OK)
        return cli_failed(options, "the permissions cannot be read");
    for (size_t i = 0; i < permission_count(); i++) {
        const struct permission *permission = permission_at(i);

        add_permission(&list, permission,
                       !permission_set_has(&unused, permission->number));
    }
    return cli_list_show(&list, "There are no permissions.");
}

/* ---- add, change, delete ---- */

static int
run_add(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct permission_set permissions = {{0}};
    struct role like = {0};
    struct role role = {0};
    const char *like_name = options_value(options, "like");

    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    if (like_name) {
        if (find_role(&house, options, like_name, &like) != EXIT_DONE)
            return EXIT_FAILED;
        permissions = policy_role_rights(&like);
    }
    if (cli_permissions_read(options, "permission", &permissions) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status =
        role_add(&house.act, slice_of(options->arguments[0]), &permissions, &role);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the role was not added");
    printf("Added the role %s with %zu permissions.\n", role.name,
           permission_set_count(&role.permissions));
    return EXIT_DONE;
}

/* What --permission, --add and --remove make of the role's set. */
static int
read_changes(const struct options *options, struct permission_set *permissions)
{
    struct permission_set removed = {{0}};

    if (options_has(options, "permission"))
        *permissions = (struct permission_set){{0}};
    if (cli_permissions_read(options, "permission", permissions) != EXIT_DONE ||
        cli_permissions_read(options, "add", permissions) != EXIT_DONE ||
        cli_permissions_read(options, "remove", &removed) != EXIT_DONE)
        return EXIT_FAILED;
    for (size_t i = 0; i < permission_count(); i++) {
        if (permission_set_has(&removed, permission_at(i)->number))
            permission_set_remove(permissions, permission_at(i)->number);
    }
    return EXIT_DONE;
}

static int
run_change(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    const char *new_name = options_value(options, "rename");
    struct slice new_name_slice = new_name ? slice_of(new_name) : SLICE("");
    struct role role = {0};

    if (options->given_count == (size_t)options_has(options, "data"))
        return options_refuse(options, "nothing to change is given");
    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE ||
        find_role(&house, options, options->arguments[0], &role) != EXIT_DONE ||
        read_changes(options, &role.permissions) != EXIT_DONE)
        return EXIT_FAILED;

    struct permission_set permissions = role.permissions;
    struct role_edit edit = {new_name ? &new_name_slice : NULL, &permissions, 0};
    enum status status = role_change(
        &house.act, which_named(slice_of(options->arguments[0])), &edit, &role);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the role was not changed");
    printf("The role %s has %zu permissions.\n", role.name,
           permission_set_count(&role.permissions));
    return EXIT_DONE;
}

static int
run_delete(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};

    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status =
        role_delete(&house.act, which_named(slice_of(options->arguments[0])));
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the role was not deleted");
    printf("The role %s is deleted.\n", options->arguments[0]);
    return EXIT_DONE;
}

/* ---- the forms ---- */

static const struct form_option ADD_OPTIONS[] = {
    OPTION_DATA,
    {"like", "ROLE", "begin with the permissions of this role", false, false},
    {"permission", "P", "a permission, such as 'Device reports:View'", false, true},
};

static const struct form_option CHANGE_OPTIONS[] = {
    OPTION_DATA,
    {"rename", "NAME", "a new name", false, false},
    {"permission", "P", "the permissions from now on, instead of what they were", false,
     true},
    {"add", "P", "add a permission", false, true},
    {"remove", "P", "take a permission away", false, true},
};

static const struct form_option LIST_OPTIONS[] = {OPTION_DATA, OPTION_JSON};
static const struct form_option DATA_OPTIONS[] = {OPTION_DATA};

#define OPTIONS(rows) rows, COUNT_OF(rows)

static const struct form FORMS[] = {
    {"list", "", 0, 0, "list the user roles", OPTIONS(LIST_OPTIONS), run_list, NULL},
    {"show", "NAME", 1, 1, "show a role and its permissions", OPTIONS(LIST_OPTIONS),
     run_show, NULL},
    {"permissions", "", 0, 0, "list all permissions there are", OPTIONS(LIST_OPTIONS),
     run_permissions,
     "Those that upstreams have brought too, when there is a data folder."},
    {"add", "NAME", 1, 1, "make a role of your own", OPTIONS(ADD_OPTIONS), run_add,
     "Manage implies View: it is added by itself."},
    {"change", "NAME", 1, 1, "rename a role or change its permissions",
     OPTIONS(CHANGE_OPTIONS), run_change,
     "Default roles cannot be changed; 'tokenhouse role add --like' copies one."},
    {"delete", "NAME", 1, 1, "delete a role that no user has", OPTIONS(DATA_OPTIONS),
     run_delete, NULL},
};

int
cmd_role(int argc, char **argv)
{
    return forms_run("role", FORMS, COUNT_OF(FORMS), argc, argv);
}
