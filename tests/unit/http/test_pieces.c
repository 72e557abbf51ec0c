/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers that come in pieces: framed so that a cut one is never taken for a whole one,
 * no faster than the caller reads, and stopped when he goes away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/number.h"
#include "http/call.h"
#include "support.h"

enum { PIECE_BYTES = 500, TURN_COUNT = 2000 };

static char answer[64 * 1024];
static unsigned char piece[PIECE_BYTES];

/* What the handler does, by the path: /pieces/COUNT/known, /pieces/COUNT/unknown,
 * /cut/COUNT/…, /late (never answers; waits to be told that the caller has gone). */
struct giver {
    struct http_call *call;
    struct loop_timer timer;
    int64_t left_count;
    bool cuts, waits_for_room;
};

static _Atomic int gone_count, given_count, paused_count;

static void give(struct giver *giver);

static void
room(void *ctx)
{
    struct giver *giver = ctx;

    giver->waits_for_room = false;
    give(giver);
}

static void
gone(void *ctx)
{
    struct giver *giver = ctx;

    atomic_fetch_add(&gone_count, 1);
    loop_timer_clear(http_call_loop(giver->call), &giver->timer);
    http_call_answer_cut(giver->call);
}

static const struct http_call_events EVENTS = {room, gone};

static void
timer_due(struct loop_timer *timer)
{
    give((struct giver *)((char *)timer - offsetof(struct giver, timer)));
}

/* A few pieces a turn, so that the loop has others between. */
static void
give(struct giver *giver)
{
    if (giver->left_count == 0 && giver->cuts) {
        http_call_answer_cut(giver->call);
        return;
    }
    if (giver->left_count == 0) {
        http_call_answer_end(giver->call);
        return;
    }
    for (int i = 0; i < TURN_COUNT && giver->left_count > 0; i++) {
        giver->left_count--;
        atomic_fetch_add(&given_count, 1);
        if (!http_call_answer_write(giver->call, (struct slice){piece, PIECE_BYTES})) {
            atomic_fetch_add(&paused_count, 1);
            giver->waits_for_room = true;
            return;
        }
    }
    loop_timer_set(http_call_loop(giver->call), &giver->timer, 0);
}

static void
handle(void *ctx, struct http_call *call)
{
    struct slice path = http_call_request(call)->path;
    struct giver *giver = arena_new(http_call_arena(call), sizeof(*giver));
    struct http_reply reply = {.status = 200, .content_type = SLICE("a/b")};
    static const struct http_header more[] = {{SLICE("X-More"), SLICE("yes")}};

    (void)ctx;
    giver->call = call;
    giver->timer.due = timer_due;
    http_call_watch(call, &EVENTS, giver);
    if (slice_starts(path, SLICE("/late")))
        return;
    giver->cuts = slice_starts(path, SLICE("/cut"));
    giver->left_count = strtol((const char *)path.at + (giver->cuts ? 5 : 8), NULL, 10);
    bool is_known = slice_ends(path, SLICE("/known"));
    reply.more = more;
    reply.more_count = 1;
    http_call_answer_begin(call, &reply,
                           is_known ? (giver->left_count + giver->cuts) * PIECE_BYTES
                                    : HTTP_LENGTH_UNKNOWN);
    give(giver);
}

static void
open_house(struct house *house, bool is_tls)
{
    memset(piece, 'p', sizeof(piece));
    house_init(house);
    house->handler = handle;
    house->shared.tls = is_tls ? test_tls() : NULL;
    house_open(house);
    atomic_store(&gone_count, 0);
    atomic_store(&given_count, 0);
    atomic_store(&paused_count, 0);
}

static void
wait_for(_Atomic int *count, int wanted)
{
    for (int i = 0; i < 300 && atomic_load(count) < wanted; i++)
        usleep(10000);
    assert_int_equal(atomic_load(count), wanted);
}

