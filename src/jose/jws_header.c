/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading our protected header: THE MEMBER TABLE says what each member must be. One pass
 * of the flat scanner over 240–330 bytes, nothing allocated. Whatever names a key in the
 * message (jwk, jku, x5c, x5u) is an unknown member here: a key never comes from the
 * message. */
#include "jose/jws.h"

#include "base/auto.h"
#include "base/number.h"
#include "json/scan.h"

/* The last millisecond of the year 9999: what follows is no time that anybody means, and
 * sums with it cannot overflow. */
static const int64_t ISSUED_AT_MAX_MS = 253402300799999;

/* What is read, and where it goes. */
struct reading {
    unsigned char *json;
    struct jws_header header;
    bool has_alg;
    const char *kid_fault; /* told last: a JWS without a usable kid may still be one */
    const char *fault;
};

static bool
fault(struct reading *reading, const char *text)
{
    reading->fault = text;
    return false;
}

/* Resolves escapes where they stand. Not inlined: most headers have none, and should not
 * pay for the room on the stack. */
__attribute__((noinline)) static struct slice
unescape_in_place(struct reading *reading, const struct json_value *value)
{
    unsigned char text[JWS_HEADER_MAX_BYTES];
    size_t len = json_unescape(value, text);
    unsigned char *at = reading->json + (value->raw.at - reading->json);
    memcpy(at, text, len);
    return (struct slice){at, len};
}

static struct slice
text_in_place(struct reading *reading, const struct json_value *value)
{
    return value->has_escapes ? unescape_in_place(reading, value) : value->raw;
}

static bool
read_alg(struct reading *reading, const struct json_value *value)
{
    if (value->kind != JSON_KIND_STRING)
        return fault(reading, "\"alg\" is not a text");
    reading->header.alg_text = text_in_place(reading, value);
    if (alg_read(reading->header.alg_text, &reading->header.alg) != STATUS_OK)
        return fault(reading, "\"alg\" is neither \"ES256\" nor \"HS256\"");
    reading->has_alg = true;
    return true;
}

static bool
read_kid(struct reading *reading, const struct json_value *value)
{
    if (value->kind != JSON_KIND_STRING)
        return fault(reading, "\"kid\" is not a text");
    reading->header.kid = text_in_place(reading, value);
    reading->kid_fault = NULL;
    if (reading->header.kid.len == 0)
        reading->kid_fault = "\"kid\" is empty";
    if (reading->header.kid.len > TOKEN_ID_MAX_CHARS)
        reading->kid_fault = "\"kid\" is longer than 64 bytes";
    return true;
}

static bool
read_method(struct reading *reading, const struct json_value *value)
{
    if (value->kind != JSON_KIND_STRING)
        return fault(reading, "\"method\" is not a text");
    reading->header.method = text_in_place(reading, value);
    reading->header.has_method = true;
    return true;
}

static bool
read_content_type(struct reading *reading, const struct json_value *value)
{
    if (value->kind != JSON_KIND_STRING)
        return fault(reading, "\"content-type\" is not a text");
    reading->header.content_type = text_in_place(reading, value);
    return true;
}

static bool
read_uri(struct reading *reading, const struct json_value *value)
{
    if (value->kind != JSON_KIND_STRING)
        return fault(reading, "\"uri\" is not a text");
    reading->header.uri = text_in_place(reading, value);
    reading->header.has_uri = true;
    return true;
}

static bool
read_query(struct reading *reading, const struct json_value *value)
{
    if (value->kind != JSON_KIND_STRING)
        return fault(reading, "\"query-string\" is not a text");

    struct slice query = text_in_place(reading, value);
    if (slice_starts(query, SLICE("?"))) /* clients in the field send either */
        query = slice_from(query, 1);
    while (slice_starts(query, SLICE("&")))
        query = slice_from(query, 1);
    reading->header.query = query;
    return true;
}

