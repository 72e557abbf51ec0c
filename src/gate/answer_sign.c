/* SPDX-License-Identifier: Apache-2.0
 *
 * Signs an answer when its caller asks for it by Accept-Signature, and has proved who
 * they are: a signature costs as much as a request, and strangers get none. */
#include "gate/inside.h"

#include "base/auto.h"
#include "httpsig/accept.h"
#include "httpsig/content_digest.h"

#include <stdio.h>

enum { FIELD_MAX_BYTES = 8192 };

/* The fields of an answer as they will be sent, as far as we know them here. */
struct sent {
    struct http_header *headers;
    size_t count;
    char length[24];
};

enum { SENT_MORE_COUNT = 4 }; /* what we add to those of the reply */

static void
add_sent(struct sent *sent, struct slice name, struct slice value)
{
    sent->headers[sent->count++] = (struct http_header){name, value};
}

/* Those of a reply and those that come from elsewhere. */
static void
fill_sent(const struct exchange *x, const struct http_reply *reply,
          const struct slice *body, struct sent *sent)
{
    size_t most = reply->header_count + reply->more_count + SENT_MORE_COUNT;

    sent->headers = arena_new(http_call_arena(x->call), most * sizeof(sent->headers[0]));
    sent->count = 0;
    if (reply->content_type.len > 0)
        add_sent(sent, SLICE("Content-Type"), reply->content_type);
    add_sent(sent, SLICE("X-Request-Id"), slice_of(x->request_id));
    if (body && reply->status != 204 && reply->status != 304) {
        snprintf(sent->length, sizeof(sent->length), "%zu", body->len);
        add_sent(sent, SLICE("Content-Length"), slice_of(sent->length));
    }
    for (size_t i = 0; i < reply->header_count; i++)
        add_sent(sent, reply->headers[i].name, reply->headers[i].value);
    for (size_t i = 0; i < reply->more_count; i++)
        add_sent(sent, reply->more[i].name, reply->more[i].value);
}

static void
add_header(struct http_reply *reply, struct slice name, struct slice value)
{
    reply->headers[reply->header_count++] = (struct http_header){name, value};
}

/* Does an upstream's answer say it already? */
static bool
has_more(const struct http_reply *reply, struct slice name)
{
    for (size_t i = 0; i < reply->more_count; i++) {
        if (slice_equal_nocase(reply->more[i].name, name))
            return true;
    }
    return false;
}

/* Whoever holds a canary hears what strangers hear; and two signatures could have one
 * label. */
static bool
may_sign(const struct exchange *x, const struct http_reply *reply)
{
    struct slice unused;

    return x->is_proved && x->verdict != REFUSED_CANARY &&
           x->lane->gate->ports.answer_key &&
           reply->header_count + 3 <= HTTP_REPLY_HEADER_MAX_COUNT &&
           http_call_header(x->call, SLICE("Accept-Signature"), &unused) &&
           !has_more(reply, SLICE("Signature")) &&
           !has_more(reply, SLICE("Signature-Input"));
}

static void
add_digest(struct arena *arena, struct http_reply *reply, struct slice body)
{
    char *digest = arena_new(arena, CONTENT_DIGEST_CHARS);

    content_digest_write(body, digest);
    add_header(reply, SLICE("Content-Digest"),
               (struct slice){(unsigned char *)digest, CONTENT_DIGEST_CHARS});
}

void
answer_sign(const struct exchange *x, struct http_reply *reply, const struct slice *body)
{
    const struct gate_ports *ports = &x->lane->gate->ports;
    struct sent sent;

    if (!may_sign(x, reply))
        return;

    struct arena *arena = http_call_arena(x->call);
    struct http_reply was = *reply;
    if (body && !has_more(reply, SLICE("Content-Digest")))
        add_digest(arena, reply, *body);
    fill_sent(x, reply, body, &sent);

    struct buffer input AUTO(buffer_done) = buffer_make(FIELD_MAX_BYTES);
    struct buffer signature AUTO(buffer_done) = buffer_make(FIELD_MAX_BYTES);
    struct httpsig_message request = httpsig_message_of(x->call);
    struct httpsig_message answer = {.status = reply->status,
                                     .headers = sent.headers,
                                     .header_count = sent.count,
                                     .request = &request};
    struct httpsig_answerer answerer = {.key = ports->answer_key,
                                        .keyid = slice_of(ports->answer_keyid),
                                        .now_s = x->now_ms / 1000};
    if (httpsig_answer_sign(&answer, &answerer, &input, &signature) != STATUS_OK) {
        *reply = was;
        return;
    }
    add_header(reply, SLICE("Signature-Input"), arena_copy(arena, buffer_slice(&input)));
    add_header(reply, SLICE("Signature"), arena_copy(arena, buffer_slice(&signature)));
}
