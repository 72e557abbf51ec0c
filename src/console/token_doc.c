/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens as JSON. */
#include "console/token_doc.h"

#include "base/auto.h"
#include "console/limits_doc.h"
#include "console/write.h"
#include "crypto/pem.h"
#include "model/verdict.h"
#include "rules/account_settings.h"
#include "rules/policy.h"
#include "rules/token_life.h"
#include "store/store_people.h"
#include "store/store_tokens.h"

enum { PEM_MAX_BYTES = 1024 };

static bool
may_manage(const struct visit *v)
{
    return permission_set_has(&v->rights, PERMISSION_API_CREDENTIALS_MANAGE);
}

enum status
token_docs_begin(struct visit *v, struct token_docs *out)
{
    struct account account = {0};
    enum status status = account_read(v->reader, &account);

    *out = (struct token_docs){.v = v, .is_live_rights = account.is_live_rights};
    return status;
}

/* ---- people ---- */

static enum status
read_person(struct token_docs *docs, int64_t id, struct token_person *out)
{
    enum status status = store_user_by_id(docs->v->reader, id, &out->user);

    out->id = id;
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK; /* deleted since */
    if (status == STATUS_OK)
        status = store_role_by_id(docs->v->reader, out->user.role_id, &out->role);
    out->is_there = status == STATUS_OK;
    return status;
}

static enum status
find_person(struct token_docs *docs, int64_t id, const struct token_person **out)
{
    struct token_person *person = docs->people;

    while (person && person->id != id)
        person = person->next;
    if (!person) {
        person = arena_new(docs->v->arena, sizeof(*person));
        enum status status = read_person(docs, id, person);
        if (status != STATUS_OK)
            return status;
        person->next = docs->people;
        docs->people = person;
    }
    *out = person;
    return STATUS_OK;
}

static void
write_person(struct json_writer *writer, const char *name,
             const struct token_person *person, bool with_state)
{
    json_write_key(writer, name);
    if (!person->is_there) {
        json_write_null(writer);
        return;
    }
    json_write_object(writer);
    json_write_member_text(writer, "uid", person->user.uid);
    json_write_member_text(writer, "email", person->user.email);
    json_write_member_text(writer, "name", person->user.name);
    json_write_member_text(writer, "role", person->role.name);
    if (with_state)
        json_write_member_bool(writer, "isSuspended", person->user.is_suspended);
    json_write_end(writer);
}

/* ---- parts ---- */

static void
write_addresses(struct json_writer *writer, const struct token *token)
{
    char text[IP_RANGE_TEXT_MAX + 1];

    json_write_key(writer, "approvedAddresses");
    json_write_array(writer);
    for (size_t i = 0; i < token->address_count; i++) {
        ip_range_write(&token->addresses[i], text);
        json_write_text(writer, text);
    }
    json_write_end(writer);
}

static void
write_key(struct json_writer *writer, const struct token *token)
{
    struct buffer pem AUTO(buffer_done) = buffer_make(PEM_MAX_BYTES);
    char fingerprint[PEM_FINGERPRINT_CHARS + 1];

    json_write_key(writer, "publicKey");
    if (token->alg != ALG_ES256) {
        json_write_null(writer);
        return;
    }
    pem_write_public(token->public_key, &pem);
    pem_fingerprint(token->public_key, fingerprint);
    json_write_object(writer);
    json_write_member_string(writer, "pem", buffer_slice(&pem));
    json_write_member_text(writer, "fingerprint", fingerprint);
    json_write_member_bool(writer, "isProved", token->is_proved);
    json_write_end(writer);
}

struct use_strip {
    int64_t first_day;
    int64_t counts[TOKEN_DOC_DAYS];
};

static void
take_day(void *ctx, const struct token_use_day *day)
{
    struct use_strip *strip = ctx;

    if (slice_equal(slice_of(day->outcome), slice_of(verdict_name(PERMITTED))))
        strip->counts[day->day - strip->first_day] += day->count;
}

