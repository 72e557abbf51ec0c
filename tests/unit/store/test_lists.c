/* SPDX-License-Identifier: Apache-2.0
 *
 * A list shows everything that passes its filter, once, in the order that was asked for,
 * however it is cut into pages; and nothing else. */
#include "support.h"

#include "base/arena.h"
#include "base/random.h"
#include "store/store_devices.h"
#include "store/store_lists.h"

enum { TOKEN_COUNT = 60, NOW_S = 1795435200 };

static struct place place;
static struct arena arena;
static int64_t admin_role, guard_role;
static int64_t ada, bob; /* users */

static int
setup(void **state)
{
    (void)state;
    place = place_make();
    OK(store_begin(place.store));
    admin_role = add_role(place.store, "Zoo keeper", true);
    guard_role = add_role(place.store, "Guard", false);
    ada = add_user(place.store, "ada@example.org", admin_role);
    bob = add_user(place.store, "bob@example.org", guard_role);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    store_undo(place.store);
    place_done(&place);
    arena_done(&arena);
    return 0;
}

static struct token
add_titled(int64_t user_id, const char *title, int64_t expires_at_s)
{
    struct token token = make_token(user_id, date_of(expires_at_s));

    token.expires_at_s = expires_at_s;
    snprintf(token.title, sizeof(token.title), "%s", title);
    OK(store_token_add(place.store, &token));
    return token;
}

/* Tokens that are alike in many ways, so that sorts meet equals. */
static void
add_many(void)
{
    static const char *const TITLES[] = {"Report", "report", "Ärger", "ärger", "Zoo"};

    for (int i = 0; i < TOKEN_COUNT; i++) {
        struct token token = make_token(i % 3 ? ada : bob, (struct date){2027, 1, 1});
        snprintf(token.title, sizeof(token.title), "%s", TITLES[i % 5]);
        token.expires_at_s = NOW_S + (i % 7 - 2) * DAY_S;
        token.is_suspended = i % 11 == 0;
        token.created_at_s = 100 + i % 4;
        token.changed_at_s = 100 + i % 6;
        if (i % 2) {
            token.alg = ALG_ES256;
            token.sealed_len = 0;
        }
        OK(store_token_add(place.store, &token));
        struct token_use use = {.last_used_at_s = 500 + i % 5, .more = 1};
        snprintf(use.id, sizeof(use.id), "%s", token.id);
        if (i % 3 == 0)
            OK(store_token_add_uses(place.store, &use, 1));
    }
}

/* Which sort value comes first? */
static int
compare_marks(const struct list_mark *a, const struct list_mark *b)
{
    size_t len = a->text.len < b->text.len ? a->text.len : b->text.len;
    int order = len ? memcmp(a->text.at, b->text.at, len) : 0;

    if (order == 0 && a->text.len != b->text.len)
        order = a->text.len < b->text.len ? -1 : 1;
    if (order == 0 && a->number != b->number)
        order = a->number < b->number ? -1 : 1;
    if (order == 0 && a->id.len > 0)
        order = memcmp(a->id.at, b->id.at, a->id.len);
    if (order == 0 && a->id_number != b->id_number)
        order = a->id_number < b->id_number ? -1 : 1;
    return order;
}

typedef enum status finder(const struct list_page *page, struct list_found *out);

static enum status
find_tokens(const struct list_page *page, struct list_found *out)
{
    struct token_filter filter = {.now_s = NOW_S};

    return store_token_find(place.store, &filter, page, &arena, out);
}

static enum status
find_tokens_by_text(const struct list_page *page, struct list_found *out)
{
    struct token_filter filter = {.now_s = NOW_S, .text = SLICE("R")};

    return store_token_find(place.store, &filter, page, &arena, out);
}

static enum status
find_users(const struct list_page *page, struct list_found *out)
{
    struct user_filter filter = {.is_suspended = -1};

    return store_user_find(place.store, &filter, page, &arena, out);
}

static enum status
find_roles(const struct list_page *page, struct list_found *out)
{
    return store_role_find(place.store, SLICE(""), page, &arena, out);
}

static enum status
find_groups(const struct list_page *page, struct list_found *out)
{
    struct group_filter filter = {0};

    return store_group_find(place.store, &filter, page, &arena, out);
}

