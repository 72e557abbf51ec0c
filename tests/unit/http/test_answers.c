/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers: what their heads say, long ones, and those that come late. */
#include "answers.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <sys/socket.h>

static void
test_head_and_empty_statuses_have_no_body(void **state)
{
    struct house house;
    char bytes[1024];

    (void)state;
    house_init(&house);
    house_open(&house);
    struct client client = client_open(house.port, false);
    client_send_text(&client, "HEAD /h HTTP/1.1\r\nHost: a\r\n\r\n");
    usleep(50 * 1000);
    long len = client_receive(&client, bytes, sizeof(bytes) - 1, 3000);
    assert_true(len > 4);
    bytes[len] = '\0';
    assert_string_equal(bytes + len - 4, "\r\n\r\n");
    assert_non_null(strstr(bytes, "Content-Length: 19\r\n"));
    client_send_text(&client, "GET /?204 HTTP/1.1\r\nHost: a\r\n\r\n");
    check_answer(&client, 204, "");
    assert_null(strstr(answer, "Content-Length"));
    client_send_text(&client, "GET /?304 HTTP/1.1\r\nHost: a\r\n\r\n");
    check_answer(&client, 304, "");
    client_send_text(&client, "GET /?299 HTTP/1.1\r\nHost: a\r\n\r\n");
    check_answer(&client, 299, "GET / 299 127.0.0.1 ");
    assert_memory_equal(answer, "HTTP/1.1 299 \r\n", 15);
    client_close(&client);
    house_close(&house);
}

