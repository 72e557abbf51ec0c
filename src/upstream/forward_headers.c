/* SPDX-License-Identifier: Apache-2.0
 *
 * Headers that stay behind. Source: RFC 9110 §7.6.1 (hop by hop). Many servers take '_'
 * for '-' in names (CGI does): a name is compared with both alike, or a caller could say
 * who he is with "Tokenhouse_Identity". */
#include "upstream/forward_headers.h"

#include "base/auto.h"

/* THE TABLES of names that do not go through, in small letters. */
static const struct slice HOP_BY_HOP[] = {
    SLICE("connection"),
    SLICE("keep-alive"),
    SLICE("proxy-connection"),
    SLICE("proxy-authenticate"),
    SLICE("proxy-authorization"),
    SLICE("te"),
    SLICE("trailer"),
    SLICE("transfer-encoding"),
    SLICE("upgrade"),
    SLICE("content-length"),
    SLICE("x-request-id"),
};

static const struct slice ONLY_REQUEST[] = {
    SLICE("host"),
    SLICE("expect"),
    SLICE("forwarded"), /* who calls is ours to say; so is all of x-forwarded- */
    SLICE("x-real-ip"),
    SLICE("x-client-ip"),
    SLICE("x-cluster-client-ip"),
    SLICE("x-original-forwarded-for"),
    SLICE("true-client-ip"),
    SLICE("cf-connecting-ip"),
    SLICE("x-http-method"), /* these make another request of it than was permitted */
    SLICE("x-http-method-override"),
    SLICE("x-method-override"),
    SLICE("x-original-method"),
    SLICE("x-original-url"),
    SLICE("x-original-uri"),
    SLICE("x-original-host"),
    SLICE("x-rewrite-url"),
    SLICE("x-host"),
    SLICE("authorization"), /* for us; a bearer token is a secret */
    SLICE("signature"),     /* over another Host, and verified */
    SLICE("signature-input"),
    SLICE("accept-signature"),
};

static const struct slice ONLY_ANSWER[] = {
    SLICE("date"), /* we write our own */
};

static unsigned char
lower(unsigned char c)
{
    if (c == '_')
        return '-';
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

static bool
is_name(struct slice name, struct slice wanted)
{
    if (name.len != wanted.len)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (lower(name.at[i]) != lower(wanted.at[i]))
            return false;
    }
    return true;
}

static bool
is_in(struct slice name, const struct slice *table, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_name(name, table[i]))
            return true;
    }
    return false;
}

static bool
begins_with(struct slice name, struct slice head)
{
    return name.len > head.len && is_name(slice_head(name, head.len), head);
}

/* Does a Connection line name it? */
static bool
is_named(struct slice name, const struct http_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct slice rest = headers[i].value;
        struct slice option;
        if (!is_name(headers[i].name, SLICE("connection")))
            continue;
        while (slice_cut(&rest, ',', &option)) {
            if (is_name(slice_trim(option), name))
                return true;
        }
        if (is_name(slice_trim(rest), name))
            return true;
    }
    return false;
}

/* May a Connection line name headers? Not one that is as nearly all are. */
static bool
may_name(const struct http_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_name(headers[i].name, SLICE("connection")) &&
            !is_name(headers[i].value, SLICE("keep-alive")) &&
            !is_name(headers[i].value, SLICE("close")))
            return true;
    }
    return false;
}

static size_t
filter(const struct http_header *headers, size_t count, const struct slice *more,
       size_t more_count, bool is_request, struct http_header *out)
{
    bool may_be_named = may_name(headers, count);
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        struct slice name = headers[i].name;
        if (is_in(name, HOP_BY_HOP, COUNT_OF(HOP_BY_HOP)) ||
            is_in(name, more, more_count) || begins_with(name, SLICE("tokenhouse-")) ||
            (is_request && begins_with(name, SLICE("x-forwarded-"))) ||
            (may_be_named && is_named(name, headers, count)))
            continue;
        out[kept++] = headers[i];
    }
    return kept;
}

size_t
forward_request_headers(const struct http_header *headers, size_t count,
                        struct http_header *out)
{
    return filter(headers, count, ONLY_REQUEST, COUNT_OF(ONLY_REQUEST), true, out);
}

size_t
forward_answer_headers(const struct http_header *headers, size_t count,
                       struct http_header *out)
{
    return filter(headers, count, ONLY_ANSWER, COUNT_OF(ONLY_ANSWER), false, out);
}
