/* SPDX-License-Identifier: Apache-2.0
 *
 * malloc, and the end of the process when it has nothing left to give. */
#include "base/mem.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Says why and ends: nothing that allocates may be called here. */
static _Noreturn void
mem_end(void)
{
    static const char WORDS[] = "out of memory\n";

    if (write(STDERR_FILENO, WORDS, sizeof(WORDS) - 1) < 0)
        abort();
    abort();
}

void *
mem_new(size_t size)
{
    void *made = calloc(1, size ? size : 1);

    if (!made)
        mem_end();
    return made;
}

void *
mem_new_array(size_t count, size_t size)
{
    size_t whole;

    if (__builtin_mul_overflow(count, size, &whole))
        mem_end();
    return mem_new(whole);
}

void *
mem_resize(void *old, size_t size)
{
    void *made = realloc(old, size ? size : 1);

    if (!made)
        mem_end();
    return made;
}

char *
mem_text(const void *at, size_t len)
{
    char *made;

    if (len == SIZE_MAX)
        mem_end();
    made = mem_new(len + 1);
    if (len)
        memcpy(made, at, len);
    return made;
}

void
mem_free(void *pointer_to_pointer)
{
    void *old;

    memcpy(&old, pointer_to_pointer, sizeof(old));
    free(old);
    memset(pointer_to_pointer, 0, sizeof(old));
}

void
mem_give_back(void)
{
    malloc_trim(0);
}
