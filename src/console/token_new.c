/* SPDX-License-Identifier: Apache-2.0
 *
 * Making a token: what its page needs, what can be checked before, and the making. */
#include "console/token_new.h"
#include "base/auto.h"
#include "console/catalogue.h"
#include "console/challenge.h"
#include "console/handlers.h"
#include "console/limits_doc.h"
#include "console/token_doc.h"
#include "console/write.h"
#include "crypto/pem.h"
#include "jose/token_file.h"
#include "rules/addresses.h"
#include "rules/expiry.h"
#include "rules/policy.h"
#include "store/store_people.h"
#include "store/store_permissions.h"

enum {
    PEM_MAX_BYTES = 1024,
    FILE_MAX_BYTES = 4096,
    ENTRY_MAX_COUNT = 1000, /* of addresses in a text that is checked */
};

/* ---- GET /tokens/new ---- */

void
token_new_write_expiry(struct visit *v, struct json_writer *writer, struct date usual)
{
    struct date today = date_of(v->now_s);

    json_write_key(writer, "expiresOn");
    json_write_object(writer);
    write_date(writer, "usual", usual);
    write_date(writer, "first", date_add_days(today, 1));
    write_date(writer, "last", date_add_year(today));
    json_write_end(writer);
}

enum status
tokens_new(struct visit *v)
{
    struct permission_set offered =
        permission_set_both(v->rights, permission_set_for_api());
    struct permission_set unused = {0};
    char challenge[CHALLENGE_CHARS + 1];
    int64_t groups[TOKEN_GROUP_MAX_COUNT];
    size_t count = 0;
    enum status status = store_user_groups(v->reader, v->user.id, groups, &count);
    struct json_writer writer = visit_json(v, 200);

    if (status == STATUS_OK)
        status = store_permission_unused(v->reader, &unused);
    if (status != STATUS_OK)
        return status;
    offered = permission_set_without(offered, unused);
    challenge_write(v, challenge);
    json_write_object(&writer);
    catalogue_write(v, &writer, "permissions", &offered);
    catalogue_write_operations(v, &writer, "operations");
    status = write_groups(v, &writer, "groups", groups, count);
    token_new_write_expiry(v, &writer,
                           date_add_days(date_of(v->now_s), EXPIRY_DEFAULT_DAYS));
    json_write_member_text(&writer, "address", v->address);
    json_write_member_text(&writer, "proofChallenge", challenge);
    json_write_end(&writer);
    return status == STATUS_OK ? json_write_done(&writer) : status;
}

/* ---- checking before ---- */

enum status
tokens_check_key(struct visit *v)
{
    struct token_wish wish = {0};
    const struct body_member members[] = {
        {.name = "publicKey",
         .kind = BODY_TEXT,
         .wanted = BODY_REQUIRED,
         .text = &wish.public_key},
        {.name = "proof", .kind = BODY_TEXT, .text = &wish.proof},
    };
    struct buffer pem AUTO(buffer_done) = buffer_make(PEM_MAX_BYTES);
    char fingerprint[PEM_FINGERPRINT_CHARS + 1];
    uint8_t key[PUBLIC_KEY_BYTES];
    bool is_proved = false;
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status == STATUS_OK)
        status = challenge_check(v, &wish, key, &is_proved);
    rename_field(v, "public_key", "publicKey");
    if (status != STATUS_OK)
        return status;
    pem_write_public(key, &pem);
    pem_fingerprint(key, fingerprint);
    struct json_writer writer = visit_json(v, 200);
    json_write_object(&writer);
    json_write_member_text(&writer, "fingerprint", fingerprint);
    json_write_member_string(&writer, "pem", buffer_slice(&pem));
    json_write_member_bool(&writer, "isProved", is_proved);
    json_write_end(&writer);
    return json_write_done(&writer);
}

