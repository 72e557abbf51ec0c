/* SPDX-License-Identifier: Apache-2.0
 *
 * `tokenhouse serve`: reads the configuration, lets the command line go before it, and
 * opens the house. */
#include "cli/commands_all.h"

#include "base/auto.h"
#include "cli/cli_house.h"
#include "cli/options.h"
#include "config/config.h"
#include "house/house.h"

/* The options that stand for a setting of the same name. */
static const char *const SETTINGS[] = {"listen", "health"};

static int
serve_refuse(const struct options *options, const struct failure *failure)
{
    if (failure->line > 0)
        return cli_failed(options, "line %d: %s", failure->line, failure->text);
    return cli_failed(options, "%s", failure->text);
}

static int
serve(const struct options *options)
{
    const char *path = options_value(options, "config");
    struct config config;
    struct failure failure = {0};
    enum status status = config_read(cli_data_folder(options), path, &config, &failure);

    for (size_t i = 0; status == STATUS_OK && i < COUNT_OF(SETTINGS); i++) {
        const char *value = options_value(options, SETTINGS[i]);
        if (value)
            status = config_set(&config, SETTINGS[i], value, &failure);
    }
    if (status == STATUS_OK)
        status = house_run(&config, path, &failure);
    return status == STATUS_OK ? EXIT_DONE : serve_refuse(options, &failure);
}

int
cmd_serve(int argc, char **argv)
{
    static const struct form_option OPTIONS[] = {
        OPTION_DATA,
        {"listen", "HOST:PORT", "where callers come in; else the setting, 127.0.0.1:8480",
         false, false},
        {"health", "HOST:PORT",
         "where /healthz, /readyz and /metrics are; else the setting, 127.0.0.1:8481",
         false, false},
        {"config", "FILE", "the configuration; else DIR/tokenhouse.ini, if there is one",
         false, false},
    };
    static const struct form SERVE = {
        .arguments = "",
        .meaning = "open the house and serve until told to stop",
        .options = OPTIONS,
        .option_count = COUNT_OF(OPTIONS),
        .run = serve,
        .more = "SIGTERM and SIGINT let what runs finish, then end it with status 0; a\n"
                "second one ends it at once. SIGHUP reads the TLS files and the\n"
                "configuration again. A port of 0 takes any free one; the line "
                "'listening'\nin the log says which.\n",
    };

    return form_run("serve", &SERVE, argc, argv);
}
