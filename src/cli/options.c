/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the command line after a form, and prints help from it. */
#include "cli/options.h"

#include "base/auto.h"
#include "base/mem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { COMMAND_NAME_MAX = 64 };

/* One option as it was typed. */
struct option_given {
    const struct form_option *option;
    const char *value; /* NULL for a flag */
};

/* What the reader has in its hands. */
struct reading {
    struct options options;
    const char **arguments;
    struct option_given *given;
    bool is_help_wanted;
    int argc, at;
    char **argv;
};

static bool
is_help(const char *text)
{
    return strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0;
}

/* ---- help ---- */

static void
print_option(const struct form_option *option)
{
    char left[48] = "";

    snprintf(left, sizeof(left), "--%s%s%s", option->name, option->value ? " " : "",
             option->value ? option->value : "");
    printf("  %-26s %s%s%s\n", left, option->meaning,
           option->is_required ? " (required)" : "",
           option->is_repeatable ? " (may be repeated)" : "");
}

static void
print_form_help(const char *command, const struct form *form)
{
    printf("tokenhouse %s%s%s%s: %s\n\n", command, form->arguments[0] ? " " : "",
           form->arguments, form->option_count > 0 ? " [options]" : "", form->meaning);
    for (size_t i = 0; i < form->option_count; i++)
        print_option(&form->options[i]);
    printf("  %-26s %s\n", "--help", "print this");
    if (form->more)
        printf("\n%s\n", form->more);
}

static void
print_forms_help(FILE *out, const char *command, const struct form *forms, size_t count)
{
    fprintf(out, "tokenhouse %s has these forms:\n\n", command);
    for (size_t i = 0; i < count; i++) {
        char left[64] = "";
        snprintf(left, sizeof(left), "%s %s", forms[i].name, forms[i].arguments);
        fprintf(out, "  %-26s %s\n", left, forms[i].meaning);
    }
    fprintf(out, "\n'tokenhouse %s FORM --help' explains one.\n", command);
}

/* ---- reading ---- */

static const struct form_option *
find_option(const struct form *form, const char *name, size_t len)
{
    for (size_t i = 0; i < form->option_count; i++) {
        const char *known = form->options[i].name;
        if (strlen(known) == len && memcmp(known, name, len) == 0)
            return &form->options[i];
    }
    return NULL;
}

/* Gives EXIT_DONE, or has printed what is wrong with the option at argv[at]. */
static int
read_option(struct reading *reading)
{
    const struct options *options = &reading->options;
    const char *typed = reading->argv[reading->at] + 2;
    const char *equals = strchr(typed, '=');
    size_t len = equals ? (size_t)(equals - typed) : strlen(typed);
    const struct form_option *option = find_option(options->form, typed, len);

    if (!option)
        return options_refuse(options, "there is no option '--%.*s'", (int)len, typed);
    if (!option->is_repeatable && options_has(options, option->name))
        return options_refuse(options, "--%s is given twice; it is wanted once",
                              option->name);
    if (!option->value && equals)
        return options_refuse(options, "--%s takes no value", option->name);

    const char *value = equals ? equals + 1 : NULL;
    if (option->value && !value) {
        if (reading->at + 1 >= reading->argc)
            return options_refuse(options, "--%s wants a value: %s", option->name,
                                  option->value);
        value = reading->argv[++reading->at];
    }
    reading->given[reading->options.given_count++] =
        (struct option_given){.option = option, .value = value};
    return EXIT_DONE;
}

static int
read_all(struct reading *reading)
{
    bool is_options_ended = false;

    for (reading->at = 0; reading->at < reading->argc; reading->at++) {
        const char *word = reading->argv[reading->at];

        if (!is_options_ended && is_help(word)) {
            reading->is_help_wanted = true;
            return EXIT_DONE;
        }
        if (!is_options_ended && strcmp(word, "--") == 0) {
            is_options_ended = true;
        } else if (!is_options_ended && strncmp(word, "--", 2) == 0) {
            int exit_status = read_option(reading);
            if (exit_status != EXIT_DONE)
                return exit_status;
        } else if (!is_options_ended && word[0] == '-' && word[1] != '\0') {
            return options_refuse(&reading->options, "there is no option '%s'", word);
        } else {
            reading->arguments[reading->options.argument_count++] = word;
        }
    }
    return EXIT_DONE;
}

