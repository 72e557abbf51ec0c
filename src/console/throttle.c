/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of sets of four: who is not there takes the place of who was seen longest ago
 * in the same set, so that it never grows. Names are kept as keyed hashes. */
#include "console/throttle.h"

#include "base/hash.h"
#include "base/mem.h"

#include <pthread.h>
#include <string.h>

enum {
    SET_COUNT = 4096,
    SET_SIZE = 4,
    FORGET_MS = 3600 * 1000, /* after an hour of peace all is forgotten */
    WHO_MAX_BYTES = 320,
    DOUBLING_MAX = 20, /* 2^20 s is more than any pause */
};

/* THE THROTTLE TABLE. A user's pause stays short, or a stranger could lock anybody out;
 * an address that goes on is nobody's only one. */
static const struct {
    int64_t free_count, pause_max_s;
    bool is_forgiven_whole;
} MEASURES[THROTTLE_KIND_COUNT] = {
    [THROTTLE_USER] = {5, 60, true},
    [THROTTLE_ADDRESS] = {20, 900, false},
    [THROTTLE_CODE] = {5, 300, true},
};

struct entry {
    uint64_t who; /* 0 = free */
    int64_t count;
    int64_t last_ms;  /* the last attempt */
    int64_t until_ms; /* nothing before this */
};

struct throttle {
    pthread_mutex_t lock;
    struct entry sets[SET_COUNT][SET_SIZE];
};

struct throttle *
throttle_new(void)
{
    struct throttle *throttle = mem_new(sizeof(*throttle));

    pthread_mutex_init(&throttle->lock, NULL);
    return throttle;
}

void
throttle_free(struct throttle **throttle)
{
    if (*throttle)
        pthread_mutex_destroy(&(*throttle)->lock);
    mem_free(throttle);
}

static uint64_t
hash_who(enum throttle_kind kind, struct slice who)
{
    unsigned char text[WHO_MAX_BYTES + 1] = {(unsigned char)kind};
    struct slice head = slice_head(who, WHO_MAX_BYTES);
    uint64_t hash;

    if (head.len > 0)
        memcpy(text + 1, head.at, head.len);
    hash = hash_keyed((struct slice){text, head.len + 1});
    return hash ? hash : 1;
}

/* The entry of `who`, fresh if there was none. */
static struct entry *
take_entry(struct throttle *throttle, uint64_t who, int64_t now_ms)
{
    struct entry *set = throttle->sets[who % SET_COUNT];
    struct entry *oldest = &set[0];

    for (size_t i = 0; i < SET_SIZE; i++) {
        if (set[i].who == who) {
            if (now_ms - set[i].last_ms > FORGET_MS)
                set[i] = (struct entry){.who = who};
            return &set[i];
        }
        if (set[i].last_ms < oldest->last_ms)
            oldest = &set[i];
    }
    *oldest = (struct entry){.who = who};
    return oldest;
}

static int64_t
pause_s(enum throttle_kind kind, int64_t count)
{
    int64_t over = count - MEASURES[kind].free_count;
    int64_t pause;

    if (over < 0)
        return 0;
    pause = (int64_t)1 << (over < DOUBLING_MAX ? over : DOUBLING_MAX);
    return pause < MEASURES[kind].pause_max_s ? pause : MEASURES[kind].pause_max_s;
}

int64_t
throttle_try(struct throttle *throttle, enum throttle_kind kind, struct slice who,
             int64_t now_ms)
{
    int64_t wait_s = 0;

    pthread_mutex_lock(&throttle->lock);
    struct entry *entry = take_entry(throttle, hash_who(kind, who), now_ms);
    if (now_ms < entry->until_ms) {
        wait_s = (entry->until_ms - now_ms + 999) / 1000;
    } else {
        entry->count++;
        entry->last_ms = now_ms;
        entry->until_ms = now_ms + pause_s(kind, entry->count) * 1000;
    }
    pthread_mutex_unlock(&throttle->lock);
    return wait_s;
}

void
throttle_good(struct throttle *throttle, enum throttle_kind kind, struct slice who)
{
    uint64_t hash = hash_who(kind, who);
    struct entry *set = throttle->sets[hash % SET_COUNT];

    pthread_mutex_lock(&throttle->lock);
    for (size_t i = 0; i < SET_SIZE; i++) {
        if (set[i].who != hash)
            continue;
        set[i].count =
            MEASURES[kind].is_forgiven_whole || set[i].count == 0 ? 0 : set[i].count - 1;
        set[i].until_ms = 0;
    }
    pthread_mutex_unlock(&throttle->lock);
}

struct slice
throttle_address(const struct ip *address)
{
    return (struct slice){address->at, ip_is_v4(address) ? sizeof(address->at) : 8};
}
