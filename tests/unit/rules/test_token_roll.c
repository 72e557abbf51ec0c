/* SPDX-License-Identifier: Apache-2.0
 *
 * Rolling: what a successor can have, how the old token ends, and that all of it happens
 * once. */
#include "support.h"

#include <signal.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "rules/alarms.h"
#include "rules/notices.h"
#include "rules/token_roll.h"
#include "store/store_letters.h"

#define GRACE "grace@example.com"

static const char KEY[] =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zO"
    "g9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==";

/* What came of the last roll; 22 KB. */
static struct token_rolled rolled;

static struct act
later(const struct house *house, int64_t seconds)
{
    struct act act = house->act;

    act.now_ms += seconds * 1000;
    return act;
}

static enum status
roll(const struct act *act, const struct token *token, struct token_roll wish)
{
    return token_roll(act, slice_of(token->id), &wish, &rolled);
}
#define ROLL(act, token, ...) roll((act), (token), (struct token_roll){__VA_ARGS__})

static struct permission_set
set_of(uint8_t first, uint8_t second)
{
    struct permission_set set = {{0}};

    permission_set_add(&set, first);
    permission_set_add(&set, second);
    return set;
}

/* A token of `user` with reports and software to see. */
static struct token
add_wished(struct house *house, const struct user *user, struct token_wish wish)
{
    static struct permission_set two;
    struct token token = {0};
    struct secret secret AUTO(secret_done) = {0};

    two = set_of(PERMISSION_DEVICE_REPORTS_VIEW, PERMISSION_SOFTWARE_REPORTS_VIEW);
    wish.title = SLICE("Nightly");
    wish.permissions = &two;
    OK(token_make(&house->act, user->id, &wish, &token, &secret));
    return token;
}
#define ADD_WISHED(house, user, ...) \
    add_wished((house), (user), (struct token_wish){__VA_ARGS__})

static struct user
add_role_and_user(struct house *house, struct permission_set permissions)
{
    struct role role = {0};

    permission_set_add(&permissions, PERMISSION_API_CREDENTIALS_MANAGE);
    OK(role_add(&house->act, SLICE("Callers"), &permissions, &role));
    return add_user(house, GRACE, "Callers");
}

/* The housekeeper's turn at this moment. */
static void
carry_out(struct house *house, int64_t now_s)
{
    bool is_more = true;

    while (is_more)
        OK(notices_carry_out(house->store, now_s * 1000, &is_more));
}

static int
events(struct house *house, const char *token_id, enum event_kind kind)
{
    struct event_query query = {.kind = kind, .count = 1000};
    struct seen seen = {0};

    snprintf(query.object_id, sizeof(query.object_id), "%s", token_id);
    OK(store_event_list(house->store, &query, see_event, &seen));
    return seen.count;
}

static bool
count_letter(void *ctx, const struct letter *letter)
{
    int *counts = ctx;

    counts[letter->kind] += (int)letter->line_count;
    return true;
}

static int
letters(struct house *house, enum notice_kind kind)
{
    int counts[16] = {0};
    struct letter_query all = {.count = 1000};

    OK(store_letter_list(house->store, &all, count_letter, counts));
    return counts[kind];
}

/* ---- the successor ---- */

