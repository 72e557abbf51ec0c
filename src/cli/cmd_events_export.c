/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse events export, head, key, prove: what Event History gives to others, so that
 * they can keep it and check it without us. */
#include "base/auto.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/cmd_events.h"
#include "cli/export_file.h"
#include "cli/history_file.h"
#include "crypto/pem.h"
#include "rules/history_csv.h"
#include "rules/history_line.h"
#include "rules/history_tree.h"
#include "rules/outputs.h"
#include "rules/server_key.h"
#include "store/store_event_tree.h"
#include "store/store_events.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1024 * 1024, FILE_MAX_BYTES = 64 * 1024 * 1024 };

/* ---- export ---- */

struct exporting {
    struct export_file file;
    struct buffer line, exported;
    bool is_csv;
    int64_t kind;              /* 0 = all */
    int64_t from_ms, to_ms;    /* to_ms exclusive */
    int64_t first_id, last_id; /* what is exported; first_id 0 = nothing */
    int64_t count;
    bool has_failed;
};

static void
exporting_done(struct exporting *e)
{
    buffer_done(&e->line);
    buffer_done(&e->exported);
    export_file_done(&e->file);
}

static bool
put_out(struct exporting *e)
{
    e->has_failed = e->exported.is_short || fwrite(e->exported.at, 1, e->exported.len,
                                                   e->file.out) != e->exported.len;
    return !e->has_failed;
}

static bool
export_event(void *ctx, const struct event *event)
{
    struct exporting *e = ctx;
    struct merkle_hash hash;

    if (event->id > e->last_id)
        return false;
    if (e->kind != 0 && e->kind != (int64_t)event->kind)
        return true;
    buffer_clear(&e->line);
    buffer_clear(&e->exported);
    if (e->is_csv) {
        history_csv_row(&e->exported, event);
    } else {
        history_line_write(event, &e->line);
        history_line_hash(buffer_slice(&e->line), &hash);
        history_line_export(buffer_slice(&e->line), &hash, &e->exported);
        buffer_add_byte(&e->exported, '\n');
    }
    e->count++;
    return put_out(e);
}

static bool
add_head(void *ctx, const struct tree_head *head)
{
    struct history_file *file = ctx;

    if ((file->head_count & (file->head_count - 1)) == 0) /* a power of two: double */
        file->heads = mem_resize(
            file->heads, (file->head_count ? file->head_count * 2 : 1) * sizeof(*head));
    file->heads[file->head_count++] = *head;
    return true;
}

static int
write_json(const struct options *options, const char *path, json_t *value)
{
    json_t *owned AUTO(cli_json_done) = value;

    if (!owned || json_dump_file(owned, path, JSON_INDENT(1)) != 0)
        return cli_failed(options, "'%s' cannot be written: %s", path,
                          strerrordesc_np(errno));
    return EXIT_DONE;
}

static int
write_proof(const struct options *options, struct cli_house *house,
            const struct exporting *e)
{
    struct history_file file AUTO(history_file_done) = {0};
    size_t len = 0;
    enum status status = store_fact_get(house->store, "account_uid", file.account_uid,
                                        sizeof(file.account_uid), &len);

    if (status == STATUS_OK)
        status = server_key_public(house->store, file.public_key);
    if (status == STATUS_NOT_FOUND)
        return cli_failed(options,
                          "nothing was signed yet; 'tokenhouse events head --sign' does "
                          "it");
    if (status == STATUS_OK && e->first_id > 0)
        status = history_tree_range(house->store, e->first_id - 1, &file.before);
    if (status == STATUS_OK)
        status = store_event_head_list(house->store, (int64_t)file.before.size, add_head,
                                       &file);
    while (file.head_count > 0 && file.heads[file.head_count - 1].size > e->last_id)
        file.head_count--; /* over events that are not in the export */
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the tree cannot be read");
    return write_json(options, options_value(options, "proof"),
                      history_file_write(&file));
}

