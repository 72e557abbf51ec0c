/* SPDX-License-Identifier: Apache-2.0
 *
 * Reserving and taking. `uses` and `day_uses` are what is reserved and not used; only
 * keyring_reserve() adds to them, after its act was committed. */
#include "keyring/allowance.h"

#include "base/auto.h"
#include "base/date.h"
#include "base/mem.h"
#include "keyring/inside.h"
#include "store/store_allowances.h"

enum {
    BLOCK_LEAST = 10, /* what a crash may lose */
    BLOCK_MOST = 1000,
    BLOCK_PART = 10, /* of the limit */
};

struct keyring_allowance {
    _Atomic int64_t refs; /* the token's, and one of each that holds a place */
    _Atomic int64_t place_count;
    _Atomic int64_t uses, uses_over_at; /* at this max_uses nothing more is to be had */
    _Atomic int64_t day, day_uses, day_over_at; /* the same of quota_per_day */
    _Atomic bool is_short;
};

struct keyring_allowance *
allowance_new(void)
{
    struct keyring_allowance *allowance = mem_new(sizeof(*allowance));

    atomic_store(&allowance->refs, 1);
    atomic_store(&allowance->is_short, true);
    return allowance;
}

void
allowance_want(struct keyring_allowance *allowance)
{
    atomic_store(&allowance->is_short, true);
}

void
allowance_drop(struct keyring_allowance **allowance)
{
    if (*allowance && atomic_fetch_sub(&(*allowance)->refs, 1) == 1)
        mem_free(allowance);
    *allowance = NULL;
}

const struct token_limits *
keyring_entry_limits(const struct keyring_entry *entry)
{
    return entry->limits;
}

static struct keyring_allowance *
allowance_of(const struct keyring_entry *entry)
{
    return atomic_load_explicit(&entry->use->allowance, memory_order_acquire);
}

static void
say_short(struct keyring *keyring, struct keyring_allowance *allowance)
{
    atomic_store(&allowance->is_short, true);
    atomic_store(&keyring->is_anyone_short, true);
}

/* Takes one if there is one; *out_left is what is left then. */
static bool
take_one(_Atomic int64_t *from, int64_t *out_left)
{
    int64_t left = atomic_load(from);

    while (left > 0) {
        if (atomic_compare_exchange_weak(from, &left, left - 1)) {
            *out_left = left - 1;
            return true;
        }
    }
    return false;
}

enum keyring_taken
keyring_take_use(struct keyring *keyring, const struct keyring_entry *entry)
{
    struct keyring_allowance *allowance = allowance_of(entry);
    int64_t left = 0;

    if (!entry->limits || entry->limits->max_uses == 0)
        return KEYRING_TAKEN;
    bool is_over = atomic_load(&allowance->uses_over_at) == entry->limits->max_uses;
    bool is_taken = take_one(&allowance->uses, &left);
    if (!is_over && left < BLOCK_LEAST / 2)
        say_short(keyring, allowance);
    if (is_taken)
        return KEYRING_TAKEN;
    return is_over ? KEYRING_OVER : KEYRING_NOT_YET;
}

bool
keyring_is_used_up(const struct keyring_entry *entry)
{
    const struct keyring_allowance *allowance = allowance_of(entry);

    return entry->limits && entry->limits->max_uses > 0 &&
           atomic_load(&allowance->uses_over_at) == entry->limits->max_uses &&
           atomic_load(&allowance->uses) <= 0;
}

void
keyring_return_use(const struct keyring_entry *entry)
{
    if (entry->limits && entry->limits->max_uses > 0)
        atomic_fetch_add(&allowance_of(entry)->uses, 1);
}

enum keyring_taken
keyring_take_of_day(struct keyring *keyring, const struct keyring_entry *entry,
                    int64_t now_s)
{
    struct keyring_allowance *allowance = allowance_of(entry);
    int64_t left = 0;

    if (!entry->limits || entry->limits->quota_per_day == 0)
        return KEYRING_TAKEN;
    if (atomic_load(&allowance->day) != now_s / DAY_S) {
        say_short(keyring, allowance);
        return KEYRING_NOT_YET;
    }
    bool is_over = atomic_load(&allowance->day_over_at) == entry->limits->quota_per_day;
    bool is_taken = take_one(&allowance->day_uses, &left);
    if (!is_over && left < BLOCK_LEAST / 2)
        say_short(keyring, allowance);
    if (is_taken)
        return KEYRING_TAKEN;
    return is_over ? KEYRING_OVER : KEYRING_NOT_YET;
}

