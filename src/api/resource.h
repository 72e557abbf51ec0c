/* SPDX-License-Identifier: Apache-2.0
 *
 * Our own resources: what stands behind the operations of api/tokenhouse.openapi.json.
 * A resource sees a permitted request and nothing of tokens, signatures or sockets. */
#ifndef API_RESOURCE_H
#define API_RESOURCE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"
#include "model/operation.h"
#include "model/permission.h"
#include "rules/route_map.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

/* A request that was let in. Everything is borrowed for the time of the call. */
struct api_request {
    const struct operation *operation;
    struct slice parameters[OPERATION_PARAMETER_MAX_COUNT]; /* of the path; decoded */
    size_t parameter_count;
    struct slice query;           /* as signed, still encoded */
    struct slice body;            /* the value of "data"; empty when there was none */
    struct permission_set rights; /* what the token may do now */
    const int64_t *group_ids;     /* rows are limited to these; none = all devices */
    size_t group_count;
    int64_t now_ms;
    /* for Event History of what changes things */
    struct slice token_id, token_title;
    const char *address, *request_id;
};

struct api_reply {
    int status;                /* 200, 202, 204, 4xx */
    struct slice content_type; /* empty: application/json when there is a body */
    struct buffer *body;       /* JSON; grows to its maximum */
};

/* Things that all resources share; read-only after the opening. */
struct api;

/* Opens with the master key (for cursors). */
struct master_key;
MUST_CHECK enum status api_open(const struct master_key *master_key,
                                const char *account_uid, struct api **out);
void api_close(struct api **api);

/* Answers on a worker thread with that worker's store connections. Always fills `reply`:
 * a failure becomes an answer in the vendor's form. `writer` is opened for writing. */
struct api_worker {
    struct store *reader, *writer;
    struct arena *arena;
};
void api_answer(const struct api *api, const struct api_worker *worker,
                const struct api_request *request, struct api_reply *reply);

/* The OpenAPI document of our own operations, as embedded. */
struct slice api_openapi_document(void);
/* For `when` of WHEN_FIELD: is `name` (or something under it) asked for by name in this
 * query's select? Allocates nothing; used by the gate's permission step. */
bool api_select_names(struct slice query, struct slice name);

/* Appends an error in the vendor's form {"code","message","details":[…]}; `detail_code`
 * and `field` may be NULL (details is then empty). */
void api_error_write(struct buffer *out, const char *code, const char *message,
                     const char *detail_code, const char *detail_message,
                     const char *field);

#endif
