/* SPDX-License-Identifier: Apache-2.0
 *
 * The event loop: timers come in time and only once, messages come from everywhere, and
 * none is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/loop.h"

static struct loop *loop;

static int
open_loop(void **state)
{
    (void)state;
    return loop_open(&loop) == STATUS_OK ? 0 : -1;
}

static int
close_loop(void **state)
{
    (void)state;
    loop_close(&loop);
    return loop ? -1 : 0;
}

/* ---- timers ---- */

struct alarm {
    struct loop_timer timer;
    int64_t rang_ms; /* 0: not yet */
    int count;
};

static void
ring(struct loop_timer *timer)
{
    struct alarm *alarm = (struct alarm *)timer;

    alarm->rang_ms = loop_now_ms(loop);
    alarm->count++;
}

static void
ring_and_stop(struct loop_timer *timer)
{
    ring(timer);
    loop_stop(loop);
}

static void
test_timers_are_due_in_time_and_never_early(void **state)
{
    enum { COUNT = 40 };
    struct alarm alarms[COUNT] = {0};
    struct alarm last = {.timer.due = ring_and_stop};
    int64_t now_ms = clock_monotonic_ms();

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        alarms[i].timer.due = ring;
        loop_timer_set(loop, &alarms[i].timer, now_ms + i * 10);
    }
    loop_timer_clear(loop, &alarms[7].timer);
    loop_timer_set(loop, &alarms[8].timer, now_ms + 300); /* moved */
    loop_timer_set(loop, &last.timer, now_ms + 600);
    loop_run(loop);
    for (int i = 0; i < COUNT; i++) {
        int64_t at_ms = now_ms + (i == 8 ? 300 : i * 10);
        assert_int_equal(alarms[i].count, i == 7 ? 0 : 1);
        if (i != 7)
            assert_in_range(alarms[i].rang_ms - at_ms, 0, 250);
    }
}

/* A timer that lies more than one turn of the wheel ahead is not taken for a near one. */
static void
test_a_far_timer_is_not_due_one_turn_early(void **state)
{
    struct alarm far = {.timer.due = ring};
    struct alarm near = {.timer.due = ring_and_stop};

    (void)state;
    loop_timer_set(loop, &far.timer, clock_monotonic_ms() + 1024 * 50 + 100);
    loop_timer_set(loop, &near.timer, clock_monotonic_ms() + 400);
    loop_run(loop);
    assert_int_equal(near.count, 1);
    assert_int_equal(far.count, 0);
    assert_non_null(far.timer.prev);
}

static struct alarm pair[2];

static void
clear_the_other(struct loop_timer *timer)
{
    ring(timer);
    loop_timer_clear(loop, &pair[timer == &pair[0].timer].timer);
}

/* Both are due in one round; whichever comes first clears the other. */
static void
test_a_timer_may_clear_another_that_is_due_too(void **state)
{
    struct alarm last = {.timer.due = ring_and_stop};
    int64_t now_ms = clock_monotonic_ms();

    (void)state;
    memset(pair, 0, sizeof(pair));
    for (int i = 0; i < 2; i++) {
        pair[i].timer.due = clear_the_other;
        loop_timer_set(loop, &pair[i].timer, now_ms + 60);
    }
    loop_timer_set(loop, &last.timer, now_ms + 200);
    loop_run(loop);
    assert_int_equal(pair[0].count + pair[1].count, 1);
}

/* ---- messages ---- */

enum { SENDER_COUNT = 4, EACH_COUNT = 5000 };

struct letter {
    struct loop_message message;
    int sender, number;
};

static int next_of[SENDER_COUNT];
static int letter_count;
static bool is_in_order;

static void
read_letter(struct loop_message *message)
{
    struct letter *letter = (struct letter *)message;

    is_in_order &= letter->number == next_of[letter->sender]++;
    free(letter);
    if (++letter_count == SENDER_COUNT * EACH_COUNT)
        loop_stop(loop);
}

static void *
send_letters(void *sender)
{
    for (int i = 0; i < EACH_COUNT; i++) {
        struct letter *letter = calloc(1, sizeof(*letter));
        *letter = (struct letter){{.run = read_letter}, *(int *)sender, i};
        loop_post(loop, &letter->message);
    }
    return NULL;
}

