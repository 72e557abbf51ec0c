/* SPDX-License-Identifier: Apache-2.0
 *
 * The client against a server on a real socket that answers whatever a test wants: what
 * is read in one way only is taken, all else is refused; connections are used again, and
 * a request is never sent twice that must not be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "http/client.h"
#include "support.h"

/* ---- the other side ---- */

/* What it does with one request; the last one of a list is done for all that follow. */
struct act {
    const char *answer; /* NULL: none */
    size_t answer_len;  /* 0: strlen() */
    bool is_byte_by_byte;
    bool closes; /* after the answer */
    bool resets; /* by RST */
    bool hangs;  /* until the test ends */
};

struct other {
    int listen_fd;
    uint16_t port;
    const struct act *acts;
    size_t act_count;
    _Atomic size_t request_count, connection_count;
    char last_request[4096];
    pthread_t thread;
    _Atomic bool is_ending;
};

static bool
read_request(struct other *other, int fd)
{
    size_t len = 0;

    while (len < sizeof(other->last_request) - 1) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (atomic_load(&other->is_ending))
            return false;
        if (poll(&wait, 1, 20) != 1)
            continue;
        ssize_t got =
            recv(fd, other->last_request + len, sizeof(other->last_request) - 1 - len, 0);
        if (got <= 0)
            return false;
        len += (size_t)got;
        other->last_request[len] = '\0';
        if (strstr(other->last_request, "\r\n\r\n"))
            return true;
    }
    return false;
}

static void
wait_for_end(struct other *other)
{
    while (!atomic_load(&other->is_ending))
        usleep(5000);
}

static void
send_all(int fd, const char *at, size_t len, bool is_byte_by_byte)
{
    for (size_t sent = 0; sent < len;) {
        size_t some = is_byte_by_byte ? 1 : len - sent;
        ssize_t got = send(fd, at + sent, some, MSG_NOSIGNAL);
        if (got <= 0)
            return;
        sent += (size_t)got;
        if (is_byte_by_byte)
            usleep(200);
    }
}

/* False: the connection is at its end. */
static bool
do_act(struct other *other, int fd)
{
    size_t index = atomic_fetch_add(&other->request_count, 1);
    const struct act *act =
        &other->acts[index < other->act_count ? index : other->act_count - 1];
    struct linger now = {.l_onoff = 1};

    if (act->answer)
        send_all(fd, act->answer, act->answer_len ? act->answer_len : strlen(act->answer),
                 act->is_byte_by_byte);
    if (act->hangs)
        wait_for_end(other);
    if (act->resets) {
        usleep(20000); /* what was sent shall be read before */
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    }
    return !act->closes && !act->resets && !act->hangs;
}

static void *
serve_other(void *arg)
{
    struct other *other = arg;

    while (!atomic_load(&other->is_ending)) {
        struct pollfd wait = {.fd = other->listen_fd, .events = POLLIN};
        if (poll(&wait, 1, 20) != 1)
            continue;
        int fd AUTO(fd_done) = accept(other->listen_fd, NULL, NULL);
        if (fd < 0)
            continue;
        atomic_fetch_add(&other->connection_count, 1);
        while (read_request(other, fd) && do_act(other, fd))
            ;
    }
    return NULL;
}

static void
other_open(struct other *other, const struct act *acts, size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);

    *other = (struct other){.acts = acts, .act_count = count};
    other->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(other->listen_fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(other->listen_fd, 64), 0);
    assert_int_equal(getsockname(other->listen_fd, (struct sockaddr *)&address, &len), 0);
    other->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&other->thread, NULL, serve_other, other), 0);
}

static void
other_close(struct other *other)
{
    atomic_store(&other->is_ending, true);
    pthread_join(other->thread, NULL);
    close(other->listen_fd);
}

/* ---- our side ---- */

struct side {
    struct loop *loop;
    struct http_client *client;
    struct http_origin *origin;
    pthread_t thread;
};

