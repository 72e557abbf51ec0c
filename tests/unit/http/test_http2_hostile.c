/* SPDX-License-Identifier: Apache-2.0
 *
 * HTTP/2: what a hostile peer cannot make us do, and who is only slow. */
#include "http2_peer.h"

/* CVE-2025-8671: the peer makes us reset our own streams, again and again. */
static void
test_a_peer_that_makes_us_reset_is_sent_away(void **state)
{
    const nghttp2_nv more[] = {FIELD("content-length", "5")}; /* and no body */
    struct house house;

    (void)state;
    h2_init(&house);
    house_open(&house);
    struct peer *peer = peer_open(&house);
    for (int i = 0; i < 199; i++)
        submit(peer, "GET", "/", "a", more, 1, false);
    peer_run(peer, 0, 300);
    assert_false(peer->has_goaway);
    assert_int_equal(fetch(peer, "GET", "/", false)->status, 200);
    for (int i = 0; i < 10; i++)
        submit(peer, "GET", "/", "a", more, 1, false);
    peer_run(peer, 0, 3000);
    assert_true(peer->has_goaway);
    assert_int_equal(peer->goaway_error, NGHTTP2_ENHANCE_YOUR_CALM);
    assert_true(peer->has_ended);
    peer_close(&peer);
    house_close(&house);
}

/* CVE-2023-44487: requests that are taken back at once. */
static void
test_a_peer_that_resets_rapidly_is_sent_away(void **state)
{
    struct house house;

    (void)state;
    h2_init(&house);
    house_open(&house);
    struct peer *peer = peer_open(&house);
    peer->upload = "x";
    peer->is_upload_held = true;
    for (int i = 0; i < 300 && !peer->has_ended; i++) {
        int32_t id = submit(peer, "POST", "/", "a", NULL, 0, true);
        if (nghttp2_session_send(peer->session) != 0)
            break;
        nghttp2_submit_rst_stream(peer->session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
        if (nghttp2_session_send(peer->session) != 0)
            break;
        if (i == 150) {
            peer_run(peer, 0, 100);
            assert_false(peer->has_goaway); /* some are forgiven */
        }
    }
    peer_run(peer, 0, 3000);
    assert_true(peer->has_ended);
    assert_true(!peer->has_goaway || peer->goaway_error == NGHTTP2_ENHANCE_YOUR_CALM);
    peer_close(&peer);
    house_close(&house);
}

static void
test_slow_streams_and_idle_connections_end(void **state)
{
    struct house house;

    (void)state;
    h2_init(&house);
    house.shared.body_timeout_ms = 300;
    house.shared.idle_timeout_ms = 500;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    peer->upload = "x";
    peer->upload_len = 1;
    peer->is_upload_held = true;
    int32_t id = submit(peer, "POST", "/", "a", NULL, 0, true);
    peer_run(peer, 0, 1500);
    assert_int_equal(answer_of(peer, id)->status, 408);
    peer_run(peer, 0, 5000);
    assert_true(peer->has_ended);
    assert_true(peer->has_goaway);
    assert_int_equal(peer->goaway_error, NGHTTP2_NO_ERROR);
    peer_close(&peer);
    house_close(&house);
    assert_int_equal(house.shared.requests_total, 0);
}

/* Asks for an answer for which the peer opens no window. */
static int32_t
ask_through_shut_window(struct house *house, struct peer **out, int idle_timeout_ms)
{
    static char bytes[500000];
    nghttp2_settings_entry none = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0};

    h2_init(house);
    house->shared.idle_timeout_ms = idle_timeout_ms;
    house_open(house);
    struct peer *peer = peer_open(house);
    nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, &none, 1);
    peer->upload = bytes;
    peer->upload_len = 10;
    *out = peer;
    return submit(peer, "POST", "/", "a", NULL, 0, true);
}

