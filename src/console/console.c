/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening and closing the console, and what the house asks of it. */
#include "console/console.h"

#include "base/auto.h"
#include "base/mem.h"
#include "console/guard.h"
#include "console/importer.h"
#include "console/inside.h"
#include "crypto/hmac.h"
#include "crypto/seal.h"
#include "store/store_sessions.h"

/* Another node may know of a use that is not yet written down: only what is dead for
 * longer than that is dropped. */
enum { PRUNE_GRACE_S = 60 };

static struct hmac_key *
derive_key(const struct master_key *master_key, struct slice use)
{
    struct secret secret AUTO(secret_done) = {0};

    master_key_derive(master_key, use, &secret);
    return hmac_key_new(secret_slice(&secret));
}

enum status
console_open(const struct console_setup *setup, struct console **out)
{
    struct console *console AUTO(console_close) = mem_new(sizeof(*console));

    console->setup = *setup;
    console->limits.idle_s = setup->config->session_idle_s;
    console->limits.max_s = setup->config->session_max_s;
    console->throttle = throttle_new();
    console->uses = uses_new();
    console->importer = importer_new(setup->config);
    pthread_mutex_init(&console->lock, NULL);
    console->csrf_key = derive_key(setup->master_key, SLICE("console csrf"));
    console->list_key = derive_key(setup->master_key, SLICE("console list"));
    console->proof_key = derive_key(setup->master_key, SLICE("console proof"));
    if (!console->csrf_key || !console->list_key || !console->proof_key)
        return STATUS_BROKEN;
    *out = TAKE(console);
    return STATUS_OK;
}

void
console_close(struct console **console)
{
    if (!*console)
        return;
    hmac_key_free(&(*console)->csrf_key);
    hmac_key_free(&(*console)->list_key);
    hmac_key_free(&(*console)->proof_key);
    throttle_free(&(*console)->throttle);
    uses_free(&(*console)->uses);
    importer_free(&(*console)->importer);
    pthread_mutex_destroy(&(*console)->lock);
    mem_free(console);
}

bool
console_hashes(struct slice method, struct slice path)
{
    struct route_found match = {0};
    char allow[64];

    return route_find(method, path, NULL, &match, allow) == STATUS_OK &&
           (match.route->flags & ROUTE_HASHES) != 0;
}

int64_t
console_body_max(const struct console *console, const struct http_request *request)
{
    struct route_found match = {0};
    uint8_t hash[SESSION_HASH_BYTES];
    struct slice cookie = {0};
    char allow[64];

    if (route_find(request->method, request->path, NULL, &match, allow) != STATUS_OK ||
        (match.route->flags & ROUTE_LONG) == 0 || !guard_cookie(request, &cookie))
        return 0;
    session_hash(cookie, hash);
    return guard_csrf_fits(console->csrf_key, hash, request) ? DESCRIPTION_BODY_MAX_BYTES
                                                             : 0;
}

void
console_answer(struct console *console, const struct api_worker *worker,
               const struct console_request *request, struct console_reply *reply)
{
    struct visit *v = arena_new(worker->arena, sizeof(*v));

    *v = (struct visit){
        .console = console,
        .setup = &console->setup,
        .request = request,
        .reply = reply,
        .worker = worker,
        .reader = worker->reader,
        .arena = worker->arena,
        .now_s = request->now_ms / 1000,
    };
    ip_write(request->address, v->address);
    v->table = routes_hold(console->setup.routes);
    serve_visit(v);
    route_table_drop(&v->table);
}

enum status
console_keep(struct console *console, struct store *writer, int64_t now_ms)
{
    struct store *act AUTO(store_undo_done) = writer;
    int64_t now_s = now_ms / 1000;
    enum status status = store_begin(writer);

    if (status == STATUS_OK)
        status = uses_write(console->uses, writer);
    if (status == STATUS_OK)
        status =
            store_session_prune(writer, now_s - console->limits.idle_s - PRUNE_GRACE_S,
                                now_s - console->limits.max_s - PRUNE_GRACE_S);
    if (status == STATUS_OK)
        status = store_commit(act);
    if (status == STATUS_OK)
        uses_written(console->uses);
    importer_sweep(console->importer);
    return status;
}
