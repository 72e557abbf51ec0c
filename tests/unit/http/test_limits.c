/* SPDX-License-Identifier: Apache-2.0
 *
 * What nobody may do to us for long: be slow, be many, or stay when we want to go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <semaphore.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "support.h"

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

static char answer[8192];

/* ---- deadlines ---- */

struct slow {
    const char *start, *drip;
    int status; /* 0: closed without an answer */
    int64_t least_ms;
};

static const struct slow SLOW[] = {
    /* a head in drops: the deadline is for the whole of it */
    {"GET /", "x", 408, 250},
    {"G", "", 408, 250},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: ", "x", 408, 250},
    /* a body in drops */
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n", "x", 408, 450},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n", "x", 408, 450},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n", "x", 408,
     450},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nff", "", 408, 450},
    /* silence */
    {"", "", 0, 650},
};

enum {
    SLOW_COUNT = sizeof(SLOW) / sizeof(SLOW[0]),
    LATE_MS =
        2500, /* far beyond each deadline: only a deadline that moves takes longer */
};

/* One slow client, on a thread of its own. */
struct drip {
    const struct house *house;
    const struct slow *slow;
    int status;
    int64_t took_ms;
};

/* Sends `start`, then `drip` again and again until something comes. */
static void *
drip_until_answered(void *argument)
{
    struct drip *drip = argument;
    struct client client =
        client_open(drip->house->port, drip->house->shared.tls != NULL);
    int64_t began = clock_monotonic_ms();

    drip->status = -1;
    client_send_text(&client, drip->slow->start);
    while (drip->status == -1 && clock_monotonic_ms() < began + 2 * LATE_MS) {
        char text[2048] = {0};
        long got = client_receive(&client, text, sizeof(text) - 1, 40);
        if (got >= 0)
            drip->status = got ? (int)strtol(text + 9, NULL, 10) : 0;
        else if (*drip->slow->drip)
            client_send(&client, drip->slow->drip, 1);
    }
    drip->took_ms = clock_monotonic_ms() - began;
    client_close(&client);
    return NULL;
}

static void
check_slow(const struct house *house)
{
    struct drip drips[SLOW_COUNT];
    pthread_t threads[SLOW_COUNT];

    for (size_t i = 0; i < SLOW_COUNT; i++) {
        drips[i] = (struct drip){.house = house, .slow = &SLOW[i]};
        pthread_create(&threads[i], NULL, drip_until_answered, &drips[i]);
    }
    for (size_t i = 0; i < SLOW_COUNT; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < SLOW_COUNT; i++) {
        if (drips[i].status != SLOW[i].status || drips[i].took_ms < SLOW[i].least_ms ||
            drips[i].took_ms > LATE_MS)
            fail_msg("row %zu: %d after %lld ms", i, drips[i].status,
                     (long long)drips[i].took_ms);
    }
}

static void
test_slow_heads_bodies_and_silence_end_at_their_deadlines(void **state)
{
    struct house house;

    (void)state;
    for (int is_tls = 0; is_tls < 2; is_tls++) {
        house_init(&house);
        house.shared.head_timeout_ms = 300;
        house.shared.body_timeout_ms = 500;
        house.shared.idle_timeout_ms = 700;
        house.shared.tls = is_tls ? test_tls() : NULL;
        house_open(&house);
        check_slow(&house);
        house_close(&house);
        assert_int_equal(house.shared.timeouts_total, SLOW_COUNT - 1);
    }
}

/* A TLS handshake that is begun and not ended is a slow head too. */
static void
test_a_slow_handshake_is_ended(void **state)
{
    struct house house;
    int64_t took_ms = clock_monotonic_ms();

    (void)state;
    house_init(&house);
    house.shared.head_timeout_ms = 300;
    house.shared.tls = test_tls();
    house_open(&house);
    struct client client = client_open(house.port, false);
    client_send(&client, "\x16\x03\x01", 3);
    assert_true(client_is_closed(&client, 2000));
    took_ms = clock_monotonic_ms() - took_ms;
    assert_in_range(took_ms, 250, 1000);
    client_close(&client);
    house_close(&house);
}

/* Requests in good time keep a connection for longer than any deadline. */
static void
test_a_busy_connection_has_no_end(void **state)
{
    struct house house;

    (void)state;
    house_init(&house);
    house.shared.head_timeout_ms = 200;
    house.shared.body_timeout_ms = 200;
    house.shared.idle_timeout_ms = 300;
    house_open(&house);
    struct client client = client_open(house.port, false);
    for (int i = 0; i < 8; i++) {
        client_send_text(&client, GET);
        assert_int_equal(client_answer(&client, answer, sizeof(answer)), 200);
        usleep(100 * 1000);
    }
    assert_true(client_is_closed(&client, 1000));
    client_close(&client);
    house_close(&house);
}

