/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections per address: an open-addressing table that grows, and closes its gaps when
 * a row goes (Knuth, volume 3, 6.4, algorithm R). */
#include "net/address_count.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

enum { ROWS_AT_FIRST = 256 };

struct row {
    struct ip address;
    int64_t count; /* 0 = free */
};

struct address_count {
    pthread_mutex_t lock;
    struct row *rows;
    size_t row_count; /* a power of two */
    size_t used;
};

struct address_count *
address_count_new(void)
{
    struct address_count *count = mem_new(sizeof(*count));

    pthread_mutex_init(&count->lock, NULL);
    count->row_count = ROWS_AT_FIRST;
    count->rows = mem_new_array(count->row_count, sizeof(struct row));
    return count;
}

void
address_count_free(struct address_count **count)
{
    if (!*count)
        return;
    pthread_mutex_destroy(&(*count)->lock);
    mem_free(&(*count)->rows);
    mem_free(count);
}

static struct ip
counted(const struct ip *address)
{
    struct ip own = *address;

    if (!ip_is_v4(&own))
        memset(own.at + 8, 0, 8);
    return own;
}

static size_t
home_of(const struct address_count *count, const struct ip *address)
{
    return hash_keyed((struct slice){address->at, sizeof(address->at)}) &
           (count->row_count - 1);
}

/* The row of `address`, or the free one where it belongs. */
static struct row *
find_row(const struct address_count *count, const struct ip *address)
{
    size_t i = home_of(count, address);

    while (count->rows[i].count != 0 &&
           memcmp(count->rows[i].address.at, address->at, sizeof(address->at)) != 0)
        i = (i + 1) & (count->row_count - 1);
    return &count->rows[i];
}

static void
grow(struct address_count *count)
{
    struct row *old = count->rows;
    size_t old_count = count->row_count;

    count->row_count *= 2;
    count->rows = mem_new_array(count->row_count, sizeof(struct row));
    for (size_t i = 0; i < old_count; i++) {
        if (old[i].count != 0)
            *find_row(count, &old[i].address) = old[i];
    }
    mem_free(&old);
}

bool
address_count_take(struct address_count *count, const struct ip *address, int64_t max)
{
    struct ip own = counted(address);

    pthread_mutex_lock(&count->lock);
    struct row *row = find_row(count, &own);
    bool is_free = row->count == 0;
    bool may = row->count < max;
    if (may && is_free && (count->used + 1) * 2 > count->row_count) {
        grow(count);
        row = find_row(count, &own);
    }
    if (may) {
        row->address = own;
        row->count++;
        count->used += is_free;
    }
    pthread_mutex_unlock(&count->lock);
    return may;
}

/* Frees row `gap` and moves up what had to step over it. */
static void
close_gap(struct address_count *count, size_t gap)
{
    size_t mask = count->row_count - 1;

    for (size_t i = (gap + 1) & mask; count->rows[i].count != 0; i = (i + 1) & mask) {
        size_t home = home_of(count, &count->rows[i].address);
        if (((i - home) & mask) < ((i - gap) & mask))
            continue; /* its home lies after the gap */
        count->rows[gap] = count->rows[i];
        gap = i;
    }
    count->rows[gap].count = 0;
}

void
address_count_give(struct address_count *count, const struct ip *address)
{
    struct ip own = counted(address);

    pthread_mutex_lock(&count->lock);
    struct row *row = find_row(count, &own);
    if (row->count > 0 && --row->count == 0) {
        close_gap(count, (size_t)(row - count->rows));
        count->used--;
    }
    pthread_mutex_unlock(&count->lock);
}

int64_t
address_count_of(struct address_count *count, const struct ip *address)
{
    struct ip own = counted(address);

    pthread_mutex_lock(&count->lock);
    int64_t held = find_row(count, &own)->count;
    pthread_mutex_unlock(&count->lock);
    return held;
}
