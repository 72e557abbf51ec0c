/* SPDX-License-Identifier: Apache-2.0
 *
 * Merkle trees. Everything is built from one observation: leaves `from` … `to` - 1, when
 * `from` is a multiple of a power of two that is at least to - from, are perfect subtrees
 * of the sizes that the bits of to - from name, the largest first. The plain context
 * calls of OpenSSL are used as in sha256.c, for the same reasons. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/merkle.h"

#include <assert.h>
#include <openssl/sha.h>

static void
hash_parts(uint8_t mark, struct slice a, struct slice b, struct merkle_hash *out)
{
    SHA256_CTX state;
    int done = SHA256_Init(&state);

    done &= SHA256_Update(&state, &mark, 1);
    if (a.len > 0)
        done &= SHA256_Update(&state, a.at, a.len);
    if (b.len > 0)
        done &= SHA256_Update(&state, b.at, b.len);
    done &= SHA256_Final(out->at, &state);
    assert(done == 1);
}

static struct slice
bytes_of(const struct merkle_hash *hash)
{
    return (struct slice){hash->at, sizeof(hash->at)};
}

void
merkle_leaf(struct slice bytes, struct merkle_hash *out)
{
    hash_parts(0, bytes, (struct slice){0}, out);
}

void
merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
            struct merkle_hash *out)
{
    hash_parts(1, bytes_of(left), bytes_of(right), out);
}

void
merkle_perfect(const struct merkle_hash *hashes, size_t count, struct merkle_hash *out)
{
    struct merkle_hash row[MERKLE_TILE_COUNT];

    assert(count > 0 && count <= MERKLE_TILE_COUNT && (count & (count - 1)) == 0);
    for (size_t i = 0; i < count; i++)
        row[i] = hashes[i];
    for (; count > 1; count /= 2) {
        for (size_t i = 0; i < count / 2; i++)
            merkle_node(&row[2 * i], &row[2 * i + 1], &row[i]);
    }
    *out = row[0];
}

/* One subtree for each bit of the size that is set. */
static size_t
subtree_count(uint64_t size)
{
    return (size_t)__builtin_popcountll(size);
}

void
merkle_add(struct merkle_range *range, const struct merkle_hash *leaf)
{
    struct merkle_hash hash = *leaf;
    size_t count = subtree_count(range->size);

    /* as adding one to a number: a subtree joins one of its own size, and carries */
    for (uint64_t bits = range->size; bits & 1; bits >>= 1)
        merkle_node(&range->at[--count], &hash, &hash);
    assert(count < MERKLE_LEVEL_MAX);
    range->at[count] = hash;
    range->size++;
}

void
merkle_root(const struct merkle_range *range, struct merkle_hash *out)
{
    size_t count = subtree_count(range->size);

    if (count == 0) {
        SHA256(NULL, 0, out->at);
        return;
    }
    *out = range->at[--count];
    while (count > 0)
        merkle_node(&range->at[--count], out, out);
}

/* The largest power of two below `size`; size > 1. */
static uint64_t
split_of(uint64_t size)
{
    return UINT64_C(1) << (63 - __builtin_clzll(size - 1));
}

/* MTH(D[from:to]) for a part as described at the top. */
static enum status
hash_part(uint64_t from, uint64_t to, merkle_find *find, void *ctx,
          struct merkle_hash *out)
{
    uint64_t size = to - from;
    struct merkle_hash hash;
    bool is_first = true;

    assert(size > 0);
    for (unsigned level = 0; level < MERKLE_LEVEL_MAX; level++) {
        if (!(size >> level & 1))
            continue;
        to -= UINT64_C(1) << level;
        enum status status = find(ctx, level, to >> level, &hash);
        if (status != STATUS_OK)
            return status;
        if (is_first)
            *out = hash;
        else
            merkle_node(&hash, out, out);
        is_first = false;
    }
    return STATUS_OK;
}

enum status
merkle_root_at(uint64_t size, merkle_find *find, void *ctx, struct merkle_hash *out)
{
    if (size > 0)
        return hash_part(0, size, find, ctx, out);
    SHA256(NULL, 0, out->at);
    return STATUS_OK;
}

/* The way down from the root gives the proof from its end; it is turned round. */
static void
turn_round(struct merkle_proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        struct merkle_hash kept = proof->at[i];
        proof->at[i] = proof->at[proof->count - 1 - i];
        proof->at[proof->count - 1 - i] = kept;
    }
}

enum status
merkle_prove(uint64_t index, uint64_t size, merkle_find *find, void *ctx,
             struct merkle_proof *out)
{
    uint64_t from = 0;
    uint64_t to = size;
    enum status status = STATUS_OK;

    assert(index < size);
    out->count = 0;
    while (status == STATUS_OK && to - from > 1) {
        uint64_t split = from + split_of(to - from);
        struct merkle_hash *other = &out->at[out->count++];
        if (index < split) {
            status = hash_part(split, to, find, ctx, other);
            to = split;
        } else {
            status = hash_part(from, split, find, ctx, other);
            from = split;
        }
    }
    turn_round(out);
    return status;
}

bool
merkle_is_in(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
             const struct merkle_proof *proof, const struct merkle_hash *root)
{
    uint64_t at = index;
    uint64_t last = size - 1;
    struct merkle_hash hash = *leaf;

    if (index >= size)
        return false;
    for (size_t i = 0; i < proof->count; i++) {
        if (last == 0)
            return false;
        if ((at & 1) || at == last) {
            merkle_node(&proof->at[i], &hash, &hash);
            while (!(at & 1) && at != 0) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            merkle_node(&hash, &proof->at[i], &hash);
        }
        at >>= 1;
        last >>= 1;
    }
    return last == 0 && merkle_equal(&hash, root);
}
