/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys that are used get tables, within their memory; answers are OpenSSL's, sampled, and
 * a single difference ends the use of tables. */
#include "support.h"

#include "crypto/sha256.h"
#include "keyring/key_tables.h"

#include <pthread.h>
#include <stdio.h>

/* A key pair, one right and one wrong signature. */
struct signer {
    struct es256_key *key;
    uint8_t point[PUBLIC_KEY_BYTES], digest[32], other_digest[32], signature[64];
};

static void
signer_open(struct signer *s)
{
    struct es256_private *private = NULL;

    OK(es256_private_make(&private));
    es256_private_point(private, s->point);
    OK(es256_key_new(s->point, &s->key));
    OK(es256_sign(private, SLICE("message"), s->signature));
    sha256(SLICE("message"), s->digest);
    sha256(SLICE("messagf"), s->other_digest);
    es256_private_free(&private);
}

/* The right one fits, the wrong one does not; whichever level answers. */
static void
use(struct key_tables *tables, struct key_tables_turn *turn, const struct signer *s,
    uint64_t serial, int64_t now_s, int times)
{
    struct key_in_use in_use = {serial, {s->point, sizeof(s->point)}, s->key, now_s};
    struct slice signature = {s->signature, sizeof(s->signature)};
    bool fits = false;

    for (int i = 0; i < times; i++) {
        keyring_enter();
        OK(key_tables_verify(tables, turn, &in_use, s->digest, signature, &fits));
        assert_true(fits);
        OK(key_tables_verify(tables, turn, &in_use, s->other_digest, signature, &fits));
        assert_false(fits);
        keyring_leave();
    }
}

static struct key_tables *
open_tables(enum es256_level level, size_t count)
{
    struct key_tables *tables = NULL;

    OK(key_tables_open(level, count * ES256_TABLE_BYTES, &tables, NULL));
    return tables;
}

static void
test_key_gets_a_table_after_ten_uses_and_not_before(void **state)
{
    struct key_tables *tables = open_tables(es256_level_best(), 8);
    struct key_tables_turn turn = {0};
    struct signer s;

    (void)state;
    keyring_thread_in();
    signer_open(&s);
    use(tables, &turn, &s, 1, 100, 4); /* eight verifications */
    key_tables_settle(tables);
    assert_int_equal(key_tables_figures(tables).table_count, 0);
    use(tables, &turn, &s, 1, 100, 1); /* the ninth and the tenth */
    key_tables_settle(tables);
    assert_int_equal(key_tables_figures(tables).table_count, 1);
    assert_int_equal(key_tables_figures(tables).bytes, ES256_TABLE_BYTES);
    assert_int_equal(turn.answer_count, 0); /* up to here OpenSSL has answered */
    use(tables, &turn, &s, 1, 100, 5);
    assert_int_equal(turn.answer_count, 10); /* and from here the table */
    es256_key_free(&s.key);
    keyring_thread_out();
    key_tables_close(&tables);
}

static void
test_each_level_can_be_forced_and_one_that_is_not_there_is_refused(void **state)
{
    (void)state;
    keyring_thread_in();
    for (int level = ES256_LEVEL_OPENSSL; level <= (int)es256_level_best(); level++) {
        struct key_tables *tables = open_tables((enum es256_level)level, 8);
        struct key_tables_turn turn = {0};
        struct signer s;
        signer_open(&s);
        use(tables, &turn, &s, 7, 100, 6);
        key_tables_settle(tables);
        use(tables, &turn, &s, 7, 100, 6);
        assert_int_equal(key_tables_figures(tables).level, level);
        assert_int_equal(key_tables_figures(tables).table_count,
                         level != ES256_LEVEL_OPENSSL);
        es256_key_free(&s.key);
        key_tables_close(&tables);
    }
    if (es256_level_best() != ES256_LEVEL_LANES) {
        struct key_tables *none = NULL;
        struct failure failure = {0};
        assert_int_equal(key_tables_open(ES256_LEVEL_LANES, 1 << 20, &none, &failure),
                         STATUS_REFUSED);
        assert_non_null(strstr(failure.text, "this processor can do table at most"));
    }
    keyring_thread_out();
}

