/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps from read to fresh, who asks: what each lets through, and the nearest thing
 * that it refuses. */
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
        IN_HOUSE(test_canary_answers_as_one_that_does_not_exist),
        IN_HOUSE(test_canary_is_raised_by_its_key_only),
    };

    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
