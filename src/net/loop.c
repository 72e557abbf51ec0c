/* SPDX-License-Identifier: Apache-2.0
 *
 * The event loop: epoll for descriptors, a wheel for timers, and a mailbox that other
 * threads fill without a lock. One round takes what is ready, runs it, and ends with the
 * hooks that send all answers together. */
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

enum {
    TICK_MS = 50,      /* half of what loop.h promises */
    SLOT_COUNT = 1024, /* 51 s a turn: longer than any deadline of a connection */
};

struct loop {
    int epoll_fd, wake_fd;
    atomic_bool is_stopping;
    struct loop_message *_Atomic mailbox; /* newest first */
    struct loop_source wake;
    bool is_hurried;

    int64_t now_ms, wall_ms;

    struct loop_timer *slots[SLOT_COUNT];
    int64_t tick;       /* the last one whose slot was looked at */
    int64_t wake_at_ms; /* no timer is due before; INT64_MAX = there is none */

    struct loop_round *rounds;

    struct epoll_event events[ROUND_MAX_REQUESTS];
    int event_count, event_at; /* the ones of this round, and the next to run */
};

/* ---- the mailbox ---- */

static void
wake(struct loop *loop)
{
    uint64_t one = 1;
    int saved = errno; /* loop_stop() is called by signal handlers */

    /* It fails only when the counter is full, and then the loop is awake anyway. */
    ssize_t written = write(loop->wake_fd, &one, sizeof(one));
    (void)written;
    errno = saved;
}

void
loop_post(struct loop *loop, struct loop_message *message)
{
    struct loop_message *head =
        atomic_load_explicit(&loop->mailbox, memory_order_relaxed);

    do {
        message->next = head;
    } while (!atomic_compare_exchange_weak_explicit(
        &loop->mailbox, &head, message, memory_order_seq_cst, memory_order_relaxed));
    if (!head)
        wake(loop); /* who finds the box filled knows that the loop is on its way */
}

static void
run_messages(struct loop *loop)
{
    struct loop_message *newest = atomic_exchange(&loop->mailbox, NULL);
    struct loop_message *oldest = NULL;

    while (newest) {
        struct loop_message *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest) {
        struct loop_message *message = oldest;
        oldest = message->next; /* run() may free the message */
        message->run(message);
    }
}

static void
wake_ready(struct loop_source *source, uint32_t events)
{
    uint64_t count = 0;

    (void)events;
    ssize_t got = read(source->fd, &count, sizeof(count));
    (void)got; /* messages are run at the end of the round in any case */
}

/* ---- timers ---- */

void
loop_timer_clear(struct loop *loop, struct loop_timer *timer)
{
    (void)loop;
    if (!timer->prev)
        return;
    *timer->prev = timer->next;
    if (timer->next)
        timer->next->prev = timer->prev;
    timer->next = NULL;
    timer->prev = NULL;
}

static void
timer_insert(struct loop *loop, struct loop_timer *timer)
{
    int64_t tick = (timer->at_ms + TICK_MS - 1) / TICK_MS;

    if (tick <= loop->tick)
        tick = loop->tick + 1;

    struct loop_timer **slot = &loop->slots[tick % SLOT_COUNT];
    timer->next = *slot;
    timer->prev = slot;
    if (timer->next)
        timer->next->prev = &timer->next;
    *slot = timer;
    if (tick * TICK_MS < loop->wake_at_ms)
        loop->wake_at_ms = tick * TICK_MS;
}

void
loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t at_ms)
{
    assert(timer->due);
    loop_timer_clear(loop, timer);
    timer->at_ms = at_ms;
    timer_insert(loop, timer);
}

static void
run_slot(struct loop *loop, struct loop_timer **slot)
{
    struct loop_timer *pending = *slot;

    *slot = NULL;
    if (pending)
        pending->prev = &pending;
    while (pending) {
        struct loop_timer *timer = pending;
        loop_timer_clear(loop, timer);
        if (timer->at_ms <= loop->now_ms)
            timer->due(timer);
        else
            timer_insert(loop, timer); /* a later turn of the wheel */
    }
}

/* Finds the next slot that holds anything. It may be for a later turn: then the loop
 * wakes for nothing, once a turn. */
static void
find_next_wake(struct loop *loop)
{
    loop->wake_at_ms = INT64_MAX;
    for (int64_t i = 1; i <= SLOT_COUNT; i++) {
        if (!loop->slots[(loop->tick + i) % SLOT_COUNT])
            continue;
        loop->wake_at_ms = (loop->tick + i) * TICK_MS;
        return;
    }
}

