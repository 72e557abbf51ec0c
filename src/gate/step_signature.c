/* SPDX-License-Identifier: Apache-2.0
 *
 * Is it really them? Every request is verified; no result is ever remembered. */
#include "gate/inside.h"

#include "base/log.h"

/* STATUS_BROKEN: the library failed, we could not tell. */
static enum status
verify(struct exchange *x, struct prepared_key key, bool *out)
{
    *out = false;
    if (key.hs256) {
        *out = hmac_fits(key.hs256, x->signed_bytes, x->signature);
        return STATUS_OK;
    }
    sha256(x->signed_bytes, x->digest);
    x->has_digest = true;
    if (!x->entry || x->hidden != PERMITTED) /* nobody's key: no table either */
        return es256_verify(key.es256, x->digest, x->signature, out);

    struct key_in_use in_use = {
        .serial = keyring_entry_key_serial(x->entry),
        .point = keyring_entry_key_material(x->entry),
        .openssl = key.es256,
        .now_s = x->now_ns / 1000000000,
    };
    return key_tables_verify(x->lane->gate->ports.tables, &x->lane->tables_turn, &in_use,
                             x->digest, x->signature, out);
}

/* There is no key to verify with: another is taken, of the kind that the caller named,
 * so that the answer takes its time as for a known token. */
static enum go
refuse_hidden(struct exchange *x)
{
    bool fits;
    struct prepared_key dummy = {.hs256 = x->lane->dummy_hs256};

    if (x->header.alg == ALG_ES256)
        dummy = (struct prepared_key){.es256 = x->lane->dummy_es256};
    enum status status = verify(x, dummy, &fits);
    (void)status; /* it is no in any case */
    return refuse_unproved(x, x->hidden);
}

/* The hash of what was shown is that of the token; of an unknown one, of nobody's. */
static enum go
check_bearer(struct exchange *x)
{
    static const uint8_t NOBODY[SHA256_BYTES];
    struct slice kept = {NOBODY, sizeof(NOBODY)};
    uint8_t shown[SHA256_BYTES];
    bool is_known = x->hidden == PERMITTED;

    if (is_known)
        kept = keyring_entry_key_material(x->entry);
    bearer_hash(x->signature, shown);
    if (!secret_equal((struct slice){shown, sizeof(shown)}, kept) || !is_known)
        return refuse_unproved(x, is_known ? REFUSED_BAD_SIGNATURE : x->hidden);
    x->is_proved = true;
    return GO_ON;
}

enum go
step_signature(struct exchange *x)
{
    struct prepared_key key;
    bool fits = false;

    if (x->header.alg == ALG_BEARER)
        return check_bearer(x);
    if (x->hidden != PERMITTED)
        return refuse_hidden(x);
    if (keycache_get(x->lane->keys, x->entry, &key) != STATUS_OK) {
        log_event(LOG_ERROR, "key_unusable", LOG_TEXT("token", x->header.kid),
                  LOG_TEXT("id", slice_of(x->request_id)));
        return refuse_unproved(x, REFUSED_BROKEN);
    }
    if (verify(x, key, &fits) != STATUS_OK)
        return refuse(x, REFUSED_BROKEN, NULL, "the signature could not be checked");
    if (!fits)
        return refuse_unproved(x, REFUSED_BAD_SIGNATURE);
    x->is_proved = true;
    return GO_ON;
}