static void
test_a_successor_is_like_the_old_token_with_another_key(void **state)
{
    struct house *house = *state;
    struct token old = ADD_WISHED(house, &house->admin, .description = SLICE("why"),
                                  .expires_on = SLICE("2026-12-23"),
                                  .addresses = SLICE("192.0.2.0/24 2001:db8::1"));
    struct act act = later(house, 10 * DAY_S); /* 2026-12-03 */

    OK(ROLL(&act, &old, .overlap_days = 7));
    const struct token *new = &rolled.successor;
    assert_string_not_equal(new->id, old.id);
    assert_string_equal(new->title, "Nightly");
    assert_string_equal(new->description, "why");
    assert_int_equal(new->user_id, old.user_id);
    assert_memory_equal(&new->permissions, &old.permissions, sizeof(old.permissions));
    assert_int_equal(new->address_count, 2);
    assert_memory_equal(new->addresses, old.addresses, 2 * sizeof(old.addresses[0]));
    assert_int_equal(date_compare(new->expires_on, (struct date){2027, 1, 2}), 0);
    assert_int_equal(rolled.secret.len, SECRET_KEY_CHARS);
    assert_int_equal(new->alg, ALG_HS256);
    assert_string_equal(read_token(house, new).replaces, old.id);

    struct token kept = read_token(house, &old);
    assert_string_equal(kept.replaced_by, new->id);
    assert_int_equal(kept.expires_at_s, NOW_S + 17 * DAY_S);
    assert_int_equal(date_compare(kept.expires_on, old.expires_on), 0);
    assert_int_equal(kept.version, old.version + 1);
    SAYS(events_of(house, old.id).details, "\"action\":\"rolled\"");
    SAYS(events_of(house, old.id).details, new->id);
    SAYS(events_of(house, old.id).details, "2026-12-10T12:00:00.000Z");
    SAYS(events_of(house, new->id).details, "\"action\":\"created\"");
    SAYS(events_of(house, new->id).details, "\"replaces\"");
    assert_int_equal(letters(house, NOTICE_CREATED), 2);
}

static void
test_a_life_is_as_long_as_the_old_one_was_given_but_a_year_at_most(void **state)
{
    struct house *house = *state;
    struct token old =
        ADD_WISHED(house, &house->admin, .expires_on = SLICE("2027-11-23"));
    struct slice today = SLICE("2026-11-23");

    OK(ROLL(&house->act, &old, .overlap_days = 1));
    assert_int_equal(
        date_compare(rolled.successor.expires_on, (struct date){2027, 11, 23}), 0);
    struct token again = rolled.successor;
    struct slice to = SLICE("2026-11-24");
    REFUSED(MALFORMED, ROLL(&house->act, &again, .expires_on = today));
    REFUSED(MALFORMED, ROLL(&house->act, &again, .expires_on = SLICE("2027-11-24")));
    OK(ROLL(&house->act, &again, .expires_on = to));
    assert_int_equal(
        date_compare(rolled.successor.expires_on, (struct date){2026, 11, 24}), 0);
}

static void
test_the_kind_of_key_can_change_but_the_key_must(void **state)
{
    struct house *house = *state;
    struct token old = ADD_WISHED(house, &house->admin, .public_key = SLICE(KEY));

    REFUSED(MALFORMED, ROLL(&house->act, &old, .public_key = SLICE(KEY)));
    SAYS(house->failure.text, "this is the key of the token");
    assert_string_equal(read_token(house, &old).replaced_by, "");
    OK(ROLL(&house->act, &old, .overlap_days = 3));
    assert_int_equal(rolled.successor.alg, ALG_HS256);
    struct token hs = rolled.successor;
    OK(ROLL(&house->act, &hs, .public_key = SLICE(KEY)));
    assert_int_equal(rolled.successor.alg, ALG_ES256);
    assert_int_equal(rolled.secret.len, 0);
}

/* ---- rights ---- */

static void
test_a_successor_has_no_permission_that_the_old_token_lacks(void **state)
{
    struct house *house = *state;
    struct token old = ADD_WISHED(house, &house->admin, .title = SLICE("x"));
    struct permission_set one = {{0}};
    struct permission_set more =
        set_of(PERMISSION_DEVICE_REPORTS_VIEW, PERMISSION_GEOLOCATION_VIEW);

    permission_set_add(&one, PERMISSION_DEVICE_REPORTS_VIEW);
    REFUSED(REFUSED, ROLL(&house->act, &old, .permissions = &more));
    SAYS(house->failure.text, "Geolocation");
    assert_string_equal(house->failure.field, "permissions");
    OK(ROLL(&house->act, &old, .permissions = &one));
    assert_memory_equal(&rolled.successor.permissions, &one, sizeof(one));
}

