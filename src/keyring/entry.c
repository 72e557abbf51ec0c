/* SPDX-License-Identifier: Apache-2.0
 *
 * Entries: how a token lies in memory, how it gets into the table and out of it.
 *
 * The table is liburcu's cds_lfht, with the memory-barrier flavour (urcu.h is urcu-memb):
 * its readers pay neither an atomic instruction nor a barrier, because the writer asks
 * the kernel (membarrier) to order them; and, other than with QSBR, a reader that sleeps
 * in epoll_wait needs not report that it holds nothing. The price is paid by the writer,
 * who waits for readers once a batch. */
#include "keyring/inside.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <assert.h>

/* Freed together, so that the writer waits for readers once for so many. */
enum { RETIRED_ENTRY_MAX_COUNT = 4096 };

enum { LIST_MAX_BYTES = TOKEN_ADDRESS_MAX_COUNT * sizeof(struct ip_range) };

_Static_assert(LIST_MAX_BYTES % sizeof(uint64_t) == 0 &&
                   LIST_MAX_BYTES >= TOKEN_GROUP_MAX_COUNT * sizeof(int64_t),
               "both lists fit");
_Static_assert(offsetof(struct keyring_groups, ids) == sizeof(uint64_t) &&
                   offsetof(struct address_list, ranges) == sizeof(uint64_t),
               "a list is its count and what it counts");

static const struct keyring_groups NO_GROUPS = {0};

struct slice
keyring_entry_id(const struct keyring_entry *entry)
{
    return (struct slice){entry->bytes, entry->id_len};
}

enum alg
keyring_entry_alg(const struct keyring_entry *entry)
{
    return (enum alg)entry->alg;
}

int64_t
keyring_entry_expires_at_s(const struct keyring_entry *entry)
{
    return entry->expires_at_s;
}

bool
keyring_entry_is_suspended(const struct keyring_entry *entry)
{
    return entry->is_suspended;
}

bool
keyring_entry_is_canary(const struct keyring_entry *entry)
{
    return entry->is_canary;
}

const struct permission_set *
keyring_entry_permissions(const struct keyring_entry *entry)
{
    return entry->permissions;
}

const struct keyring_owner *
keyring_entry_owner(const struct keyring_entry *entry)
{
    return atomic_load_explicit(&entry->owner->record, memory_order_acquire);
}

const struct keyring_groups *
keyring_entry_groups(const struct keyring_entry *entry)
{
    return entry->groups ? entry->groups : &NO_GROUPS;
}

const struct ip_range *
keyring_entry_addresses(const struct keyring_entry *entry, size_t *out_count)
{
    *out_count = entry->addresses ? entry->addresses->count : 0;
    return entry->addresses ? entry->addresses->ranges : NULL;
}

struct slice
keyring_entry_key_material(const struct keyring_entry *entry)
{
    return (struct slice){entry->bytes + entry->id_len, entry->key_len};
}

struct slice
keyring_entry_title(const struct keyring_entry *entry)
{
    return (struct slice){entry->bytes + entry->id_len + entry->key_len,
                          entry->title_len};
}

struct slice
keyring_entry_successor(const struct keyring_entry *entry)
{
    return (struct slice){entry->bytes + entry->id_len + entry->key_len +
                              entry->title_len,
                          entry->successor_len};
}

struct keyring_use *
keyring_entry_use(const struct keyring_entry *entry)
{
    return entry->use;
}

uint64_t
keyring_entry_serial(const struct keyring_entry *entry)
{
    return entry->serial;
}

uint64_t
keyring_entry_key_serial(const struct keyring_entry *entry)
{
    return entry->key_serial;
}

static unsigned long
hash_of(struct slice token_id)
{
    return (unsigned long)hash_keyed(token_id);
}

struct keyring_entry *
entry_of(struct cds_lfht_node *node)
{
    return node ? (struct keyring_entry *)((char *)node -
                                           offsetof(struct keyring_entry, node))
                : NULL;
}

static int
is_of_token(struct cds_lfht_node *node, const void *key)
{
    return slice_equal(keyring_entry_id(entry_of(node)), *(const struct slice *)key);
}

static struct keyring_entry *
find(const struct keyring *keyring, struct slice id, unsigned long hash)
{
    struct cds_lfht_iter iter;

    cds_lfht_lookup(keyring->table, hash, is_of_token, &id, &iter);
    return entry_of(cds_lfht_iter_get_node(&iter));
}

