/* SPDX-License-Identifier: Apache-2.0
 *
 * What a JWS header costs: decoding its characters and listing its members. Build it by
 * hand, with the two libraries of src/base and src/json. */
#include "base/base64url.h"
#include "base/clock.h"
#include "base/hash.h"
#include "json/scan.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 2000 * 1000, BATCHES = 7 };

static const char HEADER[] =
    "{\"alg\":\"HS256\",\"kid\":\"ce9778bf-0000-4000-a000-91e9355603a3\",\"method\":"
    "\"GET\",\"content-type\":\"application/json\",\"uri\":\"/v3/reporting/"
    "applications\",\"query-string\":\"pageSize=500&sortBy=esn%2CdeviceName%3Adesc%2C"
    "deviceUid%3Aasc&select=esn,deviceName\",\"issuedAt\":1638572152000}";

static void
decode_once(struct slice text)
{
    static unsigned char out[1024];
    size_t len = 0;

    if (base64url_decode(text, out, sizeof(out), &len) != STATUS_OK)
        abort();
    __asm__ volatile("" ::"r"(out), "r"(len) : "memory");
}

static void
list_once(struct slice text)
{
    struct json_member members[JSON_FLAT_MAX_COUNT];
    size_t count = 0;

    if (json_scan_flat(text, members, JSON_FLAT_MAX_COUNT, &count) != STATUS_OK)
        abort();
    __asm__ volatile("" ::"r"(members), "r"(count) : "memory");
}

static void
scan_once(struct slice text)
{
    struct json_value value;

    if (json_scan(text, &value) != STATUS_OK)
        abort();
    __asm__ volatile("" ::"r"(&value) : "memory");
}

static void
hash_once(struct slice text)
{
    uint64_t hash = hash_keyed(text);

    __asm__ volatile("" ::"r"(hash));
}

/* The least of several batches: what disturbs only adds. */
static void
measure(const char *name, void (*once)(struct slice), struct slice text)
{
    double least_ns = 1e9;

    for (int batch = 0; batch < BATCHES; batch++) {
        int64_t from_ns = clock_monotonic_ns();
        for (int i = 0; i < ROUNDS / BATCHES; i++)
            once(text);
        double each_ns =
            (double)(clock_monotonic_ns() - from_ns) / (double)(ROUNDS / BATCHES);
        if (each_ns < least_ns)
            least_ns = each_ns;
    }
    printf("%-24s %4zu bytes %7.1f ns\n", name, text.len, least_ns);
}

int
main(void)
{
    static unsigned char zeros[337];
    static char chars[1024];
    struct slice text = {(unsigned char *)chars, 0};

    for (size_t i = 0; i < sizeof(zeros); i++)
        zeros[i] = (unsigned char)(i * 37 + i / 5);
    text.len = base64url_encode((struct slice){zeros, sizeof(zeros)}, chars);
    measure("base64url_decode", decode_once, text);
    measure("json_scan_flat", list_once, slice_of(HEADER));
    measure("json_scan", scan_once, slice_of(HEADER));
    measure("hash_keyed", hash_once, SLICE("ce9778bf-0000-4000-a000-91e9355603a3"));
    return 0;
}
