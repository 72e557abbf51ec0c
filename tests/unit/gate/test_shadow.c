/* SPDX-License-Identifier: Apache-2.0
 *
 * A shadow is asked about what is let in, changes no answer, and counts what it would
 * have refused: by the gate's own steps. */
#include "support.h"

#include <pthread.h>

#include "keyring/shadow.h"
#include "rules/needs.h"
#include "store/store_shadows.h"

#define DEVICES "/v3/reporting/devices"
#define FIELDS  "/v3/fields/00000000-0000-4000-8000-000000000001"

static const int64_t NOW_S = NOW_MS / 1000;

/* What a shadow has found, as it was written down. */
static struct {
    struct shadow shadow;
    struct shadow_miss misses[SHADOW_MISS_MAX_COUNT + 1];
    size_t count;
} found;

/* What the token "hs" has. */
static struct rights_set
all(void)
{
    struct rights_set set = {0};

    permission_set_add(&set.permissions, PERMISSION_DEVICE_REPORTS_VIEW);
    permission_set_add(&set.permissions, PERMISSION_DEVICE_FIELDS_VIEW);
    return set;
}

static struct rights_set
without(uint16_t permission)
{
    struct rights_set set = all();

    permission_set_remove(&set.permissions, permission);
    return set;
}

static struct rights_set
only_from(const char *range)
{
    struct rights_set set = all();

    OK(ip_range_read(slice_of(range), &set.addresses[0], NULL));
    set.address_count = 1;
    return set;
}

/* Starts it for two weeks, as rules/ would; gives its number. */
static int64_t
start(const char *token_id, struct rights_set set)
{
    struct shadow shadow = {.set = set,
                            .started_at_s = NOW_S - 10,
                            .ends_at_s = NOW_S + SHADOW_USUAL_DAYS * DAY_S};

    snprintf(shadow.token_id, sizeof(shadow.token_id), "%s", token_id);
    OK(store_begin(house.place.writer));
    OK(store_shadow_put(house.place.writer, &shadow));
    OK(store_change_add(house.place.writer, CHANGE_SHADOW, token_id));
    place_commit(&house.place);
    OK(keyring_follow(house.place.keyring));
    return shadow.id;
}

static void
stop(int64_t id, const char *token_id)
{
    OK(store_begin(house.place.writer));
    OK(store_shadow_over(house.place.writer, id, NOW_S, true));
    OK(store_change_add(house.place.writer, CHANGE_SHADOW, token_id));
    place_commit(&house.place);
    OK(keyring_follow(house.place.keyring));
}

static void
take_miss(void *ctx, const struct shadow_miss *miss)
{
    (void)ctx;
    assert_true(found.count < COUNT_OF(found.misses));
    found.misses[found.count++] = *miss;
}

static void
flush(const char *token_id)
{
    OK(keyring_flush_uses(house.place.keyring, house.place.writer, NOW_S));
    memset(&found, 0, sizeof(found));
    OK(store_shadow_of(house.place.reader, slice_of(token_id), &found.shadow));
    OK(store_shadow_misses(house.place.reader, found.shadow.id, take_miss, NULL));
}

/* So many calls, of which so many would have failed. */
#define COUNTED(calls_, failed_)                                 \
    do {                                                         \
        flush("hs");                                             \
        assert_int_equal(found.shadow.counts.calls, (calls_));   \
        assert_int_equal(found.shadow.counts.failed, (failed_)); \
    } while (0)

#define MISSED(index, kind_, path_, item_, count_)              \
    do {                                                        \
        assert_true(found.count > (index));                     \
        assert_int_equal(found.misses[index].kind, (kind_));    \
        assert_string_equal(found.misses[index].path, (path_)); \
        assert_string_equal(found.misses[index].item, (item_)); \
        assert_int_equal(found.misses[index].count, (count_));  \
        assert_int_equal(found.misses[index].last_at_s, NOW_S); \
    } while (0)

/* ---- permissions ---- */

static void
test_a_call_that_needs_what_the_shadow_lacks_is_let_in_and_counted(void **state)
{
    (void)state;
    start("hs", without(PERMISSION_DEVICE_FIELDS_VIEW));
    LET_IN(ASK(.uri = DEVICES));
    /* what answers it hears of the token's own rights */
    assert_true(permission_set_has(&house.taken->rights, PERMISSION_DEVICE_FIELDS_VIEW));
    LET_IN(ASK(.uri = DEVICES));
    COUNTED(2, 2);
    assert_int_equal(found.count, 1);
    MISSED(0, MISS_PERMISSION, DEVICES, "2", 2);
    assert_string_equal(found.misses[0].method, "GET");
    assert_int_equal(found.misses[0].first_at_s, NOW_S);
}

