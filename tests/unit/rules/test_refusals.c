/* SPDX-License-Identifier: Apache-2.0
 *
 * The newest refusals of a token are there, bounded, and nobody else's. */
#include "support.h"

#include "rules/refusals.h"

#include <pthread.h>

static struct refusal found[REFUSALS_OF_TOKEN_MAX_COUNT];

static void
add(struct refusals *refusals, const char *token_id, int64_t at_ms)
{
    struct refusal one = {.at_ms = at_ms, .verdict = REFUSED_RATE};

    snprintf(one.token_id, sizeof(one.token_id), "%s", token_id);
    refusals_add(refusals, &one);
}

static void
test_the_newest_fifty_come_newest_first(void **state)
{
    struct refusals *refusals AUTO(refusals_free) = refusals_new();

    (void)state;
    assert_int_equal(refusals_find(refusals, SLICE("a"), found), 0);
    for (int i = 1; i <= 49; i++)
        add(refusals, "a", i);
    assert_int_equal(refusals_find(refusals, SLICE("a"), found), 49);
    for (int i = 50; i <= 1000; i++)
        add(refusals, "a", i);
    assert_int_equal(refusals_find(refusals, SLICE("a"), found), 50);
    for (int i = 0; i < 50; i++)
        assert_int_equal(found[i].at_ms, 1000 - i);
    assert_int_equal(refusals_find(refusals, SLICE("b"), found), 0);
    assert_int_equal(refusals_find(refusals, SLICE(""), found), 0);
}

/* One that is refused all day must not drive out all others. */
static void
test_a_noisy_token_drives_out_few(void **state)
{
    struct refusals *refusals AUTO(refusals_free) = refusals_new();
    int lost = 0;
    char id[16];

    (void)state;
    for (int i = 0; i < 300; i++) {
        snprintf(id, sizeof(id), "token-%d", i);
        add(refusals, id, 7);
    }
    for (int i = 0; i < 10000; i++)
        add(refusals, "noisy", i);
    for (int i = 0; i < 300; i++) {
        snprintf(id, sizeof(id), "token-%d", i);
        lost += refusals_find(refusals, slice_of(id), found) == 0;
    }
    assert_in_range(lost, 0, 30); /* 300 / 128 are expected */
}

static void
test_one_is_found_by_its_request(void **state)
{
    struct refusals *refusals AUTO(refusals_free) = refusals_new();
    struct refusal wanted = {.token_id = "a", .request_id = "R1", .at_ms = 5};
    struct refusal one = {0};

    (void)state;
    assert_int_equal(refusals_by_request(refusals, SLICE("R1"), &one), STATUS_NOT_FOUND);
    add(refusals, "b", 1);
    refusals_add(refusals, &wanted);
    assert_int_equal(refusals_by_request(refusals, SLICE("R1"), &one), STATUS_OK);
    assert_int_equal(one.at_ms, 5);
    assert_int_equal(refusals_by_request(refusals, SLICE("R2"), &one), STATUS_NOT_FOUND);
    assert_int_equal(refusals_by_request(refusals, SLICE(""), &one), STATUS_NOT_FOUND);
    for (int i = 0; i < 64; i++) /* its neighbourhood is as large as that */
        add(refusals, "a", i);
    assert_int_equal(refusals_by_request(refusals, SLICE("R1"), &one), STATUS_NOT_FOUND);
}

static void *
add_many(void *ctx)
{
    for (int i = 0; i < 5000; i++)
        add(ctx, "shared", i);
    return NULL;
}

static void
test_threads_may_add_while_others_read(void **state)
{
    struct refusals *refusals AUTO(refusals_free) = refusals_new();
    pthread_t threads[3];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, refusals), 0);
    for (int i = 0; i < 1000; i++) {
        size_t count = refusals_find(refusals, SLICE("shared"), found);
        for (size_t k = 0; k < count; k++)
            assert_string_equal(found[k].token_id, "shared");
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(refusals_find(refusals, SLICE("shared"), found), 50);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_newest_fifty_come_newest_first),
        cmocka_unit_test(test_a_noisy_token_drives_out_few),
        cmocka_unit_test(test_one_is_found_by_its_request),
        cmocka_unit_test(test_threads_may_add_while_others_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