static void
run_timers(struct loop *loop)
{
    int64_t until = loop->now_ms / TICK_MS;

    if (loop->now_ms < loop->wake_at_ms) {
        return;
    }
    if (until - loop->tick > SLOT_COUNT)
        loop->tick = until - SLOT_COUNT; /* each slot once is enough */
    while (loop->tick < until) {
        loop->tick++;
        run_slot(loop, &loop->slots[loop->tick % SLOT_COUNT]);
    }
    find_next_wake(loop);
}

/* ---- descriptors ---- */

enum status
loop_watch(struct loop *loop, struct loop_source *source, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = source};

    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, source->fd, &event) != 0)
        return STATUS_UNAVAILABLE;
    return STATUS_OK;
}

void
loop_unwatch(struct loop *loop, struct loop_source *source)
{
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);

    /* The source may be freed now, and this round may still hold an event of it. */
    for (int i = loop->event_at; i < loop->event_count; i++) {
        if (loop->events[i].data.ptr == source)
            loop->events[i].data.ptr = NULL;
    }
}

/* ---- rounds ---- */

void
loop_at_round_end(struct loop *loop, struct loop_round *round)
{
    struct loop_round **end = &loop->rounds;

    while (*end)
        end = &(*end)->next;
    round->next = NULL;
    *end = round;
}

void
loop_forget_round(struct loop *loop, struct loop_round *round)
{
    struct loop_round **link = &loop->rounds;

    while (*link && *link != round)
        link = &(*link)->next;
    if (*link)
        *link = round->next;
}

void
loop_hurry(struct loop *loop)
{
    loop->is_hurried = true;
}

static void
take_time(struct loop *loop)
{
    loop->now_ms = clock_monotonic_ms();
    loop->wall_ms = clock_now_ms();
}

static int
wait_ms(const struct loop *loop)
{
    if (loop->is_hurried)
        return 0;
    if (loop->wake_at_ms == INT64_MAX)
        return -1;

    int64_t wait = loop->wake_at_ms - loop->now_ms;
    return wait < 0 ? 0 : (int)wait; /* at most one turn of the wheel */
}

static void
run_round(struct loop *loop)
{
    int count =
        epoll_wait(loop->epoll_fd, loop->events, ROUND_MAX_REQUESTS, wait_ms(loop));

    take_time(loop);
    loop->event_count = count > 0 ? count : 0;
    for (loop->event_at = 0; loop->event_at < loop->event_count;) {
        const struct epoll_event *event = &loop->events[loop->event_at++];
        struct loop_source *source = event->data.ptr;
        if (source)
            source->ready(source, event->events);
    }
    loop->event_count = 0;
    run_messages(loop);
    run_timers(loop);

    loop->is_hurried = false;
    for (struct loop_round *round = loop->rounds; round; round = round->next)
        round->end(round);
}

/* ---- the loop ---- */

enum status
loop_open(struct loop **out)
{
    struct loop *loop AUTO(loop_close) = mem_new(sizeof(*loop));

    loop->wake_fd = -1;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0)
        return STATUS_UNAVAILABLE;
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (loop->wake_fd < 0)
        return STATUS_UNAVAILABLE;

    loop->wake = (struct loop_source){.fd = loop->wake_fd, .ready = wake_ready};
    loop->wake_at_ms = INT64_MAX;
    take_time(loop);
    loop->tick = loop->now_ms / TICK_MS;
    enum status status = loop_watch(loop, &loop->wake, EPOLLIN);
    if (status != STATUS_OK)
        return status;
    *out = TAKE(loop);
    return STATUS_OK;
}

void
loop_close(struct loop **loop)
{
    if (!*loop)
        return;
    while (atomic_load(&(*loop)->mailbox))
        run_messages(*loop);
    fd_done(&(*loop)->epoll_fd);
    fd_done(&(*loop)->wake_fd);
    mem_free(loop);
}

void
loop_run(struct loop *loop)
{
    take_time(loop);
    while (!atomic_load_explicit(&loop->is_stopping, memory_order_acquire))
        run_round(loop);
    atomic_store(&loop->is_stopping, false);
}

void
loop_stop(struct loop *loop)
{
    atomic_store(&loop->is_stopping, true);
    wake(loop);
}

int64_t
loop_now_ms(const struct loop *loop)
{
    return loop->now_ms;
}

int64_t
loop_wall_ms(const struct loop *loop)
{
    return loop->wall_ms;
}
