/* SPDX-License-Identifier: Apache-2.0
 *
 * Each step: what it lets through, and the nearest thing that it refuses. */
#include "support.h"

#include "base/log.h"
#include "store/store_events.h"

static void
test_the_steps_are_those_of_the_design_in_that_order(void **state)
{
    static const char *const NAMES[] = {
        "read",  "header", "token", "signature", "canary",     "address", "life",
        "fresh", "once",   "route", "licence",   "permission", "rate",    "answer"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        assert_string_equal(gate_step_name(i), NAMES[i]);
    assert_null(gate_step_name(COUNT_OF(NAMES)));
}

static void
test_read_takes_one_compact_jws_and_nothing_else(void **state)
{
    struct ask ask = {0};
    struct buffer jws AUTO(buffer_done) = buffer_make(JWS_MAX_BYTES);

    (void)state;
    house_sign(&ask, &jws);
    LET_IN(house_send(buffer_slice(&jws), NULL));
    buffer_add_text(&jws, "\r\n");
    LET_IN(house_send(buffer_slice(&jws), NULL)); /* files end so */
    buffer_add_text(&jws, "x");
    REFUSED(house_send(buffer_slice(&jws), NULL), REFUSED_NOT_A_JWS, "base64url");
    REFUSED(house_send(SLICE(""), NULL), REFUSED_NOT_A_JWS, "empty");
    REFUSED(house_send(SLICE("x"), NULL), REFUSED_NOT_A_JWS, "1 part;");
    REFUSED(house_send(SLICE("a.b"), NULL), REFUSED_NOT_A_JWS, "2 parts");
    REFUSED(house_send(SLICE("a.b.c.d"), NULL), REFUSED_NOT_A_JWS, "4 parts");
    REFUSED(house_send(SLICE(".."), NULL), REFUSED_NOT_A_JWS, "is empty");
    REFUSED(house_send(SLICE("e30.e30."), NULL), REFUSED_NOT_A_JWS, "is empty");
}

/* The same bytes must not have two spellings (RFC 7515 §2). */
static void
test_read_refuses_padding_foreign_characters_and_spare_bits(void **state)
{
    static const char *const MACS[] = {
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+A",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA A",
    };
    char message[256];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(MACS); i++) {
        snprintf(message, sizeof(message), "e30.e30.%s", MACS[i]);
        REFUSED(house_send(slice_of(message), NULL), REFUSED_NOT_A_JWS, "signature part");
    }
    /* "{}" is e30; e31 decodes to the same two bytes with a spare bit set */
    REFUSED(house_send(SLICE("e31.e30.AA"), NULL), REFUSED_NOT_A_JWS, "header part");
    REFUSED(house_send(SLICE("e30.e31.AA"), NULL), REFUSED_NOT_A_JWS, "payload part");
    REFUSED(house_send(SLICE("e30.e30.AA"), NULL), REFUSED_BAD_HEADER, "header");
}

static void
test_read_holds_its_limits(void **state)
{
    struct buffer text AUTO(buffer_done) = buffer_make(2 * JWS_MAX_BYTES);

    (void)state;
    buffer_add_text(&text, "e30.e30.");
    while (text.len < JWS_MAX_BYTES + 1)
        buffer_add_byte(&text, 'A');
    REFUSED(house_send(buffer_slice(&text), NULL), REFUSED_TOO_LARGE, "1048576");
    text.len = JWS_MAX_BYTES;
    REFUSED(house_send(buffer_slice(&text), NULL), REFUSED_NOT_A_JWS, "characters");

    struct buffer header AUTO(buffer_done) = buffer_make(JWS_MAX_BYTES);
    size_t most = BASE64URL_MAX_CHARS((size_t)JWS_HEADER_MAX_BYTES);
    while (header.len < most)
        buffer_add_byte(&header, 'A');
    buffer_add_text(&header, ".e30.AA");
    REFUSED(house_send(buffer_slice(&header), NULL), REFUSED_BAD_HEADER, "cannot be");
    buffer_clear(&header);
    while (header.len < most + 1)
        buffer_add_byte(&header, 'A');
    buffer_add_text(&header, ".e30.AA");
    REFUSED(house_send(buffer_slice(&header), NULL), REFUSED_BAD_HEADER, "longer than");
}

static const struct outcome *
ask_with_header(const char *header)
{
    struct ask ask = {0};
    struct buffer jws AUTO(buffer_done) = buffer_make(JWS_MAX_BYTES);

    house_sign_raw(&ask, header, "{}", &jws);
    return house_send(buffer_slice(&jws), NULL);
}

