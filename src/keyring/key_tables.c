/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets of eight places; a key's serial says which set. Readers are inside an RCU reading
 * section. A place is cleared (serial first), then a grace period goes by, and only then
 * it is filled again, the serial last: so whoever reads a place's table before its
 * serial, and finds the serial that is looked for, has that key's table. */
#include "keyring/key_tables.h"

#include "base/auto.h"
#include "base/mem.h"
#include "keyring/inside.h"

#include <pthread.h>
#include <string.h>

enum {
    SET_PLACES = 8,
    COLD_COUNTERS = 4096, /* shared by serials; a collision builds a table early */
    JOB_MAX_COUNT = 64,
};

struct place {
    _Atomic uint64_t serial; /* 0 = free; serials begin at 1 */
    _Atomic(struct es256_table *) table;
    _Atomic int64_t used_s;
};

/* Something for the thread: a table to build, or an answer to check. */
struct work {
    bool is_sample, said;
    uint64_t serial;
    int64_t now_s;
    uint8_t point[PUBLIC_KEY_BYTES];
    uint8_t digest[ES256_DIGEST_BYTES];
    uint8_t signature[ES256_SIGNATURE_BYTES];
};

struct key_tables {
    struct es256_arena *arena;
    struct place *places;
    size_t set_count;
    _Atomic int level;
    _Atomic uint8_t cold[COLD_COUNTERS];
    _Atomic int64_t built, asked, sampled, differences, table_count;

    pthread_mutex_t lock; /* of what follows; readers only try it */
    pthread_cond_t wake, idle;
    struct work jobs[JOB_MAX_COUNT];
    size_t job_first, job_count;
    bool is_busy, is_stopping;
    pthread_t thread;
    bool is_running;
};

/* ---- reading ---- */

static struct place *
set_of(const struct key_tables *tables, uint64_t serial)
{
    return &tables->places[serial % tables->set_count * SET_PLACES];
}

static const struct es256_table *
find(const struct key_tables *tables, uint64_t serial, int64_t now_s)
{
    struct place *set = set_of(tables, serial);

    for (size_t i = 0; i < SET_PLACES; i++) {
        if (atomic_load_explicit(&set[i].serial, memory_order_relaxed) != serial)
            continue;
        struct es256_table *table =
            atomic_load_explicit(&set[i].table, memory_order_acquire);
        if (!table ||
            atomic_load_explicit(&set[i].serial, memory_order_acquire) != serial)
            continue;
        if (atomic_load_explicit(&set[i].used_s, memory_order_relaxed) != now_s)
            atomic_store_explicit(&set[i].used_s, now_s, memory_order_relaxed);
        return table;
    }
    return NULL;
}

/* Gives the thread something to do, unless it has enough, or somebody else does so at
 * this moment: then there will be another turn. */
static bool
give(struct key_tables *tables, const struct work *work)
{
    bool is_given = false;

    if (pthread_mutex_trylock(&tables->lock) != 0)
        return false;
    if (tables->job_count < JOB_MAX_COUNT) {
        size_t at = (tables->job_first + tables->job_count++) % JOB_MAX_COUNT;
        tables->jobs[at] = *work;
        is_given = true;
        pthread_cond_signal(&tables->wake);
    }
    pthread_mutex_unlock(&tables->lock);
    return is_given;
}

static struct work
work_of(const struct key_in_use *key)
{
    struct work work = {.serial = key->serial, .now_s = key->now_s};

    assert(key->point.len == sizeof(work.point));
    memcpy(work.point, key->point.at, sizeof(work.point));
    return work;
}

/* Counts a verification without a table; the tenth asks for one. */
static void
count_cold(struct key_tables *tables, const struct key_in_use *key)
{
    _Atomic uint8_t *count = &tables->cold[key->serial % COLD_COUNTERS];
    uint8_t seen = atomic_load_explicit(count, memory_order_relaxed);

    if (seen + 1 < KEY_TABLES_COLD_USES) {
        atomic_store_explicit(count, (uint8_t)(seen + 1), memory_order_relaxed);
        return;
    }
    struct work work = work_of(key);
    if (give(tables, &work))
        atomic_store_explicit(count, 0, memory_order_relaxed);
}

