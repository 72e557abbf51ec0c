/* SPDX-License-Identifier: Apache-2.0
 *
 * What Event History costs when it is long: fills a data folder that `tokenhouse init`
 * has made, and measures appending and proving in it. tests/bench/run uses it; by hand:
 *   bench_history FOLDER N
 * adds N events with a signed head each 10,000, and prints lines of a name and a figure.
 *
 * An event is always written in the transaction of its change, so what an event costs is
 * what it adds to that: events.change_… is a transaction with a small change in it,
 * events.with_… the same with its event, by turns on the same disk. */
#include "base/auto.h"
#include "base/clock.h"
#include "crypto/seal.h"
#include "rules/history.h"
#include "rules/history_tree.h"
#include "rules/server_key.h"
#include "store/store_events.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { ACT_COUNT = 10000, SINGLE_COUNT = 1000 };

static void
must(enum status status, const char *what)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, status_name(status));
    exit(1);
}

static void
add(struct store *store, int64_t at_ms)
{
    struct act act = {.store = store,
                      .now_ms = at_ms,
                      .actor_kind = ACTOR_USER,
                      .actor_name = "somebody@example.com",
                      .address = "203.0.113.7",
                      .actor_id = "0b9f8c1e-9a3d-4a57-9e0a-2f6a52b4c001"};
    struct happening what = {
        .kind = EVENT_TOKEN_UPDATED,
        .object_kind = "token",
        .object_id = "4cc6f7a2-0d6a-4bb6-9d0e-5c4f3b1d2e10",
        .object_name = "Nightly inventory export",
        .details = SLICE("{\"action\":\"edited\",\"before\":{\"expires\":\"2027-01-01\"},"
                         "\"after\":{\"expires\":\"2027-02-01\"}}"),
    };
    must(history_add(&act, &what), "adding");
}

/* Of this process, so that a busy machine does not count. */
static double
cpu_us(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* `count` events, `at_once` in an act. Gives the microseconds of one. */
static double
append(struct store *store, const struct es256_private *key, int64_t count,
       int64_t at_once)
{
    int64_t began_ns = clock_monotonic_ns();
    int64_t now_ms = clock_now_ms();

    for (int64_t done = 0; done < count; done += at_once) {
        struct tree_head head;
        bool is_new = false;
        must(store_begin(store), "beginning");
        for (int64_t i = 0; i < at_once && done + i < count; i++)
            add(store, now_ms - count + done + i);
        must(store_commit(store), "committing");
        if (at_once > 1)
            must(history_tree_sign(store, key, now_ms - count + done, true, &head,
                                   &is_new),
                 "signing");
    }
    return (double)(clock_monotonic_ns() - began_ns) / 1e3 / (double)count;
}

/* What transactions cost, by this process's time and by the wall. */
struct cost {
    double cpu_us, wall_us;
};

/* A small change of the store, with or without its event. */
static void
change(struct store *store, int64_t round, bool has_event, struct cost *cost)
{
    int64_t began_ns = clock_monotonic_ns();
    double began_us = cpu_us();

    must(store_begin(store), "beginning");
    must(store_fact_set(store, "bench", &round, sizeof(round)), "changing");
    if (has_event)
        add(store, clock_now_ms());
    must(store_commit(store), "committing");
    cost->cpu_us += (cpu_us() - began_us) / SINGLE_COUNT;
    cost->wall_us += (double)(clock_monotonic_ns() - began_ns) / 1e3 / SINGLE_COUNT;
}

static void
append_by_turns(struct store *store)
{
    struct cost without = {0}, with = {0};

    for (int64_t i = 0; i < SINGLE_COUNT; i++) {
        change(store, i, false, &without);
        change(store, i, true, &with);
    }
    printf("events.change_us %.2f\nevents.change_cpu_us %.2f\n", without.wall_us,
           without.cpu_us);
    printf("events.with_us %.2f\nevents.with_cpu_us %.2f\n", with.wall_us, with.cpu_us);
    printf("events.event_us %.2f\nevents.event_cpu_us %.2f\n",
           with.wall_us - without.wall_us, with.cpu_us - without.cpu_us);
}

static double
prove(struct store *store, int64_t size)
{
    int64_t began_ns = clock_monotonic_ns();
    struct merkle_proof proof;

    for (int64_t i = 0; i < SINGLE_COUNT; i++)
        must(history_tree_prove(store, 1 + i * 7919 % size, size, &proof), "proving");
    return (double)(clock_monotonic_ns() - began_ns) / 1e3 / SINGLE_COUNT;
}

int
main(int argc, char **argv)
{
    struct store *store AUTO(store_close) = NULL;
    struct master_key *master_key AUTO(master_key_close) = NULL;
    struct es256_private *key AUTO(es256_private_free) = NULL;
    int64_t count = argc > 2 ? strtoll(argv[2], NULL, 10) : 0;
    char path[4096] = "";
    struct failure failure = {0};
    int64_t last = 0;

    if (count < 1) {
        fprintf(stderr, "bench_history FOLDER N\n");
        return 2;
    }
    snprintf(path, sizeof(path), "%s/master.key", argv[1]);
    must(store_open(argv[1], STORE_WRITE, &store, &failure), failure.text);
    must(master_key_open(path, &master_key, &failure), failure.text);
    must(server_key_open(store, master_key, &key, &failure), failure.text);
    printf("events.append_bulk_us %.2f\n", append(store, key, count, ACT_COUNT));
    double before_us = cpu_us();
    printf("events.append_us %.2f\n", append(store, key, SINGLE_COUNT, 1));
    printf("events.append_cpu_us %.2f\n", (cpu_us() - before_us) / SINGLE_COUNT);
    append_by_turns(store);
    must(store_event_ends(store, NULL, &last), "ends");
    printf("events.prove_us %.2f\n", prove(store, last));
    printf("events.count %lld\n", (long long)last);
    return 0;
}