static void
test_a_successor_has_no_permission_that_the_role_has_lost(void **state)
{
    struct house *house = *state;
    struct permission_set both =
        set_of(PERMISSION_DEVICE_REPORTS_VIEW, PERMISSION_SOFTWARE_REPORTS_VIEW);
    struct user grace = add_role_and_user(house, both);
    struct act act = as_user(house, &grace);
    struct token old = ADD_WISHED(house, &grace, .title = SLICE("x"));
    struct permission_set left =
        set_of(PERMISSION_DEVICE_REPORTS_VIEW, PERMISSION_API_CREDENTIALS_MANAGE);
    struct role role = {0};
    static struct token found;
    static struct roll_offer offer;

    OK(edit_role(&house->act, SLICE("Callers"), NULL, &left, &role));
    OK(token_roll_offer(&act, slice_of(old.id), &found, &offer));
    assert_true(permission_set_has(&offer.lost, PERMISSION_SOFTWARE_REPORTS_VIEW));
    assert_int_equal(permission_set_count(&offer.lost), 1);
    REFUSED(REFUSED, ROLL(&act, &old, .permissions = &both));
    SAYS(house->failure.text, "the user's role lacks it");
    REFUSED(REFUSED, ROLL(&house->act, &old, .permissions = &both)); /* nor by command */
    OK(ROLL(&act, &old, .overlap_days = 1));
    assert_int_equal(permission_set_count(&rolled.successor.permissions), 1);
    assert_true(permission_set_has(&rolled.successor.permissions,
                                   PERMISSION_DEVICE_REPORTS_VIEW));
}

static void
test_who_may_make_no_tokens_any_more_gets_no_successor(void **state)
{
    struct house *house = *state;
    struct permission_set both =
        set_of(PERMISSION_DEVICE_REPORTS_VIEW, PERMISSION_SOFTWARE_REPORTS_VIEW);
    struct user grace = add_role_and_user(house, both);
    struct token old = ADD_WISHED(house, &grace, .title = SLICE("x"));
    struct act act = as_user(house, &grace);
    struct role role = {0};

    OK(edit_role(&house->act, SLICE("Callers"), NULL, &both, &role));
    REFUSED(REFUSED, ROLL(&act, &old, .overlap_days = 1));
    REFUSED(REFUSED, ROLL(&house->act, &old, .overlap_days = 1));
    SAYS(house->failure.text, "API Credentials:Manage");
}

static void
test_only_its_user_and_administrators_roll_a_token(void **state)
{
    struct house *house = *state;
    struct user grace = add_user(house, GRACE, "System Administrator");
    struct permission_set both =
        set_of(PERMISSION_DEVICE_REPORTS_VIEW, PERMISSION_API_CREDENTIALS_MANAGE);
    struct role role = {0};
    OK(role_add(&house->act, SLICE("Callers"), &both, &role));
    struct user linus = add_user(house, "linus@example.com", "Callers");
    struct token old = ADD_WISHED(house, &house->admin, .title = SLICE("x"));
    struct act by_linus = as_user(house, &linus);
    struct act by_grace = as_user(house, &grace);

    REFUSED(NOT_FOUND, ROLL(&by_linus, &old, .overlap_days = 1));
    OK(ROLL(&by_grace, &old, .overlap_days = 1));
    assert_int_equal(rolled.successor.user_id, house->admin.id);
    assert_int_equal(rolled.successor.changed_by, grace.id);
}