#define WHOLE                                                                     \
    "\"alg\":\"HS256\",\"kid\":\"hs\",\"method\":\"GET\",\"uri\":\"/v3/whoami\"," \
    "\"issuedAt\":1800000000000"

static void
test_header_forgives_what_clients_send(void **state)
{
    (void)state;
    LET_IN(ask_with_header("{" WHOLE "}"));
    LET_IN(ask_with_header("{\"typ\":\"JWT\"," WHOLE ",\"User-Agent\":\"x\"}"));
    LET_IN(ask_with_header(
        "{\"alg\":\"HS256\",\"kid\":\"hs\",\"method\":\"GET\",\"uri\":\"/v3/whoami\","
        "\"issuedAt\":\"1800000000000\",\"query-string\":\"&a=b\"}"));
}

static void
test_header_refuses_what_could_be_read_in_two_ways(void **state)
{
    (void)state;
    REFUSED(ask_with_header("{" WHOLE ",\"kid\":\"hs\"}"), REFUSED_BAD_HEADER, "twice");
    REFUSED(ask_with_header("{" WHOLE ",\"al\\u0067\":\"HS256\"}"), REFUSED_BAD_HEADER,
            "twice");
    REFUSED(ask_with_header("{" WHOLE ",\"crit\":[\"exp\"]}"), REFUSED_BAD_HEADER,
            "crit");
    REFUSED(ask_with_header("[" WHOLE "]"), REFUSED_BAD_HEADER, "header");
    REFUSED(ask_with_header("{" WHOLE "} {}"), REFUSED_BAD_HEADER, "header");
    REFUSED(ask_with_header("{\"alg\":\"HS256\",\"method\":\"GET\",\"uri\":\"/v3/whoami\""
                            ",\"issuedAt\":1}"),
            REFUSED_BAD_HEADER, "kid");
}

static void
test_header_names_what_is_missing(void **state)
{
    (void)state;
    REFUSED(ask_with_header("{\"alg\":\"HS256\",\"kid\":\"hs\",\"uri\":\"/v3/whoami\","
                            "\"issuedAt\":1800000000000}"),
            REFUSED_BAD_HEADER, "\"field\":\"method\"");
    REFUSED(ask_with_header("{\"alg\":\"HS256\",\"kid\":\"hs\",\"method\":\"GET\","
                            "\"issuedAt\":1800000000000}"),
            REFUSED_BAD_HEADER, "\"field\":\"uri\"");
    REFUSED(ask_with_header("{\"alg\":\"HS256\",\"kid\":\"hs\",\"method\":\"GET\","
                            "\"uri\":\"/v3/whoami\"}"),
            REFUSED_BAD_HEADER, "\"field\":\"issuedAt\"");
    REFUSED(ASK(.method = "get"), REFUSED_BAD_HEADER, "in capitals");
    REFUSED(ASK(.method = "TRACE"), REFUSED_BAD_HEADER, "TRACE");
}

static void
test_token_after_a_silent_store_nobody_is_let_in(void **state)
{
    (void)state;
    house.mono_ns = 59LL * 1000000000;
    LET_IN(ASK(0));
    house.mono_ns = 62LL * 1000000000;
    REFUSED(ASK(0), REFUSED_STALE, "heard nothing from its store");
    OK(keyring_follow(house.place.keyring));
    house.mono_ns = 0;
    LET_IN(ASK(0));
}

static void
test_signature_of_each_algorithm(void **state)
{
    struct hmac_key *other = hmac_key_new(SLICE("0" SECRET));
    struct es256_private *stranger = NULL;

    (void)state;
    OK(es256_private_make(&stranger));
    LET_IN(ASK(.is_es256 = false));
    LET_IN(ASK(.is_es256 = true));
    REFUSED(ASK(.hs256 = other), REFUSED_BAD_SIGNATURE, "not authenticated");
    REFUSED(ASK(.is_es256 = true, .es256 = stranger), REFUSED_BAD_SIGNATURE,
            "not authenticated");
    hmac_key_free(&other);
    es256_private_free(&stranger);
}

static void
test_address_inside_and_one_outside(void **state)
{
    struct token token = house_token("bound", false);

    (void)state;
    token.address_count = 2;
    OK(ip_range_read(SLICE("203.0.113.8/30"), &token.addresses[0], NULL));
    OK(ip_range_read(SLICE("2001:db8::/32"), &token.addresses[1], NULL));
    house_add(&token);
    LET_IN(ASK(.token = "bound", .from = "203.0.113.8"));
    LET_IN(ASK(.token = "bound", .from = "203.0.113.11"));
    LET_IN(ASK(.token = "bound", .from = "2001:db8::1"));
    REFUSED(ASK(.token = "bound", .from = "203.0.113.12"), REFUSED_ADDRESS,
            "203.0.113.12");
    REFUSED(ASK(.token = "bound", .from = "203.0.113.7"), REFUSED_ADDRESS, "203.0.113.7");
    REFUSED(ASK(.token = "bound", .from = "2001:db9::1"), REFUSED_ADDRESS, "2001:db9::1");
    LET_IN(ASK(.from = "198.51.100.1")); /* no addresses: from anywhere */
}

