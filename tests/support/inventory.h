/* SPDX-License-Identifier: Apache-2.0
 *
 * A fresh account with a real SQLite database, devices that are put in as an import does,
 * and our resources asked as a worker asks them: what lies between the gate and the
 * store, without sockets. For unit tests and fuzzers; a claim that fails aborts. */
#ifndef TESTS_SUPPORT_INVENTORY_H
#define TESTS_SUPPORT_INVENTORY_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "folder.h"

#include "api/device_import.h"
#include "api/resource.h"
#include "base/auto.h"
#include "crypto/seal.h"
#include "openapi/openapi_read.h"
#include "store/store_devices.h"
#include "store/store_people.h"

/* 2026-11-23T12:00:00Z */
#define INVENTORY_NOW_MS  1795435200000LL
#define INVENTORY_ACCOUNT "9f1c6b5e-3f0c-4c0a-9a53-0e5f6f2a7b11"

struct inventory {
    char data[64];
    struct store *writer, *reader;
    struct master_key *master_key;
    struct api *api;
    struct arena arena;    /* of one request */
    struct arena document; /* of the operations */
    const struct operation *operations;
    size_t operation_count;
    struct act act;
    struct failure failure; /* of the last import row */
};

/* A request and what came of it. */
struct asked {
    const char *operation;
    const char *parameters[2]; /* of the path */
    struct slice query, body;
    struct permission_set rights;
    const int64_t *groups;
    size_t group_count;
    int status;
    struct buffer reply;
};

static inline void
inventory_must(enum status status, const char *what)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, status_name(status));
    abort();
}
#define MUST(call) inventory_must((call), #call)

static inline void
inventory_open(struct inventory *v)
{
    char path[128];

    *v = (struct inventory){.data = "/tmp/tokenhouse-api-XXXXXX"};
    if (!mkdtemp(v->data))
        abort();
    snprintf(path, sizeof(path), "%s/master.key", v->data);
    MUST(master_key_make(path, &v->failure));
    MUST(master_key_open(path, &v->master_key, &v->failure));
    MUST(store_create(v->data, &v->failure));
    MUST(store_open(v->data, STORE_WRITE, &v->writer, &v->failure));
    MUST(store_open(v->data, STORE_READ, &v->reader, &v->failure));
    MUST(api_open(v->master_key, INVENTORY_ACCOUNT, &v->api));
    MUST(openapi_read(api_openapi_document(), NULL, &v->document, &v->operations,
                      &v->operation_count, &v->failure));
    v->act = (struct act){.store = v->writer,
                          .master_key = v->master_key,
                          .now_ms = INVENTORY_NOW_MS,
                          .actor_kind = ACTOR_COMMAND,
                          .actor_name = "tokenhouse test",
                          .actor_id = "",
                          .address = "",
                          .request_id = "",
                          .failure = &v->failure};
}

static inline void
inventory_close(struct inventory *v)
{
    api_close(&v->api);
    store_close(&v->reader);
    store_close(&v->writer);
    master_key_close(&v->master_key);
    arena_done(&v->arena);
    arena_done(&v->document);
    folder_remove(v->data);
}

/* Imports one device; gives what became of the row. A bad row changes nothing. */
static inline enum status
inventory_import(struct inventory *v, const char *json)
{
    struct device_import *import AUTO(device_import_end) = NULL;

    v->failure = (struct failure){0};
    MUST(device_import_begin(&v->act, &import));
    enum status status = device_import_row(import, slice_of(json), &v->failure);
    if (status == STATUS_OK)
        MUST(device_import_commit(import));
    return status;
}

static inline int64_t
inventory_group(struct inventory *v, const char *name, const char *uid)
{
    struct device_group group = {.created_at_s = 1};
    int64_t id = 0;

    snprintf(group.uid, sizeof(group.uid), "%s", uid);
    snprintf(group.name, sizeof(group.name), "%s", name);
    MUST(store_begin(v->writer));
    MUST(store_group_add(v->writer, &group, &id));
    MUST(store_commit(v->writer));
    return id;
}

static inline void
inventory_assign(struct inventory *v, int64_t group, const char *device)
{
    int64_t id = 0;

    MUST(store_begin(v->writer));
    MUST(store_device_id_by_name(v->writer, slice_of(device), &id));
    MUST(store_device_group_set(v->writer, id, group, true));
    MUST(store_commit(v->writer));
}

static inline const struct operation *
inventory_operation(const struct inventory *v, const char *id)
{
    for (size_t i = 0; i < v->operation_count; i++) {
        if (strcmp(v->operations[i].id, id) == 0)
            return &v->operations[i];
    }
    abort();
}

/* Answers what is asked; the reply stays until inventory_asked_done(). */
static inline void
inventory_ask(struct inventory *v, struct asked *asked)
{
    struct api_worker worker = {
        .reader = v->reader, .writer = v->writer, .arena = &v->arena};
    struct api_reply reply = {.body = &asked->reply};
    struct api_request request = {.operation = inventory_operation(v, asked->operation),
                                  .query = asked->query,
                                  .body = asked->body,
                                  .rights = asked->rights,
                                  .group_ids = asked->groups,
                                  .group_count = asked->group_count,
                                  .now_ms = INVENTORY_NOW_MS,
                                  .token_id = SLICE("a-token"),
                                  .token_title = SLICE("A token"),
                                  .address = "192.0.2.1",
                                  .request_id = "r-1"};

    for (size_t i = 0; i < COUNT_OF(asked->parameters) && asked->parameters[i]; i++)
        request.parameters[request.parameter_count++] = slice_of(asked->parameters[i]);
    buffer_done(&asked->reply);
    asked->reply = buffer_make(32 << 20);
    api_answer(v->api, &worker, &request, &reply);
    asked->status = reply.status;
    arena_reset(&v->arena);
}

static inline void
asked_done(struct asked *asked)
{
    buffer_done(&asked->reply);
}

#endif
