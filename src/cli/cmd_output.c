/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse output …: where Event History goes. The server feeds them; commands may come
 * and go while it runs. */
#include "base/auto.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/cli_house.h"
#include "cli/cli_list.h"
#include "cli/commands_all.h"
#include "config/config.h"
#include "outputs/feed.h"
#include "rules/outputs.h"
#include "rules/server_key.h"
#include "store/store_events.h"
#include "store/store_outputs.h"

#include <stdio.h>

/* ---- list ---- */

struct listing {
    struct cli_list *list;
    int64_t newest_id;
};

static json_t *
json_output(const struct output *output, int64_t newest_id)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:s}", "uid",
                     output->uid, "name", output->name, "kind",
                     output_kind_name(output->kind), "format",
                     output_format_name(output->format), "url", output->url, "state",
                     output_state_name(output), "cursor", (json_int_t)output->cursor_id,
                     "lag", (json_int_t)(newest_id - output->cursor_id), "takenAt",
                     cli_json_date_time(output->taken_at_ms / 1000), "failingSince",
                     cli_json_date_time(output->failing_since_ms / 1000), "lastFailure",
                     output->last_failure);
}

static bool
add_row(void *ctx, const struct output *output)
{
    struct listing *listing = ctx;
    struct cli_table *table = listing->list->table;
    char taken[CLI_TIME_CHARS + 1] = "";

    if (!table) {
        json_array_append_new(listing->list->json,
                              json_output(output, listing->newest_id));
        return true;
    }
    cli_time_write(output->taken_at_ms / 1000, taken);
    cli_table_add(table, output->name);
    cli_table_add(table, output->url[0] ? output->url : "-");
    cli_table_add(table, output_format_name(output->format));
    cli_table_add(table, output_state_name(output));
    cli_table_print(table, "%lld", (long long)output->cursor_id);
    cli_table_print(table, "%lld", (long long)(listing->newest_id - output->cursor_id));
    cli_table_add(table, taken);
    cli_table_add(table, output->last_failure);
    return true;
}