const struct keyring_entry *
keyring_find(const struct keyring *keyring, struct slice token_id)
{
    return find(keyring, token_id, hash_of(token_id));
}

static struct slice
key_material(const struct token *token)
{
    switch (token->alg) {
    case ALG_HS256:
        return (struct slice){token->sealed, token->sealed_len};
    case ALG_ES256:
        return (struct slice){token->public_key, PUBLIC_KEY_BYTES};
    case ALG_BEARER:
        return (struct slice){token->bearer_hash, BEARER_HASH_BYTES};
    }
    return (struct slice){NULL, 0};
}

static struct slice
cut_title(const char *title)
{
    struct slice whole = slice_of(title);
    size_t len = 0;

    while (len < whole.len) {
        size_t step = utf8_len(slice_from(whole, len));
        if (step == 0 || len + step > KEYRING_TITLE_BYTES)
            break;
        len += step;
    }
    return slice_head(whole, len);
}

/* A count and what it counts, as both lists lie in memory. */
static const void *
intern_list(struct intern *intern, size_t count, const void *items, size_t item_bytes)
{
    uint64_t list[1 + LIST_MAX_BYTES / sizeof(uint64_t)];
    uint64_t head = count;

    if (count == 0)
        return NULL;
    assert(count * item_bytes <= LIST_MAX_BYTES);
    list[0] = head;
    memcpy(&list[1], items, count * item_bytes);
    return intern_take(
        intern, (struct slice){(unsigned char *)list, sizeof(head) + count * item_bytes});
}

static const struct token_limits *
intern_limits(struct intern *intern, const struct token_limits *limits)
{
    if (token_limits_are_none(limits))
        return NULL;
    return intern_take(intern,
                       (struct slice){(const unsigned char *)limits, sizeof(*limits)});
}

/* Limits that are new, or others than before, are reserved for anew. */
static void
begin_limits(struct keyring *keyring, struct keyring_entry *entry,
             const struct keyring_entry *old)
{
    if (!entry->limits || (old && old->limits == entry->limits))
        return;
    if (!atomic_load(&entry->use->allowance))
        atomic_store(&entry->use->allowance, allowance_new());
    allowance_want(atomic_load(&entry->use->allowance));
    atomic_store(&keyring->is_anyone_short, true);
}

static struct keyring_entry *
entry_new(struct keyring *keyring, const struct token *token,
          const struct owner_slot *owner)
{
    struct slice id = slice_of(token->id);
    struct slice key = key_material(token);
    struct slice title = cut_title(token->title);
    struct slice successor = slice_of(token->replaced_by);
    struct keyring_entry *entry =
        mem_new(sizeof(*entry) + id.len + key.len + title.len + successor.len);

    cds_lfht_node_init(&entry->node);
    entry->owner = owner;
    entry->groups = intern_list(&keyring->interned, token->group_count, token->group_ids,
                                sizeof(token->group_ids[0]));
    entry->addresses = intern_list(&keyring->interned, token->address_count,
                                   token->addresses, sizeof(token->addresses[0]));
    entry->limits = intern_limits(&keyring->interned, &token->limits);
    entry->expires_at_s = token->expires_at_s;
    entry->permissions = intern_take(
        &keyring->interned, (struct slice){(const unsigned char *)&token->permissions,
                                           sizeof(token->permissions)});
    entry->generation = keyring->generation;
    entry->alg = (uint8_t)token->alg;
    entry->is_suspended = token->is_suspended;
    entry->is_canary = token->is_canary;
    entry->id_len = (uint8_t)id.len;
    entry->key_len = (uint16_t)key.len;
    entry->title_len = (uint8_t)title.len;
    entry->successor_len = (uint8_t)successor.len;
    memcpy(entry->bytes, id.at, id.len);
    if (key.len > 0)
        memcpy(entry->bytes + id.len, key.at, key.len);
    memcpy(entry->bytes + id.len + key.len, title.at, title.len);
    memcpy(entry->bytes + id.len + key.len + title.len, successor.at, successor.len);
    return entry;
}

static bool
is_same_key(const struct keyring_entry *a, const struct keyring_entry *b)
{
    return a->alg == b->alg &&
           slice_equal(keyring_entry_key_material(a), keyring_entry_key_material(b));
}

static void
retire_entry(struct keyring *keyring, struct keyring_entry *entry, bool owns_use)
{
    entry->owns_use = owns_use;
    entry->next_retired = keyring->retired_entries;
    keyring->retired_entries = entry;
    keyring->retired_entry_count++;
}

