/* SPDX-License-Identifier: Apache-2.0
 *
 * sortBy, pageSize and the filters, read against THE FIELD TABLE. */
#include "support.h"

#include "api/query_read.h"

static const struct list_kind DEVICES = {.fields = DEVICE_FIELDS,
                                         .field_count = DEVICE_FIELD_COUNT,
                                         .page_usual = 10,
                                         .page_max = 500,
                                         .sort_max = 1,
                                         .sort_usual = "deviceUid"};
static const struct list_kind APPLICATIONS = {.fields = APPLICATION_FIELDS,
                                              .field_count = APPLICATION_FIELD_COUNT,
                                              .page_usual = 100,
                                              .page_max = 10000,
                                              .sort_max = APPLICATION_FIELD_COUNT,
                                              .sort_usual = "deviceUid,appId"};

/* A query that was read, with all that it needs. */
struct read {
    struct arena arena;
    struct answer x;
    struct list_query query;
    enum status status;
};

static void
read_done(struct read *read)
{
    arena_done(&read->arena);
}

static void
read_query(struct read *read, const struct list_kind *kind, const char *text)
{
    arena_reset(&read->arena);
    read->x = (struct answer){.arena = &read->arena};
    MUST(query_text_split(slice_of(text), &read->arena, &read->x.pairs));
    read->status = query_read(&read->x, kind, &read->query);
}

static void
check_refusal(const struct list_kind *kind, const char *text, const char *code,
              const char *field)
{
    struct read read AUTO(read_done) = {0};

    read_query(&read, kind, text);
    if (read.status != STATUS_MALFORMED)
        fail_msg("%s: %s", text, status_name(read.status));
    assert_string_equal(read.x.detail_code, code);
    assert_string_equal(read.x.failure.field, field);
    assert_true(read.x.failure.text[0] != '\0');
}

/* The query has one filter: this field, this way, this folded value. */
static void
check_filter(const char *text, const char *field, enum field_match match,
             const char *value)
{
    struct read read AUTO(read_done) = {0};

    read_query(&read, &DEVICES, text);
    if (read.status != STATUS_OK || read.query.filter_count != 1)
        fail_msg("%s: %s, %zu filters", text, read.x.failure.text,
                 read.query.filter_count);
    assert_string_equal(read.query.filters[0].field->name, field);
    assert_int_equal(read.query.filters[0].match, match);
    check_slice(read.query.filters[0].value, value);
}

static void
check_ignored(const char *text)
{
    struct read read AUTO(read_done) = {0};

    read_query(&read, &DEVICES, text);
    if (read.status != STATUS_OK || read.query.filter_count != 0)
        fail_msg("%s: %s, %zu filters", text, read.x.failure.text,
                 read.query.filter_count);
}

static void
test_each_suffix_says_how_to_compare(void **state)
{
    (void)state;
    check_filter("username=Ab", "username", MATCH_IS, "ab");
    check_filter("usernameNot=Ab", "username", MATCH_IS_NOT, "ab");
    check_filter("usernameContains=Ab", "username", MATCH_CONTAINS, "ab");
    check_filter("usernameStartsWith=Ab", "username", MATCH_STARTS, "ab");
    check_filter("usernameNotStartsWith=Ab", "username", MATCH_NOT_STARTS, "ab");
    check_filter("usernameEndsWith=Ab", "username", MATCH_ENDS, "ab");
    check_filter("usernameEmpty=true", "username", MATCH_EMPTY, "");
    check_filter("usernameEmpty=FALSE", "username", MATCH_NOT_EMPTY, "");
}

static void
test_names_that_nobody_knows_are_ignored(void **state)
{
    (void)state;
    check_ignored("userName=x&usernames=x&usernameIs=x&usernameNotContains=x");
    check_ignored("$filter=x&orderBy=esn&agentStatusFrom=x&cpu=x&esnEmpty=true&=x");
    check_ignored("usernameEmpty=perhaps&usernameEmpty=");
    check_ignored("deviceGroupUidAnyOf=x&firstCallDateTimeUtc=x");
}

