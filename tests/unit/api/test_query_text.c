/* SPDX-License-Identifier: Apache-2.0
 *
 * A query string as clients write it: cut once, decoded once, and nothing guessed. */
#include "support.h"

#include "api/query_text.h"
#include "base/limits.h"

static struct query_pairs pairs;

static enum status
split(struct arena *arena, const char *text)
{
    return query_text_split(slice_of(text), arena, &pairs);
}

static void
check_pair(const char *text, const char *name, const char *value)
{
    struct arena arena AUTO(arena_done) = {0};

    assert_int_equal(split(&arena, text), STATUS_OK);
    assert_int_equal(pairs.count, 1);
    check_slice(pairs.at[0].name, name);
    check_slice(pairs.at[0].value, value);
}

static void
test_a_pair_is_cut_at_the_first_equals_sign(void **state)
{
    (void)state;
    check_pair("a=b", "a", "b");
    check_pair("a=b=c==", "a", "b=c==");
    check_pair("a", "a", "");
    check_pair("a=", "a", "");
    check_pair("=b", "", "b");
}

static void
test_values_are_decoded_once_and_a_plus_stays(void **state)
{
    (void)state;
    check_pair("a=x%20y", "a", "x y");
    check_pair("a=x+y%2Bz", "a", "x+y+z");
    check_pair("a=%2541", "a", "%41");
    check_pair("%61=%3D%26", "a", "=&");
    check_pair("a=100%", "a", "100%");
    check_pair("a=%4", "a", "%4");
    check_pair("a=%zz", "a", "%zz");
}

static void
test_blanks_around_names_go_and_those_of_values_stay(void **state)
{
    (void)state;
    check_pair(" a =b", "a", "b");
    check_pair("a= b ", "a", " b ");
}

static void
test_leading_marks_and_empty_pairs_are_forgiven(void **state)
{
    (void)state;
    check_pair("?a=b", "a", "b");
    check_pair("&a=b", "a", "b");
    check_pair("?&a=b&&", "a", "b");
    /* a mark that leads nothing is part of the name */
    check_pair("??a=b", "?a", "b");
}

static void
test_nothing_has_no_pairs(void **state)
{
    static const char *const TEXTS[] = {"", "?", "&", "?&&&"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
        struct arena arena AUTO(arena_done) = {0};
        assert_int_equal(split(&arena, TEXTS[i]), STATUS_OK);
        assert_int_equal(pairs.count, 0);
    }
}

static void
test_pairs_are_counted_up_to_their_limit(void **state)
{
    struct arena arena AUTO(arena_done) = {0};
    struct buffer text AUTO(buffer_done) = buffer_make(4096);

    (void)state;
    for (int i = 0; i < QUERY_PAIR_MAX_COUNT; i++)
        buffer_add_text(&text, "a=1&");
    assert_int_equal(query_text_split(buffer_slice(&text), &arena, &pairs), STATUS_OK);
    assert_int_equal(pairs.count, QUERY_PAIR_MAX_COUNT);
    buffer_add_text(&text, "a");
    assert_int_equal(query_text_split(buffer_slice(&text), &arena, &pairs),
                     STATUS_TOO_LARGE);
}

static void
test_a_query_has_its_greatest_length(void **state)
{
    struct arena arena AUTO(arena_done) = {0};
    char *text = test_malloc(QUERY_MAX_BYTES + 1);

    (void)state;
    memset(text, 'a', QUERY_MAX_BYTES + 1);
    struct slice most = {(unsigned char *)text, QUERY_MAX_BYTES};
    assert_int_equal(query_text_split(most, &arena, &pairs), STATUS_OK);
    most.len++;
    assert_int_equal(query_text_split(most, &arena, &pairs), STATUS_TOO_LARGE);
    test_free(text);
}

