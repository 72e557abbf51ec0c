/* SPDX-License-Identifier: Apache-2.0
 *
 * Checking a table. For random u1, u2 the point R = u1·G + u2·Q has x = r modulo n; with
 * s = r/u2 and e = u1·s this is a signature of e by the key, although nobody has the
 * private one: only the equation is tested. */
#include "crypto/es256_check.h"

#include "base/auto.h"
#include "crypto/es256_sum.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

/* That each point is on the curve has been checked already, so a slip in one of them
 * shows there. Here shows what would be wrong throughout: windows, signs, scalars, the
 * table of G. Two signatures are enough for that, because each goes through all windows,
 * with digits of both signs; between them both scalars are once odd and once even, which
 * are the two ways of writing digits. */
enum { CHECK_COUNT = 2 };

/* OpenSSL's things for one table. */
struct checking {
    EC_GROUP *group;
    EC_POINT *key, *sum;
    BN_CTX *ctx;
    BIGNUM *n, *u1, *u2, *r, *s, *e;
};

static void
checking_done(struct checking *c)
{
    EC_POINT_free(c->key);
    EC_POINT_free(c->sum);
    EC_GROUP_free(c->group);
    BN_free(c->n);
    BN_free(c->u1);
    BN_free(c->u2);
    BN_free(c->r);
    BN_free(c->s);
    BN_free(c->e);
    BN_CTX_free(c->ctx);
}

static bool
open_checking(struct checking *c, const uint8_t point[PUBLIC_KEY_BYTES])
{
    uint8_t text[1 + PUBLIC_KEY_BYTES] = {0x04};

    __builtin_memcpy(text + 1, point, PUBLIC_KEY_BYTES);
    c->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    c->ctx = BN_CTX_new();
    BIGNUM **const numbers[] = {&c->n, &c->u1, &c->u2, &c->r, &c->s, &c->e};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        *numbers[i] = BN_new();
        if (!*numbers[i])
            return false;
    }
    if (!c->group || !c->ctx)
        return false;
    c->key = EC_POINT_new(c->group);
    c->sum = EC_POINT_new(c->group);
    return c->key && c->sum && EC_GROUP_get_order(c->group, c->n, c->ctx) &&
           EC_POINT_oct2point(c->group, c->key, text, sizeof(text), c->ctx);
}

/* Random, 0 < u < n all but certainly, and odd or even. */
static bool
choose_scalar(BIGNUM *u, const BIGNUM *n, bool is_odd)
{
    if (!BN_rand_range(u, n))
        return false;
    return is_odd == BN_is_odd(u) || (is_odd ? BN_add_word(u, 1) : BN_sub_word(u, 1));
}

/* A digest and R ‖ S that are to fit; of u1 and u2 one is odd, the other even. */
static bool
make_signature(struct checking *c, bool is_u1_odd, uint8_t digest[32],
               uint8_t signature[64])
{
    return choose_scalar(c->u1, c->n, is_u1_odd) &&
           choose_scalar(c->u2, c->n, !is_u1_odd) && !BN_is_zero(c->u1) &&
           !BN_is_zero(c->u2) &&
           EC_POINT_mul(c->group, c->sum, c->u1, c->key, c->u2, c->ctx) &&
           EC_POINT_get_affine_coordinates(c->group, c->sum, c->r, NULL, c->ctx) &&
           BN_nnmod(c->r, c->r, c->n, c->ctx) && !BN_is_zero(c->r) &&
           BN_mod_inverse(c->s, c->u2, c->n, c->ctx) &&
           BN_mod_mul(c->s, c->s, c->r, c->n, c->ctx) &&
           BN_mod_mul(c->e, c->u1, c->s, c->n, c->ctx) &&
           BN_bn2binpad(c->e, digest, 32) == 32 &&
           BN_bn2binpad(c->r, signature, 32) == 32 &&
           BN_bn2binpad(c->s, signature + 32, 32) == 32;
}

bool
es256_check_table(const struct es256_table *table, const uint8_t point[PUBLIC_KEY_BYTES])
{
    struct checking c AUTO(checking_done) = {0};
    uint8_t digest[32], signature[64];
    struct slice bytes = {signature, sizeof(signature)};

    if (!open_checking(&c, point)) {
        ERR_clear_error();
        return false;
    }
    for (int i = 0; i < CHECK_COUNT; i++) {
        if (!make_signature(&c, i & 1, digest, signature)) {
            ERR_clear_error();
            return false;
        }
        if (es256_table_verify(table, digest, bytes) != ES256_YES)
            return false;
        digest[i] ^= 1;
        if (es256_table_verify(table, digest, bytes) != ES256_NO)
            return false;
    }
    return true;
}
