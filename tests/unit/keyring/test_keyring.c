/* SPDX-License-Identifier: Apache-2.0
 *
 * The keyring says what the store says, at once, and keeps what must outlive a change. */
#include "in_place.h"

#include "store/store_token_used.h"
#include "store/store_tokens.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>

enum { DAY_5_S = 5 * DAY_S + 7 }; /* a moment of the sixth day of 1970 */

static const struct keyring_entry *
find(const char *id)
{
    return keyring_find(place.keyring, slice_of(id));
}

static void
test_what_was_there_is_found_and_nothing_else(void **state)
{
    struct token token = place_token(&place, "aaaa");

    (void)state;
    place_add(&place, &token);
    place_open_keyring(&place);
    keyring_enter();
    assert_non_null(find("aaaa"));
    assert_null(find("aaab"));
    assert_null(find("aaa"));
    assert_null(find("aaaaa"));
    assert_null(find("AAAA"));
    assert_null(find(""));
    keyring_leave();
    assert_int_equal(keyring_count(place.keyring), 1);
}

static void
test_an_entry_holds_what_the_token_holds(void **state)
{
    struct token token = place_token(&place, "full");

    (void)state;
    token.alg = ALG_HS256;
    memset(token.public_key, 0, sizeof(token.public_key));
    memset(token.sealed, 7, sizeof(token.sealed));
    token.sealed_len = sizeof(token.sealed);
    token.group_count = 2;
    token.group_ids[0] =
        place_add_group(&place, "Lyon", "00000000-0000-4000-8000-000000000001");
    token.group_ids[1] =
        place_add_group(&place, "Oslo", "00000000-0000-4000-8000-000000000002");
    token.address_count = 2;
    OK(ip_range_read(SLICE("10.0.0.0/8"), &token.addresses[0], NULL));
    OK(ip_range_read(SLICE("2001:db8::/32"), &token.addresses[1], NULL));
    place_add(&place, &token);
    place_open_keyring(&place);

    size_t count = 0;
    keyring_enter();
    const struct keyring_entry *entry = find("full");
    assert_non_null(entry);
    assert_true(slice_equal(keyring_entry_id(entry), SLICE("full")));
    assert_int_equal(keyring_entry_alg(entry), ALG_HS256);
    assert_int_equal(keyring_entry_expires_at_s(entry), token.expires_at_s);
    assert_false(keyring_entry_is_suspended(entry));
    assert_memory_equal(keyring_entry_permissions(entry), &token.permissions,
                        sizeof(token.permissions));
    assert_true(slice_equal(keyring_entry_key_material(entry),
                            (struct slice){token.sealed, token.sealed_len}));
    assert_true(slice_equal(keyring_entry_title(entry), SLICE("a token")));
    assert_int_equal(keyring_entry_groups(entry)->count, 2);
    assert_memory_equal(keyring_entry_groups(entry)->ids, token.group_ids,
                        2 * sizeof(int64_t));
    const struct ip_range *ranges = keyring_entry_addresses(entry, &count);
    assert_int_equal(count, 2);
    assert_true(ip_range_equal(&ranges[0], &token.addresses[0]));
    assert_true(ip_range_equal(&ranges[1], &token.addresses[1]));
    assert_string_equal(keyring_entry_owner(entry)->email, "ada@example.com");
    const struct keyring_group *group = keyring_group(place.keyring, token.group_ids[1]);
    assert_non_null(group);
    assert_string_equal(group->name, "Oslo");
    assert_string_equal(group->uid, "00000000-0000-4000-8000-000000000002");
    assert_null(keyring_group(place.keyring, token.group_ids[1] + 1));
    keyring_leave();
}

static void
test_a_title_is_cut_between_letters(void **state)
{
    struct token token = place_token(&place, "long");

    (void)state;
    /* 39 bytes, then a letter of two bytes: it does not fit in 40 */
    snprintf(token.title, sizeof(token.title),
             "123456789012345678901234567890123456789\xc3\xa9nd");
    place_add(&place, &token);
    snprintf(token.id, sizeof(token.id), "longer");
    snprintf(token.title, sizeof(token.title),
             "12345678901234567890123456789012345678\xc3\xa9nd");
    place_add(&place, &token);
    place_open_keyring(&place);
    keyring_enter();
    assert_int_equal(keyring_entry_title(find("long")).len, 39);
    assert_int_equal(keyring_entry_title(find("longer")).len, 40);
    keyring_leave();
}