static void
sample(struct key_tables *tables, struct key_tables_turn *turn,
       const struct key_in_use *key, const uint8_t *digest, struct slice signature,
       bool said)
{
    if (++turn->answer_count % KEY_TABLES_SAMPLE_EVERY != 0 ||
        signature.len != ES256_SIGNATURE_BYTES)
        return;
    struct work work = work_of(key);
    work.is_sample = true;
    work.said = said;
    memcpy(work.digest, digest, sizeof(work.digest));
    memcpy(work.signature, signature.at, sizeof(work.signature));
    if (!give(tables, &work))
        turn->answer_count--; /* the next one, then */
}

enum status
key_tables_verify(struct key_tables *tables, struct key_tables_turn *turn,
                  const struct key_in_use *key, const uint8_t digest[ES256_DIGEST_BYTES],
                  struct slice signature, bool *out)
{
    int level = atomic_load_explicit(&tables->level, memory_order_relaxed);
    const struct es256_table *table = NULL;

    *out = false;
    if (level == ES256_LEVEL_OPENSSL)
        return es256_verify(key->openssl, digest, signature, out);
    table = find(tables, key->serial, key->now_s);
    if (!table) {
        count_cold(tables, key);
        return es256_verify(key->openssl, digest, signature, out);
    }
    switch (es256_table_verify(table, digest, signature)) {
    case ES256_YES:
        *out = true;
        break;
    case ES256_NO:
        break;
    case ES256_ASK:
        atomic_fetch_add_explicit(&tables->asked, 1, memory_order_relaxed);
        return es256_verify(key->openssl, digest, signature, out);
    }
    sample(tables, turn, key, digest, signature, *out);
    return STATUS_OK;
}

/* ---- the thread ---- */

static struct place *
choose_place(const struct key_tables *tables, uint64_t serial)
{
    struct place *set = set_of(tables, serial);
    struct place *chosen = &set[0];

    for (size_t i = 0; i < SET_PLACES; i++) {
        if (atomic_load(&set[i].serial) == 0)
            return &set[i];
        if (atomic_load(&set[i].used_s) < atomic_load(&chosen->used_s))
            chosen = &set[i];
    }
    return chosen;
}

static void
clear_place(struct key_tables *tables, struct place *place)
{
    struct es256_table *old = atomic_load(&place->table);

    if (!old)
        return;
    atomic_store(&place->serial, 0);
    atomic_store(&place->table, NULL);
    synchronize_rcu(); /* nobody looks at it any more */
    es256_table_free(&old);
    atomic_fetch_sub(&tables->table_count, 1);
}

static bool
is_there(const struct key_tables *tables, uint64_t serial)
{
    const struct place *set = set_of(tables, serial);

    for (size_t i = 0; i < SET_PLACES; i++) {
        if (atomic_load(&set[i].serial) == serial)
            return true;
    }
    return false;
}

/* A sample differed from what OpenSSL says: from here on OpenSSL decides alone. */
static void
doubt(struct key_tables *tables)
{
    atomic_fetch_add(&tables->differences, 1);
    atomic_store(&tables->level, ES256_LEVEL_OPENSSL);
}

static void
build(struct key_tables *tables, const struct work *work)
{
    enum es256_level level = (enum es256_level)atomic_load(&tables->level);
    struct es256_table *table = NULL;

    if (level == ES256_LEVEL_OPENSSL || is_there(tables, work->serial))
        return; /* tables are off; or two loops have asked */
    enum status status = es256_table_new(tables->arena, level, work->point, &table);
    if (status == STATUS_BROKEN) /* it differs from OpenSSL: not this table, nor others */
        doubt(tables);
    if (status != STATUS_OK)
        return;
    struct place *place = choose_place(tables, work->serial);
    clear_place(tables, place);
    atomic_store(&place->used_s, work->now_s);
    atomic_store_explicit(&place->table, table, memory_order_release);
    atomic_store_explicit(&place->serial, work->serial, memory_order_release);
    atomic_fetch_add(&tables->table_count, 1);
    atomic_fetch_add(&tables->built, 1);
}