static void
test_no_message_is_lost_and_each_sender_keeps_its_order(void **state)
{
    pthread_t threads[SENDER_COUNT];
    int senders[SENDER_COUNT];

    (void)state;
    is_in_order = true;
    letter_count = 0;
    for (int i = 0; i < SENDER_COUNT; i++) {
        senders[i] = i;
        next_of[i] = 0;
        pthread_create(&threads[i], NULL, send_letters, &senders[i]);
    }
    loop_run(loop);
    for (int i = 0; i < SENDER_COUNT; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(letter_count, SENDER_COUNT * EACH_COUNT);
    assert_true(is_in_order);
}

static void
note_run(struct loop_message *message)
{
    ((struct letter *)message)->number = 1;
}

static void
test_messages_that_wait_at_the_end_are_run(void **state)
{
    struct letter letter = {.message.run = note_run};

    (void)state;
    loop_post(loop, &letter.message);
    loop_close(&loop);
    assert_int_equal(letter.number, 1);
    assert_int_equal(loop_open(&loop), STATUS_OK);
}

/* SIGTERM may come before the loop has begun. */
static void
test_a_stop_before_the_run_counts(void **state)
{
    (void)state;
    loop_stop(loop);
    loop_run(loop);
}

/* ---- descriptors and rounds ---- */

struct pipe_end {
    struct loop_source source;
    struct pipe_end *other;
    int count;
};

static void
unwatch_other(struct loop_source *source, uint32_t events)
{
    struct pipe_end *end = (struct pipe_end *)source;

    (void)events;
    end->count++;
    loop_unwatch(loop, &end->other->source);
    loop_unwatch(loop, &end->source);
    loop_stop(loop);
}

/* Two are ready in one round; the first takes the second away, which may be freed then.
 */
static void
test_a_source_taken_away_is_not_called_in_the_same_round(void **state)
{
    int pipes[2][2];
    struct pipe_end ends[2] = {0};

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipe(pipes[i]), 0);
        assert_int_equal(write(pipes[i][1], "x", 1), 1);
        ends[i].source = (struct loop_source){pipes[i][0], unwatch_other};
        ends[i].other = &ends[1 - i];
        assert_int_equal(loop_watch(loop, &ends[i].source, EPOLLIN), STATUS_OK);
    }
    loop_run(loop);
    assert_int_equal(ends[0].count + ends[1].count, 1);
    for (int i = 0; i < 2; i++) {
        close(pipes[i][0]);
        close(pipes[i][1]);
    }
}

static int rounds;

static void
hurry(struct loop_round *round)
{
    (void)round;
    if (++rounds == 1000)
        loop_stop(loop);
    else
        loop_hurry(loop);
}

static void
test_a_round_that_hurries_is_followed_at_once(void **state)
{
    struct loop_round round = {.end = hurry};
    struct alarm never = {.timer.due = ring};
    int64_t began_ms = clock_monotonic_ms();

    (void)state;
    rounds = 0;
    loop_at_round_end(loop, &round);
    loop_timer_set(loop, &never.timer, clock_monotonic_ms() + 20000);
    struct letter letter = {.message.run = note_run};
    loop_post(loop, &letter.message); /* one event; the rest is hurry */
    loop_run(loop);
    assert_int_equal(rounds, 1000);
    assert_true(clock_monotonic_ms() - began_ms < 5000);
    loop_forget_round(loop, &round);
    loop_timer_clear(loop, &never.timer);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timers_are_due_in_time_and_never_early),
        cmocka_unit_test(test_a_far_timer_is_not_due_one_turn_early),
        cmocka_unit_test(test_a_timer_may_clear_another_that_is_due_too),
        cmocka_unit_test(test_no_message_is_lost_and_each_sender_keeps_its_order),
        cmocka_unit_test(test_messages_that_wait_at_the_end_are_run),
        cmocka_unit_test(test_a_stop_before_the_run_counts),
        cmocka_unit_test(test_a_source_taken_away_is_not_called_in_the_same_round),
        cmocka_unit_test(test_a_round_that_hurries_is_followed_at_once),
    };

    return cmocka_run_group_tests(tests, open_loop, close_loop);
}
