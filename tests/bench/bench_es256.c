/* SPDX-License-Identifier: Apache-2.0
 *
 * What a verification of ES256 costs on each level, a table, and a signature. Prints
 * "name figure" a line, for tests/bench/run; by hand: ninja -C BUILD
 * tests/unit/crypto/bench_es256 && BUILD/tests/unit/crypto/bench_es256
 */
#include "base/auto.h"
#include "base/mem.h"
#include "crypto/es256_table.h"
#include "crypto/sha256.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SIGNATURES = 64, SERIES = 7, MANY_KEYS = 4000 };

/* A key and a signature. There are 4,000 of them, small, because what is measured is the
 * way through 4,000 tables and not through 4,000 messages: a server has just received the
 * one that it looks at. */
struct signed_key {
    struct es256_key *openssl;
    struct es256_table *tables[ES256_LEVEL_LANES + 1];
    uint8_t digest[ES256_DIGEST_BYTES];
    uint8_t signature[ES256_SIGNATURE_BYTES];
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

/* The key of one point, and some signatures by it. */
static void
make_keys(struct signed_key *out, int signatures, uint8_t point[PUBLIC_KEY_BYTES])
{
    struct es256_private *private AUTO(es256_private_free) = NULL;
    struct es256_key *openssl = NULL;

    must(es256_private_make(&private) == STATUS_OK, "no key");
    es256_private_point(private, point);
    must(es256_key_new(point, &openssl) == STATUS_OK, "no key");
    for (int i = 0; i < signatures; i++) {
        char text[32];
        snprintf(text, sizeof(text), "message %d", i);
        out[i].openssl = openssl;
        sha256(slice_of(text), out[i].digest);
        must(es256_sign(private, slice_of(text), out[i].signature) == STATUS_OK, "sign");
    }
}

static void
verify(struct signed_key *key, int level)
{
    struct slice signature = {key->signature, ES256_SIGNATURE_BYTES};
    bool fits = false;

    if (level == ES256_LEVEL_OPENSSL)
        must(es256_verify(key->openssl, key->digest, signature, &fits) == STATUS_OK,
             "verify");
    else
        fits =
            es256_table_verify(key->tables[level], key->digest, signature) == ES256_YES;
    must(fits, "a right signature was refused");
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Verifications a second by some series, each of keys taken at random. */
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
        verify(&rate->keys[rand() % rate->key_count], rate->level);
    rate->found[series] = rate->count / (cpu_s() - began);
}

static double
middle(double *found, int count)
{
    qsort(found, (size_t)count, sizeof(*found), compare);
    return found[count / 2];
}

/* One key with many signatures, with a table for each level. */
static void
make_one(struct es256_arena *arena, struct signed_key one[SIGNATURES])
{
    uint8_t point[PUBLIC_KEY_BYTES];

    make_keys(one, SIGNATURES, point);
    for (int level = ES256_LEVEL_TABLE; level <= (int)es256_level_best(); level++) {
        must(es256_table_new(arena, (enum es256_level)level, point,
                             &one[0].tables[level]) == STATUS_OK,
             "no table");
        for (int i = 1; i < SIGNATURES; i++)
            one[i].tables[level] = one[0].tables[level];
    }
}

/* Many keys with one signature each. Gives the CPU milliseconds that a table takes. */
static double
make_many(struct es256_arena *arena, struct signed_key many[MANY_KEYS])
{
    static double took[MANY_KEYS];
    enum es256_level level = es256_level_best();
    uint8_t point[PUBLIC_KEY_BYTES];

    for (int i = 0; i < MANY_KEYS; i++) {
        make_keys(&many[i], 1, point);
        double began = cpu_s();
        must(es256_table_new(arena, level, point, &many[i].tables[level]) == STATUS_OK,
             "no table");
        took[i] = (cpu_s() - began) * 1e3;
    }
    return middle(took, MANY_KEYS);
}

/* Signatures a second by one key, over ever other messages. */
static double
sign_rate(const struct es256_private *private, int count)
{
    double found[SERIES];
    uint8_t signature[ES256_SIGNATURE_BYTES];

    for (int series = 0; series < SERIES; series++) {
        double began = cpu_s();
        for (int i = 0; i < count; i++) {
            struct slice message = {(const unsigned char *)&i, sizeof(i)};
            must(es256_sign(private, message, signature) == STATUS_OK, "sign");
        }
        found[series] = count / (cpu_s() - began);
    }
    return middle(found, SERIES);
}

/* The same, eight at a time. */
static double
sign_rate_together(const struct es256_private *private, int count)
{
    double found[SERIES];
    uint8_t digests[ES256_SIGN_TOGETHER][SHA256_BYTES];
    uint8_t signatures[ES256_SIGN_TOGETHER][ES256_SIGNATURE_BYTES];

    for (int series = 0; series < SERIES; series++) {
        double began = cpu_s();
        for (int i = 0; i < count; i += ES256_SIGN_TOGETHER) {
            for (int j = i; j < i + ES256_SIGN_TOGETHER; j++)
                sha256((struct slice){(const unsigned char *)&j, sizeof(j)},
                       digests[j - i]);
            must(es256_sign_all(private, ES256_SIGN_TOGETHER, digests, signatures) ==
                     STATUS_OK,
                 "sign");
        }
        found[series] = count / (cpu_s() - began);
    }
    return middle(found, SERIES);
}

static void
measure_signing(void)
{
    struct es256_private *private AUTO(es256_private_free) = NULL;

    must(es256_private_make(&private) == STATUS_OK, "no key");
    printf("es256.level0.sign_per_s %.0f\n", sign_rate(private, 2000));
    if (es256_private_quicken(private) != STATUS_OK)
        return;
    printf("es256.level2.sign_per_s %.0f\n", sign_rate(private, 6000));
    printf("es256.level2.sign_together_per_s %.0f\n", sign_rate_together(private, 16000));
}

int
main(void)
{
    struct es256_arena *arena = es256_arena_new();
    struct signed_key *one = mem_new_array(SIGNATURES, sizeof(*one));
    struct signed_key *many = mem_new_array(MANY_KEYS, sizeof(*many));
    struct rate rates[] = {
        {"level0", one, SIGNATURES, ES256_LEVEL_OPENSSL, 1000, {0}},
        {"level1", one, SIGNATURES, ES256_LEVEL_TABLE, 4000, {0}},
        {"level2", one, SIGNATURES, ES256_LEVEL_LANES, 20000, {0}},
        {"level2.4000keys", many, MANY_KEYS, ES256_LEVEL_LANES, 20000, {0}},
    };
    size_t rate_count = es256_level_best() == ES256_LEVEL_LANES ? COUNT_OF(rates) : 2;

    make_one(arena, one);
    double build_ms = make_many(arena, many);
    for (int series = 0; series < SERIES;
         series++) { /* in turns: others use the machine */
        for (size_t i = 0; i < rate_count; i++)
            measure(&rates[i], series);
    }
    for (size_t i = 0; i < rate_count; i++)
        printf("es256.%s.verify_per_s %.0f\n", rates[i].name,
               middle(rates[i].found, SERIES));
    printf("es256.table_build_ms %.3f\n", build_ms);
    measure_signing();
    printf("es256.table_kb %d\n", ES256_TABLE_BYTES / 1024);
    return 0; /* the process takes the tables with it */
}
