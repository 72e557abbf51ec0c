/* SPDX-License-Identifier: Apache-2.0
 *
 * HTTP/2 over TLS, spoken to by nghttp2's own client: what works, late answers, leaving.
 */
#include "http2_peer.h"

#include <semaphore.h>
#include <unistd.h>

/* ---- what works ---- */

static void
test_requests_are_answered(void **state)
{
    struct house house;

    (void)state;
    h2_init(&house);
    house_open(&house);
    struct peer *peer = peer_open(&house);
    struct answer *answer = fetch(peer, "GET", "/x?q=1", false);
    assert_int_equal(answer->status, 200);
    assert_string_equal(answer->body, "GET /x q=1 127.0.0.1 ");
    assert_int_equal(answer->error, NGHTTP2_NO_ERROR);
    peer->upload = "hello";
    peer->upload_len = 5;
    assert_string_equal(fetch(peer, "POST", "/p", true)->body,
                        "POST /p  127.0.0.1 hello");
    answer = fetch(peer, "HEAD", "/h", false);
    assert_int_equal(answer->status, 200);
    assert_int_equal(answer->len, 0);
    assert_int_equal(fetch(peer, "GET", "/?204", false)->len, 0);
    assert_int_equal(peer->max_streams, 100);
    assert_int_equal(peer->max_header_list, 16384);
    peer_close(&peer);
    house_close(&house);
    assert_int_equal(house.shared.requests_total, 4);
}

static void
test_many_streams_run_side_by_side(void **state)
{
    struct house house;

    (void)state;
    h2_init(&house);
    house_open(&house);
    struct peer *peer = peer_open(&house);
    for (int i = 0; i < 500; i++)
        submit(peer, "GET", "/", "a", NULL, 0, false);
    peer_run(peer, 0, 500);
    for (int i = 0; i < 500; i++)
        assert_int_equal(peer->answers[i].status, 200);
    peer_close(&peer);
    house_close(&house);
}

static void
echo_long(void *ctx, struct http_call *call)
{
    struct slice body = http_call_request(call)->body;
    struct buffer whole = buffer_make(4 * 1024 * 1024);
    struct http_reply reply = {.status = 200};

    (void)ctx;
    buffer_add(&whole, body);
    buffer_add(&whole, body);
    http_call_answer_take(call, &reply, &whole);
}

/* Both directions are longer than any window. */
static void
test_long_bodies_flow_both_ways(void **state)
{
    enum { LEN = 1024 * 1024 };
    char *upload = malloc(LEN);
    struct house house;

    (void)state;
    for (size_t i = 0; i < LEN; i++)
        upload[i] = (char)('a' + i % 23);
    h2_init(&house);
    house.handler = echo_long;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    peer->upload = upload;
    peer->upload_len = LEN;
    struct answer *answer = fetch(peer, "POST", "/", true);
    assert_int_equal(answer->status, 200);
    assert_int_equal(answer->len, 2 * LEN);
    assert_memory_equal(answer->body, upload, LEN);
    assert_memory_equal(answer->body + LEN, upload, LEN);
    peer_close(&peer);
    house_close(&house);
    free(upload);
}

static void
answer_cookie(void *ctx, struct http_call *call)
{
    struct http_reply reply = {.status = 200, .body = SLICE("none")};

    (void)ctx;
    http_call_header(call, SLICE("cookie"), &reply.body);
    http_call_answer(call, &reply);
}

static void
test_a_cookie_in_pieces_is_one_header(void **state)
{
    const nghttp2_nv more[] = {FIELD("cookie", "a=1"), FIELD("cookie", "b=2"),
                               FIELD("cookie", "c=3")};
    struct house house;

    (void)state;
    h2_init(&house);
    house.handler = answer_cookie;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    int32_t id = submit(peer, "GET", "/", "a", more, 3, false);
    peer_run(peer, id, 3000);
    assert_string_equal(answer_of(peer, id)->body, "a=1; b=2; c=3");
    peer_close(&peer);
    house_close(&house);
}

static _Atomic size_t arena_bytes;

static void
answer_cookie_and_weigh(void *ctx, struct http_call *call)
{
    arena_bytes = http_call_arena(call)->used_bytes;
    answer_cookie(ctx, call);
}

/* One long cookie and hundreds of short ones are 16 KB at most, and cost no more. */
static void
test_a_cookie_in_many_pieces_costs_no_more_than_it_is_long(void **state)
{
    static char first[4001];
    static char wanted[4000 + 3 * 250 + 1];
    nghttp2_nv more[251];
    struct house house;

    (void)state;
    memset(first, 'a', sizeof(first) - 1);
    memcpy(wanted, first, sizeof(first));
    more[0] = (nghttp2_nv)FIELD("cookie", first);
    for (size_t i = 1; i < 251; i++) {
        more[i] = (nghttp2_nv)FIELD("cookie", "b");
        memcpy(wanted + 4000 + 3 * (i - 1), "; b", 4);
    }
    h2_init(&house);
    house.handler = answer_cookie_and_weigh;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    int32_t id = submit(peer, "GET", "/", "a", more, 251, false);
    peer_run(peer, id, 3000);
    assert_string_equal(answer_of(peer, id)->body, wanted);
    assert_in_range(arena_bytes, 1, 64 * 1024);
    peer_close(&peer);
    house_close(&house);
}

