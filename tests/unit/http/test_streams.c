/* SPDX-License-Identifier: Apache-2.0
 *
 * Bodies that come in pieces while their call is open: the same bytes wherever the wire
 * cuts them, none before they are asked for or while their taker waits, and never an end
 * that was not sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buffer.h"
#include "http/call.h"
#include "support.h"

/* What the handler does, by the path: /all takes and answers at the end with what came;
 * /paused waits after each piece; /first answers with the first piece; /never begins. */
struct taker {
    struct http_call *call;
    struct loop_timer timer;
    struct buffer got;
    bool pauses, is_first_enough, is_paused;
};

static _Atomic int gone_count, failed_count, call_count;
static _Atomic bool was_pushed; /* a piece came though its taker waits */

static void
done(struct taker *taker)
{
    loop_timer_clear(http_call_loop(taker->call), &taker->timer);
    buffer_done(&taker->got);
}

static void
answer(struct taker *taker)
{
    struct buffer got AUTO(buffer_done) = taker->got;
    struct http_reply reply = {.status = 200, .body = buffer_slice(&got)};

    taker->got = buffer_make(0);
    done(taker);
    http_call_answer(taker->call, &reply);
}

static void
gone(void *ctx)
{
    struct taker *taker = ctx;

    atomic_fetch_add(&gone_count, 1);
    done(taker);
    http_call_answer_cut(taker->call);
}

static bool
take(void *ctx, struct slice bytes)
{
    struct taker *taker = ctx;

    if (taker->is_paused || bytes.len == 0)
        atomic_store(&was_pushed, true);
    buffer_add(&taker->got, bytes);
    if (taker->is_first_enough) {
        answer(taker);
        return true;
    }
    taker->is_paused = taker->pauses;
    if (taker->pauses)
        loop_timer_set(http_call_loop(taker->call), &taker->timer,
                       loop_now_ms(http_call_loop(taker->call)) + 1);
    return !taker->pauses;
}

static void
timer_due(struct loop_timer *timer)
{
    struct taker *taker = (struct taker *)((char *)timer - offsetof(struct taker, timer));

    taker->is_paused = false;
    http_call_body_resume(taker->call);
}

static void
whole(void *ctx)
{
    answer(ctx);
}

static void
failed(void *ctx)
{
    atomic_fetch_add(&failed_count, 1);
    done(ctx);
}

static const struct http_call_events EVENTS = {
    .gone = gone, .body = take, .body_end = whole, .body_failed = failed};

static void
handle(void *ctx, struct http_call *call)
{
    struct slice path = http_call_request(call)->path;
    struct taker *taker = arena_new(http_call_arena(call), sizeof(*taker));
    struct http_reply no = {.status = 401, .body = SLICE("no")};

    if (!http_call_is_streamed(call)) {
        echo(ctx, call);
        return;
    }
    atomic_fetch_add(&call_count, 1);
    if (slice_equal(path, SLICE("/never"))) {
        http_call_answer(call, &no);
        return;
    }
    taker->call = call;
    taker->timer.due = timer_due;
    taker->got = buffer_make(1 << 20);
    taker->pauses = slice_equal(path, SLICE("/paused"));
    taker->is_first_enough = slice_equal(path, SLICE("/first"));
    http_call_watch(call, &EVENTS, taker);
    http_call_body_begin(call);
}

static bool
streams(void *ctx, const struct http_call *call)
{
    (void)ctx;
    return !slice_equal(http_call_request(call)->path, SLICE("/collected"));
}

static int
open_house(void **state)
{
    static struct house house;

    house = (struct house){0};
    house_init(&house);
    house.handler = handle;
    house.shared.streams = streams;
    house.shared.streamed_max_bytes = 100 * 1000;
    house_open(&house);
    atomic_store(&gone_count, 0);
    atomic_store(&failed_count, 0);
    atomic_store(&call_count, 0);
    atomic_store(&was_pushed, false);
    *state = &house;
    return 0;
}

static int
close_house(void **state)
{
    house_close(*state);
    return 0;
}

#define HEAD(path, framing) "POST " path " HTTP/1.1\r\nHost: x\r\n" framing "\r\n\r\n"
#define LENGTH(path)        HEAD(path, "Content-Length: 20") "0123456789abcdefghij"
#define CHUNKED(path)                        \
    HEAD(path, "Transfer-Encoding: chunked") \
    "7\r\n0123456\r\nd\r\n789abcdefghij\r\n0\r\nT: 1\r\n\r\n"
#define NEXT "GET /next HTTP/1.1\r\nHost: x\r\n\r\n"

static void
assert_heard(struct client *client, int status, const char *body)
{
    char text[4096];

    assert_int_equal(client_answer(client, text, sizeof(text)), status);
    if (!strstr(text, body))
        fail_msg("wanted %s, heard %s", body, text);
}

