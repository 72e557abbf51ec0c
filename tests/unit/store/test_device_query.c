/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages of the inventory against a naive filter and sort in memory: whatever is asked,
 * all pages together are the whole list, in order, nothing twice. Every way to find a
 * page is taken: groups read whole or asked for, filters found by their index or passed
 * over, applications before devices or after. */
#include "inventory_model.h"

#include <sqlite3.h>

static const size_t FEW_PAGES[] = {1, 7, FEW_COUNT / 3, FEW_COUNT, 1000};

/* The same query for no group, each group, and all of them. */
static void
check_groups(const struct world *world, struct device_query query, bool is_application,
             const size_t *pages, size_t page_count, const char *what)
{
    for (size_t group = 0; group <= GROUP_COUNT + 1; group++) {
        query.group_ids = group == 0             ? NULL
                          : group <= GROUP_COUNT ? &world->groups[group - 1]
                                                 : world->groups;
        query.group_count = group == 0 ? 0 : group <= GROUP_COUNT ? 1 : GROUP_COUNT;
        for (size_t i = 0; i < page_count; i++)
            check_walk(world, &query, is_application, pages[i], what);
    }
}

static void
check_every_sort(const struct world *world, bool is_application, const size_t *pages,
                 size_t page_count)
{
    const struct device_field *fields =
        is_application ? APPLICATION_FIELDS : DEVICE_FIELDS;
    size_t count = is_application ? APPLICATION_FIELD_COUNT : DEVICE_FIELD_COUNT;
    size_t sorted = 0;

    for (size_t i = 0; i < count; i++) {
        if (!fields[i].is_sortable || fields[i].column[0] == '\0')
            continue;
        for (int way = 0; way < 2; way++) {
            struct device_sort sort = {&fields[i], way == 1};
            struct device_query query = {.sorts = &sort, .sort_count = 1};
            check_groups(world, query, is_application, pages, page_count, fields[i].name);
        }
        sorted++;
    }
    assert_int_equal(sorted, is_application ? 20 : 10);
}

static void
test_devices_sorted_by_each_field_are_whole(void **state)
{
    struct world world AUTO(world_done) = make_world(FEW_COUNT);

    (void)state;
    check_every_sort(&world, false, FEW_PAGES, COUNT_OF(FEW_PAGES));
}

static void
test_applications_sorted_by_each_field_are_whole(void **state)
{
    struct world world AUTO(world_done) = make_world(FEW_COUNT);

    (void)state;
    check_every_sort(&world, true, FEW_PAGES, COUNT_OF(FEW_PAGES));
}

static void
test_without_a_sort_the_number_orders(void **state)
{
    struct world world AUTO(world_done) = make_world(FEW_COUNT);
    struct device_query query = {0};

    (void)state;
    check_groups(&world, query, false, FEW_PAGES, COUNT_OF(FEW_PAGES), "nothing");
    check_groups(&world, query, true, FEW_PAGES, COUNT_OF(FEW_PAGES), "nothing");
}

static void
test_applications_sorted_by_several_fields_are_whole(void **state)
{
    static const char *const KEYS[][3] = {
        {"deviceUid", "appId", NULL},      {"appName", "osName", "esn"},
        {"esn", "appName", "deviceAppId"}, {"major", "minor", "appVersion"},
        {"deviceName", "appName", NULL},   {"appPublisher", "deviceName", "esn"},
    };
    struct world world AUTO(world_done) = make_world(FEW_COUNT);
    struct device_sort sorts[3];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(KEYS); i++) {
        for (unsigned ways = 0; ways < 8; ways++) {
            struct device_query query = {.sorts = sorts};
            for (size_t j = 0; j < 3 && KEYS[i][j]; j++)
                sorts[query.sort_count++] = (struct device_sort){
                    application_field(KEYS[i][j]), (ways >> j & 1) != 0};
            check_groups(&world, query, true, FEW_PAGES + 1, 2, KEYS[i][0]);
        }
    }
}

