/* SPDX-License-Identifier: Apache-2.0
 *
 * The custom fields of a device: what a change may look like, what it does, and what it
 * leaves alone. */
#include "support.h"

#include "store/store_events.h"
#include "store/store_field_definitions.h"

#define ASSET   "IzEW8ZrT-tk0WH69a0yEcw" /* predefined, Text */
#define LEASE   "P_nRWaeDTQcq6h_XGxYVhA" /* predefined, Date */
#define COLOUR  "AAAAAAAAAAAAAAAAAAAAAA" /* ours, Dropdown */
#define NOTHING "BBBBBBBBBBBBBBBBBBBBBB"

static void
fill(struct inventory *v)
{
    struct field_definition colour = {
        .uid = SLICE(COLOUR),
        .key = SLICE("colour"),
        .name = SLICE("Colour"),
        .category = SLICE("UDF"),
        .type = SLICE("Dropdown"),
        .dropdowns = SLICE("[{\"elementId\":\"1\",\"elementValue\":\"Red\"},"
                           "{\"elementId\":\"2\",\"elementValue\":\"Sea \\u0062lue\"}]")};
    int64_t id = 0;

    MUST(store_begin(v->writer));
    MUST(store_field_definition_add(v->writer, &colour, &id));
    MUST(store_commit(v->writer));
    put(v,
        "{\"deviceUid\":\"d1\",\"customFields\":[{\"cdfFieldName\":\"asset number\","
        "\"cdfFieldValue\":7},{\"cdfUid\":\"" NOTHING "\",\"cdfFieldValue\":\"old\"}]}");
    put(v, "{\"deviceUid\":\"d2\"}");
}

/* Puts a body; gives the code and field of the refusal, "" when there was none. */
static int
change(struct inventory *v, const char *body, char *out, size_t size)
{
    struct asked asked = {.operation = "update-device-cdf",
                          .parameters = {"d1"},
                          .body = slice_of(body),
                          .rights = permission_set_all()};
    const char *code = "";
    const char *field = "";

    inventory_ask(v, &asked);
    int status = asked.status;
    json_t *root = json_loadb((const char *)asked.reply.at, asked.reply.len, 0, NULL);
    json_t *detail = json_array_get(json_object_get(root, "details"), 0);
    json_unpack(detail, "{s:s, s:s}", "code", &code, "field", &field);
    snprintf(out, size, "%s %s", code, field);
    if (status == 202)
        assert_int_equal(asked.reply.len, 0);
    json_decref(root);
    asked_done(&asked);
    return status;
}

static void
must_change(struct inventory *v, const char *body)
{
    char words[128];
    int status = change(v, body, words, sizeof(words));

    if (status != 202)
        fail_msg("%s: %d %s", body, status, words);
}

static void
check_bad(struct inventory *v, const char *body, int wanted, const char *words)
{
    char got[128];
    int status = change(v, body, got, sizeof(got));

    if (status != wanted || strcmp(got, words) != 0)
        fail_msg("%s: %d %s", body, status, got);
}

/* What /reporting/devices says of the device's custom fields. */
static void
check_device(struct inventory *v, const char *wanted)
{
    char text[1024];

    snprintf(text, sizeof(text), "{%s\"deviceUid\":\"d1\"}", wanted);
    check_row(ask(v, "get-devices", "select=customFields&deviceUid=D1", 200), text);
}

static json_t *
get_value(struct inventory *v, const char *uid, int status)
{
    struct asked asked = {.operation = "get-device-cdf-by-cdf-uid",
                          .parameters = {"d1", uid},
                          .rights = permission_set_all()};

    return ask_as(v, &asked, status);
}

static void
check_value(struct inventory *v, const char *uid, const char *wanted)
{
    json_t *root = get_value(v, uid, 200);
    json_t *value = json_object_get(json_object_get(root, "data"), "cdfFieldValue");

    if (wanted)
        assert_string_equal(json_string_value(value), wanted);
    else
        assert_null(value);
    json_decref(root);
}

