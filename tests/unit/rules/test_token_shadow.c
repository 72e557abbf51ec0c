/* SPDX-License-Identifier: Apache-2.0
 *
 * Shadows: which sets can be tried out, that one runs at a time, and that each beginning
 * and each end is an event. What they count is tested with the gate. */
#include "support.h"

#include "base/buffer.h"
#include "base/mem.h"
#include "rules/shadow_report.h"
#include "rules/suggest.h"
#include "rules/token_roll.h"
#include "rules/token_shadow.h"
#include "store/store_shadows.h"
#include "store/store_token_used.h"
#include "json/write.h"

static struct shadow shadow;

static struct act
later(const struct house *house, int64_t seconds)
{
    struct act act = house->act;

    act.now_ms += seconds * 1000;
    return act;
}

/* A token of the administrator with reports and software to see, from two networks. */
static struct token
add_broad(struct house *house, struct token_wish wish)
{
    struct permission_set two = {0};
    struct token token = {0};
    struct secret secret AUTO(secret_done) = {0};

    permission_set_add(&two, PERMISSION_DEVICE_REPORTS_VIEW);
    permission_set_add(&two, PERMISSION_SOFTWARE_REPORTS_VIEW);
    wish.title = SLICE("Nightly");
    wish.permissions = &two;
    if (wish.addresses.len == 0)
        wish.addresses = SLICE("192.0.2.0/24 10.0.0.0/8");
    OK(token_make(&house->act, house->admin.id, &wish, &token, &secret));
    return token;
}
#define ADD_BROAD(house, ...) add_broad((house), (struct token_wish){__VA_ARGS__})

static struct permission_set
only(uint16_t permission)
{
    struct permission_set set = {0};

    permission_set_add(&set, permission);
    return set;
}

/* With less to see, for the usual time. */
static enum status
start_less(const struct act *act, const struct token *token)
{
    struct permission_set less = only(PERMISSION_DEVICE_REPORTS_VIEW);
    struct shadow_wish wish = {.permissions = &less, .days = SHADOW_USUAL_DAYS};

    return token_shadow_start(act, slice_of(token->id), &wish, &shadow);
}

static enum status
start_wish(const struct act *act, const struct token *token, struct shadow_wish wish)
{
    wish.days = wish.days ? wish.days : SHADOW_USUAL_DAYS;
    return token_shadow_start(act, slice_of(token->id), &wish, &shadow);
}
#define START(act, token, ...) \
    start_wish((act), (token), (struct shadow_wish){__VA_ARGS__})

/* ---- which sets ---- */

static void
test_what_is_left_out_of_the_wish_is_the_tokens_own(void **state)
{
    struct house *house = *state;
    struct token token = ADD_BROAD(house, .title = SLICE(""));

    OK(start_less(&house->act, &token));
    assert_string_equal(shadow.token_id, token.id);
    assert_int_equal(permission_set_count(&shadow.set.permissions), 1);
    assert_int_equal(shadow.set.address_count, 2);
    assert_memory_equal(shadow.set.addresses, token.addresses,
                        2 * sizeof(token.addresses[0]));
    assert_int_equal(shadow.started_at_s, NOW_S);
    assert_int_equal(shadow.ends_at_s, NOW_S + 14 * DAY_S);
    assert_string_equal(shadow.started_by, "tokenhouse test");

    struct shadow stored = {0};
    OK(store_shadow_of(house->store, slice_of(token.id), &stored));
    assert_memory_equal(&stored.set, &shadow.set, sizeof(stored.set));
    assert_int_equal(stored.id, shadow.id);
}

static void
test_a_set_that_no_successor_could_have_is_refused(void **state)
{
    struct house *house = *state;
    struct token token = ADD_BROAD(house, .title = SLICE(""));
    struct permission_set more = only(PERMISSION_DEVICE_FIELDS_VIEW);
    struct slice outside = SLICE("198.51.100.1");
    struct slice inside = SLICE("10.1.0.0/16");

    REFUSED(REFUSED, START(&house->act, &token, .permissions = &more));
    SAYS(house->failure.text, "Device Fields:View");
    REFUSED(REFUSED, START(&house->act, &token, .addresses = &outside));
    SAYS(house->failure.text, "198.51.100.1");
    REFUSED(MALFORMED, START(&house->act, &token, .addresses = &SLICE("x")));
    OK(START(&house->act, &token, .addresses = &inside));
    assert_int_equal(shadow.set.address_count, 1);
    assert_int_equal(permission_set_count(&shadow.set.permissions), 2);
}

