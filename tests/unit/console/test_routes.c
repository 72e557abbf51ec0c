/* SPDX-License-Identifier: Apache-2.0
 *
 * THE ROUTE TABLE walked: each row asks for something, can be found, and is shut to those
 * who lack what it asks for. */
#include "support.h"

#include "console/routes.h"
#include "model/permission.h"

/* The only doors without a session. A further one needs a row here, and a reason. */
static const char *const OPEN_TO_ALL[] = {"GET /state", "POST /setup", "POST /session"};

static bool
is_get(const struct route *route)
{
    return strcmp(route->method, "GET") == 0;
}

static void
test_every_route_asks_for_something(void **state)
{
    size_t open_count = 0;

    (void)state;
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        const struct route *route = &ROUTES[i];
        char name[160];
        bool is_listed = false;

        snprintf(name, sizeof(name), "%s %s", route->method, route->path);
        for (size_t k = 0; k < COUNT_OF(OPEN_TO_ALL); k++)
            is_listed = is_listed || strcmp(name, OPEN_TO_ALL[k]) == 0;
        open_count += is_listed;
        assert_int_equal(route->need == NEED_NOBODY, is_listed);
        if (route->need < PERMISSION_MAX_COUNT)
            assert_non_null(permission_by_number((uint16_t)route->need));
        else
            assert_true(route->need >= NEED_SESSION && route->need <= NEED_NOBODY);
        if (route->also != 0)
            assert_non_null(permission_by_number((uint16_t)route->also));
    }
    assert_int_equal(open_count, COUNT_OF(OPEN_TO_ALL));
}

static void
test_every_route_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        const struct route *route = &ROUTES[i];
        bool reads = (route->flags & ROUTE_READS) != 0;
        bool changes = (route->flags & ROUTE_CHANGES) != 0;

        assert_non_null(route->serve);
        assert_int_equal(route->path[0], '/');
        assert_true(reads != changes);
        assert_false(is_get(route) && changes); /* a link must never change anything */
        for (size_t k = 0; k < i; k++)
            assert_false(strcmp(route->method, ROUTES[k].method) == 0 &&
                         strcmp(route->path, ROUTES[k].path) == 0);
    }
}

/* Who may only see something gets no store to write with. */
static void
test_a_view_permission_changes_nothing(void **state)
{
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        char name[PERMISSION_NAME_MAX + 1];

        if (ROUTES[i].need >= PERMISSION_MAX_COUNT)
            continue;
        permission_write((uint16_t)ROUTES[i].need, name);
        if (!slice_ends(slice_of(name), SLICE(":View")))
            continue;
        assert_true((ROUTES[i].flags & ROUTE_READS) != 0);
        count++;
    }
    assert_true(count > 10);
}

/* A path that fits the template: each {parameter} becomes "x-7". */
static void
write_path(const char *template, char out[256])
{
    size_t len = (size_t)snprintf(out, 256, "/console/api");

    for (const char *at = template; *at && len < 240; at++) {
        if (*at != '{') {
            out[len++] = *at;
            continue;
        }
        len += (size_t)snprintf(out + len, 8, "x-7");
        at = strchr(at, '}');
    }
    out[len] = '\0';
}

/* No row stands in the shadow of another. */
static void
test_every_route_is_found_by_its_own_path(void **state)
{
    struct arena arena AUTO(arena_done) = {0};

    (void)state;
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        struct route_found found = {0};
        char path[256];
        char allow[64];

        write_path(ROUTES[i].path, path);
        OK(route_find(slice_of(ROUTES[i].method), slice_of(path), &arena, &found, allow));
        assert_ptr_equal(found.route, &ROUTES[i]);
        for (size_t k = 0; k < found.parameter_count; k++)
            assert_true(slice_equal(found.parameters[k], SLICE("x-7")));
        if (is_get(&ROUTES[i]))
            OK(route_find(SLICE("HEAD"), slice_of(path), &arena, &found, allow));
        REFUSED(REFUSED,
                route_find(SLICE("TRACE"), slice_of(path), &arena, &found, allow));
        assert_non_null(strstr(allow, ROUTES[i].method));
    }
}

static void
test_parameters_are_decoded_once(void **state)
{
    struct arena arena AUTO(arena_done) = {0};
    struct route_found found = {0};
    char allow[64];

    (void)state;
    OK(route_find(SLICE("DELETE"), SLICE("/console/api/profile/sessions/a%2Fb%2525"),
                  &arena, &found, allow));
    assert_int_equal(found.parameter_count, 1);
    assert_true(slice_equal(found.parameters[0], SLICE("a/b%25")));
    REFUSED(NOT_FOUND,
            route_find(SLICE("DELETE"), SLICE("/console/api/profile/sessions/"), &arena,
                       &found, allow));
    REFUSED(NOT_FOUND,
            route_find(SLICE("DELETE"), SLICE("/console/api/profile/sessions/a/b"),
                       &arena, &found, allow));
    REFUSED(NOT_FOUND,
            route_find(SLICE("GET"), SLICE("/console/apistate"), &arena, &found, allow));
}

/* ---- asked for real ---- */

static struct user
add_powerless(struct booth *booth)
{
    struct permission_set nothing = {{0}};
    struct role role = {0};

    OK(role_add(&booth->house.act, SLICE("Nothing"), &nothing, &role));
    return add_user(&booth->house, "nobody@example.com", "Nothing");
}

