/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse upstream …: the HTTP APIs that we stand in front of. */
#include "api/resource.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/number.h"
#include "cli/cli_ask.h"
#include "cli/cli_house.h"
#include "cli/cli_list.h"
#include "cli/cli_upstream.h"
#include "cli/commands_all.h"
#include "openapi/draft.h"
#include "openapi/openapi_read.h"
#include "openapi/tree.h"
#include "rules/upstream_doc.h"
#include "rules/upstream_url.h"
#include "store/store_upstreams.h"

#include <stdio.h>

enum { DRAFT_MAX_BYTES = 16 * 1024 * 1024, DRAFT_MODE = 0644 };

/* What the options say, and the memory that it lies in. */
struct given {
    struct upstream_wish wish;
    struct buffer document, overlay;
    struct slice *urls; /* owned */
    struct slice texts[9];
    int64_t numbers[5];
};

static void
given_done(struct given *given)
{
    buffer_done(&given->document);
    buffer_done(&given->overlay);
    mem_free(&given->urls);
}

static int
read_text_file(const struct options *options, const char *name, struct buffer *into,
               struct slice *text, const struct slice **out)
{
    const char *file = options_value(options, name);
    struct failure failure = {0};

    *into = buffer_make(TREE_TEXT_MAX_BYTES);
    if (!file)
        return EXIT_DONE;
    if (file[0] == '\0') { /* --overlay "": none any more */
        *out = text;
        return EXIT_DONE;
    }
    if (file_read(file, into, &failure) != STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    *text = buffer_slice(into);
    *out = text;
    return EXIT_DONE;
}

static void
read_text_option(const struct options *options, const char *name, struct slice *text,
                 const struct slice **out)
{
    const char *value = options_value(options, name);

    if (!value)
        return;
    *text = slice_of(value);
    *out = text;
}

static int
read_number_option(const struct options *options, const char *name, int64_t *number,
                   const int64_t **out)
{
    const char *value = options_value(options, name);

    if (!value)
        return EXIT_DONE;
    if (number_read(slice_of(value), number) != STATUS_OK)
        return options_refuse(options, "--%s is '%s'; a number is wanted", name, value);
    *out = number;
    return EXIT_DONE;
}

static int
read_given(const struct options *options, struct given *out)
{
    struct upstream_wish *wish = &out->wish;
    int code = read_text_file(options, "openapi", &out->document, &out->texts[0],
                              &wish->document);

    if (code == EXIT_DONE)
        code = read_text_file(options, "overlay", &out->overlay, &out->texts[1],
                              &wish->overlay);
    if (code == EXIT_DONE)
        code = read_number_option(options, "connect-timeout", &out->numbers[0],
                                  &wish->connect_timeout_ms);
    if (code == EXIT_DONE)
        code = read_number_option(options, "first-byte-timeout", &out->numbers[1],
                                  &wish->first_byte_timeout_ms);
    if (code == EXIT_DONE)
        code = read_number_option(options, "whole-timeout", &out->numbers[2],
                                  &wish->whole_timeout_ms);
    if (code == EXIT_DONE)
        code = read_number_option(options, "health-status", &out->numbers[3],
                                  &wish->health_status);
    if (code == EXIT_DONE)
        code = read_number_option(options, "health-interval", &out->numbers[4],
                                  &wish->health_interval_s);
    if (code != EXIT_DONE)
        return code;
    read_text_option(options, "prefix", &out->texts[2], &wish->prefix);
    read_text_option(options, "tls-ca", &out->texts[3], &wish->tls_ca_file);
    read_text_option(options, "tls-cert", &out->texts[4], &wish->tls_certificate_file);
    read_text_option(options, "tls-key", &out->texts[5], &wish->tls_key_file);
    read_text_option(options, "tls-name", &out->texts[6], &wish->tls_server_name);
    read_text_option(options, "rename", &out->texts[7], &wish->name);
    read_text_option(options, "health", &out->texts[8], &wish->health_path);
    wish->url_count = options_count(options, "url");
    out->urls = mem_new_array(wish->url_count + 1, sizeof(out->urls[0]));
    for (size_t i = 0; i < wish->url_count; i++)
        out->urls[i] = slice_of(options_value_at(options, "url", i));
    if (wish->url_count > 0)
        wish->urls = out->urls;
    return EXIT_DONE;
}

/* Our own operations, whose paths nobody else may take. */
static struct route_source *
own_new(void)
{
    struct route_source *own = route_source_new();

    if (openapi_read(api_openapi_document(), NULL, &own->arena, &own->operations,
                     &own->operation_count, NULL) != STATUS_OK)
        own->operation_count = 0; /* cannot be: a test reads it */
    return own;
}

/* ---- add, update, check ---- */

static int
run_add(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct given given AUTO(given_done) = {0};
    struct route_source *own AUTO(route_source_drop) = own_new();
    struct upstream_check check AUTO(upstream_check_done) = {0};
    struct slice name = slice_of(options->arguments[0]);
    int code = read_given(options, &given);

    if (code != EXIT_DONE)
        return code;
    given.wish.name = &name;
    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = upstream_add(&house.act, own, &given.wish, &check);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the upstream was not added");
    if (options_has(options, "json"))
        return cli_print_json(upstream_check_doc(&check));
    printf("Added the upstream %s: %zu operations below %s, %zu of them refused, because "
           "nothing says what they need; %zu new permissions.\n",
           check.upstream.name, check.source->operation_count,
           check.upstream.prefix[0] ? check.upstream.prefix : "/", check.closed_count,
           check.description.introduced_count);
    for (size_t i = 0; i < check.description.note_count; i++)
        cli_say(stdout, "%s: %s\n", check.description.notes[i].pointer,
                check.description.notes[i].words);
    return EXIT_DONE;
}

static int
run_update(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct given given AUTO(given_done) = {0};
    struct route_source *own AUTO(route_source_drop) = own_new();
    struct upstream_check check AUTO(upstream_check_done) = {0};
    struct which which = which_named(slice_of(options->arguments[0]));
    bool is_sure = options_has(options, "yes");
    int code = read_given(options, &given);

    if (code != EXIT_DONE)
        return code;
    if (cli_house_open(options, is_sure ? CLI_WRITE : CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status =
        is_sure ? upstream_change(&house.act, own, which, &given.wish, &check)
                : upstream_check(house.store, own, which, &given.wish,
                                 house.act.now_ms / 1000, &check, &house.failure);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the upstream was not changed");
    if (options_has(options, "json"))
        return cli_print_json(upstream_check_doc(&check));
    for (size_t i = 0; i < check.clash_count; i++)
        cli_say(stdout, "Clash: %s\n", check.clashes[i]);
    cli_upstream_show_diff(&check.diff);
    printf(is_sure ? "\nThe upstream %s is changed.\n"
                   : "\nNothing was changed: give --yes to take it (%s).\n",
           check.upstream.name);
    return EXIT_DONE;
}

/* Of a stored one, or of files that are given. */
static int
run_check(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct given given AUTO(given_done) = {0};
    struct route_source *own AUTO(route_source_drop) = own_new();
    struct upstream_check check AUTO(upstream_check_done) = {0};
    struct slice name = slice_of(options->arguments[0]);
    struct slice somewhere = SLICE("http://localhost");
    struct upstream stored;
    struct which which = {0};
    int code = read_given(options, &given);

    if (code != EXIT_DONE)
        return code;
    if (cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = store_upstream_by_name(house.store, slice_trim(name), &stored);
    if (status == STATUS_OK) {
        which = which_named(name);
    } else if (!given.wish.document) {
        return cli_failed(options,
                          "there is no upstream '%s'; give --openapi FILE to check one "
                          "that is not added yet",
                          options->arguments[0]);
    } else {
        given.wish.name = &name;
        if (!given.wish.urls) {
            given.wish.urls = &somewhere;
            given.wish.url_count = 1;
        }
    }
    status = upstream_check(house.store, own, which, &given.wish, house.act.now_ms / 1000,
                            &check, &house.failure);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the description cannot be taken");
    if (options_has(options, "json")) {
        code = cli_print_json(upstream_check_doc(&check));
    } else {
        cli_upstream_show_check(&check);
        cli_upstream_show_diff(&check.diff);
    }
    return code == EXIT_DONE && check.clash_count > 0 ? EXIT_FAILED : code;
}

/* ---- draft ---- */

static int
write_draft(const struct options *options, const struct buffer *text,
            const struct draft_counts *counts)
{
    const char *file = options_value(options, "output");
    char words[DRAFT_WORDS_BYTES];
    struct failure failure = {0};

    if (!file) {
        fwrite(text->at, 1, text->len, stdout);
        return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
    }
    if (file_write_new(file, buffer_slice(text), DRAFT_MODE, &failure) != STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    printf("Wrote %s: %zu operations have a permission, %zu of them marked with LOOK; "
           "%zu had one already.\n",
           file, counts->drafted_count, counts->marked_count, counts->ready_count);
    draft_explain(counts, words);
    if (words[0])
        puts(words);
    return EXIT_DONE;
}

static int
run_draft(const struct options *options)
{
    static const struct upstream NOWHERE = {0};
    struct buffer document AUTO(buffer_done) = buffer_make(TREE_TEXT_MAX_BYTES);
    struct buffer text AUTO(buffer_done) = buffer_make(DRAFT_MAX_BYTES);
    struct arena arena AUTO(arena_done) = {0};
    struct description description = {0};
    struct draft_counts counts = {0};
    struct failure failure = {0};
    int64_t most = PERMISSION_MAX_COUNT;
    const int64_t *given = NULL;

    int code = read_number_option(options, "most", &most, &given);
    if (code != EXIT_DONE)
        return code;
    if (most < 2)
        return options_refuse(options, "--most is %lld; a draft brings two at least",
                              (long long)most);
    if (file_read(options->arguments[0], &document, &failure) != STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    struct description_wish wish = {
        .document = buffer_slice(&document), .upstream = &NOWHERE, .may_introduce = true};
    if (description_read(&wish, &arena, &description, &failure) != STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    draft_write(&description, (size_t)most, &text, &counts);
    if (buffer_check(&text) != STATUS_OK)
        return cli_failed(options, "the draft would have more than %d bytes",
                          DRAFT_MAX_BYTES);
    return write_draft(options, &text, &counts);
}

/* ---- list, show, suspend, resume, delete ---- */

static bool
add_row(void *ctx, const struct upstream *upstream)
{
    struct cli_list *list = ctx;
    struct buffer url AUTO(buffer_done) = buffer_make(1024);

    if (!list->table) {
        json_array_append_new(list->json, upstream_doc(upstream));
        return true;
    }
    upstream_url_write(upstream, 0, &url);
    buffer_add_byte(&url, 0);
    cli_table_add(list->table, upstream->name);
    cli_table_add(list->table, upstream->prefix[0] ? upstream->prefix : "/");
    cli_table_print(list->table, "%s%s", (const char *)url.at,
                    upstream->address_count > 1 ? " …" : "");
    cli_table_add(list->table, upstream->is_suspended ? "suspended" : "active");
    return true;
}

static int
run_list(const struct options *options)
{
    static const char *const HEADINGS[CLI_TABLE_COLUMN_MAX] = {"UPSTREAM", "BELOW", "URL",
                                                               "STATE"};
    struct cli_house house AUTO(cli_house_close) = {0};
    struct cli_list list AUTO(cli_list_done) = cli_list_make(options, HEADINGS);

    if (cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = store_upstream_list(house.store, add_row, &list);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the upstreams cannot be listed");
    return cli_list_show(&list, "There are no upstreams.");
}

static int
run_show(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct route_source *source AUTO(route_source_drop) = NULL;
    struct description description = {0};
    struct upstream upstream = {0};

    if (cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status =
        upstream_find(house.store, which_named(slice_of(options->arguments[0])),
                      &upstream, &house.failure);
    if (status == STATUS_OK)
        status = upstream_read_stored(house.store, &upstream, &source, &description,
                                      &house.failure);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the upstream cannot be shown");
    if (options_has(options, "json"))
        return cli_print_json(upstream_whole_doc(&upstream, source, &description));
    cli_upstream_show(&upstream, source->operation_count);
    printf("\n");
    cli_upstream_show_operations(source, &description);
    return EXIT_DONE;
}

/* Shows which tokens would miss it; at a terminal, unless --yes is given, asks. */
static int
show_and_ask(struct cli_house *house, const struct options *options, const char *question)
{
    struct upstream_use use = {0};
    struct upstream upstream = {0};
    enum status status =
        upstream_find(house->store, which_named(slice_of(options->arguments[0])),
                      &upstream, &house->failure);

    if (status == STATUS_OK)
        status = upstream_use_read(house->store, &upstream, clock_now_s(), &use,
                                   &house->failure);
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the upstream was not changed");
    cli_upstream_show_use(&upstream, &use);
    if (!options_has(options, "yes") && cli_ask_can() && !cli_ask_yes(question))
        return cli_failed(options, "nothing was changed");
    return EXIT_DONE;
}

static int
set_suspended(const struct options *options, bool is_suspended)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct route_source *own AUTO(route_source_drop) = own_new();
    struct upstream upstream = {0};

    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE ||
        (is_suspended &&
         show_and_ask(&house, options, "Suspend the upstream?") != EXIT_DONE))
        return EXIT_FAILED;
    enum status status =
        upstream_suspend(&house.act, own, which_named(slice_of(options->arguments[0])),
                         is_suspended, &upstream);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the upstream was not changed");
    printf("The upstream %s is %s.\n", upstream.name,
           is_suspended ? "suspended: its operations are not there" : "active");
    return EXIT_DONE;
}

static int
run_suspend(const struct options *options)
{
    return set_suspended(options, true);
}

static int
run_resume(const struct options *options)
{
    return set_suspended(options, false);
}

static int
run_delete(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct upstream upstream = {0};

    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE ||
        show_and_ask(&house, options, "Delete the upstream?") != EXIT_DONE)
        return EXIT_FAILED;
    if (!options_has(options, "yes") && !cli_ask_can())
        return options_refuse(options,
                              "its operations will answer nobody any more; give --yes");
    enum status status = upstream_delete(
        &house.act, which_named(slice_of(options->arguments[0])), &upstream);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the upstream was not deleted");
    printf("The upstream %s is deleted.\n", upstream.name);
    return EXIT_DONE;
}

/* ---- the forms ---- */

#define TELL_OPTIONS                                                                    \
    OPTION_DATA, OPTION_JSON,                                                           \
        {"overlay", "FILE", "an OpenAPI Overlay with x-tokenhouse; empty: none", false, \
         false},                                                                        \
        {"prefix", "PATH", "what callers' paths begin with; else that of its server",   \
         false, false},                                                                 \
        {"tls-ca", "FILE", "authorities that its certificate is held against", false,   \
         false},                                                                        \
        {"tls-cert", "FILE", "our certificate for it", false, false},                   \
        {"tls-key", "FILE", "the key of that certificate", false, false},               \
        {"tls-name", "NAME", "the name that its certificate must have", false, false},  \
        {"connect-timeout", "MS", "how long connecting may take; else 5000", false,     \
         false},                                                                        \
        {"first-byte-timeout", "MS", "how long until it begins to answer; else 60000",  \
         false, false},                                                                 \
        {"health", "PATH",                                                              \
         "ask each address for it, and none that is not well; empty: none", false,      \
         false},                                                                        \
        {"health-status", "STATUS", "what a well one answers with; else 200", false,    \
         false},                                                                        \
        {"health-interval", "SECONDS", "how often it is asked; else 5", false, false},  \
    {                                                                                   \
        "whole-timeout", "MS", "how long all may take; 0: as long as it moves", false,  \
            false                                                                       \
    }

static const struct form_option ADD_OPTIONS[] = {
    TELL_OPTIONS,
    {"openapi", "FILE", "its description, JSON or YAML; - is standard input", true,
     false},
    {"url", "URL", "where it is; several are servers that answer the same", true, true},
};
static const struct form_option UPDATE_OPTIONS[] = {
    TELL_OPTIONS,
    {"openapi", "FILE", "another description", false, false},
    {"url", "URL", "other addresses than before", false, true},
    {"rename", "NAME", "another name", false, false},
    {"yes", NULL, "take the change; without it the difference is shown", false, false},
};
static const struct form_option CHECK_OPTIONS[] = {
    TELL_OPTIONS,
    {"openapi", "FILE", "a description that is not taken yet", false, false},
    {"url", "URL", "where it is", false, true},
};
static const struct form_option DRAFT_OPTIONS[] = {
    {"output", "FILE", "a new file for it; else it is printed", false, false},
    {"most", "N", "bring no more than N permissions (as many as there is room for)",
     false, false},
};
static const struct form_option LIST_OPTIONS[] = {OPTION_DATA, OPTION_JSON};
static const struct form_option DATA_OPTIONS[] = {OPTION_DATA};
static const struct form_option LEAVE_OPTIONS[] = {
    OPTION_DATA,
    {"yes", NULL, "do not ask", false, false},
};

#define OPTIONS(rows) rows, COUNT_OF(rows)

#define LEAVE_HELP \
    "Shows first which tokens have used what it asks for in the last 30 days."

static const struct form FORMS[] = {
    {"add", "NAME", 1, 1, "put an API behind the door", OPTIONS(ADD_OPTIONS), run_add,
     "Operations without x-tokenhouse are refused to everybody; 'upstream draft' writes "
     "a\n"
     "first overlay with permissions. See docs/upstreams.md."},
    {"list", "", 0, 0, "list the upstreams", OPTIONS(LIST_OPTIONS), run_list, NULL},
    {"show", "NAME", 1, 1, "show one with its operations", OPTIONS(LIST_OPTIONS),
     run_show, NULL},
    {"check", "NAME", 1, 1, "say what each operation needs, and what stands in the way",
     OPTIONS(CHECK_OPTIONS), run_check,
     "Changes nothing. With --openapi FILE it checks what is not added yet. Ends with 1\n"
     "when operations clash with others."},
    {"draft", "FILE", 1, 1, "write a first overlay for a description",
     OPTIONS(DRAFT_OPTIONS), run_draft,
     "From tags and methods: GET needs '<Tag>:View', all else '<Tag>:Manage'; what "
     "looks\n"
     "dangerous is marked with LOOK. To be read and corrected. Where tags would bring\n"
     "more permissions than there is room for, features are coarser, and it says so."},
    {"update", "NAME", 1, 1, "change one, or show what a change would mean",
     OPTIONS(UPDATE_OPTIONS), run_update, NULL},
    {"suspend", "NAME", 1, 1, "take its operations away for now", OPTIONS(LEAVE_OPTIONS),
     run_suspend, LEAVE_HELP},
    {"resume", "NAME", 1, 1, "let its operations be there again", OPTIONS(DATA_OPTIONS),
     run_resume, NULL},
    {"delete", "NAME", 1, 1, "delete one", OPTIONS(LEAVE_OPTIONS), run_delete,
     LEAVE_HELP},
};

int
cmd_upstream(int argc, char **argv)
{
    return forms_run("upstream", FORMS, COUNT_OF(FORMS), argc, argv);
}
