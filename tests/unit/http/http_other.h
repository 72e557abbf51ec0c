/* SPDX-License-Identifier: Apache-2.0
 *
 * The other side: a server on a real socket that does what a test wants, whatever it is
 * asked; and our side, a client that asks it. For the tests of the client. */
#ifndef TESTS_HTTP_HTTP_OTHER_H
#define TESTS_HTTP_HTTP_OTHER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "http/client.h"
#include "support.h"

#define OK "HTTP/1.1 200 OK\r\n"

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

void other_open(struct other *other, const struct act *acts, size_t count);
void other_close(struct other *other);

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

struct http_origin_settings usual_settings(void);
/* A client for the servers at these ports of 127.0.0.1. */
void side_open_as(struct side *side, const uint16_t *ports, size_t count,
                  struct http_origin_settings *settings);
void side_open(struct side *side, uint16_t port);
void side_close(struct side *side);

void both_open(struct other *other, const struct act *acts, size_t count,
               struct side *side);
void both_close(struct other *other, struct side *side);

void asked_init(struct asked *asked, struct side *side, const char *method);
/* Asks on the client's loop, and waits for what comes of it. */
void ask_it(struct asked *asked);
void asked_done(struct asked *asked);
/* What ask_it() puts into the loop's mailbox. */
void begin_in_mailbox(struct loop_message *message);
/* All three: it must come to this. */
void ask_simply(struct side *side, const char *method, enum http_fetch_failure failure);

#endif
