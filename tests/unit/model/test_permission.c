/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue is whole, its numbers stay, and sets of permissions open no door that
 * nobody opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/auto.h"
#include "model/permission.h"

/* The numbers are in stored roles and tokens: a row that moves gives somebody another
 * right. This list only ever grows. */
static void
test_numbers_never_change(void **state)
{
    static const char *const NAMES[] = {
        [1] = "API Credentials:Manage",
        [2] = "Device Fields:View",
        [3] = "Device Fields:Manage",
        [4] = "Device reports:View",
        [5] = "Audit Event History:View",
        [6] = "Users:View",
        [7] = "Users:Manage",
        [8] = "User roles:View",
        [9] = "User roles:Manage",
        [10] = "Device reports:Export",
        [11] = "Software reports:View",
        [12] = "Software reports:Export",
        [13] = "Device Field Definition:Manage",
        [14] = "Geolocation:View",
        [15] = "Geolocation:Address-level view",
        [16] = "Freeze Device:View",
        [17] = "Freeze Device:Perform",
        [18] = "Remove Freeze:Perform",
        [19] = "Reach Script:Run",
        [20] = "Send Message:View",
        [21] = "Send Message:Manage",
        [22] = "Unenroll Device:View",
        [23] = "Unenroll Device:Perform",
        [24] = "Wipe Device:View",
        [25] = "Wipe Device:Perform",
        [26] = "Delete File:View",
        [27] = "Delete File:Perform",
        [28] = "Manage Supervisor Password:Manage",
        [29] = "Run playbooks:View",
        [30] = "Run playbooks:Perform",
        [31] = "Version Control:Manage",
        [32] = "Agent Installer:Perform",
        [33] = "Custom Data Collection:View",
        [34] = "Custom Data Collection:Manage",
        [35] = "Device Groups and folders:View",
        [36] = "Device Groups and folders:Manage",
        [37] = "Policies:View",
        [38] = "Policies:Manage",
        [39] = "Missing Device:View",
        [40] = "Missing Device:Manage",
        [41] = "SIEM integration:Manage",
        [42] = "Licenses:View",
        [43] = "Licenses:Manage",
        [44] = "Rules:View",
        [45] = "Rules:Manage",
        [46] = "Dashboard Inventory:View",
        [47] = "AI Assistant:View",
        [48] = "AI Assistant:Manage",
        [49] = "Upstreams:View",
        [50] = "Upstreams:Manage",
        [51] = "Settings:View",
        [52] = "Settings:Manage",
        [53] = "Device import:Perform",
    };

    (void)state;
    assert_int_equal(permission_count(), COUNT_OF(NAMES) - 1);
    for (size_t i = 1; i < COUNT_OF(NAMES); i++) {
        char name[PERMISSION_NAME_MAX + 1];
        uint16_t number = 0;
        permission_write((uint16_t)i, name);
        assert_string_equal(name, NAMES[i]);
        assert_int_equal(permission_read(slice_of(NAMES[i]), &number), STATUS_OK);
        assert_int_equal(number, i);
    }
}

static void
test_numbers_and_names_are_given_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < permission_count(); i++) {
        const struct permission *row = permission_at(i);
        assert_int_not_equal(row->number, PERMISSION_NONE);
        assert_int_not_equal(row->kind, 0);
        assert_ptr_equal(permission_by_number(row->number), row);
        for (size_t j = i + 1; j < permission_count(); j++) {
            const struct permission *other = permission_at(j);
            assert_false(strcmp(row->feature, other->feature) == 0 &&
                         strcmp(row->action, other->action) == 0);
        }
    }
    assert_null(permission_by_number(0));
    assert_null(permission_by_number(255));
}

/* The console draws one grid row a feature: its actions stand together, View first. */
static void
test_rows_are_in_grid_order(void **state)
{
    (void)state;
    for (size_t i = 1; i < permission_count(); i++) {
        const struct permission *before = permission_at(i - 1);
        const struct permission *row = permission_at(i);
        int order = strcmp(before->feature, row->feature);
        assert_true(order < 0 || (order == 0 && before->kind <= row->kind));
    }
}

