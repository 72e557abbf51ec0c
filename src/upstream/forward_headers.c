/* SPDX-License-Identifier: Apache-2.0
 *
 * Headers that stay behind. Source: RFC 9110 §7.6.1 (hop by hop). Many servers take '_'
 * for '-' in names (CGI does): a name is compared with both alike, or a caller could say
 * who he is with "Tokenhouse_Identity". */
#include "upstream/forward_headers.h"

#include "base/auto.h"

#include <assert.h>

enum { LENGTHS = 32 }; /* no name here is as long */

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

/* A table, and how long its names are: most headers are none of them by that alone. */
struct names {
    const struct slice *list;
    size_t count;
    uint32_t lengths; /* bit n: one is n bytes long; filled before main() */
};

#define NAMES(table)                              \
    {                                             \
        .list = (table), .count = COUNT_OF(table) \
    }
static struct names hop_by_hop = NAMES(HOP_BY_HOP);
static struct names only_request = NAMES(ONLY_REQUEST);
static struct names only_answer = NAMES(ONLY_ANSWER);

static void
fill_lengths(struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        assert(names->list[i].len < LENGTHS);
        names->lengths |= UINT32_C(1) << names->list[i].len;
    }
}

__attribute__((constructor)) static void
fill_all_lengths(void)
{
    fill_lengths(&hop_by_hop);
    fill_lengths(&only_request);
    fill_lengths(&only_answer);
}

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
is_in(struct slice name, const struct names *names)
{
    if (name.len >= LENGTHS || !(names->lengths >> name.len & 1))
        return false;
    for (size_t i = 0; i < names->count; i++) {
        if (is_name(name, names->list[i]))
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
filter(const struct http_header *headers, size_t count, const struct names *more,
       struct http_header *out)
{
    bool may_be_named = may_name(headers, count);
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        struct slice name = headers[i].name;
        if (is_in(name, &hop_by_hop) || is_in(name, more) ||
            begins_with(name, SLICE("tokenhouse-")) ||
            (more == &only_request && begins_with(name, SLICE("x-forwarded-"))) ||
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
    return filter(headers, count, &only_request, out);
}

size_t
forward_answer_headers(const struct http_header *headers, size_t count,
                       struct http_header *out)
{
    return filter(headers, count, &only_answer, out);
}