/* The newest events of changed fields, as texts of their details. */
struct seen {
    size_t count;
    char details[1024];
};

static bool
see(void *ctx, const struct event *event)
{
    struct seen *seen = ctx;

    if (seen->count++ == 0)
        snprintf(seen->details, sizeof(seen->details), "%.*s", SLICE_ARG(event->details));
    assert_int_equal(event->actor_kind, ACTOR_TOKEN);
    assert_string_equal(event->actor_id, "a-token");
    assert_string_equal(event->object_id, "d1");
    assert_string_equal(event->address, "192.0.2.1");
    return true;
}

static struct seen
events(struct inventory *v)
{
    struct event_query query = {.kind = EVENT_DEVICE_FIELDS_UPDATED};
    struct seen seen = {0};

    MUST(store_event_list(v->reader, &query, see, &seen));
    return seen;
}

#define STRANGER "{\"cdfFieldValue\":\"old\",\"cdfUid\":\"" NOTHING "\"}"

static void
test_values_are_found_by_uid_and_by_name(void **state)
{
    fill(*state);
    check_value(*state, ASSET, "7");
    check_value(*state, LEASE, NULL);
    json_decref(get_value(*state, NOTHING, 404));
    json_decref(get_value(*state, "x", 404));
}

static void
test_a_change_is_one_object_or_a_list_of_them(void **state)
{
    static const char *const BODIES[] = {
        "[{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":\"a\"}]",
        "{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":\"b\"}",
        "{\"data\":[{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":\"c\"}]}",
        "{\"data\":{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":\"d\"}}",
        "[{\"cdfFieldValue\":\"e\",\"cdfFieldName\":\"x\",\"cdfUid\":\"" ASSET "\"}]",
    };
    static const char *const VALUES[] = {"a", "b", "c", "d", "e"};

    fill(*state);
    for (size_t i = 0; i < COUNT_OF(BODIES); i++) {
        must_change(*state, BODIES[i]);
        check_value(*state, ASSET, VALUES[i]);
        assert_int_equal(events(*state).count, i + 1);
    }
}

static void
test_numbers_and_truths_are_taken_as_texts(void **state)
{
    fill(*state);
    must_change(*state, "[{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":12.50}]");
    check_value(*state, ASSET, "12.50");
    must_change(*state, "[{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":true}]");
    check_value(*state, ASSET, "true");
}

static void
test_other_fields_stay_as_they_are(void **state)
{
    fill(*state);
    must_change(*state, "[{\"cdfUid\":\"" COLOUR "\",\"cdfFieldValue\":\"Sea blue\"}]");
    check_device(*state,
                 "\"customFields\":[{\"cdfFieldName\":\"Asset Number\",\"cdfFieldValue\":"
                 "\"7\",\"cdfUid\":\"" ASSET "\"},{\"cdfFieldName\":\"Colour\","
                 "\"cdfFieldValue\":\"Sea blue\",\"cdfUid\":\"" COLOUR "\"}," STRANGER
                 "],");
}

static void
test_nothing_takes_a_value_away(void **state)
{
    static const char *const NOTHINGS[] = {"\"\"", "null"};
    char body[128];

    for (size_t i = 0; i < COUNT_OF(NOTHINGS); i++) {
        if (i == 0)
            fill(*state);
        must_change(*state, "[{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":\"x\"}]");
        snprintf(body, sizeof(body), "[{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":%s}]",
                 NOTHINGS[i]);
        must_change(*state, body);
        check_value(*state, ASSET, NULL);
        check_device(*state, "\"customFields\":[" STRANGER "],");
    }
}

static void
test_a_change_is_all_or_nothing(void **state)
{
    fill(*state);
    check_bad(*state,
              "[{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":\"x\"},"
              "{\"cdfUid\":\"" LEASE "\",\"cdfFieldValue\":\"soon\"}]",
              400, "INVALID_VALUE cdfFieldValue");
    check_value(*state, ASSET, "7");
    check_bad(*state,
              "[{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":\"x\"},"
              "{\"cdfUid\":\"" NOTHING "\",\"cdfFieldValue\":\"x\"}]",
              404, " ");
    check_value(*state, ASSET, "7");
    assert_int_equal(events(*state).count, 0);
}