static void
test_life_ends_in_the_second_of_expiry(void **state)
{
    struct token dead = house_token("dead", false);
    struct token last = house_token("last", false);

    (void)state;
    last.expires_at_s = NOW_MS / 1000 + 1;
    dead.expires_at_s = NOW_MS / 1000;
    house_add(&dead);
    house_add(&last);
    LET_IN(ASK(.token = "last"));
    REFUSED(ASK(.token = "dead"), REFUSED_EXPIRED, "2027-01-15");
}

/* "last" is replaced by "hs"; "hs" by a token that is gone. */
static void
replace(const char *id, const char *successor, int64_t ends_at_s)
{
    struct token token = {0};

    OK(store_token_by_id(house.place.writer, slice_of(id), &token));
    snprintf(token.replaced_by, sizeof(token.replaced_by), "%s", successor);
    token.expires_at_s = ends_at_s;
    place_change(&house.place, &token);
    OK(keyring_follow(house.place.keyring));
}

static void
test_life_of_a_replaced_token_ends_in_the_second_of_its_overlap(void **state)
{
    struct token old = house_token("old", false);
    struct token orphan = house_token("orphan", false);
    struct alarm alarm;

    (void)state;
    house_add(&old);
    house_add(&orphan);
    replace("old", "hs", NOW_MS / 1000 + 1);
    LET_IN(ASK(.token = "old"));
    replace("old", "hs", NOW_MS / 1000);
    REFUSED(ASK(.token = "old"), REFUSED_REPLACED,
            "replaced by 'a token' and ended at 2027-01-15T08:00:00.000Z");
    REFUSED(ASK(.token = "old"), REFUSED_REPLACED, "TOKEN_REPLACED");
    OK(alarms_take(house.alarms, &alarm));
    assert_string_equal(alarm.token_id, "old");
    assert_string_equal(alarm.address, "127.0.0.1");
    assert_int_equal(alarms_take(house.alarms, &alarm), STATUS_NOT_FOUND);
    replace("orphan", "gone", NOW_MS / 1000);
    REFUSED(ASK(.token = "orphan"), REFUSED_REPLACED, "replaced and ended at 2027");
}

/* An alarm says that somebody holds the old key: a message of long ago does not show it,
 * and neither does a wrong signature. */
static void
test_life_raises_no_alarm_without_a_fresh_proof(void **state)
{
    struct hmac_key *wrong AUTO(hmac_key_free) = hmac_key_new(SLICE("another secret"));
    struct token old = house_token("old", false);
    struct alarm alarm;

    (void)state;
    house_add(&old);
    replace("old", "hs", NOW_MS / 1000);
    REFUSED(ASK(.token = "old", .issued_at_ms = NOW_MS - 301 * 1000), REFUSED_REPLACED,
            "");
    ASK(.token = "old", .hs256 = wrong);
    assert_int_equal(alarms_take(house.alarms, &alarm), STATUS_NOT_FOUND);
    REFUSED(ASK(.token = "old", .issued_at_ms = NOW_MS - 300 * 1000), REFUSED_REPLACED,
            "");
    OK(alarms_take(house.alarms, &alarm));
}

static bool
count_event(void *ctx, const struct event *event)
{
    (void)event;
    ++*(int *)ctx;
    return true;
}

/* How many events tell of canaries when all that was noted is written. */
static int
canary_events(void)
{
    struct act act = {.store = house.place.writer,
                      .now_ms = NOW_MS,
                      .actor_kind = ACTOR_SYSTEM,
                      .actor_name = "gate"};
    struct event_query query = {.kind = EVENT_CANARY_USED, .count = 100};
    int count = 0;

    OK(canaries_write_all(house.canaries, &act, true));
    OK(store_event_list(house.place.writer, &query, count_event, &count));
    return count;
}

