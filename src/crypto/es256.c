/* SPDX-License-Identifier: Apache-2.0
 *
 * ES256, level 0: OpenSSL with a prepared key. The signature arrives as R ‖ S (RFC 7518
 * §3.4) and OpenSSL wants DER (RFC 3279 §2.2.3), so we write those up to 72 bytes by
 * hand: 7 ns, where ECDSA_SIG takes 467. */
#include "crypto/es256.h"

#include "base/auto.h"
#include "base/mem.h"
#include "base/secret.h"
#include "crypto/es256_inside.h"
#include "crypto/es256_quick.h"
#include "crypto/sha256.h"

#include <assert.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecerr.h>
#include <openssl/err.h>
#include <openssl/params.h>

enum {
    HALF = ES256_SIGNATURE_BYTES / 2,
    WORTH_TOGETHER = 3, /* signatures: all lanes work, however many are used */
};

_Static_assert((int)ES256_SIGN_TOGETHER == (int)BASE_TOGETHER, "one number, two names");

struct es256_key {
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *verify; /* set up for verifying; one thread at a time */
};

struct es256_private {
    EVP_PKEY *pkey;
    struct es256_quick *quick; /* NULL: OpenSSL signs */
};

/* The order of the group (FIPS 186-4 D.1.2.3). */
static const uint8_t ORDER[HALF] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
                                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                    0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

/* Is 0 < number < n? Signatures are public, so the time may vary. */
static bool
is_in_range(const uint8_t number[HALF])
{
    size_t i = 0;

    while (i < HALF && number[i] == 0)
        i++;
    if (i == HALF)
        return false;
    for (i = 0; i < HALF; i++) {
        if (number[i] != ORDER[i])
            return number[i] < ORDER[i];
    }
    return false; /* n itself */
}

/* Writes one DER INTEGER; gives its length. `number` is in range, so not all zero. */
static size_t
write_integer(const uint8_t number[HALF], uint8_t *out)
{
    size_t skip = 0;
    size_t len = 0;

    while (number[skip] == 0)
        skip++;
    size_t sign = number[skip] >> 7; /* a leading zero keeps it positive */
    out[len++] = 0x02;
    out[len++] = (uint8_t)(HALF - skip + sign);
    if (sign)
        out[len++] = 0;
    while (skip < HALF)
        out[len++] = number[skip++];
    return len;
}

bool
es256_der_from_raw(const uint8_t raw[ES256_SIGNATURE_BYTES],
                   uint8_t out[ES256_DER_MAX_BYTES], size_t *out_len)
{
    if (!is_in_range(raw) || !is_in_range(raw + HALF))
        return false;

    size_t len = 2;
    len += write_integer(raw, out + len);
    len += write_integer(raw + HALF, out + len);
    out[0] = 0x30;
    out[1] = (uint8_t)(len - 2); /* at most 70: one byte is enough */
    *out_len = len;
    return true;
}

static void
context_done(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
    *context = NULL;
}

static void
pkey_done(EVP_PKEY **pkey)
{
    EVP_PKEY_free(*pkey);
    *pkey = NULL;
}

/* The point as a key of OpenSSL's; NULL when it is no point of the curve. Making it
 * checks that the coordinates are below p and on the curve; the cofactor is 1, so there
 * is nothing else to check, and (x, y) cannot spell infinity. */
static EVP_PKEY *
pkey_of_point(const uint8_t point[PUBLIC_KEY_BYTES])
{
    uint8_t text[1 + PUBLIC_KEY_BYTES] = {0x04}; /* uncompressed, SEC 1 §2.3.3 */
    char group[] = "P-256";
    EVP_PKEY *pkey = NULL;

    for (size_t i = 0; i < PUBLIC_KEY_BYTES; i++)
        text[1 + i] = point[i];
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, text, sizeof(text)),
        OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *context AUTO(context_done) =
        EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (!context || EVP_PKEY_fromdata_init(context) <= 0)
        return NULL;
    if (EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, params) <= 0)
        return NULL;
    return pkey;
}

