/* SPDX-License-Identifier: Apache-2.0
 *
 * What 100,000 tokens cost: at most 500 bytes each, all told, and one second at the
 * start. The figures are printed; the sanitizers' own memory and time are not held
 * against the limits. */
#include "support.h"

#include <malloc.h>

#if defined(__SANITIZE_ADDRESS__)
enum { COUNT = 10000, IS_MEASURED = 0 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { COUNT = 10000, IS_MEASURED = 0 };
#else
enum { COUNT = 100000, IS_MEASURED = 1 };
#endif
#else
enum { COUNT = 100000, IS_MEASURED = 1 };
#endif

enum { BYTES_MAX = 500, START_MAX_MS = 1000 };

static void
add_many(struct place *place)
{
    OK(store_begin(place->writer));
    for (int i = 0; i < COUNT; i++) {
        char id[UUID_CHARS + 1];
        uuid_make(id);
        struct token token = place_token(place, id);
        snprintf(token.title, sizeof(token.title), "inventory collector no %d", i);
        if (i % 2 == 0) {
            token.alg = ALG_HS256;
            memset(token.public_key, 0, sizeof(token.public_key));
            memset(token.sealed, i, sizeof(token.sealed));
            token.sealed_len = sizeof(token.sealed);
        }
        if (i % 3 == 0) {
            token.address_count = 1;
            OK(ip_range_read(i % 2 ? SLICE("10.0.0.0/8") : SLICE("192.168.0.0/16"),
                             &token.addresses[0], NULL));
        }
        OK(store_token_add(place->writer, &token));
    }
    place_commit(place);
}

static size_t
heap_bytes(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

static void
test_a_hundred_thousand_tokens_are_small_and_quickly_there(void **state)
{
    struct place place;

    (void)state;
    place_open(&place);
    add_many(&place);
    malloc_trim(0);
    size_t before = heap_bytes();
    int64_t start_ms = clock_monotonic_ms();
    place_open_keyring(&place);
    int64_t took_ms = clock_monotonic_ms() - start_ms;
    long long each = (long long)((heap_bytes() - before) / COUNT);

    assert_int_equal(keyring_count(place.keyring), COUNT);
    print_message("keyring: %d tokens, %lld bytes each, read in %lld ms\n", COUNT, each,
                  (long long)took_ms);
    if (IS_MEASURED) {
        assert_true(each <= BYTES_MAX);
        assert_true(took_ms <= START_MAX_MS);
    }
    place_close(&place);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_hundred_thousand_tokens_are_small_and_quickly_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
