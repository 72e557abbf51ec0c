/* SPDX-License-Identifier: Apache-2.0
 *
 * The shelf of imports, and the thread that works on them one after the other. A file
 * loses its name as soon as it is made: whatever happens, nothing is left behind. */
#include "console/importer.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/mem.h"
#include "config/config.h"
#include "console/importer_inside.h"
#include "rules/words.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

static const struct words_rule NAME_RULE = {"name", "the file's name", 1,
                                            IMPORT_NAME_MAX_CHARS, false};

struct importer *
importer_new(const struct config *config)
{
    struct importer *importer = mem_new(sizeof(*importer));

    importer->data = config->data;
    importer->keep_free_bytes = config->disk_min_free_kib * 1024;
    pthread_mutex_init(&importer->lock, NULL);
    pthread_cond_init(&importer->wake, NULL);
    for (size_t i = 0; i < IMPORT_MAX_COUNT; i++)
        importer->imports[i].fd = -1;
    return importer;
}

/* Makes the place free; under the lock, and not while the thread is at it. */
static void
clear(struct import *import)
{
    fd_done(&import->fd);
    memset(&import->view, 0, sizeof(import->view));
    import->user_id = 0;
    import->is_waiting = false;
    atomic_store(&import->is_dropped, false);
}

void
importer_free(struct importer **given)
{
    struct importer *importer = *given;

    if (!importer)
        return;
    pthread_mutex_lock(&importer->lock);
    atomic_store(&importer->is_stopping, true);
    bool has_thread = importer->has_thread;
    pthread_cond_broadcast(&importer->wake);
    pthread_mutex_unlock(&importer->lock);
    if (has_thread)
        pthread_join(importer->thread, NULL);
    for (size_t i = 0; i < IMPORT_MAX_COUNT; i++)
        clear(&importer->imports[i]);
    pthread_cond_destroy(&importer->wake);
    pthread_mutex_destroy(&importer->lock);
    mem_free(given);
}

/* ---- finding; under the lock ---- */

static struct import *
find(struct importer *importer, int64_t user_id, struct slice id)
{
    for (size_t i = 0; i < IMPORT_MAX_COUNT; i++) {
        struct import *import = &importer->imports[i];
        if (import->user_id == user_id && user_id != 0 &&
            !atomic_load(&import->is_dropped) &&
            slice_equal(slice_of(import->view.id), id)) {
            import->touched_ms = clock_monotonic_ms();
            return import;
        }
    }
    return NULL;
}

/* A free place, if this user may have one more. */
static struct import *
find_place(struct importer *importer, int64_t user_id)
{
    struct import *place = NULL;
    size_t own_count = 0;

    for (size_t i = 0; i < IMPORT_MAX_COUNT; i++) {
        struct import *import = &importer->imports[i];
        own_count += import->user_id == user_id;
        if (import->user_id == 0 && !place)
            place = import;
    }
    return own_count < IMPORT_OF_USER_MAX_COUNT ? place : NULL;
}

static void
drop(struct import *import)
{
    if (import->view.state == IMPORT_RUNNING)
        atomic_store(&import->is_dropped, true); /* the thread clears it */
    else
        clear(import);
}

void
importer_sweep(struct importer *importer)
{
    int64_t before_ms = clock_monotonic_ms() - IMPORT_IDLE_MAX_MS;

    pthread_mutex_lock(&importer->lock);
    for (size_t i = 0; i < IMPORT_MAX_COUNT; i++) {
        struct import *import = &importer->imports[i];
        if (import->user_id != 0 && import->view.state != IMPORT_RUNNING &&
            import->touched_ms < before_ms)
            drop(import);
    }
    pthread_mutex_unlock(&importer->lock);
}

/* ---- beginning, parts ---- */

static enum status
make_file(const struct importer *importer, int *out_fd, struct failure *failure)
{
    char path[PATH_MAX];
    char uid[UUID_CHARS + 1];

    uuid_make(uid);
    int len = snprintf(path, sizeof(path), "%s/import-%s", importer->data, uid);
    if (len < 0 || (size_t)len >= sizeof(path))
        return STATUS_BROKEN;
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return failure_set(failure, STATUS_UNAVAILABLE, NULL,
                           "no file can be made in the data folder: %s",
                           strerrordesc_np(errno));
    unlink(path);
    *out_fd = fd;
    return STATUS_OK;
}

