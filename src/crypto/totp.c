/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 6238 over RFC 4226. SHA-1 is what authenticator apps speak; HMAC asks of it nothing
 * that is broken (RFC 6194 §3.3). */
#include "crypto/totp.h"

#include "base/secret.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

enum { SHA1_BYTES = 20 };

uint32_t
totp_value(struct slice secret, uint64_t counter, int digits)
{
    uint8_t message[8];
    uint8_t mac[SHA1_BYTES];
    unsigned mac_len = 0;
    uint32_t modulus = 1;

    assert(digits >= 6 && digits <= 9);
    for (int i = 0; i < 8; i++)
        message[i] = (uint8_t)(counter >> (56 - 8 * i));
    const unsigned char *done = HMAC(EVP_sha1(), secret.at, (int)secret.len, message,
                                     sizeof(message), mac, &mac_len);
    assert(done && mac_len == SHA1_BYTES);

    /* RFC 4226 §5.3: four bytes from where the last half byte points to */
    const uint8_t *at = mac + (mac[SHA1_BYTES - 1] & 0x0f);
    uint32_t number = (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 |
                      (uint32_t)at[2] << 8 | at[3];
    for (int i = 0; i < digits; i++)
        modulus *= 10;
    secret_wipe(mac, sizeof(mac));
    return number % modulus;
}

bool
totp_fits(struct slice secret, struct slice code, int64_t now_s, int64_t *out_step)
{
    int64_t step = now_s / TOTP_STEP_S;
    bool fits = false;

    for (int64_t at = step - 1; at <= step + 1; at++) {
        char wanted[16];
        int len = snprintf(wanted, sizeof(wanted), "%0*u", TOTP_DIGITS,
                           totp_value(secret, (uint64_t)at, TOTP_DIGITS));
        struct slice text = {(const unsigned char *)wanted, (size_t)len};
        if (secret_equal(text, code)) {
            *out_step = at;
            fits = true;
        }
        secret_wipe(wanted, sizeof(wanted));
    }
    return fits;
}