/* Filters of every kind, with values that nothing, something and everything passes. */
static const struct filtered {
    const char *field;
    enum field_match match;
    const char *value;
} DEVICE_FILTERS[] = {
    {"agentStatus", MATCH_IS, "a"},
    {"agentStatus", MATCH_IS_NOT, "a"},
    {"agentStatus", MATCH_EMPTY, ""},
    {"agentStatus", MATCH_NOT_EMPTY, ""},
    {"agentStatus", MATCH_IS, "nobody"},
    {"deviceName", MATCH_IS, "lt-1"},
    {"deviceName", MATCH_IS, ""},
    {"deviceName", MATCH_STARTS, "lt"},
    {"deviceName", MATCH_STARTS, "lt%"},
    {"deviceName", MATCH_STARTS, "lt_"},
    {"deviceName", MATCH_STARTS, "lt\\"},
    {"deviceName", MATCH_STARTS, "\xC3\xA9"},
    {"deviceName", MATCH_STARTS, ""},
    {"deviceName", MATCH_NOT_STARTS, "lt-1"},
    {"deviceName", MATCH_CONTAINS, "t_"},
    {"deviceName", MATCH_CONTAINS, "%"},
    {"deviceName", MATCH_CONTAINS, "\\"},
    {"deviceName", MATCH_NOT_CONTAINS, "1"},
    {"deviceName", MATCH_ENDS, "1"},
    {"deviceName", MATCH_ENDS, "_1"},
    {"deviceName", MATCH_NOT_ENDS, "1"},
    {"esn", MATCH_IS, "e7"},
    {"esn", MATCH_STARTS, "e1"},
    {"serialNumber", MATCH_IS, "s17"},
    {"serialNumber", MATCH_STARTS, "s1"},
    {"username", MATCH_CONTAINS, "er-3"},
    {"username", MATCH_IS, "user-2"},
    {"lastUpdatedDateTimeUtc", MATCH_AFTER, "2026-06-01T00:00:00.0Z"},
    {"lastUpdatedDateTimeUtc", MATCH_FROM, "2026-06-01T00:00:00.0Z"},
    {"lastUpdatedDateTimeUtc", MATCH_BEFORE, "2026-06-01T00:00:00.0Z"},
    {"lastUpdatedDateTimeUtc", MATCH_TO, "2026-06-01T00:00:00.0Z"},
    {"licenseAddonLicenseName", MATCH_IS, "one"},
    {"licenseAddonLicenseName", MATCH_IS, "onet"},
    {"licenseAddonLicenseName", MATCH_STARTS, "onet"},
    {"licenseAddonLicenseName", MATCH_NOT_STARTS, "one"},
    {"licenseAddonLicenseName", MATCH_EMPTY, ""},
};

static struct device_filter
filter_of(const struct device_field *field, const struct filtered *row)
{
    return (struct device_filter){
        .field = field, .match = row->match, .value = slice_of(row->value)};
}

static void
check_device_filters(const struct world *world, const size_t *pages, size_t page_count)
{
    const struct device_sort sorts[] = {{device_field("deviceName"), false},
                                        {device_field("agentStatus"), true},
                                        {device_field("deviceUid"), false}};

    for (size_t i = 0; i < COUNT_OF(DEVICE_FILTERS); i++) {
        const struct filtered *row = &DEVICE_FILTERS[i];
        struct device_filter filters[2] = {
            filter_of(device_field(row->field), row),
            filter_of(device_field("platformOSType"),
                      &(struct filtered){"", MATCH_IS, "mac"})};
        for (size_t j = 0; j < 2 * COUNT_OF(sorts); j++) {
            struct device_query query = {.filters = filters,
                                         .filter_count = j % 2 + 1,
                                         .sorts = &sorts[j / 2],
                                         .sort_count = 1};
            check_groups(world, query, false, pages, page_count, row->field);
        }
    }
}

