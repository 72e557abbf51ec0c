/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions at the console, each change with its event. */
#include "rules/sessions.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "base/random.h"
#include "crypto/sha256.h"
#include "rules/details.h"
#include "store/store_people.h"
#include "store/store_sessions.h"

#include <stdio.h>

enum {
    COOKIE_BYTES = 32,
    SESSION_OF_USER_MAX_COUNT = 50, /* a script that never logs out fills no table */
};

_Static_assert(BASE64URL_MAX_CHARS(COOKIE_BYTES) == SESSION_COOKIE_CHARS,
               "a cookie is 256 bits in base64url");
_Static_assert((int)SESSION_HASH_BYTES == (int)SHA256_BYTES, "a cookie is kept as this");

int64_t
session_idle_end_s(const struct session *session, const struct session_limits *limits)
{
    int64_t end_s = session_end_s(session, limits);
    int64_t idle_end_s = session->used_at_s + limits->idle_s;

    return idle_end_s < end_s ? idle_end_s : end_s;
}

int64_t
session_end_s(const struct session *session, const struct session_limits *limits)
{
    return session->created_at_s + limits->max_s;
}

bool
session_is_alive(const struct session *session, const struct session_limits *limits,
                 int64_t now_s)
{
    return session->id != 0 && now_s < session_idle_end_s(session, limits);
}

void
session_hash(struct slice cookie, uint8_t out[SESSION_HASH_BYTES])
{
    sha256(cookie, out);
}

static void
make_cookie(struct secret *out)
{
    uint8_t bytes[COOKIE_BYTES];

    random_fill(bytes, sizeof(bytes));
    out->len = base64url_encode((struct slice){bytes, sizeof(bytes)}, (char *)out->at);
    secret_wipe(bytes, sizeof(bytes));
}

static void
keep_agent(struct slice agent, char out[SESSION_AGENT_MAX_CHARS + 1])
{
    size_t len = 0;

    for (size_t i = 0; i < agent.len && len < SESSION_AGENT_MAX_CHARS; i++) {
        if (agent.at[i] >= 0x20 && agent.at[i] < 0x7f)
            out[len++] = (char)agent.at[i];
    }
    out[len] = '\0';
}

static struct happening
happening_of(enum event_kind kind, const struct user *user)
{
    return (struct happening){
        .kind = kind,
        .object_kind = "user",
        .object_id = user ? user->uid : "",
        .object_name = user ? user->email : "",
    };
}

static enum status
tell_log_in(const struct act *act, const struct session_wish *wish)
{
    enum status status =
        store_user_logged_in(act->store, wish->user->id, act->now_ms / 1000);

    if (status != STATUS_OK)
        return status;
    return history_add_change(act, happening_of(EVENT_USER_LOGGED_IN, wish->user),
                              "logged in", NULL, NULL);
}

/* The person was proved a moment ago, outside this transaction: are they still who they
 * were? Else a session would begin after all of them were ended. */
static enum status
check_still_the_same(const struct act *act, const struct user *proved)
{
    struct user user = {0};
    enum status status = store_user_by_id(act->store, proved->id, &user);

    if (status == STATUS_OK &&
        (user.is_suspended || strcmp(user.password_hash, proved->password_hash) != 0))
        status = STATUS_NOT_FOUND;
    return status;
}

enum status
session_start(const struct act *act, const struct session_wish *wish,
              struct secret *out_cookie, struct session *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct secret cookie AUTO(secret_done) = {0};
    uint8_t hash[SESSION_HASH_BYTES];
    struct session session = {
        .user_id = wish->user->id,
        .state = wish->state,
        .created_at_s = wish->before ? wish->before->created_at_s : act->now_ms / 1000,
        .used_at_s = act->now_ms / 1000,
    };
    enum status status = store_begin_urgent(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    uuid_make(session.uid);
    make_cookie(&cookie);
    session_hash(secret_slice(&cookie), hash);
    snprintf(session.address, sizeof(session.address), "%s", act->address);
    keep_agent(wish->user_agent, session.user_agent);
    status = check_still_the_same(act, wish->user);
    if (status == STATUS_OK && wish->before)
        status = store_session_remove(act->store, wish->before->id);
    if (status == STATUS_OK)
        status = store_session_add(act->store, &session, hash, &session.id);
    if (status == STATUS_OK)
        status = store_session_keep_newest(act->store, session.user_id,
                                           SESSION_OF_USER_MAX_COUNT);
    if (status == STATUS_OK && wish->is_log_in)
        status = tell_log_in(act, wish);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status != STATUS_OK)
        return status;
    *out_cookie = cookie;
    *out = session;
    return STATUS_OK;
}

enum status
session_end(const struct act *act, const struct user *user, const struct session *session,
            const char *how)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    enum status status = store_begin_urgent(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = store_session_remove(act->store, session->id);
    /* who never came in does not go out */
    if (status == STATUS_OK && session->state != SESSION_SECOND_FACTOR)
        status = history_add_change(act, happening_of(EVENT_USER_LOGGED_OUT, user), how,
                                    NULL, NULL);
    return status == STATUS_OK ? store_commit(act->store) : status;
}

enum status
session_tell_failed(const struct act *act, const struct user *user, const char *why,
                    int64_t unsaid_count)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    json_t *after AUTO(details_done) =
        json_pack("{s:s, s:I}", "why", why, "untoldBefore", (json_int_t)unsaid_count);
    enum status status = store_begin_urgent(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = history_add_change(act, happening_of(EVENT_LOGIN_FAILED, user), "failed",
                                NULL, after);
    return status == STATUS_OK ? store_commit(act->store) : status;
}
