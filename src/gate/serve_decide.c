/* SPDX-License-Identifier: Apache-2.0
 *
 * For those who keep their own gateway: it asks whether a request may pass, and we answer
 * without doing it (docs/gateways.md). Which fields say what the request was is a
 * setting: a gateway overwrites those that it knows, and passes on whatever else a caller
 * wrote. */
#include "gate/inside.h"

#include "http/forwarded.h"
#include "http/head.h"

/* What a gateway says of the request it asks about. */
struct described {
    struct slice method, target, authority, scheme;
};

/* THE FIELDS of each way to say it. */
static const struct family {
    const char *method, *uri, *host, *proto, *body;
} FAMILIES[] = {
    [DECIDE_X_FORWARDED] = {"X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Host",
                            "X-Forwarded-Proto", "X-Forwarded-Body"},
    [DECIDE_X_ORIGINAL] = {"X-Original-Method", "X-Original-Uri", "X-Original-Host",
                           "X-Original-Proto", "X-Original-Body"},
};

static enum go
refuse_description(struct exchange *x, const char *field, const char *wanted)
{
    return refuse(x, REFUSED_BAD_REQUEST, field,
                  "the gateway that asks sends no %s, or more than one, or %s", field,
                  wanted);
}

/* ---- what the request was ---- */

static enum go
read_field(struct exchange *x, const char *name, struct slice *out)
{
    if (http_call_header(x->call, slice_of(name), out) && out->len > 0)
        return GO_ON;
    return refuse_description(x, name, "an empty one");
}

/* The gateway may say that there is a body. Its silence, or a "0", which may be a
 * caller's word, changes nothing. */
static bool
says_body(const struct exchange *x, const char *name)
{
    const struct http_request *request = http_call_request(x->call);

    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];
        if (slice_equal_nocase(header->name, slice_of(name)) &&
            !slice_equal(header->value, SLICE("0")))
            return true;
    }
    return false;
}

static enum go
read_family(struct exchange *x, const struct family *family, struct described *out)
{
    if (!slice_equal(http_call_request(x->call)->path, SLICE("/decide")))
        return refuse(x, REFUSED_NO_ROUTE, NULL, "there is /decide, and nothing else");
    if (read_field(x, family->method, &out->method) == ANSWERED ||
        read_field(x, family->uri, &out->target) == ANSWERED ||
        read_field(x, family->host, &out->authority) == ANSWERED)
        return ANSWERED;
    x->is_body_announced = says_body(x, family->body);
    return read_field(x, family->proto, &out->scheme);
}

/* Envoy asks with the request's own method, host and path, the path behind ours. */
static enum go
read_path(struct exchange *x, struct described *out)
{
    const struct http_request *request = http_call_request(x->call);

    if (!slice_starts(request->target, SLICE("/decide/")))
        return refuse(x, REFUSED_NO_ROUTE, NULL,
                      "there is /decide/ with the path that is asked about behind it");
    out->method = request->method;
    out->target = slice_from(request->target, sizeof("/decide") - 1);
    out->authority = request->authority;
    return read_field(x, "X-Forwarded-Proto", &out->scheme);
}

/* No blanks, no control characters, nothing that a request line could not hold. */
static bool
is_visible(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] <= ' ' || text.at[i] >= 0x7f)
            return false;
    }
    return text.len > 0;
}

static enum go
fill_given(struct exchange *x, const struct described *described)
{
    const struct http_request *request = http_call_request(x->call);
    struct httpsig_message *given = &x->lane->given;
    bool is_https = slice_equal_nocase(described->scheme, SLICE("https"));
    struct slice unused = {0};

    *given = (struct httpsig_message){
        .method = described->method,
        .scheme = is_https ? SLICE("https") : SLICE("http"),
        .authority = described->authority,
        .target = described->target,
        .has_query = memchr(described->target.at, '?', described->target.len) != NULL,
        .headers = request->headers,
        .header_count = request->header_count,
    };
    x->given = given;
    x->header.method = given->method; /* for the log */
    struct slice rest = given->target;
    if (!slice_cut(&rest, '?', &x->header.uri)) /* a query may hold secrets */
        x->header.uri = given->target;
    if (!token_is_valid(described->method))
        return refuse(x, REFUSED_BAD_REQUEST, "method", "that is no method");
    if (!is_https && !slice_equal_nocase(described->scheme, SLICE("http")))
        return refuse(x, REFUSED_BAD_REQUEST, "proto", "wanted is http or https");
    if (!authority_is_valid(described->authority))
        return refuse(x, REFUSED_BAD_REQUEST, "host", "that is no host");
    if (!is_visible(described->target) || described->target.at[0] != '/' ||
        !target_read(described->method, described->target, &unused, &given->path,
                     &given->query))
        return refuse(x, REFUSED_BAD_REQUEST, "uri",
                      "wanted is the path and the query, as they came");
    return GO_ON;
}

static enum go
fill_address(struct exchange *x)
{
    const struct config *config = x->lane->gate->config;
    const struct http_request *request = http_call_request(x->call);
    struct ip nobody = {0};

    /* when all in the list are proxies, or it holds something else, this comes out */
    x->address = forwarded_for(request, &nobody, config->trusted_proxies,
                               (size_t)config->trusted_proxy_count);
    if (memcmp(&x->address, &nobody, sizeof(nobody)) != 0)
        return GO_ON;
    return refuse(x, REFUSED_BAD_REQUEST, "X-Forwarded-For",
                  "the gateway that asks does not say where the request comes from");
}