/* A peer that opens no window for our answer does not hold it for ever. */
static void
test_a_window_that_stays_shut_ends_the_connection(void **state)
{
    struct house house;
    struct peer *peer;

    (void)state;
    int32_t id = ask_through_shut_window(&house, &peer, 300);
    peer_run(peer, 0, 5000);
    assert_true(peer->has_ended);
    assert_int_equal(answer_of(peer, id)->status, 200);
    assert_int_equal(answer_of(peer, id)->len, 0);
    peer_close(&peer);
    house_close(&house);
    assert_int_equal(house.shared.timeouts_total, 1);
}

/* Nor do other streams, on which all is well, make it wait for ever. */
static void
test_a_window_that_stays_shut_ends_its_stream(void **state)
{
    struct house house;
    struct peer *peer;

    (void)state;
    int32_t id = ask_through_shut_window(&house, &peer, 1200);
    for (int i = 0; i < 100 && !answer_of(peer, id)->is_closed; i++) {
        peer_run(peer, 0, 100);
        assert_int_equal(fetch(peer, "GET", "/?204", false)->status, 204);
    }
    assert_int_equal(answer_of(peer, id)->status, 200);
    assert_int_equal(answer_of(peer, id)->len, 0);
    assert_int_equal(answer_of(peer, id)->error, NGHTTP2_CANCEL);
    assert_int_equal(fetch(peer, "GET", "/?204", false)->status, 204);
    assert_false(peer->has_goaway);
    peer_close(&peer);
    house_close(&house);
    assert_int_equal(house.shared.timeouts_total, 1);
}

/* The window of the connection is for all of them. */
static void
test_a_connection_window_that_stays_shut_ends_the_connection(void **state)
{
    enum { LEN = 100000 }; /* more than the 65,535 bytes that it begins with */
    static char bytes[LEN];
    nghttp2_settings_entry wide = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20};
    nghttp2_option *option = NULL;
    struct house house;

    (void)state;
    h2_init(&house);
    house.shared.idle_timeout_ms = 1200;
    house_open(&house);
    nghttp2_option_new(&option);
    nghttp2_option_set_no_auto_window_update(option, 1);
    struct peer *peer = peer_open_with(&house, option);
    nghttp2_option_del(option);
    nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, &wide, 1);
    peer->upload = bytes;
    peer->upload_len = LEN;
    submit(peer, "POST", "/", "a", NULL, 0, true);
    for (int i = 0; i < 100 && !peer->has_ended; i++) {
        submit(peer, "GET", "/?204", "a", NULL, 0, false);
        peer_run(peer, 0, 100);
    }
    assert_true(peer->has_ended);
    peer_close(&peer);
    house_close(&house);
    assert_int_equal(house.shared.timeouts_total, 1);
}

/* A slow reader is not a stuck one: what counts is that it takes something. */
static void
test_a_window_that_opens_slowly_is_waited_for(void **state)
{
    enum { LEN = 100000, STEP = 17000 };
    static char bytes[LEN];
    nghttp2_settings_entry none = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0};
    struct house house;

    (void)state;
    h2_init(&house);
    house.shared.idle_timeout_ms = 1200;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, &none, 1);
    peer->upload = bytes;
    peer->upload_len = LEN;
    int32_t id = submit(peer, "POST", "/", "a", NULL, 0, true);
    peer_run(peer, 0, 100);
    for (int i = 0; i < 2 * LEN / STEP && !answer_of(peer, id)->is_closed; i++) {
        nghttp2_submit_window_update(peer->session, NGHTTP2_FLAG_NONE, id, STEP);
        peer_run(peer, id, 700);
    }
    assert_true(answer_of(peer, id)->is_closed);
    assert_int_equal(answer_of(peer, id)->error, NGHTTP2_NO_ERROR);
    assert_int_equal(answer_of(peer, id)->len, LEN + (int)strlen("POST /  127.0.0.1 "));
    peer_close(&peer);
    house_close(&house);
}