static void
test_a_call_that_needs_nothing_of_it_is_counted_as_a_call_only(void **state)
{
    (void)state;
    start("hs", without(PERMISSION_DEVICE_FIELDS_VIEW));
    LET_IN(ASK(.method = "PUT", .uri = FIELDS)); /* needs Device reports:View */
    LET_IN(ASK(0));                              /* whoami: open to all */
    COUNTED(2, 0);
    assert_int_equal(found.count, 0);
}

static void
test_every_missing_permission_is_named_and_the_call_counted_once(void **state)
{
    struct rights_set nothing = {0};

    (void)state;
    start("hs", nothing);
    LET_IN(ASK(.uri = DEVICES));
    COUNTED(1, 1);
    assert_int_equal(found.count, 2);
    MISSED(0, MISS_PERMISSION, DEVICES, "2", 1);
    MISSED(1, MISS_PERMISSION, DEVICES, "4", 1);
}

/* geoData needs a permission of its own, which only those who name it need. */
static void
test_what_a_parameter_needs_counts_when_it_is_asked_for(void **state)
{
    struct token token = house_token("geo", false);
    struct rights_set set = all();
    struct permission_set role = set.permissions;

    (void)state;
    permission_set_add(&role, PERMISSION_GEOLOCATION_VIEW);
    place_set_role(&house.place, role);
    token.permissions = role;
    house_add(&token);
    start("geo", set);
    LET_IN(ASK(.token = "geo", .uri = DEVICES));
    flush("geo");
    assert_int_equal(found.count, 0);
    LET_IN(ASK(.token = "geo", .uri = DEVICES, .query = "select=geoData"));
    flush("geo");
    assert_int_equal(found.shadow.counts.calls, 2);
    assert_int_equal(found.shadow.counts.failed, 1);
    MISSED(0, MISS_PERMISSION, DEVICES, "14", 1);
}

/* ---- addresses ---- */

static void
test_an_address_outside_is_counted_and_one_inside_is_not(void **state)
{
    (void)state;
    start("hs", only_from("10.0.0.0/8"));
    LET_IN(ASK(.from = "10.255.255.255"));
    COUNTED(1, 0);
    LET_IN(ASK(.from = "11.0.0.0"));
    COUNTED(2, 1);
    assert_int_equal(found.count, 1);
    MISSED(0, MISS_ADDRESS, "/v3/whoami", "11.0.0.0", 1);
}

static void
test_all_reasons_are_named_and_the_call_counted_once(void **state)
{
    struct rights_set set = only_from("10.0.0.0/8");

    (void)state;
    permission_set_remove(&set.permissions, PERMISSION_DEVICE_FIELDS_VIEW);
    start("hs", set);
    LET_IN(ASK(.uri = DEVICES, .from = "127.0.0.1"));
    COUNTED(1, 1);
    assert_int_equal(found.count, 2);
    MISSED(0, MISS_PERMISSION, DEVICES, "2", 1);
    MISSED(1, MISS_ADDRESS, DEVICES, "127.0.0.1", 1);
}

/* ---- answers ---- */

/* The inline answer lies in the memory in which a refusal would be written. */
static void
test_answers_are_the_same_to_the_byte_with_and_without(void **state)
{
    static const struct ask ASKS[] = {
        {.from = "127.0.0.1"}, {.uri = "/v3/manage"},   {.uri = "/v3/nothing"},
        {.uri = "/v3/closed"}, {.uri = "/v3/licensed"}, {.token = "nobody"},
        {.issued_at_ms = 1},
    };
    static struct outcome before[COUNT_OF(ASKS)];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ASKS); i++)
        before[i] = *house_ask(ASKS[i]);
    start("hs", only_from("10.0.0.0/8"));
    for (size_t i = 0; i < COUNT_OF(ASKS); i++) {
        const struct outcome *after = house_ask(ASKS[i]);
        assert_int_equal(after->verdict, before[i].verdict);
        assert_int_equal(after->status, before[i].status);
        assert_string_equal(after->body, before[i].body);
    }
    assert_true(strlen(before[0].body) > 0);
    COUNTED(1, 1);
}

