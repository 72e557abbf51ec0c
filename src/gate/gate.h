/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate: the way of a request, from its bytes to its verdict (DESIGN section 3). THE
 * STEP TABLE is in gate.c. One struct gate for the house, one gate_lane for each loop. */
#ifndef GATE_GATE_H
#define GATE_GATE_H

#include "base/status.h"
#include "base/workers.h"
#include "config/config.h"
#include "crypto/seal.h"
#include "http/call.h"
#include "jose/jwk.h"
#include "keyring/keyring.h"
#include "model/operation.h"
#include "model/verdict.h"
#include "rules/route_table.h"

#include <stdbool.h>
#include <stdint.h>

struct canaries;
struct exchange;
struct key_tables;
struct refusals;
struct alarms;

/* What the gate asks of those it may not know. The house fills it. */
struct gate_ports {
    /* Is `name` asked for by name in the query's select? (api/resource.h) */
    bool (*select_names)(struct slice query, struct slice name);
    /* Answers a permitted exchange that is not inline: takes it over (it lives in its
     * call's arena) and ends with gate_finish() on the exchange's loop. False: too busy,
     * nothing taken. */
    bool (*hand_over)(void *ctx, struct exchange *x);
    /* The same for an operation of an upstream: sends the request there and its answer
     * back. Gets the lane's own exchange, within keyring_enter()/leave(), and takes what
     * it needs of it before it returns; from then on the call is answered by it. NULL:
     * nothing is forwarded. */
    bool (*forward)(void *ctx, struct exchange *x);
    /* For a gateway that does so itself: what an upstream is told of who calls (the value
     * of Tokenhouse-Identity). Good until it is asked again on this loop. False: it could
     * not be signed. NULL: nobody is told. */
    bool (*identify)(void *ctx, const struct exchange *x, struct slice *out);
    /* Writes down that a canary token was used, which `canaries` has noted, and ends with
     * gate_finish_unproved(). False: too busy, nothing taken. NULL: nobody does. */
    bool (*tell)(void *ctx, struct exchange *x);
    void *ctx;
    struct canaries *canaries; /* NULL: uses of canary tokens are not told */
    /* takes the refusals of proved requests; NULL: they are not kept */
    struct refusals *refusals;
    /* takes what people have to hear of; NULL: nobody hears of it */
    struct alarms *alarms;
    struct key_tables *tables; /* of ES256 keys; outlives the gate */
    /* signs answers on demand; NULL: they are not signed. Used on all loops */
    const struct es256_private *answer_key;
    char answer_keyid[JWK_THUMBPRINT_CHARS + 1];
};

struct gate;

/* All arguments but `ports` (copied) are borrowed for the gate's life. */
MUST_CHECK enum status gate_open(const struct config *config, struct keyring *keyring,
                                 const struct master_key *master_key,
                                 struct routes *routes, const struct gate_ports *ports,
                                 struct gate **out);
void gate_close(struct gate **gate);

/* What one loop's thread keeps for itself: scratch memory, prepared keys. */
struct gate_lane;
MUST_CHECK enum status gate_lane_open(struct gate *gate, struct gate_lane **out);
void gate_lane_close(struct gate_lane **lane);

/* Serves one call of POST /jws/validate, on the lane's thread. */
void gate_serve(struct gate_lane *lane, struct http_call *call);
/* Does an ordinary request come with a proof of who sends it? */
bool gate_is_signed(const struct http_call *call);
/* Is an API at this path, ours or one behind us, which takes requests that are signed
 * themselves? Which operations it has is told to nobody who is not known. */
bool gate_has_api(const struct gate_lane *lane, struct slice path);
/* Shall it be served before its body is here (http_streams)? When an upstream answers it
 * and nothing depends on the body. */