static void
test_changes_are_seen_at_the_next_following(void **state)
{
    struct token token = place_token(&place, "aaaa");

    (void)state;
    place_open_keyring(&place);
    place_add(&place, &token);
    keyring_enter();
    assert_null(find("aaaa"));
    keyring_leave();
    OK(keyring_follow(place.keyring));
    keyring_enter();
    assert_non_null(find("aaaa"));
    assert_false(keyring_entry_is_suspended(find("aaaa")));
    keyring_leave();

    token.is_suspended = true;
    place_change(&place, &token);
    OK(keyring_follow(place.keyring));
    keyring_enter();
    assert_true(keyring_entry_is_suspended(find("aaaa")));
    keyring_leave();

    place_remove(&place, "aaaa");
    OK(keyring_follow(place.keyring));
    keyring_enter();
    assert_null(find("aaaa"));
    keyring_leave();
    assert_int_equal(keyring_count(place.keyring), 0);
}

/* The table grows by steps; none of them may lose anybody. */
static void
test_thousands_of_changes_are_all_taken_in(void **state)
{
    enum { COUNT = 9500 }; /* more than one call takes in */
    char id[16];

    (void)state;
    place_open_keyring(&place);
    OK(store_begin(place.writer));
    for (int i = 0; i < COUNT; i++) {
        snprintf(id, sizeof(id), "token%d", i);
        struct token token = place_token(&place, id);
        OK(store_token_add(place.writer, &token));
        OK(store_change_add(place.writer, CHANGE_TOKEN, id));
    }
    place_commit(&place);
    OK(keyring_follow(place.keyring));
    assert_in_range(keyring_count(place.keyring), 1000, COUNT - 1);
    OK(keyring_follow(place.keyring)); /* goes on, though nothing was committed since */
    assert_int_equal(keyring_count(place.keyring), COUNT);
    keyring_enter();
    for (int i = 0; i < COUNT; i++) {
        snprintf(id, sizeof(id), "token%d", i);
        assert_non_null(find(id));
    }
    keyring_leave();
}

static void
test_a_key_keeps_its_serial_while_the_token_is_only_edited_the_token_does_not(
    void **state)
{
    struct token token = place_token(&place, "aaaa");

    (void)state;
    place_add(&place, &token);
    place_open_keyring(&place);
    keyring_enter();
    uint64_t serial = keyring_entry_key_serial(find("aaaa"));
    uint64_t loaded = keyring_entry_serial(find("aaaa"));
    keyring_leave();

    OK(keyring_follow(place.keyring)); /* nothing has changed */
    keyring_enter();
    assert_int_equal(keyring_entry_serial(find("aaaa")), loaded);
    keyring_leave();

    snprintf(token.title, sizeof(token.title), "another title");
    place_change(&place, &token);
    OK(keyring_follow(place.keyring));
    keyring_enter();
    assert_true(slice_equal(keyring_entry_title(find("aaaa")), SLICE("another title")));
    assert_int_equal(keyring_entry_key_serial(find("aaaa")), serial);
    assert_int_not_equal(keyring_entry_serial(find("aaaa")), loaded);
    keyring_leave();

    /* the same id with another key, as a restored folder may have it */
    place_remove(&place, "aaaa");
    token.public_key[0] ^= 1;
    place_add(&place, &token);
    OK(keyring_follow(place.keyring));
    keyring_enter();
    assert_int_not_equal(keyring_entry_key_serial(find("aaaa")), serial);
    keyring_leave();
}

