/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS for the side that calls, by OpenSSL: TLS 1.2 and 1.3, the other side's certificate
 * verified (RFC 5280, RFC 6125). For net/dial.c. */
#ifndef NET_TLS_DIAL_H
#define NET_TLS_DIAL_H

#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct tls_dial;

/* Texts in PEM; empty: the system's authorities, no certificate of our own. */
struct tls_dial_setup {
    const char *host; /* the name or the address that the certificate must have */
    struct slice ca_pem, certificate_pem, key_pem;
};

/* What became of one step. */
enum tls_dial_outcome {
    TLS_DIAL_DONE = 1,
    TLS_DIAL_WANTS_READ,  /* go on when the socket can be read */
    TLS_DIAL_WANTS_WRITE, /* … can be written */
    TLS_DIAL_END,         /* the other side has ended: by TLS, or its connection */
    TLS_DIAL_BROKEN,      /* tls_dial_words() says why */
};

/* Speaks over `fd`, which is connected, non-blocking, and stays the caller's. */
MUST_CHECK enum status tls_dial_open(const struct tls_dial_setup *setup, int fd,
                                     struct tls_dial **out, struct failure *failure);
void tls_dial_close(struct tls_dial **client);
enum tls_dial_outcome tls_dial_handshake(struct tls_dial *client);
enum tls_dial_outcome tls_dial_write(struct tls_dial *client, struct slice bytes,
                                     size_t *out_len);
enum tls_dial_outcome tls_dial_read(struct tls_dial *client, void *at, size_t room,
                                    size_t *out_len);
/* Says that we send nothing more (close_notify). */
enum tls_dial_outcome tls_dial_end(struct tls_dial *client);
/* Why it is broken: "certificate verify failed (self-signed certificate)". */
const char *tls_dial_words(const struct tls_dial *client);

#endif