void
keyring_return_of_day(const struct keyring_entry *entry)
{
    if (entry->limits && entry->limits->quota_per_day > 0)
        atomic_fetch_add(&allowance_of(entry)->day_uses, 1);
}

int64_t
keyring_left_of_day(const struct keyring_entry *entry)
{
    int64_t left = entry->limits ? atomic_load(&allowance_of(entry)->day_uses) : 0;

    return left > 0 ? left : 0;
}

/* ---- places ---- */

bool
keyring_enter_place(const struct keyring_entry *entry, struct keyring_allowance **out)
{
    struct keyring_allowance *allowance = allowance_of(entry);

    *out = NULL;
    if (!entry->limits || entry->limits->concurrent_max == 0)
        return true;
    if (atomic_fetch_add(&allowance->place_count, 1) >= entry->limits->concurrent_max) {
        atomic_fetch_sub(&allowance->place_count, 1);
        return false;
    }
    atomic_fetch_add(&allowance->refs, 1);
    *out = allowance;
    return true;
}

void
keyring_leave_place(struct keyring_allowance **place)
{
    if (!*place)
        return;
    atomic_fetch_sub(&(*place)->place_count, 1);
    allowance_drop(place);
}

/* ---- reserving ---- */

/* Of one token: what is asked for, and what was given. */
struct reservation {
    char id[TOKEN_ID_MAX_CHARS + 1];
    struct token_limits limits;
    int64_t uses, day_uses;
    bool is_uses_over, is_day_over;
};

struct reservations {
    struct reservation *all;
    size_t count, room;
};

static void
reservations_done(struct reservations *list)
{
    mem_free(&list->all);
}

static void
add_reservation(struct reservations *list, const struct keyring_entry *entry)
{
    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 16;
        list->all = mem_resize(list->all, list->room * sizeof(list->all[0]));
    }
    struct reservation *one = &list->all[list->count++];
    *one = (struct reservation){.limits = *entry->limits};
    memcpy(one->id, entry->bytes, entry->id_len);
}

static struct reservations
find_short(struct keyring *keyring, int64_t today)
{
    struct reservations list = {0};
    struct cds_lfht_iter iter;

    keyring_enter();
    cds_lfht_first(keyring->table, &iter);
    for (; cds_lfht_iter_get_node(&iter); cds_lfht_next(keyring->table, &iter)) {
        const struct keyring_entry *entry = entry_of(cds_lfht_iter_get_node(&iter));
        if (!entry->limits ||
            (entry->limits->max_uses == 0 && entry->limits->quota_per_day == 0))
            continue;
        struct keyring_allowance *allowance = allowance_of(entry);
        bool is_short = atomic_exchange(&allowance->is_short, false);
        if (is_short ||
            (entry->limits->quota_per_day > 0 && atomic_load(&allowance->day) != today))
            add_reservation(&list, entry);
    }
    keyring_leave();
    return list;
}

/* So much of the limit is given out next. */
static int64_t
block_of(int64_t limit, int64_t reserved)
{
    int64_t block = limit / BLOCK_PART;

    if (block < BLOCK_LEAST)
        block = BLOCK_LEAST;
    if (block > BLOCK_MOST)
        block = BLOCK_MOST;
    if (block > limit - reserved)
        block = limit - reserved;
    return block > 0 ? block : 0;
}

