/* SPDX-License-Identifier: Apache-2.0
 *
 * Cookies (RFC 6265), Fetch Metadata (W3C), Origin (RFC 6454). */
#include "console/guard.h"

#include "base/base64url.h"
#include "base/secret.h"
#include "crypto/hmac.h"

#include <stdio.h>

#define COOKIE_NAME "tokenhouse-session"

_Static_assert(BASE64URL_MAX_CHARS(HMAC_BYTES) == GUARD_CSRF_CHARS, "a whole MAC");

bool
guard_is_safe(struct slice method)
{
    return slice_equal(method, SLICE("GET")) || slice_equal(method, SLICE("HEAD"));
}

static bool
is_cookie_form(struct slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = value.at[i];
        bool is_good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!is_good)
            return false;
    }
    return value.len == SESSION_COOKIE_CHARS;
}

/* Counts our cookies in one line; the last one goes to `out`. */
static int
count_cookies(struct slice line, struct slice *out)
{
    int count = 0;

    while (line.len > 0) {
        struct slice pair = line;
        struct slice name = {0};
        if (!slice_cut(&line, ';', &pair))
            line.len = 0;
        pair = slice_trim(pair);
        if (!slice_cut(&pair, '=', &name) || !slice_equal(name, SLICE(COOKIE_NAME)))
            continue;
        *out = pair;
        count++;
    }
    return count;
}

bool
guard_cookie(const struct http_request *request, struct slice *out)
{
    struct slice found = {0};
    int count = 0;

    for (size_t i = 0; i < request->header_count; i++) {
        if (slice_equal_nocase(request->headers[i].name, SLICE("Cookie")))
            count += count_cookies(request->headers[i].value, &found);
    }
    if (count != 1 || !is_cookie_form(found))
        return false;
    *out = found;
    return true;
}

/* The host and port of an origin: "https://host:port". */
static bool
origin_host(struct slice origin, struct slice *out)
{
    if (slice_starts(origin, SLICE("https://")))
        *out = slice_from(origin, sizeof("https://") - 1);
    else if (slice_starts(origin, SLICE("http://")))
        *out = slice_from(origin, sizeof("http://") - 1);
    else
        return false;
    return true;
}

static bool
has_header(const struct http_request *request, struct slice name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (slice_equal_nocase(request->headers[i].name, name))
            return true;
    }
    return false;
}

bool
guard_is_foreign(const struct http_request *request)
{
    struct slice value = {0};
    struct slice host = {0};

    if (has_header(request, SLICE("Sec-Fetch-Site")))
        return !http_request_header(request, SLICE("Sec-Fetch-Site"), &value) ||
               !slice_equal(value, SLICE("same-origin"));
    if (has_header(request, SLICE("Origin")))
        return !http_request_header(request, SLICE("Origin"), &value) ||
               !origin_host(value, &host) ||
               !slice_equal_nocase(host, request->authority);
    return false;
}

void
guard_csrf_write(const struct hmac_key *key, const uint8_t *session_hash,
                 char out[GUARD_CSRF_CHARS + 1])
{
    uint8_t mac[HMAC_BYTES];

    hmac_sign(key, (struct slice){session_hash, SESSION_HASH_BYTES}, mac);
    out[base64url_encode((struct slice){mac, sizeof(mac)}, out)] = '\0';
}

bool
guard_csrf_fits(const struct hmac_key *key, const uint8_t *session_hash,
                const struct http_request *request)
{
    char wanted[GUARD_CSRF_CHARS + 1];
    struct slice given = {0};

    guard_csrf_write(key, session_hash, wanted);
    return http_request_header(request, SLICE("X-CSRF-Token"), &given) &&
           secret_equal(given, slice_of(wanted));
}

void
guard_cookie_write(struct slice cookie, bool is_https,
                   char out[GUARD_COOKIE_MAX_CHARS + 1])
{
    snprintf(out, GUARD_COOKIE_MAX_CHARS + 1,
             COOKIE_NAME "=%.*s; Path=/console; HttpOnly; SameSite=Strict%s%s",
             SLICE_ARG(cookie), is_https ? "; Secure" : "",
             cookie.len == 0 ? "; Max-Age=0" : "");
}
