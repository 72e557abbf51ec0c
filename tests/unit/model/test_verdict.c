/* SPDX-License-Identifier: Apache-2.0
 *
 * What callers hear of each verdict, and the closed lists of algorithms and events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>

#include "model/records.h"
#include "model/verdict.h"

static void
test_names_are_those_of_the_list(void **state)
{
    static const char *const NAMES[] = {
#define X(name, http, code, detail) #name,
        VERDICT_LIST(X)
#undef X
    };

    (void)state;
    for (int i = 0; i < VERDICT_COUNT; i++) {
        const char *name = NAMES[i];
        if (strncmp(name, "REFUSED_", 8) == 0)
            name += 8;
        const char *ours = verdict_name((enum verdict)i);
        assert_int_equal(strlen(ours), strlen(name));
        for (size_t at = 0; name[at] != '\0'; at++)
            assert_int_equal(ours[at], tolower((unsigned char)name[at]));
    }
}

/* Zeroed memory is undecided, and undecided is a failure of ours, never a yes. */
static void
test_only_permitted_is_a_success(void **state)
{
    (void)state;
    assert_int_equal((enum verdict)0, UNDECIDED);
    for (int i = 0; i < VERDICT_COUNT; i++) {
        int http = verdict_http((enum verdict)i);
        if (i == PERMITTED)
            assert_int_equal(http, 200);
        else
            assert_in_range(http, 400, 599);
    }
}

/* Before the signature is proved, callers must not learn what was wrong. */
static void
test_refusals_before_the_proof_look_the_same(void **state)
{
    static const enum verdict EARLY[] = {REFUSED_UNKNOWN_TOKEN, REFUSED_WRONG_ALG,
                                         REFUSED_BAD_SIGNATURE};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(verdict_http(EARLY[i]), 401);
        assert_string_equal(verdict_code(EARLY[i]), "NOT_AUTHENTICATED");
        assert_string_equal(verdict_detail(EARLY[i]), "NOT_AUTHENTICATED");
    }
    assert_string_equal(verdict_detail(REFUSED_EXPIRED), "TOKEN_EXPIRED");
}

static void
test_none_is_not_an_algorithm(void **state)
{
    static const char *const BAD[] = {"none",  "None",  "",      "HS25",  "HS2566",
                                      "hs256", "RS256", "HS512", "ES256K"};
    enum alg alg = 0;

    (void)state;
    assert_int_equal(alg_read(SLICE("HS256"), &alg), STATUS_OK);
    assert_int_equal(alg, ALG_HS256);
    assert_int_equal(alg_read(SLICE("ES256"), &alg), STATUS_OK);
    assert_int_equal(alg, ALG_ES256);
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
        assert_int_equal(alg_read(slice_of(BAD[i]), &alg), STATUS_MALFORMED);
    assert_int_equal(alg, ALG_ES256);
}

static void
test_events_have_the_names_that_people_know(void **state)
{
    (void)state;
    assert_string_equal(event_name(EVENT_TOKEN_UPDATED), "API token updated");
    assert_string_equal(event_name(EVENT_TOKEN_EXPIRED), "API token expired");
    assert_string_equal(event_name((enum event_kind)0), "?");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_those_of_the_list),
        cmocka_unit_test(test_only_permitted_is_a_success),
        cmocka_unit_test(test_refusals_before_the_proof_look_the_same),
        cmocka_unit_test(test_none_is_not_an_algorithm),
        cmocka_unit_test(test_events_have_the_names_that_people_know),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
