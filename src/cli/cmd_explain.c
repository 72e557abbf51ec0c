/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse explain: would this request be let in, and if not, what is missing? Asks the
 * gate's own steps over a data folder, whether it is served or not. */
#include "base/auto.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/cli_house.h"
#include "cli/cli_refusal.h"
#include "cli/cli_table.h"
#include "cli/commands_all.h"
#include "config/config.h"
#include "house/explain.h"
#include "rules/refusals.h"
#include "json/scan.h"

#include <ctype.h>
#include <stdio.h>

enum { METHOD_MAX_CHARS = 16, ANSWER_MAX_BYTES = 1024 * 1024 };

/* ---- what is typed ---- */

/* TOKEN-ID METHOD PATH[?query] */
static void
read_words(const struct options *options, char method[METHOD_MAX_CHARS + 1],
           struct explain_request *out)
{
    struct slice path = slice_of(options->arguments[2]);
    struct slice before = {0};

    snprintf(method, METHOD_MAX_CHARS + 1, "%s", options->arguments[1]);
    for (char *at = method; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    out->token_id = slice_of(options->arguments[0]);
    out->method = slice_of(method);
    out->uri = path;
    if (slice_cut(&path, '?', &before)) {
        out->uri = before;
        out->query = path;
    }
}

static int
read_body(const struct options *options, struct buffer *room, struct slice *out)
{
    const char *typed = options_value(options, "body");
    struct failure failure = {0};
    struct json_value value;

    if (!typed)
        return EXIT_DONE;
    if (typed[0] != '@')
        buffer_add_text(room, typed);
    else if (file_read(typed + 1, room, &failure) != STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    *out = slice_trim(buffer_slice(room));
    if (out->len > 0 && json_scan(*out, &value) != STATUS_OK) {
        enum status why = json_explain(*out, &failure);
        (void)why;
        return cli_failed(options, "the body is not JSON: %s", failure.text);
    }
    return EXIT_DONE;
}

static int
read_moment(const struct options *options, const char *name, int64_t *out)
{
    const char *typed = options_value(options, name);

    if (typed && date_time_read(slice_of(typed), out) != STATUS_OK)
        return cli_failed(options,
                          "--%s '%s' is not a moment; wanted is for example "
                          "2026-11-26T21:51:42Z",
                          name, typed);
    return EXIT_DONE;
}

static int
read_rest(const struct options *options, struct explain_request *out)
{
    const char *from = options_value(options, "from");

    out->at_ms = clock_now_ms();
    if (from && ip_read(slice_of(from), &out->address) != STATUS_OK)
        return cli_failed(options, "--from '%s' is not an IP address", from);
    out->has_address = from != NULL;
    if (read_moment(options, "at", &out->at_ms) != EXIT_DONE)
        return EXIT_FAILED;
    out->issued_at_ms = out->at_ms;
    return read_moment(options, "issued-at", &out->issued_at_ms);
}

/* ---- what is told ---- */

/* With a refusal, as the admin API answers. */
static int
print_json(const struct explanation *explanation, const struct explain_request *request,
           const struct refusal *refusal)
{
    struct buffer text AUTO(buffer_done) = buffer_make(ANSWER_MAX_BYTES);
    struct json_writer writer = json_write_into(&text);

    if (refusal) {
        json_write_object(&writer);
        json_write_key(&writer, "refusal");
        refusal_write(refusal, &writer);
        json_write_key(&writer, "explanation");
    }
    explanation_write(explanation, request, &writer);
    if (refusal)
        json_write_end(&writer);
    if (json_write_done(&writer) != STATUS_OK)
        return EXIT_FAILED;
    printf("%.*s\n", SLICE_ARG(buffer_slice(&text)));
    return EXIT_DONE;
}

static void
print_need(const struct explain_need *need)
{
    char name[PERMISSION_NAME_MAX + 1];

    permission_write(need->permission, name);
    printf("                    %-40s %s", name, need->is_missing ? "missing" : "there");
    if (need->when[0])
        printf(", for %s%s%s", need->when, need->equals[0] ? " = " : "", need->equals);
    if (!need->is_missing) {
        printf("\n");
        return;
    }
    printf(need->is_in_role ? "; the user's role has it" : "; the user's role lacks it");
    for (size_t i = 0; i < need->role_count; i++)
        printf("%s%s", i == 0 ? "; so have: " : ", ", need->roles[i].name);
    if (need->more_role_count > 0)
        printf(" and %zu more", need->more_role_count);
    printf("\n");
}

static void
print_step(const struct explanation *explanation, const struct explain_request *request,
           const struct explain_step *step)
{
    char words[FAILURE_TEXT_MAX];
    char link[EXPLAIN_LINK_BYTES];

    printf("  %-11s %-11s %s\n", explain_outcome_name(step->outcome), step->name,
           explanation_question(step->name));
    if (step->outcome != EXPLAIN_FAILED)
        return;
    explanation_way(explanation, request, step, words, link);
    cli_show_text("      ", step->words);
    if (words[0])
        cli_show_text("      ", words);
    if (step->verdict != REFUSED_PERMISSION)
        return;
    for (size_t i = 0; i < explanation->need_count; i++)
        print_need(&explanation->needs[i]);
}

/* The request, and what its caller heard. */
static void
print_refusal(const struct refusal *refusal)
{
    char at[DATE_TIME_CHARS + 1];

    date_time_write(refusal->at_ms, at);
    printf("Refused at %s: %d %s\n", at, verdict_http(refusal->verdict),
           verdict_detail(refusal->verdict));
    cli_show_text("  ", refusal->words);
    cli_show_text("  token   ", refusal->token_id);
    cli_show_text("  method  ", refusal->method);
    cli_show_text("  path    ", refusal->uri);
    if (refusal->query[0])
        cli_show_text("  query   ", refusal->query);
    if (refusal->body[0])
        cli_show_text("  body    ", refusal->body);
    cli_show_text("  from    ", refusal->address);
    printf("Such a request, asked of the steps with what is known now:\n");
}

static void
print_words(const struct explanation *explanation, const struct explain_request *request)
{
    for (size_t i = 0; i < explanation->step_count; i++)
        print_step(explanation, request, &explanation->steps[i]);
    if (explanation->verdict == PERMITTED)
        printf("It would be let in.\n");
    else
        printf("It would be refused: %d %s.\n", verdict_http(explanation->verdict),
               verdict_detail(explanation->verdict));
}

static int
ask(const struct options *options, const struct explain_request *request,
    const struct refusal *refusal)
{
    struct config *config AUTO(mem_done) = mem_new(sizeof(*config));
    struct explanation *explanation AUTO(mem_done) = mem_new(sizeof(*explanation));
    struct explainer *explainer AUTO(explainer_close) = NULL;
    struct failure failure = {0};
    enum status status = config_read(cli_data_folder(options),
                                     options_value(options, "config"), config, &failure);

    if (status == STATUS_OK)
        status = explainer_open(config, &explainer, &failure);
    if (status == STATUS_OK)
        status = explainer_ask(explainer, request, explanation);
    if (status != STATUS_OK)
        return cli_failed(options, "%s",
                          failure.text[0] ? failure.text : status_text(status));
    if (options_has(options, "json")) {
        if (print_json(explanation, request, refusal) != EXIT_DONE)
            return EXIT_FAILED;
    } else {
        if (refusal)
            print_refusal(refusal);
        print_words(explanation, request);
    }
    return explanation->verdict == PERMITTED ? EXIT_DONE : EXIT_FAILED;
}

/* By its request id nothing else is described. */
static int
explain_refusal(const struct options *options)
{
    static const char *const DESCRIBING[] = {"body", "from", "at", "issued-at"};
    struct refusal *refusal AUTO(mem_done) = mem_new(sizeof(*refusal));
    struct explain_request request = {0};
    bool is_described = options->argument_count > 0;

    for (size_t i = 0; i < COUNT_OF(DESCRIBING); i++)
        is_described = is_described || options_has(options, DESCRIBING[i]);
    if (is_described)
        return options_refuse(options, "with --request-id nothing else is described");
    if (cli_find_refusal(options, options_value(options, "request-id"), refusal) !=
        EXIT_DONE)
        return EXIT_FAILED;
    refusal_describe(refusal, &request);
    return ask(options, &request, refusal);
}

static int
explain(const struct options *options)
{
    struct buffer body AUTO(buffer_done) = buffer_make(JWS_MAX_BYTES);
    struct explain_request request = {0};
    char method[METHOD_MAX_CHARS + 1];

    if (options_has(options, "request-id"))
        return explain_refusal(options);
    if (options->argument_count < 3)
        return options_refuse(options, "something is missing; wanted: [TOKEN-ID METHOD "
                                       "PATH[?query]] or --request-id");
    read_words(options, method, &request);
    if (read_body(options, &body, &request.body) != EXIT_DONE ||
        read_rest(options, &request) != EXIT_DONE)
        return EXIT_FAILED;
    return ask(options, &request, NULL);
}

int
cmd_explain(int argc, char **argv)
{
    static const struct form_option OPTIONS[] = {
        OPTION_DATA,
        {"body", "JSON", "the body: JSON, @FILE, or @- for standard input", false, false},
        {"from", "ADDRESS", "where it comes from; else addresses are not asked about",
         false, false},
        {"at", "TIME", "when it comes, as 2026-11-26T21:51:42Z; usual: now", false,
         false},
        {"issued-at", "TIME", "when it says to have been signed; usual: as --at", false,
         false},
        {"request-id", "ID",
         "explain the refusal of this request, which its answer names as X-Request-Id; "
         "asks the server that runs",
         false, false},
        {"config", "FILE", "the configuration; else DIR/tokenhouse.ini, if there is one",
         false, false},
        OPTION_JSON,
    };
    static const struct form EXPLAIN = {
        .arguments = "[TOKEN-ID METHOD PATH[?query]]",
        .argument_min = 0,
        .argument_max = 3,
        .meaning = "say whether a request would be let in, and what is missing",
        .options = OPTIONS,
        .option_count = COUNT_OF(OPTIONS),
        .run = explain,
        .more =
            "The request is not sent, and uses nothing up; the steps are those of the "
            "server.\nExit status 0 if it would be let in, 1 if it would be refused.\n"
            "  tokenhouse explain 0b9f… GET '/v3/reporting/devices?select=geoData' "
            "--from 203.0.113.9\n",
    };

    return form_run("explain", &EXPLAIN, argc, argv);
}