static void
test_reading_forgives_case_and_blanks_and_nothing_else(void **state)
{
    static const struct {
        const char *text;
        uint16_t number;
    } GOOD[] = {
        {"Device reports:View", 4},
        {"device REPORTS:view", 4},
        {"Device reports : View", 4},
        {" Device reports: View ", 4},
    };
    static const char *const BAD[] = {"",
                                      ":",
                                      "Device reports",
                                      "Device reports:",
                                      ":View",
                                      "Device report:View",
                                      "Device  reports:View",
                                      "Device reports:Views",
                                      "Device reports:View:View",
                                      "Device reports.View",
                                      "4",
                                      "Agent Installer:View"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
        uint16_t number = 0;
        assert_int_equal(permission_read(slice_of(GOOD[i].text), &number), STATUS_OK);
        assert_int_equal(number, GOOD[i].number);
    }
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        uint16_t number = 77;
        assert_int_equal(permission_read(slice_of(BAD[i]), &number), STATUS_NOT_FOUND);
        assert_int_equal(number, 77);
    }
}

static void
test_number_zero_is_in_no_set(void **state)
{
    struct permission_set full;

    (void)state;
    memset(&full, 0xff, sizeof(full));
    assert_false(permission_set_has(&full, PERMISSION_NONE));
    struct permission_set set = {{0}};
    permission_set_add(&set, PERMISSION_NONE);
    assert_true(permission_set_is_empty(&set));
    assert_false(permission_set_has(&set, PERMISSION_DEVICE_FIELDS_VIEW));
}

static void
test_a_set_covers_only_what_it_holds(void **state)
{
    struct permission_set set = {{0}};
    struct permission_set wanted = {{0}};

    (void)state;
    permission_set_add(&set, 4);
    permission_set_add(&set, 200);
    permission_set_add(&wanted, 200);
    assert_true(permission_set_covers(&set, &wanted));
    permission_set_add(&wanted, 201);
    assert_false(permission_set_covers(&set, &wanted));
    permission_set_remove(&wanted, 201);
    assert_true(permission_set_covers(&set, &wanted));
    struct permission_set both = permission_set_both(set, wanted);
    assert_int_equal(permission_set_count(&both), 1);
    assert_true(permission_set_has(&both, 200));
}

static void
test_manage_implies_view_of_its_own_feature_only(void **state)
{
    struct permission_set set = {{0}};

    (void)state;
    permission_set_add(&set, PERMISSION_DEVICE_FIELDS_MANAGE);
    permission_set_add(&set, PERMISSION_FREEZE_DEVICE_PERFORM);
    permission_set_imply(&set);
    assert_true(permission_set_has(&set, PERMISSION_DEVICE_FIELDS_VIEW));
    assert_false(permission_set_has(&set, PERMISSION_FREEZE_DEVICE_VIEW));
    assert_false(permission_set_has(&set, PERMISSION_DEVICE_REPORTS_VIEW));
    assert_int_equal(permission_set_count(&set), 3);
}

/* Rule 6: only what an API operation needs is offered; and since Manage implies View, a
 * token must be allowed to have both. */
static void
test_what_tokens_may_have(void **state)
{
    struct permission_set api = permission_set_for_api();
    struct permission_set implied = api;

    (void)state;
    permission_set_imply(&implied);
    assert_memory_equal(&api, &implied, sizeof(api));
    assert_true(permission_set_has(&api, PERMISSION_DEVICE_REPORTS_VIEW));
    assert_true(permission_set_has(&api, PERMISSION_SIEM_INTEGRATION_MANAGE));
    assert_false(permission_set_has(&api, PERMISSION_API_CREDENTIALS_MANAGE));
    assert_false(permission_set_has(&api, PERMISSION_USERS_MANAGE));
    assert_false(permission_set_has(&api, PERMISSION_DEVICE_REPORTS_EXPORT));
    struct permission_set all = permission_set_all();
    assert_true(permission_set_covers(&all, &api));
    assert_int_equal(permission_set_count(&all), permission_count());
}

