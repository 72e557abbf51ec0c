/* SPDX-License-Identifier: Apache-2.0
 *
 * A change, its event and its change-feed row come together or not at all: every act is
 * done in a house whose database takes no event, then in one whose feed is shut, and
 * nothing at all may be different afterwards. Then it is done in one that takes both. */
#include "support.h"

#include "rules/account_settings.h"
#include "rules/calendar.h"
#include "rules/licences.h"
#include "rules/outputs.h"
#include "rules/second_factor.h"
#include "rules/sessions.h"
#include "rules/token_bulk.h"
#include "rules/token_roll.h"

#include <sqlite3.h>

/* A house with one thing of each kind for each act, so that no act is in another's way.
 */
struct scene {
    struct house *house;
    struct act act;
    struct arena arena;
    struct user ada, tom, sue; /* sue is suspended */
    struct token plain[5];     /* edited, suspended, deleted, rolled, in bulk */
    struct token asleep, overlapping, called_off;
    struct role role;
    struct device_group group;
    struct licence licence;
    struct output output;
    struct session session;
    struct token out_token;
    struct token_rolled rolled;
};

static const struct slice TEXT = {(const unsigned char *)"Other", 5};
static const struct slice URL = {(const unsigned char *)"tcp://127.0.0.1:1", 17};
static const struct slice TOM = {(const unsigned char *)"tom@example.com", 15};

/* ---- the acts ---- */

static enum status
make_token(struct scene *s)
{
    struct token_wish wish = {.title = TEXT};
    struct secret secret AUTO(secret_done) = {0};

    return token_make(&s->act, s->ada.id, &wish, &s->out_token, &secret);
}

static enum status
edit_token(struct scene *s)
{
    struct token_edit edit = {.title = &TEXT};

    return token_edit(&s->act, slice_of(s->plain[0].id), &edit, &s->out_token);
}

static enum status
suspend_token(struct scene *s)
{
    return token_suspend(&s->act, slice_of(s->plain[1].id));
}

static enum status
resume_token(struct scene *s)
{
    return token_resume(&s->act, slice_of(s->asleep.id));
}

static enum status
delete_token(struct scene *s)
{
    return token_delete(&s->act, slice_of(s->plain[2].id));
}

static enum status
roll(struct scene *s, const struct token *token)
{
    struct token_roll wish = {.overlap_days = 3};
    enum status status = token_roll(&s->act, slice_of(token->id), &wish, &s->rolled);

    secret_done(&s->rolled.secret);
    return status;
}

static enum status
roll_token(struct scene *s)
{
    return roll(s, &s->plain[3]);
}

static enum status
move_overlap(struct scene *s)
{
    return token_roll_end(&s->act, slice_of(s->overlapping.id), 1, 0, &s->out_token);
}

static enum status
call_off_roll(struct scene *s)
{
    return token_unroll(&s->act, slice_of(s->called_off.id), 0, &s->out_token);
}

static enum status
suspend_in_bulk(struct scene *s)
{
    struct token_ref ref = {.version = s->plain[4].version};
    struct token_set set = {&ref, 1};

    memcpy(ref.id, s->plain[4].id, sizeof(ref.id));
    return token_bulk(&s->act, BULK_SUSPEND, &set, NULL, &s->arena);
}

static enum status
add_somebody(struct scene *s)
{
    struct user_wish wish = {.email = SLICE("new@example.com")};
    struct user out = {0};

    return user_add(&s->act, &wish, &out);
}

static enum status
change_user(struct scene *s)
{
    struct slice uid = slice_of(s->group.uid);
    struct user_groups groups = {&uid, 1};
    struct user_edit edit = {.name = &TEXT, .groups = &groups};
    struct user out = {0};

    return user_change(&s->act, SLICE("ada@example.com"), &edit, &out);
}

static enum status
name_user(struct scene *s)
{
    struct user out = {0};

    return user_set_name(&s->act, TOM, SLICE("Tom"), 0, &out);
}