/* Two requests on one connection, the wire cut anywhere. */
static void
test_the_body_is_the_same_wherever_the_wire_is_cut(void **state)
{
    static const char *const WIRES[] = {LENGTH("/all") NEXT, CHUNKED("/all") NEXT,
                                        LENGTH("/paused") NEXT, CHUNKED("/paused") NEXT};
    const struct house *house = *state;

    for (size_t i = 0; i < COUNT_OF(WIRES); i++) {
        size_t len = strlen(WIRES[i]);
        for (size_t cut = 1; cut <= len; cut++) {
            struct client client = client_open(house->port, false);
            assert_true(client_send(&client, WIRES[i], cut));
            if (cut % 3 == 0)
                usleep(500); /* else they may come together */
            assert_true(client_send(&client, WIRES[i] + cut, len - cut));
            assert_heard(&client, 200, "0123456789abcdefghij");
            assert_heard(&client, 200, "GET /next");
            client_close(&client);
        }
    }
    assert_false(atomic_load(&was_pushed));
    assert_int_equal(atomic_load(&failed_count), 0);
}

static void
test_a_call_that_is_answered_without_its_body_is_the_last(void **state)
{
    const struct house *house = *state;
    static const char *const WIRES[] = {LENGTH("/never") NEXT, CHUNKED("/never") NEXT,
                                        HEAD("/first", "Content-Length: 20") "01234"};

    for (size_t i = 0; i < COUNT_OF(WIRES); i++) {
        struct client client = client_open(house->port, false);
        assert_true(client_send_text(&client, WIRES[i]));
        assert_heard(&client, i < 2 ? 401 : 200, i < 2 ? "no" : "01234");
        assert_true(client_is_closed(&client, 3000));
        client_close(&client);
    }
}

static void
test_100_is_said_when_the_body_is_begun(void **state)
{
    const struct house *house = *state;
    struct client client = client_open(house->port, false);
    char text[256];

    assert_true(client_send_text(
        &client, HEAD("/never", "Content-Length: 5\r\nExpect: 100-continue")));
    assert_heard(&client, 401, "no");
    client_close(&client);
    client = client_open(house->port, false);
    assert_true(client_send_text(
        &client, HEAD("/all", "Content-Length: 5\r\nExpect: 100-continue")));
    long len = client_receive(&client, text, sizeof(text), 3000);
    assert_true(len > 12 && memcmp(text, "HTTP/1.1 100", 12) == 0);
    assert_true(client_send_text(&client, "12345"));
    assert_heard(&client, 200, "12345");
    client_close(&client);
}

static void
wait_for(_Atomic int *count, int wanted)
{
    for (int i = 0; i < 300 && atomic_load(count) < wanted; i++)
        usleep(10000);
    assert_int_equal(atomic_load(count), wanted);
}

static void
test_what_does_not_become_whole_has_no_end(void **state)
{
    const struct house *house = *state;
    static const struct {
        const char *wire;
        int status;
    } BAD[] = {
        {HEAD("/all", "Transfer-Encoding: chunked") "5\r\n01234\r\n0x1\r\n", 400},
        {HEAD("/all", "Transfer-Encoding: chunked") "5\r\n01234X", 400},
        {HEAD("/paused", "Transfer-Encoding: chunked") "5\r\n01234\r\n-1\r\n", 400},
        {HEAD("/all", "Transfer-Encoding: chunked") "5\r\n01234\r\n30000\r\n", 413},
        {HEAD("/all", "Content-Length: 100001"), 413}, /* never begun */
    };

    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        struct client client = client_open(house->port, false);
        assert_true(client_send_text(&client, BAD[i].wire));
        assert_heard(&client, BAD[i].status, "");
        client_close(&client);
    }
    wait_for(&failed_count, (int)COUNT_OF(BAD) - 1);
    for (int i = 0; i < 4; i++) { /* who goes away, or only ends his side */
        struct client client = client_open(house->port, false);
        assert_true(client_send_text(
            &client, i % 2 ? HEAD("/all", "Content-Length: 20") "01234"
                           : HEAD("/all", "Transfer-Encoding: chunked") "5\r\n01234"));
        usleep(20000);
        if (i < 2)
            shutdown(client.fd, SHUT_WR);
        else
            client_close(&client);
        wait_for(&gone_count, i + 1);
        if (i < 2)
            client_close(&client);
    }
}

static void
test_what_is_not_streamed_is_collected_as_ever(void **state)
{
    const struct house *house = *state;
    struct client client = client_open(house->port, false);

    assert_true(client_send_text(&client, LENGTH("/collected")));
    assert_heard(&client, 200, "0123456789abcdefghij");
    assert_true(client_send_text(&client, HEAD("/all", "Content-Length: 0")));
    assert_heard(&client, 200, "POST /all"); /* there is no body to wait for */
    client_close(&client);
    assert_int_equal(atomic_load(&call_count), 0);
}

#define IN_HOUSE(test) cmocka_unit_test_setup_teardown(test, open_house, close_house)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(test_the_body_is_the_same_wherever_the_wire_is_cut),
        IN_HOUSE(test_a_call_that_is_answered_without_its_body_is_the_last),
        IN_HOUSE(test_100_is_said_when_the_body_is_begun),
        IN_HOUSE(test_what_does_not_become_whole_has_no_end),
        IN_HOUSE(test_what_is_not_streamed_is_collected_as_ever),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
