/* SPDX-License-Identifier: Apache-2.0
 *
 * A stream: what looks at bytes and what takes them agree on whether there are any. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "net/loop.h"
#include "net/stream.h"

static struct loop *loop;

static int
open_loop(void **state)
{
    (void)state;
    return loop_open(&loop) == STATUS_OK ? 0 : -1;
}

static int
close_loop(void **state)
{
    (void)state;
    loop_close(&loop);
    return loop ? -1 : 0;
}

static void
note_and_stop(struct loop_source *source, uint32_t events)
{
    assert_true(stream_note((struct stream *)source, events));
    loop_stop(loop);
}

/* Bytes may come between the event that calls us and our own look at the socket. */
static void
test_bytes_that_epoll_has_not_told_of_are_neither_seen_nor_taken(void **state)
{
    (void)state;
    int ends[2];
    struct stream stream = {0};
    char seen[8] = {0};
    size_t len = 0;

    assert_int_equal(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(stream_open(&stream, loop, ends[0], note_and_stop), STATUS_OK);
    assert_int_equal(write(ends[1], "PROXYGET", 8), 8);

    assert_int_equal(stream_peek(&stream, seen, sizeof(seen), &len), STREAM_WAIT);
    assert_int_equal(stream_discard(&stream, 5, &len), STREAM_WAIT);
    loop_run(loop);
    assert_int_equal(stream_peek(&stream, seen, sizeof(seen), &len), STREAM_DONE);
    assert_int_equal(len, 8);
    assert_memory_equal(seen, "PROXYGET", 8);
    assert_int_equal(stream_discard(&stream, 5, &len), STREAM_DONE);
    assert_int_equal(len, 5);
    assert_int_equal(stream_read(&stream, seen, sizeof(seen), &len), STREAM_DONE);
    assert_int_equal(len, 3);
    assert_memory_equal(seen, "GET", 3);

    stream_close(&stream, loop);
    close(ends[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_bytes_that_epoll_has_not_told_of_are_neither_seen_nor_taken),
    };

    return cmocka_run_group_tests(tests, open_loop, close_loop);
}
