/* SPDX-License-Identifier: Apache-2.0
 *
 * Connecting, and waiting with poll() in short steps. */
#include "net/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/ip.h"
#include "base/mem.h"
#include "net/connect.h"
#include "net/tls_dial.h"

enum {
    STEP_MS = 100,
    ADDRESS_MAX_COUNT = 8,
    /* A receiver that does not like our certificate says so, or breaks off, after the
     * handshake is done for us (RFC 8446 §4.4.2.4): we look before we speak. */
    SETTLE_MS = 300,
};

struct dial {
    int fd;
    struct tls_dial *tls; /* NULL: plain text */
    char where[300];
    const _Atomic bool *is_told_to_stop;
    int64_t silent_ms;
    bool has_ended;  /* the other side has */
    bool has_broken; /* … and not as one should */
};

static enum status
refuse(const struct dial *dial, struct failure *failure, const char *what)
{
    return failure_set(failure, STATUS_UNAVAILABLE, NULL, "%s: %s", dial->where, what);
}

/* Waits for the socket. STATUS_UNAVAILABLE: too long, or told to stop. */
static enum status
wait_for(const struct dial *dial, short events, int64_t until_ms, struct failure *failure)
{
    for (;;) {
        struct pollfd poller = {.fd = dial->fd, .events = events};
        int64_t left_ms = until_ms - clock_monotonic_ms();

        if (dial->is_told_to_stop && atomic_load(dial->is_told_to_stop))
            return refuse(dial, failure, "the server stops");
        if (left_ms <= 0)
            return refuse(dial, failure, "it does not take anything for too long");
        int found = poll(&poller, 1, (int)(left_ms < STEP_MS ? left_ms : STEP_MS));
        if (found > 0)
            return STATUS_OK;
        if (found < 0 && errno != EINTR)
            return refuse(dial, failure, strerrordesc_np(errno));
    }
}

/* ---- connecting ---- */

static enum status
connect_one(struct dial *dial, const struct ip *address, const struct dial_setup *setup,
            int64_t until_ms, struct failure *failure)
{
    if (!setup->may_be_link_local && ip_is_link_local(address))
        return refuse(dial, failure,
                      "it has a link-local address, and webhook_link_local is off");
    dial->fd = connect_begin(address, setup->port);
    if (dial->fd < 0)
        return refuse(dial, failure, strerrordesc_np(errno));
    enum status status = wait_for(dial, POLLOUT, until_ms, failure);
    if (status != STATUS_OK)
        return status;
    int error = connect_result(dial->fd);
    return error == 0 ? STATUS_OK : refuse(dial, failure, strerrordesc_np(error));
}

/* One address after the other, until one answers. */
static enum status
connect_any(struct dial *dial, const struct dial_setup *setup, int64_t until_ms,
            struct failure *failure)
{
    struct ip addresses[ADDRESS_MAX_COUNT];
    struct failure why = {0};
    size_t count = 0;
    enum status status =
        connect_resolve(setup->host, ADDRESS_MAX_COUNT, addresses, &count, &why);

    if (status != STATUS_OK)
        return refuse(dial, failure, why.text);
    status = STATUS_UNAVAILABLE;
    for (size_t i = 0; i < count && status != STATUS_OK; i++) {
        fd_done(&dial->fd);
        status = connect_one(dial, &addresses[i], setup, until_ms, failure);
    }
    return status;
}

static enum status
wait_as_wanted(const struct dial *dial, enum tls_dial_outcome outcome, int64_t until_ms,
               struct failure *failure)
{
    return wait_for(dial, outcome == TLS_DIAL_WANTS_READ ? POLLIN : POLLOUT, until_ms,
                    failure);
}

static bool
wants(enum tls_dial_outcome outcome)
{
    return outcome == TLS_DIAL_WANTS_READ || outcome == TLS_DIAL_WANTS_WRITE;
}

static enum status
start_tls(struct dial *dial, const struct dial_setup *setup, int64_t until_ms,
          struct failure *failure)
{
    struct tls_dial_setup tls = {setup->host, setup->ca_pem, setup->certificate_pem,
                                 setup->key_pem};
    enum status status = tls_dial_open(&tls, dial->fd, &dial->tls, failure);

    while (status == STATUS_OK) {
        enum tls_dial_outcome outcome = tls_dial_handshake(dial->tls);
        if (outcome == TLS_DIAL_DONE)
            return STATUS_OK;
        if (!wants(outcome))
            return refuse(dial, failure,
                          outcome == TLS_DIAL_END ? "it ended during the TLS handshake"
                                                  : tls_dial_words(dial->tls));
        status = wait_as_wanted(dial, outcome, until_ms, failure);
    }
    return status;
}

static void
settle(struct dial *dial)
{
    int64_t until_ms = clock_monotonic_ms() + SETTLE_MS;

    while (!dial_has_ended(dial) && wait_for(dial, POLLIN, until_ms, NULL) == STATUS_OK)
        ;
}

enum status
dial_open(const struct dial_setup *setup, struct dial **out, struct failure *failure)
{
    struct dial *dial AUTO(dial_close) = mem_new(sizeof(*dial));
    int64_t until_ms = clock_monotonic_ms() + setup->connect_ms;

    dial->fd = -1;
    dial->is_told_to_stop = setup->is_told_to_stop;
    dial->silent_ms = setup->silent_ms;
    snprintf(dial->where, sizeof(dial->where),
             strchr(setup->host, ':') ? "[%s]:%u" : "%s:%u", setup->host, setup->port);
    enum status status = connect_any(dial, setup, until_ms, failure);
    if (status == STATUS_OK && setup->is_tls)
        status = start_tls(dial, setup, until_ms, failure);
    if (status == STATUS_OK && setup->is_tls)
        settle(dial);
    if (status == STATUS_OK)
        *out = TAKE(dial);
    return status;
}