static void
test_a_moment_is_compared_in_four_ways(void **state)
{
    static const char MOMENT[] = "2026-01-31T10:00:00.000Z";

    (void)state;
    check_filter("lastConnectedDateTimeUtcFrom=2026-01-31T10:00:00.000Z",
                 "lastConnectedDateTimeUtc", MATCH_AFTER, MOMENT);
    check_filter("lastConnectedDateTimeUtcFromInclusive=2026-01-31T10:00:00Z",
                 "lastConnectedDateTimeUtc", MATCH_FROM, MOMENT);
    check_filter("lastConnectedDateTimeUtcTo= 2026-01-31T12:00:00+02:00 ",
                 "lastConnectedDateTimeUtc", MATCH_BEFORE, MOMENT);
    check_filter("lastConnectedDateTimeUtcToInclusive=2026-01-31T10:00:00.0Z",
                 "lastConnectedDateTimeUtc", MATCH_TO, MOMENT);
    /* as the vendor's document spells it once */
    check_filter("unenrollmentDateTimeUtclusive=2026-01-31T10:00:00Z",
                 "unenrollmentDateTimeUtc", MATCH_FROM, MOMENT);
}

static void
test_a_value_that_is_none_of_its_kind_is_refused_by_its_name(void **state)
{
    static const char *const PAIRS[][2] = {
        {"lastConnectedDateTimeUtcFrom=", "lastConnectedDateTimeUtcFrom"},
        {"lastConnectedDateTimeUtcTo=yesterday", "lastConnectedDateTimeUtcTo"},
        {"lastConnectedDateTimeUtcTo=2026-02-30T00:00:00Z", "lastConnectedDateTimeUtcTo"},
        {"unenrollmentDateTimeUtclusive=1", "unenrollmentDateTimeUtclusive"},
        {"isStolen=perhaps", "isStolen"},
        {"isNotStolen=", "isNotStolen"},
        {"dfStatusNotEnabled=1", "dfStatusNotEnabled"},
        {"rsvpStatusIsSupported=", "rsvpStatusIsSupported"},
        {"deviceFreezeActionStatusScore=-1", "deviceFreezeActionStatusScore"},
        {"deviceFreezeActionStatusScore=1.5", "deviceFreezeActionStatusScore"},
        {"esn=%ff", "esn"},
        {"esn=a%00b", "esn"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(PAIRS); i++)
        check_refusal(&DEVICES, PAIRS[i][0], "INVALID_VALUE", PAIRS[i][1]);
}

/* What a document does not say counts as false. */
static void
test_a_truth_is_asked_both_ways(void **state)
{
    (void)state;
    check_filter("isStolen=true", "isStolen", MATCH_IS, "true");
    check_filter("isStolen=False", "isStolen", MATCH_IS_NOT, "true");
    check_filter("isNotStolen=true", "isStolen", MATCH_IS_NOT, "true");
    check_filter("isNotStolen=false", "isStolen", MATCH_IS, "true");
    check_filter("isCTESActiveNot=true", "isCTESActive", MATCH_IS_NOT, "true");
    check_filter("dfStatusEnabled=true", "dfStatus", MATCH_IS, "true");
    check_filter("dfStatusNotEnabled=true", "dfStatus", MATCH_IS_NOT, "true");
    check_ignored("dfStatus=true&dfStatusNot=true");
}

static void
test_a_number_is_compared_as_its_column_holds_it(void **state)
{
    (void)state;
    check_filter("deviceFreezeActionStatusScore=42", "deviceFreezeActionStatusScore",
                 MATCH_IS, "0000000000000000042");
}

static void
test_filters_may_be_given_several_times_up_to_their_limit(void **state)
{
    struct read read AUTO(read_done) = {0};
    struct buffer text AUTO(buffer_done) = buffer_make(8192);

    (void)state;
    for (int i = 0; i < DEVICE_FILTER_MAX_COUNT; i++)
        buffer_print(&text, "usernameNot=%d&", i);
    buffer_add_byte(&text, '\0');
    read_query(&read, &DEVICES, (const char *)text.at);
    assert_int_equal(read.status, STATUS_OK);
    assert_int_equal(read.query.filter_count, DEVICE_FILTER_MAX_COUNT);
    text.len--;
    buffer_add(&text, (struct slice){(const unsigned char *)"esn=1", 6});
    check_refusal(&DEVICES, (const char *)text.at, "INVALID_VALUE", "esn");
}

static void
check_sort(const struct list_kind *kind, const char *text, const char *wanted)
{
    struct read read AUTO(read_done) = {0};
    char got[512] = "";
    size_t len = 0;

    read_query(&read, kind, text);
    if (read.status != STATUS_OK)
        fail_msg("%s: %s", text, read.x.failure.text);
    for (size_t i = 0; i < read.query.sort_count; i++)
        len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%s ",
                                read.query.sorts[i].is_descending ? "-" : "",
                                read.query.sorts[i].field->name);
    assert_string_equal(got, wanted);
}

