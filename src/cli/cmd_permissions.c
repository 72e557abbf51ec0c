/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse permissions …: the least that a token must have for some calls. */
#include "base/auto.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/cli_house.h"
#include "cli/cli_permissions.h"
#include "cli/cli_table.h"
#include "cli/commands_all.h"
#include "config/config.h"
#include "house/explain.h"
#include "rules/calls.h"

#include <stdio.h>

enum { ANSWER_MAX_BYTES = 16 * 1024 * 1024 };

static int
read_calls(const struct options *options, struct buffer *out)
{
    const char *log = options_value(options, "log");
    struct failure failure = {0};

    if (!log && !options_has(options, "call"))
        return options_refuse(options, "name calls by --call, such as 'GET /v3/whoami', "
                                       "or a log by --log FILE");
    if (log && file_read(log, out, &failure) != STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    for (size_t i = 0; i < options_count(options, "call"); i++) {
        buffer_add_byte(out, '\n'); /* behind the log: its lines keep their numbers */
        buffer_add_text(out, options_value_at(options, "call", i));
    }
    if (buffer_check(out) != STATUS_OK)
        return cli_failed(options, "the log is longer than %d bytes; give a part of it",
                          CALLS_TEXT_MAX_BYTES);
    return EXIT_DONE;
}

static int
print_json(const struct calls *calls)
{
    struct buffer text AUTO(buffer_done) = buffer_make(ANSWER_MAX_BYTES);
    struct json_writer writer = json_write_into(&text);

    calls_write(calls, NULL, &writer);
    if (json_write_done(&writer) != STATUS_OK)
        return EXIT_FAILED;
    printf("%.*s\n", SLICE_ARG(buffer_slice(&text)));
    return EXIT_DONE;
}

static void
print_licences(const struct operation *operation)
{
    for (size_t i = 0; i < operation->licence_count; i++)
        printf("%s%s", i == 0 ? ", with a licence: " : " or ", operation->licences[i]);
}

static void
print_unmatched(const struct calls *calls)
{
    char text[CALLS_LINE_SHOWN_BYTES + 1];
    char label[96];

    if (calls->unmatched_count > 0)
        printf("%lld lines are not counted:\n", (long long)calls->unmatched_count);
    for (size_t i = 0;
         i < CALLS_UNMATCHED_MAX_COUNT && (int64_t)i < calls->unmatched_count; i++) {
        const struct calls_unmatched *one = &calls->unmatched[i];
        if (!slice_to_text(one->text, text, sizeof(text)))
            text[0] = '\0';
        snprintf(label, sizeof(label), "  line %lld", (long long)one->line);
        cli_show_text(label, text);
        printf("    %s\n", one->why);
    }
}

static void
print_words(const struct calls *calls)
{
    printf("These calls need:\n");
    cli_permissions_print(&calls->permissions, "no permission");
    printf("%lld call%s of %zu operation%s:\n", (long long)calls->matched_count,
           calls->matched_count == 1 ? "" : "s", calls->operation_count,
           calls->operation_count == 1 ? "" : "s");
    for (size_t i = 0; i < calls->operation_count; i++) {
        const struct calls_operation *one = &calls->operations[i];
        printf("  %s %s: %lld", one->operation->method, one->operation->path,
               (long long)one->count);
        print_licences(one->operation);
        printf("\n");
    }
    print_unmatched(calls);
}

static int
run_for(const struct options *options)
{
    struct buffer text AUTO(buffer_done) = buffer_make(CALLS_TEXT_MAX_BYTES);
    struct config *config AUTO(mem_done) = mem_new(sizeof(*config));
    struct explainer *explainer AUTO(explainer_close) = NULL;
    struct arena arena AUTO(arena_done) = {0};
    struct calls *calls AUTO(mem_done) = mem_new(sizeof(*calls));
    const char *prefix = options_value(options, "prefix");
    struct failure failure = {0};
    int exit_status = read_calls(options, &text);

    if (exit_status != EXIT_DONE)
        return exit_status;
    enum status status = config_read(cli_data_folder(options),
                                     options_value(options, "config"), config, &failure);
    if (status == STATUS_OK)
        status = explainer_open(config, &explainer, &failure);
    if (status != STATUS_OK)
        return cli_failed(options, "%s",
                          failure.text[0] ? failure.text : status_text(status));
    explainer_calls(explainer, buffer_slice(&text), slice_of(prefix ? prefix : ""),
                    &arena, calls);
    if (options_has(options, "json"))
        return print_json(calls);
    print_words(calls);
    return EXIT_DONE;
}

static const struct form_option FOR_OPTIONS[] = {
    OPTION_DATA,
    {"call", "CALL", "one that the token is to make: METHOD /path?query", false, true},
    {"log", "FILE", "an access log with the calls; \"-\" for standard input", false,
     false},
    {"prefix", "PATH", "put before each path: where the logged API stands here", false,
     false},
    {"config", "FILE", "the configuration; else DIR/tokenhouse.ini, if there is one",
     false, false},
    OPTION_JSON,
};

static const struct form FORMS[] = {
    {"for", "", 0, 0, "print the least permissions that a token needs for some calls",
     FOR_OPTIONS, COUNT_OF(FOR_OPTIONS), run_for,
     "A log has one call a line: METHOD /path?query, the common or combined log format, "
     "or "
     "JSON\nwith \"method\", \"uri\", \"query\" and \"body\". What is no call of an "
     "operation is listed."},
};

int
cmd_permissions(int argc, char **argv)
{
    return forms_run("permissions", FORMS, COUNT_OF(FORMS), argc, argv);
}
