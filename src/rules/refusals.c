/* SPDX-License-Identifier: Apache-2.0
 *
 * A ring for each of many sets of tokens. */
#include "rules/refusals.h"

#include "base/hash.h"
#include "base/mem.h"

#include <pthread.h>

enum { SET_COUNT = 128, SET_REFUSAL_COUNT = 64 }; /* about 12 MB when all are full */

struct refusal_set {
    pthread_mutex_t lock;
    uint64_t added; /* ever; the newest is at added - 1 */
    struct refusal refusals[SET_REFUSAL_COUNT];
};

struct refusals {
    struct refusal_set sets[SET_COUNT];
};

struct refusals *
refusals_new(void)
{
    struct refusals *refusals = mem_new(sizeof(*refusals));

    for (size_t i = 0; i < SET_COUNT; i++)
        pthread_mutex_init(&refusals->sets[i].lock, NULL);
    return refusals;
}

void
refusals_free(struct refusals **refusals)
{
    if (!*refusals)
        return;
    for (size_t i = 0; i < SET_COUNT; i++)
        pthread_mutex_destroy(&(*refusals)->sets[i].lock);
    mem_free(refusals);
}

static struct refusal_set *
set_of(struct refusals *refusals, struct slice token_id)
{
    return &refusals->sets[hash_keyed(token_id) % SET_COUNT];
}

void
refusals_add(struct refusals *refusals, const struct refusal *refusal)
{
    struct refusal_set *set = set_of(refusals, slice_of(refusal->token_id));

    pthread_mutex_lock(&set->lock);
    set->refusals[set->added++ % SET_REFUSAL_COUNT] = *refusal;
    pthread_mutex_unlock(&set->lock);
}

size_t
refusals_find(struct refusals *refusals, struct slice token_id,
              struct refusal out[REFUSALS_OF_TOKEN_MAX_COUNT])
{
    struct refusal_set *set = set_of(refusals, token_id);
    size_t count = 0;

    pthread_mutex_lock(&set->lock);
    for (uint64_t back = 1; back <= set->added && back <= SET_REFUSAL_COUNT &&
                            count < REFUSALS_OF_TOKEN_MAX_COUNT;
         back++) {
        const struct refusal *one =
            &set->refusals[(set->added - back) % SET_REFUSAL_COUNT];
        if (slice_equal(slice_of(one->token_id), token_id))
            out[count++] = *one;
    }
    pthread_mutex_unlock(&set->lock);
    return count;
}

static bool
find_in_set(struct refusal_set *set, struct slice request_id, struct refusal *out)
{
    bool is_found = false;

    pthread_mutex_lock(&set->lock);
    for (size_t i = 0; !is_found && i < SET_REFUSAL_COUNT && i < set->added; i++) {
        is_found = slice_equal(slice_of(set->refusals[i].request_id), request_id);
        if (is_found)
            *out = set->refusals[i];
    }
    pthread_mutex_unlock(&set->lock);
    return is_found;
}

enum status
refusals_by_request(struct refusals *refusals, struct slice request_id,
                    struct refusal *out)
{
    for (size_t i = 0; request_id.len > 0 && i < SET_COUNT; i++) {
        if (find_in_set(&refusals->sets[i], request_id, out))
            return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}
