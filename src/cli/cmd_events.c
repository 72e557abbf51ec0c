/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse events …: Event History. */
#include "cli/cmd_events.h"
#include "base/auto.h"
#include "base/date.h"
#include "base/number.h"
#include "cli/cli_house.h"
#include "cli/cli_list.h"
#include "cli/commands_all.h"
#include "rules/history_line.h"
#include "store/store_events.h"

#include <stdio.h>

enum { EVENTS_USUAL_COUNT = 100, EVENTS_MAX_COUNT = 1000000 };

/* The event's details as a tree; null when they are no JSON. */
static json_t *
details_of(const struct event *event)
{
    json_t *details =
        json_loadb((const char *)event->details.at, event->details.len, 0, NULL);
    return details ? details : json_null();
}

static const char *
action_of(const json_t *details)
{
    const char *action = json_string_value(json_object_get(details, "action"));
    return action ? action : "";
}

/* ---- list ---- */

static json_t *
event_as_json(const struct event *event, json_t *details)
{
    char at[DATE_TIME_CHARS + 1] = "";

    date_time_write(event->at_ms, at);
    return json_pack(
        "{s:I, s:s, s:s, s:s, s:{s:s, s:s, s:s}, s:s, s:{s:s, s:s, s:s}, "
        "s:s, s:O}",
        "id", (json_int_t)event->id, "at", at, "event", event_name(event->kind), "action",
        action_of(details), "actor", "kind", history_actor_kind(event->actor_kind), "id",
        event->actor_id, "name", event->actor_name, "address", event->address, "object",
        "kind", event->object_kind, "id", event->object_id, "name", event->object_name,
        "requestId", event->request_id, "details", details);
}

static bool
add_row(void *ctx, const struct event *event)
{
    struct cli_list *list = ctx;
    struct cli_table *table = list->table;
    char at[CLI_TIME_CHARS + 1] = "";
    json_t *details AUTO(cli_json_done) = details_of(event);

    if (!table) {
        json_array_append_new(list->json, event_as_json(event, details));
        return true;
    }
    cli_time_write(event->at_ms / 1000, at);
    cli_table_print(table, "%lld", (long long)event->id);
    cli_table_add(table, at);
    cli_table_add(table, event_name(event->kind));
    cli_table_add(table, action_of(details));
    cli_table_add(table, event->object_name);
    cli_table_add(table, event->actor_name);
    return true;
}

int
cmd_events_read_date(const struct options *options, const char *name, int64_t *out_ms)
{
    const char *text = options_value(options, name);
    struct date date = {0};

    if (!text)
        return EXIT_DONE;
    if (date_read(slice_of(text), &date) != STATUS_OK)
        return cli_failed(options, "--%s is '%s'; wanted is a date, YYYY-MM-DD (UTC)",
                          name, text);
    *out_ms = date_start_s(date) * 1000;
    return EXIT_DONE;
}

int
cmd_events_read_id(const struct options *options, const char *text, int64_t *out)
{
    if (number_read(slice_of(text), out) != STATUS_OK || *out < 1)
        return cli_failed(options,
                          "'%s' is no number of an event; 'tokenhouse events "
                          "list' shows them",
                          text);
    return EXIT_DONE;
}

/* EXIT_DONE, or one sentence has said what is wrong. */
static int
read_query(const struct options *options, struct event_query *out)
{
    const char *count = options_value(options, "count");
    const char *token = options_value(options, "token");

    out->count = EVENTS_USUAL_COUNT;
    if (count && (number_read(slice_of(count), &out->count) != STATUS_OK ||
                  out->count < 1 || out->count > EVENTS_MAX_COUNT))
        return cli_failed(options, "--count is '%s'; wanted is a number from 1 to %d",
                          count, EVENTS_MAX_COUNT);
    if (cmd_events_read_date(options, "from", &out->from_ms) != EXIT_DONE)
        return EXIT_FAILED;
    if (token && !slice_to_text(slice_of(token), out->object_id, sizeof(out->object_id)))
        return cli_failed(options, "--token is longer than any token ID");
    return EXIT_DONE;
}

