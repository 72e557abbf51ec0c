/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as what an address answers when it is asked whether it is well, by a server
 * on a real socket. It is taken back for the status alone that says so, and it never
 * keeps whoever asks waiting once it has closed. */
#include "fuzz.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/health.h"

enum { INPUT_MAX_BYTES = 16 * 1024, WANTED_STATUS = 200 };

static struct http_origin *origin;
static int listener = -1;
static bool is_well = true; /* as we were told */

/* What the server answers from now on: it may still be at the one before. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned char answer[INPUT_MAX_BYTES];
static size_t answer_len;

/* Answers each connection with the bytes that are there now. */
static void *
serve(void *unused)
{
    for (;;) {
        char request[4096];
        int peer = accept(listener, NULL, NULL);

        if (peer < 0)
            return unused;
        if (recv(peer, request, sizeof(request), 0) > 0) {
            pthread_mutex_lock(&lock);
            (void)!send(peer, answer, answer_len, MSG_NOSIGNAL);
            pthread_mutex_unlock(&lock);
        }
        shutdown(peer, SHUT_WR);
        while (recv(peer, request, sizeof(request), 0) > 0) {
        }
        close(peer);
    }
}

static void
set_up(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t name_len = sizeof(name);
    struct http_origin_settings settings = {.name = "fuzz",
                                            .host_header = "fuzz",
                                            .host_count = 1,
                                            .connection_max_count = 1};
    struct http_origin_address address = {0};
    pthread_t thread;

    listener = socket(AF_INET, SOCK_STREAM, 0);
    NEED(bind(listener, (struct sockaddr *)&name, sizeof(name)) == 0);
    NEED(listen(listener, 64) == 0);
    NEED(getsockname(listener, (struct sockaddr *)&name, &name_len) == 0);
    NEED(ip_read(SLICE("127.0.0.1"), &address.ip) == STATUS_OK);
    address.port = ntohs(name.sin_port);
    origin = http_origin_new(&settings);
    http_origin_set_addresses(origin, &address, 1);
    NEED(pthread_create(&thread, NULL, serve, NULL) == 0);
}

static void
note(void *ctx, const struct http_health *health,
     const struct http_origin_address *address, bool is_well_now)
{
    (void)ctx;
    (void)health;
    (void)address;
    NEED(is_well_now != is_well); /* told of changes only */
    is_well = is_well_now;
}

static void
ask(struct slice bytes)
{
    struct http_health health = {
        .origin = origin, .path = "/healthz", .status = WANTED_STATUS, .interval_ms = 0};

    pthread_mutex_lock(&lock);
    memcpy(answer, bytes.at, bytes.len);
    answer_len = bytes.len;
    pthread_mutex_unlock(&lock);
    http_health_ask(&health, 1, note, NULL);
}

int
LLVMFuzzerTestOneInput(const unsigned char *at, size_t len)
{
    static const struct slice GOOD =
        SLICE("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    static const struct slice BAD = SLICE("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
    struct slice bytes = {at, len};

    if (len > INPUT_MAX_BYTES)
        return 0;
    if (!origin)
        set_up();
    ask(GOOD);
    NEED(is_well);
    ask(BAD);
    NEED(is_well); /* once is an accident */
    ask(BAD);
    NEED(!is_well);
    ask(bytes);
    NEED(!is_well || memmem(at, len, " 200", 4));
    return 0;
}