enum status
es256_key_new(const uint8_t point[PUBLIC_KEY_BYTES], struct es256_key **out)
{
    EVP_PKEY *pkey AUTO(pkey_done) = pkey_of_point(point);

    if (!pkey) {
        ERR_clear_error();
        return STATUS_MALFORMED;
    }
    EVP_PKEY_CTX *verify AUTO(context_done) = EVP_PKEY_CTX_new(pkey, NULL);
    if (!verify || EVP_PKEY_verify_init(verify) <= 0) {
        ERR_clear_error();
        return STATUS_BROKEN;
    }
    struct es256_key *key = mem_new(sizeof(*key));
    key->pkey = TAKE(pkey);
    key->verify = TAKE(verify);
    *out = key;
    return STATUS_OK;
}

void
es256_key_free(struct es256_key **key)
{
    if (*key) {
        context_done(&(*key)->verify);
        pkey_done(&(*key)->pkey);
    }
    mem_free(key);
}

size_t
es256_key_bytes(void)
{
    return 3 * 1024; /* heap measured with OpenSSL 3.0, rounded up */
}

/* Did OpenSSL stop because the sum was the point at infinity? The owner of a key can make
 * such signatures at will. They are a no (SEC 1 §4.1.4), though OpenSSL calls them an
 * error: see test_every_wycheproof_vector_is_judged_rightly. */
static bool
was_infinity(void)
{
    unsigned long error = ERR_get_error();

    while (error != 0 && !(ERR_GET_LIB(error) == ERR_LIB_EC &&
                           ERR_GET_REASON(error) == EC_R_POINT_AT_INFINITY))
        error = ERR_get_error();
    return error != 0;
}

enum status
es256_verify(struct es256_key *key, const uint8_t digest[ES256_DIGEST_BYTES],
             struct slice signature, bool *out)
{
    uint8_t der[ES256_DER_MAX_BYTES];
    size_t der_len = 0;

    *out = false;
    if (signature.len != ES256_SIGNATURE_BYTES)
        return STATUS_OK;
    if (!es256_der_from_raw(signature.at, der, &der_len))
        return STATUS_OK;

    int fits = EVP_PKEY_verify(key->verify, der, der_len, digest, ES256_DIGEST_BYTES);
    if (fits == 1) {
        *out = true;
        return STATUS_OK;
    }
    bool is_no = fits == 0 || was_infinity();
    ERR_clear_error();
    return is_no ? STATUS_OK : STATUS_BROKEN;
}

enum status
es256_private_make(struct es256_private **out)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256");

    if (!pkey) {
        ERR_clear_error();
        return STATUS_BROKEN;
    }
    *out = es256_private_take(pkey);
    return STATUS_OK;
}

struct es256_private *
es256_private_take(EVP_PKEY *pkey)
{
    struct es256_private *key = mem_new(sizeof(*key));

    key->pkey = pkey;
    return key;
}

EVP_PKEY *
es256_private_pkey(const struct es256_private *key)
{
    return key->pkey;
}

void
es256_private_free(struct es256_private **key)
{
    if (*key) {
        pkey_done(&(*key)->pkey); /* OpenSSL wipes the number */
        es256_quick_free(&(*key)->quick);
    }
    mem_free(key);
}

static void
write_coordinate(const EVP_PKEY *pkey, const char *name, uint8_t out[HALF])
{
    BIGNUM *number = NULL;

    int done = EVP_PKEY_get_bn_param(pkey, name, &number);
    assert(done == 1); /* every EC key has both coordinates */
    done = BN_bn2binpad(number, out, HALF);
    assert(done == HALF);
    BN_free(number);
}

void
es256_private_point(const struct es256_private *key, uint8_t out[PUBLIC_KEY_BYTES])
{
    write_coordinate(key->pkey, OSSL_PKEY_PARAM_EC_PUB_X, out);
    write_coordinate(key->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, out + HALF);
}

