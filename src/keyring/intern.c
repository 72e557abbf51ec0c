/* SPDX-License-Identifier: Apache-2.0
 *
 * A chained hash table of counted blocks. */
#include "keyring/intern.h"

#include "base/hash.h"
#include "base/mem.h"

#include <assert.h>

enum { INTERN_FIRST_ROOM = 64 };

struct interned {
    struct interned *next;
    uint64_t hash;
    size_t len;
    size_t use_count;
    uint64_t bytes[]; /* 64-bit words: aligned for what is laid over them */
};

void
intern_done(struct intern *intern)
{
    for (size_t i = 0; i < intern->room; i++) {
        while (intern->heads[i]) {
            struct interned *gone = intern->heads[i];
            intern->heads[i] = gone->next;
            mem_free(&gone);
        }
    }
    mem_free(&intern->heads);
    *intern = (struct intern){0};
}

static void
grow(struct intern *intern)
{
    size_t room = intern->room ? intern->room * 2 : INTERN_FIRST_ROOM;
    struct interned **heads = mem_new_array(room, sizeof(struct interned *));

    for (size_t i = 0; i < intern->room; i++) {
        while (intern->heads[i]) {
            struct interned *moved = intern->heads[i];
            intern->heads[i] = moved->next;
            moved->next = heads[moved->hash & (room - 1)];
            heads[moved->hash & (room - 1)] = moved;
        }
    }
    mem_free(&intern->heads);
    intern->heads = heads;
    intern->room = room;
}

const void *
intern_take(struct intern *intern, struct slice bytes)
{
    uint64_t hash = hash_keyed(bytes);

    if (intern->count >= intern->room)
        grow(intern);

    struct interned **head = &intern->heads[hash & (intern->room - 1)];
    for (struct interned *old = *head; old; old = old->next) {
        if (old->hash == hash &&
            slice_equal((struct slice){(unsigned char *)old->bytes, old->len}, bytes)) {
            old->use_count++;
            return old->bytes;
        }
    }
    struct interned *added = mem_new(sizeof(*added) + (bytes.len + 7) / 8 * 8);
    added->next = *head;
    added->hash = hash;
    added->len = bytes.len;
    added->use_count = 1;
    memcpy(added->bytes, bytes.at, bytes.len);
    *head = added;
    intern->count++;
    return added->bytes;
}

void
intern_give_back(struct intern *intern, const void *bytes)
{
    if (!bytes)
        return;

    uintptr_t at = (uintptr_t)bytes - offsetof(struct interned, bytes);
    struct interned *block = (struct interned *)at;
    assert(block->use_count > 0);
    if (--block->use_count > 0)
        return;

    struct interned **link = &intern->heads[block->hash & (intern->room - 1)];
    while (*link != block)
        link = &(*link)->next;
    *link = block->next;
    intern->count--;
    mem_free(&block);
}