static enum status
reserve_one(struct store *store, struct reservation *one, int64_t today)
{
    struct allowance kept;
    enum status status = store_allowance_get(store, slice_of(one->id), &kept);

    if (status != STATUS_OK)
        return status;
    if (kept.day != today)
        kept.day = today, kept.day_reserved = 0;
    if (one->limits.max_uses > 0)
        one->uses = block_of(one->limits.max_uses, kept.uses_reserved);
    if (one->limits.quota_per_day > 0)
        one->day_uses = block_of(one->limits.quota_per_day, kept.day_reserved);
    kept.uses_reserved += one->uses;
    kept.day_reserved += one->day_uses;
    one->is_uses_over = kept.uses_reserved >= one->limits.max_uses;
    one->is_day_over = kept.day_reserved >= one->limits.quota_per_day;
    return store_allowance_set(store, slice_of(one->id), &kept);
}

static enum status
reserve_all(struct store *store, struct reservations *list, int64_t today)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    enum status status = store_begin(store);

    if (status != STATUS_OK)
        return status;
    begun = store;
    for (size_t i = 0; status == STATUS_OK && i < list->count; i++)
        status = reserve_one(store, &list->all[i], today);
    return status == STATUS_OK ? store_commit(store) : status;
}

/* Gives out what was reserved. `day` comes last: who sees it may take. */
static void
give_out(struct keyring_allowance *allowance, const struct reservation *one,
         int64_t today)
{
    atomic_fetch_add(&allowance->uses, one->uses);
    atomic_store(&allowance->uses_over_at, one->is_uses_over ? one->limits.max_uses : 0);
    if (one->limits.quota_per_day == 0)
        return;
    if (atomic_load(&allowance->day) == today)
        atomic_fetch_add(&allowance->day_uses, one->day_uses);
    else
        atomic_store(&allowance->day_uses, one->day_uses);
    atomic_store(&allowance->day_over_at,
                 one->is_day_over ? one->limits.quota_per_day : 0);
    atomic_store(&allowance->day, today);
}

enum status
keyring_reserve(struct keyring *keyring, struct store *store, int64_t now_s)
{
    int64_t today = now_s / DAY_S;

    if (!atomic_exchange(&keyring->is_anyone_short, false) &&
        keyring->reserved_day == today)
        return STATUS_OK;
    keyring_thread_in();
    struct reservations list AUTO(reservations_done) = find_short(keyring, today);
    enum status status = list.count > 0 ? reserve_all(store, &list, today) : STATUS_OK;
    keyring_enter();
    for (size_t i = 0; i < list.count; i++) {
        const struct keyring_entry *entry =
            keyring_find(keyring, slice_of(list.all[i].id));
        struct keyring_allowance *allowance = entry ? allowance_of(entry) : NULL;
        if (allowance && status == STATUS_OK)
            give_out(allowance, &list.all[i], today);
        else if (allowance)
            say_short(keyring, allowance);
    }
    keyring_leave();
    keyring_thread_out();
    if (status == STATUS_OK)
        keyring->reserved_day = today;
    return status;
}

static enum status
give_back_one(struct store *store, const struct keyring_entry *entry)
{
    struct keyring_allowance *allowance = allowance_of(entry);
    struct allowance kept;
    int64_t uses = atomic_exchange(&allowance->uses, 0);
    int64_t day_uses = atomic_exchange(&allowance->day_uses, 0);
    enum status status = store_allowance_get(store, keyring_entry_id(entry), &kept);

    if (status != STATUS_OK || (uses <= 0 && day_uses <= 0))
        return status;
    kept.uses_reserved -= uses;
    if (kept.day == atomic_load(&allowance->day))
        kept.day_reserved -= day_uses;
    return store_allowance_set(store, keyring_entry_id(entry), &kept);
}

enum status
keyring_give_back(struct keyring *keyring, struct store *store)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct cds_lfht_iter iter;
    enum status status = store_begin(store);

    if (status != STATUS_OK)
        return status;
    begun = store;
    keyring_thread_in();
    keyring_enter();
    cds_lfht_first(keyring->table, &iter);
    for (; status == STATUS_OK && cds_lfht_iter_get_node(&iter);
         cds_lfht_next(keyring->table, &iter)) {
        const struct keyring_entry *entry = entry_of(cds_lfht_iter_get_node(&iter));
        if (allowance_of(entry))
            status = give_back_one(store, entry);
    }
    keyring_leave();
    keyring_thread_out();
    return status == STATUS_OK ? store_commit(store) : status;
}
