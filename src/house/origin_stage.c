/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the upstreams are: an origin for each, made when the route table is, found by the
 * loops without a lock. A thread of its own turns names into addresses, again and again,
 * looks whether somebody listens where requests failed, and asks who is well: all of it
 * may block. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/health.h"
#include "net/connect.h"

#include <stdio.h>
#include <time.h>

enum {
    RESOLVE_MS = 30 * 1000, /* as long as most names may be kept */
    CHECK_MS = 1000,
    NS_PER_S = 1000 * 1000 * 1000,
    STOP_WAIT_MS = 3000, /* for a name that nobody answers for */
};

_Static_assert((int)UPSTREAM_PLACE_MAX_COUNT == (int)ORIGIN_ADDRESS_MAX_COUNT,
               "each address is a place");

/* An upstream and its origin; both held. */
struct origin_row {
    struct route_source *source;
    struct http_origin *origin;
};

/* Those of the route table in force; never changed. */
struct origin_table {
    struct keyring_retired retired; /* first */
    size_t count;
    struct origin_row rows[];
};

/* Of the thread; outlives the house if a name never comes to an end. */
struct resolver {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool is_stopping, is_asked; /* under the lock */
    bool may_be_link_local;
    struct origin_row *rows; /* the same; held; owned */
    size_t row_count;
    pthread_t thread;
};

/* ---- rows ---- */

static struct origin_row
row_hold(struct origin_row row)
{
    return (struct origin_row){route_source_hold(row.source),
                               http_origin_hold(row.origin)};
}

static void
rows_drop(struct origin_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        route_source_drop(&rows[i].source);
        http_origin_drop(&rows[i].origin);
    }
}

static struct origin_row *
rows_hold(const struct origin_row *rows, size_t count)
{
    struct origin_row *held = mem_new_array(count ? count : 1, sizeof(held[0]));

    for (size_t i = 0; i < count; i++)
        held[i] = row_hold(rows[i]);
    return held;
}

/* ---- names and addresses ---- */

static void
tell_unresolved(const struct upstream *upstream, const char *why)
{
    log_event(LOG_WARN, "an upstream has no address that can be asked",
              LOG_TEXT("upstream", slice_of(upstream->name)),
              LOG_TEXT("why", slice_of(why)));
}

/* Whoever keeps upstreams must not make us ask where clouds keep their secrets; nor must
 * whoever answers for a name. */
static bool
is_forbidden(const struct upstream *upstream, const struct ip *ip, bool may_be_link_local)
{
    if (may_be_link_local || !ip_is_link_local(ip))
        return false;
    tell_unresolved(upstream, "it is link-local, and upstream_link_local is off");
    return true;
}

/* Finds the addresses of all hosts; those of a name that cannot be found now are kept as
 * they were. `is_names_too` false: only what needs nobody's answer. */
static void
resolve(const struct origin_row *row, bool may_be_link_local, bool is_names_too)
{
    const struct upstream *upstream = row->source->upstream;
    struct http_origin_address found[ORIGIN_ADDRESS_MAX_COUNT];
    struct ip ips[ORIGIN_ADDRESS_MAX_COUNT];
    size_t count = 0;

    for (size_t i = 0; i < upstream->address_count; i++) {
        const struct upstream_address *address = &upstream->addresses[i];
        struct failure failure = {0};
        size_t ip_count = 0;
        bool is_literal = ip_read(slice_of(address->host), ips) == STATUS_OK;
        if (!is_literal && !is_names_too)
            return;
        if (connect_resolve(address->host, COUNT_OF(ips), ips, &ip_count, &failure) !=
            STATUS_OK) {
            tell_unresolved(upstream, failure.text);
            return;
        }
        for (size_t j = 0; j < ip_count && count < COUNT_OF(found); j++) {
            if (is_forbidden(upstream, &ips[j], may_be_link_local))
                continue;
            found[count++] = (struct http_origin_address){
                .ip = ips[j], .port = address->port, .host = (uint16_t)i};
        }
    }
    http_origin_set_addresses(row->origin, found, count);
}

/* ---- health ---- */

static void
tell_health(void *ctx, const struct http_health *health,
            const struct http_origin_address *address, bool is_well)
{
    char ip[IP_TEXT_MAX + 1];
    struct http_origin_figures figures = http_origin_figures(health->origin);

    (void)ctx;
    ip_write(&address->ip, ip);
    log_event(is_well ? LOG_INFO : LOG_WARN,
              is_well ? "an address of an upstream is well again"
                      : "an address of an upstream is not well, and gets no requests",
              LOG_TEXT("upstream", slice_of(figures.name)),
              LOG_TEXT("address", slice_of(ip)), LOG_INT("port", address->port),
              LOG_TEXT("health", slice_of(health->path)));
}

