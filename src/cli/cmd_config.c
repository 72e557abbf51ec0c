/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse config …: what the operator decided, and whether it can be. */
#include "base/auto.h"
#include "base/mem.h"
#include "cli/cli_house.h"
#include "cli/cli_table.h"
#include "cli/commands_all.h"
#include "config/config.h"
#include "house/house.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* EXIT_DONE, or one sentence has said what is wrong. */
static int
read_config(const struct options *options, struct config *out)
{
    struct failure failure = {0};
    const char *data = cli_data_folder(options);

    if (!options_has(options, "config") && access(data, F_OK) != 0)
        return cli_failed(options, "the data folder '%s' cannot be opened: %s", data,
                          strerrordesc_np(errno));
    if (config_read(data, options_value(options, "config"), out, &failure) == STATUS_OK)
        return EXIT_DONE;
    if (failure.line > 0)
        return cli_failed(options, "line %d: %s", failure.line, failure.text);
    return cli_failed(options, "%s", failure.text);
}

static int
run_check(const struct options *options)
{
    struct config *config AUTO(mem_done) = mem_new(sizeof(*config));
    const char *file = options_value(options, "config");
    struct failure failure = {0};
    char usual[2 * CONFIG_PATH_MAX];

    if (read_config(options, config) != EXIT_DONE)
        return EXIT_FAILED;
    if (house_check(config, &failure) != STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    if (options_has(options, "json"))
        return cli_print_json(json_pack("{s:b}", "isGood", true));
    snprintf(usual, sizeof(usual), "%s/tokenhouse.ini", cli_data_folder(options));
    if (!file && access(usual, F_OK) != 0)
        printf("There is no %s: every setting has its usual value.\n", usual);
    else
        printf("The settings in %s are good.\n", file ? file : usual);
    return EXIT_DONE;
}

static json_t *
as_json(const struct config *config)
{
    json_t *list = json_array();

    for (size_t i = 0; i < config_setting_count(); i++) {
        struct config_view view;

        config_setting_view(config, i, &view);
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:b, s:s, s:s, s:s}", "name", view.name,
                            "section", view.section, "value", view.value, "isUsual",
                            view.is_usual, "usual", view.usual, "bounds", view.bounds,
                            "meaning", view.meaning));
    }
    return list;
}

static int
run_show(const struct options *options)
{
    static const char *const HEADINGS[CLI_TABLE_COLUMN_MAX] = {"SETTING", "VALUE", "",
                                                               "MEANING"};
    struct cli_table *table AUTO(cli_table_free) = cli_table_new(HEADINGS);
    struct config *config AUTO(mem_done) = mem_new(sizeof(*config));

    if (read_config(options, config) != EXIT_DONE)
        return EXIT_FAILED;
    if (options_has(options, "json"))
        return cli_print_json(as_json(config));
    for (size_t i = 0; i < config_setting_count(); i++) {
        struct config_view view;

        config_setting_view(config, i, &view);
        cli_table_print(table, "%s.%s", view.section, view.name);
        cli_table_add(table, view.value[0] ? view.value : "-");
        cli_table_add(table, view.is_usual ? "usual" : "set");
        cli_table_add(table, view.meaning);
    }
    cli_table_show(table, "There are no settings.");
    return EXIT_DONE;
}

static const struct form_option OPTIONS[] = {
    OPTION_DATA,
    {"config", "FILE", "read this file; usual: DIR/tokenhouse.ini", false, false},
    OPTION_JSON,
};

static const struct form FORMS[] = {
    {"check", "", 0, 0, "say what serve would say to the settings", OPTIONS,
     COUNT_OF(OPTIONS), run_check, NULL},
    {"show", "", 0, 0, "print every setting in force", OPTIONS, COUNT_OF(OPTIONS),
     run_show, NULL},
};

int
cmd_config(int argc, char **argv)
{
    return forms_run("config", FORMS, COUNT_OF(FORMS), argc, argv);
}
