/* SPDX-License-Identifier: Apache-2.0
 *
 * What to do about a refusal: who has what is missing, and where it is given. */
#include "rules/explanation.h"

#include "base/auto.h"
#include "base/buffer.h"
#include "base/date.h"
#include "base/percent.h"
#include "rules/licences.h"
#include "rules/policy.h"
#include "store/store_people.h"
#include "store/store_tokens.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- what the store knows ---- */

static bool
note_role(void *ctx, const struct role *role)
{
    struct explanation *explanation = ctx;
    struct permission_set rights = policy_role_rights(role);

    for (size_t i = 0; i < explanation->need_count; i++) {
        struct explain_need *need = &explanation->needs[i];
        if (!permission_set_has(&rights, need->permission))
            continue;
        if (role->id == explanation->role_id) {
            need->is_in_role = true;
        } else if (need->role_count < EXPLAIN_ROLE_MAX_COUNT) {
            need->roles[need->role_count].id = role->id;
            memcpy(need->roles[need->role_count++].name, role->name, sizeof(role->name));
        } else {
            need->more_role_count++;
        }
    }
    return true;
}

static bool
note_licence(void *ctx, const struct licence *licence)
{
    struct explanation *explanation = ctx;

    for (size_t i = 0; i < explanation->licence_count; i++) {
        struct explain_licence *wanted = &explanation->licences[i];
        if (strcmp(wanted->name, licence->name) != 0 ||
            (wanted->is_there && wanted->ends_at_s >= licence->ends_at_s))
            continue;
        wanted->is_there = true; /* of several, the one that lasts longest */
        wanted->starts_at_s = licence->starts_at_s;
        wanted->ends_at_s = licence->ends_at_s;
    }
    return true;
}

static enum status
find_token(struct store *store, struct explanation *explanation)
{
    struct token token;
    struct user user;
    struct role role;
    enum status status =
        store_token_by_id(store, slice_of(explanation->token_id), &token);

    if (status != STATUS_OK)
        return status;
    memcpy(explanation->title, token.title, sizeof(token.title));
    explanation->expires_at_s = token.expires_at_s;
    status = store_user_by_id(store, token.user_id, &user);
    if (status != STATUS_OK)
        return status;
    memcpy(explanation->user_email, user.email, sizeof(user.email));
    explanation->role_id = user.role_id;
    status = store_role_by_id(store, user.role_id, &role);
    if (status == STATUS_OK)
        memcpy(explanation->role_name, role.name, sizeof(role.name));
    return status;
}

enum status
explanation_find_ways(struct store *store, struct explanation *explanation)
{
    enum status status = find_token(store, explanation);

    if (status == STATUS_NOT_FOUND)
        status = STATUS_OK; /* no such token, or it has just gone */
    if (status == STATUS_OK)
        status = store_role_list(store, note_role, explanation);
    if (status == STATUS_OK)
        status = store_licence_list(store, note_licence, explanation);
    return status;
}

/* ---- what to do ---- */

/* What is being told, and where it is written. */
struct telling {
    const struct explanation *explanation;
    const struct explain_request *request;
    char *words, *link;
};

__attribute__((format(printf, 2, 3))) static void
say(struct telling *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(t->words, FAILURE_TEXT_MAX, format, args);
    va_end(args);
}

__attribute__((format(printf, 2, 3))) static void
lead_to(struct telling *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(t->link, EXPLAIN_LINK_BYTES, format, args);
    va_end(args);
}

static void
link_token(struct telling *t)
{
    lead_to(t, "/tokens/%s", t->explanation->token_id);
}

static void
tell_token(struct telling *t)
{
    say(t,
        "Compare the \"kid\" that is sent with the token IDs of the console: the token "
        "may have been deleted, or belong to another server.");
    lead_to(t, "/tokens");
}

static void
tell_address(struct telling *t)
{
    char address[IP_TEXT_MAX + 1];

    ip_write(&t->request->address, address);
    say(t, "Add %s to the token's approved addresses: whoever may edit the token can.",
        address);
    link_token(t);
}

