/* SPDX-License-Identifier: Apache-2.0
 *
 * A board of fixed size. What was taken from it stays until its place is needed, so that
 * a caller in a loop makes no work after the first request of a day. */
#include "rules/alarms.h"

#include "base/date.h"
#include "base/mem.h"

#include <pthread.h>
#include <string.h>

enum { PLACE_COUNT = 256 };

struct place {
    struct alarm alarm; /* kind 0 = nothing was here yet */
    bool is_waiting;
};

struct alarms {
    pthread_mutex_t lock;
    struct place places[PLACE_COUNT];
};

struct alarms *
alarms_new(void)
{
    struct alarms *alarms = mem_new(sizeof(*alarms));

    pthread_mutex_init(&alarms->lock, NULL);
    return alarms;
}

void
alarms_free(struct alarms **alarms)
{
    if (!*alarms)
        return;
    pthread_mutex_destroy(&(*alarms)->lock);
    mem_free(alarms);
}

static bool
is_same(const struct alarm *a, const struct alarm *b)
{
    return a->kind == b->kind && a->at_ms / 1000 / DAY_S == b->at_ms / 1000 / DAY_S &&
           strcmp(a->token_id, b->token_id) == 0;
}

/* The place of this alarm, else one that nothing waits in; NULL: all wait. */
static struct place *
find_place(struct alarms *alarms, const struct alarm *alarm)
{
    struct place *oldest = NULL;

    for (size_t i = 0; i < PLACE_COUNT; i++) {
        struct place *place = &alarms->places[i];
        if (is_same(&place->alarm, alarm))
            return place;
        if (!place->is_waiting && (!oldest || place->alarm.at_ms < oldest->alarm.at_ms))
            oldest = place;
    }
    return oldest;
}

void
alarms_add(struct alarms *alarms, const struct alarm *alarm)
{
    pthread_mutex_lock(&alarms->lock);
    struct place *place = find_place(alarms, alarm);
    if (place && !is_same(&place->alarm, alarm))
        *place = (struct place){.alarm = *alarm, .is_waiting = true};
    pthread_mutex_unlock(&alarms->lock);
}

enum status
alarms_take(struct alarms *alarms, struct alarm *out)
{
    enum status status = STATUS_NOT_FOUND;

    pthread_mutex_lock(&alarms->lock);
    for (size_t i = 0; i < PLACE_COUNT && status != STATUS_OK; i++) {
        struct place *place = &alarms->places[i];
        if (!place->is_waiting)
            continue;
        place->is_waiting = false;
        *out = place->alarm;
        status = STATUS_OK;
    }
    pthread_mutex_unlock(&alarms->lock);
    return status;
}

void
alarms_give_back(struct alarms *alarms, const struct alarm *alarm)
{
    pthread_mutex_lock(&alarms->lock);
    struct place *place = find_place(alarms, alarm);
    if (place)
        *place = (struct place){.alarm = *alarm, .is_waiting = true};
    pthread_mutex_unlock(&alarms->lock);
}
