/* SPDX-License-Identifier: Apache-2.0
 *
 * The lane through the gate that explains, in a house that serves and in one that only
 * looks. People ask, so one lane is enough. */
#include "house/explain.h"

#include "base/auto.h"
#include "base/mem.h"
#include "gate/explain.h"
#include "house/house_inside.h"

struct explainer {
    struct house house; /* only what the stages below fill */
};

enum status
explain_stage_open(struct house *house)
{
    pthread_mutex_init(&house->explain_lock, NULL);
    enum status status = gate_lane_open(house->gate, &house->explain_lane);

    if (status != STATUS_OK) {
        pthread_mutex_destroy(&house->explain_lock);
        return failure_set(house->failure, status, NULL,
                           "what explains could not be opened: %s", status_text(status));
    }
    return STATUS_OK;
}

void
explain_stage_close(struct house *house)
{
    gate_lane_close(&house->explain_lane);
    pthread_mutex_destroy(&house->explain_lock);
}

void
explain_ask(void *ctx, const struct explain_request *request, struct explanation *out)
{
    struct house *house = ctx;

    pthread_mutex_lock(&house->explain_lock);
    keyring_thread_in();
    gate_explain(house->explain_lane, request, out);
    keyring_thread_out();
    pthread_mutex_unlock(&house->explain_lock);
}

/* ---- without a house that serves ---- */

static enum status
open_store(struct house *house)
{
    return store_open(house->config->data, STORE_READ, &house->store, house->failure);
}

/* Nothing is signed here: neither the master key nor tables are needed. */
static enum status
open_gate(struct house *house)
{
    struct gate_ports ports = {.select_names = api_select_names};
    enum status status = gate_open(house->config, house->keyring, NULL,
                                   house->routes.published, &ports, &house->gate);

    if (status != STATUS_OK)
        return failure_set(house->failure, status, NULL,
                           "the gate could not be opened: %s", status_text(status));
    return STATUS_OK;
}

static void
close_gate(struct house *house)
{
    gate_close(&house->gate);
}

/* THE STAGES of a house that only looks, opened from top to bottom. */
static const struct {
    enum status (*open)(struct house *house);
    void (*close)(struct house *house);
} STAGES[] = {
    {open_store, memory_close_store},
    {route_stage_open, route_stage_close},
    {memory_open_keyring, memory_close_keyring},
    {open_gate, close_gate},
    {explain_stage_open, explain_stage_close},
};

static void
close_stages(struct house *house, size_t open)
{
    while (open-- > 0)
        STAGES[open].close(house);
}

enum status
explainer_open(const struct config *config, struct explainer **out,
               struct failure *failure)
{
    struct explainer *explainer = mem_new(sizeof(*explainer));
    enum status status = STATUS_OK;
    size_t open = 0;

    explainer->house.config = config;
    explainer->house.failure = failure;
    while (open < COUNT_OF(STAGES) && status == STATUS_OK) {
        status = STAGES[open].open(&explainer->house);
        open += status == STATUS_OK;
    }
    if (status == STATUS_OK) {
        *out = explainer;
        return STATUS_OK;
    }
    close_stages(&explainer->house, open);
    mem_free(&explainer);
    return status;
}

void
explainer_close(struct explainer **explainer)
{
    if (!*explainer)
        return;
    close_stages(&(*explainer)->house, COUNT_OF(STAGES));
    mem_free(explainer);
}

enum status
explainer_ask(struct explainer *explainer, const struct explain_request *request,
              struct explanation *out)
{
    explain_ask(&explainer->house, request, out);
    return explanation_find_ways(explainer->house.store, out);
}

void
explainer_calls(struct explainer *explainer, struct slice text, struct slice prefix,
                struct arena *arena, struct calls *out)
{
    struct calls_how how = {
        .map = route_table_map(routes_now(explainer->house.routes.published)),
        .select_names = api_select_names,
        .prefix = prefix,
    };

    calls_read(text, &how, arena, out);
}
