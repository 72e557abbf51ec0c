/* SPDX-License-Identifier: Apache-2.0
 *
 * The default roles: who may what, and what none but the System Administrator may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/auto.h"
#include "model/roles.h"

static struct default_role
role_named(const char *name)
{
    for (size_t i = 0; i < default_role_count(); i++) {
        if (strcmp(default_role_at(i).name, name) == 0)
            return default_role_at(i);
    }
    fail_msg("there is no role '%s'", name);
    return (struct default_role){0};
}

static bool
may(const char *role, uint16_t permission)
{
    struct permission_set set = role_named(role).permissions;
    return permission_set_has(&set, permission);
}

static void
test_there_are_these_roles(void **state)
{
    static const char *const NAMES[] = {"System Administrator", "Security Administrator",
                                        "Administrator",        "Security Power User",
                                        "Power User",           "Guest User"};

    (void)state;
    assert_int_equal(default_role_count(), COUNT_OF(NAMES));
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        assert_string_equal(default_role_at(i).name, NAMES[i]);
}

static void
test_only_the_system_administrator_may_all(void **state)
{
    struct permission_set all = permission_set_all();

    (void)state;
    for (size_t i = 0; i < default_role_count(); i++) {
        struct default_role role = default_role_at(i);
        bool is_first = i == 0;
        assert_int_equal(role.is_system_admin, is_first);
        assert_int_equal(permission_set_covers(&role.permissions, &all), is_first);
    }
}

/* Whoever has one of these could give themselves more. */
static void
test_nobody_else_can_raise_their_own_rights(void **state)
{
    static const uint8_t MIGHTY[] = {
        PERMISSION_USERS_MANAGE, PERMISSION_ROLES_MANAGE, PERMISSION_SETTINGS_MANAGE,
        PERMISSION_UPSTREAMS_MANAGE, PERMISSION_SIEM_INTEGRATION_MANAGE};

    (void)state;
    for (size_t i = 1; i < default_role_count(); i++) {
        struct default_role role = default_role_at(i);
        for (size_t j = 0; j < COUNT_OF(MIGHTY); j++)
            assert_false(permission_set_has(&role.permissions, MIGHTY[j]));
    }
}

/* Without these two a role sees no device at all. */
static void
test_every_role_sees_devices(void **state)
{
    (void)state;
    for (size_t i = 0; i < default_role_count(); i++) {
        struct default_role role = default_role_at(i);
        assert_true(permission_set_has(&role.permissions, PERMISSION_DEVICE_FIELDS_VIEW));
        assert_true(
            permission_set_has(&role.permissions, PERMISSION_DEVICE_REPORTS_VIEW));
    }
}

static void
test_manage_comes_with_view(void **state)
{
    (void)state;
    for (size_t i = 0; i < default_role_count(); i++) {
        struct permission_set set = default_role_at(i).permissions;
        struct permission_set implied = set;
        permission_set_imply(&implied);
        assert_memory_equal(&set, &implied, sizeof(set));
    }
}

static void
test_the_word_security_adds_locking_and_erasing(void **state)
{
    (void)state;
    assert_true(may("Security Administrator", PERMISSION_WIPE_DEVICE_PERFORM));
    assert_true(may("Security Power User", PERMISSION_FREEZE_DEVICE_PERFORM));
    assert_false(may("Administrator", PERMISSION_WIPE_DEVICE_PERFORM));
    assert_false(may("Power User", PERMISSION_FREEZE_DEVICE_PERFORM));
    assert_false(may("Administrator", PERMISSION_REMOVE_FREEZE_PERFORM));
    assert_false(may("Security Power User", PERMISSION_AUDIT_EVENT_HISTORY_VIEW));
}

static void
test_a_guest_makes_no_tokens(void **state)
{
    (void)state;
    assert_true(may("Power User", PERMISSION_API_CREDENTIALS_MANAGE));
    assert_false(may("Guest User", PERMISSION_API_CREDENTIALS_MANAGE));
    assert_false(may("Guest User", PERMISSION_DEVICE_FIELDS_MANAGE));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_are_these_roles),
        cmocka_unit_test(test_only_the_system_administrator_may_all),
        cmocka_unit_test(test_nobody_else_can_raise_their_own_rights),
        cmocka_unit_test(test_every_role_sees_devices),
        cmocka_unit_test(test_manage_comes_with_view),
        cmocka_unit_test(test_the_word_security_adds_locking_and_erasing),
        cmocka_unit_test(test_a_guest_makes_no_tokens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
