/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening, and following the store. The store says by one number whether anything has
 * happened (0.8 µs), and by its change feed what. Each change names a thing, which is
 * then read as it is now: so taking in a change twice, or late, does no harm. */
#include "keyring/inside.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/number.h"
#include "store/store_permissions.h"
#include "store/store_tokens.h"

#include <assert.h>

enum {
    FIRST_BUCKET_COUNT = 64,
    CHANGE_BATCH_COUNT = 1000, /* what store_change_list() gives at most */
    BATCHES_PER_FOLLOW = 8, /* then others get the thread: 8,000 changes, about 80 ms */
};

/* How often this thread has come in. */
static _Thread_local int thread_depth;

void
keyring_thread_in(void)
{
    if (thread_depth++ == 0)
        rcu_register_thread();
}

void
keyring_thread_out(void)
{
    assert(thread_depth > 0);
    if (--thread_depth == 0)
        rcu_unregister_thread();
}

void
keyring_enter(void)
{
    rcu_read_lock();
}

void
keyring_leave(void)
{
    rcu_read_unlock();
}

/* ---- loading ---- */

struct loading {
    struct keyring *keyring;
    enum status status;
};

static bool
take_token(void *ctx, const struct token *token)
{
    struct loading *loading = ctx;
    const struct owner_slot *owner;

    loading->status = people_owner(loading->keyring, token->user_id, &owner);
    if (loading->status != STATUS_OK)
        return false;
    entry_put(loading->keyring, token, owner);
    return true;
}

static bool
is_of_another_generation(const struct keyring_entry *entry, int64_t generation)
{
    return entry->generation != (uint32_t)generation;
}

static enum status
load_account(struct keyring *keyring)
{
    size_t len = 0;
    char text[8] = {0};
    enum status status =
        store_fact_get(keyring->store, "live_rights", text, sizeof(text), &len);

    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    atomic_store(&keyring->is_live_rights, status == STATUS_NOT_FOUND || text[0] != '0');
    status = store_fact_get(keyring->store, "allow_bearer", text, sizeof(text), &len);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    atomic_store(&keyring->is_bearer_allowed, status == STATUS_OK && text[0] == '1');
    return STATUS_OK;
}

bool
keyring_is_bearer_allowed(const struct keyring *keyring)
{
    return atomic_load_explicit(&keyring->is_bearer_allowed, memory_order_relaxed);
}

bool
keyring_is_live_rights(const struct keyring *keyring)
{
    return atomic_load_explicit(&keyring->is_live_rights, memory_order_relaxed);
}

/* Reads all again; what the store does not show any more is taken out. */
static enum status
load_all(struct keyring *keyring)
{
    struct loading loading = {keyring, STATUS_OK};
    int64_t last = 0;
    int64_t count = 0;
    enum status status = store_change_last(keyring->store, &last);

    keyring->generation++;
    if (status == STATUS_OK)
        status = store_permission_load(keyring->store);
    if (status == STATUS_OK)
        status = load_account(keyring);
    if (status == STATUS_OK)
        status = people_load_all(keyring);
    if (status == STATUS_OK)
        status = store_token_count(keyring->store, &count);
    if (status != STATUS_OK)
        return status;
    entry_make_room(keyring, (size_t)count);
    status = store_token_load_all(keyring->store, take_token, &loading);
    if (status != STATUS_OK || loading.status != STATUS_OK)
        return status != STATUS_OK ? status : loading.status;
    entry_remove_if(keyring, is_of_another_generation, keyring->generation);
    status = shadow_load_all(keyring);
    if (status != STATUS_OK)
        return status;
    keyring->last_change = last;
    atomic_fetch_add(&keyring->upstream_serial, 1);
    return STATUS_OK;
}

/* ---- following ---- */

static void
note_change(void *ctx, const struct change *change)
{
    struct keyring *keyring = ctx;

    if (keyring->batch_count < CHANGE_BATCH_COUNT)
        keyring->batch[keyring->batch_count++] = *change;
}

