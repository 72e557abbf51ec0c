/* SPDX-License-Identifier: Apache-2.0
 *
 * The verdicts about a proved caller. Pure functions: arguments in, answer out. The gate
 * and explain ask the same ones. */
#ifndef RULES_POLICY_H
#define RULES_POLICY_H

#include "model/operation.h"
#include "model/permission.h"
#include "model/records.h"
#include "model/verdict.h"

#include <stdbool.h>
#include <stdint.h>

/* Not expired, not suspended, owner not suspended: PERMITTED, REFUSED_EXPIRED,
 * REFUSED_SUSPENDED or REFUSED_USER_SUSPENDED. A token is dead in the second it expires.
 */
enum verdict policy_life(int64_t expires_at_s, bool is_suspended, bool is_user_suspended,
                         int64_t now_s);

/* What the end of a token is called: of one that has a successor, REFUSED_REPLACED
 * instead of REFUSED_EXPIRED; other verdicts stay. */
enum verdict policy_end(enum verdict life, bool has_successor);

/* PERMITTED when |issued_at - now| ≤ freshness_s, else REFUSED_NOT_FRESH. */
enum verdict policy_fresh(int64_t issued_at_ms, int64_t now_ms, int64_t freshness_s);

/* What a token may do now: its own permissions, and with live_rights only those that its
 * user's role still has. */
struct permission_set policy_rights(const struct permission_set *token,
                                    const struct permission_set *role,
                                    bool is_live_rights);

/* What users with this role may do now: for the System Administrator everything, also
 * what the catalogue got after the role was stored. */
struct permission_set policy_role_rights(const struct role *role);

/* The first permission of `wanted` that `rights` lacks; PERMISSION_NONE: it has all. */
uint16_t policy_first_missing(const struct permission_set *wanted,
                              const struct permission_set *rights);

/* Is one of the operation's licences among these (by name)? None needed: PERMITTED. */
enum verdict policy_licence(const struct operation *operation,
                            const char *const *licences, size_t licence_count);

/* Does `rights` cover what the operation needs? OPERATION_CLOSED: never.
 *   out_missing  REFUSED_PERMISSION: the first that is missing; may be NULL */
enum verdict policy_permission(const struct operation *operation,
                               const struct permission_set *rights,
                               uint16_t *out_missing);

#endif
