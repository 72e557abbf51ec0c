/* SPDX-License-Identifier: Apache-2.0
 *
 * The limits of a token in the admin API. */
#ifndef CONSOLE_LIMITS_DOC_H
#define CONSOLE_LIMITS_DOC_H

#include "console/visit.h"
#include "model/limit.h"

/* "limits": {"rate", "quotaPerDay", "concurrent", "maxUses", "notBefore"}. */
void write_limits(struct json_writer *writer, const struct token_limits *limits);
/* Reads such an object; what is not there or null is no limit. */
MUST_CHECK enum status read_limits(struct visit *v, const json_t *object,
                                   struct token_limits *out);
/* The fields of a failure of the rules, as this API calls them. */
void rename_limits(struct visit *v);

#endif
