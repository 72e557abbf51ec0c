/* SPDX-License-Identifier: Apache-2.0
 *
 * Signing: s = (z + r·d)/k modulo n, r = x(k·G) modulo n (FIPS 186-5 §6.4.1). Secret are
 * d and k: no branch and no address depends on them. What is inverted, which takes
 * variable time, is hidden by a factor that is uniform and used once. */
#include "crypto/es256_quick.h"

#include "base/auto.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/secret.h"
#include "crypto/modinv.h"
#include "crypto/p256_order.h"
#include "crypto/secret_mark.h"
#include "crypto/sha512.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

enum {
    NUMBER_BYTES = 32,
    CHECK_EVERY = 1024,      /* OpenSSL takes 60 µs to verify: 0.06 for each signature */
    STACK_BYTES = 24 * 1024, /* as deep as sixteen at once go */
};

/* Lies in locked memory, between pages that cannot be touched. */
struct es256_quick {
    uint8_t d[NUMBER_BYTES]; /* as nonces are made of it */
    uint64_t d_r[4];         /* d·2^256 modulo n */
    uint64_t d_lanes[4];     /* d·2^260 */
    const struct base_table *table;
    const struct eight_table *eight;
    struct es256_key *key; /* verifies samples; under the lock */
    pthread_mutex_t lock;
    atomic_uint count;
    atomic_bool is_wrong; /* a signature was; then OpenSSL signs until the next start */
};

/* Everything of one signature that is secret; wiped with it. */
struct signing {
    uint8_t random[ES256_QUICK_RANDOM_BYTES];
    uint8_t seed[2 * NUMBER_BYTES + ES256_DIGEST_BYTES];
    uint8_t wide[SHA512_BYTES];
    uint64_t k[4], odd[4], blind[4], inverse[4], e[4], t[4];
};

/* The same of several at once, and what is public of them. */
struct signing_all {
    uint8_t random[ES256_QUICK_RANDOM_BYTES];
    uint64_t k[BASE_TOGETHER][4], odd[BASE_TOGETHER][4], blind[4];
    struct eight_numbers numbers;
};

static void
signing_done(struct signing *signing)
{
    secret_wipe(signing, sizeof(*signing));
}

static void
signing_all_done(struct signing_all *signing)
{
    secret_wipe(signing, sizeof(*signing));
}

/* The nonce is SHA-512 of d, 32 random bytes and the digest, modulo n, from which it
 * deviates by 2^-256: so it is another one for another message even if the random bytes
 * come twice (a machine's snapshot that is taken up two times), and nobody guesses it
 * without d even if the random bytes are known. */
void
es256_quick_nonce(const struct es256_quick *quick,
                  const uint8_t digest[ES256_DIGEST_BYTES],
                  const uint8_t random[ES256_QUICK_RANDOM_BYTES], uint64_t k[4])
{
    struct signing w AUTO(signing_done);
    uint64_t low[4];

    __builtin_memcpy(w.seed, quick->d, NUMBER_BYTES);
    __builtin_memcpy(w.seed + NUMBER_BYTES, random, NUMBER_BYTES);
    __builtin_memcpy(w.seed + 2 * NUMBER_BYTES, digest, ES256_DIGEST_BYTES);
    sha512((struct slice){w.seed, sizeof(w.seed)}, w.wide);
    order_read(w.wide, k);
    order_times_r(k, k);
    order_read(w.wide + NUMBER_BYTES, low);
    order_settle(low, low);
    order_add_modulo(k, low, k);
    secret_wipe(low, sizeof(low));
}

/* A factor from random bytes, 0 < out < below; false when they do not make one, about
 * never. They are thrown away then, so what that tells is of no use. */
static bool
read_blind(const uint8_t random[NUMBER_BYTES], const uint64_t below[4], uint64_t out[4])
{
    order_read(random, out);
    uint64_t is_one = order_is_within(out, below);
    PUBLIC(&is_one, sizeof(is_one));
    return is_one == 1;
}

/* 2^256/k modulo n, for k that is not 0. */
static bool
invert(const uint64_t k[4], const uint64_t blind[4], uint64_t out[4])
{
    uint64_t hidden[4], is_one[4];
    static const uint64_t ONE[4] = {1};
    uint64_t differs = 0;

    order_multiply(k, blind, hidden);
    /* k·blind/2^256: uniform among the numbers that are not zero, whatever k is */
    PUBLIC(hidden, sizeof(hidden));
    if (order_is_zero(hidden))
        return false;
    modinv_order(hidden, hidden);
    order_multiply(hidden, blind, out); /* 1/k */
    order_times_r(out, out);
    order_multiply(k, out, is_one);
    for (int i = 0; i < 4; i++)
        differs |= is_one[i] ^ ONE[i];
    PUBLIC(&differs, sizeof(differs)); /* it is the inverse for every k */
    return differs == 0;
}

