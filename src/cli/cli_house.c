/* SPDX-License-Identifier: Apache-2.0
 *
 * The data folder as commands use it, and their way of saying what failed. */
#include "cli/cli_house.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/cli_table.h"
#include "config/config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

enum { PASSWORD_FILE_MAX_BYTES = 4096, KIB = 1024 };

/* ---- words ---- */

int
cli_failed(const struct options *options, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "tokenhouse %s: ", options->command);
    va_start(args, format);
    cli_say_list(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\n");
    return EXIT_FAILED;
}

int
cli_house_failed(const struct cli_house *house, enum status status, const char *otherwise)
{
    if (house->failure.text[0] && house->failure.line > 0)
        cli_say(stderr, "%s: line %d: %s\n", house->actor_name, house->failure.line,
                house->failure.text);
    else if (house->failure.text[0])
        cli_say(stderr, "%s: %s\n", house->actor_name, house->failure.text);
    else if (house->store && store_failure(house->store)[0])
        cli_say(stderr, "%s: %s: %s\n", house->actor_name, otherwise,
                store_failure(house->store));
    else
        cli_say(stderr, "%s: %s: %s\n", house->actor_name, otherwise,
                status_text(status));
    return EXIT_FAILED;
}

int
cli_act(const struct options *options, const char *noun,
        enum status (*act)(const struct act *act, struct slice which), const char *done)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    const char *which = options->arguments[0];
    char otherwise[64];

    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = act(&house.act, slice_of(which));
    snprintf(otherwise, sizeof(otherwise), "the %s was not changed", noun);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, otherwise);
    printf("The %s %s is %s.\n", noun, which, done);
    return EXIT_DONE;
}

/* ---- opening ---- */

const char *
cli_data_folder(const struct options *options)
{
    const char *given = options_value(options, "data");
    const char *named = getenv("TOKENHOUSE_DATA");

    if (given)
        return given;
    return named && named[0] ? named : "./data";
}

/* Is this key the one under which the data was sealed? */
static enum status
check_master_key(struct cli_house *house, const char *path)
{
    char kept[SEAL_CHECK_BYTES + 1] = {0}; /* the store closes facts with a zero */
    uint8_t check[SEAL_CHECK_BYTES];
    size_t len = 0;
    enum status status =
        store_fact_get(house->store, "master_key_check", kept, sizeof(kept), &len);

    if (status != STATUS_OK)
        return status;
    master_key_check(house->master_key, check);
    if (secret_equal((struct slice){(const unsigned char *)kept, len},
                     (struct slice){check, sizeof(check)}))
        return STATUS_OK;
    return failure_set(&house->failure, STATUS_REFUSED, NULL,
                       "'%s' is another master key than the one under which the data in "
                       "'%s' was sealed; wanted is the key that was made with the data",
                       path, house->data);
}

enum status
cli_master_key_path(const char *data, char *out, size_t size, struct failure *failure)
{
    struct config *config AUTO(mem_done) = mem_new(sizeof(*config));
    enum status status = config_read(data, NULL, config, failure);

    if (status != STATUS_OK)
        return status;
    if (config->master_key_file[0])
        snprintf(out, size, "%s", config->master_key_file);
    else
        snprintf(out, size, "%s/master.key", data);
    return STATUS_OK;
}

/* Commands leave the last of the disk to the server. Settings that cannot be read are the
 * business of those who need them. */
static void
keep_free(struct cli_house *house)
{
    struct config *config AUTO(mem_done) = mem_new(sizeof(*config));
    struct failure unheard = {0};

    if (config_read(house->data, NULL, config, &unheard) == STATUS_OK)
        store_keep_free(house->store, config->disk_min_free_kib * KIB);
}

static enum status
open_master_key(struct cli_house *house)
{
    char path[2 * CONFIG_PATH_MAX] = "";
    enum status status =
        cli_master_key_path(house->data, path, sizeof(path), &house->failure);

    if (status == STATUS_OK)
        status = master_key_open(path, &house->master_key, &house->failure);
    if (status == STATUS_OK)
        status = check_master_key(house, path);
    return status;
}

void
cli_house_start_act(struct cli_house *house, const char *command)
{
    snprintf(house->actor_name, sizeof(house->actor_name), "tokenhouse %s", command);
    house->act = (struct act){
        .store = house->store,
        .master_key = house->master_key,
        .now_ms = clock_now_ms(),
        .actor_kind = ACTOR_COMMAND,
        .actor_name = house->actor_name,
        .actor_id = "",
        .address = "",
        .request_id = "",
        .failure = &house->failure,
    };
}

