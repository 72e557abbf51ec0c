/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of this folder share: the gate, its lanes, the steps and how they
 * refuse. */
#ifndef GATE_INSIDE_H
#define GATE_INSIDE_H

#include "base/buffer.h"
#include "base/limits.h"
#include "gate/exchange.h"
#include "gate/gate.h"
#include "gate/replay.h"
#include "httpsig/signature.h"
#include "jose/bearer.h"
#include "keyring/key_tables.h"
#include "keyring/keycache.h"
#include "rules/needs.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    /* 43 characters for a MAC, 86 for R ‖ S, 96 for DER by mistake; longer is no
     * signature of ours, and is not decoded */
    SIGNATURE_MAX_CHARS = 512,
    OPERATION_ID_BYTES = 128,
    OPERATION_RATE_MAX_COUNT = 32,
    WORDS_MAX_BYTES = 512,          /* one sentence */
    ANSWER_FIRST_BYTES = 16 * 1024, /* there before the first request */
    ANSWER_MAX_BYTES = 512 * 1024,  /* whoami with 256 device groups of long names */
    LISTED_MAX_BYTES = 32 * 1024,   /* all of the catalogue: 255 names of up to 120 */
};

/* A row of the setting operation_rates. */
struct operation_rate {
    char id[OPERATION_ID_BYTES];
    struct rate rate;
    _Atomic int64_t arrival_ns;
};

struct gate {
    const struct config *config;
    struct keyring *keyring;
    const struct master_key *master_key;
    struct routes *routes;
    struct gate_ports ports;
    struct replay *replay;
    /* Unsafe requests that were issued before are refused: we cannot know whether they
     * were used. INT64_MIN = we do know. */
    int64_t issued_least_ms;
    _Atomic int64_t account_rate_ns;
    struct operation_rate operation_rates[OPERATION_RATE_MAX_COUNT];
    size_t operation_rate_count;
    uint8_t dummy_point[PUBLIC_KEY_BYTES]; /* nobody has its private key */

    pthread_mutex_t lanes_lock; /* not on the way of a request */
    struct gate_lane *lanes;
    int64_t verdicts[VERDICT_COUNT]; /* of lanes that have ended */
};

/* One for each loop. Its counters are alone on their lines of the processor's cache. */
struct gate_lane {
    struct gate *gate;
    struct gate_lane *next;
    struct exchange x;
    struct keycache *keys;
    struct key_tables_turn tables_turn;
    struct hmac_key *dummy_hs256; /* an unknown token is verified too: the same time */
    struct es256_key *dummy_es256;
    struct buffer answer;
    struct buffer listed; /* listed_rights as a JSON array, for whoami */
    struct permission_set listed_rights;
    char words[WORDS_MAX_BYTES];
    struct gate_limit_texts limit_texts;
    unsigned char header[JWS_HEADER_MAX_BYTES];
    unsigned char signature[SIGNATURE_MAX_CHARS];
    unsigned char *payload; /* JWS_MAX_BYTES decoded */

    /* the second door */
    struct httpsig_message given;
    struct httpsig_input input;
    struct buffer base; /* what is signed; HTTPSIG_BASE_MAX_BYTES */
    unsigned char keyid[TOKEN_ID_MAX_CHARS];
    struct http_header said[HTTP_REPLY_HEADER_MAX_COUNT]; /* to a gateway that asks */
    size_t said_count;
    char retry_after[24];

    int64_t log_second_s; /* refusals are logged up to a number a second */
    int64_t log_count, log_suppressed_count;
    _Atomic int64_t verdicts[VERDICT_COUNT]; /* written by this lane only */
};

/* A step goes on, or it has answered; the first answer ends the way. */
enum go { GO_ON, ANSWERED };

/* What differs by the way a request came in; everything else is the same for all. */
struct door {
    const char *name;                       /* for the log */
    const char *moment;                     /* what it calls the time of signing */
    bool is_request_itself;                 /* what is asked for is the HTTP request */
    bool is_unsigned;                       /* when it was made, nobody knows */
    enum go (*read)(struct exchange *x);    /* is it one message within limits? */
    enum go (*header)(struct exchange *x);  /* who asks for what? fills x->header */
    enum go (*payload)(struct exchange *x); /* what is given with it? asked when it is
                                               known who sent it and what they want */
};

extern const struct door DOOR_JWS;    /* POST /jws/validate */
extern const struct door DOOR_BEARER; /* the same with a bearer token */
extern const struct door DOOR_SIGNED; /* an ordinary request, RFC 9421 */

/* What explain does with a step, and what it must know before the step can be asked: so
 * that it goes on behind a refusal with the questions that still make sense. */