static void
test_all_that_the_token_has_is_nothing_to_try_out(void **state)
{
    struct house *house = *state;
    struct token token = ADD_BROAD(house, .title = SLICE(""));
    struct slice turned = SLICE("10.0.0.0/8 192.0.2.0/24");
    struct slice one = SLICE("10.0.0.0/8");

    REFUSED(MALFORMED, START(&house->act, &token, .permissions = &token.permissions));
    SAYS(house->failure.text, "nothing to try out");
    REFUSED(MALFORMED, START(&house->act, &token, .addresses = &turned));
    OK(START(&house->act, &token, .addresses = &one));
}

static void
test_groups_are_some_of_the_tokens(void **state)
{
    struct house *house = *state;
    struct device_group lyon = add_group(house, "Lyon");
    struct device_group paris = add_group(house, "Paris");
    struct device_group rome = add_group(house, "Rome");
    struct slice admin = SLICE(ADMIN);

    OK(assign(&house->act, SLICE("Lyon"), &admin, 1, NULL, 0, false));
    OK(assign(&house->act, SLICE("Paris"), &admin, 1, NULL, 0, false));
    struct token token = ADD_BROAD(house, .title = SLICE(""));
    assert_int_equal(token.group_count, 2);
    REFUSED(REFUSED, START(&house->act, &token, .group_ids = &rome.id, .group_count = 1));
    SAYS(house->failure.text, "Rome");
    int64_t twice[] = {paris.id, lyon.id, paris.id};
    REFUSED(MALFORMED, START(&house->act, &token, .group_ids = twice, .group_count = 3));
    OK(START(&house->act, &token, .group_ids = &paris.id, .group_count = 1));
    assert_int_equal(shadow.set.group_count, 1);
    assert_int_equal(shadow.set.group_ids[0], paris.id);
    SAYS(events_of(house, token.id).details, "\"shadowDeviceGroups\":[\"Paris\"]");
}

static void
test_manage_brings_view_along_as_in_a_token(void **state)
{
    struct house *house = *state;
    struct permission_set manage = only(PERMISSION_DEVICE_FIELDS_MANAGE);
    struct token_wish wish = {.title = SLICE("All")};
    struct token token = {0};
    struct secret secret AUTO(secret_done) = {0};

    OK(token_make(&house->act, house->admin.id, &wish, &token, &secret));
    OK(START(&house->act, &token, .permissions = &manage));
    assert_int_equal(permission_set_count(&shadow.set.permissions), 2);
    assert_true(
        permission_set_has(&shadow.set.permissions, PERMISSION_DEVICE_FIELDS_VIEW));
}

static void
test_days_are_1_to_90(void **state)
{
    struct house *house = *state;
    struct token token = ADD_BROAD(house, .title = SLICE(""));
    struct permission_set less = only(PERMISSION_DEVICE_REPORTS_VIEW);
    struct shadow_wish wish = {.permissions = &less};

    REFUSED(MALFORMED,
            token_shadow_start(&house->act, slice_of(token.id), &wish, &shadow));
    wish.days = 91;
    REFUSED(MALFORMED,
            token_shadow_start(&house->act, slice_of(token.id), &wish, &shadow));
    SAYS(house->failure.text, "91 days");
    wish.days = 90;
    OK(token_shadow_start(&house->act, slice_of(token.id), &wish, &shadow));
    OK(token_shadow_stop(&house->act, slice_of(token.id), &shadow));
    wish.days = 1;
    OK(token_shadow_start(&house->act, slice_of(token.id), &wish, &shadow));
    assert_int_equal(shadow.ends_at_s, NOW_S + DAY_S);
}

/* What was tried out can be rolled to, as it is. */
static void
test_a_successor_can_have_what_was_tried_out(void **state)
{
    struct house *house = *state;
    struct token token = ADD_BROAD(house, .title = SLICE(""));
    struct token_rolled *rolled AUTO(mem_done) = mem_new(sizeof(*rolled));

    OK(start_less(&house->act, &token));
    struct token_roll roll = {.permissions = &shadow.set.permissions};
    OK(token_roll(&house->act, slice_of(token.id), &roll, rolled));
    assert_memory_equal(&rolled->successor.permissions, &shadow.set.permissions,
                        sizeof(shadow.set.permissions));
    secret_done(&rolled->secret);
}

/* ---- whose, and when ---- */

