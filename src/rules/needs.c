/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parameters of a request ask for (x-tokenhouse "when"). In doubt they ask: then
 * more is needed, and the door stays shut. */
#include "rules/needs.h"

#include "base/auto.h"
#include "base/limits.h"
#include "base/percent.h"
#include "rules/policy.h"

/* What some servers take for true and false as well. */
static const struct truth {
    struct slice word, also[5];
} TRUTHS[] = {
    {SLICE("true"), {SLICE("1"), SLICE("yes"), SLICE("on"), SLICE("y"), SLICE("t")}},
    {SLICE("false"), {SLICE("0"), SLICE("no"), SLICE("off"), SLICE("n"), SLICE("f")}},
};

/* May a server take `value` for `wanted`? Letters' case does not matter: here more hits
 * mean more that is asked for. */
static bool
may_mean(struct slice value, struct slice wanted)
{
    value = slice_trim(value);
    if (slice_equal_nocase(value, wanted))
        return true;
    for (size_t i = 0; i < COUNT_OF(TRUTHS); i++) {
        if (!slice_equal(TRUTHS[i].word, wanted))
            continue;
        for (size_t k = 0; k < COUNT_OF(TRUTHS[i].also); k++) {
            if (slice_equal_nocase(value, TRUTHS[i].also[k]))
                return true;
        }
    }
    return false;
}

/* The same of a name: also when it is one of several, "name[]". */
static bool
may_name(struct slice name, struct slice wanted)
{
    struct slice rest = name;
    struct slice head;

    return slice_equal_nocase(slice_trim(name), wanted) ||
           (slice_cut(&rest, '[', &head) && slice_equal_nocase(slice_trim(head), wanted));
}

/* Asks of `spelled`, percent-decoded: '+' as a plus and, as forms have it, as a blank. */
static bool
is_decoded(struct slice spelled, const char *wanted,
           bool (*is)(struct slice, struct slice))
{
    unsigned char plain[QUERY_MAX_BYTES];

    if (spelled.len > sizeof(plain))
        return true; /* cannot be: a query rides in the header */
    struct slice text = {plain, percent_decode(spelled, plain)};
    if (is(text, slice_of(wanted)))
        return true;
    for (size_t i = 0; i < text.len; i++) {
        if (plain[i] == '+')
            plain[i] = ' ';
    }
    return is(text, slice_of(wanted));
}

/* The next name=value. Some servers take ';' for '&'. */
static struct slice
take_pair(struct slice *query)
{
    size_t len = 0;

    while (len < query->len && query->at[len] != '&' && query->at[len] != ';')
        len++;
    struct slice pair = slice_head(*query, len);
    *query = slice_from(*query, len + 1);
    return pair;
}

/* Has the query a pair name=value (any value when `value` is NULL)? A name alone is there
 * with any value. */
static bool
query_has(struct slice query, const char *name, const char *value)
{
    while (query.len > 0) {
        struct slice pair = take_pair(&query);
        struct slice head = pair;
        bool has_value = slice_cut(&pair, '=', &head);
        if (is_decoded(head, name, may_name) &&
            (!value || !has_value || is_decoded(pair, value, may_mean)))
            return true;
    }
    return false;
}

/* ---- the body ---- */

enum { NAME_MAX_BYTES = 1024 }; /* as it is spelled */

static bool
is_value(const struct json_value *found, const char *value)
{
    if (!value)
        return true;
    if (found->kind == JSON_KIND_STRING && found->has_escapes)
        return json_text_is(found, slice_of(value));
    return may_mean(found->raw, slice_of(value));
}

/* May a server take this name of a member for what a pointer says? */
static bool
may_be_part(const struct json_value *name, struct slice part)
{
    unsigned char text[NAME_MAX_BYTES];
    unsigned char wanted[NAME_MAX_BYTES];
    size_t len = 0;

    if (name->raw.len > sizeof(text) || part.len > sizeof(wanted))
        return false;
    for (size_t i = 0; i < part.len; i++) { /* RFC 6901: ~1 is '/', ~0 is '~' */
        bool is_escape = part.at[i] == '~' && i + 1 < part.len;
        wanted[len++] = !is_escape ? part.at[i] : part.at[i + 1] == '1' ? '/' : '~';
        i += is_escape;
    }
    return slice_equal_nocase((struct slice){text, json_unescape(name, text)},
                              (struct slice){wanted, len});
}

/* The same as json_pointer() finds, under names in any case: many servers do not tell
 * "Force" from "force". As deep as the pointer. */
static bool
is_somewhere(const struct json_value *here, struct slice pointer, const char *value)
{
    struct json_walk walk = json_walk_of(here);
    struct json_member member;
    struct slice rest = slice_from(pointer, 1);
    struct slice part = rest;

    if (pointer.len == 0)
        return is_value(here, value);
    rest = slice_cut(&rest, '/', &part) ? (struct slice){rest.at - 1, rest.len + 1}
                                        : (struct slice){0};
    while (here->kind == JSON_KIND_OBJECT && json_walk_next(&walk, &member)) {
        if (may_be_part(&member.name, part) && is_somewhere(&member.value, rest, value))
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
    if (status == STATUS_OK && is_value(&found, value))
        return true;
    if (status == STATUS_MALFORMED) /* there twice: one of them may be the value */
        return true;
    return is_somewhere(body, slice_of(pointer), value);
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