bool gate_streams(const struct gate_lane *lane, const struct http_call *call);
/* Serves an ordinary request that comes with one. */
void gate_serve_signed(struct gate_lane *lane, struct http_call *call);
/* Answers a gateway that asks about a request, by the setting decide_headers. */
void gate_serve_decide(struct gate_lane *lane, struct http_call *call);
/* Adds to a 401 what would be taken: WWW-Authenticate and Accept-Signature. */
void gate_add_challenge(const struct gate_lane *lane, struct slice method,
                        struct http_reply *reply);

/* The same without HTTP, for gate_serve(), tests and other doors. gate_begin() gives the
 * lane's own exchange, empty; the caller fills what is `given` in it; gate_decide() runs
 * the steps. Then it is answered (status, reply_body, retry_after_s) or handed over.
 * From gate_decide() until the exchange is done with: inside keyring_enter()/leave(). */
struct exchange *gate_begin(struct gate_lane *lane);
void gate_decide(struct exchange *x);

/* THE STEP TABLE by its names; NULL past its end. */
const char *gate_step_name(size_t index);

/* Which requests were used already outlasts a clean stop: saved when all lanes have
 * ended, loaded (and removed) before the first request. `path` is DATA/replay.bin.
 *
 * When nothing was saved, what was used before is unknown: then unsafe requests whose
 * issuedAt is before the second of this start are refused. STATUS_OK in this case too;
 * *out_is_known says which it was. */
MUST_CHECK enum status gate_replay_save(struct gate *gate, const char *path,
                                        struct failure *failure);
MUST_CHECK enum status gate_replay_load(struct gate *gate, const char *path,
                                        bool *out_is_known, struct failure *failure);

/* For who answers an exchange about one device: which of the token's device groups hold
 * the device; tells the token's shadow. `group_ids` as they stand in the store,
 * ascending. Inside keyring_enter()/leave(). */
void gate_note_groups(const struct exchange *x, const struct keyring_entry *entry,
                      const int64_t *group_ids, size_t count);

/* Ends a handed-over exchange (it was recorded when it was permitted): sends the answer.
 * On the loop's thread. Takes the bytes of `body`. */
void gate_finish(struct exchange *x, int status, struct slice content_type,
                 struct buffer *body);

/* The same for one whose answer went another way: from here on the exchange is nobody's,
 * and its operation may go. gate_finish() does it too. */
void gate_leave(struct exchange *x);

/* The same, with the answer that everybody hears who has proved nothing. */
void gate_finish_unproved(struct exchange *x);

/* Adds RateLimit-Policy and RateLimit, when limits were asked; for who answers without
 * gate_finish(). `texts` lives as long as the reply. */
struct gate_limit_texts {
    char policy[4 * 64], state[4 * 64]; /* four limits of up to 60 characters */
};
struct http_reply;
void gate_add_limits(const struct exchange *x, struct gate_limit_texts *texts,
                     struct http_reply *reply);

/* For who forwards: what of the lane's exchange waits for an upstream's answer, in the
 * call's arena; takes its place over. NULL: nothing does. Otherwise gate_dress() may be
 * called once, and gate_await_over() must be, both before the call ends. */
struct exchange *gate_await(struct exchange *x);
/* So much of the answer should be there when it is dressed, for a signature over all of
 * it; 0 = it does not matter. */
size_t gate_collects(const struct exchange *waits);
/* Adds limits and, if it is asked for and can be had, a signature. `body` NULL: it is not
 * known yet, or not sent. */
void gate_dress(void *waits, struct http_reply *reply, const struct slice *body);
void gate_await_over(void *waits);
/* A streamed body passes; at its end: is it the one that was signed? */
void gate_body(void *waits, struct slice bytes);
bool gate_body_is_right(void *waits);
/* It is not: takes the permission back, with all that follows from a refusal, instead of
 * gate_await_over(); what the request has used of limits stays used. Answers the call,
 * unless an answer `has_begun`. */
void gate_refuse_body(void *waits, bool has_begun);

/* For /metrics: how often each verdict was given. */
int64_t gate_verdict_count(const struct gate *gate, enum verdict verdict);

#endif