static void
test_filtered_devices_are_whole(void **state)
{
    struct world world AUTO(world_done) = make_world(FEW_COUNT);

    (void)state;
    check_device_filters(&world, FEW_PAGES + 2, 1);
}

static const struct filtered APPLICATION_FILTERS[] = {
    {"appName", MATCH_IS, "v1"},        {"appName", MATCH_STARTS, "v"},
    {"appName", MATCH_CONTAINS, "1"},   {"deviceName", MATCH_STARTS, "lt"},
    {"deviceUid", MATCH_STARTS, "u00"}, {"esn", MATCH_IS, "e7"},
    {"osName", MATCH_NOT_ENDS, "1"},    {"appPublisher", MATCH_IS_NOT, "v1"},
    {"installPath", MATCH_IS, ""},      {"deviceSerialNumber", MATCH_STARTS, "s1"},
};

static void
check_application_filters(const struct world *world, const size_t *pages,
                          size_t page_count)
{
    const struct device_sort sorts[][2] = {
        {{application_field("appName"), false}, {application_field("esn"), true}},
        {{application_field("deviceUid"), true}, {application_field("appId"), false}},
        {{application_field("osName"), false}, {application_field("major"), false}},
    };

    for (size_t i = 0; i < COUNT_OF(APPLICATION_FILTERS); i++) {
        for (size_t j = i; j < COUNT_OF(APPLICATION_FILTERS); j += 3) {
            struct device_filter filters[2] = {
                filter_of(application_field(APPLICATION_FILTERS[i].field),
                          &APPLICATION_FILTERS[i]),
                filter_of(application_field(APPLICATION_FILTERS[j].field),
                          &APPLICATION_FILTERS[j])};
            struct device_query query = {.filters = filters,
                                         .filter_count = i == j ? 1 : 2,
                                         .sorts = sorts[(i + j) % COUNT_OF(sorts)],
                                         .sort_count = 2};
            check_groups(world, query, true, pages, page_count,
                         APPLICATION_FILTERS[i].field);
        }
    }
}

static void
test_filtered_applications_are_whole(void **state)
{
    struct world world AUTO(world_done) = make_world(FEW_COUNT);

    (void)state;
    check_application_filters(&world, FEW_PAGES + 2, 1);
}

static void
test_any_of_several_values_passes(void **state)
{
    struct world world AUTO(world_done) = make_world(FEW_COUNT);
    const struct slice values[] = {SLICE("m0"), SLICE("m2"), SLICE("nothing")};
    struct device_filter filter = {
        .field = device_field("systemModel"), .match = MATCH_IS, .any_of = values};
    const struct device_sort sort = {device_field("serialNumber"), false};
    struct device_query query = {
        .filters = &filter, .filter_count = 1, .sorts = &sort, .sort_count = 1};
    int64_t ids[FEW_COUNT + 1];

    (void)state;
    for (size_t count = 0; count <= COUNT_OF(values); count++) {
        size_t wanted = 0;
        filter.any_count = count;
        for (size_t i = 0; i < FEW_COUNT; i++) {
            const char *model =
                world.devices[i].values[device_field("systemModel") - DEVICE_FIELDS];
            wanted += (count > 0 && strcmp(model, "m0") == 0) ||
                      (count > 1 && strcmp(model, "m2") == 0);
        }
        assert_int_equal(walk(&world, query, false, 7, ids, COUNT_OF(ids), NULL, NULL),
                         wanted);
    }
}

/* Over the limits: groups are asked for row by row, filters are passed over in order. */
static void
check_large(const struct world *world, const struct device_sort *sort,
            const struct filtered *filtered, bool is_application)
{
    struct device_filter filter = {0};
    struct device_query query = {.sorts = sort, .sort_count = 1};

    if (filtered) {
        filter = filter_of(is_application ? application_field(filtered->field)
                                          : device_field(filtered->field),
                           filtered);
        query.filters = &filter;
        query.filter_count = 1;
    }
    check_walk(world, &query, is_application, 2000, sort->field->name);
    query.group_ids = world->groups;
    query.group_count = 1;
    check_walk(world, &query, is_application, 2000, sort->field->name);
}

