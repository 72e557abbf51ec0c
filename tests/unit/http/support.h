/* SPDX-License-Identifier: Apache-2.0
 *
 * A real server on a free loopback port, for the tests of this folder, and clients that
 * write raw bytes to it, plain or over TLS. What fails here ends the test. */
#ifndef TESTS_HTTP_SUPPORT_H
#define TESTS_HTTP_SUPPORT_H

#include <pthread.h>
#include <stdbool.h>

#include "http/server.h"
#include "net/tls.h"

struct ssl_st;

enum { HOUSE_LOOP_MAX_COUNT = 4 };

/* Servers of one port, one a loop, each loop on a thread of its own. */
struct house {
    struct http_shared shared; /* may be changed before house_open() */
    size_t loop_count;         /* the same; 0 = 1 */
    http_handler *handler;     /* the same; NULL = echo */
    void *ctx;
    uint16_t port;
    struct loop *loops[HOUSE_LOOP_MAX_COUNT];
    struct http_server *servers[HOUSE_LOOP_MAX_COUNT];
    pthread_t threads[HOUSE_LOOP_MAX_COUNT];
};

/* Limits as usual, with short deadlines where tests wait for them. */
void house_init(struct house *house);
void house_open(struct house *house);
void house_close(struct house *house);
/* Runs `act` on the first loop's thread and waits for it. */
void house_do(struct house *house, void (*act)(struct house *house));

/* Answers with "METHOD PATH QUERY ADDRESS BODY" (and the query's status, if ?NNN). */
void echo(void *ctx, struct http_call *call);

/* Writes a fresh certificate and key for localhost; paths of files in a fresh folder. */
void make_certificate(char cert_path[128], char key_path[128]);
/* A server context with such a certificate, made once. */
struct tls_server *test_tls(void);
/* The file of this certificate, for those who shall trust it. */
const char *test_tls_ca(void);

/* A connected client. */
struct client {
    int fd;
    struct ssl_st *tls; /* NULL: plain */
};

struct client client_open(uint16_t port, bool is_tls);
/* The same with an ALPN list in wire form and a local address ("127.0.0.2") or NULL. */
struct client client_open_as(uint16_t port, const char *from, bool is_tls,
                             const char *alpn);
/* Goes over to TLS; on failure the client is closed (fd -1). */
void client_start_tls(struct client *client, const char *alpn);
void client_close(struct client *client);
/* All of `len` bytes; false when the peer does not take them. */
bool client_send(struct client *client, const void *at, size_t len);
bool client_send_text(struct client *client, const char *text);
/* Up to `size` bytes; 0: the peer has ended; -1: nothing came within `wait_ms`. */
long client_receive(struct client *client, void *at, size_t size, int wait_ms);
/* Reads one whole HTTP/1.1 answer (closed text; 100 is passed over only if asked).
 * Gives its status; 0: the peer ended; -1: none came within 3 s. */
int client_answer(struct client *client, char *out, size_t size);
/* Does the peer close within `wait_ms` (and send nothing more)? */
bool client_is_closed(struct client *client, int wait_ms);

/* Sends `text` on a fresh connection, ends our side if `is_end`, and gives the status of
 * the first answer. */
int ask(const struct house *house, bool is_tls, const char *text, size_t len);

#endif
