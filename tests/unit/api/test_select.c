/* SPDX-License-Identifier: Apache-2.0
 *
 * Which fields of a row are given, and which never are. */
#include "support.h"

#include "api/device_names.h"

static const char DEVICE[] =
    "{\"deviceUid\":\"U1\",\"esn\":\"E1\",\"deviceName\":\"N1\",\"username\":null,"
    "\"operatingSystem\":{\"name\":\"W\",\"build\":\"9\"},"
    "\"disks\":[{\"model\":\"A\",\"sizeBytes\":1},{\"sizeBytes\":2},{\"model\":\"C\"}],"
    "\"geoData\":{\"location\":{\"point\":{\"type\":\"Point\",\"coordinates\":[1,2]},"
    "\"accuracy\":5}},"
    "\"deviceFreezeStatus\":{\"statusCode\":\"FRZN\",\"passCode\":\"1\","
    "\"displayPassCode\":\"2\"},"
    "\"customFields\":[{\"cdfFieldName\":\"Asset Number\",\"cdfFieldValue\":\"7\"}]}";

#define BESIDE                                                                      \
    "\"accountUid\":\"" INVENTORY_ACCOUNT "\",\"customFields\":[{\"cdfFieldName\":" \
    "\"Asset Number\",\"cdfFieldValue\":\"7\"}],"

static void
check(struct inventory *v, const char *query, const char *wanted)
{
    check_row(ask(v, "get-devices", query, 200), wanted);
}

static void
check_with(struct inventory *v, const char *query, struct permission_set rights,
           const char *wanted)
{
    struct asked asked = {
        .operation = "get-devices", .query = slice_of(query), .rights = rights};

    check_row(ask_as(v, &asked, 200), wanted);
}

static void
test_all_is_given_but_nulls(void **state)
{
    put(*state, DEVICE);
    check(*state, "",
          "{" BESIDE "\"deviceFreezeStatus\":{\"displayPassCode\":\"2\",\"passCode\":"
          "\"1\",\"statusCode\":\"FRZN\"},\"deviceGroupIds\":[],\"deviceName\":\"N1\","
          "\"deviceUid\":\"U1\",\"disks\":[{\"model\":\"A\",\"sizeBytes\":1},"
          "{\"sizeBytes\":2},{\"model\":\"C\"}],\"esn\":\"E1\",\"geoData\":{\"location\":"
          "{\"accuracy\":5,\"point\":{\"coordinates\":[1,2],\"type\":\"Point\"}}},"
          "\"operatingSystem\":{\"build\":\"9\",\"name\":\"W\"}}");
}

static void
test_device_uid_comes_whatever_is_selected(void **state)
{
    put(*state, DEVICE);
    check(*state, "select=esn", "{\"deviceUid\":\"U1\",\"esn\":\"E1\"}");
    check(*state, "select=deviceUid", "{\"deviceUid\":\"U1\"}");
    check(*state, "select=,", "{\"deviceUid\":\"U1\"}");
    check(*state, "select=username", "{\"deviceUid\":\"U1\"}");
}

static void
test_nested_names_are_followed_through_objects_and_lists(void **state)
{
    put(*state, DEVICE);
    check(*state, "select=operatingSystem.name",
          "{\"deviceUid\":\"U1\",\"operatingSystem\":{\"name\":\"W\"}}");
    check(*state, "select=operatingSystem",
          "{\"deviceUid\":\"U1\",\"operatingSystem\":{\"build\":\"9\",\"name\":\"W\"}}");
    check(*state, "select=operatingSystem.name, operatingSystem.build ,esn",
          "{\"deviceUid\":\"U1\",\"esn\":\"E1\",\"operatingSystem\":{\"build\":\"9\","
          "\"name\":\"W\"}}");
    check(*state, "select=disks.model",
          "{\"deviceUid\":\"U1\",\"disks\":[{\"model\":\"A\"},{\"model\":\"C\"}]}");
    /* nothing of it is there: it is left out */
    check(*state, "select=operatingSystem.version", "{\"deviceUid\":\"U1\"}");
    check(*state, "select=customFields.cdfFieldValue,deviceGroupIds,accountUid",
          "{\"accountUid\":\"" INVENTORY_ACCOUNT "\",\"customFields\":"
          "[{\"cdfFieldValue\":\"7\"}],\"deviceGroupIds\":[],\"deviceUid\":\"U1\"}");
}

static void
test_a_name_twice_is_forgiven_and_a_parent_with_its_child_is_not(void **state)
{
    put(*state, DEVICE);
    check(*state, "select=deviceUid,esn,deviceUid,esn",
          "{\"deviceUid\":\"U1\",\"esn\":\"E1\"}");
    check(*state, "select=operatingSystem.name,operatingSystem.name",
          "{\"deviceUid\":\"U1\",\"operatingSystem\":{\"name\":\"W\"}}");
    check_refused(*state, "get-devices", "select=operatingSystem,operatingSystem.name",
                  "INVALID_VALUE", "operatingSystem.name");
    check_refused(*state, "get-devices", "select=operatingSystem.name,operatingSystem",
                  "INVALID_VALUE", "operatingSystem");
    check_refused(*state, "get-devices",
                  "select=geoData.location,geoData.location.accuracy", "INVALID_VALUE",
                  "geoData.location.accuracy");
}

