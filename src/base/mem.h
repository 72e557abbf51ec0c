/* SPDX-License-Identifier: Apache-2.0
 *
 * The only door to malloc. Every size from outside is held against a limit before it
 * comes here; after that these calls do not fail: without memory the process ends. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* `size` zeroed bytes. */
__attribute__((returns_nonnull, malloc)) void *mem_new(size_t size);
/* `count` zeroed elements of `size` bytes; ends the process on overflow. */
__attribute__((returns_nonnull, malloc)) void *mem_new_array(size_t count, size_t size);
/* Grows or shrinks; new bytes are not zeroed. */
__attribute__((returns_nonnull)) void *mem_resize(void *old, size_t size);
/* A closed copy of `len` bytes at `at`. */
__attribute__((returns_nonnull, malloc)) char *mem_text(const void *at, size_t len);
/* Frees what `*pointer` (a pointer to any object pointer) points to; leaves NULL. */
void mem_free(void *pointer_to_pointer);
/* Gives the system back what is free, after something large was freed: malloc keeps what
 * lies below the last piece that is in use. Takes some milliseconds. */
void mem_give_back(void);
/* For AUTO(mem_done) on any `T *` local: same as mem_free. */
#define mem_done mem_free

#endif