static void
check_find(const char *text, enum status status, const char *wanted)
{
    struct arena arena AUTO(arena_done) = {0};
    struct slice value = SLICE("untouched");

    assert_int_equal(split(&arena, text), STATUS_OK);
    assert_int_equal(query_text_find(&pairs, SLICE("n"), &value), status);
    check_slice(value, wanted);
}

static void
test_a_value_is_found_by_its_exact_name(void **state)
{
    (void)state;
    check_find("m=1&n=2", STATUS_OK, "2");
    check_find("n= 2 ", STATUS_OK, "2");
    check_find("N=2", STATUS_NOT_FOUND, "untouched");
    check_find("nn=2&m=n", STATUS_NOT_FOUND, "untouched");
}

static void
test_an_empty_value_is_none_and_two_that_differ_are_a_conflict(void **state)
{
    (void)state;
    check_find("n=", STATUS_NOT_FOUND, "untouched");
    check_find("n=&n=%20&n=2", STATUS_OK, "2");
    check_find("n=2&n=2", STATUS_OK, "2");
    check_find("n=2&n=3", STATUS_CONFLICT, "untouched");
}

static void
test_comma_lists_lose_blanks_and_empty_items(void **state)
{
    struct slice rest = SLICE(" a ,, b c,\t,d ");
    struct slice item = {0};

    (void)state;
    assert_true(query_text_next_item(&rest, &item));
    check_slice(item, "a");
    assert_true(query_text_next_item(&rest, &item));
    check_slice(item, "b c");
    assert_true(query_text_next_item(&rest, &item));
    check_slice(item, "d");
    assert_false(query_text_next_item(&rest, &item));
    check_slice(item, "d");
}

/* The gate refuses a field without its permission by what this says: a spelling that is
 * missed here would be answered. */
static void
test_a_selected_field_is_seen_however_it_is_written(void **state)
{
    static const char *const YES[] = {
        "select=geoData",
        "?select=geoData",
        "&x=1&select=esn,geoData",
        "select=esn%2CgeoData",
        "select=%67eoData",
        "%73elect=geoData",
        " select = geoData",
        "select=esn, geoData ,x",
        "select=geoData.location.point",
        "select=esn&select=geoData",
        "select=,,geoData",
    };
    static const char *const NO[] = {
        "",
        "select=",
        "select=esn",
        "select=geoDataX",
        "select=xgeoData",
        "select=GeoData",
        "selected=geoData",
        "Select=geoData",
        "sortBy=geoData",
        "geoData=1",
        "select=location.geoData",
        "select=geo%2544ata",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(YES); i++) {
        if (!api_select_names(slice_of(YES[i]), SLICE("geoData")))
            fail_msg("not seen: %s", YES[i]);
    }
    for (size_t i = 0; i < COUNT_OF(NO); i++) {
        if (api_select_names(slice_of(NO[i]), SLICE("geoData")))
            fail_msg("seen: %s", NO[i]);
    }
    assert_true(api_select_names(SLICE("select=a.b"), SLICE("a.b")));
    assert_true(api_select_names(SLICE("select=a.b.c"), SLICE("a.b")));
    assert_false(api_select_names(SLICE("select=a"), SLICE("a.b")));
    assert_false(api_select_names(SLICE("select=a.bc"), SLICE("a.b")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_pair_is_cut_at_the_first_equals_sign),
        TEST(test_values_are_decoded_once_and_a_plus_stays),
        TEST(test_blanks_around_names_go_and_those_of_values_stay),
        TEST(test_leading_marks_and_empty_pairs_are_forgiven),
        TEST(test_nothing_has_no_pairs),
        TEST(test_pairs_are_counted_up_to_their_limit),
        TEST(test_a_query_has_its_greatest_length),
        TEST(test_a_value_is_found_by_its_exact_name),
        TEST(test_an_empty_value_is_none_and_two_that_differ_are_a_conflict),
        TEST(test_comma_lists_lose_blanks_and_empty_items),
        TEST(test_a_selected_field_is_seen_however_it_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
