/* SPDX-License-Identifier: Apache-2.0
 *
 * A gate over a real store and keyring, without sockets: requests are signed here, go the
 * whole way, and what came of them is kept. The wall clock of a request stands at NOW_MS.
 */
#ifndef GATE_SUPPORT_H
#define GATE_SUPPORT_H

#include "../keyring/support.h"

#include "base/base64url.h"
#include "gate/exchange.h"
#include "gate/gate.h"
#include "jose/jws.h"
#include "keyring/key_tables.h"
#include "rules/alarms.h"
#include "rules/canaries.h"
#include "rules/refusals.h"
#include "json/scan.h"

static const int64_t NOW_MS = 1800000000000;

#define SECRET                                                                         \
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-the-secret-of-88-" \
    "chars-=="

/* What came of a request. */
struct outcome {
    enum verdict verdict;
    int status;
    bool is_handed_over;
    int64_t retry_after_s;
    char body[16 * 1024];
};

struct gatehouse {
    struct refusals *refusals;
    struct alarms *alarms;
    struct canaries *canaries;
    struct key_tables *tables;
    struct place place;
    struct config config;
    struct routes *routes;
    struct gate *gate;
    struct gate_lane *lane;
    struct es256_private *es256;
    struct hmac_key *hs256;
    struct arena arena;
    struct exchange *taken;     /* the last that was handed over */
    struct exchange *forwarded; /* the last that was for an upstream */
    bool is_forwarding;         /* the gate has a port for these */
    bool is_busy;               /* the workers take nothing */
    int64_t mono_ns;            /* how far the monotonic clock was moved */
};

/* A request; what is left out is as in a good GET /v3/whoami of the token "hs". */
struct ask {
    const char *token, *method, *uri, *query, *payload, *from;
    bool is_es256;
    int64_t issued_at_ms;
    const struct hmac_key *hs256; /* another key than the right one */
    const struct es256_private *es256;
};

static struct gatehouse house;

static inline bool
house_select_names(struct slice query, struct slice name)
{
    return slice_starts(query, SLICE("select=")) &&
           memmem(query.at, query.len, name.at, name.len) != NULL;
}

static inline bool
house_take(void *ctx, struct exchange *x)
{
    struct gatehouse *gatehouse = ctx;

    if (gatehouse->is_busy)
        return false;
    gatehouse->taken = x;
    return true;
}

static inline bool
house_forward(void *ctx, struct exchange *x)
{
    struct gatehouse *gatehouse = ctx;

    if (gatehouse->is_busy)
        return false;
    gatehouse->forwarded = x;
    return true;
}

#define ONE(number)                 \
    {                               \
        {                           \
            (uint64_t)1 << (number) \
        }                           \
    }

static const struct operation OPERATIONS[] = {
    {.id = "get-whoami",
     .method = "GET",
     .path = "/v3/whoami",
     .need = OPERATION_OPEN_TO_ALL},
    {.id = "get-devices",
     .method = "GET",
     .path = "/v3/reporting/devices",
     .need = OPERATION_NEEDS,
     .permissions = {{(uint64_t)1 << PERMISSION_DEVICE_FIELDS_VIEW |
                      (uint64_t)1 << PERMISSION_DEVICE_REPORTS_VIEW}},
     .whens = (const struct operation_when[]){{.kind = WHEN_FIELD,
                                               .name = "geoData",
                                               .permissions =
                                                   ONE(PERMISSION_GEOLOCATION_VIEW)}},
     .when_count = 1},
    {.id = "put-fields",
     .method = "PUT",
     .path = "/v3/fields/{deviceUid}",
     .need = OPERATION_NEEDS,
     .permissions = ONE(PERMISSION_DEVICE_REPORTS_VIEW),
     .whens =
         (const struct operation_when[]){
             {.kind = WHEN_QUERY,
              .name = "unenroll",
              .equals = "true",
              .permissions = ONE(PERMISSION_UNENROLL_DEVICE_PERFORM)},
             {.kind = WHEN_BODY,
              .name = "/unenroll",
              .equals = "true",
              .permissions = ONE(PERMISSION_UNENROLL_DEVICE_PERFORM)}},
     .when_count = 2},
    {.id = "get-manage",
     .method = "GET",
     .path = "/v3/manage",
     .need = OPERATION_NEEDS,
     .permissions = ONE(PERMISSION_DEVICE_FIELDS_MANAGE)},
    {.id = "get-closed", .method = "GET", .path = "/v3/closed"},
    {.id = "get-licensed",
     .method = "GET",
     .path = "/v3/licensed",
     .need = OPERATION_OPEN_TO_ALL,
     .licences = {"Control", "Resilience"},
     .licence_count = 2},
};

