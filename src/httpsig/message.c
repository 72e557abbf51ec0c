/* SPDX-License-Identifier: Apache-2.0
 *
 * The values of components: what a message says, written as both sides must write it.
 * Source: RFC 9421 §2.1 (fields), §2.2 (derived). */
#include "httpsig/message.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "base/hex.h"
#include "base/percent.h"

#define SHOWN(s) (int)((s).len < 100 ? (s).len : 100), (const char *)(s).at

struct httpsig_message
httpsig_message_of(const struct http_call *call)
{
    const struct http_request *request = http_call_request(call);

    return (struct httpsig_message){
        .method = request->method,
        .scheme = http_call_is_https(call) ? SLICE("https") : SLICE("http"),
        .authority = request->authority,
        .target = request->target,
        .path = request->path,
        .query = request->query,
        .has_query = request->target.len > 0 &&
                     memchr(request->target.at, '?', request->target.len) != NULL,
        .headers = request->headers,
        .header_count = request->header_count,
    };
}

/* ---- derived ---- */

/* In lower case and without the port that the scheme implies (RFC 9110 §4.2.3). */
static void
write_authority(const struct httpsig_message *message, struct buffer *out)
{
    struct slice authority = message->authority;
    struct slice usual =
        slice_equal(message->scheme, SLICE("https")) ? SLICE(":443") : SLICE(":80");

    if (slice_ends(authority, usual))
        authority.len -= usual.len;
    for (size_t i = 0; i < authority.len; i++) {
        unsigned char c = authority.at[i];
        buffer_add_byte(out, c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c);
    }
}

static void
write_path(const struct httpsig_message *message, struct buffer *out)
{
    buffer_add(out, message->path.len > 0 ? message->path : SLICE("/"));
}

static void
write_target_uri(const struct httpsig_message *message, struct buffer *out)
{
    buffer_add(out, message->scheme);
    buffer_add_text(out, "://");
    write_authority(message, out);
    write_path(message, out);
    if (message->has_query)
        buffer_add_byte(out, '?');
    buffer_add(out, message->query);
}

/* ---- one parameter of the query, RFC 9421 §2.2.8 ---- */

/* The next byte of a form, decoded: "+" is a blank, %XX a byte, all else itself. */
static unsigned char
next_byte(struct slice *text)
{
    unsigned char c = text->at[0];

    *text = slice_from(*text, 1);
    if (c == '+')
        return ' ';
    if (c != '%' || text->len < 2 || hex_value(text->at[0]) < 0 ||
        hex_value(text->at[1]) < 0)
        return c;
    c = (unsigned char)(hex_value(text->at[0]) << 4 | hex_value(text->at[1]));
    *text = slice_from(*text, 2);
    return c;
}

/* The percent-encode set of forms in the URL standard, with %20 for a blank. */
static bool
is_kept(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '*' || c == '-' || c == '.' || c == '_';
}

static void
write_form_text(struct buffer *out, struct slice text)
{
    static const char HEX[] = "0123456789ABCDEF";

    while (text.len > 0) {
        unsigned char c = next_byte(&text);
        if (is_kept(c)) {
            buffer_add_byte(out, c);
            continue;
        }
        buffer_add_byte(out, '%');
        buffer_add_byte(out, (unsigned char)HEX[c >> 4]);
        buffer_add_byte(out, (unsigned char)HEX[c & 15]);
    }
}

static bool
is_same_text(struct slice a, struct slice b)
{
    while (a.len > 0 && b.len > 0) {
        if (next_byte(&a) != next_byte(&b))
            return false;
    }
    return a.len == 0 && b.len == 0;
}

static enum status
write_query_param(const struct httpsig_message *message, struct slice wanted,
                  struct buffer *out, struct failure *failure)
{
    struct slice rest = message->query;
    struct slice value = {0};
    size_t count = 0;

    while (rest.len > 0) {
        struct slice pair = rest;
        struct slice name = {0};
        if (!slice_cut(&rest, '&', &pair))
            rest.len = 0;
        if (!slice_cut(&pair, '=', &name)) {
            name = pair;
            pair.len = 0;
        }
        if (name.len > 0 && is_same_text(name, wanted)) {
            value = pair;
            count++;
        }
    }
    if (count != 1)
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "the query has %zu parameters \"%.*s\"; one can be covered by "
                           "\"@query-param\"",
                           count, SHOWN(wanted));
    write_form_text(out, value);
    return STATUS_OK;
}