static enum go
read_described(struct exchange *x)
{
    enum decide_headers from = (enum decide_headers)x->lane->gate->config->decide_headers;
    struct described described = {0};
    enum go go = from == DECIDE_PATH ? read_path(x, &described)
                                     : read_family(x, &FAMILIES[from], &described);

    if (go == GO_ON)
        go = fill_given(x, &described);
    if (go == GO_ON)
        go = fill_address(x);
    x->door = door_of(x->call);
    if (go == GO_ON && !gate_is_signed(x->call))
        go = refuse(x, REFUSED_NOT_SIGNED, NULL, "the request is not signed");
    return go;
}

/* ---- the answer ---- */

/* What is no visible ASCII is percent-encoded, and so is '%'. */
static void
add_visible(struct buffer *out, struct slice text)
{
    static const char HEX[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        if (c >= ' ' && c < 0x7f && c != '%') {
            buffer_add_byte(out, c);
            continue;
        }
        buffer_add_byte(out, '%');
        buffer_add_byte(out, (unsigned char)HEX[c >> 4]);
        buffer_add_byte(out, (unsigned char)HEX[c & 15]);
    }
}

static void
add_permissions(struct buffer *out, const struct operation *operation)
{
    const char *between = "";

    if (operation->need != OPERATION_NEEDS)
        return;
    for (size_t i = 0; i < permission_count(); i++) {
        char name[PERMISSION_NAME_MAX + 1];
        uint16_t number = permission_at(i)->number;
        if (!permission_set_has(&operation->permissions, number))
            continue;
        permission_write(number, name);
        buffer_add_text(out, between);
        add_visible(out, slice_of(name));
        between = ", ";
    }
}

/* The values of the answer's fields, one behind the other in the lane's buffer. */
struct said {
    const char *name;
    size_t start, len;
};

enum { SAID_COUNT = 6 };

static void
begin_said(struct said *said, const char *name, const struct buffer *values)
{
    *said = (struct said){name, values->len, 0};
}

static size_t
write_said(struct exchange *x, struct said said[SAID_COUNT])
{
    struct buffer *values = &x->lane->answer;
    struct slice digest = {0};
    size_t count = 0;

    buffer_clear(values);
    begin_said(&said[count++], "X-Tokenhouse-Token", values);
    add_visible(values, keyring_entry_id(x->entry));
    begin_said(&said[count++], "X-Tokenhouse-Title", values);
    add_visible(values, keyring_entry_title(x->entry));
    begin_said(&said[count++], "X-Tokenhouse-Owner", values);
    add_visible(values, slice_of(keyring_entry_owner(x->entry)->email));
    begin_said(&said[count++], "X-Tokenhouse-Operation", values);
    add_visible(values, slice_of(x->operation->id));
    begin_said(&said[count++], "X-Tokenhouse-Permissions", values);
    add_permissions(values, x->operation);
    /* whoever sees the body holds it against this; without one there may be no body */
    begin_said(&said[count++], "X-Tokenhouse-Body", values);
    if (!x->has_digest_covered ||
        !http_call_header(x->call, SLICE("Content-Digest"), &digest))
        digest = SLICE("none");
    buffer_add(values, digest);
    for (size_t i = 0; i < count; i++)
        said[i].len = (i + 1 < count ? said[i + 1].start : values->len) - said[i].start;
    return count;
}

/* Who calls, as an upstream is told by us, for the gateway to hand on. */
static bool
add_identity(struct exchange *x)
{
    const struct gate_ports *ports = &x->lane->gate->ports;
    struct gate_lane *lane = x->lane;
    struct slice identity = {0};

    if (!x->operation->upstream || !ports->identify)
        return true;
    if (!ports->identify(ports->ctx, x, &identity))
        return false;
    lane->said[lane->said_count++] =
        (struct http_header){SLICE("Tokenhouse-Identity"), identity};
    return true;
}

/* Inside the keyring still: the fields are copied into the lane. */
bool
decide_write(struct exchange *x)
{
    struct gate_lane *lane = x->lane;
    struct said said[SAID_COUNT];
    size_t count = write_said(x, said);

    for (size_t i = 0; i < count; i++)
        lane->said[i] = (struct http_header){
            slice_of(said[i].name), {lane->answer.at + said[i].start, said[i].len}};
    lane->said_count = count;
    x->status = 200;
    return add_identity(x);
}

void
gate_serve_decide(struct gate_lane *lane, struct http_call *call)
{
    struct exchange *x = gate_begin(lane);
    struct http_reply reply;

    lane->said_count = 0;
    x->door = &DOOR_SIGNED;
    x->is_only_asked = true;
    serve_begin(x, call);
    if (read_described(x) == GO_ON)
        serve_decide(x);
    else
        record(x);
    serve_reply(x, &reply);
    if (x->verdict == PERMITTED) {
        reply.content_type = reply.body = (struct slice){0};
        memcpy(&reply.headers[reply.header_count], lane->said,
               lane->said_count * sizeof(lane->said[0]));
        reply.header_count += lane->said_count;
    } else { /* a gateway that cannot pass our answer on can pass a field on */
        reply.headers[reply.header_count++] =
            (struct http_header){SLICE("Tokenhouse-Refusal"), x->reply_body};
    }
    http_call_answer(call, &reply);
}
