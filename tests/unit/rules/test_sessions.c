/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions and second factors: what begins and ends them, what is kept of them, and that
 * every code works once. */
#include "support.h"

#include "base/base32.h"
#include "crypto/totp.h"
#include "rules/calendar.h"
#include "rules/letters.h"
#include "rules/second_factor.h"
#include "rules/sessions.h"
#include "store/store_sessions.h"

static const struct session_limits LIMITS = {.idle_s = 900, .max_s = 43200};

/* ---- sessions ---- */

static void
test_zero_is_no_session(void **state)
{
    struct session nothing = {0};

    (void)state;
    assert_false(session_is_alive(&nothing, &LIMITS, 0));
    assert_false(session_is_alive(&nothing, &LIMITS, NOW_S));
}

static void
test_silence_and_time_end_a_session_to_the_second(void **state)
{
    struct session session = {.id = 1, .created_at_s = 1000, .used_at_s = 1000};

    (void)state;
    assert_true(session_is_alive(&session, &LIMITS, 1899));
    assert_false(session_is_alive(&session, &LIMITS, 1900));
    session.used_at_s = 44000;
    assert_true(session_is_alive(&session, &LIMITS, 44199));
    assert_false(session_is_alive(&session, &LIMITS, 44200));
    assert_int_equal(session_idle_end_s(&session, &LIMITS), 44200);
}

static struct session
start(struct house *house, const struct session_wish *wish, struct secret *out_cookie)
{
    struct act act = as_user(house, wish->user);
    struct session session = {0};

    OK(session_start(&act, wish, out_cookie, &session));
    return session;
}

static struct session
start_active(struct house *house, const struct user *user)
{
    struct secret cookie AUTO(secret_done) = {0};
    struct session_wish wish = {.user = user, .state = SESSION_ACTIVE, .is_log_in = true};

    return start(house, &wish, &cookie);
}

static bool
is_there(struct house *house, const struct session *session)
{
    struct session found = {0};
    enum status status =
        store_session_by_uid(house->store, session->user_id, session->uid, &found);

    assert_true(status == STATUS_OK || status == STATUS_NOT_FOUND);
    return status == STATUS_OK;
}

static void
test_a_session_is_found_by_its_cookie_alone(void **state)
{
    struct house *house = *state;
    struct secret cookie AUTO(secret_done) = {0};
    struct session_wish wish = {.user = &house->admin,
                                .state = SESSION_ACTIVE,
                                .user_agent = SLICE("Fire\xC3\xA9\nfox/1.0")};
    struct session made = start(house, &wish, &cookie);
    struct session found = {0};
    uint8_t hash[SESSION_HASH_BYTES];

    assert_int_equal(cookie.len, SESSION_COOKIE_CHARS);
    session_hash(secret_slice(&cookie), hash);
    OK(store_session_by_hash(house->store, hash, &found));
    assert_int_equal(found.id, made.id);
    assert_string_equal(found.user_agent, "Firefox/1.0");
    assert_string_equal(found.address, "192.0.2.7");
    hash[31] ^= 1;
    REFUSED(NOT_FOUND, store_session_by_hash(house->store, hash, &found));
}

static void
test_a_log_in_is_told_and_its_time_kept(void **state)
{
    struct house *house = *state;
    struct user user = {0};

    start_active(house, &house->admin);
    struct seen seen = events_of(house, house->admin.uid);
    assert_int_equal(seen.newest.kind, EVENT_USER_LOGGED_IN);
    assert_string_equal(seen.newest.actor_name, ADMIN);
    assert_string_equal(seen.newest.address, "192.0.2.7");
    OK(store_user_by_id(house->store, house->admin.id, &user));
    assert_int_equal(user.last_login_at_s, NOW_S);
}

static void
test_half_a_log_in_is_not_told(void **state)
{
    struct house *house = *state;
    struct secret cookie AUTO(secret_done) = {0};
    struct session_wish wish = {.user = &house->admin, .state = SESSION_SECOND_FACTOR};
    int before = events_of(house, "").count;
    struct session half = start(house, &wish, &cookie);
    struct act act = as_user(house, &house->admin);

    OK(session_end(&act, &house->admin, &half, "logged out"));
    assert_int_equal(events_of(house, "").count, before);
}