static void
test_the_stored_form_comes_back_the_same(void **state)
{
    struct permission_set set = {{0}};
    struct permission_set back = {{0}};
    uint8_t bytes[PERMISSION_SET_BYTES + 1] = {0};

    (void)state;
    permission_set_add(&set, 1);
    permission_set_add(&set, 8);
    permission_set_add(&set, 255);
    assert_int_equal(permission_set_pack(&set, bytes), 32);
    assert_int_equal(bytes[0], 0x02); /* bit n of byte n/8 */
    assert_int_equal(bytes[1], 0x01);
    assert_int_equal(bytes[31], 0x80);
    struct slice form = {bytes, 32};
    assert_int_equal(permission_set_unpack(form, &back), STATUS_OK);
    assert_memory_equal(&set, &back, sizeof(set));

    back = (struct permission_set){{7}};
    struct slice short_one = {bytes, 31};
    struct slice long_one = {bytes, PERMISSION_SET_BYTES + 1};
    assert_int_equal(permission_set_unpack(short_one, &back), STATUS_MALFORMED);
    assert_int_equal(permission_set_unpack(long_one, &back), STATUS_MALFORMED);
    bytes[0] |= 1; /* number 0 */
    assert_int_equal(permission_set_unpack(form, &back), STATUS_MALFORMED);
    assert_int_equal(back.words[0], 7);
}

/* What databases hold from before there was room for upstreams stays readable, and what
 * has none of theirs is written as before. */
static void
test_a_set_with_permissions_of_upstreams_takes_more_bytes(void **state)
{
    struct permission_set set = {{0}};
    struct permission_set back = {{0}};
    uint8_t bytes[PERMISSION_SET_BYTES];

    (void)state;
    permission_set_add(&set, 4);
    permission_set_add(&set, 256);
    assert_int_equal(permission_set_pack(&set, bytes), 33);
    assert_int_equal(permission_set_unpack((struct slice){bytes, 33}, &back), STATUS_OK);
    assert_memory_equal(&set, &back, sizeof(set));
    permission_set_add(&set, 1023);
    assert_int_equal(permission_set_pack(&set, bytes), PERMISSION_SET_BYTES);
    assert_int_equal(
        permission_set_unpack((struct slice){bytes, PERMISSION_SET_BYTES}, &back),
        STATUS_OK);
    assert_memory_equal(&set, &back, sizeof(set));
}

static enum status
add(uint16_t number, const char *text)
{
    struct permission_name name;
    enum status status = permission_name_read(slice_of(text), &name, NULL);

    return status == STATUS_OK ? permission_add(number, &name) : status;
}

/* A row that comes from a description is one like ours: tokens may have it, Manage
 * implies View. */
static void
test_an_added_permission_is_one_like_ours(void **state)
{
    size_t before = permission_count();
    uint16_t number = 0;
    char name[PERMISSION_NAME_MAX + 1];

    (void)state;
    assert_int_equal(permission_read(SLICE("Orders:View"), &number), STATUS_NOT_FOUND);
    assert_int_equal(add(301, "Orders:manage"), STATUS_OK);
    assert_int_equal(add(300, " Orders : view"), STATUS_OK);
    assert_int_equal(add(300, "ORDERS:VIEW"), STATUS_OK); /* it is there already */
    assert_int_equal(permission_count(), before + 2);
    assert_int_equal(permission_read(SLICE("orders:View"), &number), STATUS_OK);
    assert_int_equal(number, 300);
    permission_write(301, name);
    assert_string_equal(name, "Orders:Manage");
    assert_ptr_equal(permission_at(before), permission_by_number(301));
    assert_true(slice_equal(permission_by_number(300)->quoted, SLICE("\"Orders:View\"")));

    struct permission_set set = {{0}};
    permission_set_add(&set, 301);
    permission_set_imply(&set);
    assert_true(permission_set_has(&set, 300));
    struct permission_set api = permission_set_for_api();
    struct permission_set all = permission_set_all();
    assert_true(permission_set_covers(&api, &set));
    assert_true(permission_set_covers(&all, &set));

    permission_forget_added();
    assert_int_equal(permission_count(), before);
    assert_null(permission_by_number(300));
    assert_int_equal(permission_read(SLICE("Orders:View"), &number), STATUS_NOT_FOUND);
}