static void
test_only_who_manages_the_token_starts_and_stops(void **state)
{
    struct house *house = *state;
    struct token token = ADD_BROAD(house, .title = SLICE(""));
    struct user grace = add_user(house, "grace@example.com", "System Administrator");
    struct user guest = {0};
    struct role role = {0};
    struct permission_set manage = only(PERMISSION_API_CREDENTIALS_MANAGE);

    OK(role_add(&house->act, SLICE("Callers"), &manage, &role));
    guest = add_user(house, "guest@example.com", "Callers");
    struct act by_guest = as_user(house, &guest);
    struct act by_grace = as_user(house, &grace);
    REFUSED(NOT_FOUND, start_less(&by_guest, &token));
    OK(start_less(&by_grace, &token));
    assert_string_equal(shadow.started_by, "grace@example.com");
    REFUSED(NOT_FOUND, token_shadow_stop(&by_guest, slice_of(token.id), &shadow));
    REFUSED(NOT_FOUND, token_shadow_stop(&by_grace, SLICE("nobody"), &shadow));
    OK(token_shadow_stop(&by_grace, slice_of(token.id), &shadow));
}

static void
test_a_token_that_cannot_be_rolled_has_no_shadow(void **state)
{
    struct house *house = *state;
    struct token token = ADD_BROAD(house, .expires_on = SLICE("2026-12-01"));
    struct token_wish trap = {.title = SLICE("Trap"), .is_canary = true};
    struct token canary = {0};
    struct secret secret AUTO(secret_done) = {0};
    struct act dead = later(house, 9 * DAY_S);

    OK(token_make(&house->act, house->admin.id, &trap, &canary, &secret));
    REFUSED(REFUSED, start_less(&house->act, &canary));
    REFUSED(REFUSED, start_less(&dead, &token));
    SAYS(house->failure.text, "expired");
    OK(token_suspend(&house->act, slice_of(token.id)));
    REFUSED(REFUSED, start_less(&house->act, &token));
    SAYS(house->failure.text, "makes no calls");
    OK(token_resume(&house->act, slice_of(token.id)));
    OK(start_less(&house->act, &token));
}

static void
test_one_runs_at_a_time_and_the_next_takes_its_place(void **state)
{
    struct house *house = *state;
    struct token token = ADD_BROAD(house, .title = SLICE(""));

    OK(start_less(&house->act, &token));
    int64_t first = shadow.id;
    REFUSED(REFUSED, start_less(&house->act, &token));
    SAYS(house->failure.text, "stop it first");
    OK(token_shadow_stop(&house->act, slice_of(token.id), &shadow));
    assert_true(shadow.is_stopped);
    REFUSED(REFUSED, token_shadow_stop(&house->act, slice_of(token.id), &shadow));
    SAYS(house->failure.text, "over already");
    OK(start_less(&house->act, &token));
    assert_true(shadow.id > first);
    assert_false(shadow.is_stopped);
}

/* ---- events and feed ---- */

static void
test_its_beginning_and_its_stop_are_events_and_changes(void **state)
{
    struct house *house = *state;
    struct token token = ADD_BROAD(house, .title = SLICE(""));
    int before = events_of(house, token.id).count;

    REFUSED(REFUSED, token_shadow_stop(&house->act, slice_of(token.id), &shadow));
    assert_int_equal(events_of(house, token.id).count, before);
    OK(start_less(&house->act, &token));
    struct seen seen = events_of(house, token.id);
    assert_int_equal(seen.count, before + 1);
    assert_int_equal(seen.newest.kind, EVENT_TOKEN_UPDATED);
    SAYS(seen.details, "\"action\":\"shadow started\"");
    SAYS(seen.details, "\"shadowPermissions\":[\"Device reports:View\"]");
    SAYS(seen.details, "2026-12-07T12:00:00.000Z");
    assert_int_equal(newest_change(house).kind, CHANGE_SHADOW);
    assert_string_equal(newest_change(house).key, token.id);

    struct shadow_counts counts = {.calls = 12, .failed = 3, .less = 1};
    OK(store_begin(house->store));
    OK(store_shadow_count(house->store, shadow.id, &counts));
    OK(store_commit(house->store));
    OK(token_shadow_stop(&house->act, slice_of(token.id), &shadow));
    seen = events_of(house, token.id);
    assert_int_equal(seen.count, before + 2);
    SAYS(seen.details, "\"action\":\"shadow stopped\"");
    SAYS(seen.details, "\"shadowCalls\":12");
    SAYS(seen.details, "\"shadowWouldHaveFailed\":3");
    assert_int_equal(newest_change(house).kind, CHANGE_SHADOW);
}

