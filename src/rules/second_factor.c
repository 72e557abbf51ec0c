/* SPDX-License-Identifier: Apache-2.0
 *
 * Second factors: begun, proved, used, removed; each change with its event. */
#include "rules/second_factor.h"

#include "base/auto.h"
#include "base/base32.h"
#include "base/random.h"
#include "crypto/sha256.h"
#include "crypto/totp.h"
#include "rules/authority.h"
#include "rules/details.h"
#include "rules/users.h"
#include "store/store_people.h"
#include "store/store_sessions.h"

#include <assert.h>
#include <stdio.h>

enum { RECOVERY_BYTES = 10, RECOVERY_PLAIN_CHARS = BASE32_CHARS(RECOVERY_BYTES) };

_Static_assert(BASE32_CHARS(FACTOR_SECRET_BYTES) == FACTOR_SECRET_CHARS, "160 bits");

void
recovery_codes_done(struct recovery_codes *codes)
{
    secret_wipe(codes, sizeof(*codes));
}

void
recovery_code_make(char out[RECOVERY_CODE_CHARS + 1])
{
    uint8_t bytes[RECOVERY_BYTES];
    char plain[RECOVERY_PLAIN_CHARS + 1];

    random_fill(bytes, sizeof(bytes));
    base32_encode((struct slice){bytes, sizeof(bytes)}, plain);
    snprintf(out, RECOVERY_CODE_CHARS + 1, "%.4s-%.4s-%.4s-%.4s", plain, plain + 4,
             plain + 8, plain + 12);
    secret_wipe(bytes, sizeof(bytes));
    secret_wipe(plain, sizeof(plain));
}

void
recovery_code_hash(struct slice typed, uint8_t out[SESSION_HASH_BYTES])
{
    unsigned char plain[2 * RECOVERY_CODE_CHARS]; /* longer ones are wrong in any case */
    size_t len = 0;

    for (size_t i = 0; i < typed.len && len < sizeof(plain); i++) {
        unsigned char c = typed.at[i];
        if (c == '-' || c == ' ')
            continue;
        plain[len++] = c >= 'a' && c <= 'z' ? (unsigned char)(c - 'a' + 'A') : c;
    }
    sha256((struct slice){plain, len}, out);
    secret_wipe(plain, sizeof(plain));
}

/* ---- what they have in common ---- */

static enum status
tell(const struct act *act, const struct user *user, const char *action)
{
    struct happening what = happening_to_user(EVENT_SECOND_FACTOR_UPDATED, user);
    return history_add_change(act, what, action, NULL, NULL);
}

static enum status
open_secret(const struct act *act, const struct user *user,
            const struct second_factor *factor, struct secret *out)
{
    struct slice sealed = {factor->sealed, factor->sealed_len};

    if (sealed.len != FACTOR_SECRET_BYTES + SEAL_EXTRA_BYTES)
        return STATUS_BROKEN;
    if (seal_open(act->master_key, slice_of(user->uid), sealed, out->at) != STATUS_OK)
        return STATUS_BROKEN;
    out->len = FACTOR_SECRET_BYTES;
    return STATUS_OK;
}

static enum status
add_recovery_codes(const struct act *act, const struct user *user,
                   struct recovery_codes *out)
{
    struct recovery_codes codes AUTO(recovery_codes_done) = {0};
    uint8_t hash[SESSION_HASH_BYTES];
    enum status status = store_recovery_clear(act->store, user->id);

    for (size_t i = 0; status == STATUS_OK && i < RECOVERY_CODE_COUNT; i++) {
        recovery_code_make(codes.texts[i]);
        recovery_code_hash(slice_of(codes.texts[i]), hash);
        status = store_recovery_add(act->store, user->id, hash);
    }
    if (status == STATUS_OK)
        *out = codes;
    return status;
}

/* The user's second factor, which must be in force, or (is_begun) must not yet be. */
static enum status
find_factor(const struct act *act, const struct user *user, bool is_begun,
            struct second_factor *out)
{
    struct second_factor factor = {0};
    enum status status = store_second_factor(act->store, user->id, &factor);

    if (status == STATUS_OK && factor.is_in_force == is_begun)
        status = STATUS_NOT_FOUND;
    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, STATUS_CONFLICT, NULL,
                           is_begun ? "no second factor is waiting to be proved"
                                    : "there is no second factor in force");
    if (status == STATUS_OK)
        *out = factor;
    return status;
}

/* ---- the acts ---- */

enum status
second_factor_begin(const struct act *act, const struct user *user,
                    struct secret *out_secret)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct secret secret AUTO(secret_done) = {.len = FACTOR_SECRET_BYTES};
    struct second_factor factor = {
        .user_id = user->id,
        .sealed_len = FACTOR_SECRET_BYTES + SEAL_EXTRA_BYTES,
        .created_at_s = act->now_ms / 1000,
    };
    bool is_in_force = false;
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = authority_own(act, user);
    if (status == STATUS_OK)
        status = second_factor_is_in_force(act->store, user->id, &is_in_force);
    if (status == STATUS_OK && is_in_force)
        return failure_set(act->failure, STATUS_CONFLICT, NULL,
                           "a second factor is in force; switch it off first");
    random_fill(secret.at, FACTOR_SECRET_BYTES);
    seal_close(act->master_key, slice_of(user->uid), secret_slice(&secret),
               factor.sealed);
    if (status == STATUS_OK)
        status = store_second_factor_set(act->store, &factor);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status != STATUS_OK)
        return status;
    base32_encode(secret_slice(&secret), (char *)out_secret->at);
    out_secret->len = FACTOR_SECRET_CHARS;
    return STATUS_OK;
}

