/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages of the inventory against a naive filter and sort in memory: whatever is asked,
 * all pages together are the whole list, in order, nothing twice. Every way to find a
 * page is taken: groups read whole or asked for, filters found by their index or passed
 * over, applications before devices or after. */
#include "support.h"

#include "base/arena.h"
#include "base/mem.h"
#include "store/store_device_query.h"
#include "store/store_devices.h"

#include <sqlite3.h>

enum {
    ROOM = 24,
    /* over what store_device_query.c reads whole (5,000 members, 2,000 rows) */
    FEW_COUNT = 60,
    MANY_COUNT = 5600,
    GROUP_COUNT = 3,
};

struct model_device {
    int64_t id;
    char values[DEVICE_FIELD_COUNT][ROOM];
    bool is_in[GROUP_COUNT];
    bool is_gone;
};

struct model_application {
    int64_t id;
    const struct model_device *device;
    char values[APPLICATION_FIELD_COUNT][ROOM];
};

struct world {
    struct place place;
    struct model_device *devices;
    struct model_application *applications;
    size_t device_count, application_count;
    int64_t groups[GROUP_COUNT]; /* most, few, none of the devices */
};

static size_t
field_index(const struct device_field *fields, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(fields[i].name, name) == 0)
            return i;
    }
    fail_msg("no field %s", name);
    return 0;
}

static const struct device_field *
device_field(const char *name)
{
    return &DEVICE_FIELDS[field_index(DEVICE_FIELDS, DEVICE_FIELD_COUNT, name)];
}

static const struct device_field *
application_field(const char *name)
{
    return &APPLICATION_FIELDS[field_index(APPLICATION_FIELDS, APPLICATION_FIELD_COUNT,
                                           name)];
}

__attribute__((format(printf, 3, 4))) static void
set(struct model_device *device, const char *name, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(device->values[device_field(name) - DEVICE_FIELDS], ROOM, format, args);
    va_end(args);
}

/* Values of every sortable field: some equal, some empty, some that LIKE knows. */
static void
make_device(struct model_device *device, size_t number)
{
    static const char *const NAMES[] = {
        "", "lt-1", "lt-10", "lt%", "lt_1", "lt\\", "\xC3\xA9t\xC3\xA9", "z", "lt-1"};
    static const char *const LISTS[] = {"", "\none\n", "\none\ntwo\n", "\ntwo\nonetwo\n"};
    size_t mixed = (number * 7919) % 1009;

    /* not in the order of the ids */
    set(device, "deviceUid", "u%04zu-%zu", mixed, number);
    if (number % 5)
        set(device, "esn", "e%zu", number % 50);
    set(device, "deviceName", "%s", NAMES[mixed % COUNT_OF(NAMES)]);
    set(device, "agentStatus", "%s", number % 10 == 0 ? "" : number % 3 ? "a" : "d");
    if (mixed % 3)
        set(device, "fullSystemName", "full-%zu", mixed % 7);
    if (mixed % 4)
        set(device, "lastUpdatedDateTimeUtc", "2026-%02zu-01T00:00:00.0Z",
            mixed % 12 + 1);
    set(device, "platformOSType", "%s", mixed % 2 ? "windows" : "mac");
    set(device, "serialNumber", "s%zu", number);
    set(device, "systemModel", "m%zu", mixed % 4);
    if (mixed % 6)
        set(device, "username", "user-%zu", mixed % 6);
    set(device, "licenseAddonLicenseName", "%s", LISTS[mixed % COUNT_OF(LISTS)]);
    set(device, "operatingSystemName", "os-%zu", mixed % 3);
    device->is_in[0] = number % 50 != 0;
    device->is_in[1] = mixed % 9 == 0;
}

static void
write_device(struct world *world, struct device_writer *writer,
             struct model_device *device)
{
    struct device_write write = {.doc = SLICE("{}"), .application_head = SLICE("{}")};
    enum device_change change = DEVICE_SAME;

    for (size_t i = 0; i < DEVICE_FIELD_COUNT; i++)
        write.columns[i] = slice_of(device->values[i]);
    OK(store_device_writer_put(writer, &write, &device->id, &change));
    assert_int_equal(change, DEVICE_ADDED);
    for (size_t i = 0; i < GROUP_COUNT; i++) {
        if (device->is_in[i])
            OK(store_device_group_set(world->place.store, device->id, world->groups[i],
                                      true));
    }
}

