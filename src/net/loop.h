/* SPDX-License-Identifier: Apache-2.0
 *
 * An event loop on epoll: one a thread. Descriptors, timers, rounds, and a mailbox by
 * which other threads reach it. A loop never waits for anything but events. */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h> /* EPOLLIN and its kin, for loop_watch() */

struct loop;

MUST_CHECK enum status loop_open(struct loop **out);
void loop_close(struct loop **loop);

/* Runs until loop_stop(); on the thread that calls it. */
void loop_run(struct loop *loop);
/* From any thread or a signal handler. */
void loop_stop(struct loop *loop);

/* Monotonic milliseconds, taken once a round. */
int64_t loop_now_ms(const struct loop *loop);
/* Unix time in milliseconds, taken once a round. */
int64_t loop_wall_ms(const struct loop *loop);

/* Something for a loop to do, sent by another thread. Embed it. */
struct loop_message {
    struct loop_message *next; /* used by the mailbox */
    void (*run)(struct loop_message *message);
};

/* Sends `message` (taken over until its run() is called, on the loop's thread). From
 * any thread; takes no lock (an MPSC list and an eventfd). Messages that wait when the
 * loop is closed are still run. */
void loop_post(struct loop *loop, struct loop_message *message);

/* Descriptors: `events` are EPOLLIN | EPOLLOUT | …; embed the source. */
struct loop_source {
    int fd;
    void (*ready)(struct loop_source *source, uint32_t events);
};
MUST_CHECK enum status loop_watch(struct loop *loop, struct loop_source *source,
                                  uint32_t events);
void loop_unwatch(struct loop *loop, struct loop_source *source);

/* Timers: embed; zeroed = not set. Exact to about 100 ms, O(1). */
struct loop_timer {
    struct loop_timer *next, **prev;
    int64_t at_ms; /* monotonic */
    void (*due)(struct loop_timer *timer);
};
void loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t at_ms);
void loop_timer_clear(struct loop *loop, struct loop_timer *timer);

/* Called at the end of every round, before the loop waits again. */
struct loop_round {
    struct loop_round *next;
    void (*end)(struct loop_round *round);
};
void loop_at_round_end(struct loop *loop, struct loop_round *round);
/* Takes it out again. Not from within a round's end. */
void loop_forget_round(struct loop *loop, struct loop_round *round);
/* Said while a round ends: there is work left, so the next round begins without waiting
 * for events. Said earlier in a round, it means nothing. */
void loop_hurry(struct loop *loop);

#endif
