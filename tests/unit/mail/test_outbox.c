/* SPDX-License-Identifier: Apache-2.0
 *
 * The outbox over days: who is tried when, what gathers, what is given up. The clock is
 * an argument; the mail server is a port where nobody listens. */
#include "../rules/support.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/mem.h"
#include "mail/outbox.h"
#include "rules/notices.h"
#include "store/store_letters.h"

enum { HOUR_S = 3600 };

/* A port of this machine where nobody listens. */
static int
free_port(void)
{
    int fd AUTO(fd_done) = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    return ntohs(address.sin_port);
}

static void
fill_config(const struct house *house, struct config *out)
{
    config_usual(out);
    snprintf(out->data, sizeof(out->data), "%s", house->data);
}

static struct outbox *
open_outbox(const struct config *config)
{
    struct outbox *outbox = NULL;
    struct failure failure = {0};

    OK(outbox_open(config, NULL, &outbox, &failure));
    return outbox;
}

static struct letter
read_letter(struct house *house, int64_t id)
{
    struct letter letter = {0};

    OK(store_letter_by_id(house->store, id, &letter));
    return letter;
}

static int
count_files(const struct house *house, bool must_remove)
{
    char path[128];
    int count = 0;

    snprintf(path, sizeof(path), "%s/mail", house->data);
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        count++;
        if (must_remove)
            unlinkat(dirfd(folder), entry->d_name, 0);
    }
    if (folder)
        closedir(folder);
    if (must_remove)
        rmdir(path);
    return count;
}

/* Turns the outbox every ten seconds until `until_s`. Gives how many tries there were. */
static int
turn_until(struct house *house, struct outbox *outbox, int64_t from_s, int64_t until_s)
{
    int try_count = 0;

    for (int64_t at_s = from_s; at_s <= until_s; at_s += 10) {
        enum outbox_did did = OUTBOX_NOTHING;
        OK(outbox_turn(outbox, house->store, at_s * 1000, &did));
        assert_true(did != OUTBOX_SENT);
        try_count += did == OUTBOX_FAILED;
    }
    return try_count;
}

static void
test_a_server_that_is_not_there_is_tried_for_three_days(void **state)
{
    struct house *house = *state;
    struct config *config AUTO(mem_done) = mem_new(sizeof(*config));

    fill_config(house, config);
    snprintf(config->smtp_url, sizeof(config->smtp_url), "smtp://127.0.0.1:%d",
             free_port());
    struct outbox *outbox AUTO(outbox_close) = open_outbox(config);
    add_token(house, &house->admin, "first");

    /* 15 s, 30 s, 1, 2, 4, 8, 16, 16 … minutes */
    int first = turn_until(house, outbox, NOW_S, NOW_S + HOUR_S);
    assert_in_range(first, 7, 11);
    struct letter letter = read_letter(house, 1);
    assert_int_equal(letter.state, LETTER_WAITING);
    SAYS(letter.last_failure, "onnect");
    /* it is still open: what happens meanwhile goes with it */
    add_token(house, &house->admin, "second");
    assert_int_equal(read_letter(house, 1).line_count, 2);

    int64_t end_s = NOW_S + NOTICE_KEEP_S;
    turn_until(house, outbox, NOW_S + HOUR_S, end_s - HOUR_S);
    assert_int_equal(read_letter(house, 1).state, LETTER_WAITING);
    turn_until(house, outbox, end_s - HOUR_S, end_s + HOUR_S);
    letter = read_letter(house, 1);
    assert_int_equal(letter.state, LETTER_FAILED);
    assert_true(letter.done_at_ms >= end_s * 1000);
    assert_true(letter.try_count > 200 && letter.try_count < 400);
    assert_int_equal(turn_until(house, outbox, end_s + HOUR_S, end_s + 5 * HOUR_S), 0);

    /* asked for again, it is tried again for as long */
    OK(store_begin(house->store));
    OK(store_letter_again(house->store, 1, (end_s + 6 * HOUR_S) * 1000,
                          (int64_t)NOTICE_KEEP_S * 1000));
    OK(store_commit(house->store));
    turn_until(house, outbox, end_s + 6 * HOUR_S, end_s + 7 * HOUR_S);
    assert_int_equal(read_letter(house, 1).state, LETTER_WAITING);
}

