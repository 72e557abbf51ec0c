/* SPDX-License-Identifier: Apache-2.0
 *
 * What the commands that touch data have in common: the data folder, its store and
 * master key, the act they do, and how they say that something failed. */
#ifndef CLI_CLI_HOUSE_H
#define CLI_CLI_HOUSE_H

#include "base/secret.h"
#include "cli/options.h"
#include "rules/act.h"

#include <jansson.h>

/* Zero it, open it, and close it with AUTO(cli_house_close). */
struct cli_house {
    char data[1024]; /* the data folder */
    struct store *store;
    struct master_key *master_key; /* NULL unless asked for */
    struct failure failure;        /* filled by the acts */
    char actor_name[96];           /* "tokenhouse token create" */
    struct act act;                /* ready to be handed to rules/ */
    bool has_unused_days;          /* the setting was read */
    int64_t unused_days;
};

enum cli_need { CLI_READ = 1, CLI_WRITE, CLI_WRITE_WITH_KEY };

/* --data, else TOKENHOUSE_DATA, else "./data". */
const char *cli_data_folder(const struct options *options);

/* Opens the data folder that the options name. EXIT_DONE, or EXIT_FAILED with the reason
 * already printed. CLI_WRITE_WITH_KEY also opens the master key (the setting
 * master_key_file, else DATA/master.key) and proves that it is the one under which the
 * data was sealed. */
MUST_CHECK int cli_house_open(const struct options *options, enum cli_need need,
                              struct cli_house *out);
void cli_house_close(struct cli_house *house);

/* After how many days without a use a token is called unused: the setting, read once. */
MUST_CHECK enum status cli_house_unused_days(struct cli_house *house, int64_t *out);
/* Makes the act ready; cli_house_open() has done it. */
void cli_house_start_act(struct cli_house *house, const char *command);
/* Where the master key of a data folder is: the setting master_key_file, or
 * DATA/master.key. */
MUST_CHECK enum status cli_master_key_path(const char *data, char *out, size_t size,
                                           struct failure *failure);

/* Prints one sentence to stderr: the act's own words when it has some, else `otherwise`
 * with what the store said. Gives EXIT_FAILED. */
int cli_house_failed(const struct cli_house *house, enum status status,
                     const char *otherwise);
/* A whole command: does `act` to the one that the first argument names, and says what the
 * `noun` ("token") is then: `done` ("suspended"). Gives the exit status. */
int cli_act(const struct options *options, const char *noun,
            enum status (*act)(const struct act *act, struct slice which),
            const char *done);
/* "tokenhouse COMMAND: <sentence>" to stderr; gives EXIT_FAILED. */
__attribute__((format(printf, 2, 3))) int cli_failed(const struct options *options,
                                                     const char *format, ...);

/* Prints a JSON value with a line end, and takes it. Gives the exit status: EXIT_FAILED
 * when standard output is gone. */
int cli_print_json(json_t *value);
/* For AUTO(cli_json_done). */
static inline void
cli_json_done(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}
json_t *cli_json_date_time(int64_t at_s); /* "YYYY-MM-DDThh:mm:ss.mmmZ", 0 = null */

/* Reads a password: the first line of the file, "-" = standard input; without a file
 * from the terminal, twice, without echo. Never from argv. EXIT_DONE, or the reason is
 * printed. */
MUST_CHECK int cli_read_password(const struct options *options, const char *file,
                                 struct secret *out);

/* "YYYY-MM-DD hh:mm" for tables; "never" for 0. */
enum { CLI_TIME_CHARS = 16 };
void cli_time_write(int64_t at_s, char out[CLI_TIME_CHARS + 1]);

#endif
