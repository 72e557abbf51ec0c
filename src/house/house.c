/* SPDX-License-Identifier: Apache-2.0
 *
 * How the house opens and closes. Read THE STAGE TABLE first; each stage is in the file
 * that its functions are named after. */
#include "house/house.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "house/house_inside.h"
#include "house/listen_address.h"

#include <stdio.h>

static enum status open_tls(struct house *house);
static void close_tls(struct house *house);
static enum status open_gate(struct house *house);
static void close_gate(struct house *house);

/* THE STAGE TABLE: how the house opens, from top to bottom, and closes, from bottom to
 * top. A stage that could not open has left nothing behind. */
static const struct stage {
    const char *name;
    enum status (*open)(struct house *house);
    void (*close)(struct house *house); /* NULL: the end of the process undoes it */
} STAGES[] = {
    {"process", process_open, NULL}, /* before any thread, any key and any descriptor */
    {"data folder", data_folder_check, NULL},
    {"lock", data_folder_lock, data_folder_unlock},
    {"store", memory_open_store, memory_close_store},
    {"master key", memory_open_master_key, memory_close_master_key},
    {"routes", route_stage_open, route_stage_close},
    {"refusals", memory_open_refusals, memory_close_refusals},
    {"console", console_stage_open, console_stage_close},
    {"keyring", memory_open_keyring, memory_close_keyring},
    {"key tables", memory_open_tables, memory_close_tables}, /* the gate looks in them */
    {"origins", origin_stage_open, origin_stage_close},
    {"housekeeper", housekeeper_start, housekeeper_stop}, /* writes down the last uses */
    {"identity", identity_stage_open, identity_stage_close}, /* by the server's key */
    {"background", background_start, background_stop},
    {"outputs", outputs_start, outputs_stop}, /* sign with the housekeeper's key */
    {"resources", memory_open_api, memory_close_api},
    {"tls", open_tls, close_tls},
    {"tls for gateways", decide_open_tls, decide_close_tls},
    {"gate", open_gate, close_gate},
    {"explain", explain_stage_open, explain_stage_close},
    {"loops", loops_open, loops_close}, /* outlive the workers, who answer to them */
    {"workers", work_start, work_stop},
    {"health", health_open, health_close}, /* tells that the doors drain */
    {"set-up code", console_stage_tell_setup, NULL},
    {"doors", loops_open_doors, loops_close_doors},
};

static enum status
open_tls(struct house *house)
{
    const struct config *config = house->config;

    if (!config->tls_cert[0] && !config->tls_key[0])
        return STATUS_OK;
    if (!config->tls_cert[0] || !config->tls_key[0])
        return failure_set(house->failure, STATUS_MALFORMED,
                           config->tls_cert[0] ? "tls_key" : "tls_cert",
                           "tls_cert and tls_key go together, but %s is not set",
                           config->tls_cert[0] ? "tls_key" : "tls_cert");
    return tls_server_open(config->tls_cert, config->tls_key, &house->tls,
                           house->failure);
}

static void
close_tls(struct house *house)
{
    tls_server_close(&house->tls);
}

/* One port cannot be both doors; 0 is a free one each time. */
static enum status
check_doors(const struct config *config, struct failure *failure)
{
    struct ip address;
    uint16_t port;
    char doors[2][LISTEN_ADDRESS_TEXT_MAX + 1];
    enum status status =
        listen_address_read(config->listen, "listen", &address, &port, failure);

    if (status != STATUS_OK)
        return status;
    listen_address_write(&address, port, doors[0]);
    status = listen_address_read(config->health, "health", &address, &port, failure);
    if (status != STATUS_OK)
        return status;
    listen_address_write(&address, port, doors[1]);
    if (port == 0 || strcmp(doors[0], doors[1]) != 0)
        return STATUS_OK;
    return failure_set(failure, STATUS_CONFLICT, "health",
                       "listen and health are both '%s'; wanted are two addresses",
                       config->health);
}

enum status
house_check(const struct config *config, struct failure *failure)
{
    struct house *house AUTO(mem_done) = mem_new(sizeof(*house));
    enum status status = check_doors(config, failure);

    house->config = config;
    house->failure = failure;
    if (status == STATUS_OK)
        status = outbox_check(config, failure);
    if (status == STATUS_OK)
        status = open_tls(house);
    if (status == STATUS_OK)
        status = decide_open_tls(house);
    decide_close_tls(house);
    close_tls(house);
    return status;
}

static void
write_replay_path(const struct house *house, char out[CONFIG_PATH_MAX + 16])
{
    snprintf(out, CONFIG_PATH_MAX + 16, "%s/replay.bin", house->config->data);
}