static void
test_a_clock_that_is_turned_back_holds_no_letter_up(void **state)
{
    struct house *house = *state;
    struct config *config AUTO(mem_done) = mem_new(sizeof(*config));
    int64_t future_ms = (NOW_S + 30 * DAY_S) * 1000;
    enum outbox_did did = OUTBOX_NOTHING;

    fill_config(house, config);
    struct outbox *outbox AUTO(outbox_close) = open_outbox(config);
    house->act.now_ms = future_ms; /* by mistake */
    add_token(house, &house->admin, "x");
    OK(outbox_turn(outbox, house->store, NOW_S * 1000, &did));
    assert_int_equal(did, OUTBOX_SENT);
    assert_int_equal(count_files(house, true), 1);
}

static void
test_a_crash_after_writing_a_file_leaves_one_file(void **state)
{
    struct house *house = *state;
    struct config *config AUTO(mem_done) = mem_new(sizeof(*config));
    enum outbox_did did = OUTBOX_NOTHING;

    fill_config(house, config);
    struct outbox *outbox AUTO(outbox_close) = open_outbox(config);
    add_token(house, &house->admin, "x");
    for (int turn = 0; turn < 3; turn++) {
        OK(outbox_turn(outbox, house->store, house->act.now_ms, &did));
        assert_int_equal(did, OUTBOX_SENT);
        assert_int_equal(count_files(house, false), 1);
        /* as if the last commit had not come to be */
        OK(store_begin(house->store));
        OK(store_letter_again(house->store, 1, house->act.now_ms,
                              (int64_t)NOTICE_KEEP_S * 1000));
        OK(store_commit(house->store));
    }
    assert_int_equal(count_files(house, true), 1);
}

static void
test_what_was_taken_and_left_comes_again(void **state)
{
    struct house *house = *state;
    struct config *config AUTO(mem_done) = mem_new(sizeof(*config));
    enum outbox_did did = OUTBOX_NOTHING;
    int64_t now_ms = house->act.now_ms;

    fill_config(house, config);
    struct outbox *outbox AUTO(outbox_close) = open_outbox(config);
    add_token(house, &house->admin, "x");
    OK(store_begin(house->store));
    OK(store_letter_take(house->store, 1, now_ms));
    REFUSED(NOT_FOUND, store_letter_take(house->store, 1, now_ms));
    OK(store_commit(house->store));
    OK(outbox_turn(outbox, house->store, now_ms, &did));
    assert_int_equal(did, OUTBOX_NOTHING);
    OK(store_begin(house->store));
    REFUSED(CONFLICT, store_letter_again(house->store, 1, now_ms, 0));
    store_undo(house->store);
    /* closed: what comes now is another letter, a minute later */
    add_token(house, &house->admin, "y");
    assert_int_equal(read_letter(house, 2).line_count, 1);

    OK(store_begin(house->store));
    OK(store_letter_release(house->store, now_ms + 1));
    OK(store_commit(house->store));
    OK(outbox_turn(outbox, house->store, now_ms, &did));
    assert_int_equal(did, OUTBOX_SENT);
    assert_int_equal(read_letter(house, 1).state, LETTER_SENT);
    OK(outbox_turn(outbox, house->store, now_ms, &did));
    assert_int_equal(did, OUTBOX_NOTHING);
    OK(outbox_turn(outbox, house->store, now_ms + NOTICE_GAP_S * 1000, &did));
    assert_int_equal(did, OUTBOX_SENT);
    assert_int_equal(count_files(house, true), 2);

    struct letter_counts counts = {0};
    OK(store_letter_count(house->store, &counts));
    assert_int_equal(counts.waiting, 0);
    OK(store_begin(house->store));
    OK(store_letter_prune(house->store, now_ms + 1, 100));
    OK(store_commit(house->store));
    struct letter gone = {0};
    REFUSED(NOT_FOUND, store_letter_by_id(house->store, 1, &gone));
    assert_int_equal(read_letter(house, 2).state, LETTER_SENT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(test_a_server_that_is_not_there_is_tried_for_three_days),
        IN_HOUSE(test_a_clock_that_is_turned_back_holds_no_letter_up),
        IN_HOUSE(test_a_crash_after_writing_a_file_leaves_one_file),
        IN_HOUSE(test_what_was_taken_and_left_comes_again),
    };

    log_set_level(LOG_ERROR); /* hundreds of tries in vain */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
