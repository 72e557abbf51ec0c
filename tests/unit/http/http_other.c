/* SPDX-License-Identifier: Apache-2.0
 *
 * A server that answers one connection after another, on a thread of its own, and a
 * client on a loop of its own. */
#include "http_other.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the other side ---- */

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

void
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

void
other_close(struct other *other)
{
    atomic_store(&other->is_ending, true);
    pthread_join(other->thread, NULL);
    close(other->listen_fd);
}

/* ---- our side ---- */

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

void
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

void
asked_init(struct asked *asked, struct side *side, const char *method)
{
    *asked = (struct asked){
        .side = side,
        .request = {.method = slice_of(method), .target = SLICE("/there?x=1")},
        .body = buffer_make(64 * 1024 * 1024)};
    sem_init(&asked->done, 0, 0);
}

void
ask_it(struct asked *asked)
{
    asked->message.run = begin_in_mailbox;
    loop_post(asked->side->loop, &asked->message);
    sem_wait(&asked->done);
}

void
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

void
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

struct http_origin_settings
usual_settings(void)
{
    return (struct http_origin_settings){.name = "other",
                                         .host_header = "other.example",
                                         .connect_timeout_ms = 2000,
                                         .first_byte_timeout_ms = 5000,
                                         .idle_timeout_ms = 5000,
                                         .connection_max_count = 100};
}

void
side_open(struct side *side, uint16_t port)
{
    struct http_origin_settings settings = usual_settings();

    side_open_as(side, &port, 1, &settings);
}

void
side_close(struct side *side)
{
    http_origin_retire(side->origin);
    loop_stop(side->loop);
    pthread_join(side->thread, NULL);
    http_client_free(&side->client);
    loop_close(&side->loop);
    http_origin_drop(&side->origin);
}

void
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

void
both_open(struct other *other, const struct act *acts, size_t count, struct side *side)
{
    other_open(other, acts, count);
    side_open(side, other->port);
}

void
both_close(struct other *other, struct side *side)
{
    side_close(side);
    other_close(other);
}
