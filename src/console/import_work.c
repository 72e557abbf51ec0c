/* SPDX-License-Identifier: Apache-2.0
 *
 * Putting the file of an import into the inventory. Where bad rows may not be skipped the
 * whole file is looked at first, without the store; then it goes in, a part of about half
 * a second at a time. */
#include "api/device_doc.h"
#include "api/device_import.h"
#include "api/import_rows.h"
#include "base/auto.h"
#include "base/clock.h"
#include "console/importer_inside.h"
#include "rules/authority.h"
#include "store/store_people.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { PART_MS = 500, TELL_EVERY_ROWS = 64 };

/* One pass through the file. */
struct pass {
    struct importer *importer;
    struct import *import;
    struct store *store;
    struct act act;
    struct device_doc *doc;          /* looking only */
    struct device_import *part;      /* putting in; NULL between two parts */
    struct device_import_count done; /* by the parts that are committed */
    int64_t part_began_ms;
    int64_t offset; /* of the file */
    int64_t rows;
    struct failure failure;
};

static ssize_t
read_file(void *ctx, void *out, size_t size)
{
    struct pass *pass = ctx;
    ssize_t got = 0;

    do
        got = pread(pass->import->fd, out, size, (off_t)pass->offset);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        pass->offset += got;
    return got;
}

static bool
must_end(const struct pass *pass)
{
    return atomic_load(&pass->importer->is_stopping) ||
           atomic_load(&pass->import->is_dropped);
}

static void
tell_rows(struct pass *pass)
{
    pthread_mutex_lock(&pass->importer->lock);
    pass->import->view.rows = pass->rows;
    pass->import->view.added = pass->done.added;
    pass->import->view.changed = pass->done.changed;
    pthread_mutex_unlock(&pass->importer->lock);
}

static void
tell_bad(struct pass *pass, int line)
{
    struct import_view *view = &pass->import->view;

    pthread_mutex_lock(&pass->importer->lock);
    view->bad_count++;
    if (view->bad_listed < IMPORT_BAD_MAX_COUNT) {
        struct import_bad *bad = &view->bad[view->bad_listed++];
        bad->line = line;
        snprintf(bad->detail, sizeof(bad->detail), "%.*s", (int)sizeof(bad->detail) - 1,
                 pass->failure.text);
    }
    pthread_mutex_unlock(&pass->importer->lock);
}

/* ---- what is done with a row ---- */

static enum status
skip_application(void *ctx, const struct application_write *application)
{
    (void)ctx;
    (void)application;
    return STATUS_OK;
}

static enum status
look_at(struct pass *pass, struct slice json)
{
    enum status status = device_doc_read(pass->doc, json, &pass->failure);

    if (status == STATUS_OK)
        status = device_doc_each_application(pass->doc, skip_application, NULL,
                                             &pass->failure);
    return status;
}

static enum status
end_part(struct pass *pass)
{
    struct device_import_count count = {0};

    if (!pass->part)
        return STATUS_OK;
    enum status status = device_import_commit(pass->part);
    device_import_counts(pass->part, &count);
    device_import_end(&pass->part);
    if (status != STATUS_OK)
        return status;
    pass->done.added += count.added;
    pass->done.changed += count.changed;
    tell_rows(pass);
    return STATUS_OK;
}

/* Asked inside each part: who began it may have lost the right since, or may have been
 * limited to device groups. */
static enum status
check_may(struct pass *pass)
{
    int64_t groups[TOKEN_GROUP_MAX_COUNT];
    size_t group_count = 0;
    struct authority authority = {0};
    enum status status =
        authority_need(&pass->act, PERMISSION_DEVICE_IMPORT_PERFORM, &authority);

    if (status == STATUS_OK && !authority.is_system_admin)
        status = store_user_groups(pass->store, authority.user_id, groups, &group_count);
    if (status == STATUS_OK && group_count > 0)
        return failure_set(&pass->failure, STATUS_REFUSED, NULL,
                           "you are limited to device groups: a file may hold others' "
                           "devices");
    return status;
}