/* Further in, another cookie; but the end stays where it was. */
static void
test_a_session_that_takes_anothers_place_keeps_its_end(void **state)
{
    struct house *house = *state;
    struct secret cookies[2] = {{0}};
    struct session_wish wish = {.user = &house->admin, .state = SESSION_SECOND_FACTOR};
    struct session half = start(house, &wish, &cookies[0]);
    struct session whole = {0};

    house->act.now_ms += 60 * 1000;
    wish = (struct session_wish){
        .user = &house->admin, .state = SESSION_ACTIVE, .before = &half};
    whole = start(house, &wish, &cookies[1]);
    assert_int_equal(whole.created_at_s, NOW_S);
    assert_int_equal(whole.used_at_s, NOW_S + 60);
    assert_false(is_there(house, &half));
    assert_false(secret_equal(secret_slice(&cookies[0]), secret_slice(&cookies[1])));
    /* the same one twice: somebody was faster */
    struct act act = as_user(house, &house->admin);
    REFUSED(NOT_FOUND, session_start(&act, &wish, &cookies[0], &half));
}

/* Between the look at the password and the beginning of the session somebody may have
 * ended all sessions: this one must not begin behind their back. */
static void
test_no_session_begins_for_who_was_suspended_a_moment_ago(void **state)
{
    struct house *house = *state;
    struct user ada = add_user(house, "ada@example.com", "Guest User");
    struct user eve = add_user(house, "eve@example.com", "Guest User");
    struct session_wish wish = {.user = &ada, .state = SESSION_ACTIVE};
    struct secret cookie AUTO(secret_done) = {0};
    struct session session = {0};
    struct act act = as_user(house, &ada);

    OK(user_suspend(&house->act, SLICE("ada@example.com")));
    REFUSED(NOT_FOUND, session_start(&act, &wish, &cookie, &session));
    OK(user_resume(&house->act, SLICE("ada@example.com")));
    OK(session_start(&act, &wish, &cookie, &session));
    OK(user_set_password(&house->act, SLICE("ada@example.com"), SLICE("a new password"),
                         false));
    REFUSED(NOT_FOUND, session_start(&act, &wish, &cookie, &session));
    OK(user_delete(&house->act, SLICE("eve@example.com")));
    wish.user = &eve;
    REFUSED(NOT_FOUND, session_start(&act, &wish, &cookie, &session));
}

static void
test_ones_own_change_of_password_keeps_this_session_only(void **state)
{
    struct house *house = *state;
    struct user other = add_user(house, "eve@example.com", "Guest User");
    struct session here = start_active(house, &house->admin);
    struct session there = start_active(house, &house->admin);
    struct session foreign = start_active(house, &other);
    struct act act = as_user(house, &house->admin);

    act.session_id = here.id;
    OK(user_set_password(&act, SLICE(ADMIN), SLICE("another good password"), false));
    assert_true(is_there(house, &here));
    assert_false(is_there(house, &there));
    assert_true(is_there(house, &foreign));
    struct seen seen = events_of(house, house->admin.uid);
    assert_int_equal(seen.newest.kind, EVENT_PASSWORD_CHANGED);
}

static void
test_a_refused_change_of_password_ends_nothing(void **state)
{
    struct house *house = *state;
    struct user eve = add_user(house, "eve@example.com", "Guest User");
    struct session here = start_active(house, &house->admin);
    struct act act = as_user(house, &eve);

    REFUSED(REFUSED,
            user_set_password(&act, SLICE(ADMIN), SLICE("another good password"), false));
    assert_true(is_there(house, &here));
}

/* A request that was let in while the session lived, and comes to its act only when
 * somebody has ended it: whoever has stolen a session must not set the password anew
 * while it is set for the one they stole it from. */
