/* SPDX-License-Identifier: Apache-2.0
 *
 * One request and its reply, and everything we found out on the way. Each field is filled
 * by one step; the steps after it may rely on it. While the steps run, an exchange lies
 * in its lane and points into the message, the lane and the keyring; one that is handed
 * over is a copy in the call's arena, which points nowhere else (but to its operation).
 */
#ifndef GATE_EXCHANGE_H
#define GATE_EXCHANGE_H

#include "base/arena.h"
#include "base/ip.h"
#include "base/slice.h"
#include "httpsig/content_digest.h"
#include "jose/jws.h"
#include "keyring/keyring.h"
#include "model/limit.h"
#include "model/operation.h"
#include "model/verdict.h"
#include "rules/route_table.h"
#include "json/scan.h"

#include <stdbool.h>
#include <stdint.h>

/* A limit that was asked, for the fields RateLimit and RateLimit-Policy. */
struct limit_shown {
    const char *name; /* static */
    struct rate rate;
    int64_t left, reset_s;
};

struct door;
struct gate_lane;
struct http_call;
struct httpsig_message;
struct keyring_shadow;

struct exchange {
    /* given, by whoever opens the door */
    const struct door *door; /* the way it came in */
    struct gate_lane *lane;
    struct http_call *call;              /* who waits for the answer; NULL = nobody */
    struct arena *arena;                 /* where it lives when it is handed over */
    struct slice message;                /* the body, as it came */
    const struct httpsig_message *given; /* what is signed, when it is the request */
    bool is_body_announced;              /* by the gateway: there is one */
    bool is_body_streamed;  /* it comes when it is permitted, and goes on as it comes */
    bool is_only_asked;     /* by a gateway, which keeps the body and does it itself */
    struct ip address;      /* who asks */
    const char *request_id; /* closed */
    int64_t now_ms;         /* taken once: every step lives in the same moment */
    int64_t now_ns;         /* monotonic, of the same moment */
    bool is_described;      /* nobody sent it, explain asks: it uses nothing up */

    /* read */
    struct jws jws;
    unsigned char *header_json; /* decoded; in the lane */
    size_t header_len;
    struct slice payload;      /* decoded; not looked at before the signature holds */
    struct slice signature;    /* decoded */
    struct slice signed_bytes; /* what the signature is over */

    /* header */
    struct jws_header header;
    int64_t expires_at_s;    /* of the signature; 0 = it does not say */
    struct slice tag;        /* of the signature; still escaped */
    bool has_digest_covered; /* the signature covers Content-Digest */

    /* token; NULL when there is none, and always in a handed-over exchange */
    const struct keyring_entry *entry;
    /* Why it is refused whatever the signature says; PERMITTED = for no reason. */
    enum verdict hidden;

    /* signature */
    bool is_proved;
    bool has_digest;
    uint8_t digest[ES256_DIGEST_BYTES]; /* of the signing input */

    /* address */
    size_t address_place; /* among the token's approved addresses */

    /* route */
    /* Where the operation stands; a handed-over exchange holds it, if an upstream
     * answers. */
    const struct route_table *table;
    const struct operation *operation;
    struct route_match match; /* parameters: still encoded; decoded when handed over */
    struct json_value data;   /* the value of "data"; JSON_KIND_NONE = there is none */
    struct content_digest
        body_digest; /* of a streamed body; nothing = nobody signed it */

    /* permission */
    struct permission_set rights; /* what the token may do now */

    /* Whose set the steps ask instead of the token's: then nobody hears the answer.
     * NULL = the token's own. */
    const struct keyring_shadow *shadow;
    unsigned shadowed; /* SHADOWED_… (gate/inside.h): what the token's shadow said */

    /* rate */
    struct keyring_allowance *place; /* given back at the end; NULL = none */
    struct limit_shown limits[4];
    size_t limit_count;

    /* answer: for api/ */
    struct slice body; /* data.raw, a string with its quotes; empty = there is none */
    struct slice token_id, token_title;
    const int64_t *group_ids; /* rows are limited to these; none = all devices */
    size_t group_count;
    char address_text[IP_TEXT_MAX + 1];
    bool is_handed_over;

    /* the reply, when it is not handed over */
    enum verdict verdict;
    int status;
    struct slice reply_body; /* JSON; in the lane */
    int64_t retry_after_s;   /* 0 = no such header */
    const char *words;       /* of a refusal: for log and explain; may be "" */
};

#endif
