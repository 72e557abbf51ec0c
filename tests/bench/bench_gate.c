/* SPDX-License-Identifier: Apache-2.0
 *
 * What the gate itself costs, without sockets: the whole way of GET /v3/whoami, and the
 * same ended at the last step before its answer, beside the bare verification; and with a
 * shadow, that would let them in or would not. Requests differ from one another, as
 * callers' do. Build and run by hand:
 *   ninja -C BUILD tests/unit/gate/bench_gate && BUILD/tests/unit/gate/bench_gate */
#include "../unit/gate/support.h"

#include "crypto/sha256.h"
#include "store/store_shadows.h"

#include <malloc.h>

enum { REQUESTS = 256, ROUNDS = 40, SERIES = 7 };

static struct buffer messages[REQUESTS];

static void
sign_all(bool is_es256, const char *uri)
{
    for (int i = 0; i < REQUESTS; i++) {
        char query[32];
        snprintf(query, sizeof(query), "pageSize=%d", i);
        struct ask ask = {.is_es256 = is_es256, .uri = uri, .query = query};
        buffer_done(&messages[i]);
        messages[i] = buffer_make(JWS_MAX_BYTES);
        house_sign(&ask, &messages[i]);
    }
}

static void
pass(const struct buffer *message, enum verdict wanted)
{
    struct exchange *x = gate_begin(house.lane);

    arena_reset(&house.arena);
    x->arena = &house.arena;
    x->message = buffer_slice(message);
    x->request_id = "01J9ZZZZZZZZZZZZZZZZZZZZZZ";
    x->now_ms = NOW_MS;
    x->now_ns = clock_monotonic_ns();
    keyring_enter();
    gate_decide(x);
    keyring_leave();
    assert_int_equal(x->verdict, wanted);
}

static int
compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static void
measure(const char *name, bool is_es256, const char *uri, enum verdict wanted)
{
    int64_t series[SERIES];
    int rounds = is_es256 ? ROUNDS / 8 : ROUNDS;

    sign_all(is_es256, uri);
    pass(&messages[0], wanted); /* prepares the key */
    size_t heap = mallinfo2().uordblks;
    for (int s = 0; s < SERIES; s++) {
        int64_t start_ns = clock_monotonic_ns();
        for (int i = 0; i < rounds * REQUESTS; i++)
            pass(&messages[i % REQUESTS], wanted);
        series[s] = (clock_monotonic_ns() - start_ns) / (rounds * REQUESTS);
    }
    qsort(series, SERIES, sizeof(series[0]), compare);
    printf("%-34s %8lld ns   heap %+lld bytes\n", name, (long long)series[SERIES / 2],
           (long long)(mallinfo2().uordblks - heap));
}

static void
measure_verify(void)
{
    int64_t series[SERIES];
    uint8_t point[PUBLIC_KEY_BYTES];
    uint8_t digest[SHA256_BYTES];
    uint8_t signature[ES256_SIGNATURE_BYTES];
    struct es256_key *key = NULL;
    bool fits = false;

    es256_private_point(house.es256, point);
    OK(es256_key_new(point, &key));
    sha256(SLICE("message"), digest);
    OK(es256_sign(house.es256, SLICE("message"), signature));
    for (int s = 0; s < SERIES; s++) {
        int64_t start_ns = clock_monotonic_ns();
        for (int i = 0; i < 1000; i++)
            OK(es256_verify(key, digest, (struct slice){signature, sizeof(signature)},
                            &fits));
        series[s] = (clock_monotonic_ns() - start_ns) / 1000;
    }
    qsort(series, SERIES, sizeof(series[0]), compare);
    printf("%-34s %8lld ns\n", "es256_verify alone", (long long)series[SERIES / 2]);
    es256_key_free(&key);
}

/* Gives the token "hs" a shadow with these permissions, usable from `range` only. */
static void
start_shadow(struct permission_set permissions, const char *range)
{
    struct shadow shadow = {.token_id = "hs",
                            .set = {.permissions = permissions, .address_count = 1},
                            .ends_at_s = NOW_MS / 1000 + DAY_S};

    OK(ip_range_read(slice_of(range), &shadow.set.addresses[0], NULL));
    OK(store_begin(house.place.writer));
    OK(store_shadow_put(house.place.writer, &shadow));
    OK(store_change_add(house.place.writer, CHANGE_SHADOW, "hs"));
    place_commit(&house.place);
    OK(keyring_follow(house.place.keyring));
}

int
main(void)
{
    struct permission_set none = {{0}};
    house_open(NULL);
    measure("HS256, whole way, whoami", false, "/v3/whoami", PERMITTED);
    measure("HS256, handed over", false, "/v3/reporting/devices", PERMITTED);
    start_shadow(house_token("hs", false).permissions, "0.0.0.0/0");
    measure("the same, a shadow lets it in", false, "/v3/reporting/devices", PERMITTED);
    start_shadow(none, "192.0.2.1");
    measure("the same, a shadow has 3 reasons", false, "/v3/reporting/devices",
            PERMITTED);
    measure("ES256, whole way, whoami", true, "/v3/whoami", PERMITTED);
    measure_verify();
    for (int i = 0; i < REQUESTS; i++)
        buffer_done(&messages[i]);
    house_close(NULL);
    return 0;
}