static void
test_an_act_on_its_way_ends_with_its_session(void **state)
{
    struct house *house = *state;
    struct session session = start_active(house, &house->admin);
    struct act act = as_user(house, &house->admin);
    struct token token = add_token(house, &house->admin, "Nightly export");
    struct token_wish wish = {.title = SLICE("Another")};
    struct secret secret AUTO(secret_done) = {0};
    struct recovery_codes codes = {0};
    char calendar[CALENDAR_SECRET_CHARS + 1];
    struct letter letter = {0};

    act.session_id = session.id;
    OK(token_suspend(&act, slice_of(token.id)));
    OK(user_set_password(&house->act, SLICE(ADMIN), SLICE("another good password"),
                         false));
    int count = events_of(house, "").count;
    REFUSED(REFUSED,
            user_set_password(&act, SLICE(ADMIN), SLICE("the thief's own one"), false));
    SAYS(house->failure.text, "your session has ended");
    REFUSED(REFUSED, token_resume(&act, slice_of(token.id)));
    REFUSED(REFUSED, token_make(&act, house->admin.id, &wish, &token, &secret));
    REFUSED(REFUSED, second_factor_begin(&act, &house->admin, &secret));
    REFUSED(REFUSED, second_factor_prove(&act, &house->admin, SLICE("123456"), &codes));
    REFUSED(REFUSED, second_factor_recovery(&act, &house->admin, &codes));
    REFUSED(REFUSED, second_factor_remove(&act, &house->admin));
    REFUSED(REFUSED, calendar_renew(&act, &house->admin, calendar));
    REFUSED(REFUSED, calendar_remove(&act, &house->admin));
    REFUSED(REFUSED, letter_add_test(&act, &house->admin, &letter));
    REFUSED(REFUSED, letter_send_again(&act, 1, &letter));
    assert_int_equal(events_of(house, "").count, count);
}

/* The number of a session says nothing: it must be the actor's own. */
static void
test_anothers_session_is_none(void **state)
{
    struct house *house = *state;
    struct user eve = add_user(house, "eve@example.com", "Power User");
    struct session session = start_active(house, &house->admin);
    struct token token = add_token(house, &eve, "Nightly export");
    struct act act = as_user(house, &eve);

    act.session_id = session.id;
    REFUSED(REFUSED, token_suspend(&act, slice_of(token.id)));
    act.session_id = start_active(house, &eve).id;
    OK(token_suspend(&act, slice_of(token.id)));
}

static void
test_a_second_factor_and_a_calendar_are_ones_own_affair(void **state)
{
    struct house *house = *state;
    struct user eve = add_user(house, "eve@example.com", "Power User");
    struct act act = as_user(house, &eve);
    struct secret secret AUTO(secret_done) = {0};
    char calendar[CALENDAR_SECRET_CHARS + 1];

    REFUSED(REFUSED, second_factor_begin(&act, &house->admin, &secret));
    REFUSED(REFUSED, calendar_renew(&act, &house->admin, calendar));
    OK(second_factor_begin(&act, &eve, &secret));
    OK(calendar_renew(&act, &eve, calendar));
}

static void
test_letters_are_sent_again_by_those_who_may(void **state)
{
    struct house *house = *state;
    struct user eve = add_user(house, "eve@example.com", "Power User");
    struct act as_eve = as_user(house, &eve);
    struct act as_admin = as_user(house, &house->admin);
    struct letter letter = {0};
    size_t count = 0;

    OK(letter_add_test(&as_admin, &house->admin, &letter));
    REFUSED(REFUSED, letter_send_again(&as_eve, letter.id, &letter));
    REFUSED(REFUSED, letter_send_failed_again(&as_eve, &count));
    REFUSED(REFUSED, letter_add_test(&as_eve, &eve, &letter));
    OK(letter_send_again(&as_admin, letter.id, &letter));
}

static void
test_suspending_and_deleting_end_all_sessions(void **state)
{
    struct house *house = *state;
    struct user ada = add_user(house, "ada@example.com", "Guest User");
    struct user eve = add_user(house, "eve@example.com", "Guest User");
    struct session sessions[] = {start_active(house, &ada), start_active(house, &ada),
                                 start_active(house, &eve), start_active(house, &eve)};

    OK(user_suspend(&house->act, SLICE("ada@example.com")));
    OK(user_delete(&house->act, SLICE("eve@example.com")));
    for (size_t i = 0; i < COUNT_OF(sessions); i++)
        assert_false(is_there(house, &sessions[i]));
}

static void
test_a_failed_log_in_of_nobody_keeps_nothing_that_was_typed(void **state)
{
    struct house *house = *state;

    OK(session_tell_failed(&house->act, NULL, "unknown user", 7));
    struct seen seen = events_of(house, "");
    assert_int_equal(seen.newest.kind, EVENT_LOGIN_FAILED);
    assert_string_equal(seen.newest.object_id, "");
    assert_string_equal(seen.newest.object_name, "");
    SAYS(seen.details, "\"untoldBefore\":7");
}

