/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as the query of a list, over the real reading functions and a real database.
 * The first byte chooses the resource, the second what the token may see; the rest is the
 * query. What is accepted keeps its limits, hides what must be hidden, says the same
 * twice, and goes on from a cursor only if this house has sealed it. */
#include "fuzz.h"

#include "../support/inventory.h"

#include "api/query_text.h"
#include "base/limits.h"

#include <jansson.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);

enum { DEVICE_COUNT = 40 };

static const struct resource {
    const char *operation;
    size_t usual, max; /* page sizes */
    bool has_devices;  /* rows have a deviceUid, whatever is selected */
} RESOURCES[] = {
    {"get-devices", 10, 500, true},
    {"get-applications", 100, 10000, true},
    {"get-device-groups", 100, 500, false},
    {"get-reporting-account-licenses", 100, 10000, false},
};

static struct inventory house;
static int64_t group; /* every third device is in it */

static void
import_device(int number)
{
    char json[1024];

    snprintf(json, sizeof(json),
             "{\"deviceUid\":\"device-%02d\",\"esn\":\"ESN%02d\",\"deviceName\":%s,"
             "\"agentStatus\":\"%c\",\"isStolen\":%s,\"systemModel\":\"M%d\","
             "\"lastConnectedDateTimeUtc\":\"2026-0%d-01T00:00:00.000Z\","
             "\"operatingSystem\":{\"name\":\"W\\u00e4rm_%%%d\",\"build\":\"%d\"},"
             "\"geoData\":{\"location\":{\"point\":{\"type\":\"Point\"},\"accuracy\":3}},"
             "\"deviceFreezeStatus\":{\"statusCode\":\"FRZN\",\"passCode\":\"1234\"},"
             "\"licenseAddon\":[{\"licenseName\":\"Add %d\"},{\"licenseName\":\"On\"}],"
             "\"applications\":[{\"appName\":\"Ed\",\"major\":%d,\"installDateTimeUtc\":"
             "\"2025-01-0%dT00:00:00Z\"},{\"appName\":\"App %d\"}]}",
             number, number, number % 4 ? "\"LT \\u00c9\\\\%_\"" : "null",
             "ADI"[number % 3], number % 2 ? "true" : "false", number % 5, number % 9 + 1,
             number % 7, number, number % 3, number, number % 9 + 1, number % 6);
    MUST(inventory_import(&house, json));
}

static void
add_licence(const char *name)
{
    struct licence licence = {.starts_at_s = 1, .seat_count = 5};
    int64_t id = 0;

    snprintf(licence.uid, sizeof(licence.uid), "%s", name);
    snprintf(licence.name, sizeof(licence.name), "%s", name);
    MUST(store_begin(house.writer));
    MUST(store_licence_add(house.writer, &licence, &id));
    MUST(store_commit(house.writer));
}

static void
close_house(void)
{
    inventory_close(&house);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char name[32];

    (void)argc;
    (void)argv;
    inventory_open(&house);
    atexit(close_house);
    group = inventory_group(&house, "Third", "third-uid");
    (void)inventory_group(&house, "Empty \xC3\x89", "empty-uid");
    for (int i = 0; i < DEVICE_COUNT; i++)
        import_device(i);
    for (int i = 0; i < DEVICE_COUNT; i += 3) {
        snprintf(name, sizeof(name), "device-%02d", i);
        inventory_assign(&house, group, name);
    }
    add_licence("Control");
    add_licence("Resilience");
    return 0;
}

/* What the rows of an answer say must fit what the token may see. */
static void
check_row(const struct asked *asked, const struct resource *resource, json_t *row)
{
    json_t *freeze = json_object_get(row, "deviceFreezeStatus");
    const char *uid = json_string_value(json_object_get(row, "deviceUid"));

    assert(json_is_object(row));
    if (!resource->has_devices)
        return;
    assert(uid);
    if (asked->group_count > 0) {
        int number = 10 * (uid[7] - '0') + uid[8] - '0';
        assert(strncmp(uid, "device-", 7) == 0 && number % 3 == 0);
    }
    if (!permission_set_has(&asked->rights, PERMISSION_GEOLOCATION_VIEW))
        assert(!json_object_get(row, "geoData"));
    if (!permission_set_has(&asked->rights, PERMISSION_REMOVE_FREEZE_PERFORM))
        assert(!json_object_get(freeze, "passCode"));
}

/* The value of `name`, as our own reader sees it; empty when there is none. */
static struct slice
value_of(const struct query_pairs *pairs, const char *name)
{
    struct slice value = {0};

    if (query_text_find(pairs, slice_of(name), &value) != STATUS_OK)
        return (struct slice){0};
    return value;
}

/* How many rows the answer may have. */
static size_t
page_size_of(const struct query_pairs *pairs, const struct resource *resource)
{
    struct slice text = value_of(pairs, "pageSize");
    size_t size = 0;

    if (text.len == 0)
        return resource->usual;
    for (size_t i = 0; i < text.len; i++) {
        assert(text.at[i] >= '0' && text.at[i] <= '9');
        size = size * 10 + text.at[i] - '0';
        assert(size <= resource->max);
    }
    assert(size > 0);
    return size;
}