/* Tokens "hs" and "es", which may View device fields and reports. */
static inline struct token
house_token(const char *id, bool is_es256)
{
    struct token token = place_token(&house.place, id);

    permission_set_add(&token.permissions, PERMISSION_DEVICE_FIELDS_VIEW);
    if (is_es256) {
        es256_private_point(house.es256, token.public_key);
        return token;
    }
    token.alg = ALG_HS256;
    memset(token.public_key, 0, sizeof(token.public_key));
    token.sealed_len = strlen(SECRET) + SEAL_EXTRA_BYTES;
    seal_close(house.place.master_key, slice_of(id), SLICE(SECRET), token.sealed);
    return token;
}

static inline void
house_add(const struct token *token)
{
    place_add(&house.place, token);
    OK(keyring_follow(house.place.keyring));
}

static inline void
house_open_gate(void)
{
    struct gate_ports ports = {.select_names = house_select_names,
                               .hand_over = house_take,
                               .forward = house.is_forwarding ? house_forward : NULL,
                               .ctx = &house,
                               .refusals = house.refusals,
                               .alarms = house.alarms,
                               .canaries = house.canaries,
                               .tables = house.tables};

    OK(gate_open(&house.config, house.place.keyring, house.place.master_key, house.routes,
                 &ports, &house.gate));
    OK(gate_lane_open(house.gate, &house.lane));
}

static inline void
house_close_gate(void)
{
    gate_lane_close(&house.lane);
    gate_close(&house.gate);
}

/* Puts a table with these operations in force; nobody is looking at the one before. */
static inline void
house_put_routes(const struct operation *operations, size_t count)
{
    struct route_source *source = route_source_new();
    struct route_table *table = NULL;
    struct failure failure = {0};

    source->operations = operations;
    source->operation_count = count;
    OK(route_table_new(&source, 1, &table, &failure));
    route_source_drop(&source);
    const struct route_table *old = routes_put(house.routes, table);
    route_table_drop(&old);
}

static int
house_open(void **state)
{
    (void)state;
    house = (struct gatehouse){.config = {.freshness_s = 300,
                                          .replay = REPLAY_MODE_UNSAFE,
                                          .key_cache_bytes = 1 << 20,
                                          .loop_count = 1,
                                          .stale_max_s = 60}};
    keyring_thread_in();
    clock_stand_at(NOW_MS - 3600 * 1000); /* the gate opens long before */
    place_open(&house.place);
    OK(es256_private_make(&house.es256));
    house.hs256 = hmac_key_new(SLICE(SECRET));
    house.refusals = refusals_new();
    house.alarms = alarms_new();
    house.canaries = canaries_new();
    OK(key_tables_open(es256_level_best(), 64 * ES256_TABLE_BYTES, &house.tables, NULL));
    house.routes = routes_new();
    house_put_routes(OPERATIONS, COUNT_OF(OPERATIONS));
    place_open_keyring(&house.place);
    struct token hs = house_token("hs", false);
    struct token es = house_token("es", true);
    house_add(&hs);
    house_add(&es);
    house_open_gate();
    clock_stand_at(NOW_MS);
    return 0;
}

