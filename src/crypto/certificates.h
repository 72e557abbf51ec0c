/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates that people give us in PEM, looked at before they are kept. */
#ifndef CRYPTO_CERTIFICATES_H
#define CRYPTO_CERTIFICATES_H

#include "base/slice.h"
#include "base/status.h"

/* One or more certificates, and no private key. STATUS_MALFORMED with words, `field` in
 * them. */
MUST_CHECK enum status certificates_check(struct slice pem, const char *field,
                                          struct failure *failure);
/* A certificate (and its chain) and the private key that belongs to it, of any kind that
 * TLS knows. */
MUST_CHECK enum status certificates_check_pair(struct slice chain_pem,
                                               struct slice key_pem,
                                               struct failure *failure);

#endif
