/* SPDX-License-Identifier: Apache-2.0
 *
 * HTTP/2: what is refused, and that the connection lives on. */
#include "http2_peer.h"

struct row {
    const char *method, *path, *authority, *name, *value;
    int status; /* 0: the stream is reset without an answer */
};

static const struct row ROWS[] = {
    {"GET", "/", "a", "x", "y", 200},
    {"GET", "/", NULL, "host", "a", 200},
    {"GET", "/", "a", "host", "a", 200},
    {"GET", "/", "A", "host", "a", 200},
    {"OPTIONS", "*", "a", "x", "y", 200},
    {"GET", "/", "a", "content-length", "0", 200},
    {"GET", "/", "a", "te", "trailers", 200},
    {"GET", "/", "a", "x", "\xc3\xa9", 200},
    /* who is meant */
    {"GET", "/", "a", "host", "b", 400},
    {"GET", "/", "u@a", "x", "y", 400},
    {"GET", "/", NULL, "x", "y", 0},
    /* the target */
    {"GET", "x", "a", "x", "y", 0},
    {"GET", "*", "a", "x", "y", 0},
    {"GET", "", "a", "x", "y", 0},
    {"GET", NULL, "a", "x", "y", 0},
    {"GET", "/\xc3\xa9", "a", "x", "y", 400},
    {"GET", "/a#b", "a", "x", "y", 400},
    {"GET", "/a b", "a", "x", "y", 0},
    {"GET", "http://a/", "a", "x", "y", 0},
    {"GE T", "/", "a", "x", "y", 0},
    {"", "/", "a", "x", "y", 0},
    {NULL, "/", "a", "x", "y", 0},
    /* fields */
    {"GET", "/", "a", "x y", "z", 400},
    {"GET", "/", "a", "x", "a\rb", 400},
    {"GET", "/", "a", "x", "a\nb", 400},
    {"GET", "/", "a", "x", "a\x01", 400},
    {"GET", "/", "a", ":foreign", "y", 0},
    {"GET", "/", "a", "connection", "close", 0},
    {"GET", "/", "a", "transfer-encoding", "chunked", 0},
    {"GET", "/", "a", "upgrade", "h2c", 0},
    {"GET", "/", "a", "te", "gzip", 0},
    /* a length that is not the body's, which nghttp2 refuses for us */
    {"GET", "/", "a", "content-length", "5", 0},
    {"GET", "/", "a", "content-length", "-1", 0},
    {"GET", "/", "a", "content-length", "+0", 0},
    {"GET", "/", "a", "content-length", "0,0", 0},
    {"POST", "/", "a", "content-length", "1048577", 0},
};

static void
test_malformed_requests_are_refused(void **state)
{
    struct house house;
    int wrong = 0;
    int64_t right = 0;

    (void)state;
    h2_init(&house);
    house_open(&house);
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        const struct row *row = &ROWS[i];
        const nghttp2_nv more[] = {FIELD(row->name, row->value)};
        struct peer *peer = peer_open(&house);
        int32_t id = submit(peer, row->method, row->path, row->authority, more, 1, false);
        peer_run(peer, id, 500);
        right += row->status == 200;
        if (answer_of(peer, id)->status != row->status) {
            fprintf(stderr, "row %zu: %d, not %d\n", i, answer_of(peer, id)->status,
                    row->status);
            wrong++;
        }
        peer_close(&peer);
    }
    house_close(&house);
    assert_int_equal(wrong, 0);
    assert_int_equal(house.shared.requests_total, right);
}

static void
test_a_length_that_does_not_fit_the_body_is_refused(void **state)
{
    static const struct {
        const char *length;
        int status;
    } LENGTHS[] = {{"5", 200}, {"4", 0}, {"6", 0}};
    struct house house;

    (void)state;
    h2_init(&house);
    house_open(&house);
    for (size_t i = 0; i < sizeof(LENGTHS) / sizeof(LENGTHS[0]); i++) {
        const nghttp2_nv more[] = {FIELD("content-length", LENGTHS[i].length)};
        struct peer *peer = peer_open(&house);
        peer->upload = "hello";
        peer->upload_len = 5;
        int32_t id = submit(peer, "POST", "/", "a", more, 1, true);
        peer_run(peer, id, 500);
        assert_int_equal(answer_of(peer, id)->status, LENGTHS[i].status);
        peer_close(&peer);
    }
    house_close(&house);
    assert_int_equal(house.shared.requests_total, 1);
}

