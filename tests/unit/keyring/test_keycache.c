/* SPDX-License-Identifier: Apache-2.0
 *
 * Prepared keys are the token's own, few, and the oldest goes first. */
#include "in_place.h"

#include "keyring/keycache.h"

static struct keycache *cache;

static int
close_cache_and_place(void **state)
{
    keycache_free(&cache);
    return close_place(state);
}

static const struct keyring_entry *
find(const char *id)
{
    return keyring_find(place.keyring, slice_of(id));
}

static void
add_hs256(const char *id, const char *label, const char *secret)
{
    struct token token = place_token(&place, id);

    token.alg = ALG_HS256;
    memset(token.public_key, 0, sizeof(token.public_key));
    token.sealed_len = strlen(secret) + SEAL_EXTRA_BYTES;
    seal_close(place.master_key, slice_of(label), slice_of(secret), token.sealed);
    place_add(&place, &token);
}

static void
test_the_key_is_the_text_of_the_secret(void **state)
{
    struct prepared_key key;
    uint8_t mac[HMAC_BYTES];

    (void)state;
    add_hs256("aaaa", "aaaa", "the secret");
    place_open_keyring(&place);
    cache = keycache_new(place.master_key, 1 << 20);
    keyring_enter();
    OK(keycache_get(cache, find("aaaa"), &key));
    assert_null(key.es256);
    struct hmac_key *same = hmac_key_new(SLICE("the secret"));
    hmac_sign(same, SLICE("message"), mac);
    assert_true(hmac_fits(key.hs256, SLICE("message"), (struct slice){mac, sizeof(mac)}));
    hmac_key_free(&same);
    struct hmac_key *other = hmac_key_new(SLICE("the secreT"));
    hmac_sign(other, SLICE("message"), mac);
    assert_false(
        hmac_fits(key.hs256, SLICE("message"), (struct slice){mac, sizeof(mac)}));
    hmac_key_free(&other);
    keyring_leave();
}

/* Whoever can write to the store must not move one token's secret under another's id. */
static void
test_a_secret_sealed_for_another_token_is_none(void **state)
{
    struct prepared_key key;

    (void)state;
    add_hs256("aaaa", "bbbb", "the secret");
    place_open_keyring(&place);
    cache = keycache_new(place.master_key, 1 << 20);
    keyring_enter();
    assert_int_equal(keycache_get(cache, find("aaaa"), &key), STATUS_MALFORMED);
    keyring_leave();
    assert_int_equal(keycache_count(cache), 0);
}

static void
test_a_point_off_the_curve_is_no_key(void **state)
{
    struct token bad = place_token(&place, "aaaa");
    struct token good = place_token(&place, "good");
    struct es256_private *pair = NULL;
    struct prepared_key key;

    (void)state;
    OK(es256_private_make(&pair));
    es256_private_point(pair, good.public_key);
    es256_private_free(&pair);
    place_add(&place, &bad);
    place_add(&place, &good);
    place_open_keyring(&place);
    cache = keycache_new(place.master_key, 1 << 20);
    keyring_enter();
    assert_int_equal(keycache_get(cache, find("aaaa"), &key), STATUS_MALFORMED);
    OK(keycache_get(cache, find("good"), &key));
    assert_non_null(key.es256);
    assert_null(key.hs256);
    keyring_leave();
}

static void
test_the_least_recently_used_goes_first(void **state)
{
    struct prepared_key first;
    struct prepared_key again;
    struct prepared_key other;

    (void)state;
    add_hs256("aaaa", "aaaa", "a");
    add_hs256("bbbb", "bbbb", "b");
    add_hs256("cccc", "cccc", "c");
    place_open_keyring(&place);
    cache = keycache_new(place.master_key, 1 << 20);
    keyring_enter();
    OK(keycache_get(cache, find("aaaa"), &first));
    size_t each = keycache_bytes(cache);
    keycache_free(&cache);

    cache = keycache_new(place.master_key, 2 * each); /* room for two */
    OK(keycache_get(cache, find("aaaa"), &first));
    OK(keycache_get(cache, find("bbbb"), &other));
    OK(keycache_get(cache, find("aaaa"), &again)); /* so bbbb is the oldest */
    assert_ptr_equal(first.hs256, again.hs256);
    OK(keycache_get(cache, find("cccc"), &other));
    assert_int_equal(keycache_count(cache), 2);
    assert_true(keycache_bytes(cache) <= 2 * each);
    OK(keycache_get(cache, find("aaaa"), &again));
    assert_ptr_equal(first.hs256, again.hs256); /* is still there */
    OK(keycache_get(cache, find("bbbb"), &other));
    assert_int_equal(keycache_count(cache), 2);
    keyring_leave();
}

static void
test_one_key_is_kept_however_small_the_limit(void **state)
{
    struct prepared_key key;

    (void)state;
    add_hs256("aaaa", "aaaa", "a");
    add_hs256("bbbb", "bbbb", "b");
    place_open_keyring(&place);
    cache = keycache_new(place.master_key, 0);
    keyring_enter();
    OK(keycache_get(cache, find("aaaa"), &key));
    OK(keycache_get(cache, find("bbbb"), &key));
    assert_int_equal(keycache_count(cache), 1);
    keyring_leave();
}

static void
test_hundreds_of_keys_are_each_their_own(void **state)
{
    enum { COUNT = 300 };
    struct prepared_key key;
    uint8_t mac[HMAC_BYTES];
    char id[16];

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        snprintf(id, sizeof(id), "token%d", i);
        add_hs256(id, id, id);
    }
    place_open_keyring(&place);
    cache = keycache_new(place.master_key, 1 << 24);
    keyring_enter();
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < COUNT; i++) {
            snprintf(id, sizeof(id), "token%d", i);
            struct hmac_key *own = hmac_key_new(slice_of(id));
            hmac_sign(own, SLICE("m"), mac);
            hmac_key_free(&own);
            OK(keycache_get(cache, find(id), &key));
            assert_true(
                hmac_fits(key.hs256, SLICE("m"), (struct slice){mac, sizeof(mac)}));
        }
    }
    keyring_leave();
    assert_int_equal(keycache_count(cache), COUNT);
}

int
main(void)
{
#define WITH_CACHE(test) \
    cmocka_unit_test_setup_teardown(test, open_place, close_cache_and_place)
    const struct CMUnitTest tests[] = {
        WITH_CACHE(test_the_key_is_the_text_of_the_secret),
        WITH_CACHE(test_a_secret_sealed_for_another_token_is_none),
        WITH_CACHE(test_a_point_off_the_curve_is_no_key),
        WITH_CACHE(test_the_least_recently_used_goes_first),
        WITH_CACHE(test_one_key_is_kept_however_small_the_limit),
        WITH_CACHE(test_hundreds_of_keys_are_each_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