static void
end_due(struct house *house, int64_t seconds)
{
    struct act act = later(house, seconds);
    bool is_more = true;

    while (is_more)
        OK(token_shadow_end_due(&act, &is_more));
}

static void
test_it_ends_by_itself_once_and_not_before(void **state)
{
    struct house *house = *state;
    struct token token = ADD_BROAD(house, .title = SLICE(""));

    OK(start_less(&house->act, &token));
    int before = events_of(house, token.id).count;
    end_due(house, 14 * DAY_S + SHADOW_GRACE_S - 1);
    assert_int_equal(events_of(house, token.id).count, before);
    assert_string_equal(token_shadow_state(&shadow, NOW_S + 14 * DAY_S - 1), "running");
    assert_string_equal(token_shadow_state(&shadow, NOW_S + 14 * DAY_S), "ended");
    end_due(house, 14 * DAY_S + SHADOW_GRACE_S);
    end_due(house, 15 * DAY_S);
    struct seen seen = events_of(house, token.id);
    assert_int_equal(seen.count, before + 1);
    SAYS(seen.details, "\"action\":\"shadow ended\"");
    struct act after = later(house, 15 * DAY_S);
    REFUSED(REFUSED, token_shadow_stop(&after, slice_of(token.id), &shadow));
    OK(store_shadow_of(house->store, slice_of(token.id), &shadow));
    assert_false(shadow.is_stopped);
    OK(start_less(&after, &token));
}

/* The end of the old one is told, also when the next begins before the housekeeper came.
 */
static void
test_an_end_that_nobody_told_is_told_by_the_next_beginning(void **state)
{
    struct house *house = *state;
    struct token token = ADD_BROAD(house, .title = SLICE(""));
    struct act after = later(house, 14 * DAY_S);
    int before = events_of(house, token.id).count;

    OK(start_less(&house->act, &token));
    OK(start_less(&after, &token));
    assert_int_equal(events_of(house, token.id).count, before + 3);
    end_due(house, 15 * DAY_S); /* the new one runs */
    assert_int_equal(events_of(house, token.id).count, before + 3);
}

static void
test_many_ends_are_carried_out_in_small_acts(void **state)
{
    struct house *house = *state;
    struct act act = later(house, 20 * DAY_S);
    enum { COUNT = SHADOW_ACT_MAX_COUNT + 1 };
    char ids[COUNT][TOKEN_ID_MAX_CHARS + 1];
    bool is_more = false;

    for (int i = 0; i < COUNT; i++) {
        struct token token = ADD_BROAD(house, .title = SLICE(""));
        memcpy(ids[i], token.id, sizeof(ids[i]));
        OK(start_less(&house->act, &token));
    }
    OK(token_shadow_end_due(&act, &is_more));
    assert_true(is_more);
    OK(token_shadow_end_due(&act, &is_more));
    assert_false(is_more);
    for (int i = 0; i < COUNT; i++)
        SAYS(events_of(house, ids[i]).details, "shadow ended");
}

static void
test_it_goes_with_its_token(void **state)
{
    struct house *house = *state;
    struct token token = ADD_BROAD(house, .title = SLICE(""));

    OK(start_less(&house->act, &token));
    OK(token_delete(&house->act, slice_of(token.id)));
    REFUSED(NOT_FOUND, store_shadow_of(house->store, slice_of(token.id), &shadow));
    end_due(house, 20 * DAY_S);
}

/* ---- what is suggested, what is told ---- */

static void
use(struct house *house, const struct token *token, enum used_kind kind, const char *item)
{
    struct token_used used = {.kind = kind, .day = NOW_S / DAY_S};

    snprintf(used.token_id, sizeof(used.token_id), "%s", token->id);
    snprintf(used.item, sizeof(used.item), "%s", item);
    OK(store_begin(house->store));
    OK(store_token_used_add(house->store, &used));
    OK(store_commit(house->store));
}

static void
test_what_is_suggested_leaves_out_what_was_not_used(void **state)
{
    struct house *house = *state;
    struct token token = ADD_BROAD(house, .title = SLICE(""));
    struct suggestion *suggestion AUTO(mem_done) = mem_new(sizeof(*suggestion));
    struct rights_set set;

    use(house, &token, USED_PERMISSION, "4");
    OK(suggest_read(house->store, &token, 90, NOW_S, suggestion));
    suggest_set(&token, suggestion, &set);
    assert_int_equal(permission_set_count(&set.permissions), 1);
    assert_int_equal(set.address_count, 2); /* none was used: nobody can have none */
    use(house, &token, USED_ADDRESS, "10.0.0.0/8");
    OK(suggest_read(house->store, &token, 90, NOW_S, suggestion));
    suggest_set(&token, suggestion, &set);
    assert_int_equal(set.address_count, 1);
    OK(START(&house->act, &token, .permissions = &set.permissions));
}