static void
tell_expired(struct telling *t)
{
    say(t, "An expired token stays expired: make a new one. While a token lives its date "
           "can be moved, up to one year ahead.");
    lead_to(t, "/tokens/new");
}

static void
tell_replaced(struct telling *t)
{
    say(t, "Sign with the key of the token that replaces it; this one stays dead.");
    link_token(t);
}

static void
tell_suspended(struct telling *t)
{
    say(t, "Resume the token: a System Administrator can, and its user when nobody else "
           "has suspended it.");
    link_token(t);
}

static void
tell_user_suspended(struct telling *t)
{
    say(t,
        "Somebody with the permission Users:Manage can resume the user %s; all of the "
        "user's tokens are valid again then.",
        t->explanation->user_email);
    lead_to(t, "/users");
}

static void
tell_bearer(struct telling *t)
{
    say(t,
        "Roll the token to one with a key, and sign each request; or somebody with the "
        "permission Settings:Manage allows bearer tokens for the account.");
    link_token(t);
}

static void
tell_fresh(struct telling *t)
{
    say(t, "Set the clock of the machine that signs, and sign each request right before "
           "it is sent; issuedAt is in milliseconds.");
}

static void
tell_route(struct telling *t)
{
    if (t->explanation->other_methods[0])
        say(t, "The path takes %s.", t->explanation->other_methods);
    else
        say(t,
            "Compare the path with the operations of the API; the query does not belong "
            "into it.");
}

static void
tell_licence(struct telling *t)
{
    const struct explanation *explanation = t->explanation;
    char first[DATE_CHARS + 1];
    char last[DATE_CHARS + 1];

    lead_to(t, "/account?tab=licences");
    for (size_t i = 0; i < explanation->licence_count; i++) {
        const struct explain_licence *licence = &explanation->licences[i];
        if (!licence->is_there)
            continue;
        date_write(date_of(licence->starts_at_s), first);
        date_write(date_of(licence->ends_at_s - 1), last);
        if (licence->ends_at_s >= licence_endless_s())
            say(t, "The licence %s begins on %s.", licence->name, first);
        else
            say(t,
                "The licence %s holds from %s to %s: somebody with the permission "
                "Licenses:Manage can enter its extension.",
                licence->name, first, last);
        return;
    }
    say(t, "The account has no such licence: somebody with the permission "
           "Licenses:Manage can enter one.");
}

/* The first that is missing decides what is to be done first. */
static const struct explain_need *
first_missing(const struct explanation *explanation)
{
    for (size_t i = 0; i < explanation->need_count; i++) {
        if (explanation->needs[i].is_missing)
            return &explanation->needs[i];
    }
    return NULL;
}

static bool
is_all_in_role(const struct explanation *explanation)
{
    for (size_t i = 0; i < explanation->need_count; i++) {
        if (explanation->needs[i].is_missing && !explanation->needs[i].is_in_role)
            return false;
    }
    return true;
}

static bool
is_all_in_token(const struct explanation *explanation)
{
    for (size_t i = 0; i < explanation->need_count; i++) {
        if (explanation->needs[i].is_missing && !explanation->needs[i].is_in_token)
            return false;
    }
    return true;
}

/* A page of a new token that has all that this request needs. */
static void
link_new_token(struct telling *t)
{
    const struct explanation *explanation = t->explanation;
    struct buffer link AUTO(buffer_done) = buffer_make(EXPLAIN_LINK_BYTES - 1);
    struct permission_set told = {0};
    char name[PERMISSION_NAME_MAX + 1];

    buffer_add_text(&link, "/tokens/new");
    for (size_t i = 0; i < explanation->need_count; i++) {
        uint16_t number = explanation->needs[i].permission;
        if (permission_set_has(&told, number))
            continue;
        permission_write(number, name);
        buffer_add_text(&link, permission_set_is_empty(&told) ? "?" : "&");
        buffer_add_text(&link, "permission=");
        percent_encode(&link, slice_of(name));
        permission_set_add(&told, number);
    }
    if (buffer_check(&link) == STATUS_OK) /* else it is chosen by hand */
        slice_to_text(buffer_slice(&link), t->link, EXPLAIN_LINK_BYTES);
    else
        lead_to(t, "/tokens/new");
}

