/* SPDX-License-Identifier: Apache-2.0
 *
 * Signs who calls. The header is always the same and encoded once; claims that many
 * requests have in common stand first, and are encoded and hashed once. Source: RFC 7515
 * §3.1, RFC 7517 §4 and §5, RFC 7638 (the key's id is its thumbprint), RFC 7519 §4.1. */
#include "upstream/identity.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/base64url.h"
#include "base/mem.h"
#include "json/write.h"

enum {
    HALF_CHARS = 43, /* 32 bytes in base64url */
    HEADER_MAX_BYTES = 128,
    KEYS_MAX_BYTES = 512,
    USUAL_BYTES = 1024,   /* of claims: grown once */
    REST_MAX_BYTES = 512, /* of those that are of one request */
    THREES = 3,           /* bytes that base64url encodes for themselves */
};

struct identity_signer {
    const struct es256_private *key;                        /* borrowed */
    char header[BASE64URL_MAX_CHARS(HEADER_MAX_BYTES) + 1]; /* encoded; with its dot */
    size_t header_len;
    char keys[KEYS_MAX_BYTES];
};

/* Closed text. */
static void
encode(const uint8_t *at, size_t len, char *out)
{
    out[base64url_encode((struct slice){at, len}, out)] = '\0';
}

struct identity_signer *
identity_signer_new(const struct es256_private *key)
{
    struct identity_signer *signer = mem_new(sizeof(*signer));
    uint8_t point[PUBLIC_KEY_BYTES];
    uint8_t digest[SHA256_BYTES];
    char x[HALF_CHARS + 1];
    char y[HALF_CHARS + 1];
    char kid[HALF_CHARS + 1];
    char text[KEYS_MAX_BYTES];

    es256_private_point(key, point);
    encode(point, PUBLIC_KEY_BYTES / 2, x);
    encode(point + PUBLIC_KEY_BYTES / 2, PUBLIC_KEY_BYTES / 2, y);
    snprintf(text, sizeof(text),
             "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", x, y);
    sha256(slice_of(text), digest);
    encode(digest, sizeof(digest), kid);

    snprintf(signer->keys, sizeof(signer->keys),
             "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\","
             "\"kid\":\"%s\",\"use\":\"sig\",\"alg\":\"ES256\"}]}\n",
             x, y, kid);
    snprintf(text, sizeof(text), "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"%s\"}",
             kid);
    signer->header_len = base64url_encode(slice_of(text), signer->header);
    signer->header[signer->header_len++] = '.';
    signer->key = key;
    return signer;
}

void
identity_signer_free(struct identity_signer **signer)
{
    mem_free(signer);
}

struct slice
identity_signer_keys(const struct identity_signer *signer)
{
    return slice_of(signer->keys);
}

static void
write_permissions(struct json_writer *w, const struct permission_set *permissions)
{
    static const struct permission_set NONE;

    json_write_key(w, "permissions");
    json_write_array(w);
    size_t count = memcmp(permissions, &NONE, sizeof(NONE)) == 0 ? 0 : permission_count();
    for (size_t i = 0; i < count; i++) {
        const struct permission *permission = permission_at(i);
        if (permission_set_has(permissions, permission->number))
            json_write_raw(w, permission->quoted);
    }
    json_write_end(w);
}

static void
write_groups(struct json_writer *w, const struct identity *identity)
{
    json_write_key(w, "allDevices");
    json_write_bool(w, identity->is_all_devices);
    json_write_key(w, "deviceGroups");
    json_write_array(w);
    for (size_t i = 0; i < identity->group_count; i++) {
        json_write_object(w);
        json_write_member_text(w, "deviceGroupUid", identity->groups[i].uid);
        json_write_member_text(w, "displayName", identity->groups[i].name);
        json_write_end(w);
    }
    json_write_end(w);
}

/* Those that many requests have in common. What follows them is encoded apart, so they
 * are as many bytes as can be. */
