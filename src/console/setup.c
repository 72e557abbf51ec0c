/* SPDX-License-Identifier: Apache-2.0
 *
 * The first run: what state the house is in, and its first user. */
#include "base/auto.h"
#include "base/date.h"
#include "base/secret.h"
#include "console/handlers.h"
#include "console/inside.h"
#include "console/login.h"
#include "rules/people.h"
#include "rules/second_factor.h"
#include "store/store_people.h"

enum status
console_make_setup_code(struct console *console, struct store *store,
                        char out[CONSOLE_SETUP_CODE_CHARS + 1], bool *out_is_needed)
{
    int64_t user_count = 0;
    enum status status = store_user_count(store, &user_count);

    *out_is_needed = false;
    if (status != STATUS_OK || user_count > 0)
        return status;
    recovery_code_make(out);
    pthread_mutex_lock(&console->lock);
    recovery_code_hash(slice_of(out), console->setup_code_hash);
    console->has_setup_code = true;
    pthread_mutex_unlock(&console->lock);
    *out_is_needed = true;
    return STATUS_OK;
}

_Static_assert((int)CONSOLE_SETUP_CODE_CHARS == (int)RECOVERY_CODE_CHARS,
               "a set-up code is made like a recovery code");

static bool
is_setup_code(struct console *console, struct slice code)
{
    uint8_t hash[SESSION_HASH_BYTES];
    bool fits = false;

    recovery_code_hash(code, hash);
    pthread_mutex_lock(&console->lock);
    fits = console->has_setup_code &&
           secret_equal((struct slice){hash, sizeof(hash)},
                        (struct slice){console->setup_code_hash,
                                       sizeof(console->setup_code_hash)});
    pthread_mutex_unlock(&console->lock);
    return fits;
}

static void
forget_setup_code(struct console *console)
{
    pthread_mutex_lock(&console->lock);
    console->has_setup_code = false;
    pthread_mutex_unlock(&console->lock);
}

enum status
setup_state(struct visit *v)
{
    char name[TEXT_NAME_BYTES] = "";
    char now[DATE_TIME_CHARS + 1];
    size_t len = 0;
    int64_t user_count = 0;
    enum status status = store_user_count(v->reader, &user_count);

    if (status == STATUS_OK)
        status = store_fact_get(v->reader, "account_name", name, sizeof(name), &len);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;

    struct json_writer writer = visit_json(v, 200);
    date_time_write(v->request->now_ms, now);
    json_write_object(&writer);
    json_write_member_bool(&writer, "isSetUp", user_count > 0);
    json_write_member_text(&writer, "version", TOKENHOUSE_VERSION);
    json_write_member_text(&writer, "accountName", name);
    json_write_member_text(&writer, "address", v->address);
    json_write_member_text(&writer, "now", now);
    json_write_end(&writer);
    return json_write_done(&writer);
}

/* By the command's right: whoever knows the code has seen the house's own terminal. */
static enum status
make_first_user(struct visit *v, const struct user_wish *wish)
{
    struct act act = v->act;
    enum status status = STATUS_OK;

    act.actor_kind = ACTOR_SYSTEM;
    act.actor_name = "set-up code";
    status = account_make(&act, wish, &v->user);
    if (status == STATUS_OK)
        status = store_role_by_id(v->worker->writer, v->user.role_id, &v->role);
    return status;
}

enum status
setup_first_user(struct visit *v)
{
    struct slice code = {0};
    struct user_wish wish = {0};
    const struct body_member members[] = {
        {.name = "setupCode", .kind = BODY_TEXT, BODY_REQUIRED, .text = &code},
        {.name = "email", .kind = BODY_TEXT, BODY_REQUIRED, .text = &wish.email},
        {.name = "name", .kind = BODY_TEXT, BODY_OPTIONAL, .text = &wish.name},
        {.name = "password", .kind = BODY_TEXT, BODY_REQUIRED, .text = &wish.password},
    };
    int64_t user_count = 0;
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status == STATUS_OK)
        status = store_user_count(v->reader, &user_count);
    if (status != STATUS_OK)
        return status;
    if (user_count > 0)
        return visit_refuse(v, PROBLEM_CONFLICT, NULL, "the account is set up already");
    status = login_attempt(v, THROTTLE_ADDRESS, (struct slice){0});
    if (status != STATUS_OK)
        return status;
    if (!is_setup_code(v->console, code))
        return visit_refuse(v, PROBLEM_SETUP_CODE_WRONG, "setupCode",
                            "this is not the set-up code; the server printed it when it "
                            "started, and prints another one at each start");
    status = make_first_user(v, &wish);
    if (status != STATUS_OK)
        return status;
    forget_setup_code(v->console);
    v->act.actor_user_id = v->user.id;
    v->act.actor_name = v->user.email;
    v->act.actor_id = v->user.uid;
    status = login_begin(v, SESSION_ACTIVE, true);
    return status == STATUS_OK ? login_answer(v) : status;
}
