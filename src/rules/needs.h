/* SPDX-License-Identifier: Apache-2.0
 *
 * What a request needs: the permissions of its operation, and those that its parameters
 * need beyond them. The gate asks whether a token has them; explain and "pick calls" ask
 * for all of them. Pure. */
#ifndef RULES_NEEDS_H
#define RULES_NEEDS_H

#include "base/slice.h"
#include "model/operation.h"
#include "model/verdict.h"
#include "json/scan.h"

#include <stdbool.h>
#include <stdint.h>

/* Is `name` asked for by name in the query's select? (api/resource.h) */
typedef bool needs_select_names(struct slice query, struct slice name);

/* A request, as far as its needs depend on it. Borrowed. */
struct needs_request {
    struct slice query;            /* still encoded */
    const struct json_value *body; /* scanned; JSON_KIND_NONE: there is none */
    needs_select_names *select_names;
};

/* Does the request ask for what this condition is about? */
bool needs_is_asked(const struct operation_when *when,
                    const struct needs_request *request);

/* Adds all that the request needs to *set. Nothing for an operation that is closed or
 * open to all. */
void needs_add(const struct operation *operation, const struct needs_request *request,
               struct permission_set *set);

/* What somebody lacks. */
struct needs_missing {
    uint16_t permission;               /* PERMISSION_NONE: the operation is closed */
    const struct operation_when *when; /* whose permission it is; NULL: the operation's */
};

/* PERMITTED when `rights` cover all that the request needs, else REFUSED_PERMISSION with
 * the first that is missing. */
enum verdict needs_check(const struct operation *operation,
                         const struct needs_request *request,
                         const struct permission_set *rights,
                         struct needs_missing *out_missing);

#endif
