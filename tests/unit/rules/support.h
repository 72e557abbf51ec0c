/* SPDX-License-Identifier: Apache-2.0
 *
 * A fresh account in a real SQLite database for each test, acts as a command and as a
 * user, and a look at what Event History and the change feed got. */
#ifndef TESTS_UNIT_RULES_SUPPORT_H
#define TESTS_UNIT_RULES_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../support/claims.h"
#include "../../support/folder.h"
#include "base/auto.h"
#include "rules/groups.h"
#include "rules/people.h"
#include "rules/roles.h"
#include "rules/token_life.h"
#include "rules/token_make.h"
#include "store/store_events.h"
#include "store/store_people.h"
#include "store/store_tokens.h"

#define ADMIN    "admin@example.com"
#define PASSWORD "correct horse battery"

/* 2026-11-23T12:00:00Z, the day on which all tests live. */
#define NOW_S 1795435200LL

#define REFUSED(wanted, call)                                                        \
    do {                                                                             \
        enum status status_ = (call);                                                \
        if (status_ != STATUS_##wanted)                                              \
            fail_msg("%s:%d: %s: %s instead of " #wanted, __FILE__, __LINE__, #call, \
                     status_name(status_));                                          \
    } while (0)

struct house {
    char data[64];
    struct store *store;
    struct master_key *master_key;
    struct failure failure;
    struct act act; /* as a command */
    struct user admin;
};

static inline void
house_open(struct house *house)
{
    char path[128];

    *house = (struct house){.data = "/tmp/tokenhouse-rules-XXXXXX"};
    assert_non_null(mkdtemp(house->data));
    snprintf(path, sizeof(path), "%s/master.key", house->data);
    OK(master_key_make(path, &house->failure));
    OK(master_key_open(path, &house->master_key, &house->failure));
    OK(store_create(house->data, &house->failure));
    OK(store_open(house->data, STORE_WRITE, &house->store, &house->failure));
    house->act = (struct act){
        .store = house->store,
        .master_key = house->master_key,
        .now_ms = NOW_S * 1000,
        .actor_kind = ACTOR_COMMAND,
        .actor_name = "tokenhouse test",
        .actor_id = "",
        .address = "",
        .request_id = "",
        .failure = &house->failure,
    };
    struct user_wish wish = {.email = SLICE(ADMIN), .password = SLICE(PASSWORD)};
    OK(account_make(&house->act, &wish, &house->admin));
}

static inline void
house_close(struct house *house)
{
    store_close(&house->store);
    master_key_close(&house->master_key);
    folder_remove(house->data);
}

/* The same act, done by this user at the console. */
static inline struct act
as_user(const struct house *house, const struct user *user)
{
    struct act act = house->act;

    act.actor_kind = ACTOR_USER;
    act.actor_user_id = user->id;
    act.actor_name = user->email;
    act.actor_id = user->uid;
    act.address = "192.0.2.7";
    return act;
}

static inline struct user
add_user(struct house *house, const char *email, const char *role)
{
    struct user_wish wish = {.email = slice_of(email), .role = slice_of(role)};
    struct user user = {0};

    OK(user_add(&house->act, &wish, &user));
    return user;
}

/* The acts with their wishes spelled out, as tests like to read them. */
static inline enum status
make_group(const struct act *act, struct slice name, struct slice description,
           struct device_group *out)
{
    struct group_wish wish = {.name = name, .description = description};

    return group_add(act, &wish, out);
}

static inline enum status
edit_role(const struct act *act, struct slice name, const struct slice *new_name,
          const struct permission_set *permissions, struct role *out)
{
    struct role_edit edit = {new_name, permissions, 0};

    return role_change(act, which_named(name), &edit, out);
}

static inline enum status
assign(const struct act *act, struct slice name, const struct slice *emails,
       size_t email_count, const struct slice *devices, size_t device_count,
       bool is_removal)
{
    struct group_members members = {emails, devices, email_count, device_count};
    struct group_members nobody = {0};

    return group_assign(act, which_named(name), is_removal ? &nobody : &members,
                        is_removal ? &members : &nobody);
}

static inline struct device_group
add_group(struct house *house, const char *name)
{
    struct device_group group = {0};

    OK(make_group(&house->act, slice_of(name), SLICE(""), &group));
    return group;
}

static inline struct token
add_token(struct house *house, const struct user *user, const char *title)
{
    struct token_wish wish = {.title = slice_of(title)};
    struct token token = {0};
    struct secret secret AUTO(secret_done) = {0};

    OK(token_make(&house->act, user->id, &wish, &token, &secret));
    return token;
}

static inline struct token
read_token(struct house *house, const struct token *token)
{
    struct token found = {0};

    OK(store_token_by_id(house->store, slice_of(token->id), &found));
    return found;
}

/* ---- what was recorded ---- */

struct seen {
    int count;
    struct event newest;
    char details[16384]; /* of the newest */
};

static inline bool
see_event(void *ctx, const struct event *event)
{
    struct seen *seen = ctx;

    if (seen->count++ == 0) {
        seen->newest = *event;
        assert_true(slice_to_text(event->details, seen->details, sizeof(seen->details)));
        seen->newest.details = (struct slice){0};
    }
    return true;
}

/* All events of one object ("" = all), with the newest. */
static inline struct seen
events_of(struct house *house, const char *object_id)
{
    struct seen seen = {0};
    struct event_query query = {.count = 1000};

    snprintf(query.object_id, sizeof(query.object_id), "%.*s",
             (int)sizeof(query.object_id) - 1, object_id);
    OK(store_event_list(house->store, &query, see_event, &seen));
    return seen;
}

static inline int64_t
last_change(struct house *house)
{
    int64_t last = 0;

    OK(store_change_last(house->store, &last));
    return last;
}

static inline void
keep_change(void *ctx, const struct change *change)
{
    *(struct change *)ctx = *change;
}

/* The newest row of the change feed. */
static inline struct change
newest_change(struct house *house)
{
    struct change change = {0};
    int64_t last = last_change(house);

    OK(store_change_list(house->store, last - 1, keep_change, &change, &last));
    return change;
}

static inline bool
holds(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

/* Does `text` say this? With the text in the failure when it does not. */
#define SAYS(text, part)                                                               \
    do {                                                                               \
        if (!holds((text), (part)))                                                    \
            fail_msg("%s:%d: '%s' is not in: %s", __FILE__, __LINE__, (part), (text)); \
    } while (0)

/* Runs a test function with a house of its own. */
static inline int
setup_house(void **state)
{
    struct house *house = calloc(1, sizeof(*house));

    house_open(house);
    *state = house;
    return 0;
}

static inline int
teardown_house(void **state)
{
    house_close(*state);
    free(*state);
    return 0;
}

#define IN_HOUSE(test) cmocka_unit_test_setup_teardown(test, setup_house, teardown_house)

#endif