/* 100,000 tokens of one role must not be written anew when the role changes. */
static void
test_a_role_changes_its_owners_and_not_their_entries(void **state)
{
    struct token token = place_token(&place, "aaaa");
    struct permission_set one = {0};

    (void)state;
    place_add(&place, &token);
    place_open_keyring(&place);
    keyring_enter();
    const struct keyring_entry *before = find("aaaa");
    assert_true(permission_set_has(keyring_entry_owner(before)->role_permissions,
                                   PERMISSION_DEVICE_REPORTS_VIEW));
    keyring_leave();

    permission_set_add(&one, PERMISSION_DEVICE_FIELDS_MANAGE);
    place_set_role(&place, one);
    OK(keyring_follow(place.keyring));
    keyring_enter();
    assert_ptr_equal(find("aaaa"), before);
    const struct keyring_owner *owner = keyring_entry_owner(before);
    assert_false(
        permission_set_has(owner->role_permissions, PERMISSION_DEVICE_REPORTS_VIEW));
    assert_true(
        permission_set_has(owner->role_permissions, PERMISSION_DEVICE_FIELDS_MANAGE));
    /* Manage implies View */
    assert_true(
        permission_set_has(owner->role_permissions, PERMISSION_DEVICE_FIELDS_VIEW));
    assert_string_equal(owner->email, "ada@example.com");
    keyring_leave();
}

static void
test_a_suspended_user_is_suspended_for_all_their_tokens(void **state)
{
    struct token token = place_token(&place, "aaaa");

    (void)state;
    place_add(&place, &token);
    snprintf(token.id, sizeof(token.id), "bbbb");
    place_add(&place, &token);
    place_open_keyring(&place);
    for (int i = 0; i < 2; i++) {
        bool is_suspended = i == 0;
        place_suspend_user(&place, is_suspended);
        OK(keyring_follow(place.keyring));
        keyring_enter();
        assert_int_equal(keyring_entry_owner(find("aaaa"))->is_suspended, is_suspended);
        assert_int_equal(keyring_entry_owner(find("bbbb"))->is_suspended, is_suspended);
        keyring_leave();
    }
}

static void
test_a_deleted_user_takes_their_tokens_along(void **state)
{
    struct user other = {.uid = "99999999-2222-4333-8444-555555555555",
                         .email = "bob@example.com"};
    int64_t other_id = 0;

    (void)state;
    other.role_id = place.role_id;
    OK(store_begin(place.writer));
    OK(store_user_add(place.writer, &other, &other_id));
    place_commit(&place);
    struct token mine = place_token(&place, "aaaa");
    struct token theirs = place_token(&place, "bbbb");
    theirs.user_id = other_id;
    place_add(&place, &mine);
    place_add(&place, &theirs);
    place_open_keyring(&place);

    OK(store_begin(place.writer));
    OK(store_user_remove(place.writer, place.user_id));
    OK(store_change_add_id(place.writer, CHANGE_USER, place.user_id));
    place_commit(&place);
    OK(keyring_follow(place.keyring));
    keyring_enter();
    assert_null(find("aaaa"));
    assert_non_null(find("bbbb"));
    keyring_leave();
}

/* While it is full, no file can be written to. */
static void
fill_disk(bool is_full)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = is_full ? 1 : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
test_use_outlives_a_change_and_reaches_the_store(void **state)
{
    struct token token = place_token(&place, "aaaa");
    struct ip from;

    (void)state;
    OK(ip_read(SLICE("203.0.113.9"), &from));
    place_add(&place, &token);
    place_open_keyring(&place);
    keyring_enter();
    for (int i = 0; i < 5; i++)
        keyring_count_use(find("aaaa"), 1000 + i, &from);
    keyring_leave();
    snprintf(token.title, sizeof(token.title), "another title");
    place_change(&place, &token);
    OK(keyring_follow(place.keyring));
    keyring_enter();
    keyring_count_use(find("aaaa"), 900, &from); /* late; does not turn the time back */
    keyring_leave();

    fill_disk(true); /* nothing is lost */
    assert_int_not_equal(keyring_flush_uses(place.keyring, place.writer, DAY_5_S),
                         STATUS_OK);
    fill_disk(false);
    OK(keyring_flush_uses(place.keyring, place.writer, DAY_5_S));
    struct token stored;
    OK(store_token_by_id(place.reader, SLICE("aaaa"), &stored));
    assert_int_equal(stored.use_count, 6);
    assert_int_equal(stored.last_used_at_s, 1004);
    assert_memory_equal(&stored.last_used_from, &from, sizeof(from));

    OK(keyring_flush_uses(place.keyring, place.writer, DAY_5_S)); /* and nothing twice */
    OK(store_token_by_id(place.reader, SLICE("aaaa"), &stored));
    assert_int_equal(stored.use_count, 6);
}