/* The gate asks for more rights by what it sees in the query; it must see all that the
 * answer is made from. */
static void
check_select(const struct query_pairs *pairs, struct slice query)
{
    struct slice rest = value_of(pairs, "select");
    struct slice item;

    while (query_text_next_item(&rest, &item))
        assert(api_select_names(query, item));
}

static void
check_refusal(const struct asked *asked, json_t *root)
{
    json_t *detail = json_array_get(json_object_get(root, "details"), 0);

    assert(asked->status == 400);
    assert(json_is_string(json_object_get(detail, "code")));
    assert(json_string_length(json_object_get(detail, "message")) > 0);
}

/* Asks, twice, and looks at the answer. Gives the nextPage, to be freed; NULL = none. */
static char *
ask(struct asked *asked, const struct resource *resource, const struct query_pairs *pairs)
{
    struct buffer first AUTO(buffer_done) = buffer_make(32 << 20);
    char *next = NULL;

    inventory_ask(&house, asked);
    buffer_add(&first, buffer_slice(&asked->reply));
    int status = asked->status;
    inventory_ask(&house, asked);
    assert(status == asked->status);
    assert(slice_equal(buffer_slice(&first), buffer_slice(&asked->reply)));

    json_t *root =
        json_loadb((const char *)first.at, first.len, JSON_REJECT_DUPLICATES, NULL);
    assert(root);
    if (status != 200) {
        check_refusal(asked, root);
        json_decref(root);
        return NULL;
    }
    json_t *rows = json_object_get(root, "data");
    json_t *row;
    size_t index;
    assert(json_is_array(rows) && json_is_object(json_object_get(root, "metadata")));
    assert(json_array_size(rows) <= page_size_of(pairs, resource));
    json_array_foreach(rows, index, row) check_row(asked, resource, row);
    json_t *page = json_object_get(json_object_get(root, "metadata"), "pagination");
    if (page) {
        assert(json_array_size(rows) == page_size_of(pairs, resource));
        next = strdup(json_string_value(json_object_get(page, "nextPage")));
    }
    json_decref(root);
    return next;
}

/* The cursor leads on; altered, or with another query, it leads nowhere. */
static void
follow(const struct asked *asked, const struct resource *resource,
       const struct query_pairs *pairs, char *next)
{
    struct buffer query AUTO(buffer_done) = buffer_make(64 << 10);
    struct asked after = *asked;
    size_t len = strlen(next);
    size_t base;

    after.reply = (struct buffer){0};
    buffer_add(&query, asked->query);
    buffer_add_text(&query, "&nextPage=");
    base = query.len;
    buffer_add_text(&query, next);
    after.query = buffer_slice(&query);
    if (after.query.len <= QUERY_MAX_BYTES && pairs->count < QUERY_PAIR_MAX_COUNT) {
        char *third = ask(&after, resource, pairs);
        assert(after.status == 200);
        assert(!third || strcmp(third, next) != 0);
        free(third);
        query.at[base + len / 2] = query.at[base + len / 2] == 'A' ? 'B' : 'A';
        inventory_ask(&house, &after);
        assert(after.status == 400);
        query.at[base + len / 2] = (unsigned char)next[len / 2];
        buffer_add_text(&query, "&x=1");
        after.query = buffer_slice(&query);
        inventory_ask(&house, &after);
        assert(after.status == 400);
    }
    asked_done(&after);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena AUTO(arena_done) = {0};
    struct query_pairs pairs;

    if (size < 2)
        return 0;
    const struct resource *resource = &RESOURCES[data[0] % COUNT_OF(RESOURCES)];
    struct asked asked = {.operation = resource->operation,
                          .query = {data + 2, size - 2},
                          .groups = &group,
                          .group_count = data[1] & 1};
    if (data[1] & 2)
        permission_set_add(&asked.rights, PERMISSION_GEOLOCATION_VIEW);
    if (data[1] & 4)
        permission_set_add(&asked.rights, PERMISSION_REMOVE_FREEZE_PERFORM);

    enum status split = query_text_split(asked.query, &arena, &pairs);
    if (split != STATUS_OK)
        pairs.count = 0;
    assert(pairs.count <= QUERY_PAIR_MAX_COUNT);
    char *next = ask(&asked, resource, &pairs);
    assert(split == STATUS_OK || asked.status == 400);
    if (asked.status == 200) {
        /* the master key is made anew for each run: a cursor that is taken is forged */
        assert(value_of(&pairs, "nextPage").len == 0);
        if (data[0] % COUNT_OF(RESOURCES) < 2)
            check_select(&pairs, asked.query);
    }
    if (next)
        follow(&asked, resource, &pairs, next);
    free(next);
    asked_done(&asked);
    return 0;
}