static void
write_entry(struct json_writer *writer, const struct address_entry *entry)
{
    char address[IP_RANGE_TEXT_MAX + 1] = "";

    if (entry->is_valid)
        ip_range_write(&entry->range, address);
    json_write_object(writer);
    json_write_member_string(writer, "typed", entry->typed);
    json_write_member_text_or_null(writer, "address", address);
    json_write_member_bool(writer, "isValid", entry->is_valid);
    json_write_member_text_or_null(writer, "detail", entry->failure.text);
    json_write_member_bool(writer, "isDuplicate", entry->is_duplicate);
    json_write_end(writer);
}

enum status
tokens_check_addresses(struct visit *v)
{
    struct slice text = {0};
    const struct body_member members[] = {
        {.name = "text", .kind = BODY_TEXT, .wanted = BODY_REQUIRED, .text = &text},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status != STATUS_OK)
        return status;
    struct address_entry *entries =
        arena_new(v->arena, ENTRY_MAX_COUNT * sizeof(*entries));
    size_t count = addresses_look(text, entries, ENTRY_MAX_COUNT);
    if (count > ENTRY_MAX_COUNT)
        return visit_refuse(v, PROBLEM_INVALID, "text",
                            "there are more than %d addresses in it", ENTRY_MAX_COUNT);
    struct json_writer writer = visit_json(v, 200);
    json_write_object(&writer);
    json_write_key(&writer, "data");
    json_write_array(&writer);
    for (size_t i = 0; i < count; i++)
        write_entry(&writer, &entries[i]);
    json_write_end(&writer);
    json_write_end(&writer);
    return json_write_done(&writer);
}

/* ---- POST /tokens ---- */

static enum status
check_key(struct visit *v, struct token_wish *wish)
{
    uint8_t key[PUBLIC_KEY_BYTES];
    bool is_proved = false;

    if (wish->public_key.len == 0)
        return STATUS_OK;
    return token_new_translate(v, challenge_check(v, wish, key, &is_proved));
}

enum status
token_new_read_key(struct visit *v, const json_t *key, struct token_wish *wish)
{
    const char *kind = json_string_value(json_object_get(key, "kind"));
    const json_t *pem = json_object_get(key, "publicKey");
    const json_t *proof = json_object_get(key, "proof");
    const char *name = NULL;
    json_t *value = NULL;

    json_object_foreach((json_t *)(uintptr_t)key, name, value)
    {
        if (strcmp(name, "kind") != 0 && strcmp(name, "publicKey") != 0 &&
            strcmp(name, "proof") != 0)
            visit_add_error(v, "key", "there is no field '%.48s' in key", name);
    }
    wish->is_bearer = kind && strcmp(kind, "bearer") == 0;
    if (kind && (wish->is_bearer || strcmp(kind, "generate") == 0)) {
        if ((pem && !json_is_null(pem)) || (proof && !json_is_null(proof)))
            visit_add_error(v, "key.kind", "a key that is generated has no publicKey");
        return visit_checked(v);
    }
    if (!kind || strcmp(kind, "public") != 0)
        visit_add_error(v, "key.kind", "key.kind must be generate, public or bearer");
    if (!json_is_string(pem) || json_string_length(pem) == 0)
        visit_add_error(v, "key.publicKey",
                        "key.publicKey is missing: paste a P-256 "
                        "public key in PEM");
    if (proof && !json_is_null(proof) && !json_is_string(proof))
        visit_add_error(v, "key.proof", "key.proof must be a text");
    if (visit_checked(v) != STATUS_OK)
        return STATUS_REFUSED;
    wish->public_key = (struct slice){(const unsigned char *)json_string_value(pem),
                                      json_string_length(pem)};
    wish->proof = (struct slice){(const unsigned char *)json_string_value(proof),
                                 json_string_length(proof)};
    return check_key(v, wish);
}

