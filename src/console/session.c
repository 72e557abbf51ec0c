/* SPDX-License-Identifier: Apache-2.0
 *
 * Logging in and out: /session and what is below it. */
#include "base/auto.h"
#include "base/log.h"
#include "console/handlers.h"
#include "console/inside.h"
#include "console/login.h"
#include "crypto/password.h"
#include "rules/second_factor.h"
#include "rules/words.h"
#include "store/store_people.h"

enum { FAILED_EVENTS_PER_MINUTE = 30 };

enum status
session_show(struct visit *v)
{
    return login_answer(v);
}

/* ---- failing ---- */

/* May an event be written for one more failure? Bounded, or whoever guesses would also
 * fill Event History. */
static bool
may_tell(struct visit *v, int64_t *out_untold)
{
    struct console *console = v->console;
    int64_t minute = v->now_s / 60;
    bool may = false;

    pthread_mutex_lock(&console->lock);
    if (console->failed_minute != minute) {
        console->failed_minute = minute;
        console->failed_told = 0;
    }
    may = console->failed_told < FAILED_EVENTS_PER_MINUTE;
    *out_untold = console->failed_untold;
    if (may) {
        console->failed_told++;
        console->failed_untold = 0;
    } else {
        console->failed_untold++;
    }
    pthread_mutex_unlock(&console->lock);
    return may;
}

/* Whoever it was, they have not proved it: the event's actor is the house. The log says
 * it too, for programs that shut addresses out. */
static enum status
tell_failed(struct visit *v, const struct user *user, const char *why)
{
    struct act act = v->act;
    int64_t untold = 0;

    if (!may_tell(v, &untold))
        return STATUS_OK;
    log_event(LOG_WARN, "log-in failed", LOG_TEXT("why", slice_of(why)),
              LOG_TEXT("user", slice_of(user ? user->email : "")),
              LOG_TEXT("address", slice_of(v->address)), LOG_INT("untold", untold),
              LOG_TEXT("id", slice_of(v->request->request_id)));
    act.actor_kind = ACTOR_SYSTEM;
    act.actor_user_id = 0;
    act.actor_name = "console";
    act.actor_id = "";
    return session_tell_failed(&act, user, why, untold);
}

static enum status
refuse_log_in(struct visit *v, const struct user *user, const char *why)
{
    enum status status = tell_failed(v, user, why);

    v->user = (struct user){0};
    if (status != STATUS_OK)
        return status;
    return visit_refuse(v, PROBLEM_LOGIN_FAILED, NULL,
                        "the e-mail address or the password is wrong");
}

/* ---- logging in ---- */

/* What is to be done before they are in. */
static enum status
next_state(struct visit *v, enum session_state *out)
{
    bool has_factor = false;
    enum status status = second_factor_is_in_force(v->reader, v->user.id, &has_factor);

    *out = has_factor                     ? SESSION_SECOND_FACTOR
           : v->user.must_change_password ? SESSION_PASSWORD_CHANGE
                                          : SESSION_ACTIVE;
    return status;
}

/* The user of this e-mail address; zeroed when there is none. */
static enum status
find_user(struct visit *v, struct slice email)
{
    enum status status = store_user_by_email(v->reader, email, &v->user);

    if (status == STATUS_OK)
        status = store_role_by_id(v->reader, v->user.role_id, &v->role);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* From here on it is their own doing. */
static void
act_as_user(struct visit *v)
{
    v->act.session_id = 0;
    v->act.actor_user_id = v->user.id;
    v->act.actor_name = v->user.email;
    v->act.actor_id = v->user.uid;
}

static enum status
let_in(struct visit *v, struct slice who)
{
    enum session_state state = SESSION_SECOND_FACTOR;
    enum status status = next_state(v, &state);

    if (status != STATUS_OK)
        return status;
    login_was_good(v, THROTTLE_USER, who);
    act_as_user(v);
    status = login_begin(v, state, state != SESSION_SECOND_FACTOR);
    return status == STATUS_OK ? login_answer(v) : status;
}

/* The same work for a wrong password and for a user that does not exist. */
static enum status
check_and_let_in(struct visit *v, struct slice email, struct slice password)
{
    enum status status = find_user(v, email);
    bool fits = false;

    if (status != STATUS_OK)
        return status;
    fits = password_fits(password, v->user.password_hash);
    if (v->user.id == 0)
        return refuse_log_in(v, NULL, "unknown user");
    if (!fits)
        return refuse_log_in(v, &v->user, "wrong password");
    if (v->user.is_suspended)
        return refuse_log_in(v, &v->user, "the user is suspended");
    return let_in(v, email);
}

enum status
session_log_in(struct visit *v)
{
    struct slice email = {0};
    struct slice password = {0};
    char folded[EMAIL_MAX_CHARS + 1] = "";
    const struct body_member members[] = {
        {.name = "email", .kind = BODY_TEXT, BODY_REQUIRED, .text = &email},
        {.name = "password", .kind = BODY_TEXT, BODY_REQUIRED, .text = &password},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status != STATUS_OK)
        return status;
    /* no address at all is nobody's */
    if (words_read_email(email, folded, NULL) != STATUS_OK)
        folded[0] = '\0';
    /* one who is logged in and logs in again is another person, or has forgotten */
    v->session = (struct session){0};
    v->user = (struct user){0};
    status = login_attempt(v, THROTTLE_USER, slice_of(folded));
    if (status != STATUS_OK)
        return status;
    return check_and_let_in(v, slice_of(folded),
                            slice_head(password, PASSWORD_MAX_BYTES + 1));
}

enum status
session_log_out(struct visit *v)
{
    enum status status = session_end(&v->act, &v->user, &v->session, "logged out");

    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    login_drop_cookie(v);
    return visit_nothing(v);
}

/* ---- what is still to be done ---- */

enum status
session_second_factor(struct visit *v)
{
    struct slice code = {0};
    const struct body_member members[] = {
        {.name = "code", .kind = BODY_TEXT, BODY_REQUIRED, .text = &code},
    };
    struct slice who = slice_of(v->user.uid);
    bool fits = false;
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status != STATUS_OK)
        return status;
    if (v->session.state != SESSION_SECOND_FACTOR)
        return visit_refuse(v, PROBLEM_CONFLICT, NULL, "no code is wanted");
    status = login_attempt(v, THROTTLE_CODE, who);
    if (status == STATUS_OK)
        status = second_factor_check(&v->act, &v->user, code, &fits);
    if (status != STATUS_OK)
        return status;
    if (!fits) {
        status = tell_failed(v, &v->user, "wrong code");
        return status != STATUS_OK
                   ? status
                   : visit_refuse(v, PROBLEM_SECOND_FACTOR_WRONG, NULL,
                                  "the code is wrong, or was used before");
    }
    login_was_good(v, THROTTLE_CODE, who);
    status = login_begin(
        v, v->user.must_change_password ? SESSION_PASSWORD_CHANGE : SESSION_ACTIVE, true);
    return status == STATUS_OK ? login_answer(v) : status;
}

enum status
session_password(struct visit *v)
{
    struct slice password = {0};
    const struct body_member members[] = {
        {.name = "newPassword", .kind = BODY_TEXT, BODY_REQUIRED, .text = &password},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status != STATUS_OK)
        return status;
    if (v->session.state != SESSION_PASSWORD_CHANGE)
        return visit_refuse(v, PROBLEM_CONFLICT, NULL, "no change of password is wanted");
    status = login_set_password(v, password);
    if (status == STATUS_OK)
        status = login_begin(v, SESSION_ACTIVE, false);
    return status == STATUS_OK ? login_answer(v) : status;
}