static size_t
count_errors(const struct peer *peer, uint32_t error)
{
    size_t count = 0;

    for (int i = 0; i < STREAM_MAX_COUNT; i++)
        count += peer->answers[i].is_closed && peer->answers[i].error == error;
    return count;
}

/* Streams that nobody ends cost their peer nothing: in a crowd they have less time. */
static void
test_in_a_crowd_nobody_waits_for_slow_streams(void **state)
{
    struct house house;

    (void)state;
    h2_init(&house);
    house.shared.crowd_count = 50;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    peer->upload = "x";
    peer->is_upload_held = true;
    for (int i = 0; i < 49; i++)
        submit(peer, "POST", "/", "a", NULL, 0, true);
    peer_run(peer, 0, 2500);
    assert_int_equal(count_errors(peer, NGHTTP2_ENHANCE_YOUR_CALM), 0);
    for (int i = 0; i < 20; i++)
        submit(peer, "POST", "/", "a", NULL, 0, true);
    peer_run(peer, 0, 2500);
    assert_in_range(count_errors(peer, NGHTTP2_ENHANCE_YOUR_CALM), 49, 69);
    assert_int_equal(fetch(peer, "GET", "/?204", false)->status, 204);
    peer_close(&peer);
    house_close(&house);
}

static char page[300000];

static void
answer_page(void *ctx, struct http_call *call)
{
    struct http_reply reply = {
        .status = 200,
        .body = {(const unsigned char *)page, sizeof(page)},
        .is_lasting = slice_equal(http_call_request(call)->path, SLICE("/lasting")),
    };

    (void)ctx;
    http_call_answer(call, &reply);
}

/* A peer that opens no window makes us hold a hundred answers: those that live for ever
 * must not be held a hundred times. So it gets what they are when they are sent. */
static void
test_a_body_that_lives_for_ever_is_not_copied(void **state)
{
    nghttp2_settings_entry none = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0};
    nghttp2_settings_entry wide = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20};
    struct house house;

    (void)state;
    memset(page, 'a', sizeof(page));
    h2_init(&house);
    house.handler = answer_page;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    nghttp2_session_set_local_window_size(peer->session, NGHTTP2_FLAG_NONE, 0, 1 << 20);
    nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, &none, 1);
    int32_t lasting = submit(peer, "GET", "/lasting", "a", NULL, 0, false);
    int32_t passing = submit(peer, "GET", "/passing", "a", NULL, 0, false);
    peer_run(peer, 0, 200);
    assert_int_equal(answer_of(peer, lasting)->status, 200);
    assert_int_equal(answer_of(peer, passing)->status, 200);
    memset(page, 'b', sizeof(page));
    nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, &wide, 1);
    peer_run(peer, lasting, 3000);
    peer_run(peer, passing, 3000);
    assert_int_equal(answer_of(peer, lasting)->len, sizeof(page));
    assert_int_equal(answer_of(peer, passing)->len, sizeof(page));
    assert_int_equal(answer_of(peer, lasting)->body[0], 'b');
    assert_int_equal(answer_of(peer, passing)->body[0], 'a');
    peer_close(&peer);
    house_close(&house);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_peer_that_makes_us_reset_is_sent_away),
        cmocka_unit_test(test_a_peer_that_resets_rapidly_is_sent_away),
        cmocka_unit_test(test_slow_streams_and_idle_connections_end),
        cmocka_unit_test(test_a_window_that_stays_shut_ends_the_connection),
        cmocka_unit_test(test_a_window_that_stays_shut_ends_its_stream),
        cmocka_unit_test(test_a_connection_window_that_stays_shut_ends_the_connection),
        cmocka_unit_test(test_a_window_that_opens_slowly_is_waited_for),
        cmocka_unit_test(test_in_a_crowd_nobody_waits_for_slow_streams),
        cmocka_unit_test(test_a_body_that_lives_for_ever_is_not_copied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