static enum status
set_password(struct scene *s)
{
    return user_set_password(&s->act, TOM, SLICE("another good password"), true);
}

static enum status
set_role(struct scene *s)
{
    return user_set_role(&s->act, TOM, SLICE("Guest User"));
}

static enum status
suspend_user(struct scene *s)
{
    return user_suspend(&s->act, TOM);
}

static enum status
resume_user(struct scene *s)
{
    return user_resume(&s->act, SLICE("sue@example.com"));
}

static enum status
delete_user(struct scene *s)
{
    return user_delete(&s->act, SLICE("sue@example.com")); /* and her token */
}

static enum status
add_a_role(struct scene *s)
{
    struct permission_set nothing = {{0}};
    struct role out = {0};

    return role_add(&s->act, TEXT, &nothing, &out);
}

static enum status
change_role(struct scene *s)
{
    struct permission_set nothing = {{0}};
    struct role_edit edit = {.permissions = &nothing};
    struct role out = {0};

    return role_change(&s->act, which_numbered(s->role.id), &edit, &out);
}

static enum status
delete_role(struct scene *s)
{
    return role_delete(&s->act, which_numbered(s->role.id));
}

static enum status
add_a_group(struct scene *s)
{
    struct group_wish wish = {.name = TEXT};
    struct device_group out = {0};

    return group_add(&s->act, &wish, &out);
}

static enum status
change_group(struct scene *s)
{
    struct group_edit edit = {.name = &URL};
    struct device_group out = {0};

    return group_change(&s->act, which_uid(slice_of(s->group.uid)), &edit, &out);
}

static enum status
assign_group(struct scene *s)
{
    struct slice who = slice_of(s->tom.uid);
    struct group_members added = {.users = &who, .user_count = 1};
    struct group_members nobody = {0};

    return group_assign(&s->act, which_uid(slice_of(s->group.uid)), &added, &nobody);
}

static enum status
delete_group(struct scene *s)
{
    return group_delete(&s->act, which_named(SLICE("Nobody's")));
}

static enum status
add_licence(struct scene *s)
{
    struct licence_wish wish = {.name = &TEXT};
    struct licence out = {0};

    return licence_add(&s->act, &wish, &out);
}

static enum status
change_licence(struct scene *s)
{
    int64_t seats = 7;
    struct licence_wish wish = {.seat_count = &seats};
    struct licence out = {0};

    return licence_change(&s->act, slice_of(s->licence.uid), &wish, &out);
}

static enum status
delete_licence(struct scene *s)
{
    return licence_delete(&s->act, slice_of(s->licence.uid));
}

static enum status
change_account(struct scene *s)
{
    bool is_live = false;
    struct account_edit edit = {.is_live_rights = &is_live};
    struct account out = {0};

    return account_change(&s->act, &edit, &out);
}

static enum status
add_output(struct scene *s)
{
    struct output_wish wish = {.name = &TEXT, .url = &URL};
    struct output out = {0};

    return output_add(&s->act, &wish, &out);
}

static enum status
change_output(struct scene *s)
{
    bool is_paused = true;
    struct output_wish wish = {.is_paused = &is_paused};
    struct output out = {0};

    return output_change(&s->act, slice_of(s->output.uid), &wish, &out);
}

static enum status
delete_output(struct scene *s)
{
    return output_delete(&s->act, slice_of(s->output.uid));
}

static enum status
start_session(struct scene *s)
{
    struct session_wish wish = {
        .user = &s->ada, .state = SESSION_ACTIVE, .is_log_in = true};
    struct secret cookie AUTO(secret_done) = {0};
    struct session out = {0};

    return session_start(&s->act, &wish, &cookie, &out);
}

static enum status
end_session(struct scene *s)
{
    return session_end(&s->act, &s->ada, &s->session, "logged out");
}

