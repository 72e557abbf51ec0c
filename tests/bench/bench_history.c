/* SPDX-License-Identifier: Apache-2.0
 *
 * What Event History costs when it is long. By hand:
 *   ninja -C BUILD tests/unit/rules/bench_history && BUILD/tests/unit/rules/bench_history
 * N writes N events (1,000,000) into a fresh folder, then appends, proves and verifies.
 */
#include "base/auto.h"
#include "base/clock.h"
#include "rules/history.h"
#include "rules/history_tree.h"
#include "rules/history_verify.h"
#include "store/store_events.h"

#include <stdio.h>
#include <stdlib.h>

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

int
main(int argc, char **argv)
{
    int64_t count = argc > 1 ? strtoll(argv[1], NULL, 10) : 1000000;
    char folder[] = "/tmp/tokenhouse-bench-XXXXXX";
    struct failure failure = {0};
    struct store *store = NULL;
    struct es256_private *key = NULL;
    struct es256_key *public = NULL;
    struct history_report report;
    struct tree_head head;
    struct merkle_proof proof;
    uint8_t point[PUBLIC_KEY_BYTES];
    bool is_new = false;

    if (!mkdtemp(folder))
        return 1;
    must(store_create(folder, &failure), "making");
    must(store_open(folder, STORE_WRITE, &store, &failure), "opening");
    must(store_begin(store), "beginning");
    must(store_fact_set(store, "account_uid", "bench", 5), "fact");
    int64_t began_ns = clock_monotonic_ns();
    for (int64_t i = 0; i < count; i++) {
        add(store, 1795643502000 + i);
        if (i % 10000 == 9999) {
            must(store_commit(store), "committing");
            must(store_begin(store), "beginning");
        }
    }
    must(store_commit(store), "committing");
    printf("append, 10,000 an act   %8.2f us an event\n",
           (double)(clock_monotonic_ns() - began_ns) / 1e3 / (double)count);

    must(es256_private_make(&key), "key");
    must(history_tree_sign(store, key, 1795643502000 + count, true, &head, &is_new),
         "sign");
    began_ns = clock_monotonic_ns();
    for (int i = 0; i < 1000; i++) {
        must(store_begin(store), "beginning");
        add(store, 1795643502000 + count);
        must(store_commit(store), "committing");
    }
    printf("append, an act each     %8.2f us an event\n",
           (double)(clock_monotonic_ns() - began_ns) / 1e6);
    began_ns = clock_monotonic_ns();
    for (int i = 0; i < 1000; i++)
        must(history_tree_prove(store, 1 + (int64_t)rand() % count, count, &proof),
             "prove");
    printf("proof of one            %8.2f us\n",
           (double)(clock_monotonic_ns() - began_ns) / 1e6);

    es256_private_point(key, point);
    must(es256_key_new(point, &public), "key");
    began_ns = clock_monotonic_ns();
    must(history_verify(store, public, NULL, 0, &report), "verifying");
    printf("verify                  %8.0f events/s  (%s)\n",
           (double)report.event_count * 1e9 / (double)(clock_monotonic_ns() - began_ns),
           report.is_whole ? "whole" : report.words);
    printf("%s is left for you to remove\n", folder);
    es256_key_free(&public);
    es256_private_free(&key);
    store_close(&store);
    return 0;
}