static void
tell_permission(struct telling *t)
{
    const struct explanation *explanation = t->explanation;
    const struct explain_need *need = first_missing(explanation);

    if (explanation->is_closed || !need) {
        say(t, "Whoever keeps the API's description says in it, by x-tokenhouse, which "
               "permissions the operation needs.");
        return;
    }
    if (is_all_in_token(explanation)) {
        say(t,
            "The token has it, but the role %s of %s has lost it: somebody with the "
            "permission User roles:Manage can give it back, and the token has it again "
            "at once.",
            explanation->role_name, explanation->user_email);
        lead_to(t, "/roles/%lld", (long long)explanation->role_id);
        return;
    }
    link_new_token(t);
    if (is_all_in_role(explanation)) {
        say(t,
            "A token's permissions never change: make a new one that has it. The role "
            "%s of %s does.",
            explanation->role_name, explanation->user_email);
        return;
    }
    say(t,
        "The role %s of %s lacks it too: somebody with the permission User "
        "roles:Manage can add it, or somebody with Users:Manage gives the user another "
        "role; then make a new token that has it.",
        explanation->role_name, explanation->user_email);
    lead_to(t, "/roles/%lld", (long long)explanation->role_id);
}

static void
tell_canary(struct telling *t)
{
    say(t,
        "Whoever signs with it hears that they are not authenticated, and its user and "
        "all System Administrators are told. Use another token.");
}

static void
tell_limits(struct telling *t)
{
    say(t, "Its user or a System Administrator can change the token's limits.");
    lead_to(t, "/tokens/%s", t->explanation->token_id);
}

static void
tell_rate(struct telling *t)
{
    say(t, "Wait for as long as the answer's Retry-After says, and spread the requests.");
}

static void
tell_stale(struct telling *t)
{
    say(t, "The operator sees in the log why the database does not answer.");
}

static void
tell_too_large(struct telling *t)
{
    say(t, "Send less in one request.");
}

static void
tell_form(struct telling *t)
{
    say(t, "See \"A request\" in the description of the protocol.");
}

/* What there is to say about each refusal; nothing for those that cannot come up here. */
static void (*const WAYS[VERDICT_COUNT])(struct telling *) = {
    [REFUSED_NOT_A_JWS] = tell_form,      [REFUSED_TOO_LARGE] = tell_too_large,
    [REFUSED_BAD_HEADER] = tell_form,     [REFUSED_UNKNOWN_TOKEN] = tell_token,
    [REFUSED_CANARY] = tell_canary,       [REFUSED_ADDRESS] = tell_address,
    [REFUSED_EXPIRED] = tell_expired,     [REFUSED_REPLACED] = tell_replaced,
    [REFUSED_SUSPENDED] = tell_suspended, [REFUSED_USER_SUSPENDED] = tell_user_suspended,
    [REFUSED_BEARER] = tell_bearer,       [REFUSED_NOT_FRESH] = tell_fresh,
    [REFUSED_BAD_REQUEST] = tell_form,    [REFUSED_NO_ROUTE] = tell_route,
    [REFUSED_LICENCE] = tell_licence,     [REFUSED_PERMISSION] = tell_permission,
    [REFUSED_RATE] = tell_rate,           [REFUSED_QUOTA] = tell_rate,
    [REFUSED_CONCURRENT] = tell_rate,     [REFUSED_NOT_YET] = tell_limits,
    [REFUSED_USED_UP] = tell_limits,      [REFUSED_STALE] = tell_stale,
};

void
explanation_way(const struct explanation *explanation,
                const struct explain_request *request, const struct explain_step *step,
                char out_words[FAILURE_TEXT_MAX], char out_link[EXPLAIN_LINK_BYTES])
{
    struct telling telling = {explanation, request, out_words, out_link};

    out_words[0] = '\0';
    out_link[0] = '\0';
    if (step->outcome == EXPLAIN_FAILED && WAYS[step->verdict])
        WAYS[step->verdict](&telling);
}