/* -k·G has the same x as k·G, and digits are for odd numbers. */
static void
make_odd(const uint64_t k[4], uint64_t out[4])
{
    uint64_t minus[4];

    order_sub(ORDER_N, k, minus);
    order_choose(k[0] & 1, k, minus, out);
    secret_wipe(minus, sizeof(minus));
}

/* Is it a signature, of numbers that are at most n? Writes it. */
static bool
write_pair(const uint64_t r[4], const uint64_t s[4], uint8_t out[ES256_SIGNATURE_BYTES])
{
    if (order_is_zero(r) || order_is_zero(s) || !order_less(s, ORDER_N))
        return false;
    order_write(r, out);
    order_write(s, out + NUMBER_BYTES);
    return true;
}

/* Writes the signature, of x = x(k·G) and of 2^256/k; false when it would not be one. */
static bool
finish(const struct es256_quick *quick, const uint8_t digest[ES256_DIGEST_BYTES],
       const uint64_t x[4], const uint64_t inverse_r[4],
       uint8_t out[ES256_SIGNATURE_BYTES])
{
    struct signing w AUTO(signing_done);
    uint64_t r[4], s[4];

    order_settle(x, r);
    order_multiply(r, quick->d_r, w.e); /* r·d */
    order_read(digest, w.t);
    order_settle(w.t, w.t);
    order_add_modulo(w.e, w.t, w.e);
    order_multiply(w.e, inverse_r, s);
    PUBLIC(s, sizeof(s));
    return write_pair(r, s, out);
}

bool
es256_quick_sign_by(const struct es256_quick *quick,
                    const uint8_t digest[ES256_DIGEST_BYTES], const uint64_t k[4],
                    const uint8_t random[ES256_QUICK_RANDOM_BYTES],
                    uint8_t out[ES256_SIGNATURE_BYTES])
{
    struct signing w AUTO(signing_done);
    uint64_t x[4];

    make_odd(k, w.odd);
    if (!read_blind(random + NUMBER_BYTES, FIELD_P, w.blind) ||
        !es256_base_x(quick->table, w.odd, w.blind, x))
        return false;
    if (!read_blind(random + 2 * NUMBER_BYTES, ORDER_N, w.blind) ||
        !invert(k, w.blind, w.inverse))
        return false;
    return finish(quick, digest, x, w.inverse, out);
}

/* ---- several at once ---- */

bool
es256_quick_sign_all_by(const struct es256_quick *quick, size_t count,
                        const uint8_t digests[][ES256_DIGEST_BYTES],
                        const uint64_t k[][4],
                        const uint8_t random[ES256_QUICK_RANDOM_BYTES],
                        uint8_t out[][ES256_SIGNATURE_BYTES])
{
    struct signing_all w AUTO(signing_all_done);
    uint64_t x[BASE_TOGETHER][4], s[BASE_TOGETHER][4];
    size_t groups = (count + BASE_LANES - 1) / BASE_LANES;
    bool are_made = true;

    for (size_t i = 0; i < groups * BASE_LANES; i++) {
        /* lanes for which there is nothing to sign do what the first does */
        size_t from = i < count ? i : 0;
        __builtin_memcpy(w.numbers.k[i], k[from], sizeof(w.numbers.k[i]));
        order_read(digests[from], w.numbers.z[i]);
        make_odd(w.numbers.k[i], w.odd[i]);
    }
    if (!read_blind(random + NUMBER_BYTES, FIELD_P, w.blind) ||
        !es256_eight_x(quick->eight, groups, w.odd, w.blind, x))
        return false;
    for (size_t i = 0; i < groups * BASE_LANES; i++)
        order_settle(x[i], w.numbers.r[i]);
    if (!read_blind(random + 2 * NUMBER_BYTES, ORDER_N, w.blind) ||
        !es256_eight_s(groups, &w.numbers, quick->d_lanes, w.blind, s))
        return false;
    for (size_t i = 0; i < count; i++)
        are_made &= write_pair(w.numbers.r[i], s[i], out[i]);
    return are_made;
}

/* ---- with nonces ---- */

/* Does OpenSSL accept it? */
static bool
is_accepted(struct es256_quick *quick, const uint8_t digest[ES256_DIGEST_BYTES],
            const uint8_t signature[ES256_SIGNATURE_BYTES])
{
    struct slice bytes = {signature, ES256_SIGNATURE_BYTES};
    bool is_right = false;

    pthread_mutex_lock(&quick->lock);
    enum status status = es256_verify(quick->key, digest, bytes, &is_right);
    pthread_mutex_unlock(&quick->lock);
    return status == STATUS_OK && is_right;
}

/* Ends what was made: one in so many goes to OpenSSL first. What it does not accept, and
 * what was not made, is wiped. */