/* Whoever signs with it hears what they would hear if it had been deleted. */
static void
test_canary_answers_as_one_that_does_not_exist(void **state)
{
    static const char *const FROM[] = {"127.0.0.1", "203.0.113.9"};
    struct token hs = house_token("trap-hs", false);
    struct token es = house_token("trap-es", true);
    char unknown[sizeof(((struct outcome *)NULL)->body)];

    (void)state;
    hs.is_canary = es.is_canary = true;
    hs.permissions = es.permissions = (struct permission_set){{0}};
    house_add(&hs);
    house_add(&es);
    REFUSED(ASK(.token = "nobody"), REFUSED_UNKNOWN_TOKEN, "NOT_AUTHENTICATED");
    memcpy(unknown, ASK(.token = "nobody")->body, sizeof(unknown));
    for (size_t i = 0; i < COUNT_OF(FROM); i++) {
        REFUSED(ASK(.token = "trap-hs", .from = FROM[i]), REFUSED_CANARY, "");
        assert_string_equal(ASK(.token = "trap-hs", .from = FROM[i])->body, unknown);
        REFUSED(ASK(.token = "trap-es", .is_es256 = true), REFUSED_CANARY, "");
        assert_string_equal(ASK(.token = "trap-es", .is_es256 = true)->body, unknown);
    }
    /* whatever is asked for, and however old the message is */
    REFUSED(ASK(.token = "trap-hs", .method = "DELETE", .uri = "/v3/none"),
            REFUSED_CANARY, "");
    assert_string_equal(ASK(.token = "trap-hs", .issued_at_ms = 1000)->body, unknown);
    /* its owner reads why */
    struct refusal kept[REFUSALS_OF_TOKEN_MAX_COUNT];
    assert_in_range(refusals_find(house.refusals, SLICE("trap-hs"), kept), 1, 50);
    assert_int_equal(kept[0].verdict, REFUSED_CANARY);
    assert_non_null(strstr(kept[0].words, "canary"));
}

/* The number of a token is no secret: only who has its key raises an alarm. */
static void
test_canary_is_raised_by_its_key_only(void **state)
{
    struct hmac_key *wrong = hmac_key_new(SLICE("another secret"));
    struct token token = house_token("trap", false);

    (void)state;
    token.is_canary = true;
    house_add(&token);
    REFUSED(ASK(.token = "trap", .hs256 = wrong), REFUSED_BAD_SIGNATURE, "");
    REFUSED(ASK(.token = "trap", .is_es256 = true), REFUSED_WRONG_ALG, "");
    assert_int_equal(gate_verdict_count(house.gate, REFUSED_CANARY), 0);
    assert_int_equal(canary_events(), 0);
    REFUSED(ASK(.token = "trap"), REFUSED_CANARY, "");
    assert_int_equal(canary_events(), 1);
    assert_int_equal(gate_verdict_count(house.gate, REFUSED_CANARY), 1);
    hmac_key_free(&wrong);

    /* one that is suspended is silent, and answers as before */
    struct token silent = house_token("silent", false);
    silent.is_canary = true;
    house_add(&silent);
    silent.is_suspended = true;
    place_change(&house.place, &silent);
    OK(keyring_follow(house.place.keyring));
    REFUSED(ASK(.token = "silent"), REFUSED_CANARY, "NOT_AUTHENTICATED");
    assert_int_equal(canary_events(), 1);
}

static void
test_life_of_a_suspended_token_and_of_a_suspended_user(void **state)
{
    struct token token = house_token("still", false);

    (void)state;
    house_add(&token);
    token.is_suspended = true;
    place_change(&house.place, &token);
    OK(keyring_follow(house.place.keyring));
    REFUSED(ASK(.token = "still"), REFUSED_SUSPENDED, "the token is suspended");
    LET_IN(ASK(0));
    place_suspend_user(&house.place, true);
    OK(keyring_follow(house.place.keyring));
    REFUSED(ASK(0), REFUSED_USER_SUSPENDED, "user");
    place_suspend_user(&house.place, false);
    OK(keyring_follow(house.place.keyring));
    LET_IN(ASK(0));
}

static void
test_fresh_to_the_millisecond_and_the_skew_is_told(void **state)
{
    (void)state;
    LET_IN(ASK(.issued_at_ms = NOW_MS - 300000));
    LET_IN(ASK(.issued_at_ms = NOW_MS + 300000));
    REFUSED(ASK(.issued_at_ms = NOW_MS - 300001), REFUSED_NOT_FRESH,
            "301 s in the past; this server allows 300 s");
    REFUSED(ASK(.issued_at_ms = NOW_MS + 300001), REFUSED_NOT_FRESH,
            "301 s in the future");
    REFUSED(ASK(.issued_at_ms = NOW_MS - 412000), REFUSED_NOT_FRESH, "412 s in the past");
    REFUSED(ASK(.issued_at_ms = NOW_MS / 1000), REFUSED_NOT_FRESH, "past");
    REFUSED(ASK(.issued_at_ms = 253402300799999), REFUSED_NOT_FRESH, "future");
    REFUSED(ASK(.issued_at_ms = 1), REFUSED_NOT_FRESH, "past");
}

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