enum status
importer_begin(struct importer *importer, int64_t user_id, struct slice name,
               int64_t size, char out_id[UUID_CHARS + 1], struct failure *failure)
{
    char checked[sizeof(importer->imports[0].view.name)];
    int fd AUTO(fd_done) = -1;
    enum status status = words_read(&NAME_RULE, name, checked, sizeof(checked), failure);

    if (status == STATUS_OK && (size <= 0 || size > IMPORT_MAX_BYTES))
        return failure_set(failure, STATUS_MALFORMED, "size",
                           "the file has %lld bytes; wanted are 1 to %lld",
                           (long long)size, (long long)IMPORT_MAX_BYTES);
    if (status == STATUS_OK)
        status = make_file(importer, &fd, failure);
    if (status != STATUS_OK)
        return status;
    pthread_mutex_lock(&importer->lock);
    struct import *import = find_place(importer, user_id);
    if (import) {
        clear(import);
        import->user_id = user_id;
        import->fd = fd;
        fd = -1;
        import->touched_ms = clock_monotonic_ms();
        import->view.state = IMPORT_UPLOADING;
        import->view.size = size;
        memcpy(import->view.name, checked, sizeof(checked));
        uuid_make(import->view.id);
        memcpy(out_id, import->view.id, sizeof(import->view.id));
    }
    pthread_mutex_unlock(&importer->lock);
    if (!import)
        return failure_set(failure, STATUS_REFUSED, "imports",
                           "there are too many imports; delete one that is done");
    return STATUS_OK;
}

