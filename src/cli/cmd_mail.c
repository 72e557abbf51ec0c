/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse mail …: what became of letters, and whether they can be sent. */
#include "base/auto.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/number.h"
#include "cli/cli_house.h"
#include "cli/cli_list.h"
#include "cli/commands_all.h"
#include "config/config.h"
#include "mail/outbox.h"
#include "rules/letters.h"
#include "rules/words.h"
#include "store/store_letters.h"

#include <stdio.h>

enum { MAIL_MAX_COUNT = 1000000 };

static const enum letter_state STATES[] = {LETTER_WAITING, LETTER_TAKEN, LETTER_SENT,
                                           LETTER_FAILED};

/* ---- list ---- */

static json_t *
json_time(int64_t at_ms)
{
    return cli_json_date_time(at_ms / 1000);
}

static json_t *
letter_as_json(const struct letter *letter)
{
    return json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:I, s:s, s:s}", "id",
        (json_int_t)letter->id, "notice", notice_kind_name(letter->kind), "to",
        letter->email, "name", letter->name, "state", letter_state_name(letter->state),
        "tokens", (json_int_t)letter->line_count, "made", json_time(letter->made_at_ms),
        "nextTry",
        letter->state == LETTER_WAITING ? json_time(letter->next_at_ms) : json_null(),
        "done", json_time(letter->done_at_ms), "tries", (json_int_t)letter->try_count,
        "lastFailure", letter->last_failure, "messageId", letter->uid);
}

static bool
add_row(void *ctx, const struct letter *letter)
{
    struct cli_list *list = ctx;
    struct cli_table *table = list->table;
    char made[CLI_TIME_CHARS + 1] = "";

    if (!table) {
        json_array_append_new(list->json, letter_as_json(letter));
        return true;
    }
    cli_time_write(letter->made_at_ms / 1000, made);
    cli_table_print(table, "%lld", (long long)letter->id);
    cli_table_add(table, made);
    cli_table_add(table, letter->email);
    cli_table_add(table, notice_kind_name(letter->kind));
    cli_table_print(table, "%lld", (long long)letter->line_count);
    cli_table_add(table, letter_state_name(letter->state));
    cli_table_print(table, "%lld", (long long)letter->try_count);
    cli_table_add(table, letter->last_failure);
    return true;
}

/* EXIT_DONE, or one sentence has said what is wrong. */
static int
read_query(const struct options *options, struct letter_query *out)
{
    const char *count = options_value(options, "count");
    const char *state = options_value(options, "state");

    if (count && (number_read(slice_of(count), &out->count) != STATUS_OK ||
                  out->count < 1 || out->count > MAIL_MAX_COUNT))
        return cli_failed(options, "--count is '%s'; wanted is a number from 1 to %d",
                          count, MAIL_MAX_COUNT);
    for (size_t i = 0; state && i < COUNT_OF(STATES); i++) {
        if (strcmp(letter_state_name(STATES[i]), state) == 0)
            out->state = STATES[i];
    }
    if (state && out->state == 0)
        return cli_failed(options,
                          "--state is '%s'; wanted is one of waiting, 'being sent', "
                          "sent, failed",
                          state);
    return EXIT_DONE;
}

static int
run_list(const struct options *options)
{
    static const char *const HEADINGS[CLI_TABLE_COLUMN_MAX] = {
        "NO", "WHEN (UTC)", "TO", "NOTICE", "TOKENS", "STATE", "TRIES", "LAST FAILURE"};
    struct cli_house house AUTO(cli_house_close) = {0};
    struct cli_list list AUTO(cli_list_done) = cli_list_make(options, HEADINGS);
    struct letter_query query = {0};

    if (read_query(options, &query) != EXIT_DONE ||
        cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = store_letter_list(house.store, &query, add_row, &list);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the outbox cannot be read");
    return cli_list_show(&list, "There are no such letters.");
}

static const struct form_option LIST_OPTIONS[] = {
    OPTION_DATA,
    {"state", "STATE", "only those that are waiting, 'being sent', sent or failed", false,
     false},
    {"count", "N", "at most so many; usual: 100", false, false},
    OPTION_JSON,
};

/* ---- send-again ---- */

static int
run_send_again(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    const char *which = options->arguments[0];
    bool is_all = strcmp(which, "failed") == 0;
    struct letter letter = {0};
    int64_t id = 0;
    size_t count = 1;

    if (!is_all && number_read(slice_of(which), &id) != STATUS_OK)
        return options_refuse(options,
                              "'%s' is neither the number of a letter nor failed", which);
    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = is_all ? letter_send_failed_again(&house.act, &count)
                                : letter_send_again(&house.act, id, &letter);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the outbox cannot be written");
    printf("%zu %s again as soon as a server runs.\n", count,
           count == 1 ? "letter is sent" : "letters are sent");
    return EXIT_DONE;
}

static const struct form_option AGAIN_OPTIONS[] = {
    OPTION_DATA,
};

/* ---- test ---- */

static int
run_test(const struct options *options)
{
    struct config *config AUTO(mem_done) = mem_new(sizeof(*config));
    struct outbox *outbox AUTO(outbox_close) = NULL;
    char email[EMAIL_MAX_CHARS + 1] = "";
    char where[OUTBOX_WHERE_BYTES] = "";
    struct failure failure = {0};
    enum status status =
        words_read_email(slice_of(options->arguments[0]), email, &failure);

    if (status == STATUS_OK)
        status = config_read(cli_data_folder(options), options_value(options, "config"),
                             config, &failure);
    if (status == STATUS_OK)
        status = outbox_open(config, NULL, &outbox, &failure);
    if (status == STATUS_OK)
        status = outbox_send_test(outbox, email, clock_now_ms(), where, &failure);
    if (status != STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    printf("The test letter was given to %s.\n", where);
    return EXIT_DONE;
}

static const struct form_option TEST_OPTIONS[] = {
    OPTION_DATA,
    {"config", "FILE", "these settings; else tokenhouse.ini in the data folder", false,
     false},
};

static const struct form FORMS[] = {
    {"list", "", 0, 0, "list letters, the newest first", LIST_OPTIONS,
     COUNT_OF(LIST_OPTIONS), run_list, NULL},
    {"send-again", "LETTER", 1, 1, "send a letter once more, or all that have failed",
     AGAIN_OPTIONS, COUNT_OF(AGAIN_OPTIONS), run_send_again,
     "LETTER is a number of 'mail list', or the word failed: all that have failed, at "
     "most\n"
     "1,000 at a time."},
    {"test", "EMAIL", 1, 1, "send a test letter at once, and say what the server said",
     TEST_OPTIONS, COUNT_OF(TEST_OPTIONS), run_test, NULL},
};

int
cmd_mail(int argc, char **argv)
{
    return forms_run("mail", FORMS, COUNT_OF(FORMS), argc, argv);
}
