/* SPDX-License-Identifier: Apache-2.0
 *
 * Events that are removed by age or by number: in whole tiles, behind every output, and
 * the rest still proves itself. */
#include "past.h"

#include "rules/outputs.h"

static enum status
prune(const struct act *act, int64_t before_ms, int64_t keep_count, int64_t *out)
{
    struct event_keep keep = {.before_ms = before_ms, .keep_count = keep_count};

    return history_prune(act, &keep, 0, 10000, out);
}

static void
test_events_go_in_whole_tiles_and_proofs_of_the_rest_hold(void **state)
{
    struct past p AUTO(past_close);
    struct act act;
    int64_t count = -1;

    (void)state;
    past_open(&p);
    fill_to(&p, 300);
    add(&p, 300); /* under no head yet */
    act = p.house.act;
    act.now_ms = p.now_ms;
    OK(prune(&act, p.now_ms, 0, &count));
    assert_int_equal(count, 256); /* 300 are signed, 256 of them fill a tile */
    sign(&p);
    struct history_report report = verify(&p);
    if (!report.is_whole)
        fail_msg("%s", report.words);
    assert_int_equal(report.first_id, 257);
    assert_int_equal(report.removed_count, 256);

    OK(prune(&act, p.now_ms, 0, &count));
    assert_int_equal(count, 256);
    OK(prune(&act, p.now_ms, 0, &count));
    assert_int_equal(count, 0);
    assert_true(verify(&p).is_whole);

    /* an old event's place in the tree is proved by its hash as before */
    struct merkle_proof proof;
    struct merkle_hash leaf, root;
    OK(history_tree_leaf(p.house.store, 5, &leaf));
    OK(history_tree_prove(p.house.store, 5, 600, &proof));
    OK(history_tree_root(p.house.store, 600, &root));
    assert_true(merkle_is_in(&leaf, 4, 600, &proof, &root));
}

/* An output and where it is. */
static int64_t
cursor_of(struct past *p, const char *name)
{
    struct output output;

    OK(output_find(p->house.store, slice_of(name), &output));
    return output.cursor_id;
}

static void
take_up_to(struct past *p, const char *name, int64_t id)
{
    struct output output;

    OK(output_find(p->house.store, slice_of(name), &output));
    OK(output_advance(&p->house.act, &output, id));
}

struct found_losses {
    int64_t count;
    char details[160];
};

static bool
find_loss(void *ctx, const struct event *event)
{
    struct found_losses *found = ctx;

    if (event->kind == EVENT_OUTPUT_UPDATED &&
        slice_starts(event->details, SLICE("{\"action\":\"events lost\""))) {
        found->count++;
        slice_to_text(event->details, found->details, sizeof(found->details));
    }
    return true;
}

/* What an output has not taken stays; when it must go all the same, an event says what
 * was lost, and the output goes on behind it. */
static void
test_events_wait_for_outputs_and_what_one_loses_is_an_event(void **state)
{
    enum { HOLD_MS = 1000 * 1000 };
    struct past p AUTO(past_close);
    struct slice name = SLICE("siem"), url = SLICE("tls://siem.example.com");
    struct output_wish wish = {.name = &name, .url = &url};
    struct output output;
    struct found_losses losses = {0};
    int64_t count = -1;

    (void)state;
    past_open(&p);
    OK(output_add(&p.house.act, &wish, &output));
    OK(output_cursor_open(&p.house.act, SLICE("cron"), false, &output));
    fill_to(&p, 800);
    struct act act = p.house.act;
    act.now_ms = p.now_ms;
    struct event_keep keep = {.before_ms = p.now_ms};
    OK(history_prune(&act, &keep, HOLD_MS, 10000, &count));
    assert_int_equal(count, 0); /* nobody has taken anything */
    take_up_to(&p, "siem", 700);
    OK(history_prune(&act, &keep, HOLD_MS, 10000, &count));
    assert_int_equal(count, 0); /* the slower one counts */
    take_up_to(&p, "cron", 511);
    OK(history_prune(&act, &keep, HOLD_MS, 10000, &count));
    assert_int_equal(count, 256); /* 511 are taken: one whole tile */
    OK(store_event_walk(p.house.store, 1, find_loss, &losses));
    assert_int_equal(losses.count, 0);

    keep.before_ms = p.now_ms + HOLD_MS; /* old enough to go whoever waits */
    OK(history_prune(&act, &keep, HOLD_MS, 10000, &count));
    assert_int_equal(count, 512);
    OK(store_event_walk(p.house.store, 1, find_loss, &losses));
    assert_int_equal(losses.count, 2);
    assert_string_equal(losses.details,
                        "{\"action\":\"events lost\",\"from\":701,\"upTo\":768}");
    assert_int_equal(cursor_of(&p, "siem"), 768);
    assert_int_equal(cursor_of(&p, "cron"), 768);
    sign(&p);
    assert_true(verify(&p).is_whole);
}

/* A limit by number holds too: at most twice as many wait for an output. */
static void
test_a_limit_by_number_waits_for_outputs_with_as_many_again(void **state)
{
    struct past p AUTO(past_close);
    struct output output;
    int64_t count = -1;

    (void)state;
    past_open(&p);
    OK(output_cursor_open(&p.house.act, SLICE("cron"), false, &output));
    fill_to(&p, 1024);
    struct act act = p.house.act;
    act.now_ms = p.now_ms;
    struct event_keep keep = {.before_ms = 0, .keep_count = 512};
    OK(history_prune(&act, &keep, 0, 10000, &count));
    assert_int_equal(count, 0); /* 1,024 are twice as many */
    fill_to(&p, 1280);
    OK(history_prune(&act, &keep, 0, 10000, &count));
    assert_int_equal(count, 256);
    assert_int_equal(cursor_of(&p, "cron"), 256);
}

static void
test_young_events_stay(void **state)
{
    struct past p AUTO(past_close);
    int64_t count = -1;

    (void)state;
    past_open(&p);
    fill_to(&p, 600);
    OK(prune(&p.house.act, NOW_S * 1000, 0, &count));
    assert_int_equal(count, 0);
    /* events 1 and 2 made the account; 3 is of NOW, 256 of 253 ms later */
    OK(prune(&p.house.act, NOW_S * 1000 + 253, 0, &count));
    assert_int_equal(count, 0);
    OK(prune(&p.house.act, NOW_S * 1000 + 254, 0, &count));
    assert_int_equal(count, 256);
}

static void
test_so_many_events_stay_as_are_kept(void **state)
{
    struct past p AUTO(past_close);
    int64_t count = -1;

    (void)state;
    past_open(&p);
    fill_to(&p, 600);
    OK(prune(&p.house.act, 0, 345, &count));
    assert_int_equal(count, 0); /* 255 are too many: less than a tile */
    OK(prune(&p.house.act, 0, 344, &count));
    assert_int_equal(count, 256);
    sign(&p);
    struct history_report report = verify(&p);
    assert_true(report.is_whole);
    assert_int_equal(report.first_id, 257);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_go_in_whole_tiles_and_proofs_of_the_rest_hold),
        cmocka_unit_test(test_events_wait_for_outputs_and_what_one_loses_is_an_event),
        cmocka_unit_test(test_a_limit_by_number_waits_for_outputs_with_as_many_again),
        cmocka_unit_test(test_young_events_stay),
        cmocka_unit_test(test_so_many_events_stay_as_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