void
entry_put(struct keyring *keyring, const struct token *token,
          const struct owner_slot *owner)
{
    struct keyring_entry *entry = entry_new(keyring, token, owner);
    struct slice id = keyring_entry_id(entry);
    unsigned long hash = hash_of(id);

    if (keyring->retired_entry_count >= RETIRED_ENTRY_MAX_COUNT)
        entry_free_retired(keyring);
    keyring_enter();
    struct keyring_entry *old = find(keyring, id, hash);
    entry->use = old ? old->use : mem_new(sizeof(*entry->use));
    if (old && old->addresses != entry->addresses)
        used_forget_addresses(old->use);
    begin_limits(keyring, entry, old);
    entry->serial = ++keyring->last_serial;
    entry->key_serial = old && is_same_key(old, entry) ? old->key_serial : entry->serial;
    struct cds_lfht_node *replaced =
        cds_lfht_add_replace(keyring->table, hash, is_of_token, &id, &entry->node);
    keyring_leave();
    assert(entry_of(replaced) == old); /* nobody else writes */
    if (old)
        retire_entry(keyring, old, false);
    else
        atomic_fetch_add_explicit(&keyring->count, 1, memory_order_relaxed);
}

static void
take_out(struct keyring *keyring, struct keyring_entry *entry)
{
    int status = cds_lfht_del(keyring->table, &entry->node);

    assert(status == 0); /* nobody else writes */
    (void)status;
    atomic_fetch_sub_explicit(&keyring->count, 1, memory_order_relaxed);
    retire_entry(keyring, entry, true);
}

void
entry_remove(struct keyring *keyring, struct slice token_id)
{
    keyring_enter();
    struct keyring_entry *old = find(keyring, token_id, hash_of(token_id));
    if (old)
        take_out(keyring, old);
    keyring_leave();
}

void
entry_remove_if(struct keyring *keyring,
                bool (*is_gone)(const struct keyring_entry *, int64_t number),
                int64_t number)
{
    struct cds_lfht_iter iter;

    keyring_enter();
    cds_lfht_first(keyring->table, &iter);
    while (cds_lfht_iter_get_node(&iter)) {
        struct keyring_entry *entry = entry_of(cds_lfht_iter_get_node(&iter));
        cds_lfht_next(keyring->table, &iter);
        if (is_gone(entry, number))
            take_out(keyring, entry);
    }
    keyring_leave();
}

static void
free_entry(struct keyring *keyring, struct keyring_entry *entry)
{
    intern_give_back(&keyring->interned, entry->groups);
    intern_give_back(&keyring->interned, entry->addresses);
    intern_give_back(&keyring->interned, entry->limits);
    intern_give_back(&keyring->interned, entry->permissions);
    if (entry->owns_use)
        use_free(&entry->use);
    mem_free(&entry);
}

void
keyring_retire(struct keyring *keyring, struct keyring_retired *retired)
{
    struct keyring_retired *head = atomic_load(&keyring->retired);

    do {
        retired->next = head;
    } while (!atomic_compare_exchange_weak(&keyring->retired, &head, retired));
}

void
entry_free_retired(struct keyring *keyring)
{
    struct keyring_retired *blocks = atomic_exchange(&keyring->retired, NULL);

    if (!blocks && !keyring->retired_entries)
        return;
    synchronize_rcu();
    while (blocks) {
        struct keyring_retired *next = blocks->next;
        blocks->free(blocks);
        blocks = next;
    }
    while (keyring->retired_entries) {
        struct keyring_entry *entry = keyring->retired_entries;
        keyring->retired_entries = entry->next_retired;
        free_entry(keyring, entry);
    }
    keyring->retired_entry_count = 0;
}

static bool
is_any(const struct keyring_entry *entry, int64_t number)
{
    (void)entry;
    (void)number;
    return true;
}

void
entry_free_all(struct keyring *keyring)
{
    entry_remove_if(keyring, is_any, 0);
    entry_free_retired(keyring);
}

void
entry_make_room(struct keyring *keyring, size_t count)
{
    size_t wanted = keyring->bucket_count;

    while (wanted < count)
        wanted *= 2;
    if (wanted == keyring->bucket_count)
        return;
    cds_lfht_resize(keyring->table, wanted);
    keyring->bucket_count = wanted;
}