/* Takes the chunks off the answer's body. */
static size_t
dechunk(char *body)
{
    char *out = body;
    char *at = body;

    for (;;) {
        char *end = NULL;
        unsigned long size = strtoul(at, &end, 16);
        assert_true(end > at && end[0] == '\r' && end[1] == '\n');
        memmove(out, end + 2, size);
        out += size;
        at = end + 2 + size;
        assert_memory_equal(at, "\r\n", 2);
        at += 2;
        if (size == 0)
            return (size_t)(out - body);
    }
}

static void
check_body(const char *body, size_t len, size_t count)
{
    assert_int_equal(len, count * PIECE_BYTES);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(body[i], 'p');
}

static void
test_the_caller_gets_what_was_given_however_it_is_framed(void **state)
{
    static const int COUNTS[] = {0, 1, 2, 23};
    char text[200];
    struct house house;

    (void)state;
    for (int is_tls = 0; is_tls < 2; is_tls++) {
        open_house(&house, is_tls);
        struct client client = client_open(house.port, is_tls);
        for (size_t i = 0; i < 2 * COUNT_OF(COUNTS); i++) {
            bool is_known = i % 2;
            int count = COUNTS[i / 2];
            sprintf(text, "GET /pieces/%d/%s HTTP/1.1\r\nHost: a\r\n\r\n", count,
                    is_known ? "known" : "unknown");
            client_send_text(&client, text);
            assert_int_equal(client_answer(&client, answer, sizeof(answer)), 200);
            assert_non_null(strstr(answer, "\r\nX-More: yes\r\n"));
            assert_non_null(strstr(answer, is_known ? "\r\nContent-Length: "
                                                    : "\r\nTransfer-Encoding: chunked"));
            assert_null(
                strstr(answer, is_known ? "Transfer-Encoding" : "Content-Length"));
            char *body = strstr(answer, "\r\n\r\n") + 4;
            check_body(body, is_known ? strlen(body) : dechunk(body), (size_t)count);
        }
        client_close(&client);
        house_close(&house);
    }
}

static void
test_requests_behind_it_are_answered_after_it(void **state)
{
    struct house house;

    (void)state;
    open_house(&house, false);
    struct client client = client_open(house.port, false);
    client_send_text(&client, "GET /pieces/23/unknown HTTP/1.1\r\nHost: a\r\n\r\n"
                              "HEAD /pieces/5/known HTTP/1.1\r\nHost: a\r\n\r\n"
                              "GET /pieces/1/known HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(client_answer(&client, answer, sizeof(answer)), 200);
    check_body(strstr(answer, "\r\n\r\n") + 4, dechunk(strstr(answer, "\r\n\r\n") + 4),
               23);
    /* what HEAD is told is what GET would give, and no body follows */
    char head[1024] = "";
    for (size_t len = 0; !strstr(head, "\r\n\r\n"); len++)
        assert_int_equal(client_receive(&client, head + len, 1, 3000), 1);
    assert_non_null(strstr(head, "\r\nContent-Length: 2500\r\n"));
    assert_int_equal(client_answer(&client, answer, sizeof(answer)), 200);
    check_body(strstr(answer, "\r\n\r\n") + 4, PIECE_BYTES, 1);
    client_close(&client);
    house_close(&house);
}

/* Reads to the end; gives what came, and says whether the end was a clean one. */
static size_t
read_all(struct client *client, char *out, size_t size, bool *is_clean)
{
    size_t len = 0;
    long got = 0;

    errno = 0; /* a reset is told by it alone */
    while (len < size - 1 &&
           (got = client_receive(client, out + len, size - 1 - len, 3000)) > 0)
        len += (size_t)got;
    *is_clean = len < size - 1 && got == 0 && errno != ECONNRESET;
    out[len] = '\0';
    return len;
}

static void
test_to_http_1_0_the_end_of_the_connection_is_the_end(void **state)
{
    struct house house;
    bool is_clean = false;

    (void)state;
    open_house(&house, false);
    struct client client = client_open(house.port, false);
    client_send_text(&client, "GET /pieces/20/unknown HTTP/1.0\r\nHost: a\r\n"
                              "Connection: keep-alive\r\n\r\n");
    read_all(&client, answer, sizeof(answer), &is_clean);
    assert_true(is_clean);
    assert_non_null(strstr(answer, "\r\nConnection: close\r\n"));
    assert_null(strstr(answer, "Transfer-Encoding"));
    char *body = strstr(answer, "\r\n\r\n") + 4;
    check_body(body, strlen(body), 20);
    client_close(&client);
    house_close(&house);
}

static void
test_a_cut_answer_does_not_look_whole(void **state)
{
    static const char *const REQUESTS[] = {
        "GET /cut/9/known HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /cut/9/unknown HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /cut/9/unknown HTTP/1.0\r\nHost: a\r\n\r\n",
    };
    struct house house;
    bool is_clean = true;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(REQUESTS); i++) {
        open_house(&house, false);
        struct client client = client_open(house.port, false);
        client_send_text(&client, REQUESTS[i]);
        read_all(&client, answer, sizeof(answer), &is_clean);
        assert_false(is_clean);
        assert_null(strstr(answer, "\r\n0\r\n\r\n"));
        client_close(&client);
        house_close(&house);
    }
}