static bool
count_session(void *ctx, const struct session *session)
{
    (void)session;
    (*(int *)ctx)++;
    return true;
}

static void
test_a_user_has_fifty_sessions_at_most(void **state)
{
    struct house *house = *state;
    struct session first = start_active(house, &house->admin);
    struct session last = {0};
    int count = 0;

    for (int i = 0; i < 55; i++)
        last = start_active(house, &house->admin);
    OK(store_session_list(house->store, house->admin.id, count_session, &count));
    assert_int_equal(count, 50);
    assert_false(is_there(house, &first));
    assert_true(is_there(house, &last));
}

/* ---- second factors ---- */

/* The bytes of a base32 text, by looking for them: slow, and not the encoder's way. */
static void
from_base32(struct slice text, uint8_t *out)
{
    uint64_t bits = 0;
    size_t bit_count = 0;

    for (size_t i = 0; i < text.len; i++) {
        const char *alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        const char *at = strchr(alphabet, text.at[i]);
        assert_non_null(at);
        bits = bits << 5 | (uint64_t)(at - alphabet);
        bit_count += 5;
        if (bit_count >= 8) {
            bit_count -= 8;
            *out++ = (uint8_t)(bits >> bit_count);
        }
    }
}

static void
write_code(const struct secret *base32, int64_t now_s, char out[TOTP_DIGITS + 1])
{
    uint8_t bytes[FACTOR_SECRET_BYTES];

    from_base32(secret_slice(base32), bytes);
    snprintf(out, TOTP_DIGITS + 1, "%06u",
             totp_value((struct slice){bytes, sizeof(bytes)},
                        (uint64_t)(now_s / TOTP_STEP_S), TOTP_DIGITS) %
                 1000000u);
}

/* Switches it on at the act's moment. */
static void
switch_on(struct house *house, const struct user *user, struct secret *out_base32,
          struct recovery_codes *out_codes)
{
    struct act act = as_user(house, user);
    char code[TOTP_DIGITS + 1];

    OK(second_factor_begin(&act, user, out_base32));
    write_code(out_base32, act.now_ms / 1000, code);
    OK(second_factor_prove(&act, user, slice_of(code), out_codes));
}

static bool
fits(struct house *house, const struct user *user, const char *code, int64_t now_s)
{
    struct act act = as_user(house, user);
    bool does = true;

    act.now_ms = now_s * 1000;
    OK(second_factor_check(&act, user, slice_of(code), &does));
    return does;
}

static void
test_a_second_factor_is_in_force_once_it_was_proved(void **state)
{
    struct house *house = *state;
    struct user *user = &house->admin;
    struct act act = as_user(house, user);
    struct secret secret AUTO(secret_done) = {0};
    struct recovery_codes codes = {0};
    char code[TOTP_DIGITS + 1];
    bool is_in_force = true;

    REFUSED(CONFLICT, second_factor_prove(&act, user, SLICE("123456"), &codes));
    OK(second_factor_begin(&act, user, &secret));
    OK(second_factor_is_in_force(house->store, user->id, &is_in_force));
    assert_false(is_in_force);
    write_code(&secret, NOW_S, code);
    assert_false(fits(house, user, code, NOW_S)); /* not yet in force */
    code[0] = code[0] == '0' ? '1' : '0';
    REFUSED(MALFORMED, second_factor_prove(&act, user, slice_of(code), &codes));
    OK(second_factor_is_in_force(house->store, user->id, &is_in_force));
    assert_false(is_in_force);
    switch_on(house, user, &secret, &codes);
    OK(second_factor_is_in_force(house->store, user->id, &is_in_force));
    assert_true(is_in_force);
    REFUSED(CONFLICT, second_factor_begin(&act, user, &secret));
}