/* Walks a list to its end; gives how many rows it had. */
static size_t
walk(finder *find, const char *sort, bool is_descending, size_t page_size)
{
    struct list_page page = {
        .sort = slice_of(sort), .is_descending = is_descending, .count = page_size};
    struct list_mark last = {0};
    size_t seen = 0;

    for (;;) {
        struct list_found found = {0};
        OK(find(&page, &found));
        assert_true(found.count <= page_size);
        for (size_t i = 0; i < found.count; i++) {
            const struct list_mark *mark = &found.rows[i].mark;
            if (last.is_there)
                assert_true(is_descending ? compare_marks(mark, &last) < 0
                                          : compare_marks(mark, &last) > 0);
            last = *mark;
        }
        seen += found.count;
        if (!found.is_more) {
            assert_int_equal(found.total, seen);
            return seen;
        }
        assert_int_equal(found.count, page_size);
        page.after = last;
    }
}

static void
check_walks(finder *find, const char *const *sorts, size_t wanted)
{
    static const size_t PAGES[] = {1, 7, 100};

    for (; *sorts; sorts++) {
        for (size_t i = 0; i < COUNT_OF(PAGES); i++) {
            assert_int_equal(walk(find, *sorts, false, PAGES[i]), wanted);
            assert_int_equal(walk(find, *sorts, true, PAGES[i]), wanted);
        }
    }
}

static void
test_every_sort_of_tokens_shows_each_once(void **state)
{
    static const char *const SORTS[] = {
        "",        "expiresOn",  "title",     "kind",      "label",
        "creator", "lastUsedAt", "changedAt", "createdAt", NULL};

    (void)state;
    add_many();
    check_walks(find_tokens, SORTS, TOKEN_COUNT);
    /* "R" is in Report, Ärger and the e-mail addresses' "@example.org" */
    check_walks(find_tokens_by_text, SORTS, TOKEN_COUNT);
}

static void
test_every_sort_of_people_shows_each_once(void **state)
{
    static const char *const USER_SORTS[] = {"",     "email",     "name",
                                             "role", "createdAt", NULL};
    static const char *const ROLE_SORTS[] = {"", "name", "userCount", "createdAt", NULL};
    static const char *const GROUP_SORTS[] = {
        "", "name", "folder", "deviceCount", "userCount", "createdAt", NULL};

    (void)state;
    for (int i = 0; i < 20; i++) {
        char name[32];
        snprintf(name, sizeof(name), "n%02d@example.org", i);
        add_user(place.store, name, i % 2 ? admin_role : guard_role);
        add_role(place.store, name, false);
        add_group(place.store, name);
    }
    check_walks(find_users, USER_SORTS, 22);
    check_walks(find_roles, ROLE_SORTS, 22);
    check_walks(find_groups, GROUP_SORTS, 20);
}

static void
test_an_unknown_sort_is_refused(void **state)
{
    struct list_page page = {.sort = SLICE("title; DROP TABLE token"), .count = 5};
    struct list_found found = {0};

    (void)state;
    assert_false(store_list_has_sort(LIST_TOKENS, page.sort));
    assert_true(store_list_has_sort(LIST_TOKENS, SLICE("title")));
    assert_false(store_list_has_sort(LIST_USERS, SLICE("title")));
    assert_int_equal(find_tokens(&page, &found), STATUS_MALFORMED);
}

/* How many tokens pass. */
static int64_t
count_tokens(struct token_filter filter)
{
    struct list_page page = {.count = 1};
    struct list_found found = {0};

    filter.now_s = filter.now_s ? filter.now_s : NOW_S;
    OK(store_token_find(place.store, &filter, &page, &arena, &found));
    assert_true(found.count == (size_t)(found.total > 0));
    return found.total;
}

#define COUNT(...) count_tokens((struct token_filter){__VA_ARGS__})

