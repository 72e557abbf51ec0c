/* SPDX-License-Identifier: Apache-2.0
 *
 * Which permissions, approved addresses and device groups a token has used today: bits
 * that loops and workers set and the housekeeper writes down, each once a day. */
#include "keyring/inside.h"

#include "base/date.h"
#include "base/mem.h"
#include "store/store_token_used.h"

#include <stdio.h>

enum {
    PERMISSION_WORDS = PERMISSION_MAX_COUNT / 64,
    ADDRESS_WORDS = TOKEN_ADDRESS_MAX_COUNT / 64,
    GROUP_WORDS = TOKEN_GROUP_MAX_COUNT / 64,
    FIRST_ADDRESS = PERMISSION_WORDS * 64, /* bit of the first approved address */
    FIRST_GROUP = FIRST_ADDRESS + ADDRESS_WORDS * 64,
    USED_WORDS = PERMISSION_WORDS + ADDRESS_WORDS + GROUP_WORDS,
};

/* About 400 bytes, of a token that is used. */
struct keyring_used {
    _Atomic uint64_t bits[USED_WORDS]; /* since the beginning of `day` */
    _Atomic uint64_t told[USED_WORDS]; /* of these, what is written down */
    int64_t day;                       /* the writer's; 0 = not yet known */
};

static struct keyring_used *
used_of(const struct keyring_entry *entry)
{
    struct keyring_used *known =
        atomic_load_explicit(&entry->use->used, memory_order_acquire);

    if (known)
        return known;
    struct keyring_used *made = mem_new(sizeof(*made));
    if (atomic_compare_exchange_strong(&entry->use->used, &known, made))
        return made;
    mem_free(&made); /* somebody was faster */
    return known;
}

/* Writes only what is new: the line of the cache stays shared. */
static void
set_bits(_Atomic uint64_t *word, uint64_t bits)
{
    if ((bits & ~atomic_load_explicit(word, memory_order_relaxed)) != 0)
        atomic_fetch_or_explicit(word, bits, memory_order_relaxed);
}

bool
keyring_has_used(const struct keyring_entry *entry, const struct permission_set *set)
{
    const struct keyring_used *used = used_of(entry);

    for (size_t i = 0; i < PERMISSION_WORDS; i++) {
        if ((set->words[i] &
             ~atomic_load_explicit(&used->bits[i], memory_order_relaxed)) != 0)
            return false;
    }
    return true;
}

void
keyring_note_permissions(const struct keyring_entry *entry,
                         const struct permission_set *set)
{
    struct keyring_used *used = used_of(entry);

    for (size_t i = 0; i < PERMISSION_WORDS; i++)
        set_bits(&used->bits[i], set->words[i]);
}

static void
note_bit(const struct keyring_entry *entry, size_t bit)
{
    set_bits(&used_of(entry)->bits[bit / 64], (uint64_t)1 << (bit % 64));
}

void
keyring_note_address(const struct keyring_entry *entry, size_t index)
{
    if (entry->addresses && index < entry->addresses->count)
        note_bit(entry, FIRST_ADDRESS + index);
}

void
keyring_note_all_groups(const struct keyring_entry *entry)
{
    for (size_t i = 0; entry->groups && i < entry->groups->count; i++)
        note_bit(entry, FIRST_GROUP + i);
}

void
keyring_note_groups(const struct keyring_entry *entry, const int64_t *ids, size_t count)
{
    for (size_t i = 0; entry->groups && i < entry->groups->count; i++) {
        for (size_t k = 0; k < count; k++) {
            if (entry->groups->ids[i] == ids[k])
                note_bit(entry, FIRST_GROUP + i);
        }
    }
}

/* The places of addresses mean others from here on. What was noted since the last
 * writing is noted again by the next use. */
void
used_forget_addresses(struct keyring_use *use)
{
    struct keyring_used *used = atomic_load(&use->used);

    for (size_t i = FIRST_ADDRESS / 64; used && i < FIRST_GROUP / 64; i++) {
        atomic_store(&used->bits[i], 0);
        atomic_store(&used->told[i], 0);
    }
}

/* ---- writing down ---- */

static bool
fill_item(const struct keyring_entry *entry, size_t bit, struct token_used *out)
{
    if (bit < FIRST_ADDRESS) {
        out->kind = USED_PERMISSION;
        snprintf(out->item, sizeof(out->item), "%zu", bit);
        return true;
    }
    if (bit < FIRST_GROUP) {
        if (!entry->addresses || bit - FIRST_ADDRESS >= entry->addresses->count)
            return false;
        out->kind = USED_ADDRESS;
        ip_range_write(&entry->addresses->ranges[bit - FIRST_ADDRESS], out->item);
        return true;
    }
    if (!entry->groups || bit - FIRST_GROUP >= entry->groups->count)
        return false;
    out->kind = USED_GROUP;
    snprintf(out->item, sizeof(out->item), "%lld",
             (long long)entry->groups->ids[bit - FIRST_GROUP]);
    return true;
}

static void
add_item(struct used_list *list, const struct token_used *item)
{
    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 64;
        list->items = mem_resize(list->items, list->room * sizeof(list->items[0]));
    }
    list->items[list->count++] = *item;
}

void
used_take(struct used_list *list, const struct keyring_entry *entry, int64_t day)
{
    struct keyring_used *used = atomic_load(&entry->use->used);
    struct token_used item = {0};

    if (!used)
        return;
    memcpy(item.token_id, entry->bytes, entry->id_len);
    item.day = used->day != 0 ? used->day : day;
    for (size_t i = 0; i < USED_WORDS; i++) {
        uint64_t fresh = atomic_load(&used->bits[i]) & ~atomic_load(&used->told[i]);
        atomic_fetch_or(&used->told[i], fresh);
        for (; fresh != 0; fresh &= fresh - 1) {
            if (fill_item(entry, i * 64 + (size_t)__builtin_ctzll(fresh), &item))
                add_item(list, &item);
        }
        if (used->day != day) { /* a day has begun: all is used anew */
            atomic_store(&used->bits[i], 0);
            atomic_store(&used->told[i], 0);
        }
    }
    used->day = day;
}

void
used_put_back(const struct keyring_entry *entry)
{
    struct keyring_used *used = atomic_load(&entry->use->used);

    for (size_t i = 0; used && i < USED_WORDS; i++)
        atomic_store(&used->told[i], 0);
}

enum status
used_write(struct store *store, const struct used_list *list)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < list->count; i++)
        status = store_token_used_add(store, &list->items[i]);
    return status;
}

void
used_free(struct keyring_use *use)
{
    struct keyring_used *used = atomic_load(&use->used);

    mem_free(&used);
}