static void
test_what_is_refused_in_truth_is_not_asked_of_the_shadow(void **state)
{
    (void)state;
    start("hs", without(PERMISSION_DEVICE_FIELDS_VIEW));
    REFUSED(ASK(.uri = "/v3/manage"), REFUSED_PERMISSION, "Device Fields:Manage");
    house.is_busy = true; /* permitted by all steps, and refused at the last */
    REFUSED(ASK(.uri = DEVICES), REFUSED_BUSY, "too many");
    COUNTED(0, 0);
    assert_int_equal(found.count, 0);
    house.is_busy = false;
    LET_IN(ASK(.uri = DEVICES));
    COUNTED(1, 1);
}

static void
test_another_token_is_not_touched_by_it(void **state)
{
    (void)state;
    start("hs", without(PERMISSION_DEVICE_FIELDS_VIEW));
    LET_IN(ASK(.is_es256 = true, .uri = DEVICES));
    COUNTED(0, 0);
}

/* ---- how long ---- */

static void
test_nothing_is_asked_of_one_whose_days_are_over(void **state)
{
    struct shadow shadow = {.set = without(PERMISSION_DEVICE_FIELDS_VIEW),
                            .token_id = "hs",
                            .ends_at_s = NOW_S};

    (void)state;
    OK(store_begin(house.place.writer));
    OK(store_shadow_put(house.place.writer, &shadow));
    OK(store_change_add(house.place.writer, CHANGE_SHADOW, "hs"));
    place_commit(&house.place);
    OK(keyring_follow(house.place.keyring));
    LET_IN(ASK(.uri = DEVICES));
    COUNTED(0, 0);
    shadow.ends_at_s = NOW_S + 1; /* the second before its end */
    OK(store_begin(house.place.writer));
    OK(store_shadow_put(house.place.writer, &shadow));
    OK(store_change_add(house.place.writer, CHANGE_SHADOW, "hs"));
    place_commit(&house.place);
    OK(keyring_follow(house.place.keyring));
    LET_IN(ASK(.uri = DEVICES));
    COUNTED(1, 1);
}

static void
test_one_that_was_stopped_keeps_what_it_found_and_finds_no_more(void **state)
{
    (void)state;
    int64_t id = start("hs", without(PERMISSION_DEVICE_FIELDS_VIEW));
    LET_IN(ASK(.uri = DEVICES));
    stop(id, "hs"); /* before it was written down */
    LET_IN(ASK(.uri = DEVICES));
    COUNTED(1, 1);
    assert_true(found.shadow.is_stopped);
    MISSED(0, MISS_PERMISSION, DEVICES, "2", 1);
}

static void
test_another_one_begins_at_nothing(void **state)
{
    (void)state;
    start("hs", without(PERMISSION_DEVICE_FIELDS_VIEW));
    LET_IN(ASK(.uri = DEVICES));
    COUNTED(1, 1);
    start("hs", without(PERMISSION_DEVICE_REPORTS_VIEW));
    COUNTED(0, 0);
    assert_int_equal(found.count, 0);
    LET_IN(ASK(.uri = DEVICES));
    COUNTED(1, 1);
    MISSED(0, MISS_PERMISSION, DEVICES, "4", 1);
}

static void
test_it_goes_on_after_a_restart(void **state)
{
    (void)state;
    start("hs", without(PERMISSION_DEVICE_FIELDS_VIEW));
    LET_IN(ASK(.uri = DEVICES));
    COUNTED(1, 1);
    house_close_gate();
    keyring_close(&house.place.keyring);
    place_open_keyring(&house.place);
    clock_stand_at(NOW_MS - 3600 * 1000);
    house_open_gate();
    clock_stand_at(NOW_MS);
    LET_IN(ASK(.uri = DEVICES));
    COUNTED(2, 2);
    MISSED(0, MISS_PERMISSION, DEVICES, "2", 2);
}

static void
test_it_stays_when_its_token_is_edited_and_goes_with_it(void **state)
{
    struct token token = {0};
    struct shadow gone;

    (void)state;
    start("hs", without(PERMISSION_DEVICE_FIELDS_VIEW));
    OK(store_token_by_id(house.place.reader, SLICE("hs"), &token));
    snprintf(token.title, sizeof(token.title), "Another title");
    place_change(&house.place, &token);
    OK(keyring_follow(house.place.keyring));
    LET_IN(ASK(.uri = DEVICES));
    COUNTED(1, 1);
    place_remove(&house.place, "hs");
    OK(keyring_follow(house.place.keyring));
    assert_int_equal(store_shadow_of(house.place.reader, SLICE("hs"), &gone),
                     STATUS_NOT_FOUND);
    OK(keyring_flush_uses(house.place.keyring, house.place.writer, NOW_S));
}