static int
read_form(const struct options *options, struct exporting *e)
{
    const char *format = options_value(options, "format");
    const char *kind = options_value(options, "kind");

    e->is_csv = format && strcmp(format, "csv") == 0;
    if (format && !e->is_csv && strcmp(format, "jsonl") != 0)
        return cli_failed(options, "--format is '%s'; wanted is jsonl or csv", format);
    if (kind && event_kind_read(slice_of(kind), &e->kind) != STATUS_OK)
        return cli_failed(options,
                          "there is no kind of event '%s'; docs/events.md lists "
                          "them",
                          kind);
    if (options_has(options, "proof") && (e->is_csv || e->kind != 0))
        return cli_failed(options, "only whole exports as jsonl can be proved: --proof "
                                   "goes with neither --kind nor --format csv");
    if (options_has(options, "cursor") &&
        (options_has(options, "from") || options_has(options, "to")))
        return cli_failed(options, "--cursor goes on where it was: --from and --to do "
                                   "not go with it");
    if (options_has(options, "from-now") && !options_has(options, "cursor"))
        return cli_failed(options, "--from-now goes with --cursor");
    return EXIT_DONE;
}

/* From the first event of the time that was asked for to its last one: what is exported
 * lies side by side in the tree, so that it can be proved. */
static enum status
find_ends(struct cli_house *house, struct exporting *e)
{
    if (e->from_ms > 0 || e->to_ms < INT64_MAX)
        return store_event_span(house->store, e->from_ms, e->to_ms, &e->first_id,
                                &e->last_id);
    enum status status = store_event_ends(house->store, &e->first_id, &e->last_id);
    if (status == STATUS_OK && e->last_id < e->first_id)
        e->first_id = 0;
    return status;
}

/* Behind the cursor, up to what is there at this moment. */
static int
find_cursor(const struct options *options, struct cli_house *house, struct exporting *e,
            struct output *out)
{
    enum status status =
        output_cursor_open(&house->act, slice_of(options_value(options, "cursor")),
                           options_has(options, "from-now"), out);

    if (status == STATUS_OK)
        status = store_event_ends(house->store, &e->first_id, &e->last_id);
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the cursor cannot be read");
    if (e->first_id <= out->cursor_id)
        e->first_id = out->cursor_id + 1;
    if (e->last_id < e->first_id)
        e->first_id = 0;
    return EXIT_DONE;
}

/* The cursor moves when all is on disk: whatever breaks before, the next export begins
 * where this one did. */
static int
keep(const struct options *options, struct cli_house *house, struct exporting *e,
     const struct output *cursor)
{
    if (e->has_failed)
        return cli_failed(options, "the events cannot be written: %s",
                          strerrordesc_np(errno));
    if (export_file_keep(options, &e->file) != EXIT_DONE)
        return EXIT_FAILED;
    if (cursor->id == 0 || e->first_id == 0)
        return EXIT_DONE;
    enum status status = output_advance(&house->act, cursor, e->last_id);
    return status == STATUS_OK
               ? EXIT_DONE
               : cli_house_failed(house, status, "the cursor cannot be moved");
}

/* Answers an exit status; the store's troubles are told. */
static int
export_all(const struct options *options, struct cli_house *house, struct exporting *e)
{
    struct output cursor = {0};
    enum status status = STATUS_OK;

    if (!options_has(options, "cursor"))
        status = find_ends(house, e);
    else if (find_cursor(options, house, e, &cursor) != EXIT_DONE)
        return EXIT_FAILED;
    if (e->is_csv && !(cursor.id > 0 && e->file.is_continued))
        history_csv_head(&e->exported);
    put_out(e);
    if (status == STATUS_OK && e->first_id > 0 && !e->has_failed)
        status = store_event_walk(house->store, e->first_id, export_event, e);
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "Event History cannot be read");
    return keep(options, house, e, &cursor);
}

int
cmd_events_export(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct exporting e AUTO(exporting_done) = {.line = buffer_make(LINE_MAX_BYTES),
                                               .exported =
                                                   buffer_make(2 * LINE_MAX_BYTES),
                                               .to_ms = INT64_MAX};
    enum cli_need need = options_has(options, "cursor") ? CLI_WRITE : CLI_READ;

    if (read_form(options, &e) != EXIT_DONE ||
        cmd_events_read_date(options, "from", &e.from_ms) != EXIT_DONE ||
        cmd_events_read_date(options, "to", &e.to_ms) != EXIT_DONE ||
        cli_house_open(options, need, &house) != EXIT_DONE ||
        export_file_open(options, options_value(options, "out"), &e.file) != EXIT_DONE)
        return EXIT_FAILED;
    if (export_all(options, &house, &e) != EXIT_DONE)
        return EXIT_FAILED;
    if (options_has(options, "proof") && write_proof(options, &house, &e) != EXIT_DONE)
        return EXIT_FAILED;
    fprintf(stderr, "%lld event%s\n", (long long)e.count, e.count == 1 ? "" : "s");
    return EXIT_DONE;
}