static void
test_alpn_decides(void **state)
{
    struct house house;
    char answer[4096];

    (void)state;
    h2_init(&house);
    house_open(&house);
    struct client old = client_open_as(house.port, NULL, true, "\x08http/1.1");
    client_send_text(&old, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(client_answer(&old, answer, sizeof(answer)), 200);
    client_close(&old);
    struct client both = client_open_as(house.port, NULL, true, "\x08http/1.1\x02h2");
    client_send_text(&both, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); /* no preface */
    long got = client_receive(&both, answer, sizeof(answer), 3000);
    while (got > 0)
        got = client_receive(&both, answer, sizeof(answer), 3000);
    assert_int_equal(got, 0);
    client_close(&both);
    struct client foreign = client_open_as(house.port, NULL, true, "\x03xyz");
    assert_int_equal(foreign.fd, -1);
    house_close(&house);
    assert_int_equal(house.shared.requests_total, 1);
}

/* ---- late answers and leaving ---- */

static struct http_call *kept[8];
static _Atomic size_t kept_count;
static sem_t kept_one;

static void
keep(void *ctx, struct http_call *call)
{
    (void)ctx;
    kept[kept_count++] = call;
    sem_post(&kept_one);
}

static void
answer_kept(struct house *house)
{
    for (size_t i = 0; i < kept_count; i++)
        echo(house, kept[i]);
    kept_count = 0;
}

static void
drain(struct house *house)
{
    http_server_drain(house->servers[0]);
}

static void
test_a_call_outlives_its_stream_and_its_connection(void **state)
{
    struct house house;

    (void)state;
    sem_init(&kept_one, 0, 0);
    h2_init(&house);
    house.handler = keep;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    peer->upload = "abc";
    peer->upload_len = 3;
    int32_t id = submit(peer, "POST", "/reset", "a", NULL, 0, true);
    nghttp2_session_send(peer->session);
    sem_wait(&kept_one);
    submit(peer, "POST", "/gone", "a", NULL, 0, true);
    nghttp2_session_send(peer->session);
    sem_wait(&kept_one);
    nghttp2_submit_rst_stream(peer->session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    peer_run(peer, 0, 100);
    peer_close(&peer);
    for (int i = 0; i < 300 && house.shared.connections_open; i++)
        usleep(10 * 1000);
    assert_int_equal(house.shared.connections_open, 0);
    assert_true(slice_equal(http_call_request(kept[0])->body, SLICE("abc")));
    house_do(&house, answer_kept);
    house_close(&house);
}

static void
test_draining_says_goaway_and_answers_what_runs(void **state)
{
    struct house house;

    (void)state;
    sem_init(&kept_one, 0, 0);
    h2_init(&house);
    house.handler = keep;
    house_open(&house);
    struct peer *idle = peer_open(&house);
    peer_run(idle, 0, 100);
    struct peer *peer = peer_open(&house);
    int32_t id = submit(peer, "GET", "/", "a", NULL, 0, false);
    nghttp2_session_send(peer->session);
    sem_wait(&kept_one);
    house_do(&house, drain);
    peer_run(idle, 0, 3000);
    assert_true(idle->has_goaway && idle->has_ended);
    peer_run(peer, 0, 200);
    assert_true(peer->has_goaway);
    assert_false(peer->has_ended);
    house_do(&house, answer_kept);
    peer_run(peer, 0, 3000);
    assert_int_equal(answer_of(peer, id)->status, 200);
    assert_true(peer->has_ended);
    peer_close(&peer);
    peer_close(&idle);
    house_close(&house);
}

/* A load balancer speaks PROXY before TLS begins. */
static void
test_a_proxy_header_comes_before_tls(void **state)
{
    static const char header[] =
        "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc6\x33\x64\x07\x0a\0"
        "\0\x02\x1f\x90\0\x50";
    struct ip_range range;
    struct house house;
    char answer[4096];

    (void)state;
    assert_int_equal(ip_range_read(SLICE("127.0.0.2"), &range, NULL), STATUS_OK);
    h2_init(&house);
    house.shared.trusted_proxies = &range;
    house.shared.trusted_proxy_count = 1;
    house_open(&house);
    for (int has_header = 0; has_header < 2; has_header++) {
        struct client client = client_open_as(house.port, "127.0.0.2", false, NULL);
        if (has_header)
            client_send(&client, header, sizeof(header) - 1);
        client_start_tls(&client, NULL);
        assert_true(client.fd >= 0);
        client_send_text(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_int_equal(client_answer(&client, answer, sizeof(answer)), 200);
        assert_string_equal(strstr(answer, "\r\n\r\n") + 4,
                            has_header ? "GET /  198.51.100.7 " : "GET /  127.0.0.2 ");
        client_close(&client);
    }
    house_close(&house);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_are_answered),
        cmocka_unit_test(test_many_streams_run_side_by_side),
        cmocka_unit_test(test_long_bodies_flow_both_ways),
        cmocka_unit_test(test_a_cookie_in_pieces_is_one_header),
        cmocka_unit_test(test_a_cookie_in_many_pieces_costs_no_more_than_it_is_long),
        cmocka_unit_test(test_alpn_decides),
        cmocka_unit_test(test_a_call_outlives_its_stream_and_its_connection),
        cmocka_unit_test(test_draining_says_goaway_and_answers_what_runs),
        cmocka_unit_test(test_a_proxy_header_comes_before_tls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