/* ---- device groups ---- */

/* A token with both groups and a shadow with the first of them. */
static void
start_with_groups(int64_t ids[2], bool is_narrower)
{
    struct token token = house_token("grouped", false);
    struct rights_set set = all();

    ids[0] =
        place_add_group(&house.place, "Lyon", "aaaaaaaa-0000-4000-8000-000000000001");
    ids[1] =
        place_add_group(&house.place, "Montreal", "aaaaaaaa-0000-4000-8000-000000000002");
    memcpy(token.group_ids, ids, 2 * sizeof(ids[0]));
    memcpy(set.group_ids, ids, 2 * sizeof(ids[0]));
    token.group_count = 2;
    set.group_count = is_narrower ? 1 : 2;
    house_add(&token);
    start("grouped", set);
}

/* As the worker does who has answered: the device is in these groups. */
static void
answered_from(const int64_t *ids, size_t count)
{
    keyring_enter();
    gate_note_groups(house.taken, keyring_find(house.place.keyring, SLICE("grouped")),
                     ids, count);
    keyring_leave();
    flush("grouped");
}

static void
test_a_device_in_a_group_that_is_left_out_would_not_be_found(void **state)
{
    int64_t ids[2];
    char item[24];

    (void)state;
    start_with_groups(ids, true);
    LET_IN(ASK(.token = "grouped", .method = "PUT", .uri = "/v3/fields/1"));
    answered_from(ids, 2); /* it is in the first as well */
    assert_int_equal(found.shadow.counts.failed, 0);
    answered_from(&ids[1], 1);
    assert_int_equal(found.shadow.counts.failed, 1);
    assert_int_equal(found.shadow.counts.calls, 1);
    snprintf(item, sizeof(item), "%lld", (long long)ids[1]);
    MISSED(0, MISS_GROUP, "/v3/fields/{deviceUid}", item, 1);
}

static void
test_a_list_would_tell_of_fewer_devices(void **state)
{
    int64_t ids[2];

    (void)state;
    start_with_groups(ids, true);
    LET_IN(ASK(.token = "grouped", .uri = DEVICES));
    LET_IN(ASK(.token = "grouped"));                                         /* whoami */
    LET_IN(ASK(.token = "grouped", .method = "PUT", .uri = "/v3/fields/1")); /* of one */
    flush("grouped");
    assert_int_equal(found.shadow.counts.failed, 0);
    assert_int_equal(found.shadow.counts.less, 1);
    assert_int_equal(found.count, 1);
    MISSED(0, MISS_LESS, DEVICES, "", 1);
}

static void
test_with_all_of_the_groups_nothing_is_missed(void **state)
{
    int64_t ids[2];

    (void)state;
    start_with_groups(ids, false);
    LET_IN(ASK(.token = "grouped", .uri = DEVICES));
    answered_from(&ids[1], 1);
    assert_int_equal(found.shadow.counts.calls, 1);
    assert_int_equal(found.shadow.counts.less, 0);
    assert_int_equal(found.count, 0);
}

/* A call is one that would have failed, however many say so. */
static void
test_a_device_of_a_call_that_fails_already_is_not_counted_again(void **state)
{
    int64_t ids[2];
    struct rights_set set = without(PERMISSION_DEVICE_REPORTS_VIEW);

    (void)state;
    start_with_groups(ids, true);
    set.group_ids[0] = ids[0];
    set.group_count = 1;
    start("grouped", set);
    LET_IN(ASK(.token = "grouped", .method = "PUT", .uri = "/v3/fields/1"));
    answered_from(&ids[1], 1);
    assert_int_equal(found.shadow.counts.failed, 1);
    assert_int_equal(found.count, 2);
}

/* ---- bounds ---- */

/* More reasons than are kept between two writings, and than are kept at all. */
static void
test_reasons_are_bounded_and_the_rest_is_counted(void **state)
{
    int sent = 0;

    (void)state;
    start("hs", only_from("192.0.2.1"));
    for (int turn = 0; turn < 5; turn++) {
        for (int i = 0; i < 70; i++, sent++) {
            char from[32];
            snprintf(from, sizeof(from), "10.0.%d.%d", turn, i);
            LET_IN(ASK(.from = from));
        }
        flush("hs");
    }
    LET_IN(ASK(.from = "10.0.0.1")); /* one that is there already still counts */
    COUNTED(sent + 1, sent + 1);
    assert_int_equal(found.count, SHADOW_MISS_MAX_COUNT);
    assert_int_equal(found.shadow.counts.unlisted, sent - SHADOW_MISS_MAX_COUNT);
    MISSED(0, MISS_ADDRESS, "/v3/whoami", "10.0.0.1", 2);
}