static void
test_without_memory_there_are_no_tables(void **state)
{
    struct key_tables *tables = open_tables(es256_level_best(), 7);
    struct key_tables_turn turn = {0};
    struct signer s;

    (void)state;
    keyring_thread_in();
    signer_open(&s);
    use(tables, &turn, &s, 1, 100, 20);
    key_tables_settle(tables);
    assert_int_equal(key_tables_figures(tables).table_count, 0);
    assert_int_equal(key_tables_figures(tables).level, ES256_LEVEL_OPENSSL);
    es256_key_free(&s.key);
    keyring_thread_out();
    key_tables_close(&tables);
}

static void
test_the_key_used_longest_ago_makes_room(void **state)
{
    enum { KEYS = 9 };
    struct key_tables *tables = open_tables(es256_level_best(), 8);
    struct key_tables_turn turn = {0};
    struct signer signers[KEYS];

    (void)state;
    keyring_thread_in();
    for (int i = 0; i < KEYS; i++)
        signer_open(&signers[i]);
    for (int i = 0; i < 8; i++) {
        use(tables, &turn, &signers[i], 1 + (uint64_t)i, 100, 5);
        key_tables_settle(tables);
    }
    for (int i = 0; i < 8; i++) /* key 4 is used first, all others after it */
        use(tables, &turn, &signers[i], 1 + (uint64_t)i, i == 3 ? 200 : 300, 1);
    assert_int_equal(key_tables_figures(tables).table_count, 8);
    use(tables, &turn, &signers[8], 9, 400, 5);
    key_tables_settle(tables);
    assert_int_equal(key_tables_figures(tables).table_count, 8);
    assert_int_equal(key_tables_figures(tables).built_total, 9);
    turn.answer_count = 0;
    use(tables, &turn, &signers[3], 4, 401, 1); /* OpenSSL again */
    assert_int_equal(turn.answer_count, 0);
    for (int i = 0; i < KEYS; i++) {
        turn.answer_count = 0;
        if (i != 3)
            use(tables, &turn, &signers[i], 1 + (uint64_t)i, 402, 1);
        assert_int_equal(turn.answer_count, i == 3 ? 0 : 2);
    }
    for (int i = 0; i < KEYS; i++)
        es256_key_free(&signers[i].key);
    keyring_thread_out();
    key_tables_close(&tables);
}

static void
test_one_answer_in_a_thousand_is_checked_yes_and_no(void **state)
{
    struct key_tables *tables = open_tables(es256_level_best(), 8);
    struct key_tables_turn turn = {0};
    struct signer s;

    (void)state;
    keyring_thread_in();
    signer_open(&s);
    use(tables, &turn, &s, 1, 100, 5);
    key_tables_settle(tables);
    use(tables, &turn, &s, 1, 100, 499);
    key_tables_settle(tables);
    assert_int_equal(key_tables_figures(tables).sampled_total, 0);
    use(tables, &turn, &s, 1, 100, 1);
    key_tables_settle(tables);
    assert_int_equal(key_tables_figures(tables).sampled_total, 1);
    turn.answer_count++; /* so that a yes is the next one that is checked */
    use(tables, &turn, &s, 1, 100, 500);
    key_tables_settle(tables);
    assert_int_equal(key_tables_figures(tables).sampled_total, 2);
    assert_int_equal(key_tables_figures(tables).difference_total, 0);
    es256_key_free(&s.key);
    keyring_thread_out();
    key_tables_close(&tables);
}

