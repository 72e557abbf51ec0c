/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads what a key says of itself, and believes the restrictions too: a key for
 * encryption verifies nothing. */
#include "jose/jwk.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "crypto/sha256.h"
#include "json/scan.h"

#include <stdio.h>

enum { COORDINATE_BYTES = PUBLIC_KEY_BYTES / 2, JWK_MAX_BYTES = 16 * 1024 };

MUST_CHECK static enum status
refuse(struct failure *failure, const char *what)
{
    return failure_set(
        failure, STATUS_MALFORMED, "jwk",
        "the JWK cannot be used: %s; wanted is one key, EC on P-256 or oct, "
        "for verifying signatures",
        what);
}

/* The member called `name`; zeroed when there is none. Names are there once: the flat
 * scanner saw to it. */
static struct json_value
member(const struct json_value *key, struct slice name)
{
    struct json_value value = {0};

    if (json_find(key, name, &value) != STATUS_OK)
        return (struct json_value){0};
    return value;
}

/* Is it missing, or this text? */
static bool
is_unsaid_or(const struct json_value *key, struct slice name, struct slice text)
{
    struct json_value value = member(key, name);

    return value.kind == JSON_KIND_NONE || json_text_is(&value, text);
}

static bool
may_verify(const struct json_value *key)
{
    struct json_value list = member(key, SLICE("key_ops"));
    struct json_walk walk = json_walk_of(&list);
    struct json_member element;
    bool may = list.kind == JSON_KIND_NONE;

    if (list.kind != JSON_KIND_NONE && list.kind != JSON_KIND_ARRAY)
        return false;
    while (json_walk_next(&walk, &element))
        may |= json_text_is(&element.value, SLICE("verify"));
    return may;
}

/* Decodes a member of at most `room` bytes; false when it is no base64url. */
static bool
read_bytes(const struct json_value *key, struct slice name, uint8_t *out, size_t room,
           size_t *out_len)
{
    struct json_value value = member(key, name);

    if (value.kind != JSON_KIND_STRING || value.has_escapes ||
        value.raw.len > BASE64URL_MAX_CHARS(room))
        return false;
    return base64url_decode(value.raw, out, room, out_len) == STATUS_OK;
}

MUST_CHECK static enum status
read_ec(const struct json_value *key, struct jwk *out, struct failure *failure)
{
    struct json_value curve = member(key, SLICE("crv"));
    size_t x_len = 0;
    size_t y_len = 0;

    if (!json_text_is(&curve, SLICE("P-256")))
        return refuse(failure, "its \"crv\" is not \"P-256\"");
    if (!is_unsaid_or(key, SLICE("alg"), SLICE("ES256")))
        return refuse(failure, "it is an EC key whose \"alg\" is not \"ES256\"");
    if (!read_bytes(key, SLICE("x"), out->point, COORDINATE_BYTES, &x_len) ||
        !read_bytes(key, SLICE("y"), out->point + COORDINATE_BYTES, COORDINATE_BYTES,
                    &y_len) ||
        x_len != COORDINATE_BYTES || y_len != COORDINATE_BYTES)
        return refuse(failure, "its \"x\" and \"y\" are not 32 bytes each in base64url");
    out->alg = ALG_ES256;
    out->has_private = member(key, SLICE("d")).kind != JSON_KIND_NONE;
    return STATUS_OK;
}

MUST_CHECK static enum status
read_oct(const struct json_value *key, struct jwk *out, struct failure *failure)
{
    if (!is_unsaid_or(key, SLICE("alg"), SLICE("HS256")))
        return refuse(failure, "it is an oct key whose \"alg\" is not \"HS256\"");
    if (!read_bytes(key, SLICE("k"), out->secret.at, SECRET_MAX_BYTES,
                    &out->secret.len) ||
        out->secret.len == 0)
        return refuse(failure, "its \"k\" is not 1 to 512 bytes in base64url");
    out->alg = ALG_HS256;
    return STATUS_OK;
}

enum status
jwk_read(struct slice text, struct jwk *out, struct failure *failure)
{
    struct json_member members[JSON_FLAT_MAX_COUNT];
    struct json_value key;
    struct jwk jwk AUTO(jwk_done) = {0};
    size_t count = 0;

    if (text.len > JWK_MAX_BYTES)
        return refuse(failure, "it is longer than 16 KiB");
    if (json_scan_flat(text, members, COUNT_OF(members), &count) != STATUS_OK ||
        json_scan(text, &key) != STATUS_OK)
        return refuse(failure, "it is not a JSON object whose names are there once");
    if (member(&key, SLICE("keys")).kind != JSON_KIND_NONE)
        return refuse(failure, "it is a set of keys");
    if (!is_unsaid_or(&key, SLICE("use"), SLICE("sig")))
        return refuse(failure, "its \"use\" is not \"sig\"");
    if (!may_verify(&key))
        return refuse(failure, "its \"key_ops\" do not name \"verify\"");

    struct json_value kind = member(&key, SLICE("kty"));
    enum status status = STATUS_OK;
    if (json_text_is(&kind, SLICE("EC")))
        status = read_ec(&key, &jwk, failure);
    else if (json_text_is(&kind, SLICE("oct")))
        status = read_oct(&key, &jwk, failure);
    else
        return refuse(failure, "its \"kty\" is neither \"EC\" nor \"oct\"");
    if (status == STATUS_OK)
        *out = jwk;
    return status;
}

void
jwk_done(struct jwk *jwk)
{
    secret_wipe(jwk, sizeof(*jwk));
}

void
jwk_thumbprint(const uint8_t point[PUBLIC_KEY_BYTES], char out[JWK_THUMBPRINT_CHARS + 1])
{
    char x[BASE64URL_MAX_CHARS(COORDINATE_BYTES) + 1];
    char y[BASE64URL_MAX_CHARS(COORDINATE_BYTES) + 1];
    char json[256];
    uint8_t digest[SHA256_BYTES];

    x[base64url_encode((struct slice){point, COORDINATE_BYTES}, x)] = '\0';
    y[base64url_encode((struct slice){point + COORDINATE_BYTES, COORDINATE_BYTES}, y)] =
        '\0';
    snprintf(json, sizeof(json),
             "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", x, y);
    sha256(slice_of(json), digest);
    out[base64url_encode((struct slice){digest, sizeof(digest)}, out)] = '\0';
}