static void
test_route_finds_operations_and_nothing_else(void **state)
{
    (void)state;
    LET_IN(ASK(0));
    REFUSED(ASK(.uri = "/v3/nothing"), REFUSED_NO_ROUTE, "GET /v3/nothing");
    REFUSED(ASK(.method = "DELETE"), REFUSED_NO_ROUTE, "DELETE /v3/whoami");
    REFUSED(ASK(.uri = "/v3/whoami?x=1"), REFUSED_BAD_REQUEST, "query-string");
    static const char *const BAD[] = {"/v3/x/../whoami", "/v3//whoami",  "/v3/%2e/whoami",
                                      "v3/whoami",       "/v3/whoami#x", "/v3/a%2Fb"};
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        REFUSED(ASK(.uri = BAD[i]), REFUSED_BAD_REQUEST, "uri is");
}

static void
test_route_takes_the_payloads_that_clients_send(void **state)
{
    static const char *const GOOD[] = {"{}",
                                       "",
                                       "{\"data\":{}}",
                                       "{\"data\":\"\"}",
                                       "{\"data\":[1,{\"a\":null}],\"more\":1}",
                                       " {} "};
    static const char *const BAD[] = {
        "{",     "[]",  "null", "\"\"", "{\"data\":1,\"data\":2}", "{\"data\":01}",
        "{} {}", "\xff"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(GOOD); i++)
        LET_IN(ASK(.payload = GOOD[i]));
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        REFUSED(ASK(.payload = BAD[i]), REFUSED_BAD_REQUEST, "payload");
}

static void
test_licence_any_of_those_named_will_do(void **state)
{
    int64_t now_s = NOW_MS / 1000;

    (void)state;
    REFUSED(ASK(.uri = "/v3/licensed"), REFUSED_LICENCE, "Control, Resilience");
    place_add_licence(&house.place, "Visibility", now_s - 10, now_s + 10);
    place_add_licence(&house.place, "Control", now_s - 10, now_s); /* just over */
    OK(keyring_follow(house.place.keyring));
    REFUSED(ASK(.uri = "/v3/licensed"), REFUSED_LICENCE, "Control, Resilience");
    place_add_licence(&house.place, "Resilience", now_s - 10, now_s + 10);
    OK(keyring_follow(house.place.keyring));
    LET_IN(ASK(.uri = "/v3/licensed"));
}

static void
test_permission_names_the_one_that_is_missing(void **state)
{
    struct token narrow = house_token("narrow", false);

    (void)state;
    permission_set_remove(&narrow.permissions, PERMISSION_DEVICE_FIELDS_VIEW);
    house_add(&narrow);
    LET_IN(ASK(.uri = "/v3/reporting/devices"));
    REFUSED(ASK(.token = "narrow", .uri = "/v3/reporting/devices"), REFUSED_PERMISSION,
            "the token lacks Device Fields:View");
    REFUSED(ASK(.uri = "/v3/manage"), REFUSED_PERMISSION, "Device Fields:Manage");
    REFUSED(ASK(.uri = "/v3/closed"), REFUSED_PERMISSION, "open to no token");
}

static void
test_permission_for_a_field_that_is_asked_for_by_name(void **state)
{
    (void)state;
    LET_IN(ASK(.uri = "/v3/reporting/devices", .query = "select=esn"));
    REFUSED(ASK(.uri = "/v3/reporting/devices", .query = "select=esn,geoData"),
            REFUSED_PERMISSION,
            "lacks Geolocation:View, which the field \\\"geoData\\\"");
}

static void
test_permission_for_a_value_in_query_or_body(void **state)
{
    static const char *const QUERIES[] = {"unenroll=true", "a=b&unenroll=true",
                                          "%75nenroll=tru%65", "unenroll=TRUE"};
    static const char *const BODIES[] = {"{\"data\":{\"unenroll\":true}}",
                                         "{\"data\":{\"unenroll\":\"true\"}}",
                                         "{\"data\":{\"unenroll\":\"tru\\u0065\"}}",
                                         "{\"data\":{\"unenroll\":1,\"unenroll\":2}}"};

    (void)state;
#define PUT .method = "PUT", .uri = "/v3/fields/x"
    LET_IN(ASK(PUT, .query = "unenroll=false"));
    LET_IN(ASK(PUT, .query = "unenroller=true"));
    LET_IN(ASK(PUT, .payload = "{\"data\":{\"unenroll\":false}}"));
    LET_IN(ASK(PUT, .payload = "{\"unenroll\":true}")); /* beside "data": ignored */
    for (size_t i = 0; i < COUNT_OF(QUERIES); i++)
        REFUSED(ASK(PUT, .query = QUERIES[i]), REFUSED_PERMISSION,
                "Unenroll Device:Perform");
    for (size_t i = 0; i < COUNT_OF(BODIES); i++)
        REFUSED(ASK(PUT, .payload = BODIES[i]), REFUSED_PERMISSION,
                "Unenroll Device:Perform");
}

