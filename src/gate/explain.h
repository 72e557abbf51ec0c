/* SPDX-License-Identifier: Apache-2.0
 *
 * Explaining: THE STEP TABLE walked for a request that nobody sent. */
#ifndef GATE_EXPLAIN_H
#define GATE_EXPLAIN_H

#include "gate/gate.h"
#include "rules/explanation.h"

/* Runs the gate's own steps over what `request` describes, in `lane`, which must be no
 * loop's. Goes on behind a refusal with what can still be asked, so that all that is
 * missing is found at once. The verdict is the gate's for the same request rightly
 * signed, but for the steps that are left out. Nothing is used up, counted or kept. On a
 * thread that is in the keyring (keyring_thread_in()). */
void gate_explain(struct gate_lane *lane, const struct explain_request *request,
                  struct explanation *out);

#endif