static enum status
renew_calendar(struct scene *s)
{
    char secret[CALENDAR_SECRET_CHARS + 1];

    return calendar_renew(&s->act, &s->ada, secret);
}

static enum status
remove_calendar(struct scene *s)
{
    return calendar_remove(&s->act, &s->ada);
}

static enum status
reset_factor(struct scene *s)
{
    return second_factor_reset(&s->act, SLICE("ada@example.com"));
}

/* THE ACTS that change something for good, in an order in which all of them can. */
static const struct {
    const char *name;
    enum status (*run)(struct scene *s);
    bool has_no_feed; /* nothing that the gate knows of */
} ACTS[] = {
    {"make a token", make_token, false},
    {"edit a token", edit_token, false},
    {"suspend a token", suspend_token, false},
    {"resume a token", resume_token, false},
    {"delete a token", delete_token, false},
    {"roll a token", roll_token, false},
    {"move an overlap", move_overlap, false},
    {"call a roll off", call_off_roll, false},
    {"suspend in bulk", suspend_in_bulk, false},
    {"add a user", add_somebody, false},
    {"change a user", change_user, false},
    {"name a user", name_user, false},
    {"set a password", set_password, false},
    {"set a role", set_role, false},
    {"suspend a user", suspend_user, false},
    {"resume a user", resume_user, false},
    {"delete a user", delete_user, false},
    {"add a role", add_a_role, false},
    {"change a role", change_role, false},
    {"delete a role", delete_role, false},
    {"add a group", add_a_group, false},
    {"change a group", change_group, false},
    {"assign a group", assign_group, false},
    {"delete a group", delete_group, false},
    {"add a licence", add_licence, false},
    {"change a licence", change_licence, false},
    {"delete a licence", delete_licence, false},
    {"change the account", change_account, false},
    {"add an output", add_output, false},
    {"change an output", change_output, false},
    {"delete an output", delete_output, false},
    {"log in", start_session, true},
    {"log out", end_session, true},
    {"renew a calendar", renew_calendar, true},
    {"remove a calendar", remove_calendar, true},
    {"reset a second factor", reset_factor, true},
};

/* ---- the scene ---- */

static void
set_scene(struct scene *s)
{
    struct house *house = s->house;
    struct permission_set fields = {{0}};
    struct licence_wish licence = {.name = &URL};
    struct output_wish output = {.name = &URL, .url = &URL};
    struct act as_ada;
    struct secret secret AUTO(secret_done) = {0};
    char calendar[CALENDAR_SECRET_CHARS + 1];

    s->act = house->act;
    s->ada = add_user(house, "ada@example.com", "Power User");
    s->tom = add_user(house, "tom@example.com", "Power User");
    s->sue = add_user(house, "sue@example.com", "Power User");
    for (size_t i = 0; i < COUNT_OF(s->plain); i++)
        s->plain[i] = add_token(house, &s->ada, "Plain");
    s->asleep = add_token(house, &s->ada, "Asleep");
    OK(token_suspend(&s->act, slice_of(s->asleep.id)));
    s->overlapping = add_token(house, &s->ada, "Overlapping");
    OK(roll(s, &s->overlapping));
    s->called_off = add_token(house, &s->ada, "Called off");
    OK(roll(s, &s->called_off));
    add_token(house, &s->sue, "Goes with her");
    OK(user_suspend(&s->act, SLICE("sue@example.com")));
    permission_set_add(&fields, PERMISSION_DEVICE_FIELDS_VIEW);
    OK(role_add(&s->act, SLICE("Of one's own"), &fields, &s->role));
    s->group = add_group(house, "East");
    add_group(house, "Nobody's");
    OK(licence_add(&s->act, &licence, &s->licence));
    OK(output_add(&s->act, &output, &s->output));
    as_ada = as_user(house, &s->ada);
    struct session_wish wish = {.user = &s->ada, .state = SESSION_ACTIVE};
    OK(session_start(&as_ada, &wish, &secret, &s->session));
    OK(calendar_renew(&as_ada, &s->ada, calendar));
    OK(second_factor_begin(&as_ada, &s->ada, &secret));
}

