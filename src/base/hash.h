/* SPDX-License-Identifier: Apache-2.0
 *
 * SipHash-2-4 with a key of this process: for hash tables whose keys come from outside.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/slice.h"

#include <stdint.h>

/* The keyed hash of `bytes`; differs from process to process. */
uint64_t hash_keyed(struct slice bytes);
/* With a key of the caller's (tests, published vectors). */
uint64_t hash_siphash(const uint8_t key[16], struct slice bytes);

#endif
