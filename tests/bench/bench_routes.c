/* SPDX-License-Identifier: Apache-2.0
 *
 * What it costs to find the operation that a request means, in a map of 2,000: prints the
 * nanoseconds of a path, on average and of the dearest kind. tests/bench/run reads them.
 */
#include "base/clock.h"
#include "rules/route_map.h"

#include <stdio.h>
#include <stdlib.h>

enum { OPERATIONS = 2000, ROUNDS = 200, BATCHES = 7, TEXT_BYTES = 160 };

static const struct upstream UPSTREAM = {.prefix = "/api"};

/* One resource of an API, by number, and a path that asks for it. */
static const struct shape {
    const char *method, *template, *path;
} SHAPES[] = {
    {"GET", "/api/v3/resource-%zu", "/api/v3/resource-%zu"},
    {"POST", "/api/v3/resource-%zu", "/api/v3/resource-%zu"},
    {"GET", "/api/v3/resource-%zu/{id}",
     "/api/v3/resource-%zu/ce9778bf-3a5f-4c1a-a000-91e9355603a3"},
    {"DELETE", "/api/v3/resource-%zu/{id}", "/api/v3/resource-%zu/42"},
    {"GET", "/api/v3/resource-%zu/latest", "/api/v3/resource-%zu/%%6Catest"},
    {"GET", "/api/v3/resource-%zu/{id}.json", "/api/v3/resource-%zu/report%%202026.json"},
    {"GET", "/api/orgs/{org}/projects/{project}/things-%zu/{id}/history/{version}",
     "/api/orgs/example/projects/a-project-with-a-name/things-%zu/17/history/1234567"},
    {"GET", "/api/repos/{owner}/{repo}/part-%zu/{base}...{head}",
     "/api/repos/example/tool/part-%zu/release-1.2...main"},
};
enum { SHAPE_COUNT = sizeof(SHAPES) / sizeof(SHAPES[0]) };

static struct operation operations[OPERATIONS];
static char templates[OPERATIONS][TEXT_BYTES], paths[OPERATIONS][TEXT_BYTES];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the formats stand above */
static void
make_operation(size_t i)
{
    const struct shape *shape = &SHAPES[i % SHAPE_COUNT];

    snprintf(templates[i], TEXT_BYTES, shape->template, i / SHAPE_COUNT);
    snprintf(paths[i], TEXT_BYTES, shape->path, i / SHAPE_COUNT);
    operations[i] = (struct operation){.id = templates[i],
                                       .method = shape->method,
                                       .path = templates[i],
                                       .upstream = &UPSTREAM};
}
#pragma GCC diagnostic pop

/* Looks for every `step`th operation from `first` on; nanoseconds for each. */
static double
measure(const struct route_map *map, size_t first, size_t step)
{
    double least_ns = 1e9;

    for (int batch = 0; batch < BATCHES; batch++) {
        size_t count = 0;
        int64_t from_ns = clock_monotonic_ns();
        for (int round = 0; round < ROUNDS; round++) {
            for (size_t i = first; i < OPERATIONS; i += step, count++) {
                struct route_match match;
                enum status status = route_map_find(map, slice_of(operations[i].method),
                                                    slice_of(paths[i]), &match);
                if (status != STATUS_OK || match.operation != &operations[i])
                    abort();
            }
        }
        double each_ns = (double)(clock_monotonic_ns() - from_ns) / (double)count;
        if (each_ns < least_ns) /* what disturbs only adds */
            least_ns = each_ns;
    }
    return least_ns;
}

int
main(void)
{
    struct route_map *map = NULL;
    struct failure failure = {0};
    double dearest_ns = 0;

    for (size_t i = 0; i < OPERATIONS; i++)
        make_operation(i);
    if (route_map_new(operations, OPERATIONS, &map, &failure) != STATUS_OK) {
        fprintf(stderr, "%s\n", failure.text);
        return 1;
    }
    for (size_t i = 0; i < SHAPE_COUNT; i++) {
        double ns = measure(map, i, SHAPE_COUNT);
        if (ns > dearest_ns)
            dearest_ns = ns;
    }
    printf("tokenhouse.route_match_ns %.1f\n", measure(map, 0, 1));
    printf("tokenhouse.route_match_dearest_ns %.1f\n", dearest_ns);
    route_map_free(&map);
    return 0;
}
