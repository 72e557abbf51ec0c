/* SPDX-License-Identifier: Apache-2.0
 *
 * Passwords and their hashes. */
#include "support.h"

#include "crypto/password.h"

#include <time.h>

static void
test_a_password_fits_its_own_hash_only(void **state)
{
    char hash[PASSWORD_HASH_CHARS + 1];

    (void)state;
    assert_int_equal(password_hash(SLICE("correct horse battery"), hash), STATUS_OK);
    assert_true(password_fits(SLICE("correct horse battery"), hash));
    assert_false(password_fits(SLICE("correct horse batterz"), hash));
    assert_false(password_fits(SLICE("correct horse batter"), hash));
    assert_false(password_fits(SLICE("correct horse battery "), hash));
    assert_false(password_fits((struct slice){0}, hash));
}

static void
test_the_hash_is_argon2id_with_19_mib_and_two_passes(void **state)
{
    char hash[PASSWORD_HASH_CHARS + 1];
    char again[PASSWORD_HASH_CHARS + 1];

    (void)state;
    assert_int_equal(password_hash(SLICE("p"), hash), STATUS_OK);
    assert_int_equal(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31), 0);
    assert_int_equal(password_hash(SLICE("p"), again), STATUS_OK);
    assert_string_not_equal(hash, again); /* salted */
}

/* What this process has computed so far: another process's load is not in it. */
static int64_t
worked_ns(void)
{
    struct timespec used;

    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used), 0);
    return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

/* A log-in for nobody must not be told by its speed. */
static void
test_an_empty_or_broken_hash_is_nobodys_but_is_worked_on_all_the_same(void **state)
{
    static const char *const NOT_HASHES[] = {"", "x", "$argon2id$v=19$m=19456,t=2,p=1$"};
    char hash[PASSWORD_HASH_CHARS + 1];

    (void)state;
    assert_int_equal(password_hash(SLICE("p"), hash), STATUS_OK);
    int64_t start_ns = worked_ns();
    assert_true(password_fits(SLICE("p"), hash));
    int64_t real_ns = worked_ns() - start_ns;

    for (size_t i = 0; i < sizeof(NOT_HASHES) / sizeof(NOT_HASHES[0]); i++) {
        start_ns = worked_ns();
        assert_false(password_fits(SLICE(""), NOT_HASHES[i]));
        /* without the work it is a 1000th */
        assert_true(worked_ns() - start_ns > real_ns / 20);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_password_fits_its_own_hash_only),
        cmocka_unit_test(test_the_hash_is_argon2id_with_19_mib_and_two_passes),
        cmocka_unit_test(
            test_an_empty_or_broken_hash_is_nobodys_but_is_worked_on_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
