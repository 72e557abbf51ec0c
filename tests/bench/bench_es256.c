/* SPDX-License-Identifier: Apache-2.0
 *
 * What a verification of ES256 costs on each level, and a table. Prints "name figure" a
 * line, for tests/bench/run; by hand:
 *   ninja -C BUILD tests/unit/crypto/bench_es256 && BUILD/tests/unit/crypto/bench_es256
 */
#include "base/auto.h"
#include "base/mem.h"
#include "crypto/es256_table.h"
#include "crypto/sha256.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SIGNATURES = 64, SERIES = 7, MANY_KEYS = 4000 };

struct signed_key {
    struct es256_key *openssl;
    struct es256_table *tables[ES256_LEVEL_LANES + 1];
    uint8_t point[PUBLIC_KEY_BYTES];
    uint8_t digests[SIGNATURES][ES256_DIGEST_BYTES];
    uint8_t signatures[SIGNATURES][ES256_SIGNATURE_BYTES];
};

static double
cpu_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); /* a machine that others use, too */
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
must(bool is_so, const char *what)
{
    if (is_so)
        return;
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void
make_key(struct signed_key *key, int signatures)
{
    struct es256_private *private AUTO(es256_private_free) = NULL;

    must(es256_private_make(&private) == STATUS_OK, "no key");
    es256_private_point(private, key->point);
    must(es256_key_new(key->point, &key->openssl) == STATUS_OK, "no key");
    for (int i = 0; i < signatures; i++) {
        char text[32];
        snprintf(text, sizeof(text), "message %d", i);
        sha256(slice_of(text), key->digests[i]);
        must(es256_sign(private, slice_of(text), key->signatures[i]) == STATUS_OK,
             "sign");
    }
}

static void
verify(struct signed_key *key, int level, int i)
{
    struct slice signature = {key->signatures[i], ES256_SIGNATURE_BYTES};
    bool fits = false;

    if (level == ES256_LEVEL_OPENSSL)
        must(es256_verify(key->openssl, key->digests[i], signature, &fits) == STATUS_OK,
             "verify");
    else
        fits = es256_table_verify(key->tables[level], key->digests[i], signature) ==
               ES256_YES;
    must(fits, "a right signature was refused");
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Verifications a second by some series. */
struct rate {
    const char *name;
    struct signed_key *keys;
    int key_count, level, count;
    double found[SERIES];
};

static void
measure(struct rate *rate, int series)
{
    double began = cpu_s();

    for (int i = 0; i < rate->count; i++)
        verify(&rate->keys[rate->key_count > 1 ? rand() % rate->key_count : 0],
               rate->level, rate->key_count > 1 ? 0 : i % SIGNATURES);
    rate->found[series] = rate->count / (cpu_s() - began);
}

/* CPU milliseconds for the table of each of the keys. */
static double
make_tables(struct es256_arena *arena, struct signed_key *keys, int key_count,
            enum es256_level level)
{
    double took = 0;

    for (int i = 0; i < key_count; i++) {
        make_key(&keys[i], i == 0 ? SIGNATURES : 1);
        double began = cpu_s();
        must(es256_table_new(arena, level, keys[i].point, &keys[i].tables[level]) ==
                 STATUS_OK,
             "no table");
        took += i > 0 ? cpu_s() - began : 0; /* the first brings G's table with it */
    }
    return took * 1e3 / (key_count - 1);
}

int
main(void)
{
    struct es256_arena *arena = es256_arena_new();
    struct signed_key *keys = mem_new_array(MANY_KEYS, sizeof(*keys));
    enum es256_level best = es256_level_best();
    struct rate rates[] = {
        {"level0", keys, 1, ES256_LEVEL_OPENSSL, 1000, {0}},
        {"level1", keys, 1, ES256_LEVEL_TABLE, 4000, {0}},
        {"level2", keys, 1, ES256_LEVEL_LANES, 20000, {0}},
        {"level2.4000keys", keys, MANY_KEYS, ES256_LEVEL_LANES, 20000, {0}},
    };
    size_t rate_count = best == ES256_LEVEL_LANES ? COUNT_OF(rates) : 2;

    double build_ms = make_tables(arena, keys, MANY_KEYS, best);
    if (best != ES256_LEVEL_TABLE)
        must(es256_table_new(arena, ES256_LEVEL_TABLE, keys[0].point,
                             &keys[0].tables[ES256_LEVEL_TABLE]) == STATUS_OK,
             "no table");
    for (int series = 0; series < SERIES;
         series++) { /* in turns: others use the machine */
        for (size_t i = 0; i < rate_count; i++)
            measure(&rates[i], series);
    }
    for (size_t i = 0; i < rate_count; i++) {
        qsort(rates[i].found, SERIES, sizeof(rates[i].found[0]), compare);
        printf("es256.%s.verify_per_s %.0f\n", rates[i].name, rates[i].found[SERIES / 2]);
    }
    printf("es256.table_build_ms %.3f\n", build_ms);
    printf("es256.table_kb %d\n", ES256_TABLE_BYTES / 1024);
    return 0; /* the process takes the tables with it */
}