static void
test_each_type_takes_its_own_values_only(void **state)
{
    static const char *const GOOD[][2] = {{LEASE, "2026-01-31"},
                                          {LEASE, "01/31/2026"},
                                          {LEASE, "2024-02-29"},
                                          {COLOUR, "Red"},
                                          {ASSET, "anything at all"}};
    static const char *const BAD[][2] = {{LEASE, "2026-02-30"},  {LEASE, "31/01/2026"},
                                         {LEASE, "2026-1-31"},   {LEASE, "soon"},
                                         {LEASE, "2026-01-31Z"}, {COLOUR, "red"},
                                         {COLOUR, "Green"},      {COLOUR, "1"},
                                         {ASSET, "a\\u0001b"},   {ASSET, "a\\nb"}};
    char body[256];

    fill(*state);
    for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
        snprintf(body, sizeof(body), "[{\"cdfUid\":\"%s\",\"cdfFieldValue\":\"%s\"}]",
                 GOOD[i][0], GOOD[i][1]);
        must_change(*state, body);
        check_value(*state, GOOD[i][0], GOOD[i][1]);
    }
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        snprintf(body, sizeof(body), "[{\"cdfUid\":\"%s\",\"cdfFieldValue\":\"%s\"}]",
                 BAD[i][0], BAD[i][1]);
        check_bad(*state, body, 400, "INVALID_VALUE cdfFieldValue");
    }
}

static void
test_a_body_that_is_no_change_is_refused(void **state)
{
    static const char *const BAD[][2] = {
        {"", "INVALID_JSON data"},
        {"[", "INVALID_JSON data"},
        {"7", "INVALID_VALUE data"},
        {"\"\"", "INVALID_VALUE data"},
        {"{}", "INVALID_VALUE cdfUid"},
        {"[7]", "INVALID_VALUE cdfUid"},
        {"[{\"cdfUid\":7,\"cdfFieldValue\":\"x\"}]", "INVALID_VALUE cdfUid"},
        {"[{\"cdfUid\":\"" ASSET "\"}]", "INVALID_VALUE cdfFieldValue"},
        {"[{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":[]}]",
         "INVALID_VALUE cdfFieldValue"},
        {"[{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":\"a\"},"
         "{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":\"b\"}]",
         "INVALID_VALUE cdfUid"},
        {"[{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":\"a\",\"cdfFieldValue\":\"b\"}]",
         "INVALID_VALUE cdfFieldValue"},
    };

    fill(*state);
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        check_bad(*state, BAD[i][0], 400, BAD[i][1]);
    check_value(*state, ASSET, "7");
}

static void
test_a_value_has_its_greatest_length(void **state)
{
    struct buffer body AUTO(buffer_done) = buffer_make(8192);

    fill(*state);
    buffer_add_text(&body, "[{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":\"");
    for (int i = 0; i < 1000; i++)
        buffer_add_text(&body, "\xC3\xA9");
    buffer_add_text(&body, "\"}]");
    buffer_add_byte(&body, '\0');
    must_change(*state, (const char *)body.at);
    body.len -= 4;
    buffer_add_text(&body, "x\"}]");
    buffer_add_byte(&body, '\0');
    check_bad(*state, (const char *)body.at, 400, "INVALID_VALUE cdfFieldValue");
}

static void
test_a_change_is_an_event_with_what_was_and_what_is(void **state)
{
    fill(*state);
    must_change(*state, "[{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":\"8\"}]");
    struct seen seen = events(*state);
    assert_int_equal(seen.count, 1);
    assert_non_null(strstr(seen.details, "\"Asset Number\""));
    assert_non_null(strstr(seen.details, "\"7\""));
    assert_non_null(strstr(seen.details, "\"8\""));
    /* what changes nothing is no event */
    must_change(*state, "[{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":\"8\"}]");
    must_change(*state, "[]");
    assert_int_equal(events(*state).count, 1);
}