static void
test_sort_keys_have_a_way_and_a_usual_order(void **state)
{
    (void)state;
    check_sort(&DEVICES, "", "deviceUid ");
    check_sort(&DEVICES, "sortBy=", "deviceUid ");
    check_sort(&DEVICES, "sortBy=esn", "esn ");
    check_sort(&DEVICES, "sortBy= esn : asc ", "esn ");
    check_sort(&DEVICES, "sortBy=esn%3Adesc", "-esn ");
    check_sort(&DEVICES, "sortBy=esn:DESC", "-esn ");
    check_sort(&APPLICATIONS, "", "deviceUid appId ");
    check_sort(&APPLICATIONS, "sortBy=appName:desc, osName,,major:asc",
               "-appName osName major ");
    /* the same in all rows: it is taken, and orders nothing */
    check_sort(&APPLICATIONS, "sortBy=accountUid:desc,esn", "esn ");
}

static void
test_a_sort_that_cannot_be_is_refused(void **state)
{
    (void)state;
    check_refusal(&DEVICES, "sortBy=cpu", "INVALID_SORT", "cpu");
    check_refusal(&DEVICES, "sortBy=username", "INVALID_SORT", "username");
    check_refusal(&DEVICES, "sortBy=ESN", "INVALID_SORT", "ESN");
    check_refusal(&DEVICES, "sortBy=esn:up", "INVALID_SORT", "esn");
    check_refusal(&DEVICES, "sortBy=esn:", "INVALID_SORT", "esn");
    check_refusal(&DEVICES, "sortBy=esn:asc:desc", "INVALID_SORT", "esn");
    check_refusal(&DEVICES, "sortBy=:asc", "INVALID_SORT", "");
    check_refusal(&DEVICES, "sortBy=esn,deviceName", "INVALID_SORT", "sortBy");
    check_refusal(&DEVICES, "sortBy=esn&sortBy=deviceName", "INVALID_SORT", "sortBy");
    check_refusal(&DEVICES, "sortBy=esn,esn:desc", "DUPLICATE_SORT_KEY", "esn");
    check_refusal(&APPLICATIONS, "sortBy=esn,appName,esn", "DUPLICATE_SORT_KEY", "esn");
    check_refusal(&APPLICATIONS, "sortBy=accountUid,accountUid", "DUPLICATE_SORT_KEY",
                  "accountUid");
}

static void
test_page_size_keeps_its_bounds(void **state)
{
    static const char *const BAD[] = {"0",   "501",  "-1",  "1.5",
                                      "ten", "0x10", "1 0", "99999999999999999999"};
    struct read read AUTO(read_done) = {0};

    (void)state;
    read_query(&read, &DEVICES, "");
    assert_int_equal(read.query.page_size, 10);
    read_query(&read, &DEVICES, "pageSize=500");
    assert_int_equal(read.query.page_size, 500);
    read_query(&read, &DEVICES, "pageSize= 1 ");
    assert_int_equal(read.query.page_size, 1);
    read_query(&read, &APPLICATIONS, "");
    assert_int_equal(read.query.page_size, 100);
    read_query(&read, &APPLICATIONS, "pageSize=10000");
    assert_int_equal(read.query.page_size, 10000);
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        char text[64];
        snprintf(text, sizeof(text), "pageSize=%s", BAD[i]);
        check_refusal(&DEVICES, text, "INVALID_VALUE", "pageSize");
    }
    check_refusal(&APPLICATIONS, "pageSize=10001", "INVALID_VALUE", "pageSize");
    check_refusal(&DEVICES, "pageSize=1&pageSize=2", "INVALID_VALUE", "pageSize");
}

/* A value that any filter of this kind takes. */
static const char *
value_for(const char *name)
{
    return strstr(name, "DateTimeUtc") ? "2026-01-31T10:00:00Z"
           : strstr(name, "Enabled") || strstr(name, "Empty") || strstr(name, "olen") ||
                   strstr(name, "isCTES") || strstr(name, "IsSupported") ||
                   strstr(name, "IsStrong")
               ? "true"
               : "7";
}

