/* SPDX-License-Identifier: Apache-2.0
 *
 * Has the token what the operation needs, and what its parameters need beyond that? */
#include "gate/inside.h"

#include "rules/policy.h"

static enum go
refuse_missing(struct exchange *x, const struct needs_missing *missing)
{
    const struct operation_when *when = missing->when;
    char name[PERMISSION_NAME_MAX + 1];

    if (missing->permission == PERMISSION_NONE)
        return refuse(x, REFUSED_PERMISSION, NULL,
                      "this operation is open to no token: its description does not say "
                      "which permissions it needs");
    permission_write(missing->permission, name);
    if (!when)
        return refuse(x, REFUSED_PERMISSION, NULL, "the token lacks %s", name);
    return refuse(x, REFUSED_PERMISSION, when->name,
                  "the token lacks %s, which %s \"%s\"%s%s needs", name,
                  when->kind == WHEN_FIELD ? "the field" : "the parameter", when->name,
                  when->equals ? " = " : "", when->equals ? when->equals : "");
}

struct needs_request
needs_request_of(const struct exchange *x)
{
    return (struct needs_request){.query = x->header.query,
                                  .body = &x->data,
                                  .select_names = x->lane->gate->ports.select_names};
}

enum go
step_permission(struct exchange *x)
{
    const struct keyring_owner *owner = keyring_entry_owner(x->entry);
    struct needs_request request = needs_request_of(x);
    struct needs_missing missing;

    x->rights = policy_rights(exchange_permissions(x), owner->role_permissions,
                              keyring_is_live_rights(x->lane->gate->keyring));
    if (needs_check(x->operation, &request, &x->rights, &missing) != PERMITTED)
        return refuse_missing(x, &missing);
    return GO_ON;
}
