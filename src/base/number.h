/* SPDX-License-Identifier: Apache-2.0
 *
 * Strict reading of decimal numbers. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include "base/slice.h"
#include "base/status.h"

#include <stdint.h>

/* Reads all of `text` as digits with at most one leading '-'; no '+', no blanks, no
 * empty text. STATUS_MALFORMED otherwise, STATUS_TOO_LARGE outside int64_t. */
MUST_CHECK enum status number_read(struct slice text, int64_t *out);

#endif
