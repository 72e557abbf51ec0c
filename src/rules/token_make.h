/* SPDX-License-Identifier: Apache-2.0
 *
 * Making a token: rules 1 to 9 of DESIGN section 2. */
#ifndef RULES_TOKEN_MAKE_H
#define RULES_TOKEN_MAKE_H

#include "base/secret.h"
#include "rules/act.h"

/* What somebody asks for. Texts are as they were typed. */
struct token_wish {
    struct slice title, description;
    struct slice public_key; /* PEM; empty: HS256 with a secret key made by us */
    bool is_bearer;          /* neither: a token that signs nothing */
    /* that the maker holds the private key: base64url of the ES256 signature over
     * `proof_message`; empty = not shown */
    struct slice proof, proof_message;
    struct slice expires_on; /* YYYY-MM-DD; empty: 90 days */
    /* which permissions: NULL = all API permissions of the role */
    const struct permission_set *permissions;
    struct slice addresses; /* a list as typed or pasted; empty = any */
    /* device groups: NULL = a copy of the user's own; else a subset of these (for
     * commands; a user without groups may choose any) */
    const int64_t *group_ids;
    size_t group_count;
    /* a trap: without permissions, groups and addresses; all that its use does is an
     * alarm */
    bool is_canary;
    struct token_limits limits;
};

/* Makes a token for `user_id`.
 *   out         as stored
 *   out_secret  HS256: the 88 characters, shown this once; ES256: empty; bearer: the
 *               token itself
 * STATUS_MALFORMED: title, key, date, address…; failure names the field.
 * STATUS_REFUSED: the user's role may not (API Credentials:Manage), a permission that
 * the role lacks or that no API operation needs, a group that is not the user's, user
 * suspended. STATUS_NOT_FOUND: no such user. */
MUST_CHECK enum status token_make(const struct act *act, int64_t user_id,
                                  const struct token_wish *wish, struct token *out,
                                  struct secret *out_secret);

/* Reads a public key as token_make() does, with its proof: STATUS_MALFORMED names the
 * field "public_key" or "proof". Pure. */
MUST_CHECK enum status token_read_key(const struct token_wish *wish,
                                      uint8_t out_key[PUBLIC_KEY_BYTES],
                                      bool *out_is_proved, struct failure *failure);

#endif
