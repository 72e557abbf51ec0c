/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two halves of the importer share: its shelf of imports, and the work on one.
 */
#ifndef CONSOLE_IMPORTER_INSIDE_H
#define CONSOLE_IMPORTER_INSIDE_H

#include "console/importer.h"
#include "model/records.h"

#include <pthread.h>
#include <stdatomic.h>

/* Who has an import put in; copied, for they may be gone when it ends. */
struct import_actor {
    int64_t user_id;
    char name[EMAIL_MAX_CHARS + 1];
    char uid[UUID_CHARS + 1];
    char address[IP_TEXT_MAX + 1];
    char request_id[32];
};

/* One place on the shelf. */
struct import {
    struct import_view view; /* under the lock */
    int64_t user_id;         /* 0 = a free place */
    int fd;                  /* its file, which has no name any more */
    int64_t touched_ms;      /* monotonic */
    bool is_waiting;         /* for the thread */
    bool may_skip_bad;
    atomic_bool is_dropped; /* to be freed when the thread has left it */
    struct import_actor actor;
};

struct importer {
    int64_t keep_free_bytes; /* of the disk, for others */
    const char *data;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    bool has_thread; /* under the lock */
    atomic_bool is_stopping;
    struct import imports[IMPORT_MAX_COUNT];
};

/* Puts it in, on the importer's thread; tells how it goes in import->view. */
void import_work(struct importer *importer, struct import *import, struct store *store);

#endif
