/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads and writes Content-Digest. */
#include "httpsig/content_digest.h"

#include "base/base64url.h"
#include "crypto/sha256.h"
#include "crypto/sha512.h"
#include "httpsig/sf.h"

static const char FIELD[] = "Content-Digest";

#define SHOWN(s) (int)((s).len < 40 ? (s).len : 40), (const char *)(s).at

/* One digest of the field. *known counts those that we know. */
static enum status
check_member(const struct sf_member *member, struct slice body, size_t *known,
             struct failure *failure)
{
    uint8_t digest[SHA512_BYTES];
    unsigned char given[SHA512_BYTES];
    size_t wanted_len = SHA256_BYTES;
    size_t len = 0;

    if (slice_equal(member->key, SLICE("sha-512")))
        wanted_len = SHA512_BYTES;
    else if (!slice_equal(member->key, SLICE("sha-256")))
        return STATUS_OK;
    if (member->value.is_list || member->value.kind != SF_BYTES ||
        member->value.raw.len != BASE64_MAX_CHARS(wanted_len) ||
        base64_decode(member->value.raw, given, sizeof(given), &len) != STATUS_OK ||
        len != wanted_len)
        return failure_set(failure, STATUS_MALFORMED, FIELD,
                           "\"%.*s\" in Content-Digest is not a byte sequence of %zu "
                           "bytes",
                           SHOWN(member->key), wanted_len);
    if (wanted_len == SHA512_BYTES)
        sha512(body, digest);
    else
        sha256(body, digest);
    (*known)++;
    if (!slice_equal((struct slice){given, len}, (struct slice){digest, len}))
        return failure_set(failure, STATUS_REFUSED, FIELD,
                           "the body has another %.*s than Content-Digest says",
                           SHOWN(member->key));
    return STATUS_OK;
}

enum status
content_digest_check(const struct http_header *headers, size_t header_count,
                     struct slice body, struct failure *failure)
{
    struct slice field = {0};
    struct sf_member member;
    size_t known = 0;
    struct http_request request = {.headers = headers, .header_count = header_count};

    if (!http_request_header(&request, slice_of(FIELD), &field) ||
        !sf_dictionary_is_valid(slice_trim(field)))
        return failure_set(failure, STATUS_MALFORMED, FIELD,
                           "Content-Digest is not one line with a dictionary like "
                           "sha-256=:…: (RFC 9530)");
    field = slice_trim(field);
    while (sf_next_member(&field, &member) == SF_ONE) {
        enum status status = check_member(&member, body, &known, failure);
        if (status != STATUS_OK)
            return status;
    }
    if (known == 0)
        return failure_set(failure, STATUS_MALFORMED, FIELD,
                           "Content-Digest has neither sha-256 nor sha-512");
    return STATUS_OK;
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