static void
check(struct key_tables *tables, const struct work *work)
{
    struct es256_key *key AUTO(es256_key_free) = NULL;
    struct slice signature = {work->signature, sizeof(work->signature)};
    bool fits = false;

    if (es256_key_new(work->point, &key) != STATUS_OK ||
        es256_verify(key, work->digest, signature, &fits) != STATUS_OK)
        return; /* OpenSSL could not tell: no verdict about the tables */
    atomic_fetch_add(&tables->sampled, 1);
    if (fits != work->said)
        doubt(tables);
}

static void *
run(void *arg)
{
    struct key_tables *tables = arg;

    pthread_mutex_lock(&tables->lock);
    while (!tables->is_stopping) {
        if (tables->job_count == 0) {
            pthread_cond_broadcast(&tables->idle);
            pthread_cond_wait(&tables->wake, &tables->lock);
            continue;
        }
        struct work work = tables->jobs[tables->job_first];
        tables->job_first = (tables->job_first + 1) % JOB_MAX_COUNT;
        tables->job_count--;
        tables->is_busy = true;
        pthread_mutex_unlock(&tables->lock);
        if (work.is_sample)
            check(tables, &work);
        else
            build(tables, &work);
        pthread_mutex_lock(&tables->lock);
        tables->is_busy = false;
    }
    pthread_cond_broadcast(&tables->idle);
    pthread_mutex_unlock(&tables->lock);
    return NULL;
}

void
key_tables_settle(struct key_tables *tables)
{
    pthread_mutex_lock(&tables->lock);
    while (tables->is_running && (tables->job_count > 0 || tables->is_busy))
        pthread_cond_wait(&tables->idle, &tables->lock);
    pthread_mutex_unlock(&tables->lock);
}

/* ---- opening and closing ---- */

void
key_tables_close(struct key_tables **tables)
{
    struct key_tables *t = *tables;

    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->is_stopping = true;
    pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->lock);
    if (t->is_running)
        pthread_join(t->thread, NULL);
    for (size_t i = 0; i < t->set_count * SET_PLACES; i++) {
        struct es256_table *table = atomic_load(&t->places[i].table);
        es256_table_free(&table);
    }
    es256_arena_free(&t->arena);
    pthread_cond_destroy(&t->wake);
    pthread_cond_destroy(&t->idle);
    pthread_mutex_destroy(&t->lock);
    mem_free(&t->places);
    mem_free(tables);
}

enum status
key_tables_open(enum es256_level level, size_t max_bytes, struct key_tables **out,
                struct failure *failure)
{
    struct key_tables *tables AUTO(key_tables_close) = NULL;

    if (level > es256_level_best())
        return failure_set(failure, STATUS_REFUSED, "es256_level",
                           "es256_level is %s, but this processor can do %s at most",
                           es256_level_name(level), es256_level_name(es256_level_best()));
    tables = mem_new(sizeof(*tables));
    pthread_mutex_init(&tables->lock, NULL);
    pthread_cond_init(&tables->wake, NULL);
    pthread_cond_init(&tables->idle, NULL);
    tables->set_count = max_bytes / ES256_TABLE_BYTES / SET_PLACES;
    atomic_store(&tables->level,
                 tables->set_count > 0 ? (int)level : ES256_LEVEL_OPENSSL);
    tables->arena = es256_arena_new();
    if (tables->set_count > 0 && level != ES256_LEVEL_OPENSSL) {
        tables->places =
            mem_new_array(tables->set_count * SET_PLACES, sizeof(*tables->places));
        if (pthread_create(&tables->thread, NULL, run, tables) != 0)
            return failure_set(failure, STATUS_UNAVAILABLE, NULL,
                               "the thread that builds key tables could not be started");
        tables->is_running = true;
    } else {
        tables->set_count = 0;
    }
    *out = TAKE(tables);
    return STATUS_OK;
}

struct key_tables_figures
key_tables_figures(const struct key_tables *tables)
{
    int64_t count = atomic_load(&tables->table_count);

    return (struct key_tables_figures){
        .level = (enum es256_level)atomic_load(&tables->level),
        .table_count = count,
        .bytes = count * ES256_TABLE_BYTES,
        .built_total = atomic_load(&tables->built),
        .asked_total = atomic_load(&tables->asked),
        .sampled_total = atomic_load(&tables->sampled),
        .difference_total = atomic_load(&tables->differences),
    };
}
