/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse group …: named sets of devices, and who is limited to them. */
#include "base/auto.h"
#include "base/mem.h"
#include "cli/cli_house.h"
#include "cli/cli_list.h"
#include "cli/commands_all.h"
#include "rules/groups.h"
#include "store/store_people.h"

#include <stdio.h>

static int
run_add(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    const char *description = options_value(options, "description");
    const char *folder = options_value(options, "folder");
    struct group_wish wish = {
        .name = slice_of(options->arguments[0]),
        .description = description ? slice_of(description) : SLICE(""),
        .folder = folder ? slice_of(folder) : SLICE(""),
    };
    struct device_group group = {0};

    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = group_add(&house.act, &wish, &group);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the device group was not added");
    printf("Added the device group %s.\n", group.name);
    return EXIT_DONE;
}

static int
run_change(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    const char *name = options_value(options, "rename");
    const char *description = options_value(options, "description");
    const char *folder = options_value(options, "folder");
    struct slice texts[] = {slice_of(name ? name : ""),
                            slice_of(description ? description : ""),
                            slice_of(folder ? folder : "")};
    struct group_edit edit = {name ? &texts[0] : NULL, description ? &texts[1] : NULL,
                              folder ? &texts[2] : NULL, 0};
    struct device_group group = {0};

    if (!name && !description && !folder)
        return options_refuse(options, "nothing to change is given");
    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = group_change(
        &house.act, which_named(slice_of(options->arguments[0])), &edit, &group);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the device group was not changed");
    printf("The device group %s is changed.\n", group.name);
    return EXIT_DONE;
}

static json_t *
group_as_json(const struct device_group *group, int64_t device_count)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:o}", "id", group->uid, "name",
                     group->name, "description", group->description, "folder",
                     group->folder, "deviceCount", (json_int_t)device_count, "createdAt",
                     cli_json_date_time(group->created_at_s));
}

static bool
add_row(void *ctx, const struct device_group *group, int64_t device_count)
{
    struct cli_list *list = ctx;

    if (!list->table) {
        json_array_append_new(list->json, group_as_json(group, device_count));
        return true;
    }
    cli_table_add(list->table, group->name);
    cli_table_add(list->table, group->folder);
    cli_table_print(list->table, "%lld", (long long)device_count);
    cli_table_add(list->table, group->description);
    return true;
}

static int
run_list(const struct options *options)
{
    static const char *const HEADINGS[CLI_TABLE_COLUMN_MAX] = {"DEVICE GROUP", "FOLDER",
                                                               "DEVICES", "DESCRIPTION"};
    struct cli_house house AUTO(cli_house_close) = {0};
    struct cli_list list AUTO(cli_list_done) = cli_list_make(options, HEADINGS);

    if (cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = store_group_list(house.store, add_row, &list);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the device groups cannot be listed");
    return cli_list_show(&list,
                         "There are no device groups: everybody sees all devices.");
}

/* ---- assign ---- */

static struct slice *
values_of(const struct options *options, const char *name, size_t *out_count)
{
    size_t count = options_count(options, name);
    struct slice *values = mem_new_array(count + 1, sizeof(*values));

    for (size_t i = 0; i < count; i++)
        values[i] = slice_of(options_value_at(options, name, i));
    *out_count = count;
    return values;
}

/* Whoever lost the last group sees everything again: that must not pass unseen. */
static void
warn_of_sight(struct cli_house *house, const struct slice *emails, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct user user = {0};
        int64_t ids[TOKEN_GROUP_MAX_COUNT];
        size_t group_count = 0;

        if (store_user_by_email(house->store, slice_trim(emails[i]), &user) ==
                STATUS_OK &&
            store_user_groups(house->store, user.id, ids, &group_count) == STATUS_OK &&
            group_count == 0)
            printf("%s is in no device group any more, and so sees all devices.\n",
                   user.email);
    }
}

static int
run_assign(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    size_t user_count = 0;
    size_t device_count = 0;
    struct slice *users AUTO(mem_done) = values_of(options, "user", &user_count);
    struct slice *devices AUTO(mem_done) = values_of(options, "device", &device_count);
    bool is_removal = options_has(options, "remove");
    const char *name = options->arguments[0];
    struct group_members members = {users, devices, user_count, device_count};
    struct group_members nobody = {0};

    if (user_count + device_count == 0)
        return options_refuse(options, "give at least one --user or --device");
    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status =
        group_assign(&house.act, which_named(slice_of(name)),
                     is_removal ? &nobody : &members, is_removal ? &members : &nobody);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "nothing was assigned");
    printf("%s the device group %s: users %zu, devices %zu.\n",
           is_removal ? "Taken out of" : "Put into", name, user_count, device_count);
    if (is_removal)
        warn_of_sight(&house, users, user_count);
    return EXIT_DONE;
}

static int
run_delete(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};

    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status =
        group_delete(&house.act, which_named(slice_of(options->arguments[0])));
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the device group was not deleted");
    printf("The device group %s is deleted.\n", options->arguments[0]);
    return EXIT_DONE;
}

/* ---- the forms ---- */

static const struct form_option ADD_OPTIONS[] = {
    OPTION_DATA,
    {"description", "TEXT", "what the group is for", false, false},
    {"folder", "PATH", "where lists show it, such as Europe/France", false, false},
};

static const struct form_option CHANGE_OPTIONS[] = {
    OPTION_DATA,
    {"rename", "NAME", "another name", false, false},
    {"description", "TEXT", "what the group is for", false, false},
    {"folder", "PATH", "where lists show it; empty: at the top", false, false},
};

static const struct form_option ASSIGN_OPTIONS[] = {
    OPTION_DATA,
    {"user", "EMAIL", "a user who is limited to the group from now on", false, true},
    {"device", "UID", "a device (its UID or ESN) that belongs to the group", false, true},
    {"remove", NULL, "take them out of the group instead", false, false},
};

static const struct form_option LIST_OPTIONS[] = {OPTION_DATA, OPTION_JSON};
static const struct form_option DATA_OPTIONS[] = {OPTION_DATA};

#define OPTIONS(rows) rows, COUNT_OF(rows)

static const struct form FORMS[] = {
    {"add", "NAME", 1, 1, "make a device group", OPTIONS(ADD_OPTIONS), run_add, NULL},
    {"change", "NAME", 1, 1, "rename, describe or move a group", OPTIONS(CHANGE_OPTIONS),
     run_change, NULL},
    {"list", "", 0, 0, "list the device groups", OPTIONS(LIST_OPTIONS), run_list, NULL},
    {"assign", "NAME", 1, 1, "put users and devices into a group, or take them out",
     OPTIONS(ASSIGN_OPTIONS), run_assign,
     "A user in no group sees all devices. Tokens keep the groups that their user had\n"
     "when they were made. All that is given is assigned, or nothing."},
    {"delete", "NAME", 1, 1, "delete a group that limits nobody", OPTIONS(DATA_OPTIONS),
     run_delete, NULL},
};

int
cmd_group(int argc, char **argv)
{
    return forms_run("group", FORMS, COUNT_OF(FORMS), argc, argv);
}
