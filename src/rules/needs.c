/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parameters of a request ask for (x-tokenhouse "when"). In doubt they ask: then
 * more is needed, and the door stays shut. */
#include "rules/needs.h"

#include "base/limits.h"
#include "base/percent.h"
#include "rules/policy.h"

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

bool
needs_is_asked(const struct operation_when *when, const struct needs_request *request)
{
    switch (when->kind) {
    case WHEN_FIELD:
        return request->select_names(request->query, slice_of(when->name));
    case WHEN_QUERY:
        return query_has(request->query, when->name, when->equals);
    case WHEN_BODY:
        return body_has(request->body, when->name, when->equals);
    }
    return true; /* of no known kind: the door stays shut */
}

void
needs_add(const struct operation *operation, const struct needs_request *request,
          struct permission_set *set)
{
    if (operation->need == OPERATION_CLOSED)
        return;
    if (operation->need == OPERATION_NEEDS)
        *set = permission_set_either(*set, operation->permissions);
    for (size_t i = 0; i < operation->when_count; i++) {
        if (needs_is_asked(&operation->whens[i], request))
            *set = permission_set_either(*set, operation->whens[i].permissions);
    }
}

enum verdict
needs_check(const struct operation *operation, const struct needs_request *request,
            const struct permission_set *rights, struct needs_missing *out_missing)
{
    struct needs_missing missing = {PERMISSION_NONE, NULL};
    enum verdict verdict = policy_permission(operation, rights, &missing.permission);

    for (size_t i = 0; verdict == PERMITTED && i < operation->when_count; i++) {
        const struct operation_when *when = &operation->whens[i];
        if (permission_set_covers(rights, &when->permissions) ||
            !needs_is_asked(when, request))
            continue;
        missing = (struct needs_missing){policy_first_missing(&when->permissions, rights),
                                         when};
        verdict = REFUSED_PERMISSION;
    }
    if (verdict != PERMITTED)
        *out_missing = missing;
    return verdict;
}
