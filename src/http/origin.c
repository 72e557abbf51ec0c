/* SPDX-License-Identifier: Apache-2.0
 *
 * Origins: who is well, and who gets the next request. An address that failed several
 * times in a row rests; then one request finds out for all, or http_origin_check() does
 * without one. One that says itself that it is not well is out until it says otherwise.
 */
#include "http/origin.h"

#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/mem.h"
#include "http/client_inside.h"
#include "http/origin_inside.h"
#include "net/connect.h"

enum { CHECK_MS = 2000 };

/* ---- making and ending ---- */

struct http_origin *
http_origin_new(const struct http_origin_settings *settings)
{
    struct http_origin *origin = mem_new(sizeof(*origin));

    origin->name = mem_text(settings->name, strlen(settings->name));
    origin->host_header = mem_text(settings->host_header, strlen(settings->host_header));
    for (size_t i = 0; settings->tls && i < settings->host_count; i++)
        origin->tls_names[i] =
            mem_text(settings->tls_names[i], strlen(settings->tls_names[i]));
    origin->tls = settings->tls;
    origin->connect_timeout_ms = settings->connect_timeout_ms;
    origin->first_byte_timeout_ms = settings->first_byte_timeout_ms;
    origin->idle_timeout_ms = settings->idle_timeout_ms;
    origin->whole_timeout_ms = settings->whole_timeout_ms;
    origin->connection_max_count = settings->connection_max_count;
    atomic_store(&origin->owners, 1);
    pthread_mutex_init(&origin->lock, NULL);
    return origin;
}

struct http_origin *
http_origin_hold(struct http_origin *origin)
{
    atomic_fetch_add(&origin->owners, 1);
    return origin;
}

void
http_origin_drop(struct http_origin **origin)
{
    struct http_origin *gone = TAKE(*origin);

    if (!gone || atomic_fetch_sub(&gone->owners, 1) > 1)
        return;
    tls_client_close(&gone->tls);
    for (size_t i = 0; i < ORIGIN_HOST_MAX_COUNT; i++)
        mem_free(&gone->tls_names[i]);
    pthread_mutex_destroy(&gone->lock);
    mem_free(&gone->name);
    mem_free(&gone->host_header);
    mem_free(&gone);
}

void
http_origin_retire(struct http_origin *origin)
{
    pthread_mutex_lock(&origin->lock);
    bool was_retired = atomic_exchange(&origin->is_retired, true);
    for (size_t i = 0; !was_retired && i < ORIGIN_CLIENT_MAX_COUNT; i++) {
        if (origin->pools[i])
            client_pool_tell(origin->pools[i]);
    }
    pthread_mutex_unlock(&origin->lock);
}

/* ---- addresses ---- */

static bool
is_same(const struct http_origin_address *a, const struct http_origin_address *b)
{
    return memcmp(a->ip.at, b->ip.at, sizeof(a->ip.at)) == 0 && a->port == b->port &&
           a->host == b->host;
}

static bool
is_listed(const struct http_origin_address *address,
          const struct http_origin_address *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_same(address, &list[i]))
            return true;
    }
    return false;
}

/* Under the lock. */
static bool
has_slot(const struct http_origin *origin, const struct http_origin_address *address)
{
    for (size_t i = 0; i < ORIGIN_ADDRESS_MAX_COUNT; i++) {
        if (origin->slots[i].is_used && is_same(&origin->slots[i].address, address))
            return true;
    }
    return false;
}

static void
give_slot(struct http_origin *origin, const struct http_origin_address *address)
{
    for (size_t i = 0; i < ORIGIN_ADDRESS_MAX_COUNT; i++) {
        struct origin_slot *slot = &origin->slots[i];
        if (slot->is_used)
            continue;
        slot->is_used = true;
        slot->address = *address;
        atomic_store(&slot->failures_in_a_row, 0);
        atomic_store(&slot->down_until_ms, 0);
        atomic_store(&slot->is_tried, false);
        slot->unwell_in_a_row = 0;
        atomic_store(&slot->is_out, false);
        return;
    }
}

