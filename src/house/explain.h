/* SPDX-License-Identifier: Apache-2.0
 *
 * What the house would say, without opening it: for `tokenhouse explain` and
 * `permissions`, over a data folder that may be served at the same time. Reads only. */
#ifndef HOUSE_EXPLAIN_H
#define HOUSE_EXPLAIN_H

#include "config/config.h"
#include "rules/calls.h"
#include "rules/explanation.h"

struct explainer;

/* `config` is borrowed. Reads all tokens and operations. */
MUST_CHECK enum status explainer_open(const struct config *config, struct explainer **out,
                                      struct failure *failure);
void explainer_close(struct explainer **explainer);

/* As gate_explain(), with what the store knows of roles and licences. */
MUST_CHECK enum status explainer_ask(struct explainer *explainer,
                                     const struct explain_request *request,
                                     struct explanation *out);

/* Which operations are called, and the least permissions for them (rules/calls.h). What
 * *out points at is good until the explainer closes. */
void explainer_calls(struct explainer *explainer, struct slice text, struct slice prefix,
                     struct arena *arena, struct calls *out);

#endif