static void
note_day(void *ctx, const struct token_use_day *day)
{
    char *seen = ctx;
    size_t len = strlen(seen);

    snprintf(seen + len, 100 - len, "%lld:%s:%lld ", (long long)day->day, day->outcome,
             (long long)day->count);
}

static void
check_days(const char *id, const char *wanted)
{
    char seen[100] = "";

    OK(store_token_list_use_days(place.reader, slice_of(id), 0, 9, note_day, seen));
    assert_string_equal(seen, wanted);
}

static void
test_refusals_are_counted_by_reason_and_day(void **state)
{
    struct token token = place_token(&place, "aaaa");
    struct token other = place_token(&place, "bbbb");
    struct token stored = {0};
    struct ip from = {0};

    (void)state;
    place_add(&place, &token);
    place_add(&place, &other);
    place_open_keyring(&place);
    keyring_enter();
    keyring_count_use(find("aaaa"), 1000, &from);
    keyring_count_refusal(find("aaaa"), REFUSED_EXPIRED);
    keyring_count_refusal(find("aaaa"), REFUSED_RATE);
    keyring_count_refusal(find("aaaa"), REFUSED_RATE);
    keyring_count_refusal(find("bbbb"), REFUSED_ADDRESS);
    keyring_leave();
    token.is_suspended = true; /* counters outlive a change of the token */
    place_change(&place, &token);
    OK(keyring_follow(place.keyring));

    fill_disk(true);
    assert_int_not_equal(keyring_flush_uses(place.keyring, place.writer, DAY_5_S),
                         STATUS_OK);
    fill_disk(false);
    OK(keyring_flush_uses(place.keyring, place.writer, DAY_5_S));
    OK(keyring_flush_uses(place.keyring, place.writer, DAY_5_S)); /* nothing twice */
    check_days("aaaa", "5:expired:1 5:permitted:1 5:rate:2 ");
    check_days("bbbb", "5:address:1 ");
    OK(store_token_by_id(place.reader, SLICE("bbbb"), &stored));
    assert_int_equal(stored.use_count, 0); /* being refused is no use */
    keyring_enter();
    keyring_count_refusal(find("aaaa"), REFUSED_RATE);
    keyring_leave();
    OK(keyring_flush_uses(place.keyring, place.writer, DAY_5_S + DAY_S));
    check_days("aaaa", "5:expired:1 5:permitted:1 5:rate:2 6:rate:1 ");
}

static void
test_live_rights_follow_the_account(void **state)
{
    (void)state;
    place_open_keyring(&place);
    assert_true(keyring_is_live_rights(place.keyring)); /* unless somebody says no */
    place_set_live_rights(&place, false);
    OK(keyring_follow(place.keyring));
    assert_false(keyring_is_live_rights(place.keyring));
    place_set_live_rights(&place, true);
    OK(keyring_follow(place.keyring));
    assert_true(keyring_is_live_rights(place.keyring));
}

static void
test_licences_hold_from_their_first_second_to_their_last(void **state)
{
    size_t count = 0;

    (void)state;
    clock_stand_at(1000000 - 1);
    place_add_licence(&place, "Control", 1000, 2000);
    place_open_keyring(&place);
    static const struct {
        int64_t now_ms;
        size_t count;
    } ROWS[] = {{999999, 0}, {1000000, 1}, {1999999, 1}, {2000000, 0}};
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        clock_stand_at(ROWS[i].now_ms);
        OK(keyring_follow(place.keyring));
        keyring_enter();
        const char *const *names = keyring_licences(place.keyring, &count);
        assert_int_equal(count, ROWS[i].count);
        assert_null(names[count]);
        if (count > 0)
            assert_string_equal(names[0], "Control");
        keyring_leave();
    }
    clock_stand_at(1500000);
    place_add_licence(&place, "Resilience", 1000, 2000);
    OK(keyring_follow(place.keyring));
    keyring_enter();
    keyring_licences(place.keyring, &count);
    assert_int_equal(count, 2);
    keyring_leave();
}

