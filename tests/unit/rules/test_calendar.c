/* SPDX-License-Identifier: Apache-2.0
 *
 * Days of a calendar: RFC 5545 to the octet, whatever the title holds. */
#include "support.h"

#include "base/utf8.h"
#include "rules/calendar.h"

/* The day of a token with this title, unfolded, as a closed text. Checks each line. */
static void
write_day(const char *title, char out[8192])
{
    struct buffer text AUTO(buffer_done) = buffer_make(64 * 1024);
    struct token token = {.id = "11111111-2222-4333-8444-555555555555",
                          .expires_on = {2026, 12, 31}};
    struct slice rest;
    struct slice line = {0};
    size_t len = 0;

    snprintf(token.title, sizeof(token.title), "%s", title);
    calendar_add_token(&text, &token, NOW_S * 1000);
    rest = buffer_slice(&text);
    while (rest.len > 0) {
        assert_true(slice_cut(&rest, '\n', &line));
        assert_true(line.len > 0 && line.at[line.len - 1] == '\r');
        line.len--;
        assert_true(line.len <= 75);
        assert_null(memchr(line.at, '\r', line.len));
        if (utf8_is(slice_of(title)))
            assert_true(utf8_is(line));
        bool is_folded = line.at[0] == ' ';
        if (!is_folded && len > 0)
            out[len++] = '\n';
        line = slice_from(line, is_folded);
        memcpy(out + len, line.at, line.len);
        len += line.len;
    }
    out[len] = '\0';
}

static void
test_a_day_says_what_it_should(void **state)
{
    char day[8192];

    (void)state;
    write_day("Nightly", day);
    assert_string_equal(
        day, "BEGIN:VEVENT\nUID:11111111-2222-4333-8444-555555555555@tokenhouse\n"
             "DTSTAMP:20261123T120000Z\nDTSTART;VALUE=DATE:20261231\n"
             "DTEND;VALUE=DATE:20270101\nSUMMARY:API token expires: Nightly\n"
             "DESCRIPTION:It works through 23:59:59 UTC of this day. Token ID: "
             "11111111-2222-4333-8444-555555555555\nTRANSP:TRANSPARENT\nEND:VEVENT");
}

static void
test_no_title_becomes_a_line_of_its_own(void **state)
{
    static const char *const EVIL[] = {
        "x\r\nATTENDEE:mailto:evil@example.com",
        "x\nEND:VEVENT\nBEGIN:VEVENT",
        "\\n;,\\",
        "東京東京東京東京東京東京東京東京東京東京東京東京東京東京東京東京東京東京",
        "\xff\xfe\xc3",
        "",
    };
    char day[8192];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(EVIL); i++) {
        int count = 0;
        write_day(EVIL[i], day);
        for (const char *at = day; (at = strchr(at, '\n')); at++)
            count++;
        assert_int_equal(count, 8);
    }
    write_day("a;b,c\\d", day);
    SAYS(day, "\nSUMMARY:API token expires: a\\;b\\,c\\\\d\n");
}

static void
test_a_renewed_or_removed_address_opens_nothing(void **state)
{
    struct house *house = *state;
    struct buffer out AUTO(buffer_done) = buffer_make(CALENDAR_MAX_BYTES);
    char first[CALENDAR_SECRET_CHARS + 1] = "";
    char second[CALENDAR_SECRET_CHARS + 1] = "";
    struct act act = as_user(house, &house->admin);

    add_token(house, &house->admin, "Nightly");
    OK(calendar_renew(&act, &house->admin, first));
    OK(calendar_write(house->store, slice_of(first), NOW_S * 1000, &out));
    OK(calendar_renew(&act, &house->admin, second));
    assert_string_not_equal(first, second);
    REFUSED(NOT_FOUND, calendar_write(house->store, slice_of(first), NOW_S * 1000, &out));
    buffer_clear(&out);
    OK(calendar_write(house->store, slice_of(second), NOW_S * 1000, &out));
    buffer_add_byte(&out, '\0');
    SAYS((const char *)out.at, "SUMMARY:API token expires: Nightly\r\n");

    /* dead in the second after its last */
    buffer_clear(&out);
    OK(calendar_write(house->store, slice_of(second), (NOW_S + 400 * DAY_S) * 1000,
                      &out));
    buffer_add_byte(&out, '\0');
    assert_false(holds((const char *)out.at, "VEVENT"));
    OK(calendar_remove(&act, &house->admin));
    REFUSED(NOT_FOUND, calendar_remove(&act, &house->admin));
    REFUSED(NOT_FOUND,
            calendar_write(house->store, slice_of(second), NOW_S * 1000, &out));
    struct seen seen = events_of(house, house->admin.uid);
    SAYS(seen.details, "calendar address removed");
    assert_false(holds(seen.details, second));
}

/* An account that was stolen is taken back by a new password: the address that the thief
 * may have made, or read, does not stay. */
static void
test_a_password_that_somebody_else_sets_ends_the_address(void **state)
{
    struct house *house = *state;
    struct buffer out AUTO(buffer_done) = buffer_make(CALENDAR_MAX_BYTES);
    char secret[CALENDAR_SECRET_CHARS + 1] = "";
    char admins[CALENDAR_SECRET_CHARS + 1] = "";
    struct user grace = add_user(house, "grace@example.com", "Power User");
    struct act by_grace = as_user(house, &grace);
    struct act by_admin = as_user(house, &house->admin);
    struct slice email = SLICE("grace@example.com");
    struct slice password = SLICE("another good password");

    OK(calendar_renew(&by_admin, &house->admin, admins));
    OK(calendar_renew(&by_grace, &grace, secret));
    OK(user_set_password(&by_grace, email, password, false));
    OK(calendar_write(house->store, slice_of(secret), NOW_S * 1000, &out));
    OK(user_set_password(&by_admin, email, password, true));
    REFUSED(NOT_FOUND,
            calendar_write(house->store, slice_of(secret), NOW_S * 1000, &out));
    struct seen seen = events_of(house, grace.uid);
    int count = seen.count;
    SAYS(seen.details, "password changed");
    OK(user_set_password(&by_admin, email, password, true)); /* there is none any more */
    assert_int_equal(events_of(house, grace.uid).count, count + 1);
    OK(calendar_renew(&by_grace, &grace, secret));
    OK(user_set_password(&house->act, email, password, true)); /* a command */
    REFUSED(NOT_FOUND,
            calendar_write(house->store, slice_of(secret), NOW_S * 1000, &out));
    OK(calendar_write(house->store, slice_of(admins), NOW_S * 1000, &out));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_day_says_what_it_should),
        cmocka_unit_test(test_no_title_becomes_a_line_of_its_own),
        IN_HOUSE(test_a_renewed_or_removed_address_opens_nothing),
        IN_HOUSE(test_a_password_that_somebody_else_sets_ends_the_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