void
http_origin_set_addresses(struct http_origin *origin,
                          const struct http_origin_address *addresses, size_t count)
{
    bool is_changed = false;

    pthread_mutex_lock(&origin->lock);
    for (size_t i = 0; i < ORIGIN_ADDRESS_MAX_COUNT; i++) {
        struct origin_slot *slot = &origin->slots[i];
        if (!slot->is_used || is_listed(&slot->address, addresses, count))
            continue;
        slot->is_used = false;
        is_changed = true;
    }
    for (size_t i = 0; i < count; i++) {
        if (has_slot(origin, &addresses[i]))
            continue;
        give_slot(origin, &addresses[i]);
        is_changed = true;
    }
    if (is_changed)
        atomic_fetch_add(&origin->generation, 1);
    pthread_mutex_unlock(&origin->lock);
}

/* ---- choosing ---- */

uint32_t
origin_look(struct http_origin *origin, struct origin_view *view)
{
    uint32_t changed = 0;

    if (atomic_load_explicit(&origin->generation, memory_order_acquire) ==
        view->generation)
        return 0;
    pthread_mutex_lock(&origin->lock);
    view->generation = atomic_load(&origin->generation);
    for (uint32_t i = 0; i < ORIGIN_ADDRESS_MAX_COUNT; i++) {
        const struct origin_slot *slot = &origin->slots[i];
        uint32_t bit = UINT32_C(1) << i;
        bool was_used = view->used & bit;
        if (was_used != slot->is_used ||
            (was_used && !is_same(&view->addresses[i], &slot->address)))
            changed |= bit;
        view->used = slot->is_used ? view->used | bit : view->used & ~bit;
        view->addresses[i] = slot->address;
    }
    pthread_mutex_unlock(&origin->lock);
    return changed;
}

/* May a request go there? One whose rest is over takes one, which finds out. */
static bool
may_take(struct origin_slot *slot, int64_t now_ms, bool *out_is_trial)
{
    int64_t down_until_ms =
        atomic_load_explicit(&slot->down_until_ms, memory_order_relaxed);

    *out_is_trial = down_until_ms != 0;
    if (atomic_load_explicit(&slot->is_out, memory_order_relaxed))
        return false;
    return down_until_ms == 0 ||
           (now_ms >= down_until_ms && !atomic_exchange(&slot->is_tried, true));
}

int
origin_choose(struct http_origin *origin, const struct origin_view *view, unsigned order,
              uint32_t avoid, int64_t now_ms)
{
    int64_t fewest = INT64_MAX;
    int best = -1;
    bool is_trial = false;
    uint32_t left = view->used & ~avoid;

    for (unsigned i = 0; left && i < ORIGIN_ADDRESS_MAX_COUNT; i++) {
        unsigned at = (i + order) % ORIGIN_ADDRESS_MAX_COUNT;
        if (!(left & UINT32_C(1) << at))
            continue;
        left &= ~(UINT32_C(1) << at);
        if (!may_take(&origin->slots[at], now_ms, &is_trial))
            continue;
        if (is_trial)
            return (int)at;
        int64_t running =
            atomic_load_explicit(&origin->slots[at].running, memory_order_relaxed);
        if (running < fewest) {
            fewest = running;
            best = (int)at;
        }
    }
    return best;
}

void
origin_note_success(struct origin_slot *slot)
{
    if (atomic_load_explicit(&slot->failures_in_a_row, memory_order_relaxed) == 0)
        return;
    atomic_store(&slot->failures_in_a_row, 0);
    atomic_store(&slot->down_until_ms, 0);
    atomic_store(&slot->is_tried, false);
}

void
origin_note_failure(struct http_origin *origin, struct origin_slot *slot, int64_t now_ms)
{
    atomic_fetch_add(&origin->failures, 1);
    if (atomic_fetch_add(&slot->failures_in_a_row, 1) + 1 < ORIGIN_FAILURE_MAX_COUNT)
        return;
    atomic_store(&slot->down_until_ms, now_ms + ORIGIN_OPEN_MS);
    atomic_store(&slot->is_tried, false);
}

