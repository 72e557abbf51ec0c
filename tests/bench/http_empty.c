/* SPDX-License-Identifier: Apache-2.0
 *
 * A server that answers every request with 300 bytes and does nothing else: what the
 * door alone costs. `http_empty PORT [LOOPS [CERT KEY]]`, ended by SIGTERM; then it says
 * what a request cost (user and system time). */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/limits.h"
#include "base/number.h"
#include "http/server.h"

enum { LOOP_MAX_COUNT = 16, BODY_BYTES = 300 };

static struct loop *loops[LOOP_MAX_COUNT];
static size_t loop_count = 1;

static void
answer(void *ctx, struct http_call *call)
{
    static unsigned char body[BODY_BYTES];
    struct http_reply reply = {.status = 200,
                               .content_type = SLICE("application/json"),
                               .body = {body, sizeof(body)}};

    (void)ctx;
    http_call_answer(call, &reply);
}

static void *
run(void *loop)
{
    loop_run(loop);
    return NULL;
}

static void
stop(int number)
{
    (void)number;
    for (size_t i = 0; i < loop_count; i++)
        loop_stop(loops[i]);
}

static double
cpu_us(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static struct http_shared shared = {
    .head_max_bytes = HTTP_HEAD_MAX_BYTES,
    .header_max_count = HTTP_HEADER_MAX_COUNT,
    .body_max_bytes = HTTP_BODY_MAX_BYTES,
    .head_timeout_ms = HTTP_HEAD_TIMEOUT_MS,
    .body_timeout_ms = HTTP_BODY_TIMEOUT_MS,
    .idle_timeout_ms = HTTP_IDLE_TIMEOUT_MS,
    .connection_max_count = CONNECTION_MAX_COUNT,
    .connection_per_ip_max_count = CONNECTION_MAX_COUNT,
};

int
main(int argc, char **argv)
{
    struct http_server *servers[LOOP_MAX_COUNT];
    pthread_t threads[LOOP_MAX_COUNT];
    struct failure failure = {0};
    struct ip address;
    int64_t port = 0;
    int64_t count = 1;

    if (argc < 2 || number_read(slice_of(argv[1]), &port) != STATUS_OK ||
        (argc > 2 && number_read(slice_of(argv[2]), &count) != STATUS_OK) || count < 1 ||
        count > LOOP_MAX_COUNT || ip_read(SLICE("127.0.0.1"), &address) != STATUS_OK)
        return 2;
    loop_count = (size_t)count;
    if (argc > 4 &&
        tls_server_open(argv[3], argv[4], &shared.tls, &failure) != STATUS_OK) {
        fprintf(stderr, "%s\n", failure.text);
        return 1;
    }
    for (size_t i = 0; i < loop_count; i++) {
        if (loop_open(&loops[i]) != STATUS_OK ||
            http_server_open(loops[i], &shared, &address, (uint16_t)port, answer, NULL,
                             &servers[i], &failure) != STATUS_OK) {
            fprintf(stderr, "%s\n", failure.text);
            return 1;
        }
    }
    signal(SIGTERM, stop);
    for (size_t i = 0; i < loop_count; i++)
        pthread_create(&threads[i], NULL, run, loops[i]);
    for (size_t i = 0; i < loop_count; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < loop_count; i++) {
        http_server_close(&servers[i]);
        loop_close(&loops[i]);
    }
    tls_server_close(&shared.tls);
    printf("%lld requests, %.2f us each\n", (long long)shared.requests_total,
           cpu_us() / (double)(shared.requests_total ? shared.requests_total : 1));
    return 0;
}