static enum status
write_common(struct buffer *out, const struct identity *identity)
{
    struct json_writer w = json_write_into(out);

    json_write_object(&w);
    json_write_member_text(&w, "iss", "tokenhouse");
    json_write_member_string(&w, "aud", identity->audience);
    json_write_member_string(&w, "sub", identity->token_id);
    json_write_member_string(&w, "title", identity->title);
    json_write_member_string(&w, "owner", identity->owner);
    write_permissions(&w, &identity->permissions);
    write_groups(&w, identity);
    json_write_member_string(&w, "address", identity->address);
    json_write_end(&w);
    enum status status = json_write_done(&w);
    if (status != STATUS_OK)
        return status;
    out->at[out->len - 1] = ','; /* it goes on */
    while (out->len % THREES != 0)
        buffer_add_byte(out, ' ');
    return buffer_check(out);
}

/* Those of one request, after the others. */
static enum status
write_rest(struct buffer *out, struct slice request_id, int64_t now_s)
{
    struct json_writer w = json_write_into(out);

    json_write_object(&w);
    json_write_key(&w, "iat");
    json_write_int(&w, now_s);
    json_write_key(&w, "exp");
    json_write_int(&w, now_s + IDENTITY_LIFE_S);
    if (request_id.len > 0)
        json_write_member_string(&w, "jti", request_id);
    json_write_end(&w);
    return json_write_done(&w);
}

/* Appends `bytes` in base64url. */
static void
add_encoded(struct buffer *out, struct slice bytes)
{
    unsigned char *at = buffer_reserve(out, BASE64URL_MAX_CHARS(bytes.len));

    if (at)
        out->len += base64url_encode(bytes, (char *)at);
}

enum status
identity_begin(const struct identity_signer *signer, const struct identity *identity,
               struct identity_stem *out)
{
    struct buffer claims AUTO(buffer_done) = buffer_make(IDENTITY_MAX_BYTES);

    buffer_reserve(&claims, USUAL_BYTES);
    enum status status = write_common(&claims, identity);
    if (status != STATUS_OK)
        return status;
    buffer_clear(&out->text);
    buffer_add(&out->text,
               (struct slice){(const unsigned char *)signer->header, signer->header_len});
    add_encoded(&out->text, buffer_slice(&claims));
    sha256_begin(buffer_slice(&out->text), &out->hash);
    return buffer_check(&out->text);
}

enum status
identity_write(const struct identity_stem *stem, struct slice request_id, int64_t now_s,
               struct identity_text *out)
{
    unsigned char room[REST_MAX_BYTES];
    struct buffer rest = {.at = room, .room = sizeof(room), .max_bytes = sizeof(room)};

    enum status status = write_rest(&rest, request_id, now_s);
    if (status != STATUS_OK)
        return status;
    buffer_clear(&out->text);
    buffer_add(&out->text, buffer_slice(&stem->text));
    add_encoded(&out->text, slice_from(buffer_slice(&rest), 1)); /* without its '{' */
    sha256_end(&stem->hash, slice_from(buffer_slice(&out->text), stem->text.len),
               out->digest);
    return buffer_check(&out->text);
}

enum status
identity_sign(const struct identity_signer *signer, size_t count,
              struct identity_text *const texts[])
{
    uint8_t signatures[ES256_SIGN_TOGETHER][ES256_SIGNATURE_BYTES];
    uint8_t digests[ES256_SIGN_TOGETHER][SHA256_BYTES];

    assert(count <= ES256_SIGN_TOGETHER);
    for (size_t i = 0; i < count; i++)
        memcpy(digests[i], texts[i]->digest, sizeof(digests[i]));
    enum status status = es256_sign_all(signer->key, count, digests, signatures);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        buffer_add_byte(&texts[i]->text, '.');
        add_encoded(&texts[i]->text,
                    (struct slice){signatures[i], ES256_SIGNATURE_BYTES});
        status = buffer_check(&texts[i]->text);
    }
    return status;
}