static sqlite3 *
open_beside(const struct house *house)
{
    char path[128];
    sqlite3 *db = NULL;

    snprintf(path, sizeof(path), "%s/tokenhouse.db", house->data);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

static void
run_sql(sqlite3 *db, const char *sql)
{
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static uint64_t
mix(uint64_t sum, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum = (sum ^ ((const unsigned char *)bytes)[i]) * UINT64_C(1099511628211);
    return (sum ^ len) * UINT64_C(1099511628211);
}

static uint64_t
sum_table(sqlite3 *db, const char *name, uint64_t sum)
{
    char sql[160];
    sqlite3_stmt *rows = NULL;

    snprintf(sql, sizeof(sql), "SELECT * FROM \"%s\"", name);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &rows, NULL), SQLITE_OK);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(rows); i++) {
            const void *bytes = sqlite3_column_blob(rows, i);
            sum = mix(sum, bytes ? bytes : "", (size_t)sqlite3_column_bytes(rows, i));
        }
    }
    sqlite3_finalize(rows);
    return sum;
}

/* A sum over every row of every table. */
static uint64_t
sum_all(sqlite3 *db)
{
    sqlite3_stmt *tables = NULL;
    uint64_t sum = UINT64_C(14695981039346656037);

    /* sqlite_sequence stays out: numbers that were given back are not used again */
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT name FROM sqlite_master WHERE type = "
                                        "'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1",
                                        -1, &tables, NULL),
                     SQLITE_OK);
    while (sqlite3_step(tables) == SQLITE_ROW)
        sum = sum_table(db, (const char *)sqlite3_column_text(tables, 0), sum);
    sqlite3_finalize(tables);
    return sum;
}

/* ---- the tests ---- */

static void
expect_nothing_done(struct scene *s, sqlite3 *db, bool is_feed)
{
    uint64_t before = sum_all(db);

    for (size_t i = 0; i < COUNT_OF(ACTS); i++) {
        if (is_feed && ACTS[i].has_no_feed)
            continue;
        if (ACTS[i].run(s) == STATUS_OK)
            fail_msg("%s: done all the same", ACTS[i].name);
        if (sum_all(db) != before)
            fail_msg("%s: something was left", ACTS[i].name);
    }
}

static void
test_a_change_its_event_and_its_feed_row_are_one(void **state)
{
    struct scene *s = calloc(1, sizeof(*s));

    s->house = *state;
    set_scene(s);
    sqlite3 *db = open_beside(s->house);

    run_sql(db, "CREATE TRIGGER shut BEFORE INSERT ON event BEGIN"
                " SELECT RAISE(ABORT, 'no event today'); END");
    expect_nothing_done(s, db, false);
    run_sql(db, "DROP TRIGGER shut; CREATE TRIGGER shut BEFORE INSERT ON change BEGIN"
                " SELECT RAISE(ABORT, 'no news today'); END");
    expect_nothing_done(s, db, true);

    run_sql(db, "DROP TRIGGER shut");
    for (size_t i = 0; i < COUNT_OF(ACTS); i++) {
        int events = events_of(s->house, "").count;
        int64_t news = last_change(s->house);
        enum status status = ACTS[i].run(s);
        if (status != STATUS_OK)
            fail_msg("%s: %s: %s", ACTS[i].name, status_name(status),
                     s->house->failure.text);
        if (events_of(s->house, "").count <= events)
            fail_msg("%s: no event", ACTS[i].name);
        if ((last_change(s->house) > news) == ACTS[i].has_no_feed)
            fail_msg("%s: is it told to the gate?", ACTS[i].name);
    }
    sqlite3_close(db);
    arena_done(&s->arena);
    free(s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(test_a_change_its_event_and_its_feed_row_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