static void
test_permission_follows_the_role_when_rights_are_live(void **state)
{
    struct permission_set less = {{(uint64_t)1 << PERMISSION_DEVICE_FIELDS_VIEW}};

    (void)state;
    LET_IN(ASK(.uri = "/v3/reporting/devices"));
    place_set_role(&house.place, less);
    OK(keyring_follow(house.place.keyring));
    REFUSED(ASK(.uri = "/v3/reporting/devices"), REFUSED_PERMISSION,
            "Device reports:View");
    place_set_live_rights(&house.place, false); /* the vendor's frozen rule */
    OK(keyring_follow(house.place.keyring));
    LET_IN(ASK(.uri = "/v3/reporting/devices"));
    place_set_live_rights(&house.place, true);
    OK(keyring_follow(house.place.keyring));
    REFUSED(ASK(.uri = "/v3/reporting/devices"), REFUSED_PERMISSION,
            "Device reports:View");
}

static void
test_rate_of_a_token_and_of_the_account(void **state)
{
    struct token other = house_token("other", false);

    (void)state;
    house_add(&other);
    house.config.token_rate_per_s = 3;
    /* the monotonic clock goes on meanwhile: leave room for one more */
    int refused_count = 0;
    for (int i = 0; i < 8; i++) {
        const struct outcome *outcome = ASK(0);
        if (outcome->verdict != REFUSED_RATE)
            continue;
        refused_count++;
        assert_int_equal(outcome->status, 429);
        assert_int_equal(outcome->retry_after_s, 1);
    }
    assert_in_range(refused_count, 3, 5);
    LET_IN(ASK(.token = "other")); /* has a limit of its own */
    house.mono_ns += 1000000000;
    LET_IN(ASK(0));

    house.config.token_rate_per_s = 0;
    house.config.account_rate_per_s = 1;
    LET_IN(ASK(0));
    REFUSED(ASK(.token = "other"), REFUSED_RATE, "account");
}

static void
test_answer_whoami_tells_the_token_who_it_is(void **state)
{
    struct token token = house_token("grouped", true);

    (void)state;
    token.group_count = 1;
    token.group_ids[0] = place_add_group(&house.place, "Lyon \"1\"",
                                         "00000000-0000-4000-8000-000000000001");
    house_add(&token);
    const struct outcome *outcome =
        ASK(.token = "grouped", .is_es256 = true, .from = "203.0.113.9");
    LET_IN(outcome);
    assert_string_equal(
        outcome->body,
        "{\"data\":{\"tokenId\":\"grouped\",\"title\":\"a token\",\"alg\":\"ES256\","
        "\"permissions\":[\"Device Fields:View\",\"Device reports:View\"],"
        "\"deviceGroups\":[{\"deviceGroupUid\":\"00000000-0000-4000-8000-000000000001\","
        "\"displayName\":\"Lyon \\\"1\\\"\"}],"
        "\"expires\":\"2099-12-31\",\"expiresDateTimeUtc\":\"2099-12-31T23:59:59.000Z\","
        "\"serverDateTimeUtc\":\"2027-01-15T08:00:00.000Z\","
        "\"address\":\"203.0.113.9\"},\"metadata\":{}}");
}