static void
test_a_label_holds_to_the_second(void **state)
{
    unsigned active = 1u << TOKEN_ACTIVE;
    unsigned soon = 1u << TOKEN_EXPIRES_SOON;
    unsigned expired = 1u << TOKEN_EXPIRED;
    unsigned suspended = 1u << TOKEN_SUSPENDED;

    (void)state;
    add_titled(ada, "dead", NOW_S);
    add_titled(ada, "soon", NOW_S + 1);
    add_titled(ada, "soon too", NOW_S + TOKEN_SOON_S);
    add_titled(ada, "active", NOW_S + TOKEN_SOON_S + 1);
    assert_int_equal(COUNT(.labels = expired), 1);
    assert_int_equal(COUNT(.labels = soon), 2);
    assert_int_equal(COUNT(.labels = active), 1);
    assert_int_equal(COUNT(.labels = suspended), 0);
    assert_int_equal(COUNT(.labels = active | expired), 2);
    assert_int_equal(COUNT(.labels = expired, .now_s = NOW_S - 1), 0);
    assert_int_equal(COUNT(.labels = soon, .now_s = NOW_S - 1), 2);
    assert_int_equal(COUNT(.labels = 1u << 9), 0); /* no label: nothing, not all */

    struct token token = add_titled(ada, "asleep", NOW_S + 1);
    token.is_suspended = true;
    token.version = 1;
    OK(store_token_change(place.store, &token));
    assert_int_equal(COUNT(.labels = suspended), 1);
    assert_int_equal(COUNT(.labels = suspended, .now_s = NOW_S + 1), 0);
    assert_int_equal(COUNT(.labels = soon), 2);
}

static void
test_what_nobody_uses_is_found(void **state)
{
    struct token_use use = {.last_used_at_s = NOW_S + 5, .more = 1};
    struct token token = add_titled(ada, "used", NOW_S + DAY_S);
    int64_t made_s = token.created_at_s;

    (void)state;
    add_titled(ada, "never used", NOW_S + DAY_S);
    add_titled(ada, "never used and dead", NOW_S - 1);
    memcpy(use.id, token.id, sizeof(use.id));
    OK(store_token_add_uses(place.store, &use, 1));
    assert_int_equal(COUNT(.is_by_idle = true, .is_idle = true, .idle_since_s = made_s),
                     1);
    assert_int_equal(COUNT(.is_by_idle = true, .idle_since_s = made_s), 2); /* the rest */
    assert_int_equal(
        COUNT(.is_by_idle = true, .is_idle = true, .idle_since_s = made_s - 1), 0);
    assert_int_equal(
        COUNT(.is_by_idle = true, .is_idle = true, .idle_since_s = NOW_S + 4), 1);
    assert_int_equal(
        COUNT(.is_by_idle = true, .is_idle = true, .idle_since_s = NOW_S + 5), 2);
    assert_int_equal(COUNT(.is_by_idle = true, .is_idle = true, .idle_since_s = -1), 0);
}

static void
test_a_text_is_found_where_it_is(void **state)
{
    struct token token;

    (void)state;
    token = add_titled(ada, "100% ÄRGER_mit", NOW_S + DAY_S);
    add_titled(bob, "quiet", NOW_S + DAY_S);
    assert_int_equal(COUNT(.text = SLICE("ärger")), 1);
    assert_int_equal(COUNT(.text = SLICE("0% Ä")), 1);
    assert_int_equal(COUNT(.text = SLICE("%quiet")), 0); /* no wildcard */
    assert_int_equal(COUNT(.text = SLICE("q_iet")), 0);
    assert_int_equal(COUNT(.text = SLICE("\\")), 0);
    assert_int_equal(COUNT(.text = SLICE("«DEVICES»")), 2); /* the description */
    assert_int_equal(COUNT(.text = slice_of(token.id)), 1);
    assert_int_equal(COUNT(.text = SLICE("BOB@")), 1); /* the creator */
    assert_int_equal(COUNT(.text = SLICE("löve")), 2); /* their name */
    assert_int_equal(COUNT(.text = SLICE("nobody")), 0);
    assert_int_equal(COUNT(.text = SLICE("quiet"), .seen_by = ada), 0);
    assert_int_equal(COUNT(.text = SLICE("quiet"), .seen_by = bob), 1);
    assert_int_equal(COUNT(.seen_by = ada, .creator_id = bob), 0);
    assert_int_equal(COUNT(.alg = ALG_HS256), 2);
    assert_int_equal(COUNT(.alg = ALG_ES256), 0);
}

