/* SPDX-License-Identifier: Apache-2.0
 *
 * Does a request come from the console's own pages, or from a script of its user's? What
 * browsers say about a request's origin, the session's cookie, and the CSRF mark. */
#ifndef CONSOLE_GUARD_H
#define CONSOLE_GUARD_H

#include "http/call.h"
#include "model/session.h"

#include <stdbool.h>

struct hmac_key;

enum {
    GUARD_CSRF_CHARS = 43,
    GUARD_COOKIE_MAX_CHARS = 160, /* of Set-Cookie */
};

/* Methods that change nothing (RFC 9110 §9.2.1): GET and HEAD are all that we take. */
bool guard_is_safe(struct slice method);

/* The session's cookie among all Cookie lines (HTTP/2 may send one for each). False when
 * there is none, when its form is wrong, or when it is there twice: somebody may have
 * planted the other one. */
bool guard_cookie(const struct http_request *request, struct slice *out);

/* Was it a foreign page that made a browser send this? Sec-Fetch-Site, which no page can
 * set, decides where there is one; else Origin, whose host must be the one that was
 * asked. Neither: no browser. */
bool guard_is_foreign(const struct http_request *request);

/* The CSRF mark of a session: a MAC over the SHA-256 of its cookie. Closed text. */
void guard_csrf_write(const struct hmac_key *key, const uint8_t *session_hash,
                      char out[GUARD_CSRF_CHARS + 1]);
/* Does the request carry it? */
bool guard_csrf_fits(const struct hmac_key *key, const uint8_t *session_hash,
                     const struct http_request *request);

/* The value of Set-Cookie; an empty `cookie` takes it away. */
void guard_cookie_write(struct slice cookie, bool is_https,
                        char out[GUARD_COOKIE_MAX_CHARS + 1]);

#endif