static enum status
put_in(struct pass *pass, struct slice json)
{
    enum status status = STATUS_OK;

    if (!pass->part) {
        pass->act.now_ms = clock_now_ms();
        pass->part_began_ms = clock_monotonic_ms();
        status = device_import_begin(&pass->act, &pass->part);
        if (status == STATUS_OK)
            status = check_may(pass);
    }
    if (status == STATUS_OK)
        status = device_import_row(pass->part, json, &pass->failure);
    if (status != STATUS_OK && status != STATUS_MALFORMED && status != STATUS_TOO_LARGE)
        return status;
    if (clock_monotonic_ms() - pass->part_began_ms < PART_MS)
        return status;
    enum status ended = end_part(pass);
    return ended == STATUS_OK ? status : ended;
}

/* ---- the passes ---- */

static void
rows_done(struct import_rows **rows)
{
    import_rows_free(rows);
}

/* STATUS_OK at the end of the file, or when it is to end. Anything else: it failed; then
 * pass->failure has words, if anybody has. */
static enum status
walk(struct pass *pass, enum status (*take)(struct pass *pass, struct slice json))
{
    struct import_rows *rows AUTO(rows_done) = import_rows_new(read_file, pass);
    struct slice row = {0};
    int line = 0;

    pass->offset = 0;
    pass->rows = 0;
    while (!must_end(pass)) {
        pass->failure = (struct failure){0};
        enum status status = import_rows_next(rows, &row, &line, &pass->failure);
        if (status == STATUS_NOT_FOUND)
            return STATUS_OK;
        if (status == STATUS_OK)
            status = take(pass, row);
        if (status == STATUS_MALFORMED || status == STATUS_TOO_LARGE)
            tell_bad(pass, line);
        else if (status != STATUS_OK)
            return status;
        if (++pass->rows % TELL_EVERY_ROWS == 0)
            tell_rows(pass);
    }
    return STATUS_OK;
}

static void
tell_end(struct pass *pass, enum import_state state, const char *detail)
{
    tell_rows(pass);
    pthread_mutex_lock(&pass->importer->lock);
    pass->import->view.state = state;
    snprintf(pass->import->view.detail, sizeof(pass->import->view.detail), "%s", detail);
    pthread_mutex_unlock(&pass->importer->lock);
}

static void
tell_failed(struct pass *pass)
{
    char detail[FAILURE_TEXT_MAX];
    const char *words = pass->failure.text;

    if (!words[0])
        words = store_failure(pass->store);
    snprintf(detail, sizeof(detail), "%s%.300s",
             pass->done.added + pass->done.changed > 0
                 ? "part of the file is in the inventory; then: "
                 : "nothing was changed: ",
             words[0] ? words : "the database did not take it");
    tell_end(pass, IMPORT_FAILED, detail);
}

/* Are there rows that must stop it? */
static bool
is_stopped_by_bad_rows(struct pass *pass)
{
    char detail[FAILURE_TEXT_MAX];
    int64_t bad_count = pass->import->view.bad_count; /* only this thread writes it */

    if (pass->import->may_skip_bad || bad_count == 0)
        return false;
    snprintf(detail, sizeof(detail),
             "nothing was changed: %lld of %lld rows are bad; run it again without them, "
             "or mend them",
             (long long)bad_count, (long long)pass->rows);
    tell_end(pass, IMPORT_FAILED, detail);
    return true;
}

static void
run_passes(struct pass *pass)
{
    enum status status = STATUS_OK;

    if (!pass->import->may_skip_bad) {
        pass->doc = device_doc_new();
        status = walk(pass, look_at);
        device_doc_free(&pass->doc);
        if (status != STATUS_OK) {
            tell_failed(pass);
            return;
        }
        if (is_stopped_by_bad_rows(pass))
            return;
    }
    status = walk(pass, put_in);
    if (status == STATUS_OK && !must_end(pass))
        status = end_part(pass);
    device_import_end(&pass->part);
    if (must_end(pass))
        tell_end(pass, IMPORT_FAILED, "it was ended before it was done");
    else if (status != STATUS_OK)
        tell_failed(pass);
    else
        tell_end(pass, IMPORT_DONE, "");
}

void
import_work(struct importer *importer, struct import *import, struct store *store)
{
    struct pass pass = {
        .importer = importer,
        .import = import,
        .store = store,
        .act = {.store = store,
                .actor_kind = ACTOR_USER,
                .actor_user_id = import->actor.user_id,
                .actor_name = import->actor.name,
                .actor_id = import->actor.uid,
                .address = import->actor.address,
                .request_id = import->actor.request_id},
    };

    pass.act.failure = &pass.failure;
    run_passes(&pass);
}