static void
test_users_are_filtered(void **state)
{
    int64_t group = add_group(place.store, "Paris");
    struct list_page page = {.count = 10};
    struct list_found found = {0};
    struct user_filter filter = {.is_suspended = -1, .role_id = guard_role};

    (void)state;
    OK(store_user_groups_set(place.store, ada, &group, 1));
    OK(store_user_find(place.store, &filter, &page, &arena, &found));
    assert_int_equal(found.total, 1);
    assert_int_equal(found.rows[0].id, bob);
    filter = (struct user_filter){.is_suspended = 1};
    OK(store_user_find(place.store, &filter, &page, &arena, &found));
    assert_int_equal(found.total, 0);
    filter = (struct user_filter){.is_suspended = -1, .group_id = group};
    OK(store_user_find(place.store, &filter, &page, &arena, &found));
    assert_int_equal(found.total, 1);
    assert_int_equal(found.rows[0].id, ada);
    filter = (struct user_filter){.is_suspended = 0, .text = SLICE("ADA@")};
    OK(store_user_find(place.store, &filter, &page, &arena, &found));
    assert_int_equal(found.total, 1);
}

static void
test_groups_tell_what_is_in_them(void **state)
{
    int64_t group = add_group(place.store, "Paris");
    int64_t other = add_group(place.store, "London");
    struct token token = make_token(ada, (struct date){2027, 1, 1});
    struct list_page page = {.count = 10};
    struct list_found found = {0};
    struct group_filter filter = {.of_user = ada};
    struct group_counts counts = {0};

    (void)state;
    token.group_ids[0] = group;
    token.group_count = 1;
    OK(store_token_add(place.store, &token));
    OK(store_user_groups_set(place.store, ada, &group, 1));
    OK(store_device_group_set(place.store, 4711, group, true));
    OK(store_device_group_set(place.store, 4712, group, true));
    OK(store_group_count(place.store, group, &counts));
    assert_int_equal(counts.devices, 2);
    assert_int_equal(counts.users, 1);
    assert_int_equal(counts.tokens, 1);
    OK(store_group_count(place.store, other, &counts));
    assert_int_equal(counts.devices + counts.users + counts.tokens, 0);
    OK(store_group_find(place.store, &filter, &page, &arena, &found));
    assert_int_equal(found.total, 1);
    assert_int_equal(found.rows[0].id, group);
    filter = (struct group_filter){.text = SLICE("LON")};
    OK(store_group_find(place.store, &filter, &page, &arena, &found));
    assert_int_equal(found.total, 1);
    assert_int_equal(found.rows[0].id, other);
}

/* ---- events ---- */

static int64_t
add_event(enum event_kind kind, const char *actor, const char *object,
          const char *details)
{
    struct event event = {.at_ms = 1000,
                          .kind = kind,
                          .actor_kind = ACTOR_USER,
                          .details = slice_of(details)};
    int64_t id = 0;

    snprintf(event.actor_id, sizeof(event.actor_id), "uid-%s", actor);
    snprintf(event.actor_name, sizeof(event.actor_name), "%s@example.org", actor);
    snprintf(event.object_id, sizeof(event.object_id), "%s", object);
    snprintf(event.object_name, sizeof(event.object_name), "the %s", object);
    OK(store_event_add(place.store, &event, &id));
    return id;
}

static bool
keep_id(void *ctx, const struct event *event)
{
    char *seen = ctx;
    size_t len = strlen(seen);

    snprintf(seen + len, 100 - len, "%lld ", (long long)event->id);
    return true;
}

/* The ids that pass, newest first; the count must be the same. */
static void
check_events(struct event_filter filter, const char *wanted)
{
    char seen[100] = "";
    int64_t count = 0;
    int64_t reached = 0;
    int64_t blanks = 0;

    OK(store_event_find(place.store, &filter, 50, &arena, keep_id, seen, &reached));
    assert_string_equal(seen, wanted);
    OK(store_event_count(place.store, &filter, 100, &arena, &count));
    for (const char *at = wanted; *at; at++)
        blanks += *at == ' ';
    if (filter.before_id == 0)
        assert_int_equal(count, blanks);
}

#define EVENTS(wanted, ...) check_events((struct event_filter){__VA_ARGS__}, wanted)

