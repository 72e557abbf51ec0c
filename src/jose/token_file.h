/* SPDX-License-Identifier: Apache-2.0
 *
 * The .token file: plain text with the token ID and its secret key, as people download
 * it and as `tokenhouse call --token` reads it. */
#ifndef JOSE_TOKEN_FILE_H
#define JOSE_TOKEN_FILE_H

#include "base/buffer.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/status.h"

/* Appends the file's text: lines "Token ID: …" and "Secret key: …". */
void token_file_write(struct slice token_id, struct slice secret_key, struct buffer *out);
/* Reads one; order of lines, blanks and CRLF are forgiven. */
MUST_CHECK enum status token_file_read(struct slice text,
                                       char out_id[TOKEN_ID_MAX_CHARS + 1],
                                       struct secret *out_secret,
                                       struct failure *failure);

#endif
