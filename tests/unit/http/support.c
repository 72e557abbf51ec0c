/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <semaphore.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/number.h"

extern char **environ;

#define NEED(claim)                                                               \
    do {                                                                          \
        if (!(claim)) {                                                           \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #claim); \
            abort();                                                              \
        }                                                                         \
    } while (0)

/* ---- the server ---- */

void
house_init(struct house *house)
{
    *house = (struct house){
        .shared = {.head_max_bytes = HTTP_HEAD_MAX_BYTES,
                   .header_max_count = HTTP_HEADER_MAX_COUNT,
                   .body_max_bytes = HTTP_BODY_MAX_BYTES,
                   .head_timeout_ms = HTTP_HEAD_TIMEOUT_MS,
                   .body_timeout_ms = HTTP_BODY_TIMEOUT_MS,
                   .idle_timeout_ms = HTTP_IDLE_TIMEOUT_MS,
                   .connection_max_count = CONNECTION_MAX_COUNT,
                   .connection_per_ip_max_count = CONNECTION_PER_IP_MAX_COUNT}};
}

static void *
run(void *loop)
{
    loop_run(loop);
    return NULL;
}

void
house_open(struct house *house)
{
    struct ip address;
    struct failure failure = {0};

    NEED(ip_read(SLICE("127.0.0.1"), &address) == STATUS_OK);
    if (house->loop_count == 0)
        house->loop_count = 1;
    for (size_t i = 0; i < house->loop_count; i++) {
        NEED(loop_open(&house->loops[i]) == STATUS_OK);
        NEED(http_server_open(house->loops[i], &house->shared, &address, house->port,
                              house->handler ? house->handler : echo, house->ctx,
                              &house->servers[i], &failure) == STATUS_OK);
        house->port = http_server_port(house->servers[i]);
    }
    for (size_t i = 0; i < house->loop_count; i++)
        NEED(pthread_create(&house->threads[i], NULL, run, house->loops[i]) == 0);
}

void
house_close(struct house *house)
{
    for (size_t i = 0; i < house->loop_count; i++)
        loop_stop(house->loops[i]);
    for (size_t i = 0; i < house->loop_count; i++)
        pthread_join(house->threads[i], NULL);
    for (size_t i = 0; i < house->loop_count; i++) {
        http_server_close(&house->servers[i]);
        loop_close(&house->loops[i]);
    }
    NEED(house->shared.connections_open == 0);
    NEED(house->shared.body_bytes == 0);
}

struct errand {
    struct loop_message message;
    struct house *house;
    void (*act)(struct house *house);
    sem_t done;
};

static void
run_errand(struct loop_message *message)
{
    struct errand *errand = (struct errand *)message;

    errand->act(errand->house);
    sem_post(&errand->done);
}

void
house_do(struct house *house, void (*act)(struct house *house))
{
    struct errand errand = {{.run = run_errand}, .house = house, .act = act};

    sem_init(&errand.done, 0, 0);
    loop_post(house->loops[0], &errand.message);
    while (sem_wait(&errand.done) != 0)
        continue;
    sem_destroy(&errand.done);
}

void
echo(void *ctx, struct http_call *call)
{
    const struct http_request *request = http_call_request(call);
    struct arena *arena = http_call_arena(call);
    char address[IP_TEXT_MAX + 1];
    int64_t status = 200;
    size_t room = 200 + request->path.len + request->query.len + request->body.len;
    char *text = arena_new(arena, room);

    (void)ctx;
    ip_write(http_call_address(call), address);
    int len = snprintf(text, room, "%.*s %.*s %.*s %s ", SLICE_ARG(request->method),
                       SLICE_ARG(request->path), SLICE_ARG(request->query), address);
    if (request->body.len)
        memcpy(text + len, request->body.at, request->body.len);
    if (request->query.len != 3 || number_read(request->query, &status) != STATUS_OK)
        status = 200;
    struct http_reply reply = {
        .status = (int)status,
        .content_type = SLICE("text/plain"),
        .body = {(unsigned char *)text, (size_t)len + request->body.len}};
    http_call_answer(call, &reply);
}

/* ---- certificates ---- */

static void
run_openssl(const char *const arguments[])
{
    pid_t child = 0;
    int outcome = -1;
    posix_spawn_file_actions_t quiet;

    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", 1, 0);
    NEED(posix_spawnp(&child, "openssl", &quiet, NULL,
                      (char *const *)(uintptr_t)arguments, environ) == 0);
    posix_spawn_file_actions_destroy(&quiet);
    NEED(waitpid(child, &outcome, 0) == child && outcome == 0);
}

void
make_certificate(char cert_path[128], char key_path[128])
{
    char folder[] = "/tmp/test-http-XXXXXX";

    NEED(mkdtemp(folder));
    snprintf(cert_path, 128, "%s/cert.pem", folder);
    snprintf(key_path, 128, "%s/key.pem", folder);
    run_openssl((const char *[]){"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                 "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                                 "-subj", "/CN=localhost", "-keyout", key_path, "-out",
                                 cert_path, NULL});
}

static struct tls_server *tls_made;
static char tls_cert_path[128];

static void
close_test_tls(void)
{
    tls_server_close(&tls_made);
    unlink(tls_cert_path);
    *strrchr(tls_cert_path, '/') = '\0';
    rmdir(tls_cert_path);
}

