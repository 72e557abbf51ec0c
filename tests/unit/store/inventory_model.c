/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes the inventory, and asks it in two ways. */
#include "inventory_model.h"

#include "base/arena.h"
#include "base/mem.h"
#include "store/store_devices.h"

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

const struct device_field *
device_field(const char *name)
{
    return &DEVICE_FIELDS[field_index(DEVICE_FIELDS, DEVICE_FIELD_COUNT, name)];
}

const struct device_field *
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

struct world
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

void
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
size_t
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

size_t
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

void
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
