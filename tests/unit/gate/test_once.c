/* SPDX-License-Identifier: Apache-2.0
 *
 * The step once: a request is used once, whatever its signature, and also when the server
 * was stopped in between. */
#include "support.h"

#include "base/log.h"

/* (r, n - s) is a good signature too; it is the same request. */
static void
negate_s(struct buffer *jws)
{
    static const uint8_t N[32] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
                                  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                  0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                  0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
    unsigned char signature[ES256_SIGNATURE_BYTES];
    size_t chars = BASE64URL_MAX_CHARS((size_t)ES256_SIGNATURE_BYTES);
    struct slice text = slice_from(buffer_slice(jws), jws->len - chars);
    size_t len = 0;
    int borrow = 0;

    OK(base64url_decode(text, signature, sizeof(signature), &len));
    for (int i = 31; i >= 0; i--) {
        int digit = N[i] - signature[32 + i] - borrow;
        borrow = digit < 0;
        signature[32 + i] = (uint8_t)(digit + (borrow ? 256 : 0));
    }
    base64url_encode((struct slice){signature, len}, (char *)jws->at + jws->len - chars);
}

static void
test_once_is_for_the_request_and_not_for_its_signature(void **state)
{
    struct ask put = {.is_es256 = true, .method = "PUT", .uri = "/v3/fields/x"};
    struct buffer jws AUTO(buffer_done) = buffer_make(JWS_MAX_BYTES);

    (void)state;
    house_sign(&put, &jws);
    LET_IN(house_send(buffer_slice(&jws), NULL));
    REFUSED(house_send(buffer_slice(&jws), NULL), REFUSED_REPLAYED, "already");
    negate_s(&jws);
    REFUSED(house_send(buffer_slice(&jws), NULL), REFUSED_REPLAYED, "already");
    /* signed again in the same millisecond: another signature, the same request */
    buffer_clear(&jws);
    house_sign(&put, &jws);
    REFUSED(house_send(buffer_slice(&jws), NULL), REFUSED_REPLAYED, "already");
    put.issued_at_ms = NOW_MS + 1;
    buffer_clear(&jws);
    house_sign(&put, &jws);
    LET_IN(house_send(buffer_slice(&jws), NULL));
}

static void
test_once_the_other_signature_is_good_by_itself(void **state)
{
    struct ask put = {.is_es256 = true, .method = "PUT", .uri = "/v3/fields/x"};
    struct buffer jws AUTO(buffer_done) = buffer_make(JWS_MAX_BYTES);

    (void)state;
    house_sign(&put, &jws);
    negate_s(&jws);
    LET_IN(house_send(buffer_slice(&jws), NULL));
}

static void
test_once_holds_for_what_the_setting_says(void **state)
{
    struct ask get = {0};
    struct ask put = {.method = "PUT", .uri = "/v3/fields/x"};

    (void)state;
    LET_IN(house_ask(get));
    LET_IN(house_ask(get));
    house.config.replay = REPLAY_MODE_ALL;
    LET_IN(house_ask(get));
    REFUSED(house_ask(get), REFUSED_REPLAYED, "already");
    LET_IN(house_ask(put));
    REFUSED(house_ask(put), REFUSED_REPLAYED, "already");
    house.config.replay = REPLAY_MODE_OFF;
    LET_IN(house_ask(put));
}

/* Two tokens may happen to sign the same bytes but for the kid; another token's request
 * is another request. */
static void
test_once_is_for_each_token_by_itself(void **state)
{
    struct token token = house_token("hs2", false);

    (void)state;
    house_add(&token);
    LET_IN(ASK(.method = "PUT", .uri = "/v3/fields/x"));
    LET_IN(ASK(.token = "hs2", .method = "PUT", .uri = "/v3/fields/x"));
}

/* Nobody who has proved nothing may use up somebody else's request. */
static void
test_once_a_refused_signature_uses_nothing(void **state)
{
    struct ask put = {.method = "PUT", .uri = "/v3/fields/x"};
    struct buffer jws AUTO(buffer_done) = buffer_make(JWS_MAX_BYTES);

    (void)state;
    house_sign(&put, &jws);
    jws.at[jws.len - 5] = jws.at[jws.len - 5] == 'A' ? 'B' : 'A';
    REFUSED(house_send(buffer_slice(&jws), NULL), REFUSED_BAD_SIGNATURE, "");
    LET_IN(house_ask(put));
}

static void
reopen_gate_at(int64_t now_ms)
{
    house_close_gate();
    clock_stand_at(now_ms);
    house_open_gate();
    clock_stand_at(NOW_MS);
}

static void
test_once_outlasts_a_clean_stop(void **state)
{
    struct ask put = {.method = "PUT", .uri = "/v3/fields/x"};
    struct failure failure = {0};
    char path[128];
    bool is_known = false;

    (void)state;
    snprintf(path, sizeof(path), "%s/replay.bin", house.place.folder);
    LET_IN(house_ask(put));
    OK(gate_replay_save(house.gate, path, &failure));
    reopen_gate_at(NOW_MS);
    OK(gate_replay_load(house.gate, path, &is_known, &failure));
    assert_true(is_known);
    REFUSED(house_ask(put), REFUSED_REPLAYED, "already");
    put.issued_at_ms = NOW_MS - 5000; /* before this start, but known to be new */
    LET_IN(house_ask(put));
}

static void
test_once_after_an_unclean_stop_older_requests_are_refused(void **state)
{
    struct failure failure = {0};
    char path[128];
    bool is_known = true;

    (void)state;
    snprintf(path, sizeof(path), "%s/replay.bin", house.place.folder);
    reopen_gate_at(NOW_MS + 700);
    OK(gate_replay_load(house.gate, path, &is_known, &failure));
    assert_false(is_known);
    REFUSED(ASK(.method = "PUT", .uri = "/v3/fields/x", .issued_at_ms = NOW_MS - 1),
            REFUSED_REPLAYED, "before this server started");
    LET_IN(ASK(.method = "PUT", .uri = "/v3/fields/x", .issued_at_ms = NOW_MS));
    LET_IN(ASK(.issued_at_ms = NOW_MS - 1000)); /* a GET does no harm twice */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(test_once_is_for_the_request_and_not_for_its_signature),
        IN_HOUSE(test_once_the_other_signature_is_good_by_itself),
        IN_HOUSE(test_once_holds_for_what_the_setting_says),
        IN_HOUSE(test_once_is_for_each_token_by_itself),
        IN_HOUSE(test_once_a_refused_signature_uses_nothing),
        IN_HOUSE(test_once_outlasts_a_clean_stop),
        IN_HOUSE(test_once_after_an_unclean_stop_older_requests_are_refused),
    };

    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
