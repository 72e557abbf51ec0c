/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes SubjectPublicKeyInfo apart with OpenSSL's ASN.1 reader, but looks at algorithm,
 * curve and point itself, so that each thing that is not ours gets its name. */
#include "crypto/der.h"

#include "base/auto.h"

#include <assert.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <stdio.h>

enum { POINT_BYTES = 1 + PUBLIC_KEY_BYTES, CURVE_NAME_MAX_CHARS = 40 };

static const uint8_t PUBLIC_HEAD[DER_PUBLIC_BYTES - PUBLIC_KEY_BYTES] = {
    0x30, 0x59,                                                 /* SEQUENCE */
    0x30, 0x13,                                                 /* SEQUENCE */
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,       /* ecPublicKey */
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, /* prime256v1 */
    0x03, 0x42, 0x00, 0x04,                                     /* BIT STRING, point */
};

static void
spki_done(X509_PUBKEY **spki)
{
    X509_PUBKEY_free(*spki);
    *spki = NULL;
}

static void
group_done(EC_GROUP **group)
{
    EC_GROUP_free(*group);
    *group = NULL;
}

static void
point_done(EC_POINT **point)
{
    EC_POINT_free(*point);
    *point = NULL;
}

__attribute__((format(printf, 2, 3))) MUST_CHECK static enum status
refuse(char what[DER_WHAT_MAX_CHARS + 1], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(what, DER_WHAT_MAX_CHARS + 1, format, args);
    va_end(args);
    ERR_clear_error();
    return STATUS_MALFORMED;
}

/* What DER that is no SubjectPublicKeyInfo may be. */
static const char *
name_foreign(struct slice der)
{
    const unsigned char *at = der.at;
    X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
    X509_free(certificate);
    if (certificate)
        return "a certificate";

    at = der.at;
    X509_REQ *request = d2i_X509_REQ(NULL, &at, (long)der.len);
    X509_REQ_free(request);
    if (request)
        return "a certificate request";

    at = der.at;
    EVP_PKEY *rsa = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)der.len);
    EVP_PKEY_free(rsa);
    if (rsa)
        return "an RSA public key";

    at = der.at;
    ASN1_OBJECT *curve = d2i_ASN1_OBJECT(NULL, &at, (long)der.len);
    ASN1_OBJECT_free(curve);
    if (curve)
        return "EC parameters, which name a curve and hold no key";
    return "not a public key, or one of which a part is missing";
}

/* Reads the octets of a point (SEC 1 §2.3.4). */
MUST_CHECK static enum status
read_point(struct slice octets, uint8_t out[PUBLIC_KEY_BYTES],
           char what[DER_WHAT_MAX_CHARS + 1])
{
    uint8_t text[POINT_BYTES];

    if (octets.len == 1 && octets.at[0] == 0)
        return refuse(what, "the point at infinity, which is no key");
    bool is_compressed = octets.len == 33 && (octets.at[0] == 2 || octets.at[0] == 3);
    if (!is_compressed && !(octets.len == POINT_BYTES && octets.at[0] == 4))
        return refuse(what, "a P-256 key whose point is not written as a point");

    EC_GROUP *group AUTO(group_done) = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    assert(group);
    EC_POINT *point AUTO(point_done) = EC_POINT_new(group);
    assert(point);
    /* Refuses coordinates ≥ p and points off the curve. */
    if (EC_POINT_oct2point(group, point, octets.at, octets.len, NULL) != 1)
        return refuse(what, "a P-256 key whose point is not on the curve");
    size_t len = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, text,
                                    sizeof(text), NULL);
    assert(len == sizeof(text));
    memcpy(out, text + 1, PUBLIC_KEY_BYTES);
    return STATUS_OK;
}

enum status
der_read_public(struct slice der, uint8_t out[PUBLIC_KEY_BYTES],
                char what[DER_WHAT_MAX_CHARS + 1])
{
    const unsigned char *at = der.at;
    X509_PUBKEY *spki AUTO(spki_done) = d2i_X509_PUBKEY(NULL, &at, (long)der.len);
    if (!spki)
        return refuse(what, "%s", name_foreign(der));
    if (at != der.at + der.len)
        return refuse(what, "a key with %td bytes too many behind it",
                      der.at + der.len - at);

    ASN1_OBJECT *kind = NULL;
    const unsigned char *octets = NULL;
    int len = 0;
    X509_ALGOR *algorithm = NULL;
    X509_PUBKEY_get0_param(&kind, &octets, &len, &algorithm, spki);
    int nid = OBJ_obj2nid(kind);
    if (nid == NID_rsaEncryption || nid == NID_rsassaPss)
        return refuse(what, "an RSA public key");
    if (nid != NID_X9_62_id_ecPublicKey)
        return refuse(what, "a public key of the kind %.*s", CURVE_NAME_MAX_CHARS,
                      nid == NID_undef ? "unknown" : OBJ_nid2ln(nid));

    int type = V_ASN1_UNDEF;
    const void *value = NULL;
    X509_ALGOR_get0(NULL, &type, &value, algorithm);
    if (type == V_ASN1_SEQUENCE)
        return refuse(what, "an EC key that spells its curve out in numbers instead of "
                            "naming it");
    int curve = type == V_ASN1_OBJECT ? OBJ_obj2nid(value) : NID_undef;
    if (curve == NID_undef)
        return refuse(what, "an EC key on a curve that we do not know");
    if (curve != NID_X9_62_prime256v1)
        return refuse(what, "a key on the curve %.*s", CURVE_NAME_MAX_CHARS,
                      OBJ_nid2sn(curve));
    return read_point((struct slice){octets, (size_t)len}, out, what);
}

void
der_write_public(const uint8_t point[PUBLIC_KEY_BYTES], uint8_t out[DER_PUBLIC_BYTES])
{
    memcpy(out, PUBLIC_HEAD, sizeof(PUBLIC_HEAD));
    memcpy(out + sizeof(PUBLIC_HEAD), point, PUBLIC_KEY_BYTES);
}

/* Steps over the head of a SEQUENCE; false when there is none. */
static bool
enter_sequence(struct slice *der)
{
    if (der->len < 2 || der->at[0] != 0x30)
        return false;
    size_t head = der->at[1] < 0x80 ? 2 : 2 + (der->at[1] & 0x7fu);
    if (head > 6) /* a length of more than four bytes is no key of anybody's */
        return false;
    *der = slice_from(*der, head);
    return true;
}

bool
der_is_private(struct slice der)
{
    if (!enter_sequence(&der) || der.len < 3)
        return false;
    return der.at[0] == 0x02 && der.at[1] == 1 && der.at[2] <= 3;
}

bool
der_is_encrypted_private(struct slice der)
{
    const unsigned char *at = der.at;
    X509_SIG *sealed = d2i_X509_SIG(NULL, &at, (long)der.len);
    bool is_one = sealed && at == der.at + der.len;

    X509_SIG_free(sealed);
    ERR_clear_error();
    return is_one;
}