static void
test_what_the_store_did_not_take_is_written_the_next_time(void **state)
{
    (void)state;
    start("hs", without(PERMISSION_DEVICE_FIELDS_VIEW));
    LET_IN(ASK(.uri = DEVICES));
    store_keep_free(house.place.writer, INT64_MAX / 2); /* the disk is full */
    assert_int_not_equal(
        keyring_flush_uses(house.place.keyring, house.place.writer, NOW_S), STATUS_OK);
    store_keep_free(house.place.writer, 0);
    LET_IN(ASK(.uri = DEVICES));
    COUNTED(2, 2);
    MISSED(0, MISS_PERMISSION, DEVICES, "2", 2);
    COUNTED(2, 2); /* and nothing twice */
}

/* ---- several loops ---- */

enum { THREAD_COUNT = 4, PER_THREAD = 5000 };

static void *
count_many(void *arg)
{
    struct shadow_miss miss = {
        .kind = MISS_ADDRESS, .method = "GET", .path = "/v3/whoami"};

    keyring_thread_in();
    for (int i = 0; i < PER_THREAD; i++) {
        keyring_enter();
        struct keyring_shadow *shadow =
            keyring_shadow(keyring_find(house.place.keyring, SLICE("hs")), NOW_S);
        keyring_shadow_count(shadow);
        keyring_shadow_count_failed(shadow);
        snprintf(miss.item, sizeof(miss.item), "10.0.0.%d", i % 3);
        keyring_shadow_note(shadow, &miss, NOW_S);
        keyring_leave();
    }
    keyring_thread_out();
    return arg;
}

static void
test_loops_lose_nothing_while_it_is_written_down(void **state)
{
    pthread_t threads[THREAD_COUNT];
    int64_t sum = 0;

    (void)state;
    start("hs", only_from("192.0.2.1"));
    for (int i = 0; i < THREAD_COUNT; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_many, NULL), 0);
    for (int i = 0; i < 20; i++)
        OK(keyring_flush_uses(house.place.keyring, house.place.writer, NOW_S));
    for (int i = 0; i < THREAD_COUNT; i++)
        pthread_join(threads[i], NULL);
    COUNTED(THREAD_COUNT * PER_THREAD, THREAD_COUNT * PER_THREAD);
    assert_int_equal(found.count, 3);
    for (size_t i = 0; i < found.count; i++)
        sum += found.misses[i].count;
    assert_int_equal(sum, THREAD_COUNT * PER_THREAD);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(test_a_call_that_needs_what_the_shadow_lacks_is_let_in_and_counted),
        IN_HOUSE(test_a_call_that_needs_nothing_of_it_is_counted_as_a_call_only),
        IN_HOUSE(test_every_missing_permission_is_named_and_the_call_counted_once),
        IN_HOUSE(test_what_a_parameter_needs_counts_when_it_is_asked_for),
        IN_HOUSE(test_an_address_outside_is_counted_and_one_inside_is_not),
        IN_HOUSE(test_all_reasons_are_named_and_the_call_counted_once),
        IN_HOUSE(test_answers_are_the_same_to_the_byte_with_and_without),
        IN_HOUSE(test_what_is_refused_in_truth_is_not_asked_of_the_shadow),
        IN_HOUSE(test_another_token_is_not_touched_by_it),
        IN_HOUSE(test_nothing_is_asked_of_one_whose_days_are_over),
        IN_HOUSE(test_one_that_was_stopped_keeps_what_it_found_and_finds_no_more),
        IN_HOUSE(test_another_one_begins_at_nothing),
        IN_HOUSE(test_it_goes_on_after_a_restart),
        IN_HOUSE(test_it_stays_when_its_token_is_edited_and_goes_with_it),
        IN_HOUSE(test_a_device_in_a_group_that_is_left_out_would_not_be_found),
        IN_HOUSE(test_a_list_would_tell_of_fewer_devices),
        IN_HOUSE(test_with_all_of_the_groups_nothing_is_missed),
        IN_HOUSE(test_a_device_of_a_call_that_fails_already_is_not_counted_again),
        IN_HOUSE(test_reasons_are_bounded_and_the_rest_is_counted),
        IN_HOUSE(test_what_the_store_did_not_take_is_written_the_next_time),
        IN_HOUSE(test_loops_lose_nothing_while_it_is_written_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
