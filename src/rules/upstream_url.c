/* SPDX-License-Identifier: Apache-2.0
 *
 * URLs of upstreams: scheme, host, port, path, and nothing else (RFC 3986 §3). */
#include "rules/upstream_url.h"

#include "base/ip.h"
#include "base/number.h"
#include "rules/words.h"

#include <stdio.h>
#include <string.h>

enum { PORT_HTTP = 80, PORT_HTTPS = 443 };

static bool
is_host(struct slice host, bool is_bracketed)
{
    struct ip ip;

    if (is_bracketed) /* IPv6, and nothing else, stands in brackets */
        return host.len > 0 && memchr(host.at, ':', host.len) &&
               ip_read(host, &ip) == STATUS_OK;
    for (size_t i = 0; i < host.len; i++) {
        unsigned char byte = host.at[i];
        bool is_letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
        bool is_digit = byte >= '0' && byte <= '9';
        if (!is_letter && !is_digit && (byte == 0 || !strchr("-._", byte)))
            return false;
    }
    return host.len > 0 && host.len <= UPSTREAM_HOST_MAX_CHARS;
}

/* "host", "host:port", "[::1]:port" */
static bool
read_address(struct slice text, bool is_tls, struct upstream_address *out)
{
    struct slice host = text;
    struct slice port = {0};
    int64_t number = is_tls ? PORT_HTTPS : PORT_HTTP;
    bool is_bracketed = text.len > 0 && text.at[0] == '[';

    if (is_bracketed) {
        struct slice rest = slice_from(text, 1);
        if (!slice_cut(&rest, ']', &host) || (rest.len > 0 && rest.at[0] != ':'))
            return false;
        port = rest.len > 0 ? slice_from(rest, 1) : rest;
        if (rest.len == 1)
            return false;
    } else {
        struct slice rest = text;
        if (slice_cut(&rest, ':', &host)) {
            port = rest;
            if (port.len == 0)
                return false;
        }
    }
    if (port.len > 0 && number_read(port, &number) != STATUS_OK)
        return false;
    if (!is_host(host, is_bracketed) || number < 1 || number > UINT16_MAX)
        return false;
    slice_to_text(host, out->host, sizeof(out->host));
    for (char *at = out->host; *at; at++) {
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at | 0x20);
    }
    out->port = (uint16_t)number;
    return true;
}

/* A path that goes on the wire as it is, without '/' at its end. */
static bool
read_path(struct slice text, char out[UPSTREAM_PATH_MAX_CHARS + 1])
{
    while (text.len > 0 && text.at[text.len - 1] == '/')
        text.len--;
    if (text.len == 0) {
        out[0] = '\0';
        return true;
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = text.at[i];
        bool is_letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
        bool is_digit = byte >= '0' && byte <= '9';
        if (!is_letter && !is_digit && (byte == 0 || !strchr("/-._~!$&'()*+,=:@", byte)))
            return false;
        if (byte == '/' &&
            (i + 1 == text.len || text.at[i + 1] == '/' || text.at[i + 1] == '.'))
            return false;
    }
    return text.at[0] == '/' && slice_to_text(text, out, UPSTREAM_PATH_MAX_CHARS + 1);
}

static enum status
read_one(struct slice typed, struct upstream *out, bool *out_has_path,
         struct failure *failure)
{
    struct slice url = slice_trim(typed);
    bool is_tls = slice_starts(url, SLICE("https://"));
    struct slice rest = slice_from(url, is_tls ? 8 : 7);
    char path[UPSTREAM_PATH_MAX_CHARS + 1] = "";

    if (!is_tls && !slice_starts(url, SLICE("http://")))
        return failure_set(failure, STATUS_MALFORMED, "url",
                           "'%.*s' does not begin with http:// or https://",
                           WORDS_SHORT(url));
    const unsigned char *slash = rest.len > 0 ? memchr(rest.at, '/', rest.len) : NULL;
    struct slice authority = slash ? slice_head(rest, (size_t)(slash - rest.at)) : rest;
    if (slash && !read_path(slice_from(rest, authority.len), path))
        return failure_set(failure, STATUS_MALFORMED, "url",
                           "'%.*s' has a path that cannot stand before others: plain "
                           "segments are wanted, without '?', '#', '%%' and dots",
                           WORDS_SHORT(url));
    if (memchr(authority.at, '@', authority.len))
        return failure_set(failure, STATUS_MALFORMED, "url",
                           "a URL with a user name or password is not taken");
    if (!read_address(authority, is_tls, &out->addresses[out->address_count]))
        return failure_set(failure, STATUS_MALFORMED, "url",
                           "'%.*s' has no host, or no port from 1 to 65535",
                           WORDS_SHORT(url));
    if (out->address_count > 0 &&
        (is_tls != out->is_tls || strcmp(path, out->base_path) != 0))
        return failure_set(failure, STATUS_MALFORMED, "url",
                           "'%.*s' has another scheme or path than those before it; "
                           "the servers of one upstream answer the same",
                           WORDS_SHORT(url));
    out->is_tls = is_tls;
    memcpy(out->base_path, path, sizeof(path));
    out->address_count++;
    *out_has_path = *out_has_path || slash;
    return STATUS_OK;
}

enum status
upstream_url_read(const struct slice *urls, size_t count, struct upstream *out,
                  bool *out_has_path, struct failure *failure)
{
    struct upstream read = *out;
    bool has_path = false;

    memset(read.addresses, 0, sizeof(read.addresses));
    read.address_count = 0;
    if (count == 0 || count > UPSTREAM_ADDRESS_MAX_COUNT)
        return failure_set(failure, STATUS_MALFORMED, "url",
                           "%zu URLs are given; wanted are 1 to %d", count,
                           UPSTREAM_ADDRESS_MAX_COUNT);
    for (size_t i = 0; i < count; i++) {
        enum status status = read_one(urls[i], &read, &has_path, failure);
        if (status != STATUS_OK)
            return status;
    }
    *out = read;
    *out_has_path = has_path;
    return STATUS_OK;
}

void
upstream_url_write(const struct upstream *upstream, size_t index, struct buffer *out)
{
    const struct upstream_address *address = &upstream->addresses[index];
    bool is_bracketed = strchr(address->host, ':') != NULL;
    int usual = upstream->is_tls ? PORT_HTTPS : PORT_HTTP;

    buffer_add_text(out, upstream->is_tls ? "https://" : "http://");
    buffer_add_text(out, is_bracketed ? "[" : "");
    buffer_add_text(out, address->host);
    buffer_add_text(out, is_bracketed ? "]" : "");
    if (address->port != usual) {
        buffer_add_byte(out, ':');
        buffer_add_int(out, address->port);
    }
    buffer_add_text(out, upstream->base_path);
}

enum status
upstream_prefix_read(struct slice typed, char out[UPSTREAM_PATH_MAX_CHARS + 1],
                     struct failure *failure)
{
    struct slice text = slice_trim(typed);

    if (read_path(text, out))
        return STATUS_OK;
    return failure_set(failure, STATUS_MALFORMED, "prefix",
                       "'%.*s' cannot be a prefix; wanted is '/name', plain segments of "
                       "at most %d characters",
                       WORDS_SHORT(text), UPSTREAM_PATH_MAX_CHARS);
}
