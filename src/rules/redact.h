/* SPDX-License-Identifier: Apache-2.0
 *
 * What may be kept of a request that was refused: its form, and what the verdict looked
 * at. Values of parameters can be secrets; those on which permissions depend, and the
 * names of fields in select, are not. Pure. */
#ifndef RULES_REDACT_H
#define RULES_REDACT_H

#include "rules/needs.h"

#include <stddef.h>

/* Writes the query with every value but those that `operation` (NULL: none is known) has
 * conditions on, and that of select, replaced by three asterisks; so are bare words. Cut
 * at whole pairs to `size` bytes, closing zero included. */
void redact_query(struct slice query, const struct operation *operation, char *out,
                  size_t size);

/* Writes a JSON object that meets the same conditions on the body as the request, and
 * holds nothing else; "" when it meets none, or when that has no room. */
void redact_body(const struct operation *operation, const struct needs_request *request,
                 char *out, size_t size);

#endif
