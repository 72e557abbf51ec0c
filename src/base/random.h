/* SPDX-License-Identifier: Apache-2.0
 *
 * The only door to randomness: the kernel's, through getrandom(2). */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Fills `len` bytes; ends the process if the kernel gives none. */
void random_fill(void *out, size_t len);
uint64_t random_u64(void);

#endif