static int
run_list(const struct options *options)
{
    static const char *const HEADINGS[CLI_TABLE_COLUMN_MAX] = {
        "NO", "WHEN (UTC)", "EVENT", "WHAT", "OF", "BY"};
    struct cli_house house AUTO(cli_house_close) = {0};
    struct cli_list list AUTO(cli_list_done) = cli_list_make(options, HEADINGS);
    struct event_query query = {0};

    if (read_query(options, &query) != EXIT_DONE ||
        cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = store_event_list(house.store, &query, add_row, &list);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "Event History cannot be read");
    return cli_list_show(&list, "There are no such events.");
}

static const struct form_option LIST_OPTIONS[] = {
    OPTION_DATA,
    {"count", "N", "at most so many; usual: 100", false, false},
    {"from", "DATE", "from this day on, YYYY-MM-DD (UTC)", false, false},
    {"token", "ID", "only those of one token", false, false},
    OPTION_JSON,
};

static const struct form_option EXPORT_OPTIONS[] = {
    OPTION_DATA,
    {"from", "DATE", "from this day on, YYYY-MM-DD (UTC)", false, false},
    {"to", "DATE", "up to the day before this one", false, false},
    {"kind", "NAME", "only events of this kind: 'API token updated'", false, false},
    {"format", "FORM", "jsonl (usual) or csv", false, false},
    {"out", "FILE", "where the events go; else standard output", false, false},
    {"proof", "FILE", "write what proves them, for 'events verify'", false, false},
    {"cursor", "NAME", "go on behind the last export with this name", false, false},
    {"from-now", NULL, "of a new cursor: only what happens from now on", false, false},
};

static const struct form_option HEAD_OPTIONS[] = {
    OPTION_DATA,
    {"sign", NULL, "sign all events that there are now", false, false},
};

static const struct form_option KEY_OPTIONS[] = {OPTION_DATA};

static const struct form_option VERIFY_OPTIONS[] = {
    OPTION_DATA,
    {"public-key", "FILE", "the server's key, as you kept it ('events key')", false,
     false},
    {"head", "FILE", "a signed head that you kept: of 'events head', or a letter with it",
     false, true},
    {"file", "FILE", "an export instead of a data folder", false, false},
    {"history", "FILE", "what 'events export --proof' wrote beside it", false, false},
    {"proof", "FILE", "one event's proof ('events prove'); - is standard input", false,
     false},
};

static const struct form FORMS[] = {
    {"list", "", 0, 0, "list events, the newest first", LIST_OPTIONS,
     COUNT_OF(LIST_OPTIONS), run_list, NULL},
    {"export", "", 0, 0, "write events, the oldest first", EXPORT_OPTIONS,
     COUNT_OF(EXPORT_OPTIONS), cmd_events_export,
     "As JSON lines each ends with its hash, and all can be proved. A file that is there "
     "is never overwritten.\n"
     "A cursor is kept in the store, and moves when what was written is on disk: "
     "exports\n"
     "with it lose and skip nothing, whatever breaks; what broke off comes once more.\n"},
    {"head", "", 0, 0, "print the newest signed head: so many events have this root",
     HEAD_OPTIONS, COUNT_OF(HEAD_OPTIONS), cmd_events_head,
     "Keep heads somewhere else: they prove that nothing was cut off.\n"},
    {"key", "", 0, 0, "print the public key that heads are signed with", KEY_OPTIONS,
     COUNT_OF(KEY_OPTIONS), cmd_events_key, NULL},
    {"prove", "ID", 1, 1, "print the proof that an event is in the signed history",
     KEY_OPTIONS, COUNT_OF(KEY_OPTIONS), cmd_events_prove, NULL},
    {"verify", "", 0, 0, "is this the history that was signed?", VERIFY_OPTIONS,
     COUNT_OF(VERIFY_OPTIONS), cmd_events_verify,
     "Exit status 0: nothing was altered, removed, inserted or put elsewhere. 1: the\n"
     "first event that is wrong is named. Works offline, on a data folder or a copy of "
     "it.\n"},
};

int
cmd_events(int argc, char **argv)
{
    return forms_run("events", FORMS, COUNT_OF(FORMS), argc, argv);
}