static void
test_large_inventories_are_whole(void **state)
{
    struct world world AUTO(world_done) = make_world(MANY_COUNT);
    size_t field = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(DEVICE_FILTERS); i += 2) {
        while (!DEVICE_FIELDS[field % DEVICE_FIELD_COUNT].is_sortable)
            field++;
        const struct device_sort sort = {&DEVICE_FIELDS[field++ % DEVICE_FIELD_COUNT],
                                         i % 3 == 0};
        check_large(&world, &sort, i % 4 ? &DEVICE_FILTERS[i] : NULL, false);
    }
    for (size_t i = 0; i < COUNT_OF(APPLICATION_FILTERS); i++) {
        const struct device_sort sort = {
            application_field(i % 2 ? "appName" : "deviceName"), i % 3 == 0};
        check_large(&world, &sort, &APPLICATION_FILTERS[i], true);
    }
}

/* Another process deletes a device after each page: the one that the cursor names, and
 * one that was still to come. */
struct deleting {
    struct world *world;
    sqlite3 *db;
};

static void
delete_device(struct deleting *deleting, int64_t id)
{
    char sql[96];

    snprintf(sql, sizeof(sql), "DELETE FROM device WHERE id = %lld", (long long)id);
    if (sqlite3_exec(deleting->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(deleting->db));
    for (size_t i = 0; i < deleting->world->device_count; i++) {
        if (deleting->world->devices[i].id == id)
            deleting->world->devices[i].is_gone = true;
    }
}

static void
delete_between(void *ctx, int64_t last)
{
    delete_device(ctx, last);
    delete_device(ctx, last + 3);
}

static void
check_deletions(const struct device_query *query)
{
    struct world world AUTO(world_done) = make_world(FEW_COUNT);
    struct deleting deleting = {.world = &world};
    int64_t before[FEW_COUNT + 1];
    int64_t ids[FEW_COUNT + 1];
    char path[128];
    size_t j = 0;

    place_path(&world.place, "tokenhouse.db", path);
    assert_int_equal(sqlite3_open_v2(path, &deleting.db, SQLITE_OPEN_READWRITE, NULL),
                     SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(deleting.db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(naive(&world, query, false, before), FEW_COUNT);
    size_t count =
        walk(&world, *query, false, 4, ids, COUNT_OF(ids), delete_between, &deleting);
    sqlite3_close(deleting.db);
    assert_true(count < FEW_COUNT && count > FEW_COUNT / 2);
    for (size_t i = 0; i < FEW_COUNT; i++) {
        if (j < count && ids[j] == before[i]) {
            j++;
            continue;
        }
        for (size_t k = 0; k < FEW_COUNT; k++)
            assert_true(world.devices[k].id != before[i] || world.devices[k].is_gone);
    }
    assert_int_equal(j, count);
}

static void
test_rows_deleted_between_pages_take_no_others_along(void **state)
{
    const struct device_sort sorts[] = {{device_field("deviceName"), false},
                                        {device_field("agentStatus"), true}};

    (void)state;
    check_deletions(&(struct device_query){0});
    check_deletions(&(struct device_query){.sorts = &sorts[0], .sort_count = 1});
    check_deletions(&(struct device_query){.sorts = &sorts[1], .sort_count = 1});
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_devices_sorted_by_each_field_are_whole),
        cmocka_unit_test(test_applications_sorted_by_each_field_are_whole),
        cmocka_unit_test(test_without_a_sort_the_number_orders),
        cmocka_unit_test(test_applications_sorted_by_several_fields_are_whole),
        cmocka_unit_test(test_filtered_devices_are_whole),
        cmocka_unit_test(test_filtered_applications_are_whole),
        cmocka_unit_test(test_any_of_several_values_passes),
        cmocka_unit_test(test_large_inventories_are_whole),
        cmocka_unit_test(test_rows_deleted_between_pages_take_no_others_along),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