static enum status
write_use(struct token_docs *docs, struct json_writer *writer, const struct token *token)
{
    int64_t today = docs->v->now_s / DAY_S;
    struct use_strip strip = {.first_day = today - TOKEN_DOC_DAYS + 1};
    char address[IP_TEXT_MAX + 1] = "";
    enum status status = store_token_list_use_days(
        docs->v->reader, slice_of(token->id), strip.first_day, today, take_day, &strip);

    if (token->last_used_at_s != 0)
        ip_write(&token->last_used_from, address);
    visit_write_time(writer, "lastUsedAt", token->last_used_at_s);
    json_write_member_text_or_null(writer, "lastUsedFrom", address);
    json_write_member_int(writer, "useCount", token->use_count);
    json_write_member_int(writer, "idleDays", token_idle_days(token, docs->v->now_s));
    json_write_member_bool(
        writer, "isUnused",
        token_is_unused_at(token, docs->v->setup->config->unused_days, docs->v->now_s));
    json_write_key(writer, "use");
    json_write_array(writer);
    for (size_t i = 0; i < TOKEN_DOC_DAYS; i++)
        json_write_int(writer, strip.counts[i]);
    json_write_end(writer);
    return status;
}

/* The token on the other side of a roll: its title, null when it was deleted since. */
static enum status
write_other(struct token_docs *docs, struct json_writer *writer, const char *id)
{
    struct token *other = arena_new(docs->v->arena, sizeof(*other));
    enum status status = store_token_by_id(docs->v->reader, slice_of(id), other);

    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    json_write_member_text(writer, "id", id);
    json_write_member_text_or_null(writer, "title",
                                   status == STATUS_OK ? other->title : "");
    return STATUS_OK;
}

static enum status
write_roll(struct token_docs *docs, struct json_writer *writer, const struct token *token)
{
    enum status status = STATUS_OK;

    json_write_key(writer, "replacedBy");
    if (token->replaced_by[0]) {
        json_write_object(writer);
        status = write_other(docs, writer, token->replaced_by);
        visit_write_time(writer, "rolledAt", token->replaced_at_s);
        visit_write_time(writer, "endsAt", token->expires_at_s);
        json_write_end(writer);
    } else {
        json_write_null(writer);
    }
    json_write_key(writer, "replaces");
    if (status == STATUS_OK && token->replaces[0]) {
        json_write_object(writer);
        status = write_other(docs, writer, token->replaces);
        json_write_end(writer);
    } else {
        json_write_null(writer);
    }
    return status;
}

static enum status
write_suspension(struct token_docs *docs, struct json_writer *writer,
                 const struct token *token)
{
    const struct token_person *by = NULL;
    enum status status = STATUS_OK;

    json_write_key(writer, "suspension");
    if (!token->is_suspended) {
        json_write_null(writer);
        return STATUS_OK;
    }
    status = find_person(docs, token->suspended_by, &by);
    if (status != STATUS_OK)
        return status;
    json_write_object(writer);
    visit_write_time(writer, "at", token->suspended_at_s);
    write_person(writer, "by", by, false);
    json_write_member_bool(writer, "isByCommand", token->suspended_by == 0);
    json_write_member_bool(writer, "isHeld", token_is_held(token));
    json_write_end(writer);
    return STATUS_OK;
}

/* What the rules would say; they are asked again by each act. */
static void
write_mays(struct json_writer *writer, const struct visit *v, const struct token *token,
           bool is_creator_suspended)
{
    enum token_state state = token_state_at(token, v->now_s);
    bool may = may_manage(v);
    bool is_living = state == TOKEN_ACTIVE || state == TOKEN_EXPIRES_SOON;
    bool is_unrollable = token->replaced_by[0] != '\0' || token->is_canary;
    bool is_resumable =
        state == TOKEN_SUSPENDED && (!token_is_held(token) || v->role.is_system_admin);

    json_write_member_bool(writer, "mayEdit", may && is_living && !is_creator_suspended);
    json_write_member_bool(writer, "mayRoll",
                           may && is_living && !is_creator_suspended && !is_unrollable);
    json_write_member_bool(writer, "maySuspend",
                           may && token_is_suspendable(token, v->user.id, v->now_s));
    json_write_member_bool(writer, "mayResume", may && is_resumable);
    json_write_member_bool(writer, "mayDelete", may);
}