struct tls_server *
test_tls(void)
{
    char key_path[128];
    struct failure failure = {0};

    if (tls_made)
        return tls_made;
    make_certificate(tls_cert_path, key_path);
    if (tls_server_open(tls_cert_path, key_path, &tls_made, &failure) != STATUS_OK) {
        fprintf(stderr, "%s\n", failure.text);
        abort();
    }
    unlink(key_path);
    atexit(close_test_tls);
    return tls_made;
}

const char *
test_tls_ca(void)
{
    test_tls();
    return tls_cert_path;
}

/* ---- clients ---- */

void
client_start_tls(struct client *client, const char *alpn)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    NEED(context);
    if (alpn)
        NEED(SSL_CTX_set_alpn_protos(context, (const unsigned char *)alpn,
                                     (unsigned)strlen(alpn)) == 0);
    client->tls = SSL_new(context);
    SSL_CTX_free(context);
    NEED(client->tls && SSL_set_fd(client->tls, client->fd) == 1);
    if (SSL_connect(client->tls) != 1) {
        SSL_free(client->tls);
        client->tls = NULL;
        client_close(client);
    }
}

struct client
client_open_as(uint16_t port, const char *from, bool is_tls, const char *alpn)
{
    struct client client = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct timeval patience = {.tv_sec = 5};
    int on = 1;

    NEED(client.fd >= 0);
    setsockopt(client.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(client.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(client.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (from) {
        NEED(inet_pton(AF_INET, from, &address.sin_addr) == 1);
        NEED(bind(client.fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    }
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    NEED(connect(client.fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    if (is_tls)
        client_start_tls(&client, alpn);
    return client;
}

struct client
client_open(uint16_t port, bool is_tls)
{
    return client_open_as(port, NULL, is_tls, NULL);
}

void
client_close(struct client *client)
{
    if (client->tls) {
        SSL_shutdown(client->tls);
        SSL_free(client->tls);
    }
    client->tls = NULL;
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
}

bool
client_send(struct client *client, const void *at, size_t len)
{
    const unsigned char *bytes = at;

    while (len > 0) {
        size_t step = len < 1 << 20 ? len : 1 << 20;
        ssize_t sent = client->tls ? SSL_write(client->tls, bytes, (int)step)
                                   : send(client->fd, bytes, step, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

bool
client_send_text(struct client *client, const char *text)
{
    return client_send(client, text, strlen(text));
}

long
client_receive(struct client *client, void *at, size_t size, int wait_ms)
{
    struct pollfd wait = {.fd = client->fd, .events = POLLIN};

    if ((!client->tls || !SSL_has_pending(client->tls)) && poll(&wait, 1, wait_ms) != 1)
        return -1;
    if (!client->tls) {
        ssize_t got = recv(client->fd, at, size, 0);
        return got < 0 ? 0 : got; /* a reset is an end too */
    }
    /* TLS may have sent something of its own (tickets): wait for data behind it. */
    for (;;) {
        struct timeval patience = {.tv_sec = wait_ms / 1000,
                                   .tv_usec = wait_ms % 1000 * 1000 + 1};
        setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        int got = SSL_read(client->tls, at, (int)size);
        if (got > 0)
            return got;
        return SSL_get_error(client->tls, got) == SSL_ERROR_WANT_READ ? -1 : 0;
    }
}

/* The length of the whole answer in `text`, or 0 while it is not whole. */
static size_t
answer_len(const char *text, bool is_head)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *length = strstr(text, "Content-Length: ");
    size_t body = 0;

    if (!end)
        return 0;
    if (length && length < end && !is_head)
        body = strtoul(length + 16, NULL, 10);
    const char *chunked = strstr(text, "Transfer-Encoding: chunked");
    if (chunked && chunked < end && !is_head) {
        const char *last = strstr(end + 2, "\r\n0\r\n\r\n");
        return last ? (size_t)(last - text) + 7 : 0;
    }
    return (size_t)(end - text) + 4 + body;
}

int
client_answer(struct client *client, char *out, size_t size)
{
    size_t len = 0;
    int64_t until = clock_monotonic_ms() + 3000;

    out[0] = '\0';
    while (clock_monotonic_ms() < until) {
        /* One byte at a time in the head: the next answer stays for the next call. */
        size_t whole = answer_len(out, false);
        size_t want = whole ? whole - len : 1;
        if (whole && want == 0)
            return (int)strtol(out + 9, NULL, 10);
        NEED(len + want < size);
        long got = client_receive(client, out + len, want, 3000);
        if (got <= 0)
            return (int)got;
        len += (size_t)got;
        out[len] = '\0';
    }
    return -1;
}

bool
client_is_closed(struct client *client, int wait_ms)
{
    char waste[16];

    return client_receive(client, waste, sizeof(waste), wait_ms) == 0;
}

int
ask(const struct house *house, bool is_tls, const char *text, size_t len)
{
    static char answer[64 * 1024];
    struct client client = client_open(house->port, is_tls);

    client_send(&client, text, len); /* it may be refused before all of it is taken */
    int status = client_answer(&client, answer, sizeof(answer));
    client_close(&client);
    return status;
}
