/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS for the server side, by OpenSSL: TLS 1.2 and 1.3, ALPN h2 and http/1.1. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/status.h"

struct tls_server;

/* Reads a PEM certificate chain and its private key (file mode: not readable for
 * others). `failure` names the file and what is wrong with it. */
MUST_CHECK enum status tls_server_open(const char *cert_path, const char *key_path,
                                       struct tls_server **out, struct failure *failure);
/* The same for peers who must show a certificate that one of those in `client_ca_path`
 * (PEM) has signed. */
MUST_CHECK enum status tls_server_open_for(const char *cert_path, const char *key_path,
                                           const char *client_ca_path,
                                           struct tls_server **out,
                                           struct failure *failure);
/* Reads the same files again for new connections; on failure the old ones stay. Safe
 * while loops use it. */
MUST_CHECK enum status tls_server_reload(struct tls_server *server,
                                         struct failure *failure);
void tls_server_close(struct tls_server **server);

#endif
