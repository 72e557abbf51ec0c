/* SPDX-License-Identifier: Apache-2.0
 *
 * An inventory that is in a store and in memory as well, where it is filtered and sorted
 * naively: what the store says is held against that. */
#ifndef TESTS_UNIT_STORE_INVENTORY_MODEL_H
#define TESTS_UNIT_STORE_INVENTORY_MODEL_H

#include "support.h"

#include "store/store_device_query.h"

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

struct world make_world(size_t count);
void world_done(struct world *world);
const struct device_field *device_field(const char *name);
const struct device_field *application_field(const char *name);

/* The ids of all rows, in order, as memory knows them; gives how many. */
size_t naive(const struct world *world, const struct device_query *query,
             bool is_application, int64_t *out);
/* The same as the store gives them, page by page; `between` (may be NULL) is called after
 * each, with the id of its last row. */
size_t walk(const struct world *world, struct device_query query, bool is_application,
            size_t page, int64_t *ids, size_t room,
            void (*between)(void *ctx, int64_t last), void *ctx);
/* Both must be the same; `what` is said when they are not. */
void check_walk(const struct world *world, const struct device_query *query,
                bool is_application, size_t page, const char *what);

#endif