/* Asks those that are due. */
static void
check_health(const struct origin_row *rows, size_t count)
{
    struct http_health *list AUTO(mem_done) = mem_new_array(count + 1, sizeof(list[0]));

    for (size_t i = 0; i < count; i++) {
        const struct upstream *upstream = rows[i].source->upstream;
        list[i] = (struct http_health){.origin = rows[i].origin,
                                       .path = upstream->health_path,
                                       .status = upstream->health_status,
                                       .interval_ms = upstream->health_interval_s * 1000};
    }
    http_health_ask(list, count, tell_health, NULL);
}

/* ---- the thread ---- */

static struct timespec
monotonic_in(int64_t ms)
{
    int64_t at_ns = clock_monotonic_ns() + ms * INT64_C(1000000);

    return (struct timespec){.tv_sec = at_ns / NS_PER_S, .tv_nsec = at_ns % NS_PER_S};
}

static void
wait_for_turn(struct resolver *resolver)
{
    struct timespec until = monotonic_in(CHECK_MS);

    pthread_cond_timedwait(&resolver->wake, &resolver->lock, &until);
}

static void *
run_resolver(void *arg)
{
    struct resolver *resolver = arg;
    int64_t due_ms = 0;

    pthread_mutex_lock(&resolver->lock);
    while (!resolver->is_stopping) {
        bool is_due = resolver->is_asked || clock_monotonic_ms() >= due_ms;
        size_t count = resolver->row_count;
        struct origin_row *rows = rows_hold(resolver->rows, count);
        resolver->is_asked = false;
        pthread_mutex_unlock(&resolver->lock);
        for (size_t i = 0; i < count; i++) {
            if (is_due)
                resolve(&rows[i], resolver->may_be_link_local, true);
            http_origin_check(rows[i].origin);
        }
        check_health(rows, count);
        rows_drop(rows, count);
        mem_free(&rows);
        if (is_due)
            due_ms = clock_monotonic_ms() + RESOLVE_MS;
        pthread_mutex_lock(&resolver->lock);
        if (!resolver->is_stopping && !resolver->is_asked)
            wait_for_turn(resolver);
    }
    pthread_mutex_unlock(&resolver->lock);
    return NULL;
}

static void
free_table(struct keyring_retired *retired)
{
    struct origin_table *table = (struct origin_table *)retired;

    rows_drop(table->rows, table->count);
    mem_free(&table);
}

void
origin_stage_forget(struct house *house)
{
    struct origin_table *table = atomic_exchange(&house->origins, NULL);

    for (size_t i = 0; table && i < table->count; i++)
        http_origin_retire(table->rows[i].origin);
    if (table)
        free_table(&table->retired);
}

