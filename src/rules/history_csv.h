/* SPDX-License-Identifier: Apache-2.0
 *
 * Events as rows of CSV, for those who read them in a spreadsheet. Only the lines of
 * history_line.h can be proved. */
#ifndef RULES_HISTORY_CSV_H
#define RULES_HISTORY_CSV_H

#include "base/buffer.h"
#include "model/records.h"

void history_csv_head(struct buffer *out); /* the names of the columns */
void history_csv_row(struct buffer *out, const struct event *event);

#endif
