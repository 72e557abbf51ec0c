/* SPDX-License-Identifier: Apache-2.0
 *
 * What explain says is what the gate does: for 100,000 random requests of random tokens,
 * and for what each refusal is about. EXPLAIN_SEED makes a run again. */
#include "support.h"

#include "base/log.h"
#include "base/random.h"
#include "gate/explain.h"
#include "gate/inside.h"

enum { TOKEN_COUNT = 240, USER_COUNT = 12, REQUEST_COUNT = 100 * 1000 };

static struct gate_lane *explain_lane;

static int
open_explaining(void **state)
{
    int failed = house_open(state);

    OK(gate_lane_open(house.gate, &explain_lane));
    return failed;
}

static int
close_explaining(void **state)
{
    gate_lane_close(&explain_lane);
    return house_close(state);
}

#define EXPLAINING(test) \
    cmocka_unit_test_setup_teardown(test, open_explaining, close_explaining)

/* Of what an ask() describes; what is left out is as in house_ask(). */
static const struct explanation *
explain(struct ask ask, const char *body)
{
    static struct explanation explanation;
    struct explain_request request = {
        .token_id = slice_of(ask.token ? ask.token : "hs"),
        .method = slice_of(ask.method ? ask.method : "GET"),
        .uri = slice_of(ask.uri ? ask.uri : "/v3/whoami"),
        .query = slice_of(ask.query ? ask.query : ""),
        .body = slice_of(body ? body : ""),
        .has_address = true,
        .at_ms = NOW_MS,
        .issued_at_ms = ask.issued_at_ms ? ask.issued_at_ms : NOW_MS,
    };

    OK(ip_read(slice_of(ask.from ? ask.from : "127.0.0.1"), &request.address));
    gate_explain(explain_lane, &request, &explanation);
    return &explanation;
}

#define EXPLAIN(...) explain((struct ask){__VA_ARGS__}, NULL)

static const struct explain_step *
step_of(const struct explanation *explanation, const char *name)
{
    for (size_t i = 0; i < explanation->step_count; i++) {
        if (strcmp(explanation->steps[i].name, name) == 0)
            return &explanation->steps[i];
    }
    fail_msg("there is no step %s", name);
    return NULL;
}

static const struct explain_step *
first_failed(const struct explanation *explanation)
{
    for (size_t i = 0; i < explanation->step_count; i++) {
        if (explanation->steps[i].outcome == EXPLAIN_FAILED)
            return &explanation->steps[i];
    }
    return NULL;
}

/* ---- random tokens and requests ---- */

static uint64_t dice_state;

static uint64_t
dice(uint64_t sides)
{
    dice_state ^= dice_state << 13;
    dice_state ^= dice_state >> 7;
    dice_state ^= dice_state << 17;
    return (dice_state >> 11) % sides;
}

#define PICK(list) (list)[dice(COUNT_OF(list))]

/* Few numbers: those that OPERATIONS ask for, and two that nothing asks for. */
static struct permission_set
random_permissions(void)
{
    static const uint8_t NUMBERS[] = {
        PERMISSION_DEVICE_FIELDS_VIEW,   PERMISSION_DEVICE_REPORTS_VIEW,
        PERMISSION_GEOLOCATION_VIEW,     PERMISSION_UNENROLL_DEVICE_PERFORM,
        PERMISSION_DEVICE_FIELDS_MANAGE, PERMISSION_LICENSES_VIEW,
        PERMISSION_POLICIES_VIEW};
    struct permission_set set = {0};

    for (size_t i = 0; i < COUNT_OF(NUMBERS); i++) {
        if (dice(4) != 0)
            permission_set_add(&set, NUMBERS[i]);
    }
    return set;
}

static int64_t
add_random_user(size_t number)
{
    struct role role = {.is_system_admin = number == 0,
                        .permissions = random_permissions()};
    struct user user = {.is_suspended = number == 1};
    int64_t id = 0;

    snprintf(role.name, sizeof(role.name), "Role %zu", number);
    snprintf(user.email, sizeof(user.email), "user%zu@example.com", number);
    uuid_make(user.uid);
    OK(store_begin(house.place.writer));
    OK(store_role_add(house.place.writer, &role, &user.role_id));
    OK(store_user_add(house.place.writer, &user, &id));
    OK(store_change_add_id(house.place.writer, CHANGE_ROLE, user.role_id));
    OK(store_change_add_id(house.place.writer, CHANGE_USER, id));
    place_commit(&house.place);
    return id;
}

