/* SPDX-License-Identifier: Apache-2.0
 *
 * The master key file, and what is sealed under it. */
#include "support.h"

#include "base/auto.h"
#include "crypto/seal.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/test-seal-XXXXXX";
static char path[64];
static char other_path[64];
static struct master_key *key, *other;

static int
open_keys(void **state)
{
    struct failure failure = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/a.key", folder);
    snprintf(other_path, sizeof(other_path), "%s/b.key", folder);
    assert_int_equal(master_key_make(path, &failure), STATUS_OK);
    assert_int_equal(master_key_make(other_path, &failure), STATUS_OK);
    assert_int_equal(master_key_open(path, &key, &failure), STATUS_OK);
    assert_int_equal(master_key_open(other_path, &other, &failure), STATUS_OK);
    return 0;
}

static int
close_keys(void **state)
{
    (void)state;
    master_key_close(&key);
    master_key_close(&other);
    assert_null(key);
    master_key_close(&key); /* NULL is accepted */
    unlink(path);
    unlink(other_path);
    return rmdir(folder);
}

static void
test_a_key_file_is_made_once_and_for_its_owner(void **state)
{
    struct stat about;
    struct failure failure = {0};

    (void)state;
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    assert_int_equal(about.st_size, MASTER_KEY_BYTES);
    assert_int_equal(master_key_make(path, &failure), STATUS_CONFLICT);
    assert_non_null(strstr(failure.text, path));
}

static void
test_a_key_file_that_others_may_read_is_refused(void **state)
{
    struct master_key *open = NULL;
    struct failure failure = {0};

    (void)state;
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(master_key_open(path, &open, &failure), STATUS_REFUSED);
    assert_null(open);
    assert_non_null(strstr(failure.text, path));
    assert_int_equal(chmod(path, 0400), 0);
    assert_int_equal(master_key_open(path, &open, &failure), STATUS_OK);
    master_key_close(&open);
    assert_int_equal(chmod(path, 0600), 0);
}

static void
test_a_key_file_has_exactly_32_bytes(void **state)
{
    static const size_t LENGTHS[] = {0, 31, 33, 5000};
    struct master_key *open = NULL;
    char wrong[80];

    (void)state;
    snprintf(wrong, sizeof(wrong), "%s/wrong.key", folder);
    for (size_t i = 0; i < COUNT_OF(LENGTHS); i++) {
        struct failure failure = {0};
        FILE *file = fopen(wrong, "w");
        assert_non_null(file);
        for (size_t n = 0; n < LENGTHS[i]; n++)
            fputc('k', file);
        fclose(file);
        assert_int_equal(chmod(wrong, 0600), 0);
        assert_int_not_equal(master_key_open(wrong, &open, &failure), STATUS_OK);
        assert_non_null(strstr(failure.text, wrong));
        assert_null(open);
    }
    unlink(wrong);
}

static void
test_what_is_sealed_opens_again_for_its_label_only(void **state)
{
    struct slice plain = SLICE("the secret key of a token");
    uint8_t sealed[25 + SEAL_EXTRA_BYTES];
    uint8_t again[25 + SEAL_EXTRA_BYTES];
    uint8_t opened[25];
    struct slice box = {sealed, sizeof(sealed)};

    (void)state;
    seal_close(key, SLICE("token 1"), plain, sealed);
    assert_int_equal(seal_open(key, SLICE("token 1"), box, opened), STATUS_OK);
    assert_memory_equal(opened, plain.at, plain.len);

    assert_int_equal(seal_open(key, SLICE("token 2"), box, opened), STATUS_MALFORMED);
    assert_int_equal(seal_open(key, SLICE(""), box, opened), STATUS_MALFORMED);
    assert_int_equal(seal_open(other, SLICE("token 1"), box, opened), STATUS_MALFORMED);
    for (size_t byte = 0; byte < sizeof(sealed); byte++) {
        sealed[byte] ^= 1;
        assert_int_equal(seal_open(key, SLICE("token 1"), box, opened), STATUS_MALFORMED);
        sealed[byte] ^= 1;
    }
    for (size_t len = 0; len < sizeof(sealed); len++)
        assert_int_equal(
            seal_open(key, SLICE("token 1"), (struct slice){sealed, len}, opened),
            STATUS_MALFORMED);
    assert_int_equal(seal_open(key, SLICE("token 1"), box, opened), STATUS_OK);

    /* the same thing sealed twice does not look the same */
    seal_close(key, SLICE("token 1"), plain, again);
    assert_memory_not_equal(sealed, again, sizeof(sealed));
}

static void
test_nothing_can_be_sealed_too(void **state)
{
    uint8_t sealed[SEAL_EXTRA_BYTES];
    uint8_t nothing[1] = {7};

    (void)state;
    seal_close(key, SLICE("x"), (struct slice){0}, sealed);
    assert_int_equal(
        seal_open(key, SLICE("x"), (struct slice){sealed, sizeof(sealed)}, nothing),
        STATUS_OK);
    assert_int_equal(nothing[0], 7);
}

static void
test_check_and_derived_keys_belong_to_one_key_and_one_use(void **state)
{
    uint8_t a[SEAL_CHECK_BYTES];
    uint8_t b[SEAL_CHECK_BYTES];
    struct master_key *again = NULL;
    struct failure failure = {0};
    struct secret cursor = {0};
    struct secret session = {0};
    struct secret foreign = {0};
    struct secret same = {0};

    (void)state;
    assert_int_equal(master_key_open(path, &again, &failure), STATUS_OK);
    master_key_check(key, a);
    master_key_check(again, b);
    assert_memory_equal(a, b, sizeof(a));
    master_key_check(other, b);
    assert_memory_not_equal(a, b, sizeof(a));

    master_key_derive(key, SLICE("cursor"), &cursor);
    master_key_derive(again, SLICE("cursor"), &same);
    master_key_derive(key, SLICE("session"), &session);
    master_key_derive(other, SLICE("cursor"), &foreign);
    assert_int_equal(cursor.len, 32);
    assert_true(secret_equal(secret_slice(&cursor), secret_slice(&same)));
    assert_false(secret_equal(secret_slice(&cursor), secret_slice(&session)));
    assert_false(secret_equal(secret_slice(&cursor), secret_slice(&foreign)));
    assert_memory_not_equal(cursor.at, a, sizeof(a)); /* the check gives no key away */
    master_key_close(&again);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_key_file_is_made_once_and_for_its_owner),
        cmocka_unit_test(test_a_key_file_that_others_may_read_is_refused),
        cmocka_unit_test(test_a_key_file_has_exactly_32_bytes),
        cmocka_unit_test(test_what_is_sealed_opens_again_for_its_label_only),
        cmocka_unit_test(test_nothing_can_be_sealed_too),
        cmocka_unit_test(test_check_and_derived_keys_belong_to_one_key_and_one_use),
    };
    return cmocka_run_group_tests(tests, open_keys, close_keys);
}