/* ---- fields ---- */

enum field_form { FORM_UNKNOWN = 0, FORM_DICTIONARY, FORM_LIST };

/* THE FIELDS whose structure we know, for ;sf and ;key: a text can be more than one kind
 * of structure, and would then be written in more than one way. */
static const struct structured {
    struct slice name;
    enum field_form form;
} STRUCTURED[] = {
    {SLICE("accept-signature"), FORM_DICTIONARY},
    {SLICE("cache-status"), FORM_LIST},
    {SLICE("content-digest"), FORM_DICTIONARY},
    {SLICE("priority"), FORM_DICTIONARY},
    {SLICE("proxy-status"), FORM_LIST},
    {SLICE("repr-digest"), FORM_DICTIONARY},
    {SLICE("signature"), FORM_DICTIONARY},
    {SLICE("signature-input"), FORM_DICTIONARY},
    {SLICE("want-content-digest"), FORM_DICTIONARY},
    {SLICE("want-repr-digest"), FORM_DICTIONARY},
};

static enum field_form
form_of(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(STRUCTURED); i++) {
        if (slice_equal(STRUCTURED[i].name, name))
            return STRUCTURED[i].form;
    }
    return FORM_UNKNOWN;
}

/* Walks the lines of one field. `at` begins with 0. */
static bool
next_line(const struct httpsig_message *message, struct slice name, size_t *at,
          struct slice *out)
{
    for (; *at < message->header_count; (*at)++) {
        const struct http_header *header = &message->headers[*at];
        if (header->name.len != name.len || !slice_equal_nocase(header->name, name))
            continue;
        *out = slice_trim(header->value);
        (*at)++;
        return true;
    }
    return false;
}

static enum status
fail_field(const struct httpsig_component *component, const char *what,
           struct failure *failure)
{
    return failure_set(failure, STATUS_MALFORMED, NULL, "the field \"%.*s\" %s",
                       SHOWN(component->name), what);
}

static void
write_bytes(struct buffer *out, struct slice bytes)
{
    buffer_add_byte(out, ':');
    unsigned char *at = buffer_reserve(out, BASE64_MAX_CHARS(bytes.len) + 1);
    if (at)
        out->len += base64_encode(bytes, (char *)at);
    buffer_add_byte(out, ':');
}

/* The lines as they are, joined; with ;bs each as a byte sequence. */
static enum status
write_lines(const struct httpsig_message *message,
            const struct httpsig_component *component, struct buffer *out,
            struct failure *failure)
{
    struct slice line;
    size_t count = 0;

    for (size_t at = 0; next_line(message, component->name, &at, &line); count++) {
        if (count > 0)
            buffer_add_text(out, ", ");
        if (component->is_bs)
            write_bytes(out, line);
        else
            buffer_add(out, line);
    }
    return count > 0 ? STATUS_OK
                     : fail_field(component, "is covered and not there", failure);
}

/* Writes the members of one line behind those of others; with ;key only the value of
 * that one. False: it is not a dictionary. */
static bool
write_members(const struct httpsig_component *component, struct slice line,
              struct buffer *out, size_t *count)
{
    struct sf_member member;
    enum sf_cut cut;

    if (!sf_dictionary_is_valid(line))
        return false;
    while ((cut = sf_next_member(&line, &member)) == SF_ONE) {
        bool is_wanted = slice_equal(member.key, component->key);
        if (component->has_key && !is_wanted)
            continue;
        if (!component->has_key && *count > 0)
            buffer_add_text(out, ", ");
        if (component->has_key)
            sf_write_value(out, &member.value);
        else
            sf_write_member(out, &member);
        (*count)++;
    }
    return cut == SF_NO_MORE;
}

static bool
write_values(struct slice line, struct buffer *out, size_t *count)
{
    struct sf_value value;
    enum sf_cut cut;

    while ((cut = sf_next_value(&line, &value)) == SF_ONE) {
        if ((*count)++ > 0)
            buffer_add_text(out, ", ");
        sf_write_value(out, &value);
    }
    return cut == SF_NO_MORE;
}

