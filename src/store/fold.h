/* SPDX-License-Identifier: Apache-2.0
 *
 * Folding of case, for names that must be unique to the human eye. */
#ifndef STORE_FOLD_H
#define STORE_FOLD_H

#include "base/slice.h"

/* Writes `text` with the capitals of ASCII, Latin-1, Greek and Cyrillic made small; the
 * length stays. False, and `out` is empty, when it does not fit into `size` bytes. Fixed
 * for ever, because its results are stored: no locale, no newer Unicode. */
bool fold_case(struct slice text, char *out, size_t size);

#endif
