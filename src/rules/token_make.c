/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes a token: one transaction reads what was typed, looks at the user's rights, adds
 * the token, its event, the letters about it and its change-feed row. */
#include "rules/token_make.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "base/ids.h"
#include "base/random.h"
#include "crypto/es256.h"
#include "crypto/pem.h"
#include "crypto/sha256.h"
#include "jose/bearer.h"
#include "rules/account_settings.h"
#include "rules/addresses.h"
#include "rules/authority.h"
#include "rules/details.h"
#include "rules/expiry.h"
#include "rules/notices.h"
#include "rules/policy.h"
#include "rules/token_inside.h"
#include "rules/token_limits.h"
#include "rules/words.h"
#include "store/store_people.h"
#include "store/store_tokens.h"

#include <assert.h>

enum { PROOF_CHARS = 86 }; /* 64 bytes in base64url */

_Static_assert((int)PROOF_CHARS == (int)BASE64URL_MAX_CHARS(ES256_SIGNATURE_BYTES),
               "a proof is one signature");
_Static_assert((int)BASE64_MAX_CHARS(SECRET_KEY_BYTES) == (int)SECRET_KEY_CHARS,
               "a secret key is shown in base64");
_Static_assert((int)SEALED_MAX_BYTES >= (int)SECRET_KEY_CHARS + (int)SEAL_EXTRA_BYTES,
               "a sealed secret key fits in a token");

/* ---- the public key ---- */

static enum status
check_proof(const struct token_wish *wish, const uint8_t key[PUBLIC_KEY_BYTES],
            struct failure *failure)
{
    struct es256_key *prepared AUTO(es256_key_free) = NULL;
    unsigned char signature[BASE64URL_MAX_BYTES(PROOF_CHARS)];
    uint8_t digest[SHA256_BYTES];
    size_t len = 0;
    bool fits = false;
    struct slice proof = slice_trim(wish->proof);
    enum status status = STATUS_OK;

    if (proof.len != PROOF_CHARS ||
        base64url_decode(proof, signature, sizeof(signature), &len) != STATUS_OK)
        return failure_set(failure, STATUS_MALFORMED, "proof",
                           "the proof is no signature; wanted are %d characters of "
                           "base64url: R and S, 32 bytes each",
                           PROOF_CHARS);
    status = es256_key_new(key, &prepared);
    if (status != STATUS_OK)
        return status;
    sha256(wish->proof_message, digest);
    status = es256_verify(prepared, digest, (struct slice){signature, len}, &fits);
    if (status == STATUS_OK && !fits)
        return failure_set(failure, STATUS_MALFORMED, "proof",
                           "the proof is not a signature by the private key of this "
                           "public key over the challenge");
    return status;
}

enum status
token_read_key(const struct token_wish *wish, uint8_t out_key[PUBLIC_KEY_BYTES],
               bool *out_is_proved, struct failure *failure)
{
    uint8_t key[PUBLIC_KEY_BYTES];
    bool has_proof = slice_trim(wish->proof).len > 0;
    enum status status = pem_read_public(wish->public_key, key, failure);

    if (status == STATUS_OK && has_proof)
        status = check_proof(wish, key, failure);
    if (status != STATUS_OK)
        return status;
    memcpy(out_key, key, sizeof(key));
    *out_is_proved = has_proof;
    return STATUS_OK;
}

/* Everything that can be read without the store. */
static enum status
read_wish(const struct act *act, const struct token_wish *wish, struct token *out)
{
    struct date today = date_of(act->now_ms / 1000);
    enum status status = words_read(&WORDS_TITLE, wish->title, out->title,
                                    sizeof(out->title), act->failure);

    if (status == STATUS_OK)
        status = words_read(&WORDS_DESCRIPTION, wish->description, out->description,
                            sizeof(out->description), act->failure);
    if (status == STATUS_OK)
        status = expiry_read(wish->expires_on, today, &out->expires_on, act->failure);
    if (status == STATUS_OK)
        status = addresses_read(wish->addresses, out->addresses, &out->address_count,
                                act->failure);
    if (status == STATUS_OK && wish->public_key.len > 0)
        status = token_read_key(wish, out->public_key, &out->is_proved, act->failure);
    else if (status == STATUS_OK && wish->proof.len > 0)
        return failure_set(act->failure, STATUS_MALFORMED, "proof",
                           "a proof belongs to a public key, and there is none");
    if (status != STATUS_OK)
        return status;

    if (wish->is_bearer && wish->public_key.len > 0)
        return failure_set(act->failure, STATUS_MALFORMED, "public_key",
                           "a bearer token signs nothing, and has no key");
    out->alg = wish->is_bearer            ? ALG_BEARER
               : wish->public_key.len > 0 ? ALG_ES256
                                          : ALG_HS256;
    out->expires_at_s = expiry_end_s(out->expires_on);
    return STATUS_OK;
}

