/* SPDX-License-Identifier: Apache-2.0
 *
 * Which tokens would miss an upstream. */
#include "support.h"

#include "rules/upstream_use.h"
#include "rules/upstreams.h"

#define TODAY (NOW_S / DAY_S)

/* One operation with a permission of its own, one with one of ours, one for any token. */
static const char DESCRIPTION[] =
    "openapi: 3.1.0\n"
    "info: {title: Orders, version: '1'}\n"
    "paths:\n"
    "  /a:\n"
    "    get: {x-tokenhouse: {permissions: ['Orders:View']}}\n"
    "    put: {x-tokenhouse: {permissions: ['Device reports:View']}}\n"
    "    delete: {x-tokenhouse: {permissions: []}}\n";

static struct upstream
add_upstream(struct house *house)
{
    struct route_source *own AUTO(route_source_drop) = route_source_new();
    struct upstream_check check AUTO(upstream_check_done) = {0};
    struct slice name = SLICE("Orders");
    struct slice prefix = SLICE("/orders");
    struct slice url = SLICE("http://127.0.0.1:9");
    struct slice document = slice_of(DESCRIPTION);
    struct upstream_wish wish = {.name = &name,
                                 .prefix = &prefix,
                                 .urls = &url,
                                 .url_count = 1,
                                 .document = &document};

    OK(upstream_add(&house->act, own, &wish, &check));
    return check.upstream;
}

static uint16_t
number_of(const char *name)
{
    uint16_t number = PERMISSION_NONE;

    OK(permission_read(slice_of(name), &number));
    return number;
}

/* The token used what has this number on this day. */
static void
use(struct house *house, const struct token *token, unsigned number, int64_t day)
{
    struct token_used used = {.kind = USED_PERMISSION, .day = day};

    snprintf(used.token_id, sizeof(used.token_id), "%s", token->id);
    snprintf(used.item, sizeof(used.item), "%u", number);
    OK(store_begin(house->store));
    OK(store_token_used_add(house->store, &used));
    OK(store_commit(house->store));
}

static struct upstream_use
read_use(struct house *house, const struct upstream *upstream)
{
    struct upstream_use found;

    OK(upstream_use_read(house->store, upstream, NOW_S, &found, &house->failure));
    return found;
}

/* 2020: it is known of all thirty days. */
static void
know_long(struct house *house)
{
    OK(store_begin(house->store));
    OK(store_fact_set(house->store, "used_since_day", "18262", 5));
    OK(store_commit(house->store));
}

static void
test_who_used_what_it_asks_for_in_thirty_days_would_miss_it(void **state)
{
    struct house *house = *state;
    struct upstream upstream = add_upstream(house);
    struct token early = add_token(house, &house->admin, "early");
    struct token late = add_token(house, &house->admin, "late");
    struct token old = add_token(house, &house->admin, "old");
    struct token other = add_token(house, &house->admin, "other");
    unsigned view = number_of("Orders:View");

    know_long(house);
    assert_int_equal(read_use(house, &upstream).total, 0);
    use(house, &early, view, TODAY - 29);
    use(house, &late, number_of("Device reports:View"), TODAY);
    use(house, &old, view, TODAY - 30);
    use(house, &other, number_of("Device Fields:View"), TODAY);
    use(house, &other, view / 10, TODAY); /* a part of the number is another */
    use(house, &other, view * 10, TODAY);
    struct upstream_use found = read_use(house, &upstream);
    assert_int_equal(found.total, 2);
    assert_int_equal(found.count, 2);
    assert_string_equal(found.tokens[0].token_id, late.id);
    assert_string_equal(found.tokens[1].title, "early");
    assert_string_equal(found.tokens[1].user_email, ADMIN);
    assert_int_equal(found.tokens[1].day, TODAY - 29);
    assert_int_equal(found.open_count, 1);
    assert_true(found.is_whole);
}

static void
test_what_cannot_be_used_anyway_does_not_count(void **state)
{
    struct house *house = *state;
    struct upstream upstream = add_upstream(house);
    struct user grace = add_user(house, "grace@example.com", "System Administrator");
    struct token suspended = add_token(house, &house->admin, "suspended");
    struct token hers = add_token(house, &grace, "hers");
    struct upstream_use found;

    know_long(house);
    use(house, &suspended, number_of("Orders:View"), TODAY);
    use(house, &hers, number_of("Orders:View"), TODAY);
    assert_int_equal(read_use(house, &upstream).total, 2);
    OK(token_suspend(&house->act, slice_of(suspended.id)));
    assert_int_equal(read_use(house, &upstream).total, 1);
    OK(upstream_use_read(house->store, &upstream, hers.expires_at_s - 1, &found,
                         &house->failure));
    assert_int_equal(found.total, 0); /* it was used long ago by then */
    use(house, &hers, number_of("Orders:View"), hers.expires_at_s / DAY_S - 1);
    OK(upstream_use_read(house->store, &upstream, hers.expires_at_s - 1, &found,
                         &house->failure));
    assert_int_equal(found.total, 1);
    OK(upstream_use_read(house->store, &upstream, hers.expires_at_s, &found,
                         &house->failure));
    assert_int_equal(found.total, 0);
    OK(user_suspend(&house->act, SLICE("grace@example.com")));
    assert_int_equal(read_use(house, &upstream).total, 0);
}

static void
test_ten_are_named_and_all_are_counted(void **state)
{
    struct house *house = *state;
    struct upstream upstream = add_upstream(house);
    struct token newest = {0};

    know_long(house);
    for (int i = 0; i <= UPSTREAM_USE_SHOWN; i++) {
        newest = add_token(house, &house->admin, "one");
        use(house, &newest, number_of("Orders:View"), TODAY - UPSTREAM_USE_SHOWN + i);
    }
    struct upstream_use found = read_use(house, &upstream);
    assert_int_equal(found.total, UPSTREAM_USE_SHOWN + 1);
    assert_int_equal(found.count, UPSTREAM_USE_SHOWN);
    assert_string_equal(found.tokens[0].token_id, newest.id);
    assert_int_equal(found.tokens[UPSTREAM_USE_SHOWN - 1].day,
                     TODAY - UPSTREAM_USE_SHOWN + 1);
}

/* A house that has kept this for a day only says so. */
static void
test_what_is_not_known_is_said(void **state)
{
    struct house *house = *state;
    struct upstream upstream = add_upstream(house);
    char day[24];

    snprintf(day, sizeof(day), "%lld", (long long)TODAY - 29);
    OK(store_begin(house->store));
    OK(store_fact_set(house->store, "used_since_day", day, strlen(day)));
    OK(store_commit(house->store));
    assert_true(read_use(house, &upstream).is_whole);
    snprintf(day, sizeof(day), "%lld", (long long)TODAY - 28);
    OK(store_begin(house->store));
    OK(store_fact_set(house->store, "used_since_day", day, strlen(day)));
    OK(store_commit(house->store));
    assert_false(read_use(house, &upstream).is_whole);
    assert_int_equal(read_use(house, &upstream).since_day, TODAY - 28);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(test_who_used_what_it_asks_for_in_thirty_days_would_miss_it),
        IN_HOUSE(test_what_cannot_be_used_anyway_does_not_count),
        IN_HOUSE(test_ten_are_named_and_all_are_counted),
        IN_HOUSE(test_what_is_not_known_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