/* One fetch with all that was told of it. */
struct asked {
    struct http_fetch fetch; /* first */
    struct loop_message message;
    struct side *side;
    struct http_fetch_request request;
    const char *streamed; /* a body that is sent in pieces; NULL: none */
    sem_t done;
    enum http_fetch_failure failure;
    const char *why;
    int status;
    bool was_whole_at_once;
    bool pauses; /* after each piece of the body */
    struct loop_timer resume;
    struct buffer body;
    size_t header_count;
};

static void
note_head(struct http_fetch *fetch, const struct http_answer *answer)
{
    struct asked *asked = (struct asked *)fetch;

    asked->status = answer->status;
    asked->header_count = answer->header_count;
    asked->was_whole_at_once = answer->is_whole;
    buffer_add(&asked->body, answer->body);
    if (answer->is_whole)
        sem_post(&asked->done);
}

static void
resume_due(struct loop_timer *timer)
{
    struct asked *asked =
        (struct asked *)((char *)timer - offsetof(struct asked, resume));

    http_fetch_resume(&asked->fetch);
}

static bool
note_body(struct http_fetch *fetch, struct slice bytes)
{
    struct asked *asked = (struct asked *)fetch;

    buffer_add(&asked->body, bytes);
    if (!asked->pauses)
        return true;
    asked->resume.due = resume_due;
    loop_timer_set(asked->side->loop, &asked->resume, 0);
    return false;
}

static void
note_end(struct http_fetch *fetch)
{
    struct asked *asked = (struct asked *)fetch;

    sem_post(&asked->done);
}

static void
note_failure(struct http_fetch *fetch, enum http_fetch_failure failure, const char *why)
{
    struct asked *asked = (struct asked *)fetch;

    asked->failure = failure;
    asked->why = why;
    sem_post(&asked->done);
}

static void
note_room(struct http_fetch *fetch)
{
    (void)fetch;
}

static const struct http_fetch_events EVENTS = {note_head, note_body, note_end,
                                                note_failure, note_room};

static void
begin_in_mailbox(struct loop_message *message)
{
    struct asked *asked =
        (struct asked *)((char *)message - offsetof(struct asked, message));
    enum http_fetch_failure failure =
        http_fetch_begin(asked->side->client, asked->side->origin, &asked->fetch, &EVENTS,
                         &asked->request);

    if (failure != HTTP_FETCH_BEGUN) {
        asked->failure = failure;
        sem_post(&asked->done);
        return;
    }
    if (!asked->streamed)
        return;
    for (const char *at = asked->streamed; *at; at++)
        http_fetch_write(&asked->fetch, (struct slice){(const unsigned char *)at, 1});
    http_fetch_write_end(&asked->fetch);
}

static void
asked_init(struct asked *asked, struct side *side, const char *method)
{
    *asked = (struct asked){
        .side = side,
        .request = {.method = slice_of(method), .target = SLICE("/there?x=1")},
        .body = buffer_make(64 * 1024 * 1024)};
    sem_init(&asked->done, 0, 0);
}

static void
ask_it(struct asked *asked)
{
    asked->message.run = begin_in_mailbox;
    loop_post(asked->side->loop, &asked->message);
    sem_wait(&asked->done);
}

static void
asked_done(struct asked *asked)
{
    buffer_done(&asked->body);
    sem_destroy(&asked->done);
}

static void *
run_loop(void *loop)
{
    loop_run(loop);
    return NULL;
}

static void
side_open_as(struct side *side, const uint16_t *ports, size_t count,
             struct http_origin_settings *settings)
{
    struct http_origin_address addresses[4] = {0};

    assert_int_equal(loop_open(&side->loop), STATUS_OK);
    side->client = http_client_new(side->loop, 0);
    side->origin = http_origin_new(settings);
    for (size_t i = 0; i < count; i++) {
        addresses[i].port = ports[i];
        assert_int_equal(ip_read(SLICE("127.0.0.1"), &addresses[i].ip), STATUS_OK);
    }
    http_origin_set_addresses(side->origin, addresses, count);
    assert_int_equal(pthread_create(&side->thread, NULL, run_loop, side->loop), 0);
}

static struct http_origin_settings
usual_settings(void)
{
    return (struct http_origin_settings){.name = "other",
                                         .host_header = "other.example",
                                         .connect_timeout_ms = 2000,
                                         .first_byte_timeout_ms = 5000,
                                         .idle_timeout_ms = 5000,
                                         .connection_max_count = 100};
}

