/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps from route to answer, what is asked for, and the record: what each lets
 * through, and the nearest thing that it refuses. */
#include "support.h"

#include "base/log.h"

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
        IN_HOUSE(test_route_finds_operations_and_nothing_else),
        IN_HOUSE(test_route_takes_the_payloads_that_clients_send),
        IN_HOUSE(test_licence_any_of_those_named_will_do),
        IN_HOUSE(test_permission_names_the_one_that_is_missing),
        IN_HOUSE(test_permission_for_a_field_that_is_asked_for_by_name),
        IN_HOUSE(test_permission_for_a_value_in_query_or_body),
        IN_HOUSE(test_permission_follows_the_role_when_rights_are_live),
        IN_HOUSE(test_rate_of_a_token_and_of_the_account),
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