/* A canary can do nothing, so there is nothing to choose. */
static enum status
check_canary(const struct act *act, const struct token_wish *wish)
{
    if (!wish->is_canary)
        return STATUS_OK;
    if (wish->permissions && !permission_set_is_empty(wish->permissions))
        return failure_set(act->failure, STATUS_MALFORMED, "permissions",
                           "a canary token has no permissions: it can do nothing but "
                           "raise an alarm");
    if (wish->group_count > 0)
        return failure_set(act->failure, STATUS_MALFORMED, "groups",
                           "a canary token has no device groups: it can do nothing but "
                           "raise an alarm");
    if (slice_trim(wish->addresses).len > 0)
        return failure_set(act->failure, STATUS_MALFORMED, "addresses",
                           "a canary token has no approved addresses: its use is told "
                           "from wherever it comes");
    return STATUS_OK;
}

/* ---- whose it is and what it may do ---- */

static enum status
check_actor(const struct act *act, int64_t user_id)
{
    struct authority authority = {0};
    enum status status = authority_read(act, &authority);

    if (status == STATUS_OK && !authority.is_all && authority.user_id != user_id)
        return failure_set(act->failure, STATUS_REFUSED, "user",
                           "a token can only be made for oneself");
    return status;
}

static enum status
check_user(const struct act *act, int64_t user_id, struct permission_set *out_rights)
{
    struct user user = {0};
    struct role role = {0};
    enum status status = store_user_by_id(act->store, user_id, &user);

    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, status, "user", "there is no such user");
    if (status == STATUS_OK)
        status = store_role_by_id(act->store, user.role_id, &role);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_BROKEN : status;

    if (user.is_suspended)
        return failure_set(act->failure, STATUS_REFUSED, "user",
                           "the user %s is suspended and cannot have new tokens",
                           user.email);
    *out_rights = policy_role_rights(&role);
    if (!permission_set_has(out_rights, PERMISSION_API_CREDENTIALS_MANAGE))
        return failure_set(act->failure, STATUS_REFUSED, "user",
                           "the user %s may not make tokens: the user role '%.100s' "
                           "lacks the permission API Credentials:Manage",
                           user.email, role.name);
    return STATUS_OK;
}

MUST_CHECK static enum status
check_within(const struct act *act, const struct permission_set *chosen,
             const struct permission_set *limit, const char *why)
{
    char name[PERMISSION_NAME_MAX + 1] = "";
    uint16_t missing = policy_first_missing(chosen, limit);

    if (missing == PERMISSION_NONE)
        return STATUS_OK;
    permission_write(missing, name);
    return failure_set(act->failure, STATUS_REFUSED, "permissions",
                       "a token cannot have %s: %s", name, why);
}

/* `rights` are the role's. Without a wish: all of them that a token may have. What was
 * asked for is looked at before what it implies, so a refusal names what was named. */
static enum status
choose_permissions(const struct act *act, const struct permission_set *wanted,
                   const struct permission_set *rights, struct permission_set *out)
{
    struct permission_set offered = permission_set_for_api();
    struct permission_set asked = permission_set_both(*rights, offered);
    struct permission_set chosen;
    enum status status = STATUS_OK;

    if (wanted)
        asked = *wanted;
    chosen = asked;
    permission_set_imply(&chosen);
    const struct permission_set *const sets[] = {&asked, &chosen};
    for (size_t i = 0; status == STATUS_OK && i < COUNT_OF(sets); i++) {
        status = check_within(act, sets[i], &offered, "no API operation needs it");
        if (status == STATUS_OK)
            status = check_within(act, sets[i], rights, "the user's role lacks it");
    }
    if (status == STATUS_OK)
        *out = chosen;
    return status;
}

static enum status
check_group(const struct act *act, const struct token *own, int64_t id)
{
    struct device_group group = {0};
    enum status status = store_group_by_id(act->store, id, &group);

    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, STATUS_MALFORMED, "groups",
                           "there is no such device group");
    if (status == STATUS_OK && own->group_count > 0 &&
        !ids_hold(own->group_ids, own->group_count, id))
        return failure_set(act->failure, STATUS_REFUSED, "groups",
                           "the device group '%.100s' is not one of the user's",
                           group.name);
    return status;
}

/* A copy of the user's groups or, of these, the ones that are wished for. A wish for
 * none is no way out of one's groups: it gives the copy. */
static enum status
choose_groups(const struct act *act, int64_t user_id, const struct token_wish *wish,
              struct token *token)
{
    struct token chosen = {0};
    enum status status =
        store_user_groups(act->store, user_id, token->group_ids, &token->group_count);