enum explains {
    EXPLAIN_RUNS = 1,   /* the very same step; it uses nothing up when x->is_described */
    EXPLAIN_LEAVES_OUT, /* it needs a signature, or does something */
};
enum {
    KNOWS_MESSAGE = 1 << 0, /* it could be taken apart */
    KNOWS_HEADER = 1 << 1,
    KNOWS_TOKEN = 1 << 2,
    KNOWS_ADDRESS = 1 << 3,
    KNOWS_OPERATION = 1 << 4,
};

/* A row of THE STEP TABLE. */
struct gate_step {
    const char *name;
    enum go (*run)(struct exchange *x);
    enum explains explains;
    unsigned needs;   /* KNOWS_… */
    bool is_shadowed; /* it asks for a right that a tightened set may lack */
};
const struct gate_step *gate_step(size_t index); /* NULL past its end */

enum go step_read(struct exchange *x);
enum go step_header(struct exchange *x);
enum go step_token(struct exchange *x);
enum go step_signature(struct exchange *x);
enum go step_canary(struct exchange *x);
enum go step_address(struct exchange *x);
enum go step_life(struct exchange *x);
enum go step_fresh(struct exchange *x);
enum go step_once(struct exchange *x);
enum go step_route(struct exchange *x);
enum go step_licence(struct exchange *x);
enum go step_permission(struct exchange *x);
enum go step_rate(struct exchange *x);
enum go step_answer(struct exchange *x);
/* Always, and last: metrics and the log; nothing that can fail. */
void record(struct exchange *x);
/* Which of its rights the token has used: for the suggestion of less. Part of record(),
 * but before a request is sent on to an upstream: it looks into the body, and the call
 * may have been answered, and its body be gone, when record() is called. */
void record_rights(const struct exchange *x);

/* What the token has; or its shadow, when that is asked. */
const struct permission_set *exchange_permissions(const struct exchange *x);
const struct ip_range *exchange_addresses(const struct exchange *x, size_t *out_count);
/* Asks the steps that look at rights once more, of the token's shadow, when it has one.
 * Changes nothing but x->shadowed. */
void shadow_ask(struct exchange *x);
/* Counts what it said about a request that was let in. */
void shadow_note(const struct exchange *x);

/* Refuses, and says why in words: the vendor's error form with our precise code.
 *   field  which input, by its public name; NULL = none */
__attribute__((format(printf, 4, 5))) enum go refuse(struct exchange *x, enum verdict why,
                                                     const char *field,
                                                     const char *format, ...);
/* The uses of the token are used up. */
enum go refuse_used_up(struct exchange *x);
/* Refuses a caller who has proved nothing: one and the same answer, whatever was wrong.
 */
enum go refuse_unproved(struct exchange *x, enum verdict why);

/* A copy in the call's arena that needs neither the lane nor the keyring nor the message:
 * for who answers it later. */
struct exchange *exchange_take_along(const struct exchange *x);

/* So much of `from` as fits, never half a character of the names we give out. */
void keep_text(char *out, size_t size, struct slice from);

/* Does the operation ask over all of the token's device groups? One that tells of a
 * single device, or changes one, does not: whoever answers it notes the groups that hold
 * it. */
bool is_over_all_groups(const struct operation *operation);

/* Does what the operation needs depend on the body? */
bool looks_into_body(const struct operation *operation);
/* Is it application/json, or does it end with +json? */
bool is_json_type(struct slice content_type);

/* What of the exchange its needs depend on. */
struct needs_request needs_request_of(const struct exchange *x);

/* What is given with a request that is what is asked for: its body. */
enum go signed_payload(struct exchange *x);
const struct door *door_of(const struct http_call *call);
/* The bearer token of a request; false when it has none of ours. */
bool bearer_of(const struct http_request *request, struct slice *out);

/* Serving a call: begin, decide (inside the keyring), reply. */
void serve_begin(struct exchange *x, struct http_call *call);
void serve_decide(struct exchange *x);
void serve_reply(struct exchange *x, struct http_reply *out);
/* Adds Content-Digest, Signature-Input and Signature to an answer with this body, when
 * its caller asked for them and they can be had. NULL: the body is not known. */
void answer_sign(const struct exchange *x, struct http_reply *reply,
                 const struct slice *body);
/* Writes what a gateway that asks is told of a permitted exchange. False: not all of it
 * can be said. */
bool decide_write(struct exchange *x);

/* Writes the answer of GET /v3/whoami into the lane. */
void whoami_write(struct exchange *x);

/* May the request be repeated without harm? (RFC 9110 §9.2.1) */
static inline bool
is_safe_method(struct slice method)
{
    return slice_equal(method, SLICE("GET")) || slice_equal(method, SLICE("HEAD"));
}

/* For "%.*s" with what came from outside: so much of it is shown. */
#define SHOWN(s) (int)((s).len < 100 ? (s).len : 100), (const char *)(s).at

#endif
