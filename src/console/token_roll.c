/* SPDX-License-Identifier: Apache-2.0
 *
 * Rolling a token: what its page needs, the roll, and the end of the overlap. */
#include "rules/token_roll.h"
#include "base/auto.h"
#include "console/catalogue.h"
#include "console/challenge.h"
#include "console/handlers.h"
#include "console/limits_doc.h"
#include "console/token_doc.h"
#include "console/token_new.h"
#include "console/write.h"

/* ---- GET /tokens/{id}/roll ---- */

/* The bounds of "overlapDays". */
static void
write_overlap(struct json_writer *writer)
{
    json_write_key(writer, "overlapDays");
    json_write_object(writer);
    json_write_member_int(writer, "usual", ROLL_OVERLAP_USUAL_DAYS);
    json_write_member_int(writer, "most", ROLL_OVERLAP_MAX_DAYS);
    json_write_end(writer);
}

static enum status
write_offer(struct visit *v, const struct token *old, const struct roll_offer *offer)
{
    char challenge[CHALLENGE_CHARS + 1];
    struct token_docs docs;
    struct json_writer writer = visit_json(v, 200);
    enum status status = token_docs_begin(v, &docs);

    challenge_write(v, challenge);
    json_write_object(&writer);
    json_write_key(&writer, "token");
    if (status == STATUS_OK)
        status = token_doc_write(&docs, &writer, old);
    if (status != STATUS_OK)
        return status;
    catalogue_write(v, &writer, "permissions", &offer->permissions);
    write_permissions(&writer, "lost", &offer->lost);
    catalogue_write_operations(v, &writer, "operations");
    status = write_groups(v, &writer, "groups", offer->group_ids, offer->group_count);
    token_new_write_expiry(v, &writer, offer->expires_on);
    write_overlap(&writer);
    json_write_member_text(&writer, "address", v->address);
    json_write_member_text(&writer, "proofChallenge", challenge);
    json_write_end(&writer);
    visit_etag(v, old->version);
    return status == STATUS_OK ? json_write_done(&writer) : status;
}

enum status
tokens_roll_show(struct visit *v)
{
    struct token *old = arena_new(v->arena, sizeof(*old));
    struct roll_offer *offer = arena_new(v->arena, sizeof(*offer));
    struct act act = v->act; /* changes nothing */

    act.store = v->reader;
    enum status status = token_roll_offer(&act, v->match.parameters[0], old, offer);
    return status == STATUS_OK ? write_offer(v, old, offer) : status;
}

/* ---- POST /tokens/{id}/roll ---- */

/* What the members point to while the roll runs. */
struct roll_body {
    struct slice title, description, addresses;
    struct permission_set permissions;
    struct token_wish key;
    struct token_limits limits;
    json_t *key_json, *names, *address_list, *groups, *limits_json;
    bool has_title, has_description;
};

static enum status
read_parts(struct visit *v, struct roll_body *body, struct token_roll *roll)
{
    enum status status = token_new_read_key(v, body->key_json, &body->key);

    if (status == STATUS_OK && body->names)
        status = read_permissions(v, body->names, &body->permissions);
    if (status == STATUS_OK && body->groups)
        status = read_groups(v, body->groups, &roll->group_ids, &roll->group_count);
    if (status == STATUS_OK && body->address_list)
        status = read_addresses(v, body->address_list, &body->addresses);
    if (status == STATUS_OK && body->limits_json)
        status = read_limits(v, body->limits_json, &body->limits);
    if (status != STATUS_OK)
        return status;
    roll->title = body->has_title ? &body->title : NULL;
    roll->description = body->has_description ? &body->description : NULL;
    roll->permissions = body->names ? &body->permissions : NULL;
    roll->addresses = body->address_list ? &body->addresses : NULL;
    roll->limits = body->limits_json ? &body->limits : NULL;
    roll->public_key = body->key.public_key;
    roll->is_bearer = body->key.is_bearer;
    roll->proof = body->key.proof;
    roll->proof_message = body->key.proof_message;
    return STATUS_OK;
}

static enum status
read_roll(struct visit *v, struct roll_body *body, struct token_roll *roll)
{
    const struct body_member members[] = {
        {.name = "title",
         .kind = BODY_TEXT,
         .text = &body->title,
         .is_there = &body->has_title},
        {.name = "description",
         .kind = BODY_TEXT,
         .text = &body->description,
         .is_there = &body->has_description},
        {.name = "key",
         .kind = BODY_OBJECT,
         .wanted = BODY_REQUIRED,
         .json = &body->key_json},
        {.name = "expiresOn", .kind = BODY_TEXT, .text = &roll->expires_on},
        {.name = "permissions", .kind = BODY_ARRAY, .json = &body->names},
        {.name = "groups", .kind = BODY_ARRAY, .json = &body->groups},
        {.name = "approvedAddresses", .kind = BODY_ARRAY, .json = &body->address_list},
        {.name = "limits", .kind = BODY_OBJECT, .json = &body->limits_json},
        {.name = "overlapDays", .kind = BODY_INT, .number = &roll->overlap_days},
    };
    enum status status = visit_if_match(v, &roll->if_version);

    roll->overlap_days = ROLL_OVERLAP_USUAL_DAYS;
    if (status == STATUS_OK)
        status = visit_body(v, members, COUNT_OF(members));
    return status == STATUS_OK ? read_parts(v, body, roll) : status;
}

enum status
tokens_roll(struct visit *v)
{
    struct token_roll roll = {0};
    struct roll_body *body = arena_new(v->arena, sizeof(*body));
    struct token_rolled *rolled = arena_new(v->arena, sizeof(*rolled));
    struct secret secret AUTO(secret_done) = {0};
    enum status status = read_roll(v, body, &roll);

    if (status != STATUS_OK)
        return status;
    status = token_roll(&v->act, v->match.parameters[0], &roll, rolled);
    if (status != STATUS_OK)
        return token_new_translate(v, status);
    secret = rolled->secret;
    secret_done(&rolled->secret);
    return token_new_answer(v, &rolled->successor, &secret, &rolled->old);
}

/* ---- PATCH, DELETE /tokens/{id}/roll ---- */

enum status
tokens_roll_end(struct visit *v)
{
    int64_t days = 0;
    int64_t version = 0;
    struct token *token = arena_new(v->arena, sizeof(*token));
    const struct body_member members[] = {
        {.name = "overlapDays",
         .kind = BODY_INT,
         .wanted = BODY_REQUIRED,
         .number = &days},
    };
    enum status status = visit_if_match(v, &version);

    if (status == STATUS_OK)
        status = visit_body(v, members, COUNT_OF(members));
    if (status != STATUS_OK)
        return status;
    status = token_roll_end(&v->act, v->match.parameters[0], days, version, token);
    rename_field(v, "overlap", "overlapDays");
    return status == STATUS_OK ? token_doc_answer(v, token) : status;
}

enum status
tokens_roll_off(struct visit *v)
{
    int64_t version = 0;
    struct token *token = arena_new(v->arena, sizeof(*token));
    enum status status = visit_if_match(v, &version);

    if (status == STATUS_OK)
        status = token_unroll(&v->act, v->match.parameters[0], version, token);
    return status == STATUS_OK ? token_doc_answer(v, token) : status;
}