static enum status
token_changed(struct keyring *keyring, struct slice id)
{
    struct token token;
    struct loading loading = {keyring, STATUS_OK};
    enum status status = store_token_by_id(keyring->store, id, &token);

    if (status == STATUS_NOT_FOUND) {
        entry_remove(keyring, id);
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    take_token(&loading, &token);
    return loading.status;
}

static enum status
permissions_added(struct keyring *keyring)
{
    enum status status = store_permission_load(keyring->store);

    if (status == STATUS_OK)
        people_permissions_added(keyring);
    return status;
}

static enum status
take_change(struct keyring *keyring, const struct change *change)
{
    int64_t id = 0;

    switch (change->kind) {
    case CHANGE_TOKEN:
        return token_changed(keyring, slice_of(change->key));
    case CHANGE_USER:
        return number_read(slice_of(change->key), &id) == STATUS_OK
                   ? people_user_changed(keyring, id)
                   : STATUS_BROKEN;
    case CHANGE_ROLE:
        return number_read(slice_of(change->key), &id) == STATUS_OK
                   ? people_role_changed(keyring, id)
                   : STATUS_BROKEN;
    case CHANGE_GROUP:
        return people_load_groups(keyring);
    case CHANGE_LICENCE:
        return people_load_licences(keyring);
    case CHANGE_SETTING:
        return load_account(keyring);
    case CHANGE_UPSTREAM:
        atomic_fetch_add(&keyring->upstream_serial, 1);
        return STATUS_OK;
    case CHANGE_PERMISSION:
        return permissions_added(keyring);
    case CHANGE_SHADOW:
        return shadow_changed(keyring, slice_of(change->key));
    }
    return STATUS_BROKEN;
}

/* Lists that are read as a whole are read once for many changes in a row. */
static bool
is_same_again(const struct change *a, const struct change *b)
{
    if (a->kind != b->kind)
        return false;
    return a->kind == CHANGE_GROUP || a->kind == CHANGE_LICENCE ||
           strcmp(a->key, b->key) == 0;
}

/* Takes in up to 1,000 changes. *out_is_all: there were no more. */
static enum status
take_batch(struct keyring *keyring, bool *out_is_all)
{
    int64_t last = keyring->last_change;
    enum status status;

    keyring->batch_count = 0;
    status = store_change_list(keyring->store, keyring->last_change, note_change, keyring,
                               &last);
    if (status == STATUS_NOT_FOUND) {
        status = load_all(keyring);
        atomic_fetch_add(&keyring->news_serial, 1);
        if (status == STATUS_OK)
            *out_is_all = true;
        return status;
    }
    for (size_t i = 0; status == STATUS_OK && i < keyring->batch_count; i++) {
        bool is_repeated = i + 1 < keyring->batch_count &&
                           is_same_again(&keyring->batch[i], &keyring->batch[i + 1]);
        if (is_repeated)
            continue;
        status = take_change(keyring, &keyring->batch[i]);
        atomic_fetch_add(&keyring->news_serial, 1);
    }
    if (status != STATUS_OK)
        return status; /* the same batch comes again */
    keyring->last_change = last;
    *out_is_all = keyring->batch_count < CHANGE_BATCH_COUNT;
    return STATUS_OK;
}

static enum status
take_changes(struct keyring *keyring)
{
    int64_t version = 0;
    bool is_all = false;
    enum status status = store_version(keyring->store, &version);

    if (status != STATUS_OK || (version == keyring->version && !keyring->is_behind))
        return status;
    keyring->is_behind = true;
    for (int i = 0; i < BATCHES_PER_FOLLOW && !is_all; i++) {
        status = take_batch(keyring, &is_all);
        if (status != STATUS_OK)
            return status;
    }
    keyring->is_behind = !is_all;
    keyring->version = version; /* taken first: what came meanwhile is seen next time */
    return STATUS_OK;
}

enum status
keyring_follow(struct keyring *keyring)
{
    keyring_thread_in();
    enum status status = take_changes(keyring);
    people_licences_at(keyring, clock_now_s());
    entry_make_room(keyring, keyring_count(keyring));
    entry_free_retired(keyring);
    keyring_thread_out();
    if (status == STATUS_OK && !keyring->is_behind)
        atomic_store(&keyring->news_at_ms, clock_monotonic_ms());
    return status;
}

/* ---- opening ---- */

enum status
keyring_open(struct store *store, struct keyring **out, struct failure *failure)
{
    struct keyring *keyring AUTO(keyring_close) = mem_new(sizeof(*keyring));

    keyring->store = store;
    keyring->batch = mem_new_array(CHANGE_BATCH_COUNT, sizeof(keyring->batch[0]));
    keyring->bucket_count = FIRST_BUCKET_COUNT;
    keyring->table = cds_lfht_new(FIRST_BUCKET_COUNT, FIRST_BUCKET_COUNT, 0, 0, NULL);
    if (!keyring->table)
        return failure_set(failure, STATUS_BROKEN, NULL,
                           "the table of tokens could not be made");
    keyring_thread_in();
    enum status status = store_keep_little(store);
    if (status == STATUS_OK)
        status = store_version(store, &keyring->version);
    if (status == STATUS_OK)
        status = load_all(keyring);
    people_licences_at(keyring, clock_now_s());
    entry_free_retired(keyring);
    keyring_thread_out();
    if (status != STATUS_OK)
        return failure_set(failure, status, NULL,
                           "the tokens could not be read from the store: %s",
                           store_failure(store));
    atomic_store(&keyring->news_at_ms, clock_monotonic_ms());
    *out = TAKE(keyring);
    return STATUS_OK;
}

void
keyring_close(struct keyring **keyring)
{
    struct keyring *gone = *keyring;

    if (!gone)
        return;
    if (gone->table) {
        keyring_thread_in();
        people_free(gone);
        entry_free_all(gone);
        keyring_thread_out();
        int status = cds_lfht_destroy(gone->table, NULL);
        assert(status == 0); /* it is empty */
        (void)status;
    }
    intern_done(&gone->interned);
    mem_free(&gone->batch);
    mem_free(keyring);
}

int64_t
keyring_news_at_ms(const struct keyring *keyring)
{
    return atomic_load_explicit(&keyring->news_at_ms, memory_order_relaxed);
}

size_t
keyring_count(const struct keyring *keyring)
{
    return atomic_load_explicit(&keyring->count, memory_order_relaxed);
}

uint64_t
keyring_upstream_serial(const struct keyring *keyring)
{
    return atomic_load(&keyring->upstream_serial);
}

uint64_t
keyring_news_serial(const struct keyring *keyring)
{
    return atomic_load(&keyring->news_serial);
}
