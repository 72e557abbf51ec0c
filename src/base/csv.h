/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing CSV (RFC 4180). Whatever a spreadsheet would take for a formula is written so
 * that it is a text. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/buffer.h"

/* Adds a field to the row that is being written. A text that begins with = + - @, a tab
 * or a carriage return gets an apostrophe before it. */
void csv_add(struct buffer *out, struct slice text);
void csv_end(struct buffer *out); /* of the row: CR LF */

#endif