static void
answer_much(void *ctx, struct http_call *call)
{
    static unsigned char body[8 * 1024 * 1024];
    struct http_reply reply = {.status = 200, .body = {body, sizeof(body)}};

    (void)ctx;
    http_call_answer(call, &reply);
}

/* Who asks for much and reads nothing does not hold our memory for ever. */
static void
test_a_reader_that_does_not_read_is_ended(void **state)
{
    struct house house;

    (void)state;
    house_init(&house);
    house.handler = answer_much;
    house.shared.idle_timeout_ms = 300;
    house_open(&house);
    struct client client = client_open(house.port, false);
    client_send_text(&client, GET);
    usleep(100 * 1000);
    assert_int_equal(house.shared.connections_open, 1);
    for (int i = 0; i < 100 && house.shared.connections_open; i++)
        usleep(20 * 1000);
    assert_int_equal(house.shared.connections_open, 0);
    client_close(&client);
    house_close(&house);
}

/* ---- how many ---- */

static void
test_connections_are_limited_over_all_loops(void **state)
{
    struct house house;
    struct client clients[6];

    (void)state;
    house_init(&house);
    house.loop_count = 3;
    house.shared.connection_max_count = 5;
    house_open(&house);
    for (int i = 0; i < 5; i++) {
        clients[i] = client_open(house.port, false);
        client_send_text(&clients[i], GET);
        assert_int_equal(client_answer(&clients[i], answer, sizeof(answer)), 200);
    }
    clients[5] = client_open(house.port, false);
    assert_true(client_is_closed(&clients[5], 2000));
    client_close(&clients[5]);
    assert_int_equal(house.shared.connections_refused, 1);
    client_close(&clients[0]);
    usleep(100 * 1000);
    assert_int_equal(ask(&house, false, GET, sizeof(GET) - 1), 200);
    for (int i = 1; i < 5; i++)
        client_close(&clients[i]);
    house_close(&house);
}

static void
test_one_address_cannot_take_all_connections(void **state)
{
    struct house house;
    struct client clients[4];

    (void)state;
    house_init(&house);
    house.loop_count = 3;
    house.shared.connection_per_ip_max_count = 3;
    house_open(&house);
    for (int i = 0; i < 3; i++) {
        clients[i] = client_open(house.port, false);
        client_send_text(&clients[i], GET);
        assert_int_equal(client_answer(&clients[i], answer, sizeof(answer)), 200);
    }
    clients[3] = client_open(house.port, false);
    assert_true(client_is_closed(&clients[3], 2000));
    client_close(&clients[3]);
    struct client other = client_open_as(house.port, "127.0.0.2", false, NULL);
    client_send_text(&other, GET);
    assert_int_equal(client_answer(&other, answer, sizeof(answer)), 200);
    client_close(&other);
    client_close(&clients[0]);
    usleep(100 * 1000);
    assert_int_equal(ask(&house, false, GET, sizeof(GET) - 1), 200);
    client_close(&clients[1]);
    client_close(&clients[2]);
    house_close(&house);
}

/* Without descriptors the loop neither spins nor forgets to listen. */
static void
test_the_server_survives_without_descriptors(void **state)
{
    struct rlimit before;
    struct rlimit tight;
    struct house house;

    (void)state;
    house_init(&house);
    house_open(&house);
    struct client first = client_open(house.port, false);
    client_send_text(&first, GET);
    assert_int_equal(client_answer(&first, answer, sizeof(answer)), 200);
    struct client second = {.fd = -1};
    struct client third = {.fd = -1};
    int highest = dup(0);
    getrlimit(RLIMIT_NOFILE, &before);
    tight = before;
    tight.rlim_cur = (rlim_t)highest + 1; /* what the client itself needs, no more */
    close(highest);
    setrlimit(RLIMIT_NOFILE, &tight);
    second = client_open(house.port, false);
    assert_true(client_is_closed(&second, 2000));
    client_close(&second);
    client_send_text(&first, GET);
    assert_int_equal(client_answer(&first, answer, sizeof(answer)), 200);
    setrlimit(RLIMIT_NOFILE, &before);
    third = client_open(house.port, false);
    client_send_text(&third, GET);
    assert_int_equal(client_answer(&third, answer, sizeof(answer)), 200);
    client_close(&third);
    client_close(&first);
    house_close(&house);
}

/* ---- going ---- */

static struct http_call *kept;
static sem_t kept_one;