/* None means all devices: nothing in common must not become it. */
static void
test_groups_are_those_that_the_old_token_and_its_user_share(void **state)
{
    struct house *house = *state;
    struct device_group lyon = add_group(house, "Lyon");
    struct device_group paris = add_group(house, "Paris");
    struct slice admin = SLICE(ADMIN);
    int64_t ids[2] = {lyon.id, paris.id};

    struct token all = ADD_WISHED(house, &house->admin, .title = SLICE("x"));
    struct token both =
        ADD_WISHED(house, &house->admin, .group_ids = ids, .group_count = 2);
    struct token only_paris =
        ADD_WISHED(house, &house->admin, .group_ids = ids + 1, .group_count = 1);
    REFUSED(REFUSED, ROLL(&house->act, &only_paris, .group_ids = ids, .group_count = 1));
    SAYS(house->failure.text, "Lyon");
    OK(assign(&house->act, SLICE("Lyon"), &admin, 1, NULL, 0, false));

    REFUSED(REFUSED, ROLL(&house->act, &only_paris, .overlap_days = 1));
    SAYS(house->failure.text, "could see no device");
    OK(ROLL(&house->act, &both, .overlap_days = 1));
    assert_int_equal(rolled.successor.group_count, 1);
    assert_int_equal(rolled.successor.group_ids[0], lyon.id);
    REFUSED(REFUSED, ROLL(&house->act, &all, .group_ids = ids + 1, .group_count = 1));
    OK(ROLL(&house->act, &all, .overlap_days = 1));
    assert_int_equal(rolled.successor.group_count, 1);
}

static void
test_addresses_can_be_fewer_but_never_wider(void **state)
{
    struct house *house = *state;
    struct token old = ADD_WISHED(house, &house->admin,
                                  .addresses = SLICE("192.0.2.0/24 2001:db8::/32"));
    static const char *const WIDER[] = {
        "", "192.0.0.0/16", "192.0.3.1", "0.0.0.0/0", "192.0.2.1 198.51.100.1", "::/0"};
    struct slice narrower = SLICE("192.0.2.128/25, 2001:db8:1::/48");

    for (size_t i = 0; i < COUNT_OF(WIDER); i++) {
        struct slice typed = slice_of(WIDER[i]);
        REFUSED(REFUSED, ROLL(&house->act, &old, .addresses = &typed));
        assert_string_equal(house->failure.field, "addresses");
    }
    OK(ROLL(&house->act, &old, .addresses = &narrower));
    assert_int_equal(rolled.successor.address_count, 2);
    assert_int_equal(rolled.successor.addresses[0].bits, 96 + 25);
}

/* ---- when it may be rolled ---- */

static void
test_a_dead_or_suspended_token_is_not_rolled(void **state)
{
    struct house *house = *state;
    struct token old = add_token(house, &house->admin, "x");
    struct act last = later(house, old.expires_at_s - NOW_S - 1);
    struct act dead = later(house, old.expires_at_s - NOW_S);

    REFUSED(REFUSED, ROLL(&dead, &old, .overlap_days = 1));
    SAYS(house->failure.text, "expired on");
    OK(token_suspend(&house->act, slice_of(old.id)));
    REFUSED(REFUSED, ROLL(&house->act, &old, .overlap_days = 1));
    SAYS(house->failure.text, "suspended: resume it");
    OK(token_resume(&house->act, slice_of(old.id)));
    OK(ROLL(&last, &old, .overlap_days = 1));
    assert_int_equal(read_token(house, &old).expires_at_s, old.expires_at_s);
}

/* Rule 10: a suspended one can only be resumed or deleted. */
static void
test_the_overlap_of_a_suspended_token_stays_as_it_is(void **state)
{
    struct house *house = *state;
    struct token old = add_token(house, &house->admin, "x");
    struct token out = {0};

    OK(ROLL(&house->act, &old, .overlap_days = 3));
    OK(token_suspend(&house->act, slice_of(old.id)));
    old = read_token(house, &old);
    REFUSED(REFUSED, token_roll_end(&house->act, slice_of(old.id), 7, 0, &out));
    SAYS(house->failure.text, "suspended");
    REFUSED(REFUSED, token_unroll(&house->act, slice_of(old.id), 0, &out));
    assert_int_equal(read_token(house, &old).version, old.version);
    OK(token_resume(&house->act, slice_of(old.id)));
    OK(token_roll_end(&house->act, slice_of(old.id), 7, 0, &out));
    OK(token_unroll(&house->act, slice_of(old.id), 0, &out));
}

