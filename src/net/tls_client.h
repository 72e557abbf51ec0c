/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS for the client's side, by OpenSSL: the peer's certificate is always verified, and
 * must name whom we wanted to reach. Sessions are used again. */
#ifndef NET_TLS_CLIENT_H
#define NET_TLS_CLIENT_H

#include "base/status.h"

struct tls_client;

/* Paths of PEM files; NULL or "" = not given. */
struct tls_client_files {
    const char *ca;   /* whom we trust; not given: the system's store */
    const char *cert; /* our own certificate, for those who ask for one … */
    const char *key;  /* … and its key (not readable for others) */
};

/* `failure` names the file and what is wrong with it. */
MUST_CHECK enum status tls_client_open(const struct tls_client_files *files,
                                       struct tls_client **out, struct failure *failure);
/* Connections must be closed before. Accepts NULL, leaves NULL. */
void tls_client_close(struct tls_client **client);

#endif