static void
signature_done(ECDSA_SIG **signature)
{
    ECDSA_SIG_free(*signature);
    *signature = NULL;
}

enum status
es256_private_quicken(struct es256_private *key)
{
    uint8_t point[PUBLIC_KEY_BYTES];
    uint8_t d[HALF];
    BIGNUM *number = NULL;

    if (key->quick)
        return STATUS_OK;
    if (EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &number) != 1) {
        ERR_clear_error();
        return STATUS_BROKEN;
    }
    int len = BN_bn2binpad(number, d, HALF);
    BN_clear_free(number);
    es256_private_point(key, point);
    enum status status =
        len == HALF ? es256_quick_new(d, point, &key->quick) : STATUS_BROKEN;
    secret_wipe(d, sizeof(d));
    return status;
}

bool
es256_private_is_quick(const struct es256_private *key)
{
    return key->quick && es256_quick_is_on(key->quick);
}

/* By OpenSSL, which answers in DER. */
static enum status
sign_slowly(const struct es256_private *key, const uint8_t digest[SHA256_BYTES],
            uint8_t out[ES256_SIGNATURE_BYTES])
{
    uint8_t der[ES256_DER_MAX_BYTES];
    size_t der_len = sizeof(der);
    const unsigned char *at = der;

    EVP_PKEY_CTX *context AUTO(context_done) = EVP_PKEY_CTX_new(key->pkey, NULL);
    if (!context || EVP_PKEY_sign_init(context) <= 0 ||
        EVP_PKEY_sign(context, der, &der_len, digest, SHA256_BYTES) <= 0) {
        ERR_clear_error();
        return STATUS_BROKEN;
    }
    ECDSA_SIG *signature AUTO(signature_done) = d2i_ECDSA_SIG(NULL, &at, (long)der_len);
    if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, HALF) != HALF ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + HALF, HALF) != HALF) {
        ERR_clear_error();
        return STATUS_BROKEN;
    }
    return STATUS_OK;
}

static enum status
sign_digest(const struct es256_private *key, const uint8_t digest[SHA256_BYTES],
            uint8_t out[ES256_SIGNATURE_BYTES])
{
    if (key->quick && es256_quick_sign(key->quick, digest, out))
        return STATUS_OK;
    return sign_slowly(key, digest, out);
}

enum status
es256_sign(const struct es256_private *key, struct slice message,
           uint8_t out[ES256_SIGNATURE_BYTES])
{
    uint8_t digest[SHA256_BYTES];

    sha256(message, digest);
    return sign_digest(key, digest, out);
}

/* As many as may be signed at once. */
static enum status
sign_group(const struct es256_private *key, size_t count,
           const uint8_t digests[][ES256_DIGEST_BYTES],
           uint8_t out[][ES256_SIGNATURE_BYTES])
{
    if (count >= WORTH_TOGETHER && key->quick &&
        es256_quick_sign_all(key->quick, count, digests, out))
        return STATUS_OK;
    for (size_t i = 0; i < count; i++) {
        enum status status = sign_digest(key, digests[i], out[i]);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* How many come next? A few that are more than the lanes have room for go alone. */
static size_t
next_group(size_t left)
{
    if (left > BASE_LANES && left < BASE_LANES + WORTH_TOGETHER)
        return BASE_LANES;
    return left < ES256_SIGN_TOGETHER ? left : ES256_SIGN_TOGETHER;
}

enum status
es256_sign_all(const struct es256_private *key, size_t count,
               const uint8_t digests[][ES256_DIGEST_BYTES],
               uint8_t out[][ES256_SIGNATURE_BYTES])
{
    for (size_t at = 0; at < count;) {
        size_t group = next_group(count - at);
        enum status status = sign_group(key, group, digests + at, out + at);
        if (status != STATUS_OK)
            return status;
        at += group;
    }
    return STATUS_OK;
}
