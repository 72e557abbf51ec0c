/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands behind a command on the command line, read by a table: THE FORM of a
 * command names its arguments, its options and the function that runs it. Help is
 * printed from the same table. All commands use it, so all behave the same:
 * `--name value` or `--name=value`, in any order with the arguments; `--` ends the
 * options; `--help` explains. What is wrong gets one sentence and exit status 2. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_ASKED_WRONGLY = 2 };

/* One option of a form. */
struct form_option {
    const char *name;    /* without the dashes: "public-key" */
    const char *value;   /* what help calls its value: "FILE"; NULL = a flag */
    const char *meaning; /* for help; no capital, no full stop */
    bool is_required;
    bool is_repeatable; /* may be given more than once */
};

/* Rows that many forms have. */
#define OPTION_DATA                                                                  \
    {                                                                                \
        "data", "DIR", "the data folder; else $TOKENHOUSE_DATA, else ./data", false, \
            false                                                                    \
    }
#define OPTION_JSON                                          \
    {                                                        \
        "json", NULL, "print JSON for scripts", false, false \
    }

struct options;

/* One command as a person types it. */
struct form {
    const char *name;      /* "create" in `tokenhouse token create`; NULL: the command
                              has no second word */
    const char *arguments; /* for help: "ID", "METHOD PATH", "[NAME]"; "" = none */
    size_t argument_min, argument_max;
    const char *meaning; /* for help: one line, no capital, no full stop */
    const struct form_option *options;
    size_t option_count;
    int (*run)(const struct options *options); /* gives the exit status */
    const char *more;                          /* further help, or NULL */
};

/* What was typed, after form. All texts are argv's own. */
struct options {
    const char *command; /* "token create" */
    const struct form *form;
    const char *const *arguments;
    size_t argument_count;
    const struct option_given *given;
    size_t given_count;
};

/* Runs the one form of a command without second words. argv[0] is the command's name.
 * Gives the exit status. */
int form_run(const char *command, const struct form *form, int argc, char **argv);
/* Runs the form that argv[1] names: `tokenhouse COMMAND FORM …`. */
int forms_run(const char *command, const struct form *forms, size_t count, int argc,
              char **argv);

/* The value of an option (the last one, when repeated); NULL when it was not given. */
const char *options_value(const struct options *options, const char *name);
bool options_has(const struct options *options, const char *name);
/* How many times an option was given, and each of its values, 0 .. count - 1. */
size_t options_count(const struct options *options, const char *name);
const char *options_value_at(const struct options *options, const char *name,
                             size_t index);

/* Prints "tokenhouse COMMAND: <sentence>" and how to get help to stderr; gives
 * EXIT_ASKED_WRONGLY, for `return options_refuse(…)`. */
__attribute__((format(printf, 2, 3))) int options_refuse(const struct options *options,
                                                         const char *format, ...);

#endif