/* ---- head, key ---- */

static int
sign_now(const struct options *options, struct cli_house *house, struct tree_head *out)
{
    struct es256_private *key AUTO(es256_private_free) = NULL;
    bool is_new = false;
    enum status status =
        server_key_open(house->store, house->master_key, &key, &house->failure);

    if (status == STATUS_OK)
        status = history_tree_sign(house->store, key, clock_now_ms(), true, out, &is_new);
    if (status == STATUS_NOT_FOUND)
        return cli_failed(options, "there is no event to sign yet");
    return status == STATUS_OK ? EXIT_DONE
                               : cli_house_failed(house, status, "nothing was signed");
}

int
cmd_events_head(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    bool is_signing = options_has(options, "sign");
    struct tree_head head = {0};

    if (cli_house_open(options, is_signing ? CLI_WRITE_WITH_KEY : CLI_READ, &house) !=
        EXIT_DONE)
        return EXIT_FAILED;
    if (is_signing && sign_now(options, &house, &head) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status =
        is_signing ? STATUS_OK : store_event_head_newest(house.store, &head);
    if (status == STATUS_NOT_FOUND)
        return cli_failed(options, "nothing was signed yet; --sign does it");
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the heads cannot be read");
    return cli_print_json(history_file_head(&head));
}

int
cmd_events_key(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct buffer pem AUTO(buffer_done) = buffer_make(FILE_MAX_BYTES);
    uint8_t point[PUBLIC_KEY_BYTES];

    if (cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = server_key_public(house.store, point);
    if (status == STATUS_NOT_FOUND)
        return cli_failed(options, "this server has no key yet; its first 'serve', or "
                                   "'tokenhouse events head --sign', makes one");
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the key cannot be read");
    pem_write_public(point, &pem);
    fwrite(pem.at, 1, pem.len, stdout);
    return EXIT_DONE;
}

/* ---- prove ---- */

struct proving {
    int64_t id;
    struct buffer line;
};

static bool
take_line(void *ctx, const struct event *event)
{
    struct proving *p = ctx;

    if (event->id == p->id)
        history_line_write(event, &p->line);
    return false;
}

static void
proving_done(struct proving *p)
{
    buffer_done(&p->line);
}

static json_t *
write_path(const struct merkle_proof *proof)
{
    json_t *list = json_array();

    for (size_t i = 0; i < proof->count; i++)
        json_array_append_new(list, history_file_hash(proof->at[i].at));
    return list;
}

int
cmd_events_prove(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct proving p AUTO(proving_done) = {.line = buffer_make(LINE_MAX_BYTES)};
    struct merkle_proof proof;
    struct tree_head head = {0};
    uint8_t point[PUBLIC_KEY_BYTES];
    char account_uid[64];
    size_t len = 0;

    if (cmd_events_read_id(options, options->arguments[0], &p.id) != EXIT_DONE ||
        cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = store_event_walk(house.store, p.id, take_line, &p);
    if (status == STATUS_OK && p.line.len == 0)
        return cli_failed(options, "there is no event %lld", (long long)p.id);
    if (status == STATUS_OK)
        status = store_event_head_newest(house.store, &head);
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && head.size < p.id))
        return cli_failed(options,
                          "event %lld is not under a signed head yet; 'tokenhouse events "
                          "head --sign' signs one",
                          (long long)p.id);
    if (status == STATUS_OK)
        status = history_tree_prove(house.store, p.id, head.size, &proof);
    if (status == STATUS_OK)
        status = server_key_public(house.store, point);
    if (status == STATUS_OK)
        status = store_fact_get(house.store, "account_uid", account_uid,
                                sizeof(account_uid), &len);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the proof cannot be made");
    return cli_print_json(json_pack("{s:s%, s:I, s:o, s:o, s:s, s:o}", "line", p.line.at,
                                    p.line.len, "index", (json_int_t)p.id - 1, "proof",
                                    write_path(&proof), "head", history_file_head(&head),
                                    "account", account_uid, "publicKey",
                                    history_file_key(point)));
}
