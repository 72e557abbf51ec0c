/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads and writes Content-Digest. */
#include "httpsig/content_digest.h"

#include "base/base64url.h"
#include "crypto/hash_run.h"
#include "crypto/sha256.h"
#include "crypto/sha512.h"
#include "httpsig/sf.h"

static const char FIELD[] = "Content-Digest";

#define SHOWN(s) (int)((s).len < 40 ? (s).len : 40), (const char *)(s).at

/* One digest of the field; what we do not know is passed over. */
static enum status
open_member(const struct sf_member *member, struct content_digest *out,
            struct failure *failure)
{
    bool is_long = slice_equal(member->key, SLICE("sha-512"));
    size_t wanted_len = is_long ? SHA512_BYTES : SHA256_BYTES;
    unsigned char given[SHA512_BYTES];
    size_t len = 0;

    if (!is_long && !slice_equal(member->key, SLICE("sha-256")))
        return STATUS_OK;
    if (member->value.is_list || member->value.kind != SF_BYTES ||
        member->value.raw.len != BASE64_MAX_CHARS(wanted_len) ||
        base64_decode(member->value.raw, given, sizeof(given), &len) != STATUS_OK ||
        len != wanted_len)
        return failure_set(failure, STATUS_MALFORMED, FIELD,
                           "\"%.*s\" in Content-Digest is not a byte sequence of %zu "
                           "bytes",
                           SHOWN(member->key), wanted_len);
    struct content_digest_one *one = &out->ones[out->count++];
    one->name = is_long ? "sha-512" : "sha-256";
    one->run = hash_run_new(is_long ? HASH_SHA512 : HASH_SHA256);
    memcpy(one->wanted, given, len);
    return STATUS_OK;
}

static enum status
open_members(struct slice field, struct content_digest *out, struct failure *failure)
{
    enum status status = STATUS_OK;
    struct sf_member member;

    while (status == STATUS_OK && sf_next_member(&field, &member) == SF_ONE)
        status = open_member(&member, out, failure);
    if (status == STATUS_OK && out->count == 0)
        return failure_set(failure, STATUS_MALFORMED, FIELD,
                           "Content-Digest has neither sha-256 nor sha-512");
    return status;
}

enum status
content_digest_open(const struct http_header *headers, size_t header_count,
                    struct content_digest *out, struct failure *failure)
{
    struct http_request request = {.headers = headers, .header_count = header_count};
    struct content_digest digest = {0};
    struct slice field = {0};

    /* a key that comes twice is refused here: a dictionary of ours has each once */
    if (!http_request_header(&request, slice_of(FIELD), &field) ||
        !sf_dictionary_is_valid(slice_trim(field)))
        return failure_set(failure, STATUS_MALFORMED, FIELD,
                           "Content-Digest is not one line with a dictionary like "
                           "sha-256=:…: (RFC 9530)");
    enum status status = open_members(slice_trim(field), &digest, failure);
    if (status != STATUS_OK)
        content_digest_close(&digest);
    else
        *out = digest;
    return status;
}

void
content_digest_add(struct content_digest *digest, struct slice bytes)
{
    for (size_t i = 0; i < digest->count; i++)
        hash_run_add(digest->ones[i].run, bytes);
}

enum status
content_digest_end(struct content_digest *digest, struct failure *failure)
{
    enum status status = STATUS_OK;
    uint8_t hash[HASH_MAX_BYTES];

    for (size_t i = 0; i < digest->count && status == STATUS_OK; i++) {
        const struct content_digest_one *one = &digest->ones[i];
        size_t len = hash_run_end(one->run, hash);
        if (!slice_equal((struct slice){one->wanted, len}, (struct slice){hash, len}))
            status = failure_set(failure, STATUS_REFUSED, FIELD,
                                 "the body has another %s than Content-Digest says",
                                 one->name);
    }
    content_digest_close(digest);
    return status;
}

void
content_digest_close(struct content_digest *digest)
{
    for (size_t i = 0; i < digest->count; i++)
        hash_run_free(&digest->ones[i].run);
    digest->count = 0;
}

enum status
content_digest_check(const struct http_header *headers, size_t header_count,
                     struct slice body, struct failure *failure)
{
    struct content_digest digest = {0};
    enum status status = content_digest_open(headers, header_count, &digest, failure);

    if (status != STATUS_OK)
        return status;
    content_digest_add(&digest, body);
    return content_digest_end(&digest, failure);
}

void
content_digest_write(struct slice body, char out[CONTENT_DIGEST_CHARS])
{
    uint8_t digest[SHA256_BYTES];

    sha256(body, digest);
    memcpy(out, "sha-256=:", 9);
    size_t len = 9 + base64_encode((struct slice){digest, sizeof(digest)}, out + 9);
    out[len] = ':';
}