/* ;sf and ;key. A field of several lines is taken only as far as no key could be there
 * twice: with ;key, or in one line. */
static enum status
write_structured(const struct httpsig_message *message,
                 const struct httpsig_component *component, struct buffer *out,
                 struct failure *failure)
{
    enum field_form form = form_of(component->name);
    struct slice line;
    size_t line_count = 0;
    size_t count = 0;

    if (form == FORM_UNKNOWN || (component->has_key && form != FORM_DICTIONARY))
        return fail_field(component,
                          "is none whose structure we know, so it cannot be covered by "
                          "\"sf\" or \"key\"",
                          failure);
    for (size_t at = 0; next_line(message, component->name, &at, &line); line_count++) {
        bool is_read = form == FORM_LIST ? write_values(line, out, &count)
                                         : write_members(component, line, out, &count);
        if (!is_read)
            return fail_field(component, "is not the structured field that it should be",
                              failure);
    }
    if (line_count == 0)
        return fail_field(component, "is covered and not there", failure);
    if (line_count > 1 && form == FORM_DICTIONARY && !component->has_key)
        return fail_field(component, "has several lines, which \"sf\" cannot cover",
                          failure);
    if (component->has_key && count != 1)
        return fail_field(component, "has no such member, or it more than once", failure);
    return STATUS_OK;
}

static enum status
write_field(const struct httpsig_message *message,
            const struct httpsig_component *component, struct buffer *out,
            struct failure *failure)
{
    if (component->is_sf || component->has_key)
        return write_structured(message, component, out, failure);
    /* HTTP/2 carries it as :authority, and a proxy may have sent its own */
    if (slice_equal(component->name, SLICE("host")) && !component->is_bs &&
        message->authority.len > 0) {
        buffer_add(out, message->authority);
        return STATUS_OK;
    }
    return write_lines(message, component, out, failure);
}

/* ---- all of them ---- */

static enum status
write_of_request(const struct httpsig_message *message,
                 const struct httpsig_component *component, struct buffer *out,
                 struct failure *failure)
{
    switch (component->part) {
    case PART_METHOD:
        buffer_add(out, message->method);
        return STATUS_OK;
    case PART_TARGET_URI:
        write_target_uri(message, out);
        return STATUS_OK;
    case PART_AUTHORITY:
        write_authority(message, out);
        return STATUS_OK;
    case PART_SCHEME:
        buffer_add(out, message->scheme);
        return STATUS_OK;
    case PART_REQUEST_TARGET:
        buffer_add(out, message->target);
        return STATUS_OK;
    case PART_PATH:
        write_path(message, out);
        return STATUS_OK;
    case PART_QUERY:
        buffer_add_byte(out, '?');
        buffer_add(out, message->query);
        return STATUS_OK;
    case PART_QUERY_PARAM:
        return write_query_param(message, component->key, out, failure);
    case PART_FIELD:
        return write_field(message, component, out, failure);
    case PART_STATUS:
        break;
    }
    return failure_set(failure, STATUS_MALFORMED, NULL, "a request has no \"@status\"");
}

static enum status
write_of_answer(const struct httpsig_message *message,
                const struct httpsig_component *component, struct buffer *out,
                struct failure *failure)
{
    if (component->part == PART_FIELD)
        return write_field(message, component, out, failure);
    if (component->part != PART_STATUS)
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "an answer has no \"%.*s\"; its request has, with \"req\"",
                           SHOWN(component->name));
    buffer_add_int(out, message->status);
    return STATUS_OK;
}

enum status
httpsig_component_write(const struct httpsig_message *message,
                        const struct httpsig_component *component, struct buffer *out,
                        struct failure *failure)
{
    if (!component->is_of_request)
        return message->status ? write_of_answer(message, component, out, failure)
                               : write_of_request(message, component, out, failure);
    if (!message->request)
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "\"%.*s\" has \"req\", and there is no request that this one "
                           "answers",
                           SHOWN(component->name));
    return write_of_request(message->request, component, out, failure);
}
