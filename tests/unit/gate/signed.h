/* SPDX-License-Identifier: Apache-2.0
 *
 * Ordinary requests, signed here by RFC 9421, before the gate of support.h. */
#ifndef GATE_SIGNED_H
#define GATE_SIGNED_H

#include "support.h"

#include "gate/inside.h"
#include "httpsig/content_digest.h"

/* A request; what is left out is as in a good GET /v3/whoami of the token "hs". */
struct signed_ask {
    const char *token, *method, *path, *query, *body, *from;
    const char *covered; /* else all that is wanted */
    const char *more;    /* parameters behind created and keyid: ;nonce="x" */
    const char *keyid, *alg;
    bool is_es256, has_no_created, has_no_nonce, is_only_asked;
    int64_t created_s;
    const char *digest; /* another Content-Digest than the right one; "" = none */
    const char *type;   /* Content-Type */
    const struct hmac_key *hs256; /* another key than the right one */

    /* what is changed after the signing */
    const char *sent_method, *sent_path, *sent_query, *sent_body, *sent_authority;
    const char *sent_input, *sent_signature; /* instead of what was signed */
    struct http_header sent_headers[4];
    size_t sent_header_count;
};

enum { SIGNED_FIELD_BYTES = 2048 };

/* All that goes over the wire. */
struct signed_wire {
    struct http_header headers[12];
    struct httpsig_message message;
    char digest[CONTENT_DIGEST_CHARS + 1];
    char input[SIGNED_FIELD_BYTES], signature[SIGNED_FIELD_BYTES];
};

static inline void
wire_add(struct signed_wire *wire, const char *name, const char *value)
{
    wire->headers[wire->message.header_count++] =
        (struct http_header){slice_of(name), slice_of(value)};
}

static inline void
wire_set(struct httpsig_message *message, const char *method, const char *path,
         const char *query)
{
    static char target[512];

    message->method = slice_of(method);
    message->path = slice_of(path);
    message->query = query ? slice_of(query) : (struct slice){0};
    message->has_query = query != NULL;
    snprintf(target, sizeof(target), "%s%s%s", path, query ? "?" : "",
             query ? query : "");
    message->target = slice_of(target);
}

static inline void
wire_sign(const struct signed_ask *ask, struct signed_wire *wire)
{
    const char *usual = ask->body ? "\"@method\" \"@target-uri\" \"content-digest\""
                                  : "\"@method\" \"@target-uri\"";
    const char *id = ask->token ? ask->token : ask->is_es256 ? "es" : "hs";
    struct buffer input AUTO(buffer_done) = buffer_make(SIGNED_FIELD_BYTES);
    struct buffer signature AUTO(buffer_done) = buffer_make(SIGNED_FIELD_BYTES);
    struct httpsig_key key = {.es256 = ask->is_es256 ? house.es256 : NULL,
                              .hs256 = ask->is_es256 ? NULL
                                       : ask->hs256  ? ask->hs256
                                                     : house.hs256};
    struct failure failure = {0};
    static int nonce;
    char text[1024];
    char created[64] = "";
    char unique[64] = "";

    if (!ask->has_no_created)
        snprintf(created, sizeof(created), ";created=%lld",
                 (long long)(ask->created_s ? ask->created_s : NOW_MS / 1000));
    if (!ask->has_no_nonce)
        snprintf(unique, sizeof(unique), ";nonce=\"n%d\"", nonce++);
    snprintf(text, sizeof(text), "(%s)%s;keyid=\"%s\"%s%s%s%s%s",
             ask->covered ? ask->covered : usual, created, ask->keyid ? ask->keyid : id,
             unique, ask->alg ? ";alg=\"" : "", ask->alg ? ask->alg : "",
             ask->alg ? "\"" : "", ask->more ? ask->more : "");
    if (httpsig_sign(&wire->message, SLICE("sig1"), slice_of(text), &key, &input,
                     &signature, NULL, &failure) != STATUS_OK)
        fail_msg("cannot sign: %s", failure.text);
    snprintf(wire->input, sizeof(wire->input), "%.*s", SLICE_ARG(buffer_slice(&input)));
    snprintf(wire->signature, sizeof(wire->signature), "%.*s",
             SLICE_ARG(buffer_slice(&signature)));
}

static inline void
wire_make(const struct signed_ask *ask, struct signed_wire *wire)
{
    *wire = (struct signed_wire){
        .message = {.scheme = SLICE("https"), .authority = SLICE("api.example.com")}};
    wire->message.headers = wire->headers;
    wire_set(&wire->message, ask->method ? ask->method : "GET",
             ask->path ? ask->path : "/v3/whoami", ask->query);
    wire_add(wire, "Host", "api.example.com");
    if (ask->type)
        wire_add(wire, "Content-Type", ask->type);
    if (ask->body)
        content_digest_write(slice_of(ask->body), wire->digest);
    if (ask->digest)
        snprintf(wire->digest, sizeof(wire->digest), "%s", ask->digest);
    if (wire->digest[0])
        wire_add(wire, "Content-Digest", wire->digest);
    wire_sign(ask, wire);
    wire_add(wire, "Signature-Input", ask->sent_input ? ask->sent_input : wire->input);
    wire_add(wire, "Signature",
             ask->sent_signature ? ask->sent_signature : wire->signature);
    for (size_t i = 0; i < ask->sent_header_count; i++)
        wire->headers[wire->message.header_count++] = ask->sent_headers[i];
    if (ask->sent_method)
        wire->message.method = slice_of(ask->sent_method);
    if (ask->sent_path || ask->sent_query)
        wire_set(&wire->message, ask->method ? ask->method : "GET",
                 ask->sent_path ? ask->sent_path : "/v3/whoami", ask->sent_query);
    if (ask->sent_authority)
        wire->message.authority = slice_of(ask->sent_authority);
}

static inline const struct outcome *
wire_send(const struct signed_ask *ask, const struct signed_wire *wire)
{
    static struct outcome outcome;
    struct exchange *x = gate_begin(house.lane);
    const char *body = ask->sent_body ? ask->sent_body : ask->body;

    arena_reset(&house.arena);
    house.taken = NULL;
    x->door = &DOOR_SIGNED;
    x->given = &wire->message;
    x->is_only_asked = ask->is_only_asked;
    x->arena = &house.arena;
    x->message = body && !ask->is_only_asked ? slice_of(body) : (struct slice){0};
    OK(ip_read(slice_of(ask->from ? ask->from : "127.0.0.1"), &x->address));
    x->request_id = "01J9ZZZZZZZZZZZZZZZZZZZZZZ";
    x->now_ms = NOW_MS;
    x->now_ns = clock_monotonic_ns() + house.mono_ns;
    keyring_enter();
    gate_decide(x);
    keyring_leave();
    outcome =
        (struct outcome){x->verdict, x->status, x->is_handed_over, x->retry_after_s, ""};
    if (!x->is_handed_over)
        snprintf(outcome.body, sizeof(outcome.body), "%.*s", SLICE_ARG(x->reply_body));
    return &outcome;
}

static inline const struct outcome *
signed_ask(struct signed_ask ask)
{
    struct signed_wire wire;

    wire_make(&ask, &wire);
    return wire_send(&ask, &wire);
}

#define SIGNED(...) signed_ask((struct signed_ask){__VA_ARGS__})

#endif