/* A stolen password is worth nothing then; nor is what it has opened before. */
static void
test_a_second_factor_ends_what_a_password_alone_has_opened(void **state)
{
    struct house *house = *state;
    struct user eve = add_user(house, "eve@example.com", "Power User");
    struct session here = start_active(house, &house->admin);
    struct session there = start_active(house, &house->admin);
    struct session foreign = start_active(house, &eve);
    struct act act = as_user(house, &house->admin);
    struct secret secret AUTO(secret_done) = {0};
    struct recovery_codes codes = {0};
    char code[TOTP_DIGITS + 1];

    act.session_id = here.id;
    OK(second_factor_begin(&act, &house->admin, &secret));
    assert_true(is_there(house, &there)); /* nothing is in force yet */
    write_code(&secret, NOW_S, code);
    OK(second_factor_prove(&act, &house->admin, slice_of(code), &codes));
    assert_true(is_there(house, &here));
    assert_false(is_there(house, &there));
    assert_true(is_there(house, &foreign));
}

static void
test_a_code_works_once_and_an_older_one_never_again(void **state)
{
    struct house *house = *state;
    struct user *user = &house->admin;
    struct secret secret AUTO(secret_done) = {0};
    struct recovery_codes codes = {0};
    char now[TOTP_DIGITS + 1];
    char next[TOTP_DIGITS + 1];
    char later[TOTP_DIGITS + 1];

    switch_on(house, user, &secret, &codes);
    write_code(&secret, NOW_S, now);
    write_code(&secret, NOW_S + 30, next);
    write_code(&secret, NOW_S + 60, later);
    assert_false(fits(house, user, now, NOW_S)); /* used to switch it on */
    assert_false(fits(house, user, later, NOW_S));
    assert_true(fits(house, user, later, NOW_S + 30));
    assert_false(fits(house, user, later, NOW_S + 30));
    assert_false(fits(house, user, next, NOW_S + 30)); /* older than the newest */
}

