/* SPDX-License-Identifier: Apache-2.0
 *
 * Shadows: published by the writer, counted by loops and workers, written down by the
 * housekeeper. One that is over stays where it is, so that its last counts are written;
 * it goes with its token, or when another one takes its place. */
#include "keyring/shadow.h"
#include "keyring/inside.h"

#include "base/auto.h"
#include "base/mem.h"
#include "store/store_shadows.h"

#include <pthread.h>

enum { NOTED_MAX_COUNT = 64 }; /* reasons between two writings; 25 KB */

struct noted {
    size_t count;
    struct shadow_miss misses[NOTED_MAX_COUNT];
};

/* Comes in one block with its groups and addresses. */
struct keyring_shadow {
    struct keyring_retired retired; /* first */
    int64_t id;
    _Atomic int64_t ends_at_s; /* 0 = it is over */
    uint32_t generation;       /* of the last loading that saw it; the writer's */
    struct permission_set permissions;
    size_t group_count, address_count;
    int64_t *group_ids;
    struct ip_range *addresses;

    /* since the last writing */
    _Atomic int64_t call_count, failed_count, less_count;
    pthread_mutex_t lock; /* of the following */
    int64_t unlisted_count;
    struct noted *noted; /* NULL until the first reason */
};

static void
free_shadow(struct keyring_shadow *shadow)
{
    pthread_mutex_destroy(&shadow->lock);
    mem_free(&shadow->noted);
    mem_free(&shadow);
}

static void
free_retired(struct keyring_retired *retired)
{
    free_shadow((struct keyring_shadow *)retired);
}

void
shadow_free(struct keyring_use *use)
{
    struct keyring_shadow *shadow = atomic_load(&use->shadow);

    if (shadow)
        free_shadow(shadow);
}

/* ---- what the gate asks ---- */

struct keyring_shadow *
keyring_shadow(const struct keyring_entry *entry, int64_t now_s)
{
    struct keyring_shadow *shadow =
        atomic_load_explicit(&entry->use->shadow, memory_order_acquire);

    if (!shadow ||
        now_s >= atomic_load_explicit(&shadow->ends_at_s, memory_order_relaxed))
        return NULL;
    return shadow;
}

const struct permission_set *
keyring_shadow_permissions(const struct keyring_shadow *shadow)
{
    return &shadow->permissions;
}

const struct ip_range *
keyring_shadow_addresses(const struct keyring_shadow *shadow, size_t *out_count)
{
    *out_count = shadow->address_count;
    return shadow->addresses;
}

bool
keyring_shadow_is_narrower(const struct keyring_shadow *shadow,
                           const struct keyring_entry *entry)
{
    /* its groups are some of the token's */
    return shadow->group_count > 0 &&
           (!entry->groups || entry->groups->count != shadow->group_count);
}

bool
keyring_shadow_has_group(const struct keyring_shadow *shadow, const int64_t *ids,
                         size_t count)
{
    for (size_t i = 0; i < shadow->group_count; i++) {
        for (size_t k = 0; k < count; k++) {
            if (shadow->group_ids[i] == ids[k])
                return true;
        }
    }
    return shadow->group_count == 0;
}

/* ---- counting ---- */