static enum status
read_wish(struct visit *v, struct token_wish *wish, struct permission_set *permissions)
{
    json_t *key = NULL;
    json_t *names = NULL;
    json_t *addresses = NULL;
    json_t *limits = NULL;
    struct slice *entries = NULL;
    size_t count = 0;
    const struct body_member members[] = {
        {.name = "title",
         .kind = BODY_TEXT,
         .wanted = BODY_REQUIRED,
         .text = &wish->title},
        {.name = "description", .kind = BODY_TEXT, .text = &wish->description},
        {.name = "key", .kind = BODY_OBJECT, .wanted = BODY_REQUIRED, .json = &key},
        {.name = "expiresOn", .kind = BODY_TEXT, .text = &wish->expires_on},
        {.name = "permissions", .kind = BODY_ARRAY, .json = &names},
        {.name = "approvedAddresses", .kind = BODY_ARRAY, .json = &addresses},
        {.name = "isCanary", .kind = BODY_BOOL, .truth = &wish->is_canary},
        {.name = "limits", .kind = BODY_OBJECT, .json = &limits},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status == STATUS_OK)
        status = token_new_read_key(v, key, wish);
    if (status == STATUS_OK && names) {
        status = read_permissions(v, names, permissions);
        wish->permissions = permissions;
    }
    if (status == STATUS_OK)
        status = read_texts(v, addresses, "approvedAddresses", BODY_LIST_MAX_COUNT,
                            &entries, &count);
    if (status == STATUS_OK)
        wish->addresses = join_texts(v, entries, count);
    if (status == STATUS_OK && limits)
        status = read_limits(v, limits, &wish->limits);
    return status;
}

enum status
token_new_answer(struct visit *v, const struct token *token, const struct secret *secret,
                 const struct token *old)
{
    struct buffer file AUTO(buffer_wipe) = buffer_make(FILE_MAX_BYTES);
    struct token_docs docs;
    struct json_writer writer = visit_json(v, 201);
    enum status status = token_docs_begin(v, &docs);

    json_write_object(&writer);
    json_write_key(&writer, "token");
    if (status == STATUS_OK)
        status = token_doc_write(&docs, &writer, token);
    if (status != STATUS_OK)
        return status;
    json_write_key(&writer, "secretKey");
    if (secret->len > 0) {
        if (token->alg == ALG_BEARER)
            buffer_add(&file, secret_slice(secret));
        else
            token_file_write(slice_of(token->id), secret_slice(secret), &file);
        json_write_string(&writer, secret_slice(secret));
        json_write_member_string(&writer, "file", buffer_slice(&file));
    } else {
        json_write_null(&writer);
        json_write_key(&writer, "file");
        json_write_null(&writer);
    }
    if (old) {
        json_write_key(&writer, "old");
        status = token_doc_write(&docs, &writer, old);
    }
    json_write_end(&writer);
    if (status != STATUS_OK)
        return status;
    visit_etag(v, token->version);
    return json_write_done(&writer);
}

/* Is it something that was chosen and cannot be had? */
static bool
is_choice(const char *field)
{
    return strcmp(field, "permissions") == 0 || strcmp(field, "groups") == 0 ||
           strcmp(field, "addresses") == 0;
}

enum status
token_new_translate(struct visit *v, enum status status)
{
    if (status == STATUS_OK)
        return status;
    if (status == STATUS_REFUSED && is_choice(v->failure.field))
        v->problem = PROBLEM_INVALID;
    else if (status == STATUS_REFUSED && strcmp(v->failure.field, "id") != 0)
        v->problem =
            PROBLEM_NOT_PERMITTED; /* "id": the token's state does not allow it */
    rename_field(v, "public_key", "key.publicKey");
    rename_field(v, "kind", "key.kind");
    rename_field(v, "proof", "key.proof");
    rename_field(v, "expires", "expiresOn");
    rename_field(v, "addresses", "approvedAddresses");
    rename_field(v, "overlap", "overlapDays");
    rename_limits(v);
    return status;
}

enum status
tokens_make(struct visit *v)
{
    struct token_wish wish = {0};
    struct permission_set permissions = {{0}};
    struct secret secret AUTO(secret_done) = {0};
    struct token *token = arena_new(v->arena, sizeof(*token));
    enum status status = read_wish(v, &wish, &permissions);

    if (status != STATUS_OK)
        return status;
    status = token_make(&v->act, v->user.id, &wish, token, &secret);
    if (status != STATUS_OK)
        return token_new_translate(v, status);
    return token_new_answer(v, token, &secret, NULL);
}