/* A node that slept too long reads everything again, and forgets what has gone. */
static void
test_after_a_pruned_feed_all_is_read_again(void **state)
{
    struct token gone = place_token(&place, "gone");
    struct token stays = place_token(&place, "stays");

    (void)state;
    place_add(&place, &gone);
    place_add(&place, &stays);
    place_open_keyring(&place);
    place_remove(&place, "gone");
    OK(store_begin(place.writer));
    for (int i = 0; i < 100001; i++)
        OK(store_change_add(place.writer, CHANGE_SETTING, "nothing"));
    OK(store_change_prune(place.writer));
    place_commit(&place);
    OK(keyring_follow(place.keyring));
    keyring_enter();
    assert_null(find("gone"));
    assert_non_null(find("stays"));
    keyring_leave();
    assert_int_equal(keyring_count(place.keyring), 1);
}

static void
test_news_are_dated_when_the_store_answers(void **state)
{
    (void)state;
    place_open_keyring(&place);
    int64_t before = keyring_news_at_ms(place.keyring);
    usleep(5000);
    OK(keyring_follow(place.keyring));
    assert_true(keyring_news_at_ms(place.keyring) > before);
}

/* ---- readers beside a writer ---- */

static _Atomic bool is_over;
static _Atomic int64_t read_count;

static void *
read_all_the_time(void *ctx)
{
    (void)ctx;
    keyring_thread_in();
    while (!atomic_load(&is_over)) {
        keyring_enter();
        /* "stays" is there at every moment, whole, whatever happens to it */
        const struct keyring_entry *entry = find("stays");
        assert(entry); /* cmocka's claims are for the first thread only */
        struct slice key = keyring_entry_key_material(entry);
        for (size_t i = 0; i < key.len; i++)
            assert(key.at[i] == 's');
        assert(strcmp(keyring_entry_owner(entry)->email, "ada@example.com") == 0);
        entry = find("comes");
        if (entry)
            assert(keyring_entry_key_material(entry).at[0] == 'c');
        keyring_leave();
        atomic_fetch_add(&read_count, 1);
    }
    keyring_thread_out();
    return NULL;
}

static void
test_readers_see_the_old_or_the_new_and_never_half(void **state)
{
    struct token stays = place_token(&place, "stays");
    struct token comes = place_token(&place, "comes");
    pthread_t threads[2];

    (void)state;
    atomic_store(&is_over, false);
    place_add(&place, &stays);
    place_open_keyring(&place);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_all_the_time, NULL), 0);
    for (int i = 0; i < 60 || atomic_load(&read_count) < 100; i++) {
        place_add(&place, &comes);
        stays.is_suspended = !stays.is_suspended;
        place_change(&place, &stays);
        place_set_role(&place, (struct permission_set){{(uint64_t)(i % 1000 + 1) << 1}});
        OK(keyring_follow(place.keyring));
        place_remove(&place, "comes");
        OK(keyring_follow(place.keyring));
    }
    atomic_store(&is_over, true);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_true(atomic_load(&read_count) > 0);
}

static struct token_used used_items[16];
static size_t used_count;

static void
take_used(void *ctx, const struct token_used *used)
{
    (void)ctx;
    assert_true(used_count < COUNT_OF(used_items));
    used_items[used_count++] = *used;
}

/* The last day on which this was used; -1: never. */
static int64_t
used_day(const char *id, enum used_kind kind, const char *item)
{
    used_count = 0;
    OK(store_token_used_list(place.writer, slice_of(id), take_used, NULL));
    for (size_t i = 0; i < used_count; i++) {
        if (used_items[i].kind == kind && strcmp(used_items[i].item, item) == 0)
            return used_items[i].day;
    }
    return -1;
}

static void
note(uint16_t number, size_t address)
{
    struct permission_set set = {0};

    permission_set_add(&set, number);
    keyring_enter();
    const struct keyring_entry *entry = keyring_find(place.keyring, SLICE("a"));
    assert_false(number == 3 && keyring_has_used(entry, &set));
    keyring_note_permissions(entry, &set);
    assert_true(keyring_has_used(entry, &set));
    keyring_note_address(entry, address);
    keyring_note_groups(entry, (int64_t[]){1, 2, 99}, 3);
    keyring_leave();
}