static void
test_answer_copies_live_without_lane_and_keyring(void **state)
{
    struct token token = house_token("grouped", false);
    struct ask put = {.token = "grouped",
                      .method = "PUT",
                      .uri = "/v3/fields/a%20b",
                      .query = "x=%20",
                      .payload = "{\"data\": [1, 2] }",
                      .from = "2001:db8::1"};
    struct arena kept = {0};

    (void)state;
    token.group_count = 2;
    token.group_ids[0] =
        place_add_group(&house.place, "a", "00000000-0000-4000-8000-000000000001");
    token.group_ids[1] =
        place_add_group(&house.place, "b", "00000000-0000-4000-8000-000000000002");
    house_add(&token);
    LET_IN(house_ask(put));
    struct exchange *x = house.taken;
    kept = house.arena; /* the call's arena lives on */
    house.arena = (struct arena){0};

    place_remove(&house.place, "grouped");
    OK(keyring_follow(house.place.keyring)); /* the entry is freed */
    ASK(.uri = "/v3/this/overwrites/what/lies/in/the/lane", .payload = "{\"data\":\"\"}");

    assert_string_equal(x->operation->id, "put-fields");
    assert_true(slice_equal(x->token_id, SLICE("grouped")));
    assert_true(slice_equal(x->token_title, SLICE("a token")));
    assert_true(slice_equal(x->header.method, SLICE("PUT")));
    assert_true(slice_equal(x->header.uri, SLICE("/v3/fields/a%20b")));
    assert_true(slice_equal(x->header.query, SLICE("x=%20")));
    assert_true(slice_equal(x->body, SLICE("[1, 2]")));
    assert_int_equal(x->match.parameter_count, 1);
    assert_true(slice_equal(x->match.parameters[0], SLICE("a b")));
    assert_int_equal(x->group_count, 2);
    assert_memory_equal(x->group_ids, token.group_ids, 2 * sizeof(int64_t));
    assert_string_equal(x->address_text, "2001:db8::1");
    assert_string_equal(x->request_id, "01J9ZZZZZZZZZZZZZZZZZZZZZZ");
    assert_true(permission_set_has(&x->rights, PERMISSION_DEVICE_REPORTS_VIEW));
    assert_false(permission_set_has(&x->rights, PERMISSION_GEOLOCATION_VIEW));
    assert_null(x->entry);
    arena_done(&kept);
}

static void
test_answer_keeps_the_quotes_of_a_text(void **state)
{
    (void)state;
    LET_IN(ASK(PUT, .payload = "{\"data\":\"te\\nxt\"}"));
    assert_true(slice_equal(house.taken->body, SLICE("\"te\\nxt\"")));
    LET_IN(ASK(PUT, .payload = "{}"));
    assert_int_equal(house.taken->body.len, 0);
}

static void
test_answer_says_when_nobody_can_take_it(void **state)
{
    (void)state;
    house.is_busy = true;
    const struct outcome *outcome = ASK(.uri = "/v3/reporting/devices");
    REFUSED(outcome, REFUSED_BUSY, "waiting");
    assert_int_equal(outcome->retry_after_s, 1);
    LET_IN(ASK(0)); /* whoami needs nobody */
}

static const struct upstream ORDERS = {.name = "Orders", .prefix = "/orders"};
/* As if it were ours: the upstream answers it all the same. */
static const struct operation OF_ORDERS[] = {{.id = "get-whoami",
                                              .upstream = &ORDERS,
                                              .method = "GET",
                                              .path = "/orders/{id}",
                                              .need = OPERATION_OPEN_TO_ALL}};

static void
test_answer_forwards_what_is_an_upstreams(void **state)
{
    (void)state;
    house_put_routes(OF_ORDERS, 1);
    house_close_gate();
    house.is_forwarding = true;
    house_open_gate();
    LET_IN(ASK(.uri = "/orders/a%20b"));
    struct exchange *x = house.forwarded;
    assert_non_null(x);
    assert_null(house.taken);
    assert_true(x->is_handed_over);
    assert_ptr_equal(x->operation, &OF_ORDERS[0]);
    assert_true(slice_equal(x->header.uri, SLICE("/orders/a%20b")));
}

static void
test_answer_says_when_nobody_forwards(void **state)
{
    (void)state;
    house_put_routes(OF_ORDERS, 1);
    REFUSED(ASK(.uri = "/orders/1"), REFUSED_UPSTREAM, "'Orders'");
    house_close_gate();
    house.is_forwarding = true;
    house_open_gate();
    house.is_busy = true;
    REFUSED(ASK(.uri = "/orders/1"), REFUSED_BUSY, "waiting");
}

static void
test_record_counts_uses_of_the_permitted_only(void **state)
{
    (void)state;
    LET_IN(ASK(0));
    LET_IN(ASK(.uri = "/v3/reporting/devices"));
    REFUSED(ASK(.uri = "/v3/nothing"), REFUSED_NO_ROUTE, "");
    keyring_enter();
    struct keyring_use *use =
        keyring_entry_use(keyring_find(house.place.keyring, SLICE("hs")));
    assert_int_equal(atomic_load(&use->count), 2);
    assert_int_equal(atomic_load(&use->last_used_at_s), NOW_MS / 1000);
    keyring_leave();
    assert_int_equal(gate_verdict_count(house.gate, PERMITTED), 2);
    assert_int_equal(gate_verdict_count(house.gate, REFUSED_NO_ROUTE), 1);
    assert_int_equal(gate_verdict_count(house.gate, REFUSED_RATE), 0);
    gate_lane_close(&house.lane); /* what it counted stays */
    assert_int_equal(gate_verdict_count(house.gate, PERMITTED), 2);
    OK(gate_lane_open(house.gate, &house.lane));
}