void
origin_note_neither(struct origin_slot *slot)
{
    if (atomic_load_explicit(&slot->down_until_ms, memory_order_relaxed) != 0)
        atomic_store(&slot->is_tried, false);
}

/* ---- from other threads ---- */

enum origin_health
origin_note_health(struct http_origin *origin, const struct http_origin_address *address,
                   bool is_well)
{
    enum origin_health change = ORIGIN_HEALTH_SAME;

    pthread_mutex_lock(&origin->lock);
    for (size_t i = 0; i < ORIGIN_ADDRESS_MAX_COUNT; i++) {
        struct origin_slot *slot = &origin->slots[i];
        if (!slot->is_used || !is_same(&slot->address, address))
            continue;
        slot->unwell_in_a_row = is_well ? 0 : slot->unwell_in_a_row + 1;
        bool is_out = is_well ? false
                              : atomic_load(&slot->is_out) ||
                                    slot->unwell_in_a_row >= ORIGIN_UNWELL_MAX_COUNT;
        if (is_out != atomic_exchange(&slot->is_out, is_out))
            change = is_out ? ORIGIN_HEALTH_OUT : ORIGIN_HEALTH_BACK;
    }
    pthread_mutex_unlock(&origin->lock);
    return change;
}

size_t
http_origin_check(struct http_origin *origin)
{
    size_t taken_back = 0;

    for (size_t i = 0; i < ORIGIN_ADDRESS_MAX_COUNT; i++) {
        struct origin_slot *slot = &origin->slots[i];
        pthread_mutex_lock(&origin->lock);
        struct http_origin_address address = slot->address;
        bool is_down = slot->is_used && atomic_load(&slot->down_until_ms) != 0;
        pthread_mutex_unlock(&origin->lock);
        if (!is_down || connect_try(&address.ip, address.port, CHECK_MS) != 0)
            continue;
        /* Somebody listens; whether he answers, the next request shall tell. */
        int64_t down = atomic_load(&slot->down_until_ms);
        if (down && atomic_compare_exchange_strong(&slot->down_until_ms, &down,
                                                   clock_monotonic_ms()))
            taken_back++;
    }
    return taken_back;
}

struct http_origin_figures
http_origin_figures(struct http_origin *origin)
{
    struct http_origin_figures figures = {
        .name = origin->name,
        .requests = atomic_load(&origin->requests),
        .failures = atomic_load(&origin->failures),
        .retries = atomic_load(&origin->retries),
        .refused = atomic_load(&origin->refused),
        .connections = atomic_load(&origin->connections),
    };

    pthread_mutex_lock(&origin->lock);
    for (size_t i = 0; i < ORIGIN_ADDRESS_MAX_COUNT; i++) {
        struct origin_slot *slot = &origin->slots[i];
        figures.running += atomic_load(&slot->running);
        figures.address_count += slot->is_used;
        figures.address_down_count +=
            slot->is_used &&
            (atomic_load(&slot->down_until_ms) != 0 || atomic_load(&slot->is_out));
    }
    pthread_mutex_unlock(&origin->lock);
    return figures;
}

size_t
http_origin_states(struct http_origin *origin,
                   struct http_origin_state out[ORIGIN_ADDRESS_MAX_COUNT])
{
    size_t count = 0;

    pthread_mutex_lock(&origin->lock);
    for (size_t i = 0; i < ORIGIN_ADDRESS_MAX_COUNT; i++) {
        struct origin_slot *slot = &origin->slots[i];
        if (!slot->is_used)
            continue;
        out[count++] = (struct http_origin_state){
            .address = slot->address,
            .is_down =
                atomic_load(&slot->down_until_ms) != 0 || atomic_load(&slot->is_out),
            .running = atomic_load(&slot->running),
            .failures_in_a_row = atomic_load(&slot->failures_in_a_row),
        };
    }
    pthread_mutex_unlock(&origin->lock);
    return count;
}
