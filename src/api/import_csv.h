/* SPDX-License-Identifier: Apache-2.0
 *
 * CSV (RFC 4180) with a first row of field names, dots leading into objects. Each row
 * becomes a JSON object. */
#ifndef API_IMPORT_CSV_H
#define API_IMPORT_CSV_H

#include "api/import_source.h"

struct import_csv;

/* Reads the row of names. STATUS_REFUSED: a name that no device has, a name twice,
 * neither deviceUid nor esn; failure says which. */
MUST_CHECK enum status import_csv_open(struct import_source *source,
                                       struct import_csv **out, struct failure *failure);
void import_csv_close(struct import_csv **csv);
/* As import_rows_next(). */
MUST_CHECK enum status import_csv_next(struct import_csv *csv, struct slice *out,
                                       int *out_line, struct failure *failure);

#endif