static void
write_application(struct world *world, struct device_writer *writer,
                  const struct model_device *device, size_t number)
{
    static const struct {
        const char *application, *device;
    } OF_DEVICE[] = {{"deviceUid", "deviceUid"},
                     {"esn", "esn"},
                     {"deviceName", "deviceName"},
                     {"deviceSerialNumber", "serialNumber"},
                     {"osName", "operatingSystemName"}};
    struct model_application *application =
        &world->applications[world->application_count++];
    struct application_write write = {.doc = SLICE("{}")};

    for (size_t i = 0; i < APPLICATION_FIELD_COUNT; i++) {
        if (APPLICATION_FIELDS[i].column[0] == 'a' &&
            (APPLICATION_FIELDS[i].kind == FIELD_NUMBER))
            snprintf(application->values[i], ROOM, "%019zu", number % 3);
        else if (APPLICATION_FIELDS[i].column[0] == 'a' && (number + i) % 4)
            snprintf(application->values[i], ROOM, "v%zu", (number * (i + 3)) % 5);
        write.columns[i] = slice_of(application->values[i]);
    }
    for (size_t i = 0; i < COUNT_OF(OF_DEVICE); i++)
        memcpy(application->values[application_field(OF_DEVICE[i].application) -
                                   APPLICATION_FIELDS],
               device->values[device_field(OF_DEVICE[i].device) - DEVICE_FIELDS], ROOM);
    application->device = device;
    application->id = (int64_t)world->application_count;
    OK(store_device_writer_application(writer, device->id, &write));
}

static struct world
make_world(size_t count)
{
    struct world world = {.place = place_make(), .device_count = count};
    size_t number = 0;

    world.devices = mem_new(count * sizeof(*world.devices));
    world.applications = mem_new(2 * count * sizeof(*world.applications));
    OK(store_begin(world.place.store));
    world.groups[0] = add_group(world.place.store, "most");
    world.groups[1] = add_group(world.place.store, "few");
    world.groups[2] = add_group(world.place.store, "none");
    struct device_writer *writer = store_device_writer_new(world.place.store);
    for (size_t i = 0; i < count; i++) {
        make_device(&world.devices[i], i);
        write_device(&world, writer, &world.devices[i]);
        for (size_t j = 0; j < i % 3; j++)
            write_application(&world, writer, &world.devices[i], number++);
    }
    store_device_writer_free(&writer);
    OK(store_commit(world.place.store));
    return world;
}

static void
world_done(struct world *world)
{
    mem_free(&world->devices);
    mem_free(&world->applications);
    place_done(&world->place);
}

/* ---- the naive way ---- */

static bool
list_has(const char *list, const char *wanted, bool is_whole)
{
    size_t len = strlen(wanted);

    for (const char *at = list; *at == '\n' && at[1]; at = strchr(at + 1, '\n')) {
        if (strncmp(at + 1, wanted, len) == 0 && (!is_whole || at[1 + len] == '\n'))
            return true;
    }
    return false;
}

static bool
ends(const char *value, const char *end)
{
    size_t len = strlen(value);
    size_t end_len = strlen(end);

    return len >= end_len && strcmp(value + len - end_len, end) == 0;
}

static bool
passes(const char *value, const struct device_filter *filter)
{
    char wanted[ROOM] = "";
    bool is_list = filter->field->kind == FIELD_LIST;

    assert_true(slice_to_text(filter->value, wanted, sizeof(wanted)));
    int order = strcmp(value, wanted);
    bool starts = is_list ? list_has(value, wanted, false)
                          : strncmp(value, wanted, strlen(wanted)) == 0;
    switch (filter->match) {
    case MATCH_IS:
        return is_list ? list_has(value, wanted, true) : order == 0;
    case MATCH_IS_NOT:
        return order != 0;
    case MATCH_CONTAINS:
        return strstr(value, wanted) != NULL;
    case MATCH_NOT_CONTAINS:
        return strstr(value, wanted) == NULL;
    case MATCH_STARTS:
        return starts;
    case MATCH_NOT_STARTS:
        return !starts;
    case MATCH_ENDS:
        return ends(value, wanted);
    case MATCH_NOT_ENDS:
        return !ends(value, wanted);
    case MATCH_EMPTY:
        return value[0] == '\0';
    case MATCH_NOT_EMPTY:
        return value[0] != '\0';
    case MATCH_AFTER:
        return order > 0;
    case MATCH_FROM:
        return order >= 0;
    case MATCH_BEFORE:
        return value[0] && order < 0;
    case MATCH_TO:
        return value[0] && order <= 0;
    case MATCH_COUNT:
        break;
    }
    return false;
}

/* A row as sorting sees it. */
struct naive_row {
    int64_t id;
    const char (*values)[ROOM];
};

static const struct device_query *sorting;
static const struct device_field *sorting_fields;