    if (status != STATUS_OK || !wish->group_ids || wish->group_count == 0)
        return status;
    for (size_t i = 0; i < wish->group_count; i++) {
        int64_t id = wish->group_ids[i];

        if (ids_hold(chosen.group_ids, chosen.group_count, id))
            continue;
        if (chosen.group_count == TOKEN_GROUP_MAX_COUNT)
            return failure_set(act->failure, STATUS_TOO_LARGE, "groups",
                               "a token can have at most %d device groups",
                               TOKEN_GROUP_MAX_COUNT);
        status = check_group(act, token, id);
        if (status != STATUS_OK)
            return status;
        chosen.group_ids[chosen.group_count++] = id;
    }
    ids_sort(chosen.group_ids, chosen.group_count);
    memcpy(token->group_ids, chosen.group_ids, sizeof(chosen.group_ids));
    token->group_count = chosen.group_count;
    return STATUS_OK;
}

/* ---- the secret key ---- */

/* 64 random bytes as 88 characters; what is sealed, and what signs, is the text. */
static void
make_secret(const struct act *act, struct token *token, struct secret *out)
{
    unsigned char random[SECRET_KEY_BYTES];
    char text[SECRET_KEY_CHARS];

    assert(act->master_key);
    random_fill(random, sizeof(random));
    base64_encode((struct slice){random, sizeof(random)}, text);
    secret_set(out, (struct slice){(const unsigned char *)text, sizeof(text)});
    seal_close(act->master_key, slice_of(token->id), secret_slice(out), token->sealed);
    token->sealed_len = out->len + SEAL_EXTRA_BYTES;
    secret_wipe(random, sizeof(random));
    secret_wipe(text, sizeof(text));
}

/* Only its hash is kept. */
static enum status
make_bearer(const struct act *act, struct token *token, struct secret *out)
{
    struct account account = {0};
    enum status status = account_read(act->store, &account);

    if (status == STATUS_OK && !account.is_bearer_allowed)
        return failure_set(act->failure, STATUS_REFUSED, "kind",
                           "the account does not allow bearer tokens (setting "
                           "allowBearer): a token with a key signs each request, and "
                           "whoever sees a request cannot use it");
    if (status != STATUS_OK)
        return status;
    bearer_make(token->id, out);
    bearer_hash(secret_slice(out), token->bearer_hash);
    return STATUS_OK;
}

/* ---- the act ---- */

static enum status
add_with_event(const struct act *act, const struct token *token)
{
    json_t *after AUTO(details_done) = NULL;
    struct happening what = happening_to_token(EVENT_TOKEN_UPDATED, token);
    enum status status = store_token_add(act->store, token);

    if (status == STATUS_OK)
        status = details_token(act->store, token, &after);
    if (status == STATUS_OK)
        status = history_add_change(act, what, "created", NULL, after);
    if (status == STATUS_OK)
        status = notices_tell(act, token, NOTICE_CREATED, token->expires_on, "");
    if (status == STATUS_OK)
        status = store_change_add(act->store, CHANGE_TOKEN, token->id);
    return status;
}

struct permission_set
token_rights_of_role(const struct role *role)
{
    return permission_set_both(policy_role_rights(role), permission_set_for_api());
}

enum status
token_make_within(const struct act *act, int64_t user_id, const struct token_wish *wish,
                  const struct token *replaces, struct token *out,
                  struct secret *out_secret)
{
    static const struct token_limits NONE = {0};
    struct secret secret AUTO(secret_done) = {0};
    struct permission_set rights = {{0}};
    struct token token = {.user_id = user_id,
                          .created_at_s = act->now_ms / 1000,
                          .changed_at_s = act->now_ms / 1000,
                          .changed_by = act->actor_user_id,
                          .is_canary = wish->is_canary,
                          .limits = wish->limits,
                          .version = 1};
    enum status status = read_wish(act, wish, &token);

    if (status == STATUS_OK)
        status = check_canary(act, wish);
    if (status == STATUS_OK)
        status = token_limits_check(act, &token, replaces ? &replaces->limits : &NONE);
    if (status != STATUS_OK)
        return status;
    uuid_make(token.id);
    if (replaces)
        memcpy(token.replaces, replaces->id, sizeof(token.replaces));
    if (token.alg == ALG_HS256)
        make_secret(act, &token, &secret);
    status = check_user(act, user_id, &rights);
    if (status == STATUS_OK && token.alg == ALG_BEARER)
        status = make_bearer(act, &token, &secret);
    if (status == STATUS_OK && !wish->is_canary)
        status = choose_permissions(act, wish->permissions, &rights, &token.permissions);
    if (status == STATUS_OK && !wish->is_canary)
        status = choose_groups(act, user_id, wish, &token);
    if (status == STATUS_OK)
        status = add_with_event(act, &token);
    if (status != STATUS_OK)
        return status;
    *out = token;
    *out_secret = secret;
    return STATUS_OK;
}

enum status
token_make(const struct act *act, int64_t user_id, const struct token_wish *wish,
           struct token *out, struct secret *out_secret)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct secret secret AUTO(secret_done) = {0};
    struct token token = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = check_actor(act, user_id);
    if (status == STATUS_OK)
        status = token_make_within(act, user_id, wish, NULL, &token, &secret);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status != STATUS_OK)
        return status;
    *out = token;
    *out_secret = secret;
    return STATUS_OK;
}