static enum status
write_part(struct import *import, struct slice bytes, struct failure *failure)
{
    size_t done = 0;

    while (done < bytes.len) {
        ssize_t wrote = pwrite(import->fd, bytes.at + done, bytes.len - done,
                               import->view.received + (off_t)done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return failure_set(failure, STATUS_UNAVAILABLE, NULL,
                               "the part cannot be kept: %s", strerrordesc_np(errno));
        done += (size_t)wrote;
    }
    import->view.received += (int64_t)bytes.len;
    return STATUS_OK;
}

static enum status
take_locked(struct import *import, int64_t offset, struct slice bytes,
            struct failure *failure)
{
    if (!import)
        return STATUS_NOT_FOUND;
    if (import->view.state != IMPORT_UPLOADING)
        return failure_set(failure, STATUS_CONFLICT, NULL,
                           "this import does not wait for parts any more");
    if (offset != import->view.received)
        return failure_set(failure, STATUS_CONFLICT, NULL,
                           "the next part begins at offset %lld",
                           (long long)import->view.received);
    if ((int64_t)bytes.len > import->view.size - import->view.received)
        return failure_set(failure, STATUS_TOO_LARGE, "offset",
                           "this is more than the %lld bytes that were told",
                           (long long)import->view.size);
    return write_part(import, bytes, failure);
}

enum status
importer_take(struct importer *importer, int64_t user_id, struct slice id, int64_t offset,
              struct slice bytes, struct failure *failure)
{
    pthread_mutex_lock(&importer->lock);
    enum status status = take_locked(find(importer, user_id, id), offset, bytes, failure);
    pthread_mutex_unlock(&importer->lock);
    return status;
}

/* ---- the thread ---- */

/* The next that waits; NULL: it is time to stop. */
static struct import *
wait_for_work(struct importer *importer)
{
    struct import *next = NULL;

    pthread_mutex_lock(&importer->lock);
    while (!next && !atomic_load(&importer->is_stopping)) {
        for (size_t i = 0; i < IMPORT_MAX_COUNT && !next; i++) {
            if (importer->imports[i].is_waiting)
                next = &importer->imports[i];
        }
        if (!next)
            pthread_cond_wait(&importer->wake, &importer->lock);
    }
    if (next)
        next->is_waiting = false;
    pthread_mutex_unlock(&importer->lock);
    return atomic_load(&importer->is_stopping) ? NULL : next;
}

static void
fail(struct importer *importer, struct import *import, const struct failure *failure)
{
    pthread_mutex_lock(&importer->lock);
    import->view.state = IMPORT_FAILED;
    snprintf(import->view.detail, sizeof(import->view.detail), "%s", failure->text);
    pthread_mutex_unlock(&importer->lock);
}

static void *
work(void *arg)
{
    struct importer *importer = arg;
    struct import *import = NULL;

    while ((import = wait_for_work(importer)) != NULL) {
        struct store *store AUTO(store_close) = NULL;
        struct failure failure = {0};

        if (store_open(importer->data, STORE_WRITE, &store, &failure) == STATUS_OK) {
            store_keep_free(store, importer->keep_free_bytes);
            import_work(importer, import, store);
        } else {
            fail(importer, import, &failure);
        }
        pthread_mutex_lock(&importer->lock);
        import->touched_ms = clock_monotonic_ms();
        if (atomic_load(&import->is_dropped))
            clear(import);
        pthread_mutex_unlock(&importer->lock);
    }
    return NULL;
}

static enum status
start_thread(struct importer *importer)
{
    if (!importer->has_thread)
        importer->has_thread =
            pthread_create(&importer->thread, NULL, work, importer) == 0;
    return importer->has_thread ? STATUS_OK : STATUS_UNAVAILABLE;
}

static void
keep_actor(struct import_actor *actor, const struct act *act)
{
    *actor = (struct import_actor){.user_id = act->actor_user_id};
    snprintf(actor->name, sizeof(actor->name), "%s", act->actor_name);
    snprintf(actor->uid, sizeof(actor->uid), "%s", act->actor_id);
    snprintf(actor->address, sizeof(actor->address), "%s", act->address);
    snprintf(actor->request_id, sizeof(actor->request_id), "%s", act->request_id);
}

static enum status
run_locked(struct importer *importer, struct import *import, const struct act *act,
           bool may_skip_bad)
{
    if (!import)
        return STATUS_NOT_FOUND;
    if (import->view.received < import->view.size)
        return failure_set(act->failure, STATUS_CONFLICT, NULL,
                           "the file is not whole yet: %lld of %lld bytes are there",
                           (long long)import->view.received,
                           (long long)import->view.size);
    if (import->view.state == IMPORT_RUNNING || import->view.state == IMPORT_DONE)
        return failure_set(act->failure, STATUS_CONFLICT, NULL, "this import %s",
                           import->view.state == IMPORT_DONE ? "is done"
                                                             : "runs already");
    enum status status = start_thread(importer);
    if (status != STATUS_OK)
        return status;
    keep_actor(&import->actor, act);
    import->may_skip_bad = may_skip_bad;
    import->is_waiting = true;
    import->view.state = IMPORT_RUNNING;
    import->view.rows = 0;
    import->view.bad_count = 0;
    import->view.bad_listed = 0;
    import->view.detail[0] = '\0';
    pthread_cond_signal(&importer->wake);
    return STATUS_OK;
}

enum status
importer_run(struct importer *importer, struct slice id, const struct act *act,
             bool may_skip_bad)
{
    pthread_mutex_lock(&importer->lock);
    enum status status =
        run_locked(importer, find(importer, act->actor_user_id, id), act, may_skip_bad);
    pthread_mutex_unlock(&importer->lock);
    return status;
}

/* ---- looking, dropping ---- */

enum status
importer_view(struct importer *importer, int64_t user_id, struct slice id,
              struct import_view *out)
{
    pthread_mutex_lock(&importer->lock);
    const struct import *import = find(importer, user_id, id);
    if (import)
        *out = import->view;
    pthread_mutex_unlock(&importer->lock);
    return import ? STATUS_OK : STATUS_NOT_FOUND;
}

enum status
importer_drop(struct importer *importer, int64_t user_id, struct slice id)
{
    pthread_mutex_lock(&importer->lock);
    struct import *import = find(importer, user_id, id);
    if (import)
        drop(import);
    pthread_mutex_unlock(&importer->lock);
    return import ? STATUS_OK : STATUS_NOT_FOUND;
}
