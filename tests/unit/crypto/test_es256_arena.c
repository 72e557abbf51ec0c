/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables are kept whole, each in its own place, and cannot be written to. */
#include "support.h"

#include "base/mem.h"
#include "base/random.h"
#include "crypto/es256_arena.h"

#include <stdio.h>

enum { MANY = 130 }; /* more than two blocks */

/* What the kernel says of the page at `at`: "r--p", "rw-p". */
static void
protection_of(const void *at, char out[5])
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512], found[5] = "?";
    uintptr_t from, to;

    assert_non_null(maps);
    out[0] = '\0';
    while (fgets(line, sizeof(line), maps)) {
        if (sscanf(line, "%lx-%lx %4s", &from, &to, found) == 3 &&
            (uintptr_t)at >= from && (uintptr_t)at < to)
            memcpy(out, found, sizeof(found));
    }
    fclose(maps);
}

static void
check_read_only(const struct table_point *points)
{
    char protection[5];

    protection_of(points, protection);
    assert_string_equal(protection, "r--p");
    protection_of((const uint8_t *)points + ES256_TABLE_BYTES - 1, protection);
    assert_string_equal(protection, "r--p");
}

/* A table like no other. */
static uint8_t *
make_points(uint8_t seed)
{
    uint8_t *points = mem_new(ES256_TABLE_BYTES);

    for (size_t i = 0; i < ES256_TABLE_BYTES; i++)
        points[i] = (uint8_t)(i * 31 + seed);
    return points;
}

static void
test_tables_are_copied_whole_and_read_only(void **state)
{
    struct es256_arena *arena = es256_arena_new();
    const struct table_point *at[MANY];

    (void)state;
    for (int i = 0; i < MANY; i++) {
        uint8_t *points = make_points((uint8_t)i);
        at[i] = es256_arena_put(arena, (const struct table_point *)(const void *)points);
        assert_non_null(at[i]);
        assert_int_equal((uintptr_t)at[i] % 64, 0);
        mem_free(&points);
    }
    for (int i = 0; i < MANY; i++) { /* none was touched by a later one */
        uint8_t *points = make_points((uint8_t)i);
        assert_memory_equal(at[i], points, ES256_TABLE_BYTES);
        check_read_only(at[i]);
        mem_free(&points);
    }
    for (int i = 0; i < MANY; i++)
        es256_arena_remove(arena, at[i]);
    es256_arena_free(&arena);
    assert_null(arena);
}

static void
test_the_place_of_a_table_that_has_gone_is_used_again(void **state)
{
    struct es256_arena *arena = es256_arena_new();
    uint8_t *first = make_points(1);
    uint8_t *other = make_points(2);
    const struct table_point *a =
        es256_arena_put(arena, (const struct table_point *)(const void *)first);
    const struct table_point *b =
        es256_arena_put(arena, (const struct table_point *)(const void *)first);

    (void)state;
    assert_ptr_not_equal(a, b);
    es256_arena_remove(arena, a);
    const struct table_point *c =
        es256_arena_put(arena, (const struct table_point *)(const void *)other);
    assert_ptr_equal(c, a);
    assert_memory_equal(c, other, ES256_TABLE_BYTES);
    assert_memory_equal(b, first, ES256_TABLE_BYTES);
    check_read_only(c);
    es256_arena_remove(arena, b);
    es256_arena_remove(arena, c);
    es256_arena_free(&arena);
    mem_free(&first);
    mem_free(&other);
}

static void
test_pages_begin_where_a_large_page_does(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) { /* they stay: the kernel shall find other places */
        void *at = es256_pages_take(ARENA_HUGE_PAGE);
        assert_non_null(at);
        assert_int_equal((uintptr_t)at % ARENA_HUGE_PAGE, 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_are_copied_whole_and_read_only),
        cmocka_unit_test(test_the_place_of_a_table_that_has_gone_is_used_again),
        cmocka_unit_test(test_pages_begin_where_a_large_page_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