/* What was used is written with its day, once a day; addresses by what they are, so that
 * an edit of the token mixes nothing up; and nothing is lost when the store is away. */
static void
test_what_was_used_is_written_down_with_its_last_day(void **state)
{
    int64_t day_s = 86400;

    (void)state;
    place_open_keyring(&place);
    struct token token = place_token(&place, "a");
    OK(ip_range_read(SLICE("10.0.0.0/8"), &token.addresses[0], NULL));
    OK(ip_range_read(SLICE("192.0.2.1"), &token.addresses[1], NULL));
    token.address_count = 2;
    token.group_ids[0] =
        place_add_group(&place, "x", "00000000-0000-4000-8000-000000000001");
    token.group_count = 1;
    place_add(&place, &token);
    OK(keyring_follow(place.keyring));
    OK(keyring_flush_uses(place.keyring, place.writer, 100 * day_s));
    assert_int_equal(used_day("a", USED_PERMISSION, "4"), -1);

    note(4, 1);
    OK(keyring_flush_uses(place.keyring, place.writer, 100 * day_s));
    assert_int_equal(used_day("a", USED_PERMISSION, "4"), 100);
    assert_int_equal(used_day("a", USED_ADDRESS, "192.0.2.1"), 100);
    assert_int_equal(used_day("a", USED_ADDRESS, "10.0.0.0/8"), -1);
    assert_int_equal(used_day("a", USED_GROUP, "1"), 100);
    assert_int_equal(used_count, 3);
    note(3, 1);
    OK(keyring_flush_uses(place.keyring, place.writer, 101 * day_s)); /* of yesterday */
    assert_int_equal(used_day("a", USED_PERMISSION, "3"), 100);
    note(3, 1);
    OK(keyring_flush_uses(place.keyring, place.writer, 101 * day_s + 9));
    assert_int_equal(used_day("a", USED_PERMISSION, "3"), 101);
    assert_int_equal(used_day("a", USED_PERMISSION, "4"), 100);

    token.addresses[1] = token.addresses[0]; /* place 1 is another address from here on */
    OK(ip_range_read(SLICE("198.51.100.7"), &token.addresses[0], NULL));
    place_change(&place, &token);
    OK(keyring_follow(place.keyring));
    OK(keyring_flush_uses(place.keyring, place.writer, 101 * day_s + 20));
    assert_int_equal(used_day("a", USED_ADDRESS, "10.0.0.0/8"), -1);
    note(5, 0);
    fill_disk(true); /* nothing is lost */
    assert_int_not_equal(
        keyring_flush_uses(place.keyring, place.writer, 101 * day_s + 30), STATUS_OK);
    fill_disk(false);
    OK(keyring_flush_uses(place.keyring, place.writer, 101 * day_s + 40));
    assert_int_equal(used_day("a", USED_PERMISSION, "5"), 101);
    assert_int_equal(used_day("a", USED_ADDRESS, "198.51.100.7"), 101);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(test_what_was_used_is_written_down_with_its_last_day),
        IN_PLACE(test_what_was_there_is_found_and_nothing_else),
        IN_PLACE(test_an_entry_holds_what_the_token_holds),
        IN_PLACE(test_a_title_is_cut_between_letters),
        IN_PLACE(test_changes_are_seen_at_the_next_following),
        IN_PLACE(test_thousands_of_changes_are_all_taken_in),
        IN_PLACE(
            test_a_key_keeps_its_serial_while_the_token_is_only_edited_the_token_does_not),
        IN_PLACE(test_a_role_changes_its_owners_and_not_their_entries),
        IN_PLACE(test_a_suspended_user_is_suspended_for_all_their_tokens),
        IN_PLACE(test_a_deleted_user_takes_their_tokens_along),
        IN_PLACE(test_use_outlives_a_change_and_reaches_the_store),
        IN_PLACE(test_refusals_are_counted_by_reason_and_day),
        IN_PLACE(test_live_rights_follow_the_account),
        IN_PLACE(test_licences_hold_from_their_first_second_to_their_last),
        IN_PLACE(test_after_a_pruned_feed_all_is_read_again),
        IN_PLACE(test_news_are_dated_when_the_store_answers),
        IN_PLACE(test_readers_see_the_old_or_the_new_and_never_half),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
