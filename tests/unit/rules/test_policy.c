/* SPDX-License-Identifier: Apache-2.0
 *
 * The verdicts about a proved caller, each yes beside the nearest no. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules/policy.h"

static struct permission_set
set_of(uint8_t a, uint8_t b)
{
    struct permission_set set = {{0}};

    permission_set_add(&set, a);
    permission_set_add(&set, b);
    return set;
}

static void
test_token_dies_in_the_second_it_expires(void **state)
{
    (void)state;
    assert_int_equal(policy_life(1000, false, false, 999), PERMITTED);
    assert_int_equal(policy_life(1000, false, false, 1000), REFUSED_EXPIRED);
    assert_int_equal(policy_life(1000, false, false, 1001), REFUSED_EXPIRED);
    assert_int_equal(policy_life(0, false, false, 1), REFUSED_EXPIRED);
}

static void
test_suspended_token_and_suspended_user_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(policy_life(1000, true, false, 1), REFUSED_SUSPENDED);
    assert_int_equal(policy_life(1000, false, true, 1), REFUSED_USER_SUSPENDED);
    assert_int_equal(policy_life(1000, true, true, 1), REFUSED_SUSPENDED);
    assert_int_equal(policy_life(1000, true, true, 1000), REFUSED_EXPIRED);
}

static void
test_fresh_to_the_millisecond_on_both_sides(void **state)
{
    (void)state;
    assert_int_equal(policy_fresh(1000000, 1300000, 300), PERMITTED);
    assert_int_equal(policy_fresh(1000000, 1300001, 300), REFUSED_NOT_FRESH);
    assert_int_equal(policy_fresh(1300000, 1000000, 300), PERMITTED);
    assert_int_equal(policy_fresh(1300001, 1000000, 300), REFUSED_NOT_FRESH);
}

/* A number from outside may be any: it must not be reckoned into the window. */
static void
test_numbers_at_the_ends_are_not_fresh(void **state)
{
    (void)state;
    assert_int_equal(policy_fresh(INT64_MAX, 1, 300), REFUSED_NOT_FRESH);
    assert_int_equal(policy_fresh(INT64_MIN, 1, 300), REFUSED_NOT_FRESH);
    assert_int_equal(policy_fresh(INT64_MIN, INT64_MAX, 300), REFUSED_NOT_FRESH);
    assert_int_equal(policy_fresh(1, 1, INT64_MAX), REFUSED_NOT_FRESH);
}

static void
test_live_rights_follow_the_role_and_frozen_ones_do_not(void **state)
{
    struct permission_set token =
        set_of(PERMISSION_DEVICE_FIELDS_VIEW, PERMISSION_DEVICE_REPORTS_VIEW);
    struct permission_set role =
        set_of(PERMISSION_DEVICE_FIELDS_VIEW, PERMISSION_WIPE_DEVICE_PERFORM);
    struct permission_set live = policy_rights(&token, &role, true);
    struct permission_set frozen = policy_rights(&token, &role, false);

    (void)state;
    assert_true(permission_set_has(&live, PERMISSION_DEVICE_FIELDS_VIEW));
    assert_false(permission_set_has(&live, PERMISSION_DEVICE_REPORTS_VIEW));
    assert_false(permission_set_has(&live, PERMISSION_WIPE_DEVICE_PERFORM));
    assert_true(permission_set_has(&frozen, PERMISSION_DEVICE_REPORTS_VIEW));
    assert_false(permission_set_has(&frozen, PERMISSION_WIPE_DEVICE_PERFORM));
}

/* The catalogue may grow after a role was stored: only the System Administrator's
 * grows with it. */
static void
test_only_the_system_administrator_has_what_was_not_stored(void **state)
{
    struct role admin = {.is_system_admin = true};
    struct role plain = {.is_default = true};
    struct permission_set rights = policy_role_rights(&admin);

    (void)state;
    assert_true(permission_set_has(&rights, PERMISSION_LAST));
    rights = policy_role_rights(&plain);
    assert_true(permission_set_is_empty(&rights));
    permission_set_add(&plain.permissions, PERMISSION_LICENSES_MANAGE);
    rights = policy_role_rights(&plain);
    assert_true(permission_set_has(&rights, PERMISSION_LICENSES_VIEW));
}

static void
test_any_one_licence_will_do(void **state)
{
    struct operation operation = {.licences = {"Control", "Resilience"},
                                  .licence_count = 2};
    struct operation free = {0};
    const char *const has[] = {"Visibility", "Resilience"};

    (void)state;
    assert_int_equal(policy_licence(&operation, has, 2), PERMITTED);
    assert_int_equal(policy_licence(&operation, has, 1), REFUSED_LICENCE);
    assert_int_equal(policy_licence(&operation, NULL, 0), REFUSED_LICENCE);
    assert_int_equal(policy_licence(&free, NULL, 0), PERMITTED);
}

static void
test_all_permissions_are_needed_and_the_missing_one_is_named(void **state)
{
    struct operation operation = {.need = OPERATION_NEEDS,
                                  .permissions = set_of(PERMISSION_DEVICE_FIELDS_VIEW,
                                                        PERMISSION_DEVICE_REPORTS_VIEW)};
    struct permission_set one = set_of(PERMISSION_DEVICE_FIELDS_VIEW, 0);
    uint16_t missing = 0;

    (void)state;
    assert_int_equal(policy_permission(&operation, &operation.permissions, &missing),
                     PERMITTED);
    assert_int_equal(policy_permission(&operation, &one, &missing), REFUSED_PERMISSION);
    assert_int_equal(missing, PERMISSION_DEVICE_REPORTS_VIEW);
    assert_int_equal(policy_permission(&operation, &one, NULL), REFUSED_PERMISSION);
}

/* What somebody forgot to fill in opens no door, not even to who may do all. */
static void
test_zero_is_no(void **state)
{
    struct permission_set all = permission_set_all();
    struct operation zeroed = {0};
    struct operation forgotten = {.need = OPERATION_NEEDS};
    struct operation open = {.need = OPERATION_OPEN_TO_ALL};
    struct permission_set none = {{0}};

    (void)state;
    assert_int_equal(policy_permission(&zeroed, &all, NULL), REFUSED_PERMISSION);
    assert_int_equal(policy_permission(&forgotten, &all, NULL), REFUSED_PERMISSION);
    assert_int_equal(policy_permission(&open, &none, NULL), PERMITTED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_token_dies_in_the_second_it_expires),
        cmocka_unit_test(test_suspended_token_and_suspended_user_are_told_apart),
        cmocka_unit_test(test_fresh_to_the_millisecond_on_both_sides),
        cmocka_unit_test(test_numbers_at_the_ends_are_not_fresh),
        cmocka_unit_test(test_live_rights_follow_the_role_and_frozen_ones_do_not),
        cmocka_unit_test(test_only_the_system_administrator_has_what_was_not_stored),
        cmocka_unit_test(test_any_one_licence_will_do),
        cmocka_unit_test(test_all_permissions_are_needed_and_the_missing_one_is_named),
        cmocka_unit_test(test_zero_is_no),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
