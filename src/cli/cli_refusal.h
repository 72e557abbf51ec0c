/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking the server that runs over the data folder for a refusal, by its request id. */
#ifndef CLI_CLI_REFUSAL_H
#define CLI_CLI_REFUSAL_H

#include "cli/options.h"
#include "model/refusal.h"

/* Waits a few seconds for the answer. EXIT_DONE, or the reason is printed. */
int cli_find_refusal(const struct options *options, const char *request_id,
                     struct refusal *out);

#endif