static int
run_list(const struct options *options)
{
    static const char *const HEADINGS[CLI_TABLE_COLUMN_MAX] = {
        "NAME", "URL", "FORMAT", "STATE", "CURSOR", "LAG", "TAKEN (UTC)", "LAST FAILURE"};
    struct cli_house house AUTO(cli_house_close) = {0};
    struct cli_list list AUTO(cli_list_done) = cli_list_make(options, HEADINGS);
    struct listing listing = {.list = &list};

    if (cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = store_event_ends(house.store, NULL, &listing.newest_id);
    if (status == STATUS_OK)
        status = store_output_list(house.store, add_row, &listing);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the outputs cannot be read");
    return cli_list_show(&list, "Event History goes nowhere: there is no output.");
}

static const struct form_option LIST_OPTIONS[] = {OPTION_DATA, OPTION_JSON};

/* ---- add, change ---- */

/* What was typed, and the files that it names. */
struct typed {
    struct slice name, url, format, ca, certificate, key;
    struct buffer ca_file, certificate_file, key_file;
    bool is_paused;
    struct output_wish wish;
};

static struct typed
typed_make(void)
{
    return (struct typed){.ca_file = buffer_make(OUTPUT_PEM_MAX_BYTES),
                          .certificate_file = buffer_make(OUTPUT_PEM_MAX_BYTES),
                          .key_file = buffer_make(OUTPUT_PEM_MAX_BYTES)};
}

static void
typed_done(struct typed *typed)
{
    buffer_done(&typed->ca_file);
    buffer_done(&typed->certificate_file);
    buffer_wipe(&typed->key_file);
}

static void
take_text(const struct options *options, const char *name, struct slice *place,
          const struct slice **wish)
{
    const char *text = options_value(options, name);

    if (!text)
        return;
    *place = slice_of(text);
    *wish = place;
}

/* An empty name takes the file's content away. */
static int
take_file(const struct options *options, const char *name, struct buffer *file,
          struct slice *place, const struct slice **wish)
{
    const char *path = options_value(options, name);
    bool is_secret = strcmp(name, "key-file") == 0;
    struct failure failure = {0};
    enum status status = STATUS_OK;

    if (!path)
        return EXIT_DONE;
    if (path[0])
        status = is_secret ? file_read_secret(path, file, &failure)
                           : file_read(path, file, &failure);
    if (status != STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    *place = buffer_slice(file);
    *wish = place;
    return EXIT_DONE;
}

static int
read_typed(const struct options *options, struct typed *out)
{
    struct output_wish *wish = &out->wish;

    take_text(options, "name", &out->name, &wish->name);
    take_text(options, "url", &out->url, &wish->url);
    take_text(options, "format", &out->format, &wish->format);
    wish->is_from_now = options_has(options, "from-now");
    out->is_paused = options_has(options, "pause");
    if (out->is_paused || options_has(options, "resume"))
        wish->is_paused = &out->is_paused;
    if (out->is_paused && options_has(options, "resume"))
        return options_refuse(options, "--pause and --resume do not go together");
    if (take_file(options, "ca-file", &out->ca_file, &out->ca, &wish->ca_pem) !=
            EXIT_DONE ||
        take_file(options, "cert-file", &out->certificate_file, &out->certificate,
                  &wish->certificate_pem) != EXIT_DONE ||
        take_file(options, "key-file", &out->key_file, &out->key, &wish->key_pem) !=
            EXIT_DONE)
        return EXIT_FAILED;
    return EXIT_DONE;
}

static enum cli_need
need_of(const struct typed *typed)
{
    return typed->key.len > 0 ? CLI_WRITE_WITH_KEY : CLI_WRITE;
}

static int
run_add(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct typed typed AUTO(typed_done) = typed_make();
    struct output output = {0};
    int exit_status = read_typed(options, &typed);

    if (exit_status != EXIT_DONE)
        return exit_status;
    typed.name = slice_of(options->arguments[0]);
    typed.url = slice_of(options->arguments[1]);
    typed.wish.name = &typed.name;
    typed.wish.url = &typed.url;
    if (cli_house_open(options, need_of(&typed), &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = output_add(&house.act, &typed.wish, &output);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the output cannot be added");
    if (options_has(options, "json"))
        return cli_print_json(json_output(&output, output.cursor_id));
    printf("Events go to '%s' as soon as a server runs, from event %lld on.\n",
           output.name, (long long)output.cursor_id + 1);
    return EXIT_DONE;
}

static int
run_change(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct typed typed AUTO(typed_done) = typed_make();
    struct output output = {0};
    int exit_status = read_typed(options, &typed);

    if (exit_status != EXIT_DONE)
        return exit_status;
    if (cli_house_open(options, need_of(&typed), &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status =
        output_change(&house.act, slice_of(options->arguments[0]), &typed.wish, &output);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the output cannot be changed");
    printf("'%s' is %s.\n", output.name, output.is_paused ? "paused" : "as you said");
    return EXIT_DONE;
}

static int
run_remove(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};

    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = output_delete(&house.act, slice_of(options->arguments[0]));
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the output cannot be removed");
    printf("Events do not go to '%s' any more.\n", options->arguments[0]);
    return EXIT_DONE;
}

#define OPTIONS_TLS                                                                \
    {"ca-file", "FILE",                                                            \
     "who vouches for the receiver, in PEM; else the system's "                    \
     "authorities",                                                                \
     false, false},                                                                \
        {"cert-file", "FILE", "our certificate, if the receiver wants one", false, \
         false},                                                                   \
    {                                                                              \
        "key-file", "FILE", "its private key", false, false                        \
    }

static const struct form_option ADD_OPTIONS[] = {
    OPTION_DATA,
    {"format", "FORM", "of syslog: rfc5424 (usual) or cef", false, false},
    {"from-now", NULL, "only what happens from now on; else all that is there", false,
     false},
    {"pause", NULL, "send nothing yet", false, false},
    OPTIONS_TLS,
    OPTION_JSON,
};

static const struct form_option CHANGE_OPTIONS[] = {
    OPTION_DATA,
    {"name", "NAME", "another name", false, false},
    {"url", "URL", "another receiver; it gets what the first has not taken", false,
     false},
    {"format", "FORM", "of syslog: rfc5424 or cef", false, false},
    {"pause", NULL, "send nothing until it is resumed", false, false},
    {"resume", NULL, "go on where it was paused", false, false},
    OPTIONS_TLS,
};

static const struct form_option REMOVE_OPTIONS[] = {OPTION_DATA};

/* ---- test ---- */

static int
run_test(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct config *config AUTO(mem_done) = mem_new(sizeof(*config));
    struct es256_private *key AUTO(es256_private_free) = NULL;
    struct feed *feed AUTO(feed_close) = NULL;
    struct output output = {0};

    if (cli_house_open(options, CLI_WRITE_WITH_KEY, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status =
        output_find(house.store, slice_of(options->arguments[0]), &output);
    if (status == STATUS_NOT_FOUND)
        return cli_failed(options, "there is no output '%s'", options->arguments[0]);
    if (status == STATUS_OK)
        status = config_read(house.data, NULL, config, &house.failure);
    if (status == STATUS_OK)
        status = server_key_open(house.store, house.master_key, &key, &house.failure);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the output cannot be read");
    snprintf(config->data, sizeof(config->data), "%s", house.data);
    struct feed_setup setup = {
        .config = config, .master_key = house.master_key, .server_key = key};
    status = feed_open(&setup, output.uid, &feed, &house.failure);
    if (status == STATUS_OK)
        status = feed_test(feed, &house.failure);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the test was not taken");
    printf("'%s' has taken the test.\n", output.name);
    return EXIT_DONE;
}

static const struct form FORMS[] = {
    {"add", "NAME URL", 2, 2, "send Event History there", ADD_OPTIONS,
     COUNT_OF(ADD_OPTIONS), run_add,
     "URL is tcp://HOST:PORT or tls://HOST:PORT for syslog (RFC 5424 with octet "
     "counting;\n"
     "usual ports: 514, 6514), or https://HOST/PATH for a webhook that gets signed "
     "JSON.\n"
     "Each event comes at least once and in order; after a fault some come twice.\n"},
    {"list", "", 0, 0, "list outputs and the cursors of exports, and how far they are",
     LIST_OPTIONS, COUNT_OF(LIST_OPTIONS), run_list, NULL},
    {"change", "NAME", 1, 1, "change an output, pause or resume it", CHANGE_OPTIONS,
     COUNT_OF(CHANGE_OPTIONS), run_change,
     "An empty FILE takes certificates away: --ca-file ''.\n"},
    {"test", "NAME", 1, 1, "send a test now, and say whether it was taken",
     REMOVE_OPTIONS, COUNT_OF(REMOVE_OPTIONS), run_test, NULL},
    {"remove", "NAME", 1, 1, "send nothing there any more, or forget a cursor",
     REMOVE_OPTIONS, COUNT_OF(REMOVE_OPTIONS), run_remove, NULL},
};

int
cmd_output(int argc, char **argv)
{
    return forms_run("output", FORMS, COUNT_OF(FORMS), argc, argv);
}
