/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4231's vectors, and that every neighbour of a right MAC is wrong. */
#include "support.h"

#include "crypto/hmac.h"

/* RFC 4231 §4; case 5 is truncated to 16 bytes there, so it is checked as such. */
static const struct vector {
    const char *key, *data, *mac; /* in hexadecimal */
} VECTORS_4231[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
     "d"
     "dddddddddddddddd",
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"0102030405060708090a0b0c0d0e0f10111213141516171819",
     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdc"
     "d"
     "cdcdcdcdcdcdcdcd",
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {"0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c",
     "546573742057697468205472756e636174696f6e", "a3b6167473100ee06e0c796c2955552b"},
};

/* Cases 6 and 7: a key of 131 bytes 0xaa, longer than SHA-256's block. */
static const struct vector LONG_KEY_4231[] = {
    {NULL,
     "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048"
     "617368204b6579204669727374",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {NULL,
     "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d"
     "73697a65206b657920616e642061206c6172676572207468616e20626c6f636b2d73697a6520646174"
     "612e20546865206b6579206e6565647320746f20626520686173686564206265666f7265206265696e"
     "6720757365642062792074686520484d414320616c676f726974686d2e",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

static void
check(struct slice secret, const struct vector *vector)
{
    uint8_t data[256];
    uint8_t wanted[HMAC_BYTES];
    uint8_t mac[HMAC_BYTES];
    struct slice message = {data, from_hex(vector->data, data, sizeof(data))};
    size_t wanted_len = from_hex(vector->mac, wanted, sizeof(wanted));
    struct hmac_key *key = hmac_key_new(secret);

    hmac_sign(key, message, mac);
    assert_memory_equal(mac, wanted, wanted_len);
    hmac_sign(key, message, mac); /* the kept states are not used up */
    assert_memory_equal(mac, wanted, wanted_len);
    hmac_key_free(&key);
    assert_null(key);
}

static void
test_macs_are_those_of_rfc_4231(void **state)
{
    uint8_t bytes[131];

    (void)state;
    for (size_t i = 0; i < sizeof(VECTORS_4231) / sizeof(VECTORS_4231[0]); i++) {
        size_t len = from_hex(VECTORS_4231[i].key, bytes, sizeof(bytes));
        check((struct slice){bytes, len}, &VECTORS_4231[i]);
    }
    memset(bytes, 0xaa, sizeof(bytes));
    for (size_t i = 0; i < sizeof(LONG_KEY_4231) / sizeof(LONG_KEY_4231[0]); i++)
        check((struct slice){bytes, sizeof(bytes)}, &LONG_KEY_4231[i]);
}

/* A key of 64 bytes fills the block, one of 65 is hashed. */
static void
test_the_block_length_is_the_border_of_hashing(void **state)
{
    uint8_t bytes[65];
    uint8_t macs[3][HMAC_BYTES];

    (void)state;
    memset(bytes, 'k', sizeof(bytes));
    for (size_t i = 0; i < 3; i++) {
        struct hmac_key *key = hmac_key_new((struct slice){bytes, 63 + i});
        hmac_sign(key, SLICE("m"), macs[i]);
        hmac_key_free(&key);
    }
    assert_memory_not_equal(macs[0], macs[1], HMAC_BYTES);
    assert_memory_not_equal(macs[1], macs[2], HMAC_BYTES);
}

static void
test_only_the_very_mac_fits(void **state)
{
    struct hmac_key *key = hmac_key_new(SLICE("secret"));
    struct hmac_key *other = hmac_key_new(SLICE("Secret"));
    struct slice message = SLICE("message");
    uint8_t mac[HMAC_BYTES + 1] = {0};

    (void)state;
    hmac_sign(key, message, mac);
    assert_true(hmac_fits(key, message, (struct slice){mac, HMAC_BYTES}));
    assert_false(hmac_fits(other, message, (struct slice){mac, HMAC_BYTES}));
    assert_false(hmac_fits(key, SLICE("Message"), (struct slice){mac, HMAC_BYTES}));
    assert_false(hmac_fits(key, message, (struct slice){mac, HMAC_BYTES - 1}));
    assert_false(hmac_fits(key, message, (struct slice){mac, HMAC_BYTES + 1}));
    assert_false(hmac_fits(key, message, (struct slice){0}));
    for (size_t bit = 0; bit < HMAC_BYTES * 8; bit++) {
        mac[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(hmac_fits(key, message, (struct slice){mac, HMAC_BYTES}));
        mac[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(hmac_fits(key, message, (struct slice){mac, HMAC_BYTES}));
    hmac_key_free(&other);
    hmac_key_free(&key);
    hmac_key_free(&key); /* NULL is accepted */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_macs_are_those_of_rfc_4231),
        cmocka_unit_test(test_the_block_length_is_the_border_of_hashing),
        cmocka_unit_test(test_only_the_very_mac_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