static void
side_open(struct side *side, uint16_t port)
{
    struct http_origin_settings settings = usual_settings();

    side_open_as(side, &port, 1, &settings);
}

static void
side_close(struct side *side)
{
    http_origin_retire(side->origin);
    loop_stop(side->loop);
    pthread_join(side->thread, NULL);
    http_client_free(&side->client);
    loop_close(&side->loop);
    http_origin_drop(&side->origin);
}

/* ---- framing ---- */

#define OK "HTTP/1.1 200 OK\r\n"

/* Every way an answer may be framed, and what becomes of it. */
static const struct framing {
    const char *answer;
    size_t len; /* 0: strlen() */
    const char *method;
    enum http_fetch_failure failure;
    int status;
    const char *body;
} FRAMINGS[] = {
#define YES(text, body)                             \
    {                                               \
        text, 0, "GET", HTTP_FETCH_BEGUN, 200, body \
    }
#define NO(text)                                                    \
    {                                                               \
        text, sizeof(text) - 1, "GET", HTTP_FETCH_BAD_ANSWER, 0, "" \
    }
#define CUT(text)                               \
    {                                           \
        text, 0, "GET", HTTP_FETCH_CUT, 0, NULL \
    }
    YES(OK "Content-Length: 5\r\n\r\nhello", "hello"),
    YES(OK "Content-Length: 0\r\n\r\n", ""),
    YES("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", "x"),
    YES("HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\nx", "x"),
    YES(OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello"),
    YES(OK
        "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nX-Sum: 1\r\n\r\n",
        "hello"),
    YES(OK "\r\nuntil the end", "until the end"),
    YES("HTTP/1.0 200 OK\r\n\r\nuntil the end", "until the end"),
    YES("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" OK
        "Content-Length: 1\r\n\r\nx",
        "x"),
    {"HTTP/1.1 204 No Content\r\n\r\n", 0, "GET", HTTP_FETCH_BEGUN, 204, ""},
    {"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 0, "GET", HTTP_FETCH_BEGUN,
     204, ""},
    {"HTTP/1.1 304 Not Modified\r\nContent-Length: 50\r\n\r\n", 0, "GET",
     HTTP_FETCH_BEGUN, 304, ""},
    {OK "Content-Length: 50\r\n\r\n", 0, "HEAD", HTTP_FETCH_BEGUN, 200, ""},
    {OK "Transfer-Encoding: chunked\r\n\r\n", 0, "HEAD", HTTP_FETCH_BEGUN, 200, ""},
    {"HTTP/1.1 599 Odd\r\nContent-Length: 1\r\n\r\nx", 0, "GET", HTTP_FETCH_BEGUN, 599,
     "x"},

    NO(OK
       "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    NO(OK "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    NO(OK "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
    NO(OK "Content-Length: 5, 5\r\n\r\nhello"),
    NO(OK "Content-Length: +5\r\n\r\nhello"),
    NO(OK "Content-Length: -1\r\n\r\nhello"),
    NO(OK "Content-Length: 0x5\r\n\r\nhello"),
    NO(OK "Content-Length: \r\n\r\nhello"),
    NO(OK "Content-Length: 18446744073709551621\r\n\r\nhello"),
    NO(OK "Content-Length: 9223372036854775808\r\n\r\nhello"),
    NO(OK "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    NO(OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    NO(OK "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    NO("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    NO("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    NO("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello"),
    NO(OK "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n"),
    NO(OK "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n"),
    NO(OK "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n"),
    NO(OK "Transfer-Encoding: chunked\r\n\r\n00000000000000005\r\nhello\r\n0\r\n\r\n"),
    NO(OK "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n"),
    NO(OK "X-Long: a\r\n b\r\nContent-Length: 5\r\n\r\nhello"),
    NO(OK "X-Odd : a\r\nContent-Length: 5\r\n\r\nhello"),
    NO(OK " X-Odd: a\r\nContent-Length: 5\r\n\r\nhello"),
    NO(OK "X-Nul: a\0b\r\nContent-Length: 5\r\n\r\nhello"),
    NO(OK "X-Bare: a\rb\r\nContent-Length: 5\r\n\r\nhello"),
    NO(OK "X-Lf: a\nContent-Length: 5\r\n\r\nhello"),
    NO(OK "no colon\r\nContent-Length: 5\r\n\r\nhello"),
    NO("HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\nhello"),
    NO("HTTP/1.2 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
    NO("HTTP/2 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
    NO("HTTP/1.1 099 Odd\r\nContent-Length: 5\r\n\r\nhello"),
    NO("HTTP/1.1 600 Odd\r\nContent-Length: 5\r\n\r\nhello"),
    NO("HTTP/1.1 2000 Odd\r\nContent-Length: 5\r\n\r\nhello"),
    NO("HTTP/1.1 20x Odd\r\nContent-Length: 5\r\n\r\nhello"),
    NO("HTTP/1.1  200 Odd\r\nContent-Length: 5\r\n\r\nhello"),
    NO("\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
    NO("ICY 200 OK\r\n\r\nhello"),
    NO("SSH-2.0-OpenSSH_9.2\r\n"),
    NO("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),

    CUT(""),
    CUT("HTTP/1.1 200 O"),
    CUT(OK "Content-Length: 5\r\n"),
    CUT(OK "Content-Length: 5\r\n\r\nhell"),
    CUT(OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
    CUT(OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"),
#undef YES
#undef NO
#undef CUT
};

static void
check_framing(const struct framing *row, bool is_byte_by_byte)
{
    const struct act act = {.answer = row->answer,
                            .answer_len = row->len,
                            .is_byte_by_byte = is_byte_by_byte,
                            .closes = true};
    struct other other;
    struct side side;
    struct asked asked;

    other_open(&other, &act, 1);
    side_open(&side, other.port);
    asked_init(&asked, &side, row->method);
    ask_it(&asked);
    if (asked.failure != row->failure)
        fail_msg("%d instead of %d (%s) for:\n%s", asked.failure, row->failure,
                 asked.why ? asked.why : "", row->answer);
    if (row->failure == HTTP_FETCH_BEGUN) {
        assert_int_equal(asked.status, row->status);
        assert_true(slice_equal(buffer_slice(&asked.body), slice_of(row->body)));
    }
    asked_done(&asked);
    side_close(&side);
    other_close(&other);
}

static void
test_an_answer_is_read_in_one_way_or_not_at_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(FRAMINGS); i++) {
        check_framing(&FRAMINGS[i], false);
        check_framing(&FRAMINGS[i], true);
    }
}

static void
test_a_head_without_end_is_given_up(void **state)
{
    static char endless[400 * 1024];
    const struct act acts[] = {{.answer = endless, .hangs = true}};
    struct other other;
    struct side side;
    struct asked asked;

    (void)state;
    for (int is_lines = 0; is_lines < 2; is_lines++) {
        memset(endless, 'a', sizeof(endless) - 1);
        memcpy(endless, OK "X: ", strlen(OK) + 3);
        for (size_t i = 100; is_lines && i + 8 < sizeof(endless); i += 2000)
            memcpy(endless + i, "\r\nX: a", 6);
        other_open(&other, acts, 1);
        side_open(&side, other.port);
        asked_init(&asked, &side, "GET");
        ask_it(&asked);
        assert_int_equal(asked.failure, HTTP_FETCH_BAD_ANSWER);
        asked_done(&asked);
        side_close(&side);
        other_close(&other);
    }
}

static void
test_interim_answers_are_passed_over_but_not_for_ever(void **state)
{
    char many[1024] = "";
    struct other other;
    struct side side;
    struct asked asked;

    (void)state;
    for (int count = 8; count <= 9; count++) {
        many[0] = '\0';
        for (int i = 0; i < count; i++)
            strcat(many, "HTTP/1.1 100 Continue\r\n\r\n");
        strcat(many, OK "Content-Length: 0\r\n\r\n");
        const struct act act = {.answer = many};
        other_open(&other, &act, 1);
        side_open(&side, other.port);
        asked_init(&asked, &side, "GET");
        ask_it(&asked);
        assert_int_equal(asked.failure,
                         count == 8 ? HTTP_FETCH_BEGUN : HTTP_FETCH_BAD_ANSWER);
        asked_done(&asked);
        side_close(&side);
        other_close(&other);
    }
}

/* ---- the request ---- */

static void
test_the_request_is_written_as_it_is_given(void **state)
{
    static const struct http_header headers[] = {
        {SLICE("Accept"), SLICE("a/b")},
        {SLICE("X-Evil"), SLICE("a\r\nX-More: b")},
    };
    const struct act act = {.answer = OK "Content-Length: 0\r\n\r\n"};
    struct other other;
    struct side side;
    struct asked asked;

    (void)state;
    other_open(&other, &act, 1);
    side_open(&side, other.port);
    asked_init(&asked, &side, "POST");
    asked.request.headers = headers;
    asked.request.header_count = 2;
    ask_it(&asked);
    assert_string_equal(other.last_request,
                        "POST /there?x=1 HTTP/1.1\r\nHost: other.example\r\n"
                        "Accept: a/b\r\nContent-Length: 0\r\n\r\n");
    asked_done(&asked);

    static const struct slice BAD[] = {SLICE("/a b"), SLICE("/a\r\nX: y"),
                                       SLICE(""),     SLICE("a"),
                                       SLICE("/a#b"), SLICE("/\x80")};
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        asked_init(&asked, &side, "GET");
        asked.request.target = BAD[i];
        ask_it(&asked);
        assert_int_equal(asked.failure, HTTP_FETCH_BAD_REQUEST);
        asked_done(&asked);
    }
    asked_init(&asked, &side, "GE T");
    ask_it(&asked);
    assert_int_equal(asked.failure, HTTP_FETCH_BAD_REQUEST);
    asked_done(&asked);
    assert_int_equal(other.request_count, 1);
    side_close(&side);
    other_close(&other);
}

/* ---- connections ---- */

static void
ask_simply(struct side *side, const char *method, enum http_fetch_failure failure)
{
    struct asked asked;

    asked_init(&asked, side, method);
    ask_it(&asked);
    if (asked.failure != failure)
        fail_msg("%d instead of %d: %s", asked.failure, failure,
                 asked.why ? asked.why : "");
    asked_done(&asked);
}

static void
test_a_connection_serves_many_requests(void **state)
{
    const struct act act = {.answer = OK "Content-Length: 2\r\n\r\nok"};
    struct other other;
    struct side side;

    (void)state;
    other_open(&other, &act, 1);
    side_open(&side, other.port);
    for (int i = 0; i < 20; i++)
        ask_simply(&side, i % 2 ? "POST" : "GET", HTTP_FETCH_BEGUN);
    assert_int_equal(other.connection_count, 1);
    assert_int_equal(other.request_count, 20);
    side_close(&side);
    other_close(&other);
}

static void
test_a_connection_with_more_than_its_answer_is_not_used_again(void **state)
{
    static const char *const ANSWERS[] = {
        OK "Content-Length: 2\r\n\r\nok" OK "Content-Length: 4\r\n\r\nevil",
        OK "Connection: close\r\nContent-Length: 2\r\n\r\nok",
        OK "Connection: x, CLOSE\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 304 Not Modified\r\n\r\nevil",
    };
    struct other other;
    struct side side;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ANSWERS); i++) {
        const struct act act = {.answer = ANSWERS[i]};
        other_open(&other, &act, 1);
        side_open(&side, other.port);
        ask_simply(&side, "GET", HTTP_FETCH_BEGUN);
        ask_simply(&side, "GET", HTTP_FETCH_BEGUN);
        assert_int_equal(other.connection_count, 2);
        side_close(&side);
        other_close(&other);
    }
}

/* The other side ends a kept connection as the next request arrives. */
static void
test_only_what_is_safe_is_sent_again(void **state)
{
    const struct act acts[] = {{.answer = OK "Content-Length: 2\r\n\r\nok"},
                               {.closes = true},
                               {.answer = OK "Content-Length: 2\r\n\r\nok"}};
    struct other other;
    struct side side;

    (void)state;
    other_open(&other, acts, 3);
    side_open(&side, other.port);
    ask_simply(&side, "GET", HTTP_FETCH_BEGUN);
    ask_simply(&side, "GET", HTTP_FETCH_BEGUN);
    assert_int_equal(other.request_count, 3);
    side_close(&side);
    other_close(&other);

    other_open(&other, acts, 3);
    side_open(&side, other.port);
    ask_simply(&side, "POST", HTTP_FETCH_BEGUN);
    ask_simply(&side, "POST", HTTP_FETCH_CUT);
    assert_int_equal(other.request_count, 2);
    side_close(&side);
    other_close(&other);
}

static void
test_a_request_is_sent_again_once(void **state)
{
    const struct act acts[] = {{.answer = OK "Content-Length: 2\r\n\r\nok"},
                               {.closes = true},
                               {.closes = true},
                               {.answer = OK "Content-Length: 2\r\n\r\nok"}};
    struct other other;
    struct side side;

    (void)state;
    other_open(&other, acts, 4);
    side_open(&side, other.port);
    ask_simply(&side, "GET", HTTP_FETCH_BEGUN);
    ask_simply(&side, "GET", HTTP_FETCH_CUT);
    assert_int_equal(other.request_count, 3);
    side_close(&side);
    other_close(&other);
}

static void
test_after_the_first_byte_nothing_is_sent_again(void **state)
{
    const struct act acts[] = {{.answer = OK "Content-Length: 2\r\n\r\nok"},
                               {.answer = "H", .closes = true},
                               {.answer = OK "Content-Length: 2\r\n\r\nok"}};
    struct other other;
    struct side side;

    (void)state;
    other_open(&other, acts, 3);
    side_open(&side, other.port);
    ask_simply(&side, "GET", HTTP_FETCH_BEGUN);
    ask_simply(&side, "GET", HTTP_FETCH_CUT);
    assert_int_equal(other.request_count, 2);
    side_close(&side);
    other_close(&other);
}

static void
test_a_reset_in_the_middle_is_no_end(void **state)
{
    const struct act act = {.answer = OK "\r\nuntil the", .resets = true};
    struct other other;
    struct side side;

    (void)state;
    other_open(&other, &act, 1);
    side_open(&side, other.port);
    ask_simply(&side, "GET", HTTP_FETCH_CUT);
    side_close(&side);
    other_close(&other);
}

/* ---- time and trouble ---- */

static void
test_nobody_is_waited_for_for_ever(void **state)
{
    static const struct act ACTS[] = {
        {.hangs = true},
        {.answer = "HTTP/1.1 200 O", .hangs = true},
        {.answer = "HTTP/1.1 100 Continue\r\n\r\n", .hangs = true},
        {.answer = OK "Content-Length: 5\r\n\r\nhell", .hangs = true},
        {.answer = OK "Transfer-Encoding: chunked\r\n\r\n5\r\n", .hangs = true},
    };
    struct http_origin_settings settings = usual_settings();
    struct other other;
    struct side side;

    (void)state;
    settings.first_byte_timeout_ms = 100;
    settings.idle_timeout_ms = 100;
    for (size_t i = 0; i < COUNT_OF(ACTS); i++) {
        other_open(&other, &ACTS[i], 1);
        side_open_as(&side, &other.port, 1, &settings);
        ask_simply(&side, "GET", HTTP_FETCH_TIMEOUT);
        side_close(&side);
        other_close(&other);
    }
}

static void
test_a_slow_drip_ends_with_the_time_for_the_whole(void **state)
{
    static char drip[4000];
    const struct act act = {.answer = drip, .is_byte_by_byte = true};
    struct http_origin_settings settings = usual_settings();
    struct other other;
    struct side side;

    (void)state;
    memset(drip, 'a', sizeof(drip) - 1);
    memcpy(drip, OK "\r\n", strlen(OK) + 2);
    settings.whole_timeout_ms = 150;
    other_open(&other, &act, 1);
    side_open_as(&side, &other.port, 1, &settings);
    ask_simply(&side, "GET", HTTP_FETCH_TIMEOUT);
    side_close(&side);
    other_close(&other);
}

/* A port where nobody listens. */
static uint16_t
dead_port(void)
{
    struct other other;
    const struct act act = {.closes = true};

    other_open(&other, &act, 1);
    other_close(&other);
    return other.port;
}

static void
test_another_address_takes_over(void **state)
{
    const struct act act = {.answer = OK "Content-Length: 2\r\n\r\nok"};
    struct http_origin_settings settings = usual_settings();
    struct other other;
    struct side side;

    (void)state;
    other_open(&other, &act, 1);
    uint16_t ports[] = {dead_port(), other.port};
    side_open_as(&side, ports, 2, &settings);
    for (int i = 0; i < 12; i++)
        ask_simply(&side, "POST", HTTP_FETCH_BEGUN);
    assert_int_equal(http_origin_figures(side.origin).address_down_count, 1);
    side_close(&side);
    other_close(&other);
}

static void
test_nobody_is_sent_where_all_fail_until_somebody_listens(void **state)
{
    const struct act act = {.answer = OK "Content-Length: 2\r\n\r\nok"};
    const struct act bad = {.answer = "rubbish", .closes = true};
    struct other other;
    struct side side;

    (void)state;
    other_open(&other, &bad, 1);
    side_open(&side, other.port);
    for (int i = 0; i < 5; i++)
        ask_simply(&side, "GET", HTTP_FETCH_BAD_ANSWER);
    ask_simply(&side, "GET", HTTP_FETCH_REFUSED);
    assert_int_equal(other.request_count, 5);
    struct http_origin_figures figures = http_origin_figures(side.origin);
    assert_int_equal(figures.failures, 5);
    assert_int_equal(figures.refused, 1);
    assert_int_equal(figures.running, 0);

    /* it listens, so one request may try; as it is still bad, the next may not */
    assert_int_equal(http_origin_check(side.origin), 1);
    usleep(120 * 1000); /* the loop's clock goes by rounds */
    ask_simply(&side, "GET", HTTP_FETCH_BAD_ANSWER);
    ask_simply(&side, "GET", HTTP_FETCH_REFUSED);

    other.acts = &act;
    assert_int_equal(http_origin_check(side.origin), 1);
    usleep(120 * 1000);
    for (int i = 0; i < 3; i++)
        ask_simply(&side, "GET", HTTP_FETCH_BEGUN);
    assert_int_equal(http_origin_figures(side.origin).address_down_count, 0);
    side_close(&side);
    other_close(&other);
}

static void
test_no_more_connections_than_allowed(void **state)
{
    const struct act act = {.hangs = true};
    struct http_origin_settings settings = usual_settings();
    struct other other;
    struct side side;
    struct asked first;

    (void)state;
    settings.connection_max_count = 1;
    settings.first_byte_timeout_ms = 300;
    other_open(&other, &act, 1);
    side_open_as(&side, &other.port, 1, &settings);
    asked_init(&first, &side, "GET");
    first.message.run = begin_in_mailbox;
    loop_post(side.loop, &first.message);
    ask_simply(&side, "GET", HTTP_FETCH_REFUSED);
    sem_wait(&first.done);
    assert_int_equal(first.failure, HTTP_FETCH_TIMEOUT);
    asked_done(&first);
    side_close(&side);
    other_close(&other);
}

/* ---- long bodies ---- */

static void
test_a_long_body_comes_no_faster_than_it_is_taken(void **state)
{
    enum { BODY_BYTES = 2 * 1024 * 1024 };
    char *answer = malloc(BODY_BYTES + 200);
    int head = sprintf(answer, OK "Content-Length: %d\r\n\r\n", BODY_BYTES);
    struct act act = {.answer = answer, .answer_len = (size_t)head + BODY_BYTES};
    struct other other;
    struct side side;
    struct asked asked;

    (void)state;
    for (int i = 0; i < BODY_BYTES; i++)
        answer[head + i] = (char)('a' + i % 23);
    other_open(&other, &act, 1);
    side_open(&side, other.port);
    asked_init(&asked, &side, "GET");
    asked.pauses = true;
    ask_it(&asked);
    assert_int_equal(asked.failure, HTTP_FETCH_BEGUN);
    assert_false(asked.was_whole_at_once);
    assert_true(slice_equal(buffer_slice(&asked.body),
                            (struct slice){(unsigned char *)answer + head, BODY_BYTES}));
    asked_done(&asked);
    ask_simply(&side, "GET", HTTP_FETCH_BEGUN);
    assert_int_equal(other.connection_count, 1);
    side_close(&side);
    other_close(&other);
    free(answer);
}

static void
test_a_streamed_body_is_framed(void **state)
{
    const struct act act = {.answer = OK "Content-Length: 0\r\n\r\n", .closes = true};
    struct other other;
    struct side side;
    struct asked asked;

    (void)state;
    for (int is_known = 0; is_known < 2; is_known++) {
        other_open(&other, &act, 1);
        side_open(&side, other.port);
        asked_init(&asked, &side, "PUT");
        asked.request.is_streamed = true;
        asked.request.streamed_length = is_known ? 3 : -1;
        asked.streamed = "abc";
        ask_it(&asked);
        assert_int_equal(asked.failure, HTTP_FETCH_BEGUN);
        const char *body = strstr(other.last_request, "\r\n\r\n") + 4;
        if (is_known)
            assert_string_equal(body, "abc");
        else
            assert_string_equal(body, "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n");
        asked_done(&asked);
        side_close(&side);
        other_close(&other);
    }
}

/* ---- TLS ---- */

static void
check_tls(const char *ca, const char *name, bool is_good)
{
    const char *const names[] = {name};
    struct http_origin_settings settings = usual_settings();
    struct house house;
    struct side side;
    struct failure failure = {0};

    house_init(&house);
    house.shared.tls = test_tls();
    house_open(&house);
    settings.tls_names = names;
    settings.host_count = 1;
    assert_int_equal(
        tls_client_open(&(struct tls_client_files){.ca = ca}, &settings.tls, &failure),
        STATUS_OK);
    side_open_as(&side, &house.port, 1, &settings);
    for (int i = 0; i < 3; i++)
        ask_simply(&side, "GET", is_good ? HTTP_FETCH_BEGUN : HTTP_FETCH_UNREACHABLE);
    side_close(&side);
    house_close(&house); /* the last round is counted at its end */
    assert_int_equal(house.shared.requests_total, is_good ? 3 : 0);
}

static void
test_tls_is_spoken_only_with_whom_we_wanted(void **state)
{
    (void)state;
    check_tls(test_tls_ca(), "localhost", true);
    check_tls(test_tls_ca(), "localhost.example", false);
    check_tls(test_tls_ca(), "127.0.0.9", false);
    check_tls(NULL, "localhost", false); /* the system trusts others */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_answer_is_read_in_one_way_or_not_at_all),
        cmocka_unit_test(test_a_head_without_end_is_given_up),
        cmocka_unit_test(test_interim_answers_are_passed_over_but_not_for_ever),
        cmocka_unit_test(test_the_request_is_written_as_it_is_given),
        cmocka_unit_test(test_a_connection_serves_many_requests),
        cmocka_unit_test(test_a_connection_with_more_than_its_answer_is_not_used_again),
        cmocka_unit_test(test_only_what_is_safe_is_sent_again),
        cmocka_unit_test(test_a_request_is_sent_again_once),
        cmocka_unit_test(test_after_the_first_byte_nothing_is_sent_again),
        cmocka_unit_test(test_a_reset_in_the_middle_is_no_end),
        cmocka_unit_test(test_nobody_is_waited_for_for_ever),
        cmocka_unit_test(test_a_slow_drip_ends_with_the_time_for_the_whole),
        cmocka_unit_test(test_another_address_takes_over),
        cmocka_unit_test(test_nobody_is_sent_where_all_fail_until_somebody_listens),
        cmocka_unit_test(test_no_more_connections_than_allowed),
        cmocka_unit_test(test_a_long_body_comes_no_faster_than_it_is_taken),
        cmocka_unit_test(test_a_streamed_body_is_framed),
        cmocka_unit_test(test_tls_is_spoken_only_with_whom_we_wanted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