static void
keep(void *ctx, struct http_call *call)
{
    (void)ctx;
    kept = call;
    sem_post(&kept_one);
}

static void
drain(struct house *house)
{
    http_server_drain(house->servers[0]);
}

static void
answer_kept(struct house *house)
{
    echo(house, kept);
}

static void
check_empty(struct house *house)
{
    assert_int_equal(http_server_open_count(house->servers[0]), 0);
}

static void
test_draining_ends_idle_connections_and_answers_what_runs(void **state)
{
    struct house house;

    (void)state;
    sem_init(&kept_one, 0, 0);
    house_init(&house);
    house.handler = keep;
    house_open(&house);
    struct client idle = client_open(house.port, false);
    struct client half = client_open(house.port, false);
    struct client busy = client_open(house.port, false);
    client_send_text(&half, "GET / HTT");
    client_send_text(&busy, GET);
    sem_wait(&kept_one);
    house_do(&house, drain);

    assert_true(client_is_closed(&idle, 2000));
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    assert_int_equal(getpeername(busy.fd, (struct sockaddr *)&address, &len), 0);
    int late AUTO(fd_done) = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_not_equal(connect(late, (struct sockaddr *)&address, len), 0);

    house_do(&house, answer_kept);
    assert_int_equal(client_answer(&busy, answer, sizeof(answer)), 200);
    assert_non_null(strstr(answer, "Connection: close\r\n"));
    assert_true(client_is_closed(&busy, 2000));
    client_send_text(&half, "P/1.1\r\nHost: a\r\n\r\n");
    sem_wait(&kept_one);
    house_do(&house, answer_kept);
    assert_int_equal(client_answer(&half, answer, sizeof(answer)), 200);
    assert_non_null(strstr(answer, "Connection: close\r\n"));
    client_close(&busy);
    client_close(&half);
    client_close(&idle);
    usleep(50 * 1000);
    house_do(&house, check_empty);
    house_close(&house);
}

/* Nobody who is still shaking hands keeps us from going. */
static void
test_draining_does_not_wait_for_handshakes(void **state)
{
    struct house house;

    (void)state;
    house_init(&house);
    house.shared.tls = test_tls();
    house_open(&house);
    struct client client = client_open(house.port, false);
    client_send(&client, "\x16\x03\x01", 3);
    usleep(50 * 1000);
    assert_int_equal(house.shared.connections_open, 1);
    house_do(&house, drain);
    assert_true(client_is_closed(&client, 1000));
    client_close(&client);
    house_do(&house, check_empty);
    house_close(&house);
}

/* A port that another program holds is refused with its name, although both say
 * SO_REUSEPORT. */
static void
test_a_port_in_use_is_refused(void **state)
{
    struct house house;
    struct http_shared other;
    struct loop *loop = NULL;
    struct http_server *server = NULL;
    struct failure failure = {0};
    struct ip address;
    char wanted[128];

    (void)state;
    house_init(&house);
    other = house.shared;
    house_open(&house);
    assert_int_equal(loop_open(&loop), STATUS_OK);
    assert_int_equal(ip_read(SLICE("127.0.0.1"), &address), STATUS_OK);
    assert_int_equal(http_server_open(loop, &other, &address, house.port, echo, NULL,
                                      &server, &failure),
                     STATUS_UNAVAILABLE);
    assert_null(server);
    snprintf(wanted, sizeof(wanted), "cannot listen on 127.0.0.1:%u: the port is in use",
             house.port);
    assert_memory_equal(failure.text, wanted, strlen(wanted));
    assert_int_equal(ip_read(SLICE("192.0.2.77"), &address), STATUS_OK);
    assert_int_equal(
        http_server_open(loop, &other, &address, 0, echo, NULL, &server, &failure),
        STATUS_UNAVAILABLE);
    assert_non_null(strstr(failure.text, "this machine has no such address"));
    loop_close(&loop);
    house_close(&house);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slow_heads_bodies_and_silence_end_at_their_deadlines),
        cmocka_unit_test(test_a_slow_handshake_is_ended),
        cmocka_unit_test(test_a_busy_connection_has_no_end),
        cmocka_unit_test(test_a_reader_that_does_not_read_is_ended),
        cmocka_unit_test(test_connections_are_limited_over_all_loops),
        cmocka_unit_test(test_one_address_cannot_take_all_connections),
        cmocka_unit_test(test_the_server_survives_without_descriptors),
        cmocka_unit_test(test_draining_ends_idle_connections_and_answers_what_runs),
        cmocka_unit_test(test_draining_does_not_wait_for_handshakes),
        cmocka_unit_test(test_a_port_in_use_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