static void
add_random_token(size_t number, const int64_t user_ids[USER_COUNT])
{
    static const char *const RANGES[] = {"192.0.2.0/24", "127.0.0.1", "2001:db8::/32"};
    char id[TOKEN_ID_MAX_CHARS + 1];

    snprintf(id, sizeof(id), "token-%zu", number);
    struct token token = house_token(id, false);
    token.user_id = user_ids[dice(USER_COUNT)];
    token.permissions = random_permissions();
    token.is_suspended = dice(12) == 0;
    if (dice(8) == 0) /* in the past, in this very second, or in the next */
        token.expires_at_s = NOW_MS / 1000 - 1 + (int64_t)dice(3);
    while (token.address_count < 2 && dice(3) == 0)
        OK(ip_range_read(slice_of(PICK(RANGES)), &token.addresses[token.address_count++],
                         NULL));
    place_add(&house.place, &token);
}

static void
fill_house(void)
{
    int64_t user_ids[USER_COUNT];

    for (size_t i = 0; i < USER_COUNT; i++)
        user_ids[i] = add_random_user(i);
    for (size_t i = 0; i < TOKEN_COUNT; i++)
        add_random_token(i, user_ids);
    place_set_live_rights(&house.place, dice(2) != 0);
    OK(keyring_follow(house.place.keyring));
}

/* Things that change meanwhile, now and then. */
static void
change_something(void)
{
    static const char *const NAMES[] = {"Control", "Resilience", "Visibility"};
    int64_t now_s = NOW_MS / 1000;

    switch (dice(3)) {
    case 0:
        place_set_live_rights(&house.place, dice(2) != 0);
        break;
    case 1:
        place_add_licence(&house.place, PICK(NAMES), now_s - 10,
                          now_s + (int64_t)dice(3));
        break;
    default:
        place_suspend_user(&house.place, dice(2) != 0);
    }
    OK(keyring_follow(house.place.keyring));
}

struct random_ask {
    struct ask ask;
    const char *body;
    char token[32], query[64];
};

static void
make_random_ask(size_t number, struct random_ask *out)
{
    static const char *const METHODS[] = {"GET", "GET", "GET",  "PUT",
                                          "PUT", "GET", "POST", "get"};
    static const char *const URIS[] = {"/v3/whoami",
                                       "/v3/reporting/devices",
                                       "/v3/reporting/devices",
                                       "/v3/manage",
                                       "/v3/fields/abc",
                                       "/v3/fields/a%2fb",
                                       "/v3/fields/abc",
                                       "/v3/closed",
                                       "/v3/licensed",
                                       "/v3/licensed",
                                       "/v3/nothing",
                                       "/v3//whoami",
                                       "/v3/whoami?a=b",
                                       "v3/whoami",
                                       "/v3/%77hoami"};
    static const char *const QUERIES[] = {"select=deviceUid",
                                          "select=geoData",
                                          "unenroll=true",
                                          "unenroll=%54rue",
                                          "unenroll=false",
                                          "x=",
                                          "&a=b"};
    static const char *const BODIES[] = {
        NULL,   "{\"unenroll\":true}", "{\"unenroll\":\"TRUE\"}",
        "[1]",  "{\"unenroll\":1}",    "{\"unenroll\":false,\"unenroll\":true}",
        "\"\"", "{\"unenroll\":tru}"};
    static const char *const FROM[] = {"127.0.0.1", "192.0.2.7", "2001:db8::9",
                                       "198.51.100.1"};
    static const int64_t AGES_MS[] = {0,      0,      0,       0,      299999,
                                      300000, 300001, -300000, -300001};

    if (dice(60) == 0)
        snprintf(out->token, sizeof(out->token), "nobody-%zu", number);
    else
        snprintf(out->token, sizeof(out->token), "token-%d", (int)dice(TOKEN_COUNT));
    /* each a request of its own, so that none was used already */
    snprintf(out->query, sizeof(out->query), "%s&n=%zu", PICK(QUERIES), number);
    out->body = PICK(BODIES);
    out->ask = (struct ask){.token = out->token,
                            .method = PICK(METHODS),
                            .uri = PICK(URIS),
                            .query = out->query,
                            .from = PICK(FROM),
                            .issued_at_ms = NOW_MS - PICK(AGES_MS)};
}

