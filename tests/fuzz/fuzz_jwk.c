/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a key in JSON. What is taken is one key for one algorithm, and its plain
 * spelling is the same key; what is refused leaves nothing behind but words. */
#include "fuzz.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "jose/jwk.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_BYTES = 2048, HALF_BYTES = PUBLIC_KEY_BYTES / 2 };

/* Without what does not count: other members, white space, the private part. */
static void
write_plainly(const struct jwk *jwk, char out[TEXT_BYTES])
{
    char first[BASE64URL_MAX_CHARS(SECRET_MAX_BYTES) + 1];
    char second[BASE64URL_MAX_CHARS(HALF_BYTES) + 1];

    if (jwk->alg == ALG_HS256) {
        first[base64url_encode(secret_slice(&jwk->secret), first)] = '\0';
        snprintf(out, TEXT_BYTES, "{\"kty\":\"oct\",\"k\":\"%s\"}", first);
        return;
    }
    first[base64url_encode((struct slice){jwk->point, HALF_BYTES}, first)] = '\0';
    second[base64url_encode((struct slice){jwk->point + HALF_BYTES, HALF_BYTES},
                            second)] = '\0';
    snprintf(out, TEXT_BYTES,
             "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"}", first,
             second);
}

static void
check_taken(const struct jwk *jwk)
{
    char text[TEXT_BYTES];
    char ids[2][JWK_THUMBPRINT_CHARS + 1];
    struct failure failure = {0};
    struct jwk again AUTO(jwk_done) = {0};

    assert(jwk->alg == ALG_ES256 || jwk->alg == ALG_HS256);
    assert(jwk->secret.len <= SECRET_MAX_BYTES);
    assert((jwk->secret.len > 0) == (jwk->alg == ALG_HS256));
    assert(!jwk->has_private || jwk->alg == ALG_ES256);
    write_plainly(jwk, text);
    assert(jwk_read(slice_of(text), &again, &failure) == STATUS_OK);
    assert(again.alg == jwk->alg && !again.has_private);
    assert(slice_equal(secret_slice(&again.secret), secret_slice(&jwk->secret)));
    assert(memcmp(again.point, jwk->point, sizeof(again.point)) == 0);
    jwk_thumbprint(jwk->point, ids[0]);
    jwk_thumbprint(again.point, ids[1]);
    assert(strlen(ids[0]) == JWK_THUMBPRINT_CHARS && strcmp(ids[0], ids[1]) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct jwk NOTHING;
    struct failure failure = {0};
    struct jwk jwk AUTO(jwk_done) = {0};

    if (jwk_read((struct slice){data, size}, &jwk, &failure) == STATUS_OK) {
        check_taken(&jwk);
        return 0;
    }
    assert(failure.text[0] && memcmp(&jwk, &NOTHING, sizeof(jwk)) == 0);
    return 0;
}
