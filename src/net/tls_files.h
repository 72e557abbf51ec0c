/* SPDX-License-Identifier: Apache-2.0
 *
 * A PEM certificate chain and its private key, for net/tls.c and net/tls_client.c. */
#ifndef NET_TLS_FILES_H
#define NET_TLS_FILES_H

#include "base/status.h"

struct ssl_ctx_st;

/* The key's file must not be readable for others. `failure` names the file and what is
 * wrong with it. */
MUST_CHECK enum status tls_files_load(struct ssl_ctx_st *context, const char *cert_path,
                                      const char *key_path, struct failure *failure);

#endif
