/* SPDX-License-Identifier: Apache-2.0
 *
 * A connected socket, plain or with TLS. epoll(7): a read that gives less than asked for
 * has emptied the socket, so no second read is needed to hear EAGAIN. */
#include "net/stream.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/auto.h"
#include "net/tls_stream.h"

enum status
stream_open(struct stream *stream, struct loop *loop, int fd,
            void (*ready)(struct loop_source *, uint32_t))
{
    *stream = (struct stream){.source = {.fd = fd, .ready = ready}};

    enum status status =
        loop_watch(loop, &stream->source, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    if (status != STATUS_OK)
        fd_done(&stream->source.fd);
    return status;
}

bool
stream_note(struct stream *stream, uint32_t events)
{
    if (events & (EPOLLIN | EPOLLRDHUP))
        stream->is_readable = true;
    if (events & EPOLLRDHUP)
        stream->is_hung_up = true;
    return !(events & (EPOLLERR | EPOLLHUP));
}

void
stream_close(struct stream *stream, struct loop *loop)
{
    if (stream->tls) {
        tls_stream_end(stream->tls);
        tls_stream_free(&stream->tls);
    }
    if (stream->source.fd < 0)
        return;
    loop_unwatch(loop, &stream->source);
    fd_done(&stream->source.fd);
}

enum status
stream_start_tls(struct stream *stream, struct tls_server *tls)
{
    return tls_stream_new(tls, stream, &stream->tls);
}

enum status
stream_start_tls_client(struct stream *stream, struct tls_client *tls, const char *name)
{
    return tls_stream_new_client(tls, name, stream, &stream->tls);
}

const char *
stream_tls_wrong(const struct stream *stream)
{
    return stream->tls ? tls_stream_wrong(stream->tls) : NULL;
}

enum stream_outcome
stream_handshake(struct stream *stream)
{
    return tls_stream_handshake(stream->tls);
}

bool
stream_is_h2(const struct stream *stream)
{
    return stream->tls && tls_stream_is_h2(stream->tls);
}

ssize_t
stream_pull(struct stream *stream, void *at, size_t room)
{
    if (!stream->is_readable) {
        errno = EAGAIN;
        return -1;
    }

    ssize_t got = recv(stream->source.fd, at, room, 0);
    bool is_empty = got < 0 ? errno == EAGAIN : (size_t)got < room;
    /* After a hang-up no event follows: read on until the end shows. */
    if (is_empty && (got < 0 || !stream->is_hung_up))
        stream->is_readable = false;
    return got;
}

ssize_t
stream_push(struct stream *stream, const void *at, size_t len)
{
    return send(stream->source.fd, at, len, MSG_NOSIGNAL);
}

static enum stream_outcome
outcome_of(ssize_t got, size_t *out_len)
{
    if (got > 0) {
        *out_len = (size_t)got;
        return STREAM_DONE;
    }
    if (got == 0)
        return STREAM_END;
    return errno == EAGAIN || errno == EINTR ? STREAM_WAIT : STREAM_BROKEN;
}

enum stream_outcome
stream_read(struct stream *stream, void *at, size_t room, size_t *out_len)
{
    if (stream->tls)
        return tls_stream_read(stream->tls, at, room, out_len);
    return outcome_of(stream_pull(stream, at, room), out_len);
}

bool
stream_may_read(const struct stream *stream)
{
    return stream->is_readable || (stream->tls && tls_stream_has_more(stream->tls));
}

static enum stream_outcome
write_plain(struct stream *stream, struct slice first, struct slice second,
            size_t *out_len)
{
    struct iovec parts[2] = {
        {.iov_base = (void *)(uintptr_t)first.at, .iov_len = first.len},
        {.iov_base = (void *)(uintptr_t)second.at, .iov_len = second.len},
    };
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t sent = second.len == 0 ? stream_push(stream, first.at, first.len)
                                   : sendmsg(stream->source.fd, &message, MSG_NOSIGNAL);

    *out_len = sent > 0 ? (size_t)sent : 0;
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        return STREAM_BROKEN;
    /* A socket that took less than it was given is full: epoll says when it is not. */
    return *out_len == first.len + second.len ? STREAM_DONE : STREAM_WAIT;
}

enum stream_outcome
stream_write(struct stream *stream, struct slice first, struct slice second,
             size_t *out_len)
{
    *out_len = 0;
    if (!stream->tls)
        return write_plain(stream, first, second, out_len);

    while (*out_len < first.len + second.len) {
        struct slice rest = *out_len < first.len
                                ? slice_from(first, *out_len)
                                : slice_from(second, *out_len - first.len);
        size_t written = 0;
        enum stream_outcome outcome = tls_stream_write(stream->tls, rest, &written);
        if (outcome != STREAM_DONE)
            return outcome;
        *out_len += written;
    }
    return STREAM_DONE;
}

void
stream_end(struct stream *stream)
{
    if (stream->tls)
        tls_stream_end(stream->tls);
    shutdown(stream->source.fd, SHUT_WR);
}

void
stream_reset(struct stream *stream)
{
    struct linger at_once = {.l_onoff = 1};

    tls_stream_free(&stream->tls);
    setsockopt(stream->source.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

enum stream_outcome
stream_discard(struct stream *stream, size_t max, size_t *out_len)
{
    unsigned char waste[4096];
    size_t len = 0;

    *out_len = 0;
    while (*out_len < max) {
        size_t room = max - *out_len < sizeof(waste) ? max - *out_len : sizeof(waste);
        enum stream_outcome outcome = outcome_of(stream_pull(stream, waste, room), &len);
        if (outcome != STREAM_DONE)
            return outcome;
        *out_len += len;
    }
    return STREAM_DONE;
}

enum stream_outcome
stream_peek(struct stream *stream, void *at, size_t room, size_t *out_len)
{
    /* What epoll has not told of yet cannot be pulled either: see the same. */
    if (!stream->is_readable)
        return STREAM_WAIT;
    return outcome_of(recv(stream->source.fd, at, room, MSG_PEEK), out_len);
}
