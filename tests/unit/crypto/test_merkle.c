/* SPDX-License-Identifier: Apache-2.0
 *
 * The tree is RFC 6962's: held against a naive one that follows the RFC's recursive
 * definitions word by word, and against published roots. */
#include "base/auto.h"
#include "crypto/merkle.h"
#include "crypto/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { LEAVES = 300 };

static struct merkle_hash leaves[LEAVES];

static int
make_leaves(void **state)
{
    (void)state;
    for (int i = 0; i < LEAVES; i++) {
        char text[16];
        snprintf(text, sizeof(text), "leaf %d", i);
        merkle_leaf(slice_of(text), &leaves[i]);
    }
    return 0;
}

/* MTH of RFC 6962 §2.1. */
static struct merkle_hash
naive_root(size_t from, size_t to)
{
    struct merkle_hash out;
    size_t split = 1;

    if (to - from == 1)
        return leaves[from];
    while (split * 2 < to - from)
        split *= 2;
    struct merkle_hash left = naive_root(from, from + split);
    struct merkle_hash right = naive_root(from + split, to);
    merkle_node(&left, &right, &out);
    return out;
}

static enum status
find(void *ctx, unsigned level, uint64_t index, struct merkle_hash *out)
{
    size_t *limit = ctx;
    size_t from = (size_t)index << level;
    size_t to = from + ((size_t)1 << level);

    assert_true(to <= *limit); /* nothing is asked for that is not there yet */
    *out = naive_root(from, to);
    return STATUS_OK;
}

/* Roots that the Certificate Transparency project publishes for its test data. */
static void
test_roots_are_those_of_certificate_transparency(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } INPUTS[] = {
        {"", 0},
        {"\x00", 1},
        {"\x10", 1},
        {"\x20\x21", 2},
        {"\x30\x31", 2},
        {"\x40\x41\x42\x43", 4},
        {"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
        {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16}};
    static const char *const ROOTS[] = {
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    struct merkle_range range = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(INPUTS); i++) {
        struct merkle_hash leaf, root;
        char text[65] = "";
        merkle_leaf((struct slice){(const unsigned char *)INPUTS[i].bytes, INPUTS[i].len},
                    &leaf);
        merkle_add(&range, &leaf);
        merkle_root(&range, &root);
        for (int b = 0; b < 32; b++)
            snprintf(text + 2 * b, 3, "%02x", root.at[b]);
        assert_string_equal(text, ROOTS[i]);
    }
}

static void
test_empty_tree_has_the_hash_of_nothing(void **state)
{
    struct merkle_range range = {0};
    struct merkle_hash root;
    uint8_t nothing[SHA256_BYTES];

    (void)state;
    merkle_root(&range, &root);
    sha256((struct slice){0}, nothing);
    assert_memory_equal(root.at, nothing, sizeof(nothing));
}

static void
test_every_size_has_the_root_that_the_definition_gives(void **state)
{
    struct merkle_range range = {0};

    (void)state;
    for (size_t size = 1; size <= LEAVES; size++) {
        struct merkle_hash grown, asked, wanted = naive_root(0, size);
        merkle_add(&range, &leaves[size - 1]);
        merkle_root(&range, &grown);
        assert_true(merkle_equal(&grown, &wanted));
        assert_int_equal(merkle_root_at(size, find, &size, &asked), STATUS_OK);
        assert_true(merkle_equal(&asked, &wanted));
    }
}

static void
test_leaf_is_proved_and_its_neighbour_is_not(void **state)
{
    (void)state;
    for (size_t size = 1; size <= 70; size++) {
        struct merkle_hash root = naive_root(0, size);
        for (size_t i = 0; i < size; i++) {
            struct merkle_proof proof;
            assert_int_equal(merkle_prove(i, size, find, &size, &proof), STATUS_OK);
            assert_true(merkle_is_in(&leaves[i], i, size, &proof, &root));
            assert_false(merkle_is_in(&leaves[i + 1], i, size, &proof, &root));
            if (i + 1 < size)
                assert_false(merkle_is_in(&leaves[i], i + 1, size, &proof, &root));
            assert_false(merkle_is_in(&leaves[i], size, size, &proof, &root));
            if (proof.count == 0)
                continue;
            proof.at[i % proof.count].at[i % 32] ^= 1;
            assert_false(merkle_is_in(&leaves[i], i, size, &proof, &root));
            proof.at[i % proof.count].at[i % 32] ^= 1;
            proof.count--;
            assert_false(merkle_is_in(&leaves[i], i, size, &proof, &root));
            proof.count += 2;
            proof.at[proof.count - 1] = root;
            assert_false(merkle_is_in(&leaves[i], i, size, &proof, &root));
        }
    }
}

/* A node's two hashes are 64 bytes: as the bytes of a leaf they give another hash. */
static void
test_node_is_no_leaf(void **state)
{
    struct merkle_hash node, leaf, both[2] = {leaves[0], leaves[1]};

    (void)state;
    merkle_node(&leaves[0], &leaves[1], &node);
    merkle_leaf((struct slice){both[0].at, sizeof(both)}, &leaf);
    assert_false(merkle_equal(&node, &leaf));
}

static void
test_tile_has_the_root_of_its_hashes(void **state)
{
    (void)state;
    for (size_t count = 1; count <= MERKLE_TILE_COUNT; count *= 2) {
        struct merkle_hash root, wanted = naive_root(0, count);
        merkle_perfect(leaves, count, &root);
        assert_true(merkle_equal(&root, &wanted));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roots_are_those_of_certificate_transparency),
        cmocka_unit_test(test_empty_tree_has_the_hash_of_nothing),
        cmocka_unit_test(test_every_size_has_the_root_that_the_definition_gives),
        cmocka_unit_test(test_leaf_is_proved_and_its_neighbour_is_not),
        cmocka_unit_test(test_node_is_no_leaf),
        cmocka_unit_test(test_tile_has_the_root_of_its_hashes),
    };

    return cmocka_run_group_tests(tests, make_leaves, NULL);
}
