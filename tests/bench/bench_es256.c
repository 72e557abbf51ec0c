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
    struct es256_table *table;
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
        fits = es256_table_verify(key->table, (enum es256_level)level, key->digests[i],
                                  signature) == ES256_YES;
    must(fits, "a right signature was refused");
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Verifications a second: the median of some series. */
static double
rate(struct signed_key *keys, int key_count, int level, int count)
{
    double found[SERIES];

    for (int s = 0; s < SERIES; s++) {
        double began = cpu_s();
        for (int i = 0; i < count; i++)
            verify(&keys[key_count > 1 ? rand() % key_count : 0], level,
                   key_count > 1 ? 0 : i % SIGNATURES);
        found[s] = count / (cpu_s() - began);
    }
    qsort(found, SERIES, sizeof(found[0]), compare);
    return found[SERIES / 2];
}

int
main(void)
{
    static const int COUNTS[] = {1000, 4000, 20000};
    struct signed_key *keys = mem_new_array(MANY_KEYS, sizeof(*keys));

    make_key(&keys[0], SIGNATURES);
    must(es256_table_new(keys[0].point, &keys[0].table) == STATUS_OK, "no table");
    for (int level = 0; level <= (int)es256_level_best(); level++)
        printf("es256.level%d.verify_per_s %.0f\n", level,
               rate(keys, 1, level, COUNTS[level]));
    double began = cpu_s();
    for (int i = 1; i < MANY_KEYS; i++) {
        double paused = cpu_s();
        make_key(&keys[i], 1);
        began += cpu_s() - paused;
        must(es256_table_new(keys[i].point, &keys[i].table) == STATUS_OK, "no table");
    }
    printf("es256.table_build_ms %.3f\n", (cpu_s() - began) * 1e3 / (MANY_KEYS - 1));
    printf("es256.table_kb %d\n", ES256_TABLE_BYTES / 1024);
    if (es256_level_best() == ES256_LEVEL_LANES)
        printf("es256.level2.4000keys.verify_per_s %.0f\n",
               rate(keys, MANY_KEYS, ES256_LEVEL_LANES, COUNTS[2]));
    return 0; /* the process takes the tables with it */
}
