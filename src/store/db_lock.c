/* SPDX-License-Identifier: Apache-2.0
 *
 * A short list of locks, one a database file; there is hardly ever more than one. */
#include "store/db_lock.h"

#include "base/clock.h"
#include "base/mem.h"

#include <assert.h>
#include <pthread.h>
#include <time.h>

struct db_lock {
    struct db_lock *next;
    uint64_t device, inode;
    size_t user_count;
    pthread_mutex_t guard;
    pthread_cond_t is_free; /* waits by the monotonic clock */
    bool is_taken;
};

static pthread_mutex_t list_guard = PTHREAD_MUTEX_INITIALIZER;
static struct db_lock *list;

static struct db_lock *
db_lock_new(uint64_t device, uint64_t inode)
{
    struct db_lock *lock = mem_new(sizeof(*lock));
    pthread_condattr_t attributes;

    lock->device = device;
    lock->inode = inode;
    pthread_mutex_init(&lock->guard, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&lock->is_free, &attributes);
    pthread_condattr_destroy(&attributes);
    return lock;
}

struct db_lock *
db_lock_of(uint64_t device, uint64_t inode)
{
    pthread_mutex_lock(&list_guard);

    struct db_lock *lock = list;
    while (lock && (lock->device != device || lock->inode != inode))
        lock = lock->next;
    if (!lock) {
        lock = db_lock_new(device, inode);
        lock->next = list;
        list = lock;
    }
    lock->user_count++;
    pthread_mutex_unlock(&list_guard);
    return lock;
}

void
db_lock_drop(struct db_lock **lock)
{
    if (!*lock)
        return;
    pthread_mutex_lock(&list_guard);
    if (--(*lock)->user_count == 0) {
        struct db_lock **at = &list;
        while (*at != *lock)
            at = &(*at)->next;
        *at = (*lock)->next;
        pthread_cond_destroy(&(*lock)->is_free);
        pthread_mutex_destroy(&(*lock)->guard);
        mem_free(lock);
    }
    pthread_mutex_unlock(&list_guard);
    *lock = NULL;
}

bool
db_lock_take(struct db_lock *lock, int64_t wait_ms)
{
    int64_t until_ms = clock_monotonic_ms() + wait_ms;
    struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                             .tv_nsec = (long)(until_ms % 1000) * 1000 * 1000};
    int code = 0;

    pthread_mutex_lock(&lock->guard);
    while (lock->is_taken && code == 0)
        code = pthread_cond_timedwait(&lock->is_free, &lock->guard, &until);

    bool is_ours = !lock->is_taken;
    lock->is_taken = true;
    pthread_mutex_unlock(&lock->guard);
    return is_ours;
}

void
db_lock_give(struct db_lock *lock)
{
    pthread_mutex_lock(&lock->guard);
    assert(lock->is_taken);
    lock->is_taken = false;
    pthread_cond_signal(&lock->is_free);
    pthread_mutex_unlock(&lock->guard);
}