static void
compare(size_t number, uint64_t seed)
{
    struct random_ask random;
    char payload[256];

    make_random_ask(number, &random);
    snprintf(payload, sizeof(payload), random.body ? "{\"data\":%s}" : "{}", random.body);
    struct ask ask = random.ask;
    ask.payload = payload;
    const struct explanation *said = explain(random.ask, random.body);
    const struct outcome *done = house_ask(ask);
    const struct explain_step *failed = first_failed(said);
    if (said->verdict != done->verdict)
        fail_msg("seed %llu, request %zu: %s %s ? %s %s of %s from %s: the gate says %s, "
                 "explain says %s",
                 (unsigned long long)seed, number, ask.method, ask.uri, ask.query,
                 payload, ask.token, ask.from, verdict_name(done->verdict),
                 verdict_name(said->verdict));
    if (!failed) {
        assert_int_equal(done->verdict, PERMITTED);
        return;
    }
    assert_int_equal(failed->verdict, done->verdict);
    /* and in the same words, when the caller hears any; quotes are escaped in JSON */
    size_t plain = strcspn(failed->words, "\"\\");
    char words[FAILURE_TEXT_MAX];
    snprintf(words, sizeof(words), "%.*s", (int)plain, failed->words);
    if (done->verdict != REFUSED_UNKNOWN_TOKEN && !strstr(done->body, words))
        fail_msg("seed %llu, request %zu: '%s' is not in %s", (unsigned long long)seed,
                 number, words, done->body);
}

static void
test_explain_and_the_gate_agree_on_100000_random_requests(void **state)
{
    const char *given = getenv("EXPLAIN_SEED");
    uint64_t seed = 0;
    int64_t counts[VERDICT_COUNT];
    size_t kinds = 0;

    (void)state;
    random_fill(&seed, sizeof(seed));
    if (given)
        seed = strtoull(given, NULL, 10);
    dice_state = seed | 1;
    print_message("seed: %llu\n", (unsigned long long)seed);
    fill_house();
    for (size_t i = 0; i < REQUEST_COUNT; i++) {
        if (i % 5000 == 4999)
            change_something();
        compare(i, seed);
    }
    for (int why = 0; why < VERDICT_COUNT; why++) {
        counts[why] = gate_verdict_count(house.gate, (enum verdict)why);
        kinds += counts[why] > 100;
        if (counts[why] > 0)
            print_message("  %s: %lld\n", verdict_name((enum verdict)why),
                          (long long)counts[why]);
    }
    assert_true(counts[PERMITTED] > REQUEST_COUNT / 100);
    assert_true(kinds >= 10); /* the dice have been everywhere */
}

/* ---- one at a time ---- */

static void
test_all_that_is_missing_is_found_at_once(void **state)
{
    struct token token = house_token("poor", false);

    (void)state;
    token.permissions = (struct permission_set){0};
    permission_set_add(&token.permissions, PERMISSION_LICENSES_VIEW);
    token.is_suspended = true;
    OK(ip_range_read(SLICE("192.0.2.0/24"), &token.addresses[0], NULL));
    token.address_count = 1;
    house_add(&token);
    const struct explanation *said =
        EXPLAIN(.token = "poor", .uri = "/v3/reporting/devices",
                .query = "select=geoData", .issued_at_ms = NOW_MS - 301 * 1000);
    assert_int_equal(said->verdict, REFUSED_ADDRESS); /* the gate's own */
    assert_int_equal(step_of(said, "address")->outcome, EXPLAIN_FAILED);
    assert_int_equal(step_of(said, "life")->verdict, REFUSED_SUSPENDED);
    assert_int_equal(step_of(said, "fresh")->verdict, REFUSED_NOT_FRESH);
    assert_int_equal(step_of(said, "route")->outcome, EXPLAIN_PASSED);
    assert_int_equal(step_of(said, "licence")->outcome, EXPLAIN_PASSED);
    assert_int_equal(step_of(said, "permission")->verdict, REFUSED_PERMISSION);
    assert_int_equal(step_of(said, "signature")->outcome, EXPLAIN_NOT_ASKED);
    assert_int_equal(step_of(said, "once")->outcome, EXPLAIN_NOT_ASKED);
    /* every permission by name, the field's too */
    assert_int_equal(said->need_count, 3);
    for (size_t i = 0; i < said->need_count; i++)
        assert_true(said->needs[i].is_missing);
    assert_string_equal(said->needs[2].when, "geoData");
    assert_string_equal(said->path, "/v3/reporting/devices");

    said = EXPLAIN(.uri = "/v3/licensed");
    assert_int_equal(said->verdict, REFUSED_LICENCE);
    assert_int_equal(said->licence_count, 2);
    assert_string_equal(said->licences[1].name, "Resilience");
    assert_int_equal(step_of(said, "permission")->outcome, EXPLAIN_PASSED);
}