static void
add_miss(struct house *house, enum shadow_miss_kind kind, const char *item, int64_t count)
{
    struct shadow_miss miss = {.kind = kind,
                               .method = "GET",
                               .path = "/v3/things",
                               .count = count,
                               .first_at_s = NOW_S,
                               .last_at_s = NOW_S + count};

    snprintf(miss.item, sizeof(miss.item), "%s", item);
    OK(store_begin(house->store));
    OK(store_shadow_miss_add(house->store, shadow.id, &miss));
    OK(store_commit(house->store));
}

static void
test_the_report_has_names_and_what_is_left_out(void **state)
{
    struct house *house = *state;
    struct device_group lyon = add_group(house, "Lyon");
    struct token token = ADD_BROAD(house, .title = SLICE(""));
    struct shadow_report *report AUTO(shadow_report_free) = NULL;
    struct buffer text AUTO(buffer_done) = buffer_make(64 * 1024);
    struct json_writer writer = json_write_into(&text);
    struct slice inside = SLICE("10.0.0.0/8");
    struct permission_set less = only(PERMISSION_DEVICE_REPORTS_VIEW);
    char item[24];

    REFUSED(NOT_FOUND, shadow_report_read(house->store, &token, NOW_S, &report));
    OK(START(&house->act, &token, .permissions = &less, .addresses = &inside));
    snprintf(item, sizeof(item), "%lld", (long long)lyon.id);
    add_miss(house, MISS_PERMISSION, "11", 9);
    add_miss(house, MISS_ADDRESS, "192.0.2.9", 5);
    add_miss(house, MISS_GROUP, item, 3);
    add_miss(house, MISS_GROUP, "0", 2);
    add_miss(house, MISS_LESS, "", 1);
    add_miss(house, MISS_LESS, "", 3);
    OK(shadow_report_read(house->store, &token, NOW_S, &report));
    assert_int_equal(report->told_count, 5);
    assert_string_equal(report->told[0].what, "Software reports:View");
    assert_string_equal(report->told[1].what, "192.0.2.9");
    assert_int_equal(report->told[2].miss.count, 4); /* less, twice */
    assert_string_equal(report->told[3].what, "Lyon");
    assert_string_equal(report->told[4].what, "");
    OK(shadow_report_write(house->store, report, &writer));
    OK(json_write_done(&writer));
    char *json = mem_text(text.at, text.len);
    SAYS(json, "\"state\":\"running\"");
    SAYS(json, "\"without\":{\"permissions\":[\"Software reports:View\"],\"groups\":[],"
               "\"approvedAddresses\":[\"192.0.2.0/24\"]}");
    SAYS(json, "{\"method\":\"GET\",\"path\":\"/v3/things\",\"why\":\"fewer devices\","
               "\"what\":null,\"count\":4,\"firstAt\":\"2026-11-23T12:00:00.000Z\","
               "\"lastAt\":\"2026-11-23T12:00:03.000Z\"}");
    mem_free(&json);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(test_what_is_left_out_of_the_wish_is_the_tokens_own),
        IN_HOUSE(test_a_set_that_no_successor_could_have_is_refused),
        IN_HOUSE(test_all_that_the_token_has_is_nothing_to_try_out),
        IN_HOUSE(test_groups_are_some_of_the_tokens),
        IN_HOUSE(test_manage_brings_view_along_as_in_a_token),
        IN_HOUSE(test_days_are_1_to_90),
        IN_HOUSE(test_a_successor_can_have_what_was_tried_out),
        IN_HOUSE(test_only_who_manages_the_token_starts_and_stops),
        IN_HOUSE(test_a_token_that_cannot_be_rolled_has_no_shadow),
        IN_HOUSE(test_one_runs_at_a_time_and_the_next_takes_its_place),
        IN_HOUSE(test_its_beginning_and_its_stop_are_events_and_changes),
        IN_HOUSE(test_it_ends_by_itself_once_and_not_before),
        IN_HOUSE(test_an_end_that_nobody_told_is_told_by_the_next_beginning),
        IN_HOUSE(test_many_ends_are_carried_out_in_small_acts),
        IN_HOUSE(test_it_goes_with_its_token),
        IN_HOUSE(test_what_is_suggested_leaves_out_what_was_not_used),
        IN_HOUSE(test_the_report_has_names_and_what_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