static void
add_one(_Atomic int64_t *count)
{
    atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

void
keyring_shadow_count(struct keyring_shadow *shadow)
{
    add_one(&shadow->call_count);
}

void
keyring_shadow_count_failed(struct keyring_shadow *shadow)
{
    add_one(&shadow->failed_count);
}

void
keyring_shadow_count_less(struct keyring_shadow *shadow)
{
    add_one(&shadow->less_count);
}

static bool
is_same_reason(const struct shadow_miss *a, const struct shadow_miss *b)
{
    return a->kind == b->kind && strcmp(a->item, b->item) == 0 &&
           strcmp(a->path, b->path) == 0 && strcmp(a->method, b->method) == 0;
}

/* With the lock. NULL: there is no room for one more. */
static struct shadow_miss *
noted_place(struct keyring_shadow *shadow, const struct shadow_miss *miss)
{
    if (!shadow->noted)
        shadow->noted = mem_new(sizeof(*shadow->noted));
    struct noted *noted = shadow->noted;
    for (size_t i = 0; i < noted->count; i++) {
        if (is_same_reason(&noted->misses[i], miss))
            return &noted->misses[i];
    }
    if (noted->count == NOTED_MAX_COUNT)
        return NULL;
    struct shadow_miss *place = &noted->misses[noted->count++];
    *place = *miss;
    place->count = 0;
    return place;
}

/* `miss` with its counts and times. */
static void
note(struct keyring_shadow *shadow, const struct shadow_miss *miss)
{
    pthread_mutex_lock(&shadow->lock);
    struct shadow_miss *place = noted_place(shadow, miss);
    if (!place)
        shadow->unlisted_count += miss->count;
    else if (place->count == 0 || miss->first_at_s < place->first_at_s)
        place->first_at_s = miss->first_at_s;
    if (place) {
        place->count += miss->count;
        if (miss->last_at_s > place->last_at_s)
            place->last_at_s = miss->last_at_s;
    }
    pthread_mutex_unlock(&shadow->lock);
}

void
keyring_shadow_note(struct keyring_shadow *shadow, const struct shadow_miss *miss,
                    int64_t now_s)
{
    struct shadow_miss one = *miss;

    one.count = 1;
    one.first_at_s = one.last_at_s = now_s;
    note(shadow, &one);
}

/* ---- the writer ---- */

static struct keyring_shadow *
make(const struct shadow *from)
{
    const struct rights_set *set = &from->set;
    size_t groups_bytes = set->group_count * sizeof(set->group_ids[0]);
    size_t addresses_bytes = set->address_count * sizeof(set->addresses[0]);
    struct keyring_shadow *shadow =
        mem_new(sizeof(*shadow) + groups_bytes + addresses_bytes);

    shadow->retired.free = free_retired;
    shadow->id = from->id;
    atomic_store(&shadow->ends_at_s, from->ends_at_s);
    shadow->permissions = set->permissions;
    shadow->group_count = set->group_count;
    shadow->address_count = set->address_count;
    shadow->group_ids = (int64_t *)(shadow + 1);
    shadow->addresses = (struct ip_range *)(shadow->group_ids + set->group_count);
    memcpy(shadow->group_ids, set->group_ids, groups_bytes);
    memcpy(shadow->addresses, set->addresses, addresses_bytes);
    pthread_mutex_init(&shadow->lock, NULL);
    return shadow;
}

/* Of a token that is not there, nothing. */
static void
publish(struct keyring *keyring, const struct shadow *from)
{
    keyring_enter();
    const struct keyring_entry *entry = keyring_find(keyring, slice_of(from->token_id));
    struct keyring_shadow *old = entry ? atomic_load(&entry->use->shadow) : NULL;

    if (entry && old && old->id == from->id) {
        atomic_store(&old->ends_at_s, from->over_at_s != 0 ? 0 : from->ends_at_s);
        old->generation = keyring->generation;
    } else if (entry && from->over_at_s == 0) {
        struct keyring_shadow *made = make(from);
        keyring->has_shadows = true;
        made->generation = keyring->generation;
        atomic_store(&entry->use->shadow, made);
        if (old)
            keyring_retire(keyring, &old->retired);
    }
    keyring_leave();
}

static void
end(struct keyring *keyring, struct slice token_id)
{
    keyring_enter();
    const struct keyring_entry *entry = keyring_find(keyring, token_id);
    struct keyring_shadow *shadow = entry ? atomic_load(&entry->use->shadow) : NULL;
    if (shadow)
        atomic_store(&shadow->ends_at_s, 0);
    keyring_leave();
}

enum status
shadow_changed(struct keyring *keyring, struct slice token_id)
{
    struct shadow *shadow AUTO(mem_done) = mem_new(sizeof(*shadow));
    enum status status = store_shadow_of(keyring->store, token_id, shadow);

    if (status == STATUS_OK)
        publish(keyring, shadow);
    else if (status == STATUS_NOT_FOUND)
        end(keyring, token_id);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static bool
take_shadow(void *ctx, const struct shadow *shadow)
{
    publish(ctx, shadow);
    return true;
}

/* Those that the store does not show any more as running are over. */
static void
end_others(struct keyring *keyring)
{
    struct cds_lfht_iter iter;

    keyring_enter();
    cds_lfht_first(keyring->table, &iter);
    for (; cds_lfht_iter_get_node(&iter); cds_lfht_next(keyring->table, &iter)) {
        const struct keyring_entry *entry = entry_of(cds_lfht_iter_get_node(&iter));
        struct keyring_shadow *shadow = atomic_load(&entry->use->shadow);
        if (shadow && shadow->generation != keyring->generation)
            atomic_store(&shadow->ends_at_s, 0);
    }
    keyring_leave();
}

enum status
shadow_load_all(struct keyring *keyring)
{
    enum status status = store_shadow_running(keyring->store, take_shadow, keyring);

    if (status == STATUS_OK && keyring->has_shadows)
        end_others(keyring);
    return status;
}

/* ---- writing down ---- */

/* What one shadow has counted since the last time. */
struct shadow_taken {
    char token_id[TOKEN_ID_MAX_CHARS + 1];
    int64_t id;
    struct shadow_counts counts;
    struct noted *noted; /* owned; NULL = none */
};

void
shadow_list_done(struct shadow_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        mem_free(&list->taken[i].noted);
    mem_free(&list->taken);
}

static void
take(struct keyring_shadow *shadow, struct shadow_taken *out)
{
    pthread_mutex_lock(&shadow->lock);
    out->noted = TAKE(shadow->noted);
    out->counts.unlisted = shadow->unlisted_count;
    shadow->unlisted_count = 0;
    pthread_mutex_unlock(&shadow->lock);
    out->id = shadow->id;
    out->counts.failed = atomic_exchange(&shadow->failed_count, 0);
    out->counts.less = atomic_exchange(&shadow->less_count, 0);
    out->counts.calls = atomic_exchange(&shadow->call_count, 0);
}

void
shadow_take(struct shadow_list *list, const struct keyring_entry *entry)
{
    struct keyring_shadow *shadow = atomic_load(&entry->use->shadow);
    struct shadow_taken taken = {0};

    if (!shadow)
        return;
    take(shadow, &taken);
    if (!taken.noted && taken.counts.calls == 0 && taken.counts.failed == 0 &&
        taken.counts.less == 0)
        return;
    memcpy(taken.token_id, entry->bytes, entry->id_len);
    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 16;
        list->taken = mem_resize(list->taken, list->room * sizeof(list->taken[0]));
    }
    list->taken[list->count++] = taken;
}

/* The shadow that counted this, if it is still the token's. */
static struct keyring_shadow *
counter_of(const struct keyring *keyring, const struct shadow_taken *taken)
{
    const struct keyring_entry *entry = keyring_find(keyring, slice_of(taken->token_id));
    struct keyring_shadow *shadow = entry ? atomic_load(&entry->use->shadow) : NULL;

    return shadow && shadow->id == taken->id ? shadow : NULL;
}

void
shadow_put_back(const struct keyring *keyring, const struct shadow_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct shadow_taken *taken = &list->taken[i];
        struct keyring_shadow *shadow = counter_of(keyring, taken);
        if (!shadow)
            continue;
        atomic_fetch_add(&shadow->call_count, taken->counts.calls);
        atomic_fetch_add(&shadow->failed_count, taken->counts.failed);
        atomic_fetch_add(&shadow->less_count, taken->counts.less);
        for (size_t k = 0; taken->noted && k < taken->noted->count; k++)
            note(shadow, &taken->noted->misses[k]);
        pthread_mutex_lock(&shadow->lock);
        shadow->unlisted_count += taken->counts.unlisted;
        pthread_mutex_unlock(&shadow->lock);
    }
}

static enum status
write_taken(struct store *store, const struct shadow_taken *taken)
{
    struct shadow_counts counts = taken->counts;
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && taken->noted && i < taken->noted->count;
         i++) {
        const struct shadow_miss *miss = &taken->noted->misses[i];
        status = store_shadow_miss_add(store, taken->id, miss);
        if (status == STATUS_NOT_FOUND) {
            counts.unlisted += miss->count;
            status = STATUS_OK;
        }
    }
    return status == STATUS_OK ? store_shadow_count(store, taken->id, &counts) : status;
}

enum status
shadow_write(struct store *store, const struct shadow_list *list)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < list->count; i++)
        status = write_taken(store, &list->taken[i]);
    return status;
}
