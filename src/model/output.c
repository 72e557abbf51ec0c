/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of outputs, and reading where one is. */
#include "model/output.h"

#include "base/auto.h"
#include "base/number.h"

#include <stdio.h>

const char *
output_kind_name(enum output_kind kind)
{
    switch (kind) {
    case OUTPUT_TCP:
        return "tcp";
    case OUTPUT_TLS:
        return "tls";
    case OUTPUT_WEBHOOK:
        return "webhook";
    case OUTPUT_EXPORT:
        return "export";
    }
    return "?";
}

const char *
output_state_name(const struct output *output)
{
    if (output->kind == OUTPUT_EXPORT)
        return "cursor";
    if (output->is_paused)
        return "paused";
    return output->failing_since_ms > 0 ? "failing" : "works";
}

const char *
output_format_name(enum output_format format)
{
    switch (format) {
    case OUTPUT_RFC5424:
        return "rfc5424";
    case OUTPUT_CEF:
        return "cef";
    case OUTPUT_JSON:
        return "json";
    }
    return "?";
}

enum status
output_format_read(struct slice name, enum output_format *out)
{
    static const enum output_format FORMATS[] = {OUTPUT_RFC5424, OUTPUT_CEF, OUTPUT_JSON};

    for (size_t i = 0; i < COUNT_OF(FORMATS); i++) {
        if (!slice_equal_nocase(name, slice_of(output_format_name(FORMATS[i]))))
            continue;
        *out = FORMATS[i];
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

/* THE SCHEMES, and their usual ports: RFC 6587 has none, and 514 is what people use;
 * RFC 5425 has 6514. */
static const struct scheme {
    struct slice head;
    enum output_kind kind;
    uint16_t port;
} SCHEMES[] = {
    {SLICE("tcp://"), OUTPUT_TCP, 514},
    {SLICE("tls://"), OUTPUT_TLS, 6514},
    {SLICE("https://"), OUTPUT_WEBHOOK, 443},
    {SLICE("http://"), OUTPUT_WEBHOOK, 80},
};

static const struct scheme *
find_scheme(struct slice url)
{
    for (size_t i = 0; i < COUNT_OF(SCHEMES); i++) {
        if (slice_starts(url, SCHEMES[i].head))
            return &SCHEMES[i];
    }
    return NULL;
}

static bool
is_host_char(unsigned char c, bool is_address)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '.' || c == '_' || (is_address && c == ':');
}

static bool
is_host(struct slice host, bool is_address)
{
    for (size_t i = 0; i < host.len; i++) {
        if (!is_host_char(host.at[i], is_address))
            return false;
    }
    return host.len > 0;
}

/* "host", "host:port", "[v6]" or "[v6]:port" */
static bool
cut_authority(struct slice authority, struct output_place *out)
{
    bool is_address = slice_starts(authority, SLICE("["));
    struct slice rest = is_address ? slice_from(authority, 1) : authority;
    struct slice host = rest;
    struct slice port = {0};
    int64_t number = 0;

    if (is_address && !slice_cut(&rest, ']', &host))
        return false;
    if (is_address ? slice_starts(rest, SLICE(":")) : slice_cut(&rest, ':', &host)) {
        port = is_address ? slice_from(rest, 1) : rest;
        if (number_read(port, &number) != STATUS_OK || number < 1 || number > UINT16_MAX)
            return false;
        out->port = (uint16_t)number;
    } else if (is_address && rest.len > 0) {
        return false;
    }
    return is_host(host, is_address) && slice_to_text(host, out->host, sizeof(out->host));
}

static bool
is_plain(struct slice url)
{
    for (size_t i = 0; i < url.len; i++) {
        if (url.at[i] <= ' ' || url.at[i] >= 0x7f)
            return false;
    }
    return url.len <= OUTPUT_URL_MAX_CHARS;
}

enum status
output_place_read(struct slice url, struct output_place *out, struct failure *failure)
{
    const struct scheme *scheme = find_scheme(url);
    struct output_place place = {0};
    struct slice rest = scheme ? slice_from(url, scheme->head.len) : url;
    struct slice authority = rest;

    for (size_t i = 0; i < rest.len; i++) {
        if (rest.at[i] == '/' || rest.at[i] == '?' || rest.at[i] == '#') {
            authority.len = i;
            break;
        }
    }
    if (authority.len > 0 && memchr(authority.at, '@', authority.len))
        return failure_set(failure, STATUS_MALFORMED, "url",
                           "the address has a name or a password in it; wanted is one "
                           "without");
    if (scheme)
        place.port = scheme->port;
    if (!scheme || !is_plain(url) || !cut_authority(authority, &place) ||
        (scheme->kind != OUTPUT_WEBHOOK && authority.len != rest.len))
        return failure_set(failure, STATUS_MALFORMED, "url",
                           "'%.*s' is no place for events; wanted is tcp://HOST:PORT, "
                           "tls://HOST:PORT or https://HOST/PATH",
                           (int)(url.len < 64 ? url.len : 64), (const char *)url.at);
    place.kind = scheme->kind;
    snprintf(place.origin, sizeof(place.origin),
             strchr(place.host, ':') ? "%.*s[%s]:%u" : "%.*s%s:%u",
             SLICE_ARG(scheme->head), place.host, place.port);
    *out = place;
    return STATUS_OK;
}
