/* SPDX-License-Identifier: Apache-2.0
 *
 * Has the token what the operation needs, and what its parameters need beyond that? */
#include "gate/inside.h"

#include "base/percent.h"
#include "rules/policy.h"

static enum go
refuse_missing(struct exchange *x, uint8_t missing)
{
    char name[PERMISSION_NAME_MAX + 1];

    if (missing == PERMISSION_NONE)
        return refuse(x, REFUSED_PERMISSION, NULL,
                      "this operation is open to no token: its description does not say "
                      "which permissions it needs");
    permission_write(missing, name);
    return refuse(x, REFUSED_PERMISSION, NULL, "the token lacks %s", name);
}

/* Is `spelled` (percent-encoded) `wanted` when decoded? Letters' case does not matter:
 * here more hits mean more that is asked for. */
static bool
is_decoded(struct slice spelled, const char *wanted)
{
    unsigned char plain[QUERY_MAX_BYTES];

    if (spelled.len > sizeof(plain))
        return true; /* cannot be: a query rides in the header */
    return slice_equal_nocase(
        slice_trim((struct slice){plain, percent_decode(spelled, plain)}),
        slice_of(wanted));
}

/* Has the query a pair name=value (any value when `value` is NULL)? */
static bool
query_has(struct slice query, const char *name, const char *value)
{
    while (query.len > 0) {
        struct slice pair;
        struct slice head;
        if (!slice_cut(&query, '&', &pair)) {
            pair = query;
            query = (struct slice){0};
        }
        if (!slice_cut(&pair, '=', &head)) {
            head = pair;
            pair = (struct slice){0};
        }
        if (is_decoded(head, name) && (!value || is_decoded(pair, value)))
            return true;
    }
    return false;
}

/* Has the body this value at this place? Clients send "true" for true as well. */
static bool
body_has(const struct json_value *body, const char *pointer, const char *value)
{
    struct json_value found;
    enum status status;

    if (body->kind == JSON_KIND_NONE)
        return false;
    status = json_pointer(body, slice_of(pointer), &found);
    if (status == STATUS_NOT_FOUND)
        return false;
    if (status != STATUS_OK || !value) /* there twice: one of them may be the value */
        return true;
    if (found.kind == JSON_KIND_STRING && found.has_escapes)
        return json_text_is(&found, slice_of(value));
    return slice_equal_nocase(slice_trim(found.raw), slice_of(value));
}

static bool
is_asked(const struct exchange *x, const struct operation_when *when)
{
    const struct gate_ports *ports = &x->lane->gate->ports;

    switch (when->kind) {
    case WHEN_FIELD:
        return ports->select_names(x->header.query, slice_of(when->name));
    case WHEN_QUERY:
        return query_has(x->header.query, when->name, when->equals);
    case WHEN_BODY:
        return body_has(&x->data, when->name, when->equals);
    }
    return true; /* of no known kind: the door stays shut */
}

static enum go
check_extras(struct exchange *x)
{
    for (size_t i = 0; i < x->operation->when_count; i++) {
        const struct operation_when *when = &x->operation->whens[i];
        if (permission_set_covers(&x->rights, &when->permissions) || !is_asked(x, when))
            continue;

        char name[PERMISSION_NAME_MAX + 1] = "";
        for (unsigned number = 1; number < PERMISSION_MAX_COUNT; number++) {
            if (permission_set_has(&when->permissions, (uint8_t)number) &&
                !permission_set_has(&x->rights, (uint8_t)number)) {
                permission_write((uint8_t)number, name);
                break;
            }
        }
        return refuse(x, REFUSED_PERMISSION, when->name,
                      "the token lacks %s, which %s \"%s\"%s%s needs", name,
                      when->kind == WHEN_FIELD ? "the field" : "the parameter",
                      when->name, when->equals ? " = " : "",
                      when->equals ? when->equals : "");
    }
    return GO_ON;
}

enum go
step_permission(struct exchange *x)
{
    const struct keyring_owner *owner = keyring_entry_owner(x->entry);
    uint8_t missing = PERMISSION_NONE;

    x->rights =
        policy_rights(keyring_entry_permissions(x->entry), &owner->role_permissions,
                      keyring_is_live_rights(x->lane->gate->keyring));
    if (policy_permission(x->operation, &x->rights, &missing) != PERMITTED)
        return refuse_missing(x, missing);
    return check_extras(x);
}