static bool
give_out(struct es256_quick *quick, size_t count,
         const uint8_t digests[][ES256_DIGEST_BYTES], bool are_made,
         uint8_t out[][ES256_SIGNATURE_BYTES])
{
    unsigned first =
        atomic_fetch_add_explicit(&quick->count, (unsigned)count, memory_order_relaxed);

    sodium_stackzero(STACK_BYTES); /* what the lanes left there */
    for (unsigned i = 0; are_made && i < count; i++) {
        if ((first + i) % CHECK_EVERY != 0 || is_accepted(quick, digests[i], out[i]))
            continue;
        atomic_store(&quick->is_wrong, true);
        are_made = false;
    }
    if (!are_made)
        secret_wipe(out, count * sizeof(out[0]));
    return are_made;
}

bool
es256_quick_sign(struct es256_quick *quick, const uint8_t digest[ES256_DIGEST_BYTES],
                 uint8_t out[ES256_SIGNATURE_BYTES])
{
    const uint8_t(*digests)[ES256_DIGEST_BYTES] = (const void *)digest;
    struct signing w AUTO(signing_done);

    if (!es256_quick_is_on(quick))
        return false;
    random_fill(w.random, sizeof(w.random));
    SECRET(w.random, sizeof(w.random));
    es256_quick_nonce(quick, digest, w.random, w.k);
    bool is_made = es256_quick_sign_by(quick, digest, w.k, w.random, out);
    return give_out(quick, 1, digests, is_made, (void *)out);
}

bool
es256_quick_sign_all(struct es256_quick *quick, size_t count,
                     const uint8_t digests[][ES256_DIGEST_BYTES],
                     uint8_t out[][ES256_SIGNATURE_BYTES])
{
    struct signing_all w AUTO(signing_all_done);

    assert(count >= 1 && count <= BASE_TOGETHER);
    if (!es256_quick_is_on(quick))
        return false;
    random_fill(w.random, sizeof(w.random));
    SECRET(w.random, sizeof(w.random));
    for (size_t i = 0; i < count; i++) {
        w.random[0] ^= (uint8_t)i; /* for each another one, also for the same digest */
        es256_quick_nonce(quick, digests[i], w.random, w.k[i]);
        w.random[0] ^= (uint8_t)i;
    }
    bool are_made = es256_quick_sign_all_by(quick, count, digests, w.k, w.random, out);
    return give_out(quick, count, digests, are_made, out);
}

bool
es256_quick_is_on(const struct es256_quick *quick)
{
    return !atomic_load_explicit(&quick->is_wrong, memory_order_relaxed);
}

void
es256_quick_free(struct es256_quick **quick)
{
    if (!*quick)
        return;
    es256_key_free(&(*quick)->key);
    pthread_mutex_destroy(&(*quick)->lock);
    sodium_free(*quick); /* wipes it */
    *quick = NULL;
}

/* One signature, and as many as can be at once, which OpenSSL has to accept. */
static bool
first_ones_are_right(struct es256_quick *quick)
{
    uint8_t digests[BASE_TOGETHER][ES256_DIGEST_BYTES] = {
        "any digests do for first ones"};
    uint8_t signatures[BASE_TOGETHER][ES256_SIGNATURE_BYTES];

    if (!es256_quick_sign(quick, digests[0], signatures[0]))
        return false; /* the first of all is one of those that are verified */
    for (int i = 0; i < BASE_TOGETHER; i++)
        digests[i][0] = (uint8_t)i;
    if (!es256_quick_sign_all(quick, BASE_TOGETHER, digests, signatures))
        return false;
    for (int i = 0; i < BASE_TOGETHER; i++) {
        if (!is_accepted(quick, digests[i], signatures[i]))
            return false;
    }
    return true;
}

enum status
es256_quick_new(const uint8_t d[32], const uint8_t point[PUBLIC_KEY_BYTES],
                struct es256_quick **out)
{
    if (!es256_lanes_are_there() || sodium_init() < 0)
        return STATUS_UNAVAILABLE;
    struct es256_quick *quick AUTO(es256_quick_free) = sodium_malloc(sizeof(*quick));
    if (!quick)
        return STATUS_UNAVAILABLE;
    __builtin_memset(quick, 0, sizeof(*quick));
    pthread_mutex_init(&quick->lock, NULL);
    __builtin_memcpy(quick->d, d, NUMBER_BYTES);
    order_read(d, quick->d_r);
    order_times_r(quick->d_r, quick->d_r);
    __builtin_memcpy(quick->d_lanes, quick->d_r, sizeof(quick->d_r));
    for (int i = 0; i < 4; i++)
        order_add_modulo(quick->d_lanes, quick->d_lanes, quick->d_lanes);
    SECRET(quick->d, sizeof(quick->d));
    SECRET(quick->d_r, sizeof(quick->d_r));
    SECRET(quick->d_lanes, sizeof(quick->d_lanes));
    quick->table = es256_base_table();
    quick->eight = es256_eight_table();
    if (!quick->table || !quick->eight)
        return STATUS_UNAVAILABLE;
    enum status status = es256_key_new(point, &quick->key);
    if (status != STATUS_OK)
        return status;
    if (!first_ones_are_right(quick))
        return STATUS_BROKEN;
    *out = TAKE(quick);
    return STATUS_OK;
}