enum status
origin_stage_open(struct house *house)
{
    struct resolver *resolver = mem_new(sizeof(*resolver));
    struct origin_table *table = atomic_load(&house->origins);
    pthread_condattr_t monotonic;

    pthread_mutex_init(&resolver->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&resolver->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    resolver->row_count = table ? table->count : 0;
    resolver->rows = rows_hold(table ? table->rows : NULL, resolver->row_count);
    resolver->may_be_link_local = house->config->upstream_link_local != 0;
    house->resolver = resolver;
    if (pthread_create(&resolver->thread, NULL, run_resolver, resolver) == 0)
        return STATUS_OK;
    rows_drop(resolver->rows, resolver->row_count);
    mem_free(&resolver->rows);
    mem_free(&house->resolver);
    return failure_set(house->failure, STATUS_UNAVAILABLE, NULL,
                       "the thread that resolves names could not be started");
}

void
origin_stage_close(struct house *house)
{
    struct resolver *resolver = TAKE(house->resolver);
    struct timespec until = monotonic_in(STOP_WAIT_MS);

    pthread_mutex_lock(&resolver->lock);
    resolver->is_stopping = true;
    pthread_cond_signal(&resolver->wake);
    pthread_mutex_unlock(&resolver->lock);
    origin_stage_forget(house);
    if (pthread_clockjoin_np(resolver->thread, NULL, CLOCK_MONOTONIC, &until) != 0) {
        log_event(LOG_WARN, "a name is still being resolved: not waited for");
        return; /* the thread keeps what is its own until the process ends */
    }
    rows_drop(resolver->rows, resolver->row_count);
    mem_free(&resolver->rows);
    pthread_cond_destroy(&resolver->wake);
    pthread_mutex_destroy(&resolver->lock);
    mem_free(&resolver);
}

static void
resolver_put(struct resolver *resolver, const struct origin_table *table)
{
    struct origin_row *rows = rows_hold(table->rows, table->count);

    pthread_mutex_lock(&resolver->lock);
    struct origin_row *old = resolver->rows;
    size_t old_count = resolver->row_count;
    resolver->rows = rows;
    resolver->row_count = table->count;
    resolver->is_asked = true;
    pthread_cond_signal(&resolver->wake);
    pthread_mutex_unlock(&resolver->lock);
    rows_drop(old, old_count);
    mem_free(&old);
}

/* ---- origins ---- */

static void
write_host_header(const struct upstream *upstream, char *out, size_t size)
{
    const struct upstream_address *first = &upstream->addresses[0];
    bool is_v6 = strchr(first->host, ':') != NULL;
    bool is_usual = first->port == (upstream->is_tls ? 443 : 80);
    int len = snprintf(out, size, is_v6 ? "[%s]" : "%s", first->host);

    if (!is_usual)
        snprintf(out + len, size - (size_t)len, ":%u", first->port);
}

static enum status
open_tls(const struct upstream *upstream, struct tls_client **out,
         struct failure *failure)
{
    struct tls_client_files files = {.ca = upstream->tls_ca_file,
                                     .cert = upstream->tls_certificate_file,
                                     .key = upstream->tls_key_file};

    return upstream->is_tls ? tls_client_open(&files, out, failure) : STATUS_OK;
}

/* NULL: its TLS files cannot be read; the log says why. */
static struct http_origin *
make_origin(const struct house *house, struct route_source *source)
{
    const struct upstream *upstream = source->upstream;
    const char *names[UPSTREAM_ADDRESS_MAX_COUNT];
    char host[UPSTREAM_HOST_MAX_CHARS + 16];
    struct failure failure = {0};
    struct http_origin_settings settings = {
        .name = upstream->name,
        .host_header = host,
        .tls_names = names,
        .host_count = upstream->address_count,
        .connect_timeout_ms = upstream->connect_timeout_ms,
        .first_byte_timeout_ms = upstream->first_byte_timeout_ms,
        .idle_timeout_ms = UPSTREAM_IDLE_TIMEOUT_MS,
        .whole_timeout_ms = upstream->whole_timeout_ms,
        .connection_max_count = house->config->upstream_connection_max_count,
    };

    if (open_tls(upstream, &settings.tls, &failure) != STATUS_OK) {
        log_event(LOG_ERROR, "an upstream cannot be reached",
                  LOG_TEXT("upstream", slice_of(upstream->name)),
                  LOG_TEXT("why", slice_of(failure.text)));
        return NULL;
    }
    write_host_header(upstream, host, sizeof(host));
    for (size_t i = 0; i < upstream->address_count; i++)
        names[i] = upstream->tls_server_name[0] ? upstream->tls_server_name
                                                : upstream->addresses[i].host;
    struct http_origin *origin = http_origin_new(&settings);
    resolve(&(struct origin_row){source, origin}, house->config->upstream_link_local != 0,
            false);
    return origin;
}

static const struct origin_row *
find_source(const struct origin_table *table, const struct route_source *source)
{
    for (size_t i = 0; table && i < table->count; i++) {
        if (table->rows[i].source == source)
            return &table->rows[i];
    }
    return NULL;
}

static void
retire(struct house *house, struct origin_table *old, const struct origin_table *now)
{
    for (size_t i = 0; old && i < old->count; i++) {
        if (!find_source(now, old->rows[i].source))
            http_origin_retire(old->rows[i].origin);
    }
    if (!old)
        return;
    old->retired.free = free_table;
    keyring_retire(house->keyring, &old->retired);
}

void
origin_stage_renew(struct house *house, struct route_source *const *sources, size_t count)
{
    struct origin_table *old = atomic_load(&house->origins);
    struct origin_table *table = mem_new(sizeof(*table) + count * sizeof(table->rows[0]));

    for (size_t i = 0; i < count; i++) {
        const struct origin_row *known = find_source(old, sources[i]);
        struct origin_row row = {sources[i], NULL};
        if (!sources[i]->upstream)
            continue;
        if (known) {
            table->rows[table->count++] = row_hold(*known);
            continue;
        }
        row.origin = make_origin(house, sources[i]);
        if (!row.origin)
            continue;
        route_source_hold(row.source);
        table->rows[table->count++] = row;
    }
    atomic_store(&house->origins, table);
    retire(house, old, table);
    if (house->resolver)
        resolver_put(house->resolver, table);
}

struct http_origin *
origin_find(const struct house *house, const struct upstream *upstream)
{
    const struct origin_table *table = atomic_load(&house->origins);

    for (size_t i = 0; table && i < table->count; i++) {
        if (table->rows[i].source->upstream == upstream)
            return table->rows[i].origin;
    }
    return NULL;
}

/* ---- health ---- */

static void
fill_health(struct http_origin *origin, struct upstream_health *out)
{
    struct http_origin_state states[ORIGIN_ADDRESS_MAX_COUNT];
    struct http_origin_figures figures = http_origin_figures(origin);

    *out = (struct upstream_health){
        .requests = figures.requests,
        .failures = figures.failures,
        .retries = figures.retries,
        .refused = figures.refused,
        .running = figures.running,
        .connections = figures.connections,
        .place_count = http_origin_states(origin, states),
    };
    for (size_t i = 0; i < out->place_count; i++) {
        const struct http_origin_state *state = &states[i];
        out->places[i] = (struct upstream_place){
            .ip = state->address.ip,
            .port = state->address.port,
            .server = state->address.host,
            .is_down = state->is_down,
            .running = state->running,
            .failures_in_a_row = state->failures_in_a_row,
        };
        out->down_count += state->is_down;
    }
}

bool
origin_health(void *ctx, const char *uid, struct upstream_health *out)
{
    const struct house *house = ctx;
    bool is_known = false;

    keyring_thread_in();
    keyring_enter();
    const struct origin_table *table = atomic_load(&house->origins);
    for (size_t i = 0; !is_known && table && i < table->count; i++) {
        is_known = strcmp(table->rows[i].source->upstream->uid, uid) == 0;
        if (is_known)
            fill_health(table->rows[i].origin, out);
    }
    keyring_leave();
    keyring_thread_out();
    return is_known;
}

/* ---- figures ---- */

/* THE FIGURES of upstreams. */
static const struct upstream_figure {
    const char *name, *kind, *meaning;
    size_t field; /* an int64_t of struct http_origin_figures */
} FIGURES[] = {
#define FIELD(name) offsetof(struct http_origin_figures, name)
    {"upstream_requests_total", "counter", "Requests sent on to an upstream.",
     FIELD(requests)},
    {"upstream_failures_total", "counter", "Tries that failed, whoever was at fault.",
     FIELD(failures)},
    {"upstream_retries_total", "counter", "Requests that were tried once more.",
     FIELD(retries)},
    {"upstream_refused_total", "counter",
     "Requests refused because no address was well, or too many ran.", FIELD(refused)},
    {"upstream_running", "gauge", "Requests that wait for an upstream.", FIELD(running)},
    {"upstream_connections", "gauge", "Connections to an upstream.", FIELD(connections)},
    {"upstream_addresses", "gauge", "Addresses of an upstream.", FIELD(address_count)},
    {"upstream_addresses_down", "gauge", "Addresses that nobody is sent to.",
     FIELD(address_down_count)},
#undef FIELD
};

/* A name in the text form of Prometheus. */
static void
add_label(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buffer_add_byte(out, '\\');
        buffer_add_byte(out, (unsigned char)(*text == '\n' ? ' ' : *text));
    }
}

void
origin_stage_write_figures(const struct house *house, struct buffer *out)
{
    keyring_enter();
    const struct origin_table *table = atomic_load(&house->origins);
    for (size_t i = 0; i < COUNT_OF(FIGURES); i++) {
        const struct upstream_figure *figure = &FIGURES[i];
        buffer_print(out, "# HELP tokenhouse_%s %s\n# TYPE tokenhouse_%s %s\n",
                     figure->name, figure->meaning, figure->name, figure->kind);
        for (size_t j = 0; table && j < table->count; j++) {
            struct http_origin_figures figures =
                http_origin_figures(table->rows[j].origin);
            buffer_print(out, "tokenhouse_%s{upstream=\"", figure->name);
            add_label(out, figures.name);
            buffer_print(
                out, "\"} %lld\n",
                (long long)*(const int64_t *)((const char *)&figures + figure->field));
        }
    }
    keyring_leave();
}