static int
check_complete(const struct options *options)
{
    const struct form *form = options->form;

    if (options->argument_count < form->argument_min)
        return options_refuse(options, "something is missing; wanted: %s",
                              form->arguments);
    if (options->argument_count > form->argument_max)
        return options_refuse(options, "'%s' is too much; wanted: %s",
                              options->arguments[form->argument_max],
                              form->arguments[0] ? form->arguments : "options only");
    for (size_t i = 0; i < form->option_count; i++) {
        if (form->options[i].is_required && !options_has(options, form->options[i].name))
            return options_refuse(options, "--%s %s is missing", form->options[i].name,
                                  form->options[i].value ? form->options[i].value : "");
    }
    return EXIT_DONE;
}

/* `argv` holds what stands behind the command's words. */
static int
run_form(const char *command, const struct form *form, int argc, char **argv)
{
    size_t room = (size_t)argc + 1;
    const char **arguments AUTO(mem_done) = mem_new_array(room, sizeof(*arguments));
    struct option_given *given AUTO(mem_done) = mem_new_array(room, sizeof(*given));
    struct reading reading = {
        .options = {.command = command,
                    .form = form,
                    .arguments = arguments,
                    .given = given},
        .arguments = arguments,
        .given = given,
        .argc = argc,
        .argv = argv,
    };

    int exit_status = read_all(&reading);
    if (exit_status != EXIT_DONE)
        return exit_status;
    if (reading.is_help_wanted) {
        print_form_help(command, form);
        return EXIT_DONE;
    }
    exit_status = check_complete(&reading.options);
    if (exit_status != EXIT_DONE)
        return exit_status;
    return form->run(&reading.options);
}

int
form_run(const char *command, const struct form *form, int argc, char **argv)
{
    return run_form(command, form, argc > 0 ? argc - 1 : 0, argv + (argc > 0));
}

int
forms_run(const char *command, const struct form *forms, size_t count, int argc,
          char **argv)
{
    char name[COMMAND_NAME_MAX] = "";

    if (argc < 2) {
        print_forms_help(stderr, command, forms, count);
        return EXIT_ASKED_WRONGLY;
    }
    if (is_help(argv[1])) {
        print_forms_help(stdout, command, forms, count);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(forms[i].name, argv[1]) != 0)
            continue;
        snprintf(name, sizeof(name), "%s %s", command, forms[i].name);
        return run_form(name, &forms[i], argc - 2, argv + 2);
    }
    fprintf(stderr, "tokenhouse %s: there is no '%s %s'; wanted is one of:", command,
            command, argv[1]);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, " %s", forms[i].name);
    fprintf(stderr, "\n");
    return EXIT_ASKED_WRONGLY;
}

/* ---- asking ---- */

size_t
options_count(const struct options *options, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < options->given_count; i++)
        count += strcmp(options->given[i].option->name, name) == 0;
    return count;
}

const char *
options_value_at(const struct options *options, const char *name, size_t index)
{
    for (size_t i = 0; i < options->given_count; i++) {
        if (strcmp(options->given[i].option->name, name) == 0 && index-- == 0)
            return options->given[i].value;
    }
    return NULL;
}

const char *
options_value(const struct options *options, const char *name)
{
    size_t count = options_count(options, name);
    return count ? options_value_at(options, name, count - 1) : NULL;
}

bool
options_has(const struct options *options, const char *name)
{
    return options_count(options, name) > 0;
}

int
options_refuse(const struct options *options, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "tokenhouse %s: ", options->command);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "; see 'tokenhouse %s --help'\n", options->command);
    return EXIT_ASKED_WRONGLY;
}
