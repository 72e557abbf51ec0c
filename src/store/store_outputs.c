/* SPDX-License-Identifier: Apache-2.0
 *
 * Outputs and their cursors. */
#include "store/store_outputs.h"

#include "base/auto.h"
#include "store/fold.h"
#include "store/inside.h"

static enum status
read_output(struct store *store, struct db_query *query, struct output *out)
{
    struct row row = {.query = query};
    struct output output = {.id = row_int(&row)};

    row_text(&row, output.uid, sizeof(output.uid));
    row_text(&row, output.name, sizeof(output.name));
    output.kind = (enum output_kind)row_int(&row);
    output.format = (enum output_format)row_int(&row);
    row_text(&row, output.url, sizeof(output.url));
    output.is_paused = row_truth(&row);
    output.has_ca = row_truth(&row);
    output.has_certificate = row_truth(&row);
    output.cursor_id = row_int(&row);
    output.created_at_s = row_int(&row);
    output.changed_at_s = row_int(&row);
    output.version = row_int(&row);
    output.taken_at_ms = row_int(&row);
    output.failing_since_ms = row_int(&row);
    row_text(&row, output.last_failure, sizeof(output.last_failure));
    output.test_asked_ms = row_int(&row);
    output.test_done_ms = row_int(&row);
    row_text(&row, output.test_failure, sizeof(output.test_failure));
    if (row.is_bad)
        return store_damaged(store, "event_output");
    *out = output;
    return STATUS_OK;
}

static enum status
by_text(struct store *store, enum statement statement, struct slice text,
        struct output *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, statement);

    if (!text_can_be_stored(text))
        return STATUS_NOT_FOUND;
    db_bind_text(query, 1, text);
    enum status status = db_first(query);
    return status == STATUS_OK ? read_output(store, query, out) : status;
}

enum status
store_output_by_uid(struct store *store, struct slice uid, struct output *out)
{
    return by_text(store, OUTPUT_BY_UID, uid, out);
}

enum status
store_output_by_name(struct store *store, struct slice name, struct output *out)
{
    char folded[TEXT_NAME_BYTES];

    if (!fold_case(name, folded, sizeof(folded)))
        return STATUS_NOT_FOUND;
    return by_text(store, OUTPUT_BY_NAME, slice_of(folded), out);
}

enum status
store_output_list(struct store *store, bool (*each)(void *ctx, const struct output *),
                  void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, OUTPUT_LIST);
    enum status status = STATUS_OK;

    while (db_next(query, &status)) {
        struct output output;
        status = read_output(store, query, &output);
        if (status != STATUS_OK)
            return status;
        if (!each(ctx, &output))
            return STATUS_OK;
    }
    return status;
}

enum status
store_output_add(struct store *store, const struct output *output, int64_t *out_id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, OUTPUT_ADD);
    char folded[TEXT_NAME_BYTES];

    if (!fold_case(slice_of(output->name), folded, sizeof(folded)))
        return STATUS_TOO_LARGE;
    db_bind_text(query, 1, slice_of(output->uid));
    db_bind_text(query, 2, slice_of(output->name));
    db_bind_text(query, 3, slice_of(folded));
    db_bind_int(query, 4, output->kind);
    db_bind_int(query, 5, output->format);
    db_bind_text(query, 6, slice_of(output->url));
    db_bind_int(query, 7, output->is_paused);
    db_bind_int(query, 8, output->cursor_id);
    db_bind_int(query, 9, output->created_at_s);
    db_bind_int(query, 10, output->changed_at_s);
    return store_run_returning(query, out_id);
}

enum status
store_output_change(struct store *store, const struct output *output)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, OUTPUT_CHANGE);
    char folded[TEXT_NAME_BYTES];
    int64_t version = 0;

    if (!fold_case(slice_of(output->name), folded, sizeof(folded)))
        return STATUS_TOO_LARGE;
    db_bind_int(query, 1, output->id);
    db_bind_text(query, 2, slice_of(output->name));
    db_bind_text(query, 3, slice_of(folded));
    db_bind_int(query, 4, output->kind);
    db_bind_int(query, 5, output->format);
    db_bind_text(query, 6, slice_of(output->url));
    db_bind_int(query, 7, output->is_paused);
    db_bind_int(query, 8, output->changed_at_s);
    return store_run_returning(query, &version);
}

enum status
store_output_remove(struct store *store, int64_t id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, OUTPUT_REMOVE);

    db_bind_int(query, 1, id);
    return store_run_returning(query, &id);
}

enum status
store_output_tls_set(struct store *store, int64_t id, const struct output_tls *tls)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, OUTPUT_TLS_SET);

    db_bind_int(query, 1, id);
    db_bind_text(query, 2, tls->ca_pem);
    db_bind_text(query, 3, tls->certificate_pem);
    db_bind_blob(query, 4, tls->sealed_key);
    return db_run(query);
}

enum status
store_output_tls(struct store *store, int64_t id, struct buffer *ca_pem,
                 struct buffer *certificate_pem, struct buffer *sealed_key)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, OUTPUT_TLS_GET);

    db_bind_int(query, 1, id);
    enum status status = db_first(query);
    if (status != STATUS_OK)
        return status;
    buffer_add(ca_pem, db_text(query, 0));
    buffer_add(certificate_pem, db_text(query, 1));
    buffer_add(sealed_key, db_blob(query, 2));
    return ca_pem->is_short || certificate_pem->is_short || sealed_key->is_short
               ? store_damaged(store, "event_output")
               : STATUS_OK;
}

enum status
store_output_advance(struct store *store, int64_t id, int64_t from_id, int64_t to_id,
                     int64_t now_ms)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, OUTPUT_ADVANCE);

    db_bind_int(query, 1, id);
    db_bind_int(query, 2, from_id);
    db_bind_int(query, 3, to_id);
    db_bind_int(query, 4, now_ms);
    return store_run_returning(query, &id);
}

static enum status
set_words(struct store *store, enum statement statement, int64_t id, int64_t now_ms,
          const char *words)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, statement);

    db_bind_int(query, 1, id);
    db_bind_int(query, 2, now_ms);
    db_bind_text(query, 3, slice_of(words));
    return db_run(query);
}

enum status
store_output_failed(struct store *store, int64_t id, int64_t now_ms, const char *words)
{
    return set_words(store, OUTPUT_FAILED, id, now_ms, words);
}

enum status
store_output_test_done(struct store *store, int64_t id, int64_t now_ms, const char *words)
{
    return set_words(store, OUTPUT_TEST_DONE, id, now_ms, words);
}

static enum status
set_number(struct store *store, enum statement statement, int64_t id, int64_t number)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, statement);

    db_bind_int(query, 1, id);
    db_bind_int(query, 2, number);
    return db_run(query);
}

enum status
store_output_test_ask(struct store *store, int64_t id, int64_t now_ms)
{
    return set_number(store, OUTPUT_TEST_ASK, id, now_ms);
}

enum status
store_output_skip(struct store *store, int64_t id, int64_t to_id)
{
    return set_number(store, OUTPUT_SKIP, id, to_id);
}

enum status
store_output_least(struct store *store, int64_t *out_id)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, OUTPUT_LEAST);

    return db_first_int(query, out_id);
}