static void
test_no_route_but_the_open_ones_answers_without_a_session(void **state)
{
    struct booth *booth = *state;

    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        char path[256];
        int status = 0;

        write_path(ROUTES[i].path, path);
        status = booth_ask(booth, ROUTES[i].method, path, (struct ask){0}, NOW_S);
        if (ROUTES[i].need == NEED_NOBODY)
            continue;
        assert_int_equal(status, 401);
        SAYS(booth_text(booth), "NOT_LOGGED_IN");
    }
}

static void
test_no_change_is_made_without_the_mark(void **state)
{
    struct booth *booth = *state;
    char cookie[SESSION_COOKIE_CHARS + 1];

    booth_begin(booth, &booth->house.admin, SESSION_ACTIVE, NOW_S, cookie);
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        struct ask ask = {.cookie = cookie};
        char path[256];

        if (is_get(&ROUTES[i]) || ROUTES[i].need == NEED_NOBODY)
            continue;
        write_path(ROUTES[i].path, path);
        assert_int_equal(booth_ask(booth, ROUTES[i].method, path, ask, NOW_S), 403);
        SAYS(booth_text(booth), "\"CSRF\"");
    }
}

static void
test_a_role_without_the_permission_hears_its_name(void **state)
{
    struct booth *booth = *state;
    struct user user = add_powerless(booth);
    char cookie[SESSION_COOKIE_CHARS + 1];
    char csrf[64];

    booth_begin(booth, &user, SESSION_ACTIVE, NOW_S, cookie);
    booth_ask(booth, "GET", "/console/api/session", (struct ask){.cookie = cookie},
              NOW_S);
    booth_member(booth, "csrf", csrf, sizeof(csrf));
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        struct ask ask = {.cookie = cookie, .csrf = csrf};
        char name[PERMISSION_NAME_MAX + 1];
        char path[256];

        if (ROUTES[i].need >= PERMISSION_MAX_COUNT)
            continue;
        write_path(ROUTES[i].path, path);
        permission_write((uint16_t)ROUTES[i].need, name);
        assert_int_equal(booth_ask(booth, ROUTES[i].method, path, ask, NOW_S), 403);
        SAYS(booth_text(booth), "NOT_PERMITTED");
        SAYS(booth_text(booth), name);
    }
}

static void
test_a_row_with_two_permissions_needs_both(void **state)
{
    struct booth *booth = *state;
    size_t count = 0;

    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        struct permission_set one = {{0}};
        struct role role = {0};
        char name[PERMISSION_NAME_MAX + 1], path[256], role_name[32], email[48];
        char cookie[SESSION_COOKIE_CHARS + 1];

        if (ROUTES[i].also == 0)
            continue;
        permission_set_add(&one, (uint16_t)ROUTES[i].need);
        snprintf(role_name, sizeof(role_name), "Half %zu", i);
        snprintf(email, sizeof(email), "half%zu@example.com", i);
        OK(role_add(&booth->house.act, slice_of(role_name), &one, &role));
        struct user user = add_user(&booth->house, email, role_name);
        booth_begin(booth, &user, SESSION_ACTIVE, NOW_S, cookie);
        write_path(ROUTES[i].path, path);
        permission_write((uint16_t)ROUTES[i].also, name);
        assert_true(is_get(&ROUTES[i])); /* else the mark comes first */
        assert_int_equal(booth_ask(booth, ROUTES[i].method, path,
                                   (struct ask){.cookie = cookie}, NOW_S),
                         403);
        SAYS(booth_text(booth), name);
        count++;
    }
    assert_true(count > 0);
}

/* A log-in that is not finished opens nothing but the way to its end. */
static void
test_half_a_log_in_opens_no_route(void **state)
{
    static const struct {
        enum session_state state;
        int status;
        const char *code;
    } HALVES[] = {{SESSION_SECOND_FACTOR, 401, "SECOND_FACTOR_NEEDED"},
                  {SESSION_PASSWORD_CHANGE, 403, "PASSWORD_CHANGE_NEEDED"}};
    struct booth *booth = *state;
    char cookie[SESSION_COOKIE_CHARS + 1];

    for (size_t k = 0; k < COUNT_OF(HALVES); k++) {
        booth_begin(booth, &booth->house.admin, HALVES[k].state, NOW_S, cookie);
        for (size_t i = 0; i < ROUTE_COUNT; i++) {
            struct ask ask = {.cookie = cookie};
            char path[256];

            if (ROUTES[i].need == NEED_NOBODY || ROUTES[i].need == NEED_ANY_STATE)
                continue;
            write_path(ROUTES[i].path, path);
            assert_int_equal(booth_ask(booth, ROUTES[i].method, path, ask, NOW_S),
                             HALVES[k].status);
            SAYS(booth_text(booth), HALVES[k].code);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_route_asks_for_something),
        cmocka_unit_test(test_every_route_is_whole),
        cmocka_unit_test(test_a_view_permission_changes_nothing),
        cmocka_unit_test(test_every_route_is_found_by_its_own_path),
        cmocka_unit_test(test_parameters_are_decoded_once),
        IN_BOOTH(test_no_route_but_the_open_ones_answers_without_a_session),
        IN_BOOTH(test_no_change_is_made_without_the_mark),
        IN_BOOTH(test_a_role_without_the_permission_hears_its_name),
        IN_BOOTH(test_a_row_with_two_permissions_needs_both),
        IN_BOOTH(test_half_a_log_in_opens_no_route),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