static int
ask_with_fields(struct peer *peer, size_t count, size_t value_len)
{
    nghttp2_nv more[300];
    char names[300][8];
    char *value = calloc(1, value_len + 1);

    memset(value, 'v', value_len);
    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof(names[i]), "x%zu", i);
        more[i] = (nghttp2_nv)FIELD(names[i], value);
    }
    int32_t id = submit(peer, "GET", "/", "a", more, count, false);
    peer_run(peer, id, 3000);
    free(value);
    return answer_of(peer, id)->status;
}

static void
test_header_lists_are_limited(void **state)
{
    struct house house;

    (void)state;
    h2_init(&house);
    house_open(&house);
    struct peer *peer = peer_open(&house);
    assert_int_equal(ask_with_fields(peer, 100, 1), 200);
    assert_int_equal(ask_with_fields(peer, 101, 1), 431);
    assert_int_equal(ask_with_fields(peer, 1, 16000), 200);
    assert_int_equal(ask_with_fields(peer, 1, 16384), 431);
    assert_int_equal(ask_with_fields(peer, 20, 1000), 431);
    assert_int_equal(ask_with_fields(peer, 1, 1), 200); /* the connection lives on */
    peer_close(&peer);
    house_close(&house);
}

static void
test_bodies_are_limited(void **state)
{
    static char bytes[20000];
    const nghttp2_nv more[] = {FIELD("content-length", "20000")};
    struct house house;

    (void)state;
    h2_init(&house);
    house.shared.body_max_bytes = 10000;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    peer->upload = bytes;
    peer->upload_len = 10000;
    assert_int_equal(fetch(peer, "POST", "/", true)->status, 200);
    peer->upload_len = 10001;
    assert_int_equal(fetch(peer, "POST", "/", true)->status, 413);
    peer->upload_len = 20000;
    int32_t id = submit(peer, "POST", "/", "a", more, 1, true);
    peer_run(peer, id, 3000);
    assert_int_equal(answer_of(peer, id)->status, 413);
    assert_int_equal(fetch(peer, "GET", "/", false)->status, 200);
    peer_close(&peer);
    house_close(&house);
}

static int64_t
long_max(void *ctx, const struct http_request *request)
{
    (void)ctx;
    return slice_equal(request->path, SLICE("/long")) ? 20000 : 0;
}

static void
test_some_bodies_may_be_longer(void **state)
{
    static char bytes[30000];
    const nghttp2_nv more[] = {FIELD("content-length", "20000")};
    struct house house;

    (void)state;
    h2_init(&house);
    house.shared.body_max_bytes = 10000;
    house.shared.body_max = long_max;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    peer->upload = bytes;
    peer->upload_len = 20000;
    assert_int_equal(fetch(peer, "POST", "/long", true)->status, 200);
    assert_int_equal(fetch(peer, "POST", "/else", true)->status, 413);
    int32_t id = submit(peer, "POST", "/long", "a", more, 1, true);
    peer_run(peer, id, 3000);
    assert_int_equal(answer_of(peer, id)->status, 200);
    peer->upload_len = 20001;
    assert_int_equal(fetch(peer, "POST", "/long", true)->status, 413);
    peer_close(&peer);
    house_close(&house);
}

static void
test_the_common_budget_holds_for_streams_too(void **state)
{
    static char bytes[60000];
    struct house house;

    (void)state;
    h2_init(&house);
    house.shared.body_budget_bytes = 100000;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    peer->upload = bytes;
    peer->upload_len = sizeof(bytes);
    peer->is_upload_held = true;
    submit(peer, "POST", "/", "a", NULL, 0, true);
    peer_run(peer, 0, 200);
    peer->is_upload_held = false;
    struct answer *answer = fetch(peer, "POST", "/", true);
    assert_int_equal(answer->status, 503);
    peer_close(&peer);
    peer = peer_open(&house);
    peer->upload = bytes;
    peer->upload_len = sizeof(bytes);
    assert_int_equal(fetch(peer, "POST", "/", true)->status, 200); /* free again */
    peer_close(&peer);
    house_close(&house);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_malformed_requests_are_refused),
        cmocka_unit_test(test_a_length_that_does_not_fit_the_body_is_refused),
        cmocka_unit_test(test_header_lists_are_limited),
        cmocka_unit_test(test_bodies_are_limited),
        cmocka_unit_test(test_some_bodies_may_be_longer),
        cmocka_unit_test(test_the_common_budget_holds_for_streams_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