static void
test_what_makes_no_sense_is_not_reached(void **state)
{
    (void)state;
    const struct explanation *said = EXPLAIN(.token = "nobody", .uri = "/v3/manage");
    assert_int_equal(said->verdict, REFUSED_UNKNOWN_TOKEN);
    assert_false(said->has_token);
    assert_int_equal(step_of(said, "address")->outcome, EXPLAIN_NOT_REACHED);
    assert_int_equal(step_of(said, "permission")->outcome, EXPLAIN_NOT_REACHED);
    assert_int_equal(step_of(said, "route")->outcome, EXPLAIN_PASSED);
    assert_int_equal(said->need_count, 1); /* what it would need all the same */
    assert_false(said->needs[0].is_missing);

    said = EXPLAIN(.method = "FETCH");
    assert_int_equal(said->verdict, REFUSED_BAD_HEADER);
    assert_int_equal(step_of(said, "token")->outcome, EXPLAIN_NOT_REACHED);
    assert_int_equal(step_of(said, "route")->outcome, EXPLAIN_NOT_REACHED);

    said = EXPLAIN(.method = "DELETE", .uri = "/v3/fields/abc");
    assert_int_equal(said->verdict, REFUSED_NO_ROUTE);
    assert_string_equal(said->other_methods, "PUT");
    assert_int_equal(step_of(said, "permission")->outcome, EXPLAIN_NOT_REACHED);
    assert_false(said->has_operation);
}

static void
test_without_an_address_the_addresses_are_not_asked_about(void **state)
{
    struct token token = house_token("local", false);
    struct explain_request request = {.token_id = SLICE("local"),
                                      .method = SLICE("GET"),
                                      .uri = SLICE("/v3/whoami"),
                                      .at_ms = NOW_MS,
                                      .issued_at_ms = NOW_MS};
    struct explanation said;

    (void)state;
    OK(ip_range_read(SLICE("192.0.2.1"), &token.addresses[0], NULL));
    token.address_count = 1;
    house_add(&token);
    gate_explain(explain_lane, &request, &said);
    assert_int_equal(said.verdict, PERMITTED);
    assert_int_equal(step_of(&said, "address")->outcome, EXPLAIN_NOT_ASKED);
    request.has_address = true;
    OK(ip_read(SLICE("192.0.2.2"), &request.address));
    gate_explain(explain_lane, &request, &said);
    assert_int_equal(said.verdict, REFUSED_ADDRESS);
}

/* The moment is the one that is described: of the token's life and of the licences. */
static void
test_another_moment_is_asked_about_as_it_is_then(void **state)
{
    int64_t day_ms = 86400 * 1000;
    struct token token = house_token("short", false);
    struct explain_request request = {
        .token_id = SLICE("short"), .method = SLICE("GET"), .uri = SLICE("/v3/licensed")};
    struct explanation said;

    (void)state;
    token.expires_at_s = NOW_MS / 1000 + 3 * 86400;
    house_add(&token);
    place_add_licence(&house.place, "Control", NOW_MS / 1000 + 86400,
                      NOW_MS / 1000 + 2 * 86400);
    OK(keyring_follow(house.place.keyring));
    static const enum verdict VERDICTS[] = {REFUSED_LICENCE, PERMITTED, REFUSED_LICENCE,
                                            REFUSED_EXPIRED};
    for (int day = 0; day < 4; day++) {
        request.at_ms = request.issued_at_ms = NOW_MS + day * day_ms;
        gate_explain(explain_lane, &request, &said);
        assert_string_equal(verdict_name(said.verdict), verdict_name(VERDICTS[day]));
    }
}

