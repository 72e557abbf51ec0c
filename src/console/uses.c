/* SPDX-License-Identifier: Apache-2.0
 *
 * A short list: as many rows as there are sessions that were used in a few seconds. */
#include "console/uses.h"

#include "base/auto.h"
#include "base/mem.h"
#include "store/store_sessions.h"

#include <pthread.h>
#include <string.h>

struct use {
    int64_t session_id, at_s;
};

struct uses {
    pthread_mutex_t lock;
    struct use *rows;
    size_t count, room;
    struct use *writing; /* a copy that is being written; the housekeeper's own */
    size_t writing_count;
};

struct uses *
uses_new(void)
{
    struct uses *uses = mem_new(sizeof(*uses));

    pthread_mutex_init(&uses->lock, NULL);
    return uses;
}

void
uses_free(struct uses **uses)
{
    if (!*uses)
        return;
    pthread_mutex_destroy(&(*uses)->lock);
    mem_free(&(*uses)->rows);
    mem_free(&(*uses)->writing);
    mem_free(uses);
}

static struct use *
find(const struct uses *uses, int64_t session_id)
{
    for (size_t i = 0; i < uses->count; i++) {
        if (uses->rows[i].session_id == session_id)
            return &uses->rows[i];
    }
    return NULL;
}

void
uses_note(struct uses *uses, int64_t session_id, int64_t at_s)
{
    pthread_mutex_lock(&uses->lock);
    struct use *use = find(uses, session_id);
    if (use) {
        use->at_s = at_s > use->at_s ? at_s : use->at_s;
    } else {
        if (uses->count == uses->room) {
            uses->room = uses->room ? 2 * uses->room : 16;
            uses->rows = mem_resize(uses->rows, uses->room * sizeof(*uses->rows));
        }
        uses->rows[uses->count++] = (struct use){session_id, at_s};
    }
    pthread_mutex_unlock(&uses->lock);
}

int64_t
uses_find(struct uses *uses, int64_t session_id)
{
    pthread_mutex_lock(&uses->lock);
    const struct use *use = find(uses, session_id);
    int64_t at_s = use ? use->at_s : 0;
    pthread_mutex_unlock(&uses->lock);
    return at_s;
}

size_t
uses_count(struct uses *uses)
{
    pthread_mutex_lock(&uses->lock);
    size_t count = uses->count;
    pthread_mutex_unlock(&uses->lock);
    return count;
}

/* Nobody waits for the database while it is being written. */
static void
copy_rows(struct uses *uses)
{
    pthread_mutex_lock(&uses->lock);
    mem_free(&uses->writing);
    uses->writing_count = uses->count;
    if (uses->count > 0) {
        uses->writing = mem_new_array(uses->count, sizeof(*uses->rows));
        memcpy(uses->writing, uses->rows, uses->count * sizeof(*uses->rows));
    }
    pthread_mutex_unlock(&uses->lock);
}

enum status
uses_write(struct uses *uses, struct store *store)
{
    enum status status = STATUS_OK;

    copy_rows(uses);
    for (size_t i = 0; status == STATUS_OK && i < uses->writing_count; i++)
        status =
            store_session_use(store, uses->writing[i].session_id, uses->writing[i].at_s);
    return status;
}

void
uses_written(struct uses *uses)
{
    pthread_mutex_lock(&uses->lock);
    for (size_t i = 0; i < uses->writing_count; i++) {
        struct use *use = find(uses, uses->writing[i].session_id);
        if (use && use->at_s == uses->writing[i].at_s)
            *use = uses->rows[--uses->count];
    }
    uses->writing_count = 0;
    pthread_mutex_unlock(&uses->lock);
}