static void
write_head(struct json_writer *writer, const struct token *token, enum token_state state)
{
    json_write_member_text(writer, "id", token->id);
    json_write_member_text(writer, "title", token->title);
    json_write_member_text(writer, "description", token->description);
    json_write_member_text(writer, "kind", alg_name(token->alg));
    json_write_member_bool(writer, "isCanary", token->is_canary);
    json_write_member_text(writer, "label", token_state_label(state));
    json_write_member_int(writer, "version", token->version);
    write_date(writer, "expiresOn", token->expires_on);
    visit_write_time(writer, "expiresAt", token->expires_at_s);
    visit_write_time(writer, "createdAt", token->created_at_s);
    visit_write_time(writer, "changedAt", token->changed_at_s);
}

static enum status
write_people(struct token_docs *docs, struct json_writer *writer,
             const struct token *token, const struct token_person **out_creator)
{
    const struct token_person *changer = NULL;
    enum status status = find_person(docs, token->user_id, out_creator);

    if (status == STATUS_OK)
        status = find_person(docs, token->changed_by, &changer);
    if (status != STATUS_OK)
        return status;
    write_person(writer, "changedBy", changer, false);
    write_person(writer, "creator", *out_creator, true);
    json_write_member_bool(writer, "isMine", token->user_id == docs->v->user.id);
    return STATUS_OK;
}

enum status
token_doc_write(struct token_docs *docs, struct json_writer *writer,
                const struct token *token)
{
    enum token_state state = token_state_at(token, docs->v->now_s);
    const struct token_person *creator = NULL;

    json_write_object(writer);
    write_head(writer, token, state);
    enum status status = write_people(docs, writer, token, &creator);
    if (status != STATUS_OK)
        return status;

    struct permission_set role_rights = policy_role_rights(&creator->role);
    struct permission_set in_force =
        policy_rights(&token->permissions, &role_rights, docs->is_live_rights);
    write_permissions(writer, "permissions", &token->permissions);
    write_permissions(writer, "permissionsInForce", &in_force);
    status =
        write_groups(docs->v, writer, "groups", token->group_ids, token->group_count);
    write_addresses(writer, token);
    if (status == STATUS_OK)
        status = write_use(docs, writer, token);
    write_key(writer, token);
    write_limits(writer, &token->limits);
    if (status == STATUS_OK)
        status = write_roll(docs, writer, token);
    if (status == STATUS_OK)
        status = write_suspension(docs, writer, token);
    write_mays(writer, docs->v, token, creator->user.is_suspended);
    json_write_end(writer);
    return status;
}

/* ---- one ---- */

enum status
token_doc_find(struct visit *v, struct token *out)
{
    enum status status = store_token_by_id(v->reader, v->match.parameters[0], out);

    if (status == STATUS_OK && !v->role.is_system_admin && out->user_id != v->user.id)
        status = STATUS_NOT_FOUND;
    if (status == STATUS_NOT_FOUND)
        return visit_refuse(v, PROBLEM_NOT_FOUND, NULL,
                            "there is no such token, or it is not yours to see");
    return status;
}

enum status
token_doc_answer(struct visit *v, const struct token *token)
{
    struct token_docs docs;
    struct json_writer writer = visit_json(v, 200);
    enum status status = token_docs_begin(v, &docs);

    if (status == STATUS_OK)
        status = token_doc_write(&docs, &writer, token);
    if (status != STATUS_OK)
        return status;
    visit_etag(v, token->version);
    return json_write_done(&writer);
}
