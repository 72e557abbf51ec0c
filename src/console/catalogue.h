/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue of permissions as the grids show it, with the operations of the signed
 * API that each opens. */
#ifndef CONSOLE_CATALOGUE_H
#define CONSOLE_CATALOGUE_H

#include "console/visit.h"

/* Writes the rows of `shown`, a feature each, as a list. */
void catalogue_write(struct visit *v, struct json_writer *writer, const char *name,
                     const struct permission_set *shown);
/* Writes all operations with what they need, as a list. */
void catalogue_write_operations(struct visit *v, struct json_writer *writer,
                                const char *name);

#endif
