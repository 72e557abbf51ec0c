/* SPDX-License-Identifier: Apache-2.0
 *
 * Merkle trees after RFC 6962 §2.1 (SHA-256; leaves and nodes hashed under different
 * first bytes, so that one can never be taken for the other): roots, proofs that a leaf
 * is in a tree, proofs that one tree begins like another. Knows no events. */
#ifndef CRYPTO_MERKLE_H
#define CRYPTO_MERKLE_H

#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MERKLE_HASH_BYTES = 32,
    MERKLE_LEVEL_MAX = 48, /* 2^48 leaves are more than anybody will have */
    /* Hashes are kept in tiles of 256: level 0 holds leaves, level 1 the roots of tiles
     * of level 0, and so on. */
    MERKLE_TILE_LEVELS = 8,
    MERKLE_TILE_COUNT = 256,
};

struct merkle_hash {
    uint8_t at[MERKLE_HASH_BYTES];
};

static inline bool
merkle_equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
    return __builtin_memcmp(a->at, b->at, MERKLE_HASH_BYTES) == 0; /* public */
}

void merkle_leaf(struct slice bytes, struct merkle_hash *out); /* SHA-256(0 ‖ bytes) */
void merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
                 struct merkle_hash *out); /* SHA-256(1 ‖ left ‖ right) */
/* The root over 2^n hashes, n = 0 … 8; `count` is that power. */
void merkle_perfect(const struct merkle_hash *hashes, size_t count,
                    struct merkle_hash *out);

/* A tree that grows at its end: its perfect subtrees, the largest first. Zeroed = the
 * empty tree. */
struct merkle_range {
    uint64_t size; /* leaves */
    struct merkle_hash at[MERKLE_LEVEL_MAX];
};

void merkle_add(struct merkle_range *range, const struct merkle_hash *leaf);
/* Of the empty tree: SHA-256 of nothing. */
void merkle_root(const struct merkle_range *range, struct merkle_hash *out);

/* Hashes on the way from somewhere to the root. */
struct merkle_proof {
    size_t count;
    struct merkle_hash at[2 * MERKLE_LEVEL_MAX];
};

/* Where hashes are looked up: that of the perfect subtree over the leaves
 * index × 2^level … (index + 1) × 2^level - 1. */
typedef enum status merkle_find(void *ctx, unsigned level, uint64_t index,
                                struct merkle_hash *out);

/* PATH(index, D[size]), RFC 6962 §2.1.1; index < size. A bad status of `find` is given
 * on. */
MUST_CHECK enum status merkle_prove(uint64_t index, uint64_t size, merkle_find *find,
                                    void *ctx, struct merkle_proof *out);
/* The root over the first `size` leaves. */
MUST_CHECK enum status merkle_root_at(uint64_t size, merkle_find *find, void *ctx,
                                      struct merkle_hash *out);

/* Is `leaf` the one at `index` of the tree with this size and root? RFC 9162 §2.1.3.2. */
bool merkle_is_in(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
                  const struct merkle_proof *proof, const struct merkle_hash *root);

#endif