static int
house_close(void **state)
{
    (void)state;
    house_close_gate();
    routes_free(&house.routes);
    hmac_key_free(&house.hs256);
    refusals_free(&house.refusals);
    alarms_free(&house.alarms);
    canaries_free(&house.canaries);
    key_tables_close(&house.tables);
    es256_private_free(&house.es256);
    place_close(&house.place);
    arena_done(&house.arena);
    keyring_thread_out();
    clock_stand_at(-1);
    return 0;
}

/* Sends these very bytes. */
static inline const struct outcome *
house_send(struct slice message, const char *from)
{
    static struct outcome outcome;
    struct exchange *x = gate_begin(house.lane);

    arena_reset(&house.arena);
    house.taken = NULL;
    x->arena = &house.arena;
    x->message = message;
    OK(ip_read(slice_of(from ? from : "127.0.0.1"), &x->address));
    x->request_id = "01J9ZZZZZZZZZZZZZZZZZZZZZZ";
    x->now_ms = NOW_MS;
    x->now_ns = clock_monotonic_ns() + house.mono_ns;
    keyring_enter();
    gate_decide(x);
    keyring_leave();
    outcome =
        (struct outcome){x->verdict, x->status, x->is_handed_over, x->retry_after_s, ""};
    if (!x->is_handed_over) {
        struct json_value whole;
        OK(json_scan(x->reply_body, &whole)); /* every answer is JSON */
        assert_true(x->reply_body.len < sizeof(outcome.body));
        memcpy(outcome.body, x->reply_body.at, x->reply_body.len);
        outcome.body[x->reply_body.len] = '\0';
    }
    return &outcome;
}

/* Signs any header and payload as the token's holder would. */
static inline void
house_sign_raw(const struct ask *ask, const char *header, const char *payload,
               struct buffer *out)
{
    bool is_es256 = ask->is_es256;

    OK(jws_sign_raw(slice_of(header), slice_of(payload),
                    !is_es256    ? NULL
                    : ask->es256 ? ask->es256
                                 : house.es256,
                    is_es256     ? NULL
                    : ask->hs256 ? ask->hs256
                                 : house.hs256,
                    out));
}

static inline void
house_sign(const struct ask *ask, struct buffer *out)
{
    char header[4096];

    snprintf(header, sizeof(header),
             "{\"alg\":\"%s\",\"kid\":\"%s\",\"method\":\"%s\",\"content-type\":"
             "\"application/json\",\"uri\":\"%s\",\"query-string\":\"%s\",\"issuedAt\":"
             "%lld}",
             ask->is_es256 ? "ES256" : "HS256",
             ask->token      ? ask->token
             : ask->is_es256 ? "es"
                             : "hs",
             ask->method ? ask->method : "GET", ask->uri ? ask->uri : "/v3/whoami",
             ask->query ? ask->query : "",
             (long long)(ask->issued_at_ms ? ask->issued_at_ms : NOW_MS));
    house_sign_raw(ask, header, ask->payload ? ask->payload : "{}", out);
}

static inline const struct outcome *
house_ask(struct ask ask)
{
    struct buffer jws AUTO(buffer_done) = buffer_make(JWS_MAX_BYTES);

    house_sign(&ask, &jws);
    return house_send(buffer_slice(&jws), ask.from);
}

#define ASK(...) house_ask((struct ask){__VA_ARGS__})

/* Refused so, with these words somewhere in the answer. */
#define REFUSED(came, why, words)                                          \
    do {                                                                   \
        const struct outcome *o_ = (came);                                 \
        assert_string_equal(verdict_name(o_->verdict), verdict_name(why)); \
        assert_int_equal(o_->status, verdict_http(why));                   \
        if (!strstr(o_->body, (words)))                                    \
            fail_msg("no \"%s\" in %s", (words), o_->body);                \
    } while (0)

#define LET_IN(came)                                                 \
    do {                                                             \
        const struct outcome *o_ = (came);                           \
        assert_string_equal(verdict_name(o_->verdict), "permitted"); \
        assert_true(o_->is_handed_over || o_->status == 200);        \
    } while (0)

#define IN_HOUSE(test) cmocka_unit_test_setup_teardown(test, house_open, house_close)

#endif
