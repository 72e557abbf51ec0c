/* SPDX-License-Identifier: Apache-2.0
 *
 * A challenge is a MAC over the session and a span of ten minutes; those of the last six
 * spans are taken as well. */
#include "console/challenge.h"

#include "base/base64url.h"
#include "console/inside.h"
#include "crypto/hmac.h"

#include <stdio.h>

enum { SPAN_S = 600, SPANS_TAKEN = 6 };

#define PROOF_PREFIX "tokenhouse-key-proof:"

static void
write_span(const struct visit *v, int64_t span, char out[CHALLENGE_CHARS + 1])
{
    char text[UUID_CHARS + 32];
    uint8_t mac[HMAC_BYTES];

    _Static_assert((int)CHALLENGE_CHARS == (int)BASE64URL_MAX_CHARS(HMAC_BYTES),
                   "a challenge is a MAC in base64url");
    snprintf(text, sizeof(text), "%s %lld", v->session.uid, (long long)span);
    hmac_sign(v->console->proof_key, slice_of(text), mac);
    out[base64url_encode((struct slice){mac, sizeof(mac)}, out)] = '\0';
}

void
challenge_write(const struct visit *v, char out[CHALLENGE_CHARS + 1])
{
    write_span(v, v->now_s / SPAN_S, out);
}

enum status
challenge_check(struct visit *v, struct token_wish *wish,
                uint8_t out_key[PUBLIC_KEY_BYTES], bool *out_is_proved)
{
    int64_t span = v->now_s / SPAN_S;
    char challenge[CHALLENGE_CHARS + 1];
    char message[sizeof(PROOF_PREFIX) + CHALLENGE_CHARS];
    enum status status = STATUS_OK;

    for (int back = 0; back <= SPANS_TAKEN; back++) {
        write_span(v, span - back, challenge);
        snprintf(message, sizeof(message), PROOF_PREFIX "%s", challenge);
        wish->proof_message = slice_of(arena_text(v->arena, slice_of(message)));
        status = token_read_key(wish, out_key, out_is_proved, &v->failure);
        if (status == STATUS_OK ||
            !slice_equal(slice_of(v->failure.field), SLICE("proof")))
            return status;
    }
    return status;
}
