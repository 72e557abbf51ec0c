/* SPDX-License-Identifier: Apache-2.0
 *
 * A chained hash table by key serial, and a ring in the order of use. */
#include "keyring/keycache.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/secret.h"
#include "model/records.h"

enum { KEYCACHE_FIRST_ROOM = 64 };

struct cached_key {
    struct cached_key *chain;         /* same head */
    struct cached_key *newer, *older; /* the ring; its head is cache->ring */
    uint64_t serial;
    size_t bytes;
    struct hmac_key *hs256;
    struct es256_key *es256;
};

struct keycache {
    const struct master_key *master_key;
    size_t max_bytes, bytes;
    struct cached_key **heads;
    size_t room, count;
    struct cached_key ring; /* .older is the most recently used, .newer the least */
};

struct keycache *
keycache_new(const struct master_key *master_key, size_t max_bytes)
{
    struct keycache *cache = mem_new(sizeof(*cache));

    cache->master_key = master_key;
    cache->max_bytes = max_bytes;
    cache->room = KEYCACHE_FIRST_ROOM;
    cache->heads = mem_new_array(cache->room, sizeof(struct cached_key *));
    cache->ring.newer = cache->ring.older = &cache->ring;
    return cache;
}

static struct cached_key **
head_of(const struct keycache *cache, uint64_t serial)
{
    return &cache->heads[serial & (cache->room - 1)]; /* serials count up */
}

static void
leave_ring(struct cached_key *key)
{
    key->newer->older = key->older;
    key->older->newer = key->newer;
}

static void
join_ring(struct keycache *cache, struct cached_key *key)
{
    key->newer = &cache->ring;
    key->older = cache->ring.older;
    key->older->newer = key;
    cache->ring.older = key;
}

static void
drop(struct keycache *cache, struct cached_key *key)
{
    struct cached_key **link = head_of(cache, key->serial);

    while (*link != key)
        link = &(*link)->chain;
    *link = key->chain;
    leave_ring(key);
    cache->count--;
    cache->bytes -= key->bytes;
    hmac_key_free(&key->hs256); /* wipes */
    es256_key_free(&key->es256);
    mem_free(&key);
}

void
keycache_free(struct keycache **cache)
{
    if (!*cache)
        return;
    while ((*cache)->ring.older != &(*cache)->ring)
        drop(*cache, (*cache)->ring.older);
    mem_free(&(*cache)->heads);
    mem_free(cache);
}

static void
grow(struct keycache *cache)
{
    struct cached_key **old = cache->heads;
    size_t old_room = cache->room;

    cache->room *= 2;
    cache->heads = mem_new_array(cache->room, sizeof(struct cached_key *));
    for (size_t i = 0; i < old_room; i++) {
        while (old[i]) {
            struct cached_key *moved = old[i];
            old[i] = moved->chain;
            moved->chain = *head_of(cache, moved->serial);
            *head_of(cache, moved->serial) = moved;
        }
    }
    mem_free(&old);
}

static enum status
prepare_hs256(const struct master_key *master_key, const struct keyring_entry *entry,
              struct hmac_key **out)
{
    struct slice sealed = keyring_entry_key_material(entry);
    uint8_t plain[SEALED_MAX_BYTES];

    if (sealed.len <= SEAL_EXTRA_BYTES || sealed.len > SEALED_MAX_BYTES)
        return STATUS_MALFORMED;
    enum status status = seal_open(master_key, keyring_entry_id(entry), sealed, plain);
    if (status == STATUS_OK)
        *out = hmac_key_new((struct slice){plain, sealed.len - SEAL_EXTRA_BYTES});
    secret_wipe(plain, sizeof(plain));
    return status;
}

static enum status
prepare(const struct master_key *master_key, const struct keyring_entry *entry,
        struct cached_key *out)
{
    struct slice material = keyring_entry_key_material(entry);

    out->serial = keyring_entry_key_serial(entry);
    switch (keyring_entry_alg(entry)) {
    case ALG_HS256:
        out->bytes = sizeof(*out) + hmac_key_bytes();
        return prepare_hs256(master_key, entry, &out->hs256);
    case ALG_ES256:
        out->bytes = sizeof(*out) + es256_key_bytes();
        return material.len == PUBLIC_KEY_BYTES ? es256_key_new(material.at, &out->es256)
                                                : STATUS_MALFORMED;
    case ALG_BEARER: /* there is no key to prepare */
        break;
    }
    return STATUS_MALFORMED;
}

static enum status
add(struct keycache *cache, const struct keyring_entry *entry, struct cached_key **out)
{
    struct cached_key fresh = {0};
    enum status status = prepare(cache->master_key, entry, &fresh);

    if (status != STATUS_OK)
        return status;
    while (cache->count > 0 && cache->bytes + fresh.bytes > cache->max_bytes)
        drop(cache, cache->ring.newer);
    if (cache->count >= cache->room)
        grow(cache);

    struct cached_key *key = mem_new(sizeof(*key));
    *key = fresh;
    key->chain = *head_of(cache, key->serial);
    *head_of(cache, key->serial) = key;
    join_ring(cache, key);
    cache->count++;
    cache->bytes += key->bytes;
    *out = key;
    return STATUS_OK;
}

enum status
keycache_get(struct keycache *cache, const struct keyring_entry *entry,
             struct prepared_key *out)
{
    uint64_t serial = keyring_entry_key_serial(entry);
    struct cached_key *key = *head_of(cache, serial);

    while (key && key->serial != serial)
        key = key->chain;
    if (!key) {
        enum status status = add(cache, entry, &key);
        if (status != STATUS_OK)
            return status;
    } else if (cache->ring.older != key) {
        leave_ring(key);
        join_ring(cache, key);
    }
    *out = (struct prepared_key){key->hs256, key->es256};
    return STATUS_OK;
}

size_t
keycache_count(const struct keycache *cache)
{
    return cache->count;
}

size_t
keycache_bytes(const struct keycache *cache)
{
    return cache->bytes;
}