static void
test_unknown_names_are_refused(void **state)
{
    static const char *const NAMES[] = {
        "nonsense", "ESN",      "operatingSystem.", "operatingSystem.nonsense",
        ".name",    "esn.name", "cpu.name.x",       "applications"};
    char query[128];

    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        snprintf(query, sizeof(query), "select=esn,%s", NAMES[i]);
        check_refused(*state, "get-devices", query, "INVALID_VALUE", NAMES[i]);
    }
    check_refused(*state, "get-devices", "select=esn&select=deviceName", "INVALID_VALUE",
                  "select");
    check_refused(*state, "get-applications", "select=operatingSystem.name",
                  "INVALID_VALUE", "operatingSystem.name");
}

static struct permission_set
without(uint8_t first, uint8_t second)
{
    struct permission_set rights = permission_set_all();

    permission_set_remove(&rights, first);
    permission_set_remove(&rights, second);
    return rights;
}

static void
test_what_needs_a_permission_is_left_out_without_it(void **state)
{
    struct permission_set no_geo =
        without(PERMISSION_GEOLOCATION_VIEW, PERMISSION_GEOLOCATION_ADDRESS_LEVEL_VIEW);
    struct permission_set no_address = without(PERMISSION_GEOLOCATION_ADDRESS_LEVEL_VIEW,
                                               PERMISSION_GEOLOCATION_ADDRESS_LEVEL_VIEW);
    struct permission_set no_freeze =
        without(PERMISSION_REMOVE_FREEZE_PERFORM, PERMISSION_REMOVE_FREEZE_PERFORM);

    put(*state, DEVICE);
    /* (asked for by name it is refused: by the gate) */
    check_with(*state, "select=esn,geoData.location.accuracy", no_geo,
               "{\"deviceUid\":\"U1\",\"esn\":\"E1\"}");
    check_with(*state, "select=geoData", no_address,
               "{\"deviceUid\":\"U1\",\"geoData\":{\"location\":{\"accuracy\":5}}}");
    check_with(*state, "select=geoData.location.point.type", no_address,
               "{\"deviceUid\":\"U1\"}");
    check_with(*state, "select=deviceFreezeStatus", no_freeze,
               "{\"deviceFreezeStatus\":{\"statusCode\":\"FRZN\"},\"deviceUid\":\"U1\"}");
    check_with(
        *state, "", (struct permission_set){0},
        "{" BESIDE "\"deviceFreezeStatus\":{\"statusCode\":\"FRZN\"},"
        "\"deviceGroupIds\":[],\"deviceName\":\"N1\",\"deviceUid\":\"U1\",\"disks\":"
        "[{\"model\":\"A\",\"sizeBytes\":1},{\"sizeBytes\":2},{\"model\":\"C\"}],"
        "\"esn\":\"E1\",\"operatingSystem\":{\"build\":\"9\",\"name\":\"W\"}}");
}

/* The very same name with an escape in it would be another name to a byte compare. */
static void
test_a_hidden_field_cannot_hide_behind_an_escape(void **state)
{
    assert_int_equal(inventory_import(*state, "{\"esn\":\"E2\",\"geo\\u0044ata\":{}}"),
                     STATUS_MALFORMED);
    assert_int_equal(
        inventory_import(*state, "{\"esn\":\"E2\",\"geoData\":{\"\\u006cocation\":1}}"),
        STATUS_MALFORMED);
}

static void
test_known_names_are_the_fields_and_those_within(void **state)
{
    static const char *const YES[] = {"accountUid",
                                      "username",
                                      "volumes",
                                      "volumes.name",
                                      "geoData.location.point.type",
                                      "usbs.pnpDeviceId"};
    static const char *const NO[] = {"",
                                     "a",
                                     "accountUi",
                                     "accountUidx",
                                     ".",
                                     "volumes.",
                                     ".volumes",
                                     "volumes.nam",
                                     "volumes.name.x",
                                     "volumes name",
                                     "volumes.id isPhysicalDisk"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(YES); i++) {
        if (!device_name_is_known(slice_of(YES[i])))
            fail_msg("unknown: %s", YES[i]);
    }
    for (size_t i = 0; i < COUNT_OF(NO); i++) {
        if (device_name_is_known(slice_of(NO[i])))
            fail_msg("known: '%s'", NO[i]);
    }
    assert_false(device_name_is_known((struct slice){(const unsigned char *)"esn\0", 4}));
}

/* Each field that can be sorted or filtered by can be selected too. */
static void
test_every_field_of_the_table_is_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < DEVICE_FIELD_COUNT; i++) {
        if (!device_name_is_known(slice_of(DEVICE_FIELDS[i].path)))
            fail_msg("unknown: %s", DEVICE_FIELDS[i].path);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_all_is_given_but_nulls),
        INVENTORY_TEST(test_device_uid_comes_whatever_is_selected),
        INVENTORY_TEST(test_nested_names_are_followed_through_objects_and_lists),
        INVENTORY_TEST(test_a_name_twice_is_forgiven_and_a_parent_with_its_child_is_not),
        INVENTORY_TEST(test_unknown_names_are_refused),
        INVENTORY_TEST(test_what_needs_a_permission_is_left_out_without_it),
        INVENTORY_TEST(test_a_hidden_field_cannot_hide_behind_an_escape),
        TEST(test_known_names_are_the_fields_and_those_within),
        TEST(test_every_field_of_the_table_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