/* Whoever lets a table answer for another key is found out by the first sample. */
static void
test_a_difference_ends_the_use_of_tables(void **state)
{
    struct key_tables *tables = open_tables(es256_level_best(), 8);
    struct key_tables_turn turn = {0};
    struct signer s, other;

    (void)state;
    keyring_thread_in();
    signer_open(&s);
    signer_open(&other);
    use(tables, &turn, &s, 1, 100, 5);
    key_tables_settle(tables);
    /* the other key under the same serial: the table says yes to a signature of `s` */
    struct key_in_use mixed = {1, {other.point, sizeof(other.point)}, other.key, 100};
    struct slice signature = {s.signature, sizeof(s.signature)};
    bool fits = false;
    turn.answer_count = KEY_TABLES_SAMPLE_EVERY - 1;
    keyring_enter();
    OK(key_tables_verify(tables, &turn, &mixed, s.digest, signature, &fits));
    keyring_leave();
    assert_true(fits);
    key_tables_settle(tables);
    assert_int_equal(key_tables_figures(tables).difference_total, 1);
    assert_int_equal(key_tables_figures(tables).level, ES256_LEVEL_OPENSSL);
    keyring_enter();
    OK(key_tables_verify(tables, &turn, &mixed, s.digest, signature, &fits));
    keyring_leave();
    assert_false(fits); /* OpenSSL decides from now on */
    use(tables, &turn, &s, 1, 100, 3);
    es256_key_free(&s.key);
    es256_key_free(&other.key);
    keyring_thread_out();
    key_tables_close(&tables);
}

/* Loops that read while tables come and go: under the sanitizers, nothing is freed under
 * them, and every answer is right. */
enum { LOOPS = 3, CROWD = 12, ROUNDS = 40 };

static struct {
    struct key_tables *tables;
    struct signer signers[CROWD];
} crowd;

static void *
loop(void *arg)
{
    struct key_tables_turn turn = {0};
    struct es256_key *own[CROWD];
    unsigned long turns = (unsigned long)(uintptr_t)arg;

    keyring_thread_in();
    for (int i = 0; i < CROWD; i++)
        OK(es256_key_new(crowd.signers[i].point, &own[i]));
    for (unsigned long r = 0; r < ROUNDS; r++) {
        unsigned long i = (r * 7 + turns * 5) % CROWD;
        struct signer s = crowd.signers[i];
        s.key = own[i]; /* a prepared key is one thread's */
        use(crowd.tables, &turn, &s, 1 + i, (int64_t)(100 + r), 6);
    }
    for (int i = 0; i < CROWD; i++)
        es256_key_free(&own[i]);
    keyring_thread_out();
    return NULL;
}

static void
test_tables_come_and_go_under_readers(void **state)
{
    pthread_t threads[LOOPS];

    (void)state;
    crowd.tables = open_tables(es256_level_best(), 8); /* for twelve keys */
    for (int i = 0; i < CROWD; i++)
        signer_open(&crowd.signers[i]);
    for (int i = 0; i < LOOPS; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, loop, (void *)(uintptr_t)(i + 1)), 0);
    for (int i = 0; i < LOOPS; i++)
        pthread_join(threads[i], NULL);
    key_tables_settle(crowd.tables);
    assert_true(key_tables_figures(crowd.tables).built_total > 8);
    assert_int_equal(key_tables_figures(crowd.tables).difference_total, 0);
    for (int i = 0; i < CROWD; i++)
        es256_key_free(&crowd.signers[i].key);
    key_tables_close(&crowd.tables);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_gets_a_table_after_ten_uses_and_not_before),
        cmocka_unit_test(
            test_each_level_can_be_forced_and_one_that_is_not_there_is_refused),
        cmocka_unit_test(test_without_memory_there_are_no_tables),
        cmocka_unit_test(test_the_key_used_longest_ago_makes_room),
        cmocka_unit_test(test_one_answer_in_a_thousand_is_checked_yes_and_no),
        cmocka_unit_test(test_a_difference_ends_the_use_of_tables),
        cmocka_unit_test(test_tables_come_and_go_under_readers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