/* A number that meant two things would give somebody another right. */
static void
test_a_number_is_added_once_and_never_one_of_ours(void **state)
{
    (void)state;
    assert_int_equal(add(300, "Orders:View"), STATUS_OK);
    assert_int_equal(add(300, "Orders:Manage"), STATUS_CONFLICT);
    assert_int_equal(add(301, "Orders:View"), STATUS_CONFLICT);
    assert_int_equal(add(302, "Device reports:View"), STATUS_CONFLICT);
    assert_int_equal(add(255, "Mine:View"), STATUS_MALFORMED);
    assert_int_equal(add(0, "Mine:View"), STATUS_MALFORMED);
    assert_int_equal(add(1024, "Mine:View"), STATUS_MALFORMED);
    assert_int_equal(add(1023, "Mine:View"), STATUS_OK);
    permission_forget_added();
}

static void
test_names_of_permissions_stand_in_lists_and_json(void **state)
{
    static const char *const BAD[] = {
        "",       ":",        "Orders",      "Orders:",        ":View",
        "A:B:C",  "A,B:View", "A\"B:View",   "A\\B:View",      "A\nB:View",
        "A:\xff", " :View",   "Orders: \t ", "\x7fOrders:View"};
    char longest[PERMISSION_NAME_MAX + 2];
    struct failure failure = {0};
    struct permission_name name;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        assert_int_equal(permission_name_read(slice_of(BAD[i]), &name, &failure),
                         STATUS_MALFORMED);
        assert_non_null(strstr(failure.text, "Feature:Action"));
    }
    memset(longest, 'a', sizeof(longest));
    longest[3] = ':';
    assert_int_equal(
        permission_name_read((struct slice){(unsigned char *)longest, 120}, &name, NULL),
        STATUS_OK);
    assert_int_equal(
        permission_name_read((struct slice){(unsigned char *)longest, 121}, &name, NULL),
        STATUS_MALFORMED);
    assert_int_equal(permission_name_read(SLICE("Caf\xc3\xa9 (2):Tell all"), &name, NULL),
                     STATUS_OK);
    assert_string_equal(name.feature, "Caf\xc3\xa9 (2)");
    assert_string_equal(name.action, "Tell all");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_never_change),
        cmocka_unit_test(test_numbers_and_names_are_given_once),
        cmocka_unit_test(test_rows_are_in_grid_order),
        cmocka_unit_test(test_reading_forgives_case_and_blanks_and_nothing_else),
        cmocka_unit_test(test_number_zero_is_in_no_set),
        cmocka_unit_test(test_a_set_covers_only_what_it_holds),
        cmocka_unit_test(test_manage_implies_view_of_its_own_feature_only),
        cmocka_unit_test(test_what_tokens_may_have),
        cmocka_unit_test(test_the_stored_form_comes_back_the_same),
        cmocka_unit_test(test_a_set_with_permissions_of_upstreams_takes_more_bytes),
        cmocka_unit_test(test_an_added_permission_is_one_like_ours),
        cmocka_unit_test(test_a_number_is_added_once_and_never_one_of_ours),
        cmocka_unit_test(test_names_of_permissions_stand_in_lists_and_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