static void
test_explaining_uses_nothing_up_and_leaves_no_trace(void **state)
{
    static struct refusal found[REFUSALS_OF_TOKEN_MAX_COUNT];
    struct ask put = {.method = "PUT", .uri = "/v3/fields/abc"};

    (void)state;
    house.config.token_rate_per_s = 1;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(explain(put, "{}")->verdict, PERMITTED);
        assert_int_equal(EXPLAIN(.uri = "/v3/nothing")->verdict, REFUSED_NO_ROUTE);
    }
    keyring_enter();
    struct keyring_use *use =
        keyring_entry_use(keyring_find(house.place.keyring, SLICE("hs")));
    assert_int_equal(atomic_load(&use->count), 0);
    assert_int_equal(atomic_load(&use->last_used_at_s), 0);
    assert_int_equal(atomic_load(&use->rate_ns), 0);
    assert_null(atomic_load(&use->refusals));
    keyring_leave();
    assert_int_equal(refusals_find(house.refusals, SLICE("hs"), found), 0);
    assert_int_equal(gate_verdict_count(house.gate, PERMITTED), 0);
    assert_int_equal(gate_verdict_count(house.gate, REFUSED_NO_ROUTE), 0);
    LET_IN(house_ask(put)); /* neither the request nor the rate is used up */
    assert_int_equal(EXPLAIN(0)->verdict, REFUSED_RATE); /* but what is used is seen */
    house.config.token_rate_per_s = 0;
}

static void
allow_bearer(bool is_on)
{
    OK(store_begin(house.place.writer));
    OK(store_fact_set(house.place.writer, "allow_bearer", is_on ? "1" : "0", 1));
    OK(store_change_add(house.place.writer, CHANGE_SETTING, "allow_bearer"));
    place_commit(&house.place);
    OK(keyring_follow(house.place.keyring));
}

/* It signs nothing and states no algorithm; all else is asked of it as of any other. */
static void
test_a_bearer_token_is_explained_as_what_it_is(void **state)
{
    struct token token = house_token("bearer", false);
    const struct explanation *said;

    (void)state;
    token.alg = ALG_BEARER;
    house_add(&token);
    allow_bearer(true);
    assert_int_equal(EXPLAIN(.token = "bearer")->verdict, PERMITTED);
    said = EXPLAIN(.token = "bearer", .uri = "/v3/manage");
    assert_int_equal(said->verdict, REFUSED_PERMISSION);
    allow_bearer(false);
    said = EXPLAIN(.token = "bearer");
    assert_int_equal(said->verdict, REFUSED_BEARER);
    assert_string_equal(first_failed(said)->name, "life");
    assert_int_equal(EXPLAIN(.token = "hs")->verdict, PERMITTED); /* it has a key */
}

static void
test_every_step_has_its_question_in_words(void **state)
{
    (void)state;
    for (size_t i = 0; gate_step_name(i); i++)
        assert_true(strlen(explanation_question(gate_step_name(i))) > 0);
    assert_string_equal(explanation_question("no such step"), "");
}

static void
test_limits_of_a_message_are_the_gates(void **state)
{
    struct buffer query AUTO(buffer_done) = buffer_make(JWS_MAX_BYTES);
    struct buffer body AUTO(buffer_done) = buffer_make(2 * JWS_MAX_BYTES);

    (void)state;
    while (query.len < JWS_HEADER_MAX_BYTES)
        buffer_add_byte(&query, 'a');
    buffer_add_byte(&query, '\0');
    assert_int_equal(EXPLAIN(.query = (const char *)query.at)->verdict,
                     REFUSED_BAD_HEADER);
    buffer_add_byte(&body, '"');
    while (body.len < JWS_MAX_BYTES)
        buffer_add_byte(&body, 'a');
    buffer_add_text(&body, "\"");
    buffer_add_byte(&body, '\0');
    assert_int_equal(
        explain((struct ask){.uri = "/v3/whoami"}, (const char *)body.at)->verdict,
        REFUSED_TOO_LARGE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        EXPLAINING(test_explain_and_the_gate_agree_on_100000_random_requests),
        EXPLAINING(test_all_that_is_missing_is_found_at_once),
        EXPLAINING(test_what_makes_no_sense_is_not_reached),
        EXPLAINING(test_without_an_address_the_addresses_are_not_asked_about),
        EXPLAINING(test_another_moment_is_asked_about_as_it_is_then),
        EXPLAINING(test_explaining_uses_nothing_up_and_leaves_no_trace),
        EXPLAINING(test_a_bearer_token_is_explained_as_what_it_is),
        cmocka_unit_test(test_every_step_has_its_question_in_words),
        EXPLAINING(test_limits_of_a_message_are_the_gates),
    };

    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