enum status
second_factor_prove(const struct act *act, const struct user *user, struct slice code,
                    struct recovery_codes *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct recovery_codes codes AUTO(recovery_codes_done) = {0};
    struct secret secret AUTO(secret_done) = {0};
    struct second_factor factor = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = authority_own(act, user);
    if (status == STATUS_OK)
        status = find_factor(act, user, true, &factor);
    if (status == STATUS_OK)
        status = open_secret(act, user, &factor, &secret);
    if (status == STATUS_OK &&
        !totp_fits(secret_slice(&secret), code, act->now_ms / 1000, &factor.last_step))
        return failure_set(act->failure, STATUS_MALFORMED, "code",
                           "the code is wrong; wanted are the six digits that the app "
                           "shows now");
    factor.is_in_force = true;
    if (status == STATUS_OK)
        status = store_second_factor_set(act->store, &factor);
    if (status == STATUS_OK)
        status = add_recovery_codes(act, user, &codes);
    /* those that a password alone has opened: it may be known to others */
    if (status == STATUS_OK)
        status = store_session_remove_of_user(act->store, user->id, act->session_id);
    if (status == STATUS_OK)
        status = tell(act, user, "switched on");
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = codes;
    return status;
}

enum status
second_factor_recovery(const struct act *act, const struct user *user,
                       struct recovery_codes *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct recovery_codes codes AUTO(recovery_codes_done) = {0};
    struct second_factor factor = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = authority_own(act, user);
    if (status == STATUS_OK)
        status = find_factor(act, user, false, &factor);
    if (status == STATUS_OK)
        status = add_recovery_codes(act, user, &codes);
    if (status == STATUS_OK)
        status = tell(act, user, "recovery codes made");
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = codes;
    return status;
}

enum status
second_factor_remove(const struct act *act, const struct user *user)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct second_factor factor = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = authority_own(act, user);
    if (status == STATUS_OK)
        status = find_factor(act, user, false, &factor);
    if (status == STATUS_OK)
        status = store_second_factor_remove(act->store, user->id);
    if (status == STATUS_OK)
        status = tell(act, user, "switched off");
    return status == STATUS_OK ? store_commit(act->store) : status;
}

enum status
second_factor_reset(const struct act *act, struct slice email)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct user user = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = user_find_managed(act, email, &user);
    if (status == STATUS_OK)
        status = store_second_factor_remove(act->store, user.id);
    if (status == STATUS_OK)
        status = tell(act, &user, "reset");
    return status == STATUS_OK ? store_commit(act->store) : status;
}

/* ---- checking ---- */

static bool
is_digits(struct slice code)
{
    for (size_t i = 0; i < code.len; i++) {
        if (code.at[i] < '0' || code.at[i] > '9')
            return false;
    }
    return code.len == TOTP_DIGITS;
}

static enum status
use_recovery(const struct act *act, const struct user *user, struct slice code)
{
    uint8_t hash[SESSION_HASH_BYTES];
    enum status status;

    recovery_code_hash(code, hash);
    status = store_recovery_use(act->store, user->id, hash);
    return status == STATUS_OK ? tell(act, user, "recovery code used") : status;
}

/* STATUS_NOT_FOUND: it is not this user's, or was used before. */
static enum status
use_code(const struct act *act, const struct user *user, struct slice code)
{
    struct secret secret AUTO(secret_done) = {0};
    struct second_factor factor = {0};
    int64_t step = 0;
    enum status status = find_factor(act, user, false, &factor);

    if (status != STATUS_OK)
        return status == STATUS_CONFLICT ? STATUS_NOT_FOUND : status;
    if (!is_digits(code))
        return use_recovery(act, user, code);
    status = open_secret(act, user, &factor, &secret);
    if (status == STATUS_OK &&
        !totp_fits(secret_slice(&secret), code, act->now_ms / 1000, &step))
        return STATUS_NOT_FOUND;
    return status == STATUS_OK ? store_second_factor_use(act->store, user->id, step)
                               : status;
}

enum status
second_factor_check(const struct act *act, const struct user *user, struct slice code,
                    bool *out_fits)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    enum status status = STATUS_OK;

    *out_fits = false;
    status = store_begin(act->store);
    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = use_code(act, user, slice_trim(code));
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status == STATUS_OK)
        status = store_commit(act->store);
    *out_fits = status == STATUS_OK;
    return status;
}

enum status
second_factor_is_in_force(struct store *store, int64_t user_id, bool *out)
{
    struct second_factor factor = {0};
    enum status status = store_second_factor(store, user_id, &factor);

    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    *out = factor.is_in_force;
    return STATUS_OK;
}
