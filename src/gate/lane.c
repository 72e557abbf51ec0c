/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening and closing the gate and its lanes. */
#include "gate/inside.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/random.h"

#include <unistd.h>

/* A point whose private key nobody keeps. */
static enum status
make_dummy_point(uint8_t out[PUBLIC_KEY_BYTES])
{
    struct es256_private *key AUTO(es256_private_free) = NULL;
    enum status status = es256_private_make(&key);

    if (status == STATUS_OK)
        es256_private_point(key, out);
    return status;
}

/* "get-devices=10/s,delete-device=5/m" */
static enum status
read_operation_rates(struct gate *gate, struct slice text)
{
    bool is_more = text.len > 0;

    while (is_more) {
        struct slice one = {0};
        struct slice id = {0};
        struct operation_rate *row = &gate->operation_rates[gate->operation_rate_count];
        is_more = slice_cut(&text, ',', &one);
        if (!is_more)
            one = text;
        if (gate->operation_rate_count == OPERATION_RATE_MAX_COUNT ||
            !slice_cut(&one, '=', &id) || !slice_to_text(id, row->id, sizeof(row->id)) ||
            rate_read(one, &row->rate) != STATUS_OK) {
            log_event(LOG_ERROR, "operation_rates cannot be read; wanted is for example "
                                 "get-devices=10/s,delete-device=5/m");
            return STATUS_MALFORMED;
        }
        gate->operation_rate_count++;
    }
    return STATUS_OK;
}

enum status
gate_open(const struct config *config, struct keyring *keyring,
          const struct master_key *master_key, struct routes *routes,
          const struct gate_ports *ports, struct gate **out)
{
    struct gate *gate AUTO(gate_close) = mem_new(sizeof(*gate));

    gate->config = config;
    gate->keyring = keyring;
    gate->master_key = master_key;
    gate->routes = routes;
    gate->ports = *ports;
    gate->replay = replay_new(config->freshness_s, keyring);
    gate->issued_least_ms = clock_now_s() * 1000;
    pthread_mutex_init(&gate->lanes_lock, NULL);
    enum status status = make_dummy_point(gate->dummy_point);
    if (status == STATUS_OK)
        status = read_operation_rates(gate, slice_of(config->operation_rates));
    if (status != STATUS_OK)
        return status;
    *out = TAKE(gate);
    return STATUS_OK;
}

void
gate_close(struct gate **gate)
{
    if (!*gate)
        return;
    replay_free(&(*gate)->replay);
    pthread_mutex_destroy(&(*gate)->lanes_lock);
    mem_free(gate);
}

enum status
gate_replay_save(struct gate *gate, const char *path, struct failure *failure)
{
    return replay_save(gate->replay, path, clock_now_ms(), failure);
}

enum status
gate_replay_load(struct gate *gate, const char *path, bool *out_is_known,
                 struct failure *failure)
{
    enum status status = replay_load(gate->replay, path, clock_now_ms(), failure);

    *out_is_known = status == STATUS_OK;
    if (status == STATUS_OK)
        gate->issued_least_ms = INT64_MIN;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* All loops together keep what the setting says. */
static size_t
cache_bytes(const struct gate *gate)
{
    long loops = gate->config->loop_count > 0 ? (long)gate->config->loop_count
                                              : sysconf(_SC_NPROCESSORS_ONLN);

    return (size_t)gate->config->key_cache_bytes / (size_t)(loops > 0 ? loops : 1);
}

enum status
gate_lane_open(struct gate *gate, struct gate_lane **out)
{
    struct gate_lane *lane = mem_new(sizeof(*lane));
    uint8_t secret[SECRET_KEY_CHARS];

    lane->gate = gate;
    lane->payload = mem_new(JWS_MAX_BYTES);
    lane->keys = keycache_new(gate->master_key, cache_bytes(gate));
    lane->base = buffer_make(HTTPSIG_BASE_MAX_BYTES);
    buffer_reserve(&lane->base, HTTPSIG_BASE_MAX_BYTES);
    lane->answer = buffer_make(ANSWER_MAX_BYTES);
    buffer_reserve(&lane->answer, ANSWER_FIRST_BYTES);
    lane->listed = buffer_make(LISTED_MAX_BYTES);
    buffer_reserve(&lane->listed, LISTED_MAX_BYTES);
    random_fill(secret, sizeof(secret));
    lane->dummy_hs256 = hmac_key_new((struct slice){secret, sizeof(secret)});
    pthread_mutex_lock(&gate->lanes_lock);
    lane->next = gate->lanes;
    gate->lanes = lane;
    pthread_mutex_unlock(&gate->lanes_lock);
    enum status status = es256_key_new(gate->dummy_point, &lane->dummy_es256);
    if (status != STATUS_OK) {
        gate_lane_close(&lane);
        return status;
    }
    *out = lane;
    return STATUS_OK;
}

static void
leave_gate(struct gate_lane *lane)
{
    struct gate *gate = lane->gate;
    struct gate_lane **link = &gate->lanes;

    pthread_mutex_lock(&gate->lanes_lock);
    while (*link != lane)
        link = &(*link)->next;
    *link = lane->next;
    for (int i = 0; i < VERDICT_COUNT; i++)
        gate->verdicts[i] += atomic_load(&lane->verdicts[i]);
    pthread_mutex_unlock(&gate->lanes_lock);
}

void
gate_lane_close(struct gate_lane **lane)
{
    if (!*lane)
        return;
    leave_gate(*lane);
    keycache_free(&(*lane)->keys);
    hmac_key_free(&(*lane)->dummy_hs256);
    es256_key_free(&(*lane)->dummy_es256);
    buffer_done(&(*lane)->base);
    buffer_done(&(*lane)->answer);
    buffer_done(&(*lane)->listed);
    mem_free(&(*lane)->payload);
    mem_free(lane);
}

int64_t
gate_verdict_count(const struct gate *gate, enum verdict verdict)
{
    struct gate *locked = (struct gate *)(uintptr_t)gate; /* only its lock is written */

    pthread_mutex_lock(&locked->lanes_lock);
    int64_t count = gate->verdicts[verdict];
    for (const struct gate_lane *lane = gate->lanes; lane; lane = lane->next)
        count += atomic_load_explicit(&lane->verdicts[verdict], memory_order_relaxed);
    pthread_mutex_unlock(&locked->lanes_lock);
    return count;
}
