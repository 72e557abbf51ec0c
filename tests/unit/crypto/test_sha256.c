/* SPDX-License-Identifier: Apache-2.0
 *
 * The examples of FIPS 180-4 (NIST's collection). */
#include "support.h"

#include "crypto/sha256.h"

static void
check(struct slice text, const char *wanted_hex)
{
    uint8_t wanted[SHA256_BYTES];
    uint8_t digest[SHA256_BYTES];

    from_hex(wanted_hex, wanted, sizeof(wanted));
    sha256(text, digest);
    assert_memory_equal(digest, wanted, sizeof(wanted));
}

static void
test_digests_are_those_of_the_standard(void **state)
{
    (void)state;
    check(SLICE("abc"),
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check(SLICE("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void
test_nothing_has_a_digest(void **state)
{
    (void)state;
    check((struct slice){0},
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digests_are_those_of_the_standard),
        cmocka_unit_test(test_nothing_has_a_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
