/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse events verify: is this the history that was signed? Of a data folder, of an
 * export, or of one event with its proof. Needs the public key only. */
#include "base/auto.h"
#include "base/file.h"
#include "cli/cmd_events.h"
#include "cli/history_file.h"
#include "crypto/pem.h"
#include "rules/history_line.h"
#include "rules/history_tree.h"
#include "rules/history_verify.h"
#include "rules/server_key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEY_MAX_BYTES = 64 * 1024,
    LINE_MAX_BYTES = 1024 * 1024,
    HEADS_MAX_BYTES = 16 * 1024 * 1024
};

static int
read_json(const struct options *options, const char *path, json_t **out)
{
    json_error_t error;
    json_t *value = strcmp(path, "-") == 0
                        ? json_loadf(stdin, JSON_REJECT_DUPLICATES, &error)
                        : json_load_file(path, JSON_REJECT_DUPLICATES, &error);

    if (!value)
        return cli_failed(options, "'%s' cannot be read: %s", path, error.text);
    *out = value;
    return EXIT_DONE;
}

/* The key that was given by --public-key. *out_is_given false: none was. */
static int
read_given_key(const struct options *options, uint8_t out[PUBLIC_KEY_BYTES],
               bool *out_is_given)
{
    const char *path = options_value(options, "public-key");
    struct buffer text AUTO(buffer_done) = buffer_make(KEY_MAX_BYTES);
    struct failure failure = {0};

    *out_is_given = path != NULL;
    if (!path)
        return EXIT_DONE;
    if (file_read(path, &text, &failure) != STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    if (pem_read_public(buffer_slice(&text), out, &failure) != STATUS_OK)
        return cli_failed(options, "'%s': %s", path, failure.text);
    return EXIT_DONE;
}

static int
prepare_key(const struct options *options, const uint8_t point[PUBLIC_KEY_BYTES],
            struct es256_key **out)
{
    return es256_key_new(point, out) == STATUS_OK
               ? EXIT_DONE
               : cli_failed(options, "the public key is no point of P-256");
}

/* Adds the heads that somebody kept outside. */
static int
read_kept_heads(const struct options *options, struct history_file *out)
{
    struct failure failure = {0};

    for (size_t i = 0; i < options_count(options, "head"); i++) {
        struct buffer text AUTO(buffer_done) = buffer_make(HEADS_MAX_BYTES);
        const char *path = options_value_at(options, "head", i);
        if (file_read(path, &text, &failure) != STATUS_OK)
            return cli_failed(options, "%s", failure.text);
        if (history_file_find_heads(buffer_slice(&text), out, &failure) != STATUS_OK)
            return cli_failed(options, "'%s': %s", path, failure.text);
    }
    return EXIT_DONE;
}

/* Without a key from outside, whoever could alter the data could have put theirs in. */
static void
note_own_key(bool is_given)
{
    if (!is_given)
        printf("note: checked with the key that lies beside the events; a key that you "
               "kept yourself (--public-key) proves more\n");
}

static int
print_report(const struct history_report *report, bool is_given)
{
    if (!report->is_whole) {
        printf("WRONG: %s\n", report->words);
        note_own_key(is_given);
        return EXIT_FAILED;
    }
    printf("all %lld event%s as written", (long long)report->event_count,
           report->event_count == 1 ? " is" : "s are");
    if (report->removed_count > 0)
        printf("; %lld before them are known by their hashes",
               (long long)report->removed_count);
    printf("; %lld signed head%s hold%s, the newest over %lld events\n",
           (long long)report->head_count, report->head_count == 1 ? "" : "s",
           report->head_count == 1 ? "s" : "", (long long)report->signed_size);
    if (report->size > report->signed_size)
        printf("note: the last %lld are not signed yet\n",
               (long long)(report->size - report->signed_size));
    note_own_key(is_given);
    return EXIT_DONE;
}

/* ---- a data folder ---- */

static int
verify_data(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct history_file kept AUTO(history_file_done) = {0};
    struct es256_key *key AUTO(es256_key_free) = NULL;
    struct history_report report;
    uint8_t point[PUBLIC_KEY_BYTES];
    bool is_given = false;

    if (read_given_key(options, point, &is_given) != EXIT_DONE ||
        read_kept_heads(options, &kept) != EXIT_DONE ||
        cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    if (!is_given && server_key_public(house.store, point) != STATUS_OK)
        return cli_failed(options, "this data folder has no key yet, so nothing in it "
                                   "was signed");
    if (prepare_key(options, point, &key) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status =
        history_verify(house.store, key, kept.heads, kept.head_count, &report);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "Event History cannot be read");
    return print_report(&report, is_given);
}

/* ---- an export ---- */

static void
line_done(char **line)
{
    free(*line); /* getline(3) gave it */
}

static int
check_lines(const struct options *options, FILE *in, struct history_check *check)
{
    struct buffer text AUTO(buffer_done) = buffer_make(LINE_MAX_BYTES);
    char *line AUTO(line_done) = NULL;
    size_t room = 0;
    int64_t number = 0;
    ssize_t len = 0;

    while ((len = getline(&line, &room, in)) > 0) {
        struct slice exported =
            slice_trim((struct slice){(const unsigned char *)line, (size_t)len});
        struct merkle_hash found, kept;
        int64_t id = 0;
        number++;
        buffer_clear(&text);
        if (history_line_read(exported, &text, &kept, &id) != STATUS_OK) {
            id = (int64_t)check->range.size + 1;
            history_check_wrong(check, id,
                                "event %lld is not as it was written: line %lld is no "
                                "exported event",
                                (long long)id, (long long)number);
            break;
        }
        history_line_hash(buffer_slice(&text), &found);
        if (!history_check_event(check, id, &found, &kept))
            break;
    }
    if (ferror(in))
        return cli_failed(options, "the events cannot be read: %s",
                          strerrordesc_np(errno));
    return EXIT_DONE;
}

static int
begin_file(const struct options *options, struct history_file *file,
           struct history_check *check, bool *out_is_given)
{
    struct es256_key *key AUTO(es256_key_free) = NULL;
    uint8_t point[PUBLIC_KEY_BYTES];

    if (read_given_key(options, point, out_is_given) != EXIT_DONE ||
        read_kept_heads(options, file) != EXIT_DONE ||
        prepare_key(options, *out_is_given ? point : file->public_key, &key) != EXIT_DONE)
        return EXIT_FAILED;
    if (history_check_begin(check, file->heads, file->head_count,
                            slice_of(file->account_uid), key) != STATUS_OK)
        return cli_failed(options, "the signatures could not be checked");
    history_check_start_at(check, &file->before);
    return EXIT_DONE;
}

static int
verify_file(const struct options *options)
{
    const char *path = options_value(options, "file");
    const char *proof = options_value(options, "history");
    struct history_file file AUTO(history_file_done) = {0};
    json_t *value AUTO(cli_json_done) = NULL;
    FILE *in AUTO(file_done) = NULL;
    struct history_check check = {0};
    struct failure failure = {0};
    bool is_given = false;

    if (!proof)
        return options_refuse(options, "--file needs --history: the file that 'events "
                                       "export --proof' wrote beside it");
    if (read_json(options, proof, &value) != EXIT_DONE)
        return EXIT_FAILED;
    if (history_file_read(value, &file, &failure) != STATUS_OK)
        return cli_failed(options, "'%s': %s", proof, failure.text);
    in = fopen(path, "re");
    if (!in)
        return cli_failed(options, "'%s' cannot be read: %s", path,
                          strerrordesc_np(errno));
    if (begin_file(options, &file, &check, &is_given) != EXIT_DONE ||
        check_lines(options, in, &check) != EXIT_DONE)
        return EXIT_FAILED;
    history_check_end(&check, 0);
    return print_report(&check.report, is_given);
}

/* ---- one event ---- */

/* The parts of a proof of one event. */
struct one_proof {
    struct tree_head head;
    struct merkle_proof path;
    struct merkle_hash leaf, root;
    uint8_t public_key[PUBLIC_KEY_BYTES];
    uint64_t index;
    const char *account_uid; /* borrowed from the tree */
};

static enum status
read_one(const json_t *value, struct one_proof *out, struct failure *failure)
{
    const json_t *line = json_object_get(value, "line");
    const json_t *path = json_object_get(value, "proof");
    json_int_t index = json_integer_value(json_object_get(value, "index"));
    enum status status =
        history_file_read_head(json_object_get(value, "head"), &out->head, failure);

    if (status == STATUS_OK)
        status = history_file_read_key(json_object_get(value, "publicKey"),
                                       out->public_key, failure);
    if (status != STATUS_OK)
        return status;
    out->account_uid = json_string_value(json_object_get(value, "account"));
    if (!json_is_string(line) || !out->account_uid || index < 0 ||
        json_array_size(path) > COUNT_OF(out->path.at))
        return failure_set(failure, STATUS_MALFORMED, "proof",
                           "it has no line, account, index or proof");
    out->index = (uint64_t)index;
    out->path.count = json_array_size(path);
    for (size_t i = 0; status == STATUS_OK && i < out->path.count; i++)
        status =
            history_file_read_hash(json_array_get(path, i), out->path.at[i].at, failure);
    history_line_hash((struct slice){(const unsigned char *)json_string_value(line),
                                     json_string_length(line)},
                      &out->leaf);
    memcpy(out->root.at, out->head.root, sizeof(out->root.at));
    return status;
}

static int
verify_proof(const struct options *options)
{
    const char *path = options_value(options, "proof");
    json_t *value AUTO(cli_json_done) = NULL;
    struct es256_key *key AUTO(es256_key_free) = NULL;
    struct one_proof proof = {0};
    struct failure failure = {0};
    uint8_t point[PUBLIC_KEY_BYTES];
    bool is_given = false;
    bool is_signed = false;

    if (read_json(options, path, &value) != EXIT_DONE ||
        read_given_key(options, point, &is_given) != EXIT_DONE)
        return EXIT_FAILED;
    if (read_one(value, &proof, &failure) != STATUS_OK)
        return cli_failed(options, "'%s': %s", path, failure.text);
    if (prepare_key(options, is_given ? point : proof.public_key, &key) != EXIT_DONE)
        return EXIT_FAILED;
    if (tree_head_check(&proof.head, slice_of(proof.account_uid), key, &is_signed) !=
        STATUS_OK)
        return cli_failed(options, "the signature could not be checked");
    if (!is_signed) {
        printf("WRONG: its head is not signed by this key for this account\n");
        return EXIT_FAILED;
    }
    if (!merkle_is_in(&proof.leaf, proof.index, (uint64_t)proof.head.size, &proof.path,
                      &proof.root)) {
        printf("WRONG: the line is not event %lld of the history that was signed\n",
               (long long)proof.index + 1);
        note_own_key(is_given);
        return EXIT_FAILED;
    }
    printf("event %lld is in the history of %lld events that was signed\n",
           (long long)proof.index + 1, (long long)proof.head.size);
    note_own_key(is_given);
    return EXIT_DONE;
}

int
cmd_events_verify(const struct options *options)
{
    if (options_has(options, "proof"))
        return verify_proof(options);
    if (options_has(options, "file"))
        return verify_file(options);
    return verify_data(options);
}
