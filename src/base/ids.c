/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers in order. */
#include "base/ids.h"

#include <stdlib.h>

static int
compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

size_t
ids_sort(int64_t *ids, size_t count)
{
    size_t kept = 0;

    qsort(ids, count, sizeof(ids[0]), compare);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || ids[i] != ids[kept - 1])
            ids[kept++] = ids[i];
    }
    return kept;
}
