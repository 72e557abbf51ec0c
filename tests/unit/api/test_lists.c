/* SPDX-License-Identifier: Apache-2.0
 *
 * The short lists, groups and licences: filtered and paged in memory as long ones are in
 * the store. */
#include "support.h"

enum { NOW_S = INVENTORY_NOW_MS / 1000 };

/* Follows a list to its end; gives all its names. */
static void
walk(struct inventory *v, const char *operation, const char *query, const char *name,
     char *out, size_t size)
{
    char next[1024] = "";
    char text[2048];
    size_t len = 0;
    int pages = 0;

    out[0] = '\0';
    do {
        snprintf(text, sizeof(text), "%s%s%s", query, next[0] ? "&nextPage=" : "", next);
        json_t *root = ask(v, operation, text, 200);
        len += (size_t)snprintf(out + len, size - len, "%s", len ? " " : "");
        join(root, name, out + len, size - len);
        len = strlen(out);
        const char *cursor = "";
        json_unpack(root, "{s:{s:{s:s}}}", "metadata", "pagination", "nextPage", &cursor);
        snprintf(next, sizeof(next), "%s", cursor);
        json_decref(root);
    } while (next[0] && ++pages < 50);
}

static void
check_walk(struct inventory *v, const char *operation, const char *query,
           const char *name, const char *wanted)
{
    char got[1024];

    walk(v, operation, query, name, got, sizeof(got));
    if (strcmp(got, wanted) != 0)
        fail_msg("%s: '%s' instead of '%s'", query, got, wanted);
}

static void
check_groups(struct inventory *v, const char *query, const char *wanted)
{
    check_walk(v, "get-device-groups", query, "displayName", wanted);
}

static void
test_groups_are_paged_in_the_order_of_their_names(void **state)
{
    static const char *const NAMES[] = {"b", "C", "a", "\xC3\x89lan", "aa", "B1"};
    struct inventory *v = *state;

    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        char uid[16];
        snprintf(uid, sizeof(uid), "uid-%zu", i);
        inventory_group(v, NAMES[i], uid);
    }
    for (int size = 1; size <= 7; size++) {
        char query[32];
        snprintf(query, sizeof(query), "pageSize=%d", size);
        check_groups(v, query, "a aa b B1 C \xC3\x89lan");
    }
    check_groups(v, "pageSize=1&displayNameStartsWith=B", "b B1");
    check_groups(v, "displayNameStartsWith=%C3%A9", "\xC3\x89lan");
    check_groups(v, "displayName=c", "C");
    check_groups(v, "displayName=c&groupType=smart", "");
    check_groups(v, "pageSize=1&deviceGroupUidAnyOf=uid-1,uid-0, uid-7,,UID-4", "aa b C");
    check_groups(v, "deviceGroupUidAnyOf=", "");
    check_groups(v, "deviceGroupUid=uid-1&deviceGroupUid=uid-0", "");
    check_groups(v, "nonsense=1&sortBy=nonsense&displayNameContains=b",
                 "a aa b B1 C "
                 "\xC3\x89lan");
}

static void
test_groups_are_those_of_the_token(void **state)
{
    struct inventory *v = *state;
    int64_t groups[] = {inventory_group(v, "one", "u1"), inventory_group(v, "two", "u2")};
    struct asked asked = {
        .operation = "get-device-groups", .groups = groups + 1, .group_count = 1};
    char names[64];

    json_t *root = ask_as(v, &asked, 200);
    join(root, "displayName", names, sizeof(names));
    assert_string_equal(names, "two");
    json_decref(root);
}

static void
add_licence(struct inventory *v, const char *name, const char *order, int64_t starts_at_s,
            int64_t ends_at_s)
{
    struct licence licence = {
        .starts_at_s = starts_at_s, .ends_at_s = ends_at_s, .seat_count = 5};
    int64_t id = 0;

    snprintf(licence.uid, sizeof(licence.uid), "uid-%s", name);
    snprintf(licence.name, sizeof(licence.name), "%s", name);
    snprintf(licence.order_no, sizeof(licence.order_no), "%s", order);
    MUST(store_begin(v->writer));
    MUST(store_licence_add(v->writer, &licence, &id));
    MUST(store_commit(v->writer));
}

static void
check_licences(struct inventory *v, const char *query, const char *wanted)
{
    check_walk(v, "get-reporting-account-licenses", query, "licenseName", wanted);
}

static void
test_licences_are_filtered_and_paged(void **state)
{
    struct inventory *v = *state;

    add_licence(v, "Alpha", "", 1, 0);
    add_licence(v, "Beta", "Or-1", 1, NOW_S);
    add_licence(v, "Gamma", "Or-2", NOW_S + 1, NOW_S + 1);
    for (int size = 1; size <= 4; size++) {
        char query[32];
        snprintf(query, sizeof(query), "pageSize=%d", size);
        check_licences(v, query, "Alpha Beta Gamma");
    }
    check_licences(v, "licenseName=ALPHA", "Alpha");
    check_licences(v, "pageSize=1&licenseNameNot=beta", "Alpha Gamma");
    check_licences(v, "licenseNameStartsWith=b", "Beta");
    check_licences(v, "licenseNameNotStartsWith=b", "Alpha Gamma");
    check_licences(v, "licenseUid=uid-gamma", "Gamma");
    check_licences(v, "orderNoEmpty=true", "Alpha");
    check_licences(v, "pageSize=1&orderNoEmpty=false", "Beta Gamma");
    check_licences(v, "orderNo=or-2", "Gamma");
    check_licences(v, "orderNoNotStartsWith=or", "Alpha");
    /* one that has ended in this second has ended */
    check_licences(v, "expiredOrder=true", "Beta");
    check_licences(v, "expiredOrder=false", "Alpha Gamma");
    check_refused(v, "get-reporting-account-licenses", "expiredOrder=1", "INVALID_VALUE",
                  "expiredOrder");
}

static void
test_a_licence_says_when_it_holds(void **state)
{
    struct inventory *v = *state;

    add_licence(v, "Alpha", "", NOW_S, 0);
    check_row(ask(v, "get-reporting-account-licenses", "", 200),
              "{\"accountUid\":\"" INVENTORY_ACCOUNT "\",\"activatedOrder\":true,"
              "\"expiredOrder\":false,\"licenseCount\":5,\"licenseName\":\"Alpha\","
              "\"licenseUid\":\"uid-Alpha\",\"startDateUtc\":"
              "\"2026-11-23T12:00:00.000Z\"}");
    add_licence(v, "Later", "x", NOW_S + 1, NOW_S + 2);
    check_row(ask(v, "get-reporting-account-licenses", "licenseName=later", 200),
              "{\"accountUid\":\"" INVENTORY_ACCOUNT "\",\"activatedOrder\":false,"
              "\"endDateUtc\":\"2026-11-23T12:00:02.000Z\",\"expiredOrder\":false,"
              "\"licenseCount\":5,\"licenseName\":\"Later\",\"licenseUid\":\"uid-Later\","
              "\"orderNo\":\"x\",\"startDateUtc\":\"2026-11-23T12:00:01.000Z\"}");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_groups_are_paged_in_the_order_of_their_names),
        INVENTORY_TEST(test_groups_are_those_of_the_token),
        INVENTORY_TEST(test_licences_are_filtered_and_paged),
        INVENTORY_TEST(test_a_licence_says_when_it_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