static void
test_a_token_is_not_rolled_twice_while_its_successor_lives(void **state)
{
    struct house *house = *state;
    struct token old = add_token(house, &house->admin, "x");
    struct slice title = SLICE("The next");

    OK(ROLL(&house->act, &old, .overlap_days = 30, .title = &title));
    struct token first = rolled.successor;
    REFUSED(REFUSED, ROLL(&house->act, &old, .overlap_days = 1));
    SAYS(house->failure.text, "The next");
    SAYS(house->failure.text, first.id);
    OK(token_delete(&house->act, slice_of(first.id)));
    OK(ROLL(&house->act, &old, .overlap_days = 1));
    assert_string_equal(read_token(house, &old).replaced_by, rolled.successor.id);
    assert_int_equal(read_token(house, &old).expires_at_s, NOW_S + DAY_S);
}

static void
test_overlaps_have_bounds(void **state)
{
    struct house *house = *state;
    struct token old = add_token(house, &house->admin, "x");
    struct token kept;

    REFUSED(MALFORMED, ROLL(&house->act, &old, .overlap_days = -1));
    REFUSED(MALFORMED, ROLL(&house->act, &old, .overlap_days = 31));
    assert_string_equal(house->failure.field, "overlap");
    REFUSED(CONFLICT, ROLL(&house->act, &old, .overlap_days = 30, .if_version = 2));
    OK(ROLL(&house->act, &old, .overlap_days = 30, .if_version = 1));
    kept = read_token(house, &old);
    assert_int_equal(kept.expires_at_s, NOW_S + 30 * DAY_S);
    assert_int_equal(token_state_at(&kept, kept.expires_at_s - 1), TOKEN_EXPIRES_SOON);
    assert_int_equal(token_state_at(&kept, kept.expires_at_s), TOKEN_EXPIRED);
}

/* ---- the overlap's end ---- */

static enum status
set_end(const struct act *act, const struct token *token, int64_t days)
{
    static struct token out;

    return token_roll_end(act, slice_of(token->id), days, 0, &out);
}

static void
test_an_overlap_can_be_ended_early_and_extended_within_its_bounds(void **state)
{
    struct house *house = *state;
    struct token old = add_token(house, &house->admin, "x");
    struct act act = later(house, 5 * DAY_S);

    REFUSED(REFUSED, set_end(&act, &old, 3)); /* not rolled */
    OK(ROLL(&house->act, &old, .overlap_days = 7));
    OK(set_end(&act, &old, 30));
    assert_int_equal(read_token(house, &old).expires_at_s, NOW_S + 30 * DAY_S);
    REFUSED(MALFORMED, set_end(&act, &old, 31));
    OK(set_end(&act, &old, 3)); /* is past: now */
    assert_int_equal(read_token(house, &old).expires_at_s, NOW_S + 5 * DAY_S);
    SAYS(events_of(house, old.id).details, "\"action\":\"overlap changed\"");
    REFUSED(REFUSED, set_end(&act, &old, 30)); /* dead: it stays so */
    SAYS(house->failure.text, "was replaced and ended");
}

static void
test_an_expiry_date_before_the_overlaps_end_is_the_end(void **state)
{
    struct house *house = *state;
    struct token old =
        ADD_WISHED(house, &house->admin, .expires_on = SLICE("2026-11-25"));
    struct slice to = SLICE("2026-12-31");
    struct token_edit edit = {.expires_on = &to};
    static struct token out;

    OK(ROLL(&house->act, &old, .overlap_days = 7));
    assert_int_equal(read_token(house, &old).expires_at_s, old.expires_at_s);
    OK(token_edit(&house->act, slice_of(old.id), &edit, &out));
    assert_int_equal(out.expires_at_s, NOW_S + 7 * DAY_S);
}