static void
test_events_are_found_by_what_they_say(void **state)
{
    struct token token = make_token(ada, (struct date){2027, 1, 1});
    struct user user = {0};
    char seen[100] = "";
    struct event_filter all = {0};
    int64_t count = 0;
    int64_t reached = 0;

    (void)state;
    OK(store_token_add(place.store, &token));
    OK(store_user_by_id(place.store, ada, &user));
    add_event(EVENT_TOKEN_UPDATED, "eve", token.id, "{\"title\":\"GROSS\"}");
    add_event(EVENT_USER_UPDATED, "eve", user.uid, "{\"50%\":1}");
    add_event(EVENT_USER_UPDATED, "mallory", "somebody else", "{}");
    snprintf(user.uid, sizeof(user.uid), "uid-mallory");

    EVENTS("3 2 1 ", .before_id = 0);
    EVENTS("2 1 ", .before_id = 3);
    EVENTS("3 ", .newer_than_id = 2);
    EVENTS("", .newer_than_id = 3);
    EVENTS("", .newer_than_id = INT64_MAX);
    EVENTS("3 2 ", .kinds = 1u << EVENT_USER_UPDATED);
    EVENTS("", .kinds = UINT64_C(1) << 40);
    EVENTS("2 1 ", .actor = SLICE("EVE@"));
    EVENTS("3 ", .actor = SLICE("uid-mallory"));
    EVENTS("", .actor = SLICE("uid-mallor")); /* an id is whole or not at all */
    EVENTS("1 ", .object_id = slice_of(token.id));
    EVENTS("1 ", .text = SLICE("gross"));
    EVENTS("2 ", .text = SLICE("50%"));
    EVENTS("", .text = SLICE("5%%"));
    EVENTS("3 ", .text = SLICE("The Somebody"));
    EVENTS("3 2 1 ", .from_ms = 1000);
    EVENTS("", .from_ms = 1001);
    EVENTS("", .to_ms = 1000);
    EVENTS("3 2 1 ", .to_ms = 1001);
    /* own tokens and oneself, as object and as actor; nothing of others */
    EVENTS("3 1 ", .seen_by = &user);
    OK(store_event_find(place.store, &all, 2, &arena, keep_id, seen, &reached));
    assert_string_equal(seen, "3 2 ");
    all.kinds = 1u << EVENT_USER_UPDATED;
    OK(store_event_count(place.store, &all, 1, &arena, &count));
    assert_int_equal(count, -1); /* more than one */
}

struct walked {
    int64_t last_id, count;
};

static bool
walk_down(void *ctx, const struct event *event)
{
    struct walked *walked = ctx;

    assert_true(walked->last_id == 0 || event->id < walked->last_id);
    walked->last_id = event->id;
    walked->count++;
    return true;
}

/* Goes on from where each search stopped; gives how many searches there were. */
static int
search_to_the_end(struct event_filter filter, size_t at_once, struct walked *out)
{
    int search_count = 0;
    int64_t reached = 0;

    *out = (struct walked){0};
    do {
        filter.before_id = reached;
        OK(store_event_find(place.store, &filter, at_once, &arena, walk_down, out,
                            &reached));
        search_count++;
    } while (reached != 0);
    return search_count;
}

