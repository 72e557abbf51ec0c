/* SPDX-License-Identifier: Apache-2.0
 *
 * Time-based one-time codes (RFC 6238) of six digits, HMAC-SHA-1, steps of 30 s: what
 * every authenticator app does without being asked. */
#ifndef CRYPTO_TOTP_H
#define CRYPTO_TOTP_H

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum { TOTP_STEP_S = 30, TOTP_DIGITS = 6 };

/* The HOTP value of a counter with `digits` digits, 6 to 9 (RFC 4226 §5.3). */
uint32_t totp_value(struct slice secret, uint64_t counter, int digits);

/* Is `code` (six digits) that of the step of `now_s`, the one before or the one after
 * (RFC 6238 §5.2)? Then *out_step is which. Every wrong code takes the same time. */
bool totp_fits(struct slice secret, struct slice code, int64_t now_s, int64_t *out_step);

#endif