static void
test_a_roll_can_be_called_off_while_the_overlap_runs(void **state)
{
    struct house *house = *state;
    struct token old = add_token(house, &house->admin, "x");
    struct act dead = later(house, 7 * DAY_S);
    static struct token out;

    REFUSED(REFUSED, token_unroll(&house->act, slice_of(old.id), 0, &out));
    OK(ROLL(&house->act, &old, .overlap_days = 7));
    struct token successor = rolled.successor;
    REFUSED(REFUSED, token_unroll(&dead, slice_of(old.id), 0, &out));
    OK(token_unroll(&house->act, slice_of(old.id), 0, &out));
    assert_string_equal(out.replaced_by, "");
    assert_int_equal(out.expires_at_s, old.expires_at_s);
    REFUSED(NOT_FOUND, store_token_by_id(house->store, slice_of(successor.id), &out));
    SAYS(events_of(house, successor.id).details, "\"action\":\"deleted\"");
    SAYS(events_of(house, old.id).details, "\"action\":\"roll called off\"");
    carry_out(house, NOW_S + 8 * DAY_S); /* nothing ends that was called off */
    assert_int_equal(events(house, old.id, EVENT_TOKEN_REPLACED), 0);
}

static void
test_the_end_is_on_record_once_and_no_letter_warns_of_it(void **state)
{
    struct house *house = *state;
    struct token old = add_token(house, &house->admin, "x");

    carry_out(house, NOW_S);
    OK(ROLL(&house->act, &old, .overlap_days = 7));
    carry_out(house, NOW_S + 7 * DAY_S - 1);
    assert_int_equal(events(house, old.id, EVENT_TOKEN_REPLACED), 0);
    carry_out(house, NOW_S + 7 * DAY_S);
    carry_out(house, NOW_S + 8 * DAY_S);
    carry_out(house, old.expires_at_s + DAY_S);
    assert_int_equal(events(house, old.id, EVENT_TOKEN_REPLACED), 1);
    assert_int_equal(events(house, old.id, EVENT_TOKEN_EXPIRED), 0);
    SAYS(events_of(house, old.id).details, "2026-11-30T12:00:00.000Z");
    SAYS(events_of(house, old.id).details, rolled.successor.id);
    /* of the successor, which was made for as long, there is one letter a reader */
    assert_int_equal(letters(house, NOTICE_SOON), 0);
    assert_int_equal(letters(house, NOTICE_EXPIRED), 1);
}

/* kill -9 at any moment of writing: the next turn finds done or not done. */
static void
test_the_end_is_on_record_once_whoever_is_killed(void **state)
{
    struct house *house = *state;
    struct token old[6];

    for (size_t i = 0; i < COUNT_OF(old); i++) {
        old[i] = add_token(house, &house->admin, "x");
        OK(ROLL(&house->act, &old[i], .overlap_days = 1));
    }
    for (useconds_t wait_us = 0; wait_us < 12 * 1500; wait_us += 1500) {
        pid_t child = fork();
        if (child == 0) {
            struct store *store = NULL;
            bool is_more = true;
            if (store_open(house->data, STORE_WRITE, &store, NULL) == STATUS_OK &&
                notices_carry_out(store, (NOW_S + DAY_S) * 1000, &is_more) == STATUS_OK)
                pause();
            pause();
        }
        assert_true(child > 0);
        usleep(wait_us);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
    }
    carry_out(house, NOW_S + DAY_S);
    for (size_t i = 0; i < COUNT_OF(old); i++)
        assert_int_equal(events(house, old[i].id, EVENT_TOKEN_REPLACED), 1);
}

/* ---- used after its end ---- */

static struct alarm
late_use(const struct token *token, int64_t at_s)
{
    struct alarm alarm = {
        .kind = ALARM_USED_LATE, .at_ms = at_s * 1000, .address = "203.0.113.9"};

    memcpy(alarm.token_id, token->id, sizeof(alarm.token_id));
    return alarm;
}