/* Its owner may read why; nobody fills the ring who has not proved a key. */
static void
test_record_keeps_the_refusals_of_proved_requests_only(void **state)
{
    static struct refusal found[REFUSALS_OF_TOKEN_MAX_COUNT];
    struct hmac_key *wrong AUTO(hmac_key_free) = hmac_key_new(SLICE("another secret"));

    (void)state;
    LET_IN(ASK(.uri = "/v3/whoami"));
    ASK(.uri = "/v3/nothing", .hs256 = wrong);
    ASK(.uri = "/v3/nothing", .token = "unknown");
    assert_int_equal(refusals_find(house.refusals, SLICE("hs"), found), 0);
    ASK(.uri = "/v3/nothing", .query = "secret=1");
    ASK(.uri = "/v3/whoami", .issued_at_ms = NOW_MS - 400 * 1000);
    assert_int_equal(refusals_find(house.refusals, SLICE("hs"), found), 2);
    assert_int_equal(found[0].verdict, REFUSED_NOT_FRESH); /* the newest first */
    assert_non_null(strstr(found[0].words, "400"));
    assert_int_equal(found[1].verdict, REFUSED_NO_ROUTE);
    assert_string_equal(found[1].uri, "/v3/nothing"); /* without the query */
    assert_string_equal(found[1].method, "GET");
    assert_string_equal(found[1].address, "127.0.0.1");
    assert_string_equal(found[1].request_id, "01J9ZZZZZZZZZZZZZZZZZZZZZZ");
    assert_int_equal(found[1].at_ms, NOW_MS);
    assert_int_equal(refusals_find(house.refusals, SLICE("es"), found), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_steps_are_those_of_the_design_in_that_order),
        IN_HOUSE(test_read_takes_one_compact_jws_and_nothing_else),
        IN_HOUSE(test_read_refuses_padding_foreign_characters_and_spare_bits),
        IN_HOUSE(test_read_holds_its_limits),
        IN_HOUSE(test_header_forgives_what_clients_send),
        IN_HOUSE(test_header_refuses_what_could_be_read_in_two_ways),
        IN_HOUSE(test_header_names_what_is_missing),
        IN_HOUSE(test_token_after_a_silent_store_nobody_is_let_in),
        IN_HOUSE(test_signature_of_each_algorithm),
        IN_HOUSE(test_address_inside_and_one_outside),
        IN_HOUSE(test_life_ends_in_the_second_of_expiry),
        IN_HOUSE(test_life_of_a_replaced_token_ends_in_the_second_of_its_overlap),
        IN_HOUSE(test_life_raises_no_alarm_without_a_fresh_proof),
        IN_HOUSE(test_life_of_a_suspended_token_and_of_a_suspended_user),
        IN_HOUSE(test_fresh_to_the_millisecond_and_the_skew_is_told),
        IN_HOUSE(test_once_is_for_the_request_and_not_for_its_signature),
        IN_HOUSE(test_once_the_other_signature_is_good_by_itself),
        IN_HOUSE(test_once_holds_for_what_the_setting_says),
        IN_HOUSE(test_once_is_for_each_token_by_itself),
        IN_HOUSE(test_once_a_refused_signature_uses_nothing),
        IN_HOUSE(test_once_outlasts_a_clean_stop),
        IN_HOUSE(test_once_after_an_unclean_stop_older_requests_are_refused),
        IN_HOUSE(test_route_finds_operations_and_nothing_else),
        IN_HOUSE(test_route_takes_the_payloads_that_clients_send),
        IN_HOUSE(test_licence_any_of_those_named_will_do),
        IN_HOUSE(test_permission_names_the_one_that_is_missing),
        IN_HOUSE(test_permission_for_a_field_that_is_asked_for_by_name),
        IN_HOUSE(test_permission_for_a_value_in_query_or_body),
        IN_HOUSE(test_permission_follows_the_role_when_rights_are_live),
        IN_HOUSE(test_rate_of_a_token_and_of_the_account),
        IN_HOUSE(test_canary_answers_as_one_that_does_not_exist),
        IN_HOUSE(test_canary_is_raised_by_its_key_only),
        IN_HOUSE(test_answer_whoami_tells_the_token_who_it_is),
        IN_HOUSE(test_answer_copies_live_without_lane_and_keyring),
        IN_HOUSE(test_answer_keeps_the_quotes_of_a_text),
        IN_HOUSE(test_answer_says_when_nobody_can_take_it),
        IN_HOUSE(test_answer_forwards_what_is_an_upstreams),
        IN_HOUSE(test_answer_says_when_nobody_forwards),
        IN_HOUSE(test_record_counts_uses_of_the_permitted_only),
        IN_HOUSE(test_record_keeps_the_refusals_of_proved_requests_only),
    };

    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