/* Clients read the document: each parameter in it must do something. */
static void
check_documented(const struct list_kind *kind, const char *path)
{
    static const char *const NO_FILTERS[] = {"sortBy", "select", "pageSize", "nextPage"};
    struct slice text = api_openapi_document();
    json_t *document = json_loadb((const char *)text.at, text.len, 0, NULL);
    json_t *get = NULL;
    json_t *parameter;
    size_t index;
    size_t count = 0;

    assert_int_equal(json_unpack(document, "{s:{s:{s:o}}}", "paths", path, "get", &get),
                     0);
    json_array_foreach(json_object_get(get, "parameters"), index, parameter)
    {
        struct read read AUTO(read_done) = {0};
        const char *name = json_string_value(json_object_get(parameter, "name"));
        char pair[256];
        bool is_filter = true;
        for (size_t i = 0; i < COUNT_OF(NO_FILTERS); i++)
            is_filter = is_filter && strcmp(name, NO_FILTERS[i]) != 0;
        if (!is_filter)
            continue;
        snprintf(pair, sizeof(pair), "%s=%s", name, value_for(name));
        read_query(&read, kind, pair);
        if (read.status != STATUS_OK || read.query.filter_count != 1)
            fail_msg("%s is in the document: %s, %zu filters", pair, read.x.failure.text,
                     read.query.filter_count);
        count++;
    }
    assert_true(count > 100);
    json_decref(document);
}

static void
test_every_documented_filter_is_one(void **state)
{
    (void)state;
    check_documented(&DEVICES, "/reporting/devices");
    check_documented(&APPLICATIONS, "/reporting/applications");
}

static bool
passes(const char *value, enum field_match match, const char *wanted)
{
    struct device_filter filter = {.match = match, .value = slice_of(wanted)};

    return query_value_passes(slice_of(value), &filter);
}

static void
test_short_lists_are_filtered_as_long_ones(void **state)
{
    const struct slice any[] = {SLICE("a"), SLICE("b")};
    struct device_filter filter = {.match = MATCH_IS, .any_of = any, .any_count = 2};

    (void)state;
    assert_true(passes("ab", MATCH_IS, "ab") && !passes("abc", MATCH_IS, "ab"));
    assert_true(passes("abc", MATCH_IS_NOT, "ab") && !passes("ab", MATCH_IS_NOT, "ab"));
    assert_true(passes("xaby", MATCH_CONTAINS, "ab") &&
                !passes("ax", MATCH_CONTAINS, "ab"));
    assert_true(passes("ax", MATCH_NOT_CONTAINS, "ab") &&
                !passes("xab", MATCH_NOT_CONTAINS, "ab"));
    assert_true(passes("abx", MATCH_STARTS, "ab") && !passes("xab", MATCH_STARTS, "ab"));
    assert_true(passes("xab", MATCH_NOT_STARTS, "ab") &&
                !passes("abx", MATCH_NOT_STARTS, "ab"));
    assert_true(passes("xab", MATCH_ENDS, "ab") && !passes("b", MATCH_ENDS, "ab"));
    assert_true(passes("abx", MATCH_NOT_ENDS, "ab") &&
                !passes("ab", MATCH_NOT_ENDS, "ab"));
    assert_true(passes("", MATCH_EMPTY, "") && !passes("x", MATCH_EMPTY, ""));
    assert_true(passes("x", MATCH_NOT_EMPTY, "") && !passes("", MATCH_NOT_EMPTY, ""));
    assert_true(query_value_passes(SLICE("b"), &filter));
    assert_false(query_value_passes(SLICE("c"), &filter));
    assert_false(query_value_passes(SLICE(""), &filter));
    filter.any_count = 0; /* any of none */
    assert_false(query_value_passes(SLICE("a"), &filter));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_each_suffix_says_how_to_compare),
        TEST(test_names_that_nobody_knows_are_ignored),
        TEST(test_a_moment_is_compared_in_four_ways),
        TEST(test_a_value_that_is_none_of_its_kind_is_refused_by_its_name),
        TEST(test_a_truth_is_asked_both_ways),
        TEST(test_a_number_is_compared_as_its_column_holds_it),
        TEST(test_filters_may_be_given_several_times_up_to_their_limit),
        TEST(test_sort_keys_have_a_way_and_a_usual_order),
        TEST(test_a_sort_that_cannot_be_is_refused),
        TEST(test_page_size_keeps_its_bounds),
        TEST(test_every_documented_filter_is_one),
        TEST(test_short_lists_are_filtered_as_long_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