static void
test_a_search_without_time_goes_on_where_it_stopped(void **state)
{
    enum { EVENT_COUNT = 40 * 1000, RARE_EVERY = 9000 };
    struct event_filter rare = {.text = SLICE("needle"), .until_ms = 1};
    struct event_filter never = {.text = SLICE("nowhere"), .until_ms = 1};
    struct event_filter often = {.actor = SLICE("eve"), .until_ms = 1};
    struct event_filter timed = {.from_ms = 1000, .to_ms = 1001, .until_ms = 1};
    struct walked walked;
    int64_t count = 0;
    int64_t reached = 0;

    (void)state;
    for (int i = 1; i <= EVENT_COUNT; i++)
        add_event(EVENT_USER_UPDATED, "eve", i % RARE_EVERY == 0 ? "needle" : "hay",
                  "{}");

    assert_true(search_to_the_end(rare, 50, &walked) > 3);
    assert_int_equal(walked.count, EVENT_COUNT / RARE_EVERY);
    assert_true(search_to_the_end(never, 50, &walked) > 3);
    assert_int_equal(walked.count, 0);
    search_to_the_end(often, 999, &walked);
    assert_int_equal(walked.count, EVENT_COUNT);
    search_to_the_end(timed, 1000, &walked);
    assert_int_equal(walked.count, EVENT_COUNT);
    /* without a limit one search is enough; of one object it always is */
    rare.until_ms = 0;
    assert_int_equal(search_to_the_end(rare, 50, &walked), 1);
    assert_int_equal(walked.count, EVENT_COUNT / RARE_EVERY);
    struct event_filter object = {.object_id = SLICE("needle"), .until_ms = 1};
    assert_int_equal(search_to_the_end(object, 50, &walked), 1);
    assert_int_equal(walked.count, EVENT_COUNT / RARE_EVERY);
    /* what is newer than one that was seen is a short look */
    rare.until_ms = 1;
    rare.newer_than_id = EVENT_COUNT - 10;
    OK(store_event_find(place.store, &rare, 50, &arena, walk_down, &walked, &reached));
    assert_int_equal(reached, 0);

    OK(store_event_count(place.store, &never, 100, &arena, &count));
    assert_int_equal(count, -1); /* no time */
    never.until_ms = 0;
    OK(store_event_count(place.store, &never, 100, &arena, &count));
    assert_int_equal(count, 0);
    often.until_ms = 0;
    OK(store_event_count(place.store, &often, EVENT_COUNT, &arena, &count));
    assert_int_equal(count, EVENT_COUNT);
    OK(store_event_count(place.store, &often, EVENT_COUNT - 1, &arena, &count));
    assert_int_equal(count, -1);
}

/* ---- days of use ---- */

static void
keep_day(void *ctx, const struct token_use_day *day)
{
    char *seen = ctx;
    size_t len = strlen(seen);

    snprintf(seen + len, 100 - len, "%lld:%s:%lld ", (long long)day->day, day->outcome,
             (long long)day->count);
}

static void
test_days_of_use_add_up(void **state)
{
    struct token token = make_token(ada, (struct date){2027, 1, 1});
    char seen[100] = "";
    struct token_use_day days[] = {{.day = 7, .outcome = "permitted", .count = 2},
                                   {.day = 7, .outcome = "expired", .count = 1},
                                   {.day = 7, .outcome = "permitted", .count = 3},
                                   {.day = 8, .outcome = "permitted", .count = 4},
                                   {.id = "unknown", .day = 8, .outcome = "rate"}};

    (void)state;
    OK(store_token_add(place.store, &token));
    for (size_t i = 0; i < 4; i++)
        snprintf(days[i].id, sizeof(days[i].id), "%s", token.id);
    OK(store_token_add_use_days(place.store, days, COUNT_OF(days)));
    OK(store_token_list_use_days(place.store, slice_of(token.id), 7, 8, keep_day, seen));
    assert_string_equal(seen, "7:expired:1 7:permitted:5 8:permitted:4 ");
    seen[0] = '\0';
    OK(store_token_list_use_days(place.store, SLICE("unknown"), 0, 9, keep_day, seen));
    assert_string_equal(seen, "");
    OK(store_token_prune_use_days(place.store, 8, 1));
    OK(store_token_list_use_days(place.store, slice_of(token.id), 0, 9, keep_day, seen));
    assert_string_equal(seen, "7:permitted:5 8:permitted:4 ");
    OK(store_token_prune_use_days(place.store, 8, 100));
    seen[0] = '\0';
    OK(store_token_list_use_days(place.store, slice_of(token.id), 0, 9, keep_day, seen));
    assert_string_equal(seen, "8:permitted:4 ");
    OK(store_token_remove(place.store, slice_of(token.id)));
    seen[0] = '\0';
    OK(store_token_list_use_days(place.store, slice_of(token.id), 0, 9, keep_day, seen));
    assert_string_equal(seen, "");
}

#define LISTED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LISTED(test_every_sort_of_tokens_shows_each_once),
        LISTED(test_every_sort_of_people_shows_each_once),
        LISTED(test_an_unknown_sort_is_refused),
        LISTED(test_a_label_holds_to_the_second),
        LISTED(test_what_nobody_uses_is_found),
        LISTED(test_a_text_is_found_where_it_is),
        LISTED(test_users_are_filtered),
        LISTED(test_groups_tell_what_is_in_them),
        LISTED(test_events_are_found_by_what_they_say),
        LISTED(test_a_search_without_time_goes_on_where_it_stopped),
        LISTED(test_days_of_use_add_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