static bool
keep_note(void *ctx, const struct letter *letter)
{
    struct house *house = ctx;
    struct notice_line *lines AUTO(mem_done) =
        mem_new(LETTER_LINE_MAX_COUNT * sizeof(*lines));
    size_t count = 0;

    if (letter->kind != NOTICE_USED_LATE)
        return true;
    OK(store_letter_lines(house->store, letter->id, lines, &count));
    SAYS(lines[0].note, "203.0.113.9");
    SAYS(lines[0].note, "The next");
    return true;
}

static void
test_a_late_use_is_told_once_a_token_and_day(void **state)
{
    struct house *house = *state;
    struct user grace = add_user(house, GRACE, "System Administrator");
    struct token old = add_token(house, &grace, "x");
    struct slice title = SLICE("The next");
    struct letter_query all = {.count = 1000};
    int64_t end_s = NOW_S; /* noon */

    OK(ROLL(&house->act, &old, .title = &title));
    for (int i = 0; i < 100; i++) { /* as if restarted 100 times */
        struct alarm alarm = late_use(&old, end_s + i);
        OK(alarm_tell(house->store, &alarm));
    }
    assert_int_equal(events(house, old.id, EVENT_TOKEN_USED_LATE), 1);
    assert_int_equal(letters(house, NOTICE_USED_LATE), 2); /* owner and administrator */
    OK(store_letter_list(house->store, &all, keep_note, house));
    struct seen seen = events_of(house, old.id);
    assert_string_equal(seen.newest.address, "203.0.113.9");
    assert_int_equal(seen.newest.actor_kind, ACTOR_TOKEN);
    assert_string_equal(seen.newest.actor_name, "x");

    struct alarm tomorrow = late_use(&old, end_s + DAY_S / 2);
    OK(alarm_tell(house->store, &tomorrow));
    OK(alarm_tell(house->store, &tomorrow));
    assert_int_equal(events(house, old.id, EVENT_TOKEN_USED_LATE), 2);
    OK(token_delete(&house->act, slice_of(old.id)));
    OK(alarm_tell(house->store, &tomorrow)); /* nothing, and no failure */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(test_a_successor_is_like_the_old_token_with_another_key),
        IN_HOUSE(test_a_life_is_as_long_as_the_old_one_was_given_but_a_year_at_most),
        IN_HOUSE(test_the_kind_of_key_can_change_but_the_key_must),
        IN_HOUSE(test_a_successor_has_no_permission_that_the_old_token_lacks),
        IN_HOUSE(test_a_successor_has_no_permission_that_the_role_has_lost),
        IN_HOUSE(test_who_may_make_no_tokens_any_more_gets_no_successor),
        IN_HOUSE(test_only_its_user_and_administrators_roll_a_token),
        IN_HOUSE(test_groups_are_those_that_the_old_token_and_its_user_share),
        IN_HOUSE(test_addresses_can_be_fewer_but_never_wider),
        IN_HOUSE(test_a_dead_or_suspended_token_is_not_rolled),
        IN_HOUSE(test_the_overlap_of_a_suspended_token_stays_as_it_is),
        IN_HOUSE(test_a_token_is_not_rolled_twice_while_its_successor_lives),
        IN_HOUSE(test_overlaps_have_bounds),
        IN_HOUSE(test_an_overlap_can_be_ended_early_and_extended_within_its_bounds),
        IN_HOUSE(test_an_expiry_date_before_the_overlaps_end_is_the_end),
        IN_HOUSE(test_a_roll_can_be_called_off_while_the_overlap_runs),
        IN_HOUSE(test_the_end_is_on_record_once_and_no_letter_warns_of_it),
        IN_HOUSE(test_the_end_is_on_record_once_whoever_is_killed),
        IN_HOUSE(test_a_late_use_is_told_once_a_token_and_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
