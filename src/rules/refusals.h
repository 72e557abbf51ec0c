/* SPDX-License-Identifier: Apache-2.0
 *
 * The latest refusals of real requests whose token was proved, in memory: so that its
 * owner can open one, read why, and have it explained. Bounded; of the request only what
 * names it and what the verdict looked at is kept (rules/redact.h), never a signature, or
 * a value that may be a secret. For all threads. */
#ifndef RULES_REFUSALS_H
#define RULES_REFUSALS_H

#include "base/slice.h"
#include "base/status.h"
#include "model/refusal.h"
#include "rules/act.h"
#include "json/write.h"

#include <stddef.h>

enum { REFUSALS_OF_TOKEN_MAX_COUNT = 50 }; /* as many as anybody reads */

struct refusals;

struct refusals *refusals_new(void);
void refusals_free(struct refusals **refusals);
/* Keeps a copy; the oldest of its neighbourhood goes. Tokens are spread over many
 * neighbourhoods, so that one that is refused all the time drives out few others. */
void refusals_add(struct refusals *refusals, const struct refusal *refusal);
/* Those of a token, newest first; gives how many. */
size_t refusals_find(struct refusals *refusals, struct slice token_id,
                     struct refusal out[REFUSALS_OF_TOKEN_MAX_COUNT]);
/* The one of this request. STATUS_NOT_FOUND: it was not kept, or not any more. */
MUST_CHECK enum status refusals_by_request(struct refusals *refusals,
                                           struct slice request_id, struct refusal *out);

/* Answers what commands have asked about refusals, some in an act. */
MUST_CHECK enum status refusals_answer(struct refusals *refusals, const struct act *act);

/* The request that was refused, as explain asks about it. Points into `refusal`. */
struct explain_request;
void refusal_describe(const struct refusal *refusal, struct explain_request *out);
/* As one object (docs/admin-api.md). */
void refusal_write(const struct refusal *refusal, struct json_writer *writer);

#endif