static bool
read_issued_at(struct reading *reading, const struct json_value *value)
{
    int64_t at_ms = -1;
    enum status status = STATUS_MALFORMED;

    if (value->kind == JSON_KIND_NUMBER)
        status = json_read_int(value, &at_ms);
    else if (value->kind == JSON_KIND_STRING)
        status = number_read(text_in_place(reading, value), &at_ms);
    if (status != STATUS_OK || at_ms < 0)
        return fault(reading,
                     "\"issuedAt\" is neither a whole number of milliseconds nor "
                     "a text of digits");
    if (at_ms > ISSUED_AT_MAX_MS)
        return fault(reading, "\"issuedAt\" is past the year 9999");
    reading->header.issued_at_ms = at_ms;
    reading->header.has_issued_at = true;
    return true;
}

static bool
read_crit(struct reading *reading, const struct json_value *value)
{
    (void)value;
    return fault(reading, "\"crit\" is present, and we know no extension");
}

/* THE MEMBER TABLE, in the order in which most senders write them. */
static const struct member {
    struct slice name;
    bool (*read)(struct reading *reading, const struct json_value *value);
    const char *twice;
} MEMBERS[] = {
#define MEMBER(name, read)                                     \
    {                                                          \
        {(const unsigned char *)name, sizeof(name) - 1}, read, \
            "\"" name "\" appears twice"                       \
    }
    MEMBER("alg", read_alg),
    MEMBER("kid", read_kid),
    MEMBER("method", read_method),
    MEMBER("content-type", read_content_type),
    MEMBER("uri", read_uri),
    MEMBER("query-string", read_query),
    MEMBER("issuedAt", read_issued_at),
    MEMBER("crit", read_crit),
#undef MEMBER
};

/* Why the scanner refused. Slow; only for messages that are refused anyway. */
static const char *
explain(struct slice text)
{
    struct json_value object;
    struct json_value unused;

    if (json_scan(text, &object) != STATUS_OK)
        return "it is not JSON, or nested too deep";
    if (object.kind != JSON_KIND_OBJECT)
        return "it is not a JSON object";
    for (size_t i = 0; i < COUNT_OF(MEMBERS); i++) {
        if (json_find(&object, MEMBERS[i].name, &unused) == STATUS_MALFORMED)
            return MEMBERS[i].twice;
    }
    return "a member appears twice, or there are more than 64";
}

/* Names are nearly always written plainly: then this is a comparison of lengths. */
static bool
is_called(const struct json_value *name, struct slice wanted)
{
    return name->has_escapes ? json_text_is(name, wanted)
                             : slice_equal(name->raw, wanted);
}

static bool
read_member(struct reading *reading, const struct json_member *member)
{
    for (size_t i = 0; i < COUNT_OF(MEMBERS); i++) {
        if (is_called(&member->name, MEMBERS[i].name))
            return MEMBERS[i].read(reading, &member->value);
    }
    return true;
}

/* The good way; false with a fault. */
static bool
read_header(struct reading *reading, size_t len)
{
    struct json_member members[JSON_FLAT_MAX_COUNT];
    struct slice text = {reading->json, len};
    size_t count = 0;

    if (len > JWS_HEADER_MAX_BYTES)
        return fault(reading, "it is longer than 8 KiB");
    if (json_scan_flat(text, members, COUNT_OF(members), &count) != STATUS_OK)
        return fault(reading, explain(text));
    for (size_t i = 0; i < count; i++) {
        if (!read_member(reading, &members[i]))
            return false;
    }
    if (!reading->has_alg)
        return fault(reading, "\"alg\" is missing");
    return true;
}

enum status
jws_header_read(unsigned char *json, size_t len, struct jws_header *out,
                struct jws_fault *why)
{
    struct reading reading = {.json = json, .kid_fault = "\"kid\" is missing"};

    if (!read_header(&reading, len) || reading.kid_fault) {
        if (why)
            *why = reading.fault ? (struct jws_fault){.text = reading.fault}
                                 : (struct jws_fault){.text = reading.kid_fault,
                                                      .is_kid_only = true};
        return STATUS_MALFORMED;
    }
    *out = reading.header;
    return STATUS_OK;
}
