/* SPDX-License-Identifier: Apache-2.0
 *
 * The set of used requests: each once, whatever the threads do; and never "new" when it
 * cannot know. */
#include "../keyring/support.h"

#include "base/file.h"
#include "gate/replay.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

enum { THREADS = 4, PER_THREAD = 20000 };

static const int64_t NOW_MS = 1800000000000;
static struct place place;
static struct replay *replay;
static char path[128];

static int
open_set(void **state)
{
    (void)state;
    place_open(&place);
    place_open_keyring(&place);
    keyring_thread_in();
    replay = replay_new(300, place.keyring);
    snprintf(path, sizeof(path), "%s/replay.bin", place.folder);
    return 0;
}

static int
close_set(void **state)
{
    (void)state;
    replay_free(&replay);
    keyring_thread_out();
    place_close(&place);
    return 0;
}

static enum replay_answer
use(const char *token, uint64_t number, int64_t issued_at_ms)
{
    uint8_t digest[SHA256_BYTES] = {0};

    memcpy(digest, &number, sizeof(number));
    keyring_enter();
    enum replay_answer answer = replay_use(replay, slice_of(token), digest, issued_at_ms);
    keyring_leave();
    return answer;
}

static void
test_each_request_is_new_once(void **state)
{
    (void)state;
    assert_int_equal(use("a", 1, NOW_MS), REPLAY_FIRST);
    assert_int_equal(use("a", 1, NOW_MS), REPLAY_AGAIN);
    assert_int_equal(use("a", 2, NOW_MS), REPLAY_FIRST);
    assert_int_equal(use("b", 1, NOW_MS), REPLAY_FIRST);
    assert_int_equal(use("a", 1, NOW_MS), REPLAY_AGAIN);
}

static void
test_all_minutes_of_the_window_are_remembered_at_once(void **state)
{
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        for (int64_t s = -300; s <= 300; s += 10)
            assert_int_equal(use("a", (uint64_t)(s + 1000), NOW_MS + s * 1000),
                             turn == 0 ? REPLAY_FIRST : REPLAY_AGAIN);
    }
}

/* Hours of traffic: old minutes are dropped, those in the window stay. */
static void
test_the_window_moves_on(void **state)
{
    (void)state;
    for (int64_t minute = 0; minute < 200; minute++) {
        int64_t now_ms = NOW_MS + minute * 60000;
        assert_int_equal(use("a", (uint64_t)minute, now_ms), REPLAY_FIRST);
        if (minute >= 5)
            assert_int_equal(use("a", (uint64_t)minute - 5, now_ms - 300000),
                             REPLAY_AGAIN);
        if (minute % 20 == 0)
            OK(keyring_follow(place.keyring)); /* frees what was dropped */
    }
    /* the clock was set back by hours: what was used then is forgotten, so it is not new
     */
    assert_int_equal(use("a", 0, NOW_MS + 190 * 60000 - 3 * 3600000), REPLAY_FULL);
}

static void
test_many_requests_of_one_minute_are_all_remembered(void **state)
{
    enum { COUNT = 100000 };

    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        for (uint64_t i = 0; i < COUNT; i++)
            assert_int_equal(use("a", i, NOW_MS),
                             turn == 0 ? REPLAY_FIRST : REPLAY_AGAIN);
    }
}

static _Atomic int64_t first_count, again_count;

/* All threads use the same requests, each in an order of its own. */
static void *
use_all(void *ctx)
{
    uint64_t start = (uint64_t)(uintptr_t)ctx * 7919;

    keyring_thread_in();
    for (uint64_t i = 0; i < PER_THREAD; i++) {
        uint64_t number = (start + i * 4099) % PER_THREAD;
        int64_t issued_at_ms = NOW_MS + (int64_t)(number % 4) * 60000;
        enum replay_answer answer = use("a", number, issued_at_ms);
        assert(answer != REPLAY_FULL); /* cmocka's claims are for the first thread only */
        atomic_fetch_add(answer == REPLAY_FIRST ? &first_count : &again_count, 1);
    }
    keyring_thread_out();
    return NULL;
}

static void
test_of_many_threads_exactly_one_is_the_first(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_all, (void *)(uintptr_t)i),
                         0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&first_count), PER_THREAD);
    assert_int_equal(atomic_load(&again_count), (THREADS - 1) * PER_THREAD);
}

static void
reopen(void)
{
    replay_free(&replay);
    replay = replay_new(300, place.keyring);
}

static void
test_a_saved_set_is_read_once(void **state)
{
    struct failure failure = {0};
    struct stat facts;

    (void)state;
    for (uint64_t i = 0; i < 5000; i++)
        assert_int_equal(use("a", i, NOW_MS - (int64_t)(i % 5) * 60000), REPLAY_FIRST);
    OK(replay_save(replay, path, NOW_MS, &failure));
    OK(replay_save(replay, path, NOW_MS, &failure)); /* in place of the old one */
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    reopen();
    OK(replay_load(replay, path, NOW_MS, &failure));
    for (uint64_t i = 0; i < 5000; i++)
        assert_int_equal(use("a", i, NOW_MS - (int64_t)(i % 5) * 60000), REPLAY_AGAIN);
    assert_int_equal(use("a", 5000, NOW_MS), REPLAY_FIRST);
    reopen();
    assert_int_equal(replay_load(replay, path, NOW_MS, &failure), STATUS_NOT_FOUND);
}

/* Half a file would let the other half in again. */
static void
test_a_damaged_file_is_no_set(void **state)
{
    struct failure failure = {0};
    struct buffer whole AUTO(buffer_done) = buffer_make(1 << 20);

    (void)state;
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(use("a", i, NOW_MS), REPLAY_FIRST);
    OK(replay_save(replay, path, NOW_MS, &failure));
    OK(file_read(path, &whole, &failure));
    static const size_t CUTS[] = {1, 8, 9, 100};
    for (size_t i = 0; i < COUNT_OF(CUTS); i++) {
        unlink(path);
        OK(file_write_new(path, slice_head(buffer_slice(&whole), whole.len - CUTS[i]),
                          0600, &failure));
        reopen();
        assert_int_equal(replay_load(replay, path, NOW_MS, &failure), STATUS_MALFORMED);
    }
    unlink(path);
    OK(file_write_new(path, buffer_slice(&whole), 0600, &failure));
    reopen();
    OK(replay_load(replay, path, NOW_MS, &failure));
}

int
main(void)
{
#define IN_SET(test) cmocka_unit_test_setup_teardown(test, open_set, close_set)
    const struct CMUnitTest tests[] = {
        IN_SET(test_each_request_is_new_once),
        IN_SET(test_all_minutes_of_the_window_are_remembered_at_once),
        IN_SET(test_the_window_moves_on),
        IN_SET(test_many_requests_of_one_minute_are_all_remembered),
        IN_SET(test_of_many_threads_exactly_one_is_the_first),
        IN_SET(test_a_saved_set_is_read_once),
        IN_SET(test_a_damaged_file_is_no_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