void
dial_close(struct dial **dial)
{
    if (!*dial)
        return;
    tls_dial_close(&(*dial)->tls);
    fd_done(&(*dial)->fd);
    mem_free(dial);
}

/* ---- reading: nobody has anything to say to us ---- */

static enum tls_dial_outcome
read_some(struct dial *dial, void *at, size_t room)
{
    size_t len = 0;

    if (dial->tls)
        return tls_dial_read(dial->tls, at, room, &len);
    ssize_t got = recv(dial->fd, at, room, 0);
    if (got > 0)
        return TLS_DIAL_DONE;
    if (got == 0)
        return TLS_DIAL_END;
    return errno == EAGAIN || errno == EINTR ? TLS_DIAL_WANTS_READ : TLS_DIAL_BROKEN;
}

bool
dial_has_ended(struct dial *dial)
{
    char bin[512];
    enum tls_dial_outcome outcome = TLS_DIAL_DONE;

    while (!dial->has_ended &&
           (outcome = read_some(dial, bin, sizeof(bin))) == TLS_DIAL_DONE)
        ;
    dial->has_broken = dial->has_broken || outcome == TLS_DIAL_BROKEN;
    dial->has_ended = dial->has_ended || dial->has_broken || outcome == TLS_DIAL_END;
    return dial->has_ended;
}

/* ---- writing ---- */

static enum tls_dial_outcome
write_some(struct dial *dial, struct slice bytes, size_t *out_len)
{
    if (dial->tls)
        return tls_dial_write(dial->tls, bytes, out_len);
    ssize_t sent = send(dial->fd, bytes.at, bytes.len, MSG_NOSIGNAL);
    if (sent > 0) {
        *out_len = (size_t)sent;
        return TLS_DIAL_DONE;
    }
    return errno == EAGAIN || errno == EINTR ? TLS_DIAL_WANTS_WRITE : TLS_DIAL_BROKEN;
}

/* Of a connection that ended: the other side's reason, where it gave one. */
static const char *
why_ended(const struct dial *dial, const char *otherwise)
{
    return dial->has_broken && dial->tls ? tls_dial_words(dial->tls) : otherwise;
}

enum status
dial_write(struct dial *dial, struct slice bytes, struct failure *failure)
{
    while (bytes.len > 0) {
        size_t len = 0;
        if (dial_has_ended(dial))
            return refuse(dial, failure, why_ended(dial, "it has ended the connection"));
        enum tls_dial_outcome outcome = write_some(dial, bytes, &len);
        if (outcome == TLS_DIAL_DONE) {
            bytes = slice_from(bytes, len);
            continue;
        }
        if (!wants(outcome))
            return refuse(dial, failure,
                          dial->tls ? tls_dial_words(dial->tls) : strerrordesc_np(errno));
        enum status status = wait_as_wanted(
            dial, outcome, clock_monotonic_ms() + dial->silent_ms, failure);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* close_notify first, where there is TLS; then the end of the stream. */
static enum status
end_own_side(struct dial *dial, int64_t until_ms, struct failure *failure)
{
    while (dial->tls) {
        enum tls_dial_outcome outcome = tls_dial_end(dial->tls);
        if (outcome == TLS_DIAL_DONE)
            break;
        if (!wants(outcome))
            return refuse(dial, failure, "the connection broke before its end");
        enum status status = wait_as_wanted(dial, outcome, until_ms, failure);
        if (status != STATUS_OK)
            return status;
    }
    return shutdown(dial->fd, SHUT_WR) == 0
               ? STATUS_OK
               : refuse(dial, failure, strerrordesc_np(errno));
}

/* The other side's end came. Was it the answer to ours? TCP knows: then ours was
 * acknowledged before, and nothing was thrown away unread, which would be a reset. */
static enum status
check_order(const struct dial *dial, struct failure *failure)
{
    struct tcp_info info = {0};
    socklen_t info_len = sizeof(info);
    int error = 0;
    socklen_t error_len = sizeof(error);

    if (getsockopt(dial->fd, SOL_SOCKET, SO_ERROR, &error, &error_len) != 0 ||
        getsockopt(dial->fd, IPPROTO_TCP, TCP_INFO, &info, &info_len) != 0)
        return refuse(dial, failure, strerrordesc_np(errno));
    if (error != 0)
        return refuse(dial, failure, strerrordesc_np(error));
    if (info.tcpi_state == TCP_LAST_ACK || info.tcpi_state == TCP_CLOSING)
        return refuse(dial, failure, "it ended the connection while we still spoke");
    return STATUS_OK;
}

enum status
dial_end(struct dial *dial, int64_t limit_ms, struct failure *failure)
{
    int64_t until_ms = clock_monotonic_ms() + limit_ms;

    if (dial_has_ended(dial))
        return refuse(dial, failure,
                      why_ended(dial, "it ended the connection before we did: what it "
                                      "has read nobody knows"));
    enum status status = end_own_side(dial, until_ms, failure);
    while (status == STATUS_OK && !dial_has_ended(dial)) {
        status = wait_for(dial, POLLIN, until_ms, failure);
        if (status != STATUS_OK)
            return refuse(dial, failure,
                          "it has not ended the connection, as one does "
                          "who has read all");
    }
    if (status == STATUS_OK && dial->has_broken)
        return refuse(
            dial, failure,
            why_ended(dial, "the connection broke before it was read to its end"));
    return status == STATUS_OK ? check_order(dial, failure) : status;
}