static enum status
open_gate(struct house *house)
{
    struct gate_ports ports = {
        .select_names = api_select_names,
        .hand_over = api_job_hand_over,
        .tell = canary_job_hand_over,
        .forward = forward_job,
        .identify = forward_job_identity,
        .ctx = house,
        .tables = house->tables,
        .refusals = house->refusals,
        .answer_key = house->keeper.server_key,
        .alarms = house->alarms,
        .canaries = house->canaries,
    };
    char path[CONFIG_PATH_MAX + 16];
    uint8_t point[PUBLIC_KEY_BYTES];
    bool is_loaded = false;

    es256_private_point(house->keeper.server_key, point);
    jwk_thumbprint(point, ports.answer_keyid);
    enum status status = gate_open(house->config, house->keyring, house->master_key,
                                   house->routes.published, &ports, &house->gate);

    if (status != STATUS_OK)
        return failure_set(house->failure, status, NULL,
                           "the gate could not be opened: %s", status_text(status));
    write_replay_path(house, path);
    status = gate_replay_load(house->gate, path, &is_loaded, house->failure);
    house->is_replay_known = house->is_replay_known || is_loaded;
    if (status != STATUS_OK)
        gate_close(&house->gate);
    return status;
}

/* Do we know every request that was used and could still be fresh? Then the next start
 * may rely on what we save. A request that was used before this start may be dated
 * freshness_s ahead of it, and stays fresh for as long again. */
static bool
knows_what_was_used(const struct house *house)
{
    int64_t up_ms = clock_monotonic_ms() - house->started_at_ms;

    return house->is_replay_known || up_ms > 2 * house->config->freshness_s * 1000;
}

static void
close_gate(struct house *house)
{
    char path[CONFIG_PATH_MAX + 16];
    struct failure failure = {0};

    write_replay_path(house, path);
    if (knows_what_was_used(house) &&
        gate_replay_save(house->gate, path, &failure) != STATUS_OK)
        log_event(LOG_WARN, "what was used once is not saved",
                  LOG_TEXT("why", slice_of(failure.text)));
    gate_close(&house->gate);
}

/* The address that was asked for, with the port that was got (0 asks for any). */
static void
write_in_force(const char *asked, const struct http_server *server,
               char out[LISTEN_ADDRESS_TEXT_MAX + 1])
{
    struct ip address = {0};
    uint16_t port = 0;

    /* It was read when the door opened, so it can be read again. */
    if (listen_address_read(asked, "", &address, &port, NULL) == STATUS_OK)
        port = http_server_port(server);
    listen_address_write(&address, port, out);
}

/* Tells the operator, and whoever waits for this line, where we are. */
static void
tell_listening(const struct house *house)
{
    char address[LISTEN_ADDRESS_TEXT_MAX + 1];
    char health[LISTEN_ADDRESS_TEXT_MAX + 1];

    write_in_force(house->config->listen, house->loops[0].server, address);
    write_in_force(house->config->health, house->health.server, health);
    if (house->loops[0].decide) {
        char decide[LISTEN_ADDRESS_TEXT_MAX + 1];
        write_in_force(house->config->decide_listen, house->loops[0].decide, decide);
        log_event(LOG_INFO, "gateways may ask", LOG_TEXT("decide", slice_of(decide)),
                  LOG_INT("tls", house->decide_tls != NULL));
    }
    log_event(LOG_INFO, "listening", LOG_TEXT("address", slice_of(address)),
              LOG_TEXT("health", slice_of(health)), LOG_INT("tls", house->tls != NULL),
              LOG_INT("tokens", (int64_t)keyring_count(house->keyring)),
              LOG_INT("loops", (int64_t)house->loop_count),
              LOG_INT("workers", (int64_t)house->worker_count), LOG_INT("pid", getpid()));
}

/* Waits for signals. From the one that ends the waiting on, a second one ends the
 * process at once. */
static void
serve_until_told_to_stop(struct house *house)
{
    int told = 0;

    while (told != SIGTERM && told != SIGINT) {
        if (sigwait(&house->told, &told) != 0)
            continue;
        if (told == SIGHUP)
            reload(house);
    }
    atomic_store(&house->state, HOUSE_DRAINING);
    log_event(LOG_INFO, "stopping",
              LOG_TEXT("signal", told == SIGTERM ? SLICE("SIGTERM") : SLICE("SIGINT")));
    signal(SIGHUP, SIG_IGN);
    if (pthread_sigmask(SIG_UNBLOCK, &house->told, NULL) != 0)
        log_event(LOG_WARN, "a second signal will not be heard");
}

enum status
house_run(const struct config *config, const char *config_path, struct failure *failure)
{
    struct house *house AUTO(mem_done) = mem_new(sizeof(*house));
    enum status status = STATUS_OK;
    size_t open = 0;

    status = check_doors(config, failure);
    if (status != STATUS_OK)
        return status;
    house->config = config;
    house->config_path = config_path;
    house->failure = failure;
    house->lock_fd = -1;
    while (open < COUNT_OF(STAGES) && (status = STAGES[open].open(house)) == STATUS_OK)
        open++;

    if (status == STATUS_OK) {
        atomic_store(&house->state, HOUSE_SERVING);
        tell_listening(house);
        serve_until_told_to_stop(house);
    } else if (!failure->text[0]) {
        status = failure_set(failure, status, NULL, "the %s could not be opened: %s",
                             STAGES[open].name, status_text(status));
    }

    while (open-- > 0) {
        if (STAGES[open].close)
            STAGES[open].close(house);
    }
    if (status == STATUS_OK)
        log_event(LOG_INFO, "stopped");
    return status;
}