int
cli_house_open(const struct options *options, enum cli_need need, struct cli_house *out)
{
    const char *data = cli_data_folder(options);
    enum store_use use = need == CLI_READ ? STORE_READ : STORE_WRITE;
    enum status status = STATUS_OK;

    cli_house_start_act(out, options->command);
    if (strlen(data) >= sizeof(out->data))
        return cli_failed(options, "the name of the data folder is too long");
    snprintf(out->data, sizeof(out->data), "%s", data);
    status = store_open(out->data, use, &out->store, &out->failure);
    if (status == STATUS_OK && use == STORE_WRITE)
        keep_free(out);
    if (status == STATUS_OK && need == CLI_WRITE_WITH_KEY)
        status = open_master_key(out);
    if (status != STATUS_OK)
        return cli_house_failed(out, status, "the data folder cannot be opened");
    cli_house_start_act(out, options->command);
    return EXIT_DONE;
}

enum status
cli_house_unused_days(struct cli_house *house, int64_t *out)
{
    struct config *config AUTO(mem_done) = mem_new(sizeof(*config));

    if (!house->has_unused_days) {
        enum status status = config_read(house->data, NULL, config, &house->failure);
        if (status != STATUS_OK)
            return status;
        house->unused_days = config->unused_days;
        house->has_unused_days = true;
    }
    *out = house->unused_days;
    return STATUS_OK;
}

void
cli_house_close(struct cli_house *house)
{
    store_close(&house->store);
    master_key_close(&house->master_key);
}

/* ---- output ---- */

int
cli_print_json(json_t *value)
{
    int failed = value ? json_dumpf(value, stdout, JSON_INDENT(2)) : -1;

    json_decref(value);
    if (failed != 0 || printf("\n") < 0 || fflush(stdout) != 0) {
        fprintf(stderr, "tokenhouse: the answer cannot be printed as JSON\n");
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

json_t *
cli_json_date_time(int64_t at_s)
{
    char text[DATE_TIME_CHARS + 1] = "";

    if (at_s == 0)
        return json_null();
    date_time_write(at_s * 1000, text);
    return json_string(text);
}

void
cli_time_write(int64_t at_s, char out[CLI_TIME_CHARS + 1])
{
    char text[DATE_TIME_CHARS + 1] = "";

    if (at_s == 0) {
        snprintf(out, CLI_TIME_CHARS + 1, "never");
        return;
    }
    date_time_write(at_s * 1000, text);
    text[DATE_CHARS] = ' ';
    snprintf(out, CLI_TIME_CHARS + 1, "%.*s", CLI_TIME_CHARS, text);
}

/* ---- passwords ---- */

/* The line without its end. */
static struct slice
without_line_end(struct slice text)
{
    if (text.len > 0 && text.at[text.len - 1] == '\n')
        text.len--;
    if (text.len > 0 && text.at[text.len - 1] == '\r')
        text.len--;
    return text;
}

static int
keep_password(const struct options *options, struct slice text, const char *from,
              struct secret *out)
{
    text = without_line_end(text);
    if (text.len == 0)
        return cli_failed(options, "the password from %s is empty", from);
    if (!secret_set(out, text))
        return cli_failed(options, "the password from %s is too long", from);
    return EXIT_DONE;
}

static int
read_password_file(const struct options *options, const char *file, struct secret *out)
{
    struct buffer text AUTO(buffer_wipe) = buffer_make(PASSWORD_FILE_MAX_BYTES);
    struct failure failure = {0};

    if (file_read(file, &text, &failure) != STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    return keep_password(options, buffer_slice(&text),
                         strcmp(file, "-") == 0 ? "standard input" : file, out);
}

/* Reads one line from the terminal without showing it. */
static bool
ask_unseen(FILE *terminal, const char *question, struct secret *out)
{
    char line[SECRET_MAX_BYTES] = "";
    struct termios shown;
    struct termios unseen;

    if (tcgetattr(fileno(terminal), &shown) != 0)
        return false;
    unseen = shown;
    unseen.c_lflag &= ~(tcflag_t)ECHO;
    /* before the question: what is typed at once is neither shown nor lost */
    tcsetattr(fileno(terminal), TCSAFLUSH, &unseen);
    fprintf(terminal, "%s: ", question);
    fflush(terminal);
    bool is_read = fgets(line, sizeof(line), terminal) != NULL;
    tcsetattr(fileno(terminal), TCSAFLUSH, &shown);
    fprintf(terminal, "\n");
    is_read = is_read && secret_set(out, without_line_end(slice_of(line)));
    secret_wipe(line, sizeof(line));
    return is_read && out->len > 0;
}

static int
ask_password(const struct options *options, struct secret *out)
{
    FILE *terminal AUTO(file_done) = fopen("/dev/tty", "r+e");
    struct secret again AUTO(secret_done) = {0};

    if (!terminal)
        return cli_failed(options, "there is no terminal to ask for a password; give "
                                   "--password-file FILE");
    if (!ask_unseen(terminal, "Password", out) ||
        !ask_unseen(terminal, "Once more", &again))
        return cli_failed(options, "no password was typed");
    if (!secret_equal(secret_slice(out), secret_slice(&again)))
        return cli_failed(options, "the two passwords differ");
    return EXIT_DONE;
}

int
cli_read_password(const struct options *options, const char *file, struct secret *out)
{
    return file ? read_password_file(options, file, out) : ask_password(options, out);
}