static void
test_an_import_without_custom_fields_leaves_them(void **state)
{
    fill(*state);
    must_change(*state, "[{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":\"8\"}]");
    put(*state, "{\"deviceUid\":\"d1\",\"deviceName\":\"new\"}");
    check_value(*state, ASSET, "8");
    put(*state, "{\"deviceUid\":\"d1\",\"customFields\":[{\"cdfUid\":\"" ASSET "\","
                "\"cdfFieldValue\":\"9\"}]}");
    check_value(*state, ASSET, "9");
}

static void
test_a_device_outside_the_groups_has_no_fields(void **state)
{
    struct inventory *v = *state;
    int64_t group = inventory_group(v, "G", "g-uid");
    static const char *const OPERATIONS[] = {"get-device-cdf", "update-device-cdf",
                                             "get-device-groups-by-device-uid"};

    fill(v);
    inventory_assign(v, group, "d2");
    for (size_t i = 0; i < COUNT_OF(OPERATIONS); i++) {
        struct asked asked = {
            .operation = OPERATIONS[i],
            .parameters = {"d1"},
            .body = SLICE("[{\"cdfUid\":\"" ASSET "\",\"cdfFieldValue\":\"x\"}]"),
            .groups = &group,
            .group_count = 1};
        json_decref(ask_as(v, &asked, 404));
        asked.parameters[0] = "nobody";
        json_decref(ask_as(v, &asked, 404));
        asked.parameters[0] = "D2";
        inventory_ask(v, &asked);
        assert_int_equal(asked.status, i == 1 ? 202 : 200);
        asked_done(&asked);
    }
    check_value(v, ASSET, "7");
}

static void
test_fields_are_listed_by_a_part_of_their_names(void **state)
{
    struct asked asked = {.operation = "get-device-cdf",
                          .parameters = {"d1"},
                          .query = SLICE("cdfFieldNameContains=LEASE%20")};
    char names[1024];

    fill(*state);
    json_t *root = ask_as(*state, &asked, 200);
    join(root, "cdfFieldName", names, sizeof(names));
    assert_non_null(strstr(names, "Lease Number"));
    assert_null(strstr(names, "Asset Number"));
    json_decref(root);
    asked.query = SLICE("cdfFieldNameContains=nonsense");
    root = ask_as(*state, &asked, 200);
    assert_int_equal(json_array_size(json_object_get(root, "data")), 0);
    json_decref(root);
    asked.query = SLICE("cdfFieldNameContains=%ff");
    json_decref(ask_as(*state, &asked, 400));
    /* two that differ: which one is meant cannot be known */
    asked.query = SLICE("cdfFieldNameContains=a&cdfFieldNameContains=b");
    json_decref(ask_as(*state, &asked, 400));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_values_are_found_by_uid_and_by_name),
        INVENTORY_TEST(test_a_change_is_one_object_or_a_list_of_them),
        INVENTORY_TEST(test_numbers_and_truths_are_taken_as_texts),
        INVENTORY_TEST(test_other_fields_stay_as_they_are),
        INVENTORY_TEST(test_nothing_takes_a_value_away),
        INVENTORY_TEST(test_a_change_is_all_or_nothing),
        INVENTORY_TEST(test_each_type_takes_its_own_values_only),
        INVENTORY_TEST(test_a_body_that_is_no_change_is_refused),
        INVENTORY_TEST(test_a_value_has_its_greatest_length),
        INVENTORY_TEST(test_a_change_is_an_event_with_what_was_and_what_is),
        INVENTORY_TEST(test_an_import_without_custom_fields_leaves_them),
        INVENTORY_TEST(test_a_device_outside_the_groups_has_no_fields),
        INVENTORY_TEST(test_fields_are_listed_by_a_part_of_their_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