static int
compare_rows(const void *left, const void *right)
{
    const struct naive_row *a = left;
    const struct naive_row *b = right;
    bool is_descending = false;

    for (size_t i = 0; i < sorting->sort_count; i++) {
        size_t field = (size_t)(sorting->sorts[i].field - sorting_fields);
        int order = strcmp(a->values[field], b->values[field]);
        is_descending = sorting->sorts[i].is_descending;
        if (order != 0)
            return is_descending ? -order : order;
    }
    int order = (a->id > b->id) - (a->id < b->id);
    return is_descending ? -order : order;
}

static bool
is_seen(const struct world *world, const struct model_device *device,
        const struct device_query *query)
{
    for (size_t i = 0; i < query->group_count; i++) {
        for (size_t j = 0; j < GROUP_COUNT; j++) {
            if (world->groups[j] == query->group_ids[i] && device->is_in[j])
                return !device->is_gone;
        }
    }
    return query->group_count == 0 && !device->is_gone;
}

static bool
passes_all(const char (*values)[ROOM], const struct device_query *query)
{
    for (size_t i = 0; i < query->filter_count; i++) {
        size_t field = (size_t)(query->filters[i].field - sorting_fields);
        if (!passes(values[field], &query->filters[i]))
            return false;
    }
    return true;
}

/* The numbers of all rows that the query should give, in order. */
static size_t
naive(const struct world *world, const struct device_query *query, bool is_application,
      int64_t *out)
{
    size_t most = is_application ? world->application_count : world->device_count;
    struct naive_row *rows = mem_new((most + 1) * sizeof(*rows));
    size_t count = 0;

    sorting = query;
    sorting_fields = is_application ? APPLICATION_FIELDS : DEVICE_FIELDS;
    for (size_t i = 0; i < most; i++) {
        const struct model_device *device =
            is_application ? world->applications[i].device : &world->devices[i];
        struct naive_row row = {is_application ? world->applications[i].id : device->id,
                                is_application ? world->applications[i].values
                                               : device->values};
        if (is_seen(world, device, query) && passes_all(row.values, query))
            rows[count++] = row;
    }
    qsort(rows, count, sizeof(*rows), compare_rows);
    for (size_t i = 0; i < count; i++)
        out[i] = rows[i].id;
    mem_free(&rows);
    return count;
}

/* ---- the real way ---- */

struct walking {
    struct arena arena; /* of the cursor */
    int64_t *ids;
    size_t count, room, page_count;
    struct slice after[DEVICE_SORT_MAX_COUNT];
    size_t sort_count;
};

static bool
each_row(void *ctx, const struct device_row *row)
{
    struct walking *walking = ctx;

    assert_true(walking->count < walking->room);
    walking->ids[walking->count++] = row->id;
    walking->page_count++;
    assert_int_equal(row->doc.len, 2);
    arena_reset(&walking->arena);
    for (size_t i = 0; i < walking->sort_count; i++)
        walking->after[i] = arena_copy(&walking->arena, row->sorted_by[i]);
    return true;
}

static size_t
walk(const struct world *world, struct device_query query, bool is_application,
     size_t page, int64_t *ids, size_t room, void (*between)(void *ctx, int64_t last),
     void *ctx)
{
    struct arena arena = {0};
    struct walking walking = {.ids = ids, .room = room, .sort_count = query.sort_count};

    query.count = page;
    do {
        walking.page_count = 0;
        OK((is_application ? store_application_query : store_device_query)(
            world->place.store, &query, &arena, each_row, &walking));
        assert_true(walking.page_count <= page);
        arena_reset(&arena);
        query.after = walking.after;
        query.after_id = walking.count ? ids[walking.count - 1] : 0;
        if (between)
            between(ctx, query.after_id);
    } while (walking.page_count == page);
    arena_done(&arena);
    arena_done(&walking.arena);
    return walking.count;
}

static void
check_walk(const struct world *world, const struct device_query *query,
           bool is_application, size_t page, const char *what)
{
    size_t room = 2 * world->device_count + 1;
    int64_t *wanted = mem_new(room * sizeof(*wanted));
    int64_t *got = mem_new(room * sizeof(*got));
    size_t wanted_count = naive(world, query, is_application, wanted);
    size_t count = walk(world, *query, is_application, page, got, room, NULL, NULL);

    if (count != wanted_count)
        fail_msg("%s, page %zu: %zu rows instead of %zu", what, page, count,
                 wanted_count);
    for (size_t i = 0; i < count; i++) {
        if (got[i] != wanted[i])
            fail_msg("%s, page %zu: row %zu is %lld instead of %lld", what, page, i,
                     (long long)got[i], (long long)wanted[i]);
    }
    mem_free(&wanted);
    mem_free(&got);
}

/* ---- what is asked ---- */

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