static void
test_a_recovery_code_works_once_however_it_is_typed(void **state)
{
    struct house *house = *state;
    struct user *user = &house->admin;
    struct user other = add_user(house, "eve@example.com", "Guest User");
    struct secret secrets[2] = {{0}};
    struct recovery_codes codes = {0};
    struct recovery_codes others = {0};
    char typed[64];
    int64_t left = 0;

    switch_on(house, user, &secrets[0], &codes);
    switch_on(house, &other, &secrets[1], &others);
    assert_false(fits(house, user, others.texts[0], NOW_S));
    assert_true(fits(house, user, codes.texts[0], NOW_S));
    assert_false(fits(house, user, codes.texts[0], NOW_S));
    snprintf(typed, sizeof(typed), " %.4s %.4s%.4s-%.4s ", codes.texts[1],
             codes.texts[1] + 5, codes.texts[1] + 10, codes.texts[1] + 15);
    for (char *c = typed; *c; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
    assert_true(fits(house, user, typed, NOW_S));
    OK(store_recovery_count(house->store, user->id, &left));
    assert_int_equal(left, RECOVERY_CODE_COUNT - 2);
    codes.texts[2][0] = codes.texts[2][0] == 'A' ? 'B' : 'A';
    assert_false(fits(house, user, codes.texts[2], NOW_S));
    assert_false(fits(house, user, "", NOW_S));
}

static void
test_fresh_recovery_codes_void_the_old_ones(void **state)
{
    struct house *house = *state;
    struct act act = as_user(house, &house->admin);
    struct secret secret AUTO(secret_done) = {0};
    struct recovery_codes old = {0};
    struct recovery_codes fresh = {0};

    REFUSED(CONFLICT, second_factor_recovery(&act, &house->admin, &fresh));
    switch_on(house, &house->admin, &secret, &old);
    OK(second_factor_recovery(&act, &house->admin, &fresh));
    for (size_t i = 0; i < RECOVERY_CODE_COUNT; i++)
        assert_false(fits(house, &house->admin, old.texts[i], NOW_S));
    assert_true(fits(house, &house->admin, fresh.texts[9], NOW_S));
}

/* The secret lies sealed; with another user's uid, or another key, it does not open. */
static void
test_the_secret_is_sealed_for_its_user(void **state)
{
    struct house *house = *state;
    struct user other = add_user(house, "eve@example.com", "Guest User");
    struct secret secret AUTO(secret_done) = {0};
    struct recovery_codes codes = {0};
    struct second_factor factor = {0};
    uint8_t plain[FACTOR_SECRET_BYTES];
    uint8_t wanted[FACTOR_SECRET_BYTES];
    struct slice sealed;

    switch_on(house, &house->admin, &secret, &codes);
    OK(store_second_factor(house->store, house->admin.id, &factor));
    from_base32(secret_slice(&secret), wanted);
    sealed = (struct slice){factor.sealed, factor.sealed_len};
    assert_null(memmem(sealed.at, sealed.len, wanted, sizeof(wanted)));
    OK(seal_open(house->master_key, slice_of(house->admin.uid), sealed, plain));
    assert_memory_equal(plain, wanted, sizeof(wanted));
    REFUSED(MALFORMED, seal_open(house->master_key, slice_of(other.uid), sealed, plain));
}

static void
test_who_has_lost_it_is_helped_by_those_who_may(void **state)
{
    struct house *house = *state;
    struct user eve = add_user(house, "eve@example.com", "Guest User");
    struct act as_eve = as_user(house, &eve);
    struct act as_admin = as_user(house, &house->admin);
    struct secret secret AUTO(secret_done) = {0};
    struct recovery_codes codes = {0};
    bool is_in_force = true;

    REFUSED(NOT_FOUND, second_factor_reset(&as_admin, SLICE("eve@example.com")));
    switch_on(house, &eve, &secret, &codes);
    REFUSED(REFUSED, second_factor_reset(&as_eve, SLICE("eve@example.com")));
    OK(second_factor_reset(&as_admin, SLICE("eve@example.com")));
    OK(second_factor_is_in_force(house->store, eve.id, &is_in_force));
    assert_false(is_in_force);
    assert_false(fits(house, &eve, codes.texts[0], NOW_S));
    struct seen seen = events_of(house, eve.uid);
    assert_int_equal(seen.newest.kind, EVENT_SECOND_FACTOR_UPDATED);
    SAYS(seen.details, "reset");
}

/* The examples of RFC 4648 §10 that are whole groups, twice over. */
static void
test_base32_is_that_of_the_standard(void **state)
{
    char text[BASE32_CHARS(10) + 1];

    (void)state;
    base32_encode(SLICE("fooba"), text);
    assert_string_equal(text, "MZXW6YTB");
    base32_encode(SLICE("foobafooba"), text);
    assert_string_equal(text, "MZXW6YTBMZXW6YTB");
    base32_encode(
        (struct slice){(const unsigned char *)"\0\0\0\0\0\xff\xff\xff\xff\xff", 10},
        text);
    assert_string_equal(text, "AAAAAAAA77777777");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zero_is_no_session),
        cmocka_unit_test(test_silence_and_time_end_a_session_to_the_second),
        IN_HOUSE(test_a_session_is_found_by_its_cookie_alone),
        IN_HOUSE(test_a_log_in_is_told_and_its_time_kept),
        IN_HOUSE(test_half_a_log_in_is_not_told),
        IN_HOUSE(test_a_session_that_takes_anothers_place_keeps_its_end),
        IN_HOUSE(test_no_session_begins_for_who_was_suspended_a_moment_ago),
        IN_HOUSE(test_ones_own_change_of_password_keeps_this_session_only),
        IN_HOUSE(test_a_refused_change_of_password_ends_nothing),
        IN_HOUSE(test_an_act_on_its_way_ends_with_its_session),
        IN_HOUSE(test_anothers_session_is_none),
        IN_HOUSE(test_a_second_factor_and_a_calendar_are_ones_own_affair),
        IN_HOUSE(test_letters_are_sent_again_by_those_who_may),
        IN_HOUSE(test_suspending_and_deleting_end_all_sessions),
        IN_HOUSE(test_a_failed_log_in_of_nobody_keeps_nothing_that_was_typed),
        IN_HOUSE(test_a_user_has_fifty_sessions_at_most),
        IN_HOUSE(test_a_second_factor_is_in_force_once_it_was_proved),
        IN_HOUSE(test_a_second_factor_ends_what_a_password_alone_has_opened),
        IN_HOUSE(test_a_code_works_once_and_an_older_one_never_again),
        IN_HOUSE(test_a_recovery_code_works_once_however_it_is_typed),
        IN_HOUSE(test_fresh_recovery_codes_void_the_old_ones),
        IN_HOUSE(test_the_secret_is_sealed_for_its_user),
        IN_HOUSE(test_who_has_lost_it_is_helped_by_those_who_may),
        cmocka_unit_test(test_base32_is_that_of_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