static void
test_who_reads_slowly_slows_the_giver(void **state)
{
    enum { COUNT = 80000 };
    struct house house;
    size_t total = 0;
    char text[100];
    static char some[256 * 1024];

    (void)state;
    for (int is_tls = 0; is_tls < 2; is_tls++) {
        open_house(&house, is_tls);
        struct client client = client_open(house.port, is_tls);
        sprintf(text, "GET /pieces/%d/known HTTP/1.1\r\nHost: a\r\n\r\n", COUNT);
        client_send_text(&client, text);
        int before = 0;
        do { /* until the sockets took what they take, and no more is given */
            before = atomic_load(&given_count);
            usleep(300 * 1000);
        } while (before == 0 || atomic_load(&given_count) != before);
        assert_true(before < COUNT / 2);
        for (total = 0; total < (size_t)COUNT * PIECE_BYTES;) {
            long got = client_receive(&client, some, sizeof(some), 3000);
            assert_true(got > 0);
            total += (size_t)got;
        }
        assert_int_equal(atomic_load(&given_count), COUNT);
        assert_true(atomic_load(&paused_count) > 1);
        client_close(&client);
        house_close(&house);
    }
}

static void
test_the_giver_hears_that_the_caller_has_gone(void **state)
{
    static const char *const REQUESTS[] = {
        "GET /late HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /pieces/100000/known HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /pieces/100000/unknown HTTP/1.1\r\nHost: a\r\n\r\n",
    };
    struct house house;

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(REQUESTS); i++) {
        open_house(&house, i % 2);
        struct client client = client_open(house.port, i % 2);
        client_send_text(&client, REQUESTS[i / 2]);
        usleep(50 * 1000);
        assert_int_equal(atomic_load(&gone_count), 0);
        client_close(&client);
        wait_for(&gone_count, 1);
        house_close(&house);
    }
}

/* Half a connection is one: who has asked and ended his side waits for the answer, when
 * there are requests behind it. */
static void
test_who_asks_on_is_not_gone(void **state)
{
    struct house house;

    (void)state;
    open_house(&house, false);
    struct client client = client_open(house.port, false);
    client_send_text(&client, "GET /pieces/23/known HTTP/1.1\r\nHost: a\r\n\r\n"
                              "GET /pieces/1/known HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(client_answer(&client, answer, sizeof(answer)), 200);
    assert_int_equal(client_answer(&client, answer, sizeof(answer)), 200);
    assert_int_equal(atomic_load(&gone_count), 0);
    client_close(&client);
    house_close(&house);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_caller_gets_what_was_given_however_it_is_framed),
        cmocka_unit_test(test_requests_behind_it_are_answered_after_it),
        cmocka_unit_test(test_to_http_1_0_the_end_of_the_connection_is_the_end),
        cmocka_unit_test(test_a_cut_answer_does_not_look_whole),
        cmocka_unit_test(test_who_reads_slowly_slows_the_giver),
        cmocka_unit_test(test_the_giver_hears_that_the_caller_has_gone),
        cmocka_unit_test(test_who_asks_on_is_not_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