static void
test_an_answer_has_date_type_and_a_request_id_of_its_own(void **state)
{
    struct house house;
    char first[27] = {0};

    (void)state;
    house_init(&house);
    house_open(&house);
    struct client client = client_open(house.port, false);
    for (int i = 0; i < 2; i++) {
        client_send_text(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_int_equal(client_answer(&client, answer, sizeof(answer)), 200);
        const char *date = strstr(answer, "\r\nDate: ");
        assert_non_null(date);
        assert_memory_equal(date + 33, " GMT\r\n", 6);
        assert_non_null(strstr(answer, "\r\nContent-Type: text/plain\r\n"));
        const char *id = strstr(answer, "\r\nX-Request-Id: ");
        assert_non_null(id);
        id += 16;
        assert_int_equal(strspn(id, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 26);
        assert_memory_not_equal(id, first, 26);
        memcpy(first, id, 26);
    }
    client_close(&client);
    house_close(&house);
}

static void
answer_with_bad_headers(void *ctx, struct http_call *call)
{
    struct http_reply reply = {.status = 200,
                               .headers = {{SLICE("X-Good"), SLICE("yes")},
                                           {SLICE("X-Bad"), SLICE("a\r\nSet-Cookie: b")},
                                           {SLICE("X Bad"), SLICE("a")}},
                               .header_count = 3};

    (void)ctx;
    http_call_answer(call, &reply);
}

static void
test_a_header_value_cannot_write_headers(void **state)
{
    struct house house;

    (void)state;
    house_init(&house);
    house.handler = answer_with_bad_headers;
    house_open(&house);
    struct client client = client_open(house.port, false);
    client_send_text(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(client_answer(&client, answer, sizeof(answer)), 200);
    assert_non_null(strstr(answer, "\r\nX-Good: yes\r\n"));
    assert_null(strstr(answer, "Bad"));
    assert_null(strstr(answer, "Set-Cookie"));
    client_close(&client);
    house_close(&house);
}

enum { LONG_BYTES = 2 * 1024 * 1024 };

static void
answer_long(void *ctx, struct http_call *call)
{
    struct http_reply reply = {.status = 200};
    struct buffer body = buffer_make(LONG_BYTES);
    unsigned char *at = buffer_reserve(&body, LONG_BYTES);

    (void)ctx;
    assert_non_null(at);
    for (size_t i = 0; i < LONG_BYTES; i++)
        at[i] = (unsigned char)('a' + i % 23);
    body.len = LONG_BYTES;
    if (slice_equal(http_call_request(call)->path, SLICE("/lend"))) {
        static unsigned char lasting[LONG_BYTES];
        memcpy(lasting, body.at, LONG_BYTES);
        reply.body = (struct slice){lasting, LONG_BYTES};
        reply.is_lasting = true;
        buffer_done(&body);
        http_call_answer(call, &reply);
    } else if (http_call_request(call)->query.len) {
        http_call_answer_take(call, &reply, &body);
        assert_null(body.at);
    } else {
        reply.body = buffer_slice(&body);
        http_call_answer(call, &reply);
        buffer_done(&body);
    }
}

/* The socket cannot take 2 MB at once: the rest follows as the peer reads, and the next
 * request waits for it. */
static void
test_long_answers_arrive_whole(void **state)
{
    struct house house;

    (void)state;
    for (int is_tls = 0; is_tls < 2; is_tls++) {
        house_init(&house);
        house.handler = answer_long;
        house.shared.tls = is_tls ? test_tls() : NULL;
        house_open(&house);
        struct client client = client_open(house.port, is_tls);
        client_send_text(&client, "GET /?take HTTP/1.1\r\nHost: a\r\n\r\n"
                                  "GET /copy HTTP/1.1\r\nHost: a\r\n\r\n"
                                  "GET /lend HTTP/1.1\r\nHost: a\r\n\r\n"
                                  "GET /?take HTTP/1.1\r\nHost: a\r\n\r\n");
        usleep(100 * 1000);
        for (int i = 0; i < 4; i++) {
            assert_int_equal(client_answer(&client, answer, sizeof(answer)), 200);
            const char *body = body_of(answer);
            for (size_t at = 0; at < LONG_BYTES; at++)
                if (body[at] != (char)('a' + at % 23))
                    fail_msg("byte %zu of answer %d is wrong", at, i);
        }
        client_close(&client);
        /* nor is a lent one freed when its reader has gone */
        client = client_open(house.port, is_tls);
        client_send_text(&client, "GET /lend HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_true(client_receive(&client, answer, 100, 3000) > 0);
        client_close(&client);
        house_close(&house);
    }
}

/* ---- late answers ---- */

enum { LATE_MAX_COUNT = 64 };

/* Calls that wait until the test answers them. */
struct late {
    sem_t came;
    struct http_call *calls[LATE_MAX_COUNT];
    _Atomic size_t count;
};

struct late_answer {
    struct loop_message message;
    struct http_call *call;
};

static void
keep(void *ctx, struct http_call *call)
{
    struct late *late = ctx;

    if (slice_equal(http_call_request(call)->path, SLICE("/now"))) {
        echo(NULL, call);
        return;
    }
    late->calls[late->count++] = call;
    sem_post(&late->came);
}

static void
run_late(struct loop_message *message)
{
    struct late_answer *answered = (struct late_answer *)message;

    echo(NULL, answered->call);
    free(answered);
}

static void
answer_late(struct late *late, size_t i)
{
    struct late_answer *message = calloc(1, sizeof(*message));

    message->message.run = run_late;
    message->call = late->calls[i];
    loop_post(http_call_loop(message->call), &message->message);
}

static void
late_open(struct house *house, struct late *late)
{
    memset(late, 0, sizeof(*late));
    sem_init(&late->came, 0, 0);
    house_init(house);
    house->handler = keep;
    house->ctx = late;
    house_open(house);
}

static void
test_an_open_call_keeps_its_request_and_the_ones_behind_it(void **state)
{
    struct house house;
    struct late late;

    (void)state;
    late_open(&house, &late);
    struct client client = client_open(house.port, false);
    client_send_text(&client,
                     "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                     "GET /now HTTP/1.1\r\nHost: a\r\n\r\n"
                     "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    sem_wait(&late.came);
    assert_int_equal(client_receive(&client, answer, 1, 50), -1);
    answer_late(&late, 0);
    check_answer(&client, 200, "POST /1  127.0.0.1 abc");
    check_answer(&client, 200, "GET /now  127.0.0.1 ");
    sem_wait(&late.came);
    assert_int_equal(client_receive(&client, answer, 1, 50), -1);
    answer_late(&late, 1);
    check_answer(&client, 200, "GET /2  127.0.0.1 ");
    client_close(&client);
    house_close(&house);
}

/* The peer goes away while a worker is at it: the call's memory stays, nothing is sent.
 */
static void
test_a_call_outlives_its_connection(void **state)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    struct house house;
    struct late late;

    (void)state;
    late_open(&house, &late);
    for (size_t i = 0; i < 3; i++) {
        struct client client = client_open(house.port, false);
        client_send_text(&client, "POST /gone HTTP/1.1\r\nHost: a\r\n"
                                  "Content-Length: 20000\r\n\r\n");
        static char body[20000];
        client_send(&client, body, sizeof(body));
        sem_wait(&late.came);
        setsockopt(client.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
        client_close(&client);
    }
    for (int i = 0; i < 300 && house.shared.connections_open; i++)
        usleep(10 * 1000);
    assert_int_equal(house.shared.connections_open, 0);
    const struct http_request *request = http_call_request(late.calls[0]);
    assert_true(slice_equal(request->path, SLICE("/gone")));
    assert_int_equal(request->body.len, 20000);
    answer_late(&late, 0);
    answer_late(&late, 1);
    usleep(50 * 1000);
    answer_late(&late, 2); /* perhaps after the server, in loop_close() */
    house_close(&house);
}

static void
test_a_call_may_be_answered_after_its_server_is_closed(void **state)
{
    struct house house;
    struct late late;

    (void)state;
    late_open(&house, &late);
    struct client client = client_open(house.port, false);
    client_send_text(&client, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
    sem_wait(&late.came);
    loop_stop(house.loops[0]);
    pthread_join(house.threads[0], NULL);
    http_server_close(&house.servers[0]);
    answer_late(&late, 0);
    loop_close(&house.loops[0]); /* runs what waits */
    client_close(&client);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_head_and_empty_statuses_have_no_body),
        cmocka_unit_test(test_an_answer_has_date_type_and_a_request_id_of_its_own),
        cmocka_unit_test(test_a_header_value_cannot_write_headers),
        cmocka_unit_test(test_long_answers_arrive_whole),
        cmocka_unit_test(test_an_open_call_keeps_its_request_and_the_ones_behind_it),
        cmocka_unit_test(test_a_call_outlives_its_connection),
        cmocka_unit_test(test_a_call_may_be_answered_after_its_server_is_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
