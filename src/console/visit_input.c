/* SPDX-License-Identifier: Apache-2.0
 *
 * What handlers are told: the query (application/x-www-form-urlencoded, as browsers write
 * it) and the members of the body. */
#include "console/visit.h"

#include "base/auto.h"
#include "base/number.h"
#include "base/percent.h"
#include "base/utf8.h"
#include "store/store_people.h"

/* ---- the query ---- */

/* '+' is a blank here. False: not UTF-8, or a zero byte. */
static bool
decode(struct slice text, struct arena *arena, struct slice *out)
{
    unsigned char *plain = arena_new(arena, text.len + 1);

    for (size_t i = 0; i < text.len; i++)
        plain[i] = text.at[i] == '+' ? ' ' : text.at[i];
    out->at = plain;
    out->len = percent_decode((struct slice){plain, text.len}, plain);
    return utf8_is(*out) && (out->len == 0 || !memchr(plain, 0, out->len));
}

static const struct visit_pair *
find_pair(const struct visit *v, struct slice name)
{
    for (size_t i = 0; i < v->query_count; i++) {
        if (slice_equal(v->query[i].name, name))
            return &v->query[i];
    }
    return NULL;
}

enum status
visit_query_split(struct visit *v, struct slice query)
{
    while (query.len > 0) {
        struct visit_pair pair = {0};
        struct slice value = query;
        struct slice name = {0};

        if (!slice_cut(&query, '&', &value))
            query.len = 0;
        if (value.len == 0)
            continue;
        if (!slice_cut(&value, '=', &name)) {
            name = value;
            value.len = 0;
        }
        if (!decode(name, v->arena, &pair.name) || !decode(value, v->arena, &pair.value))
            return STATUS_MALFORMED;
        if (find_pair(v, pair.name) || v->query_count == VISIT_QUERY_MAX_COUNT)
            return STATUS_MALFORMED;
        v->query[v->query_count++] = pair;
    }
    return STATUS_OK;
}

enum status
visit_query_names(struct visit *v, const char *const *names)
{
    for (size_t i = 0; i < v->query_count; i++) {
        struct slice name = v->query[i].name;
        const char *const *known = names;
        while (*known && !slice_equal(slice_of(*known), name))
            known++;
        if (!*known)
            visit_add_error(v, arena_text(v->arena, slice_head(name, 48)),
                            "this query takes no '%.*s'",
                            SLICE_ARG(slice_head(name, 48)));
    }
    return visit_checked(v);
}

bool
visit_query(const struct visit *v, const char *name, struct slice *out)
{
    const struct visit_pair *pair = find_pair(v, slice_of(name));

    if (!pair || slice_trim(pair->value).len == 0)
        return false;
    *out = slice_trim(pair->value);
    return true;
}

enum status
visit_query_group(struct visit *v, int64_t *out)
{
    struct slice uid = {0};
    struct device_group group = {0};
    enum status status = STATUS_OK;

    if (!visit_query(v, "group", &uid))
        return STATUS_OK;
    status = store_group_by_uid(v->reader, uid, &group);
    *out = status == STATUS_OK ? group.id : -1; /* -1: nobody's */
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status
visit_query_int(struct visit *v, const char *name, int64_t least, int64_t most,
                int64_t *out)
{
    struct slice text = {0};
    int64_t number = 0;

    if (!visit_query(v, name, &text))
        return STATUS_OK;
    if (number_read(text, &number) != STATUS_OK || number < least || number > most)
        return visit_refuse(v, PROBLEM_INVALID, name,
                            "%s is '%.*s', but must be a whole number in %lld..%lld",
                            name, SLICE_ARG(slice_head(text, 32)), (long long)least,
                            (long long)most);
    *out = number;
    return STATUS_OK;
}

enum status
visit_query_bool(struct visit *v, const char *name, bool *out_is_there, bool *out)
{
    struct slice text = {0};

    *out_is_there = visit_query(v, name, &text);
    if (!*out_is_there)
        return STATUS_OK;
    *out = slice_equal(text, SLICE("true"));
    if (!*out && !slice_equal(text, SLICE("false")))
        return visit_refuse(v, PROBLEM_INVALID, name,
                            "%s is '%.*s', but must be true or false", name,
                            SLICE_ARG(slice_head(text, 32)));
    return STATUS_OK;
}

enum status
visit_page_size(struct visit *v, int64_t *out)
{
    *out = VISIT_PAGE_SIZE_USUAL;
    return visit_query_int(v, "pageSize", 1, VISIT_PAGE_SIZE_MAX, out);
}

/* ---- the body ---- */

static const char *const KIND_WORDS[] = {
    [BODY_TEXT] = "a text",        [BODY_INT] = "a whole number",
    [BODY_BOOL] = "true or false", [BODY_OBJECT] = "an object",
    [BODY_ARRAY] = "a list",
};

static bool
is_of_kind(const json_t *value, enum body_kind kind)
{
    switch (kind) {
    case BODY_TEXT:
        return json_is_string(value);
    case BODY_INT:
        return json_is_integer(value);
    case BODY_BOOL:
        return json_is_boolean(value);
    case BODY_OBJECT:
        return json_is_object(value);
    case BODY_ARRAY:
        return json_is_array(value);
    }
    return false;
}

static void
put(const struct body_member *member, json_t *value)
{
    switch (member->kind) {
    case BODY_TEXT:
        *member->text = (struct slice){(const unsigned char *)json_string_value(value),
                                       json_string_length(value)};
        break;
    case BODY_INT:
        *member->number = json_integer_value(value);
        break;
    case BODY_BOOL:
        *member->truth = json_is_true(value);
        break;
    case BODY_OBJECT:
    case BODY_ARRAY:
        *member->json = value;
        break;
    }
}

static bool
is_known(const char *name, const struct body_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(members[i].name, name) == 0)
            return true;
    }
    return false;
}

enum status
visit_body(struct visit *v, const struct body_member *members, size_t count)
{
    const char *name = NULL;
    json_t *value = NULL;

    json_object_foreach(v->body, name, value)
    {
        if (!is_known(name, members, count))
            visit_add_error(v, name, "there is no field '%.48s' here", name);
    }
    for (size_t i = 0; i < count; i++) {
        const struct body_member *member = &members[i];
        bool is_there = false;

        value = json_object_get(v->body, member->name);
        is_there = value && !json_is_null(value);
        if (member->is_there)
            *member->is_there = is_there;
        if (is_there && is_of_kind(value, member->kind))
            put(member, value);
        else if (is_there)
            visit_add_error(v, member->name, "%s must be %s", member->name,
                            KIND_WORDS[member->kind]);
        else if (member->wanted == BODY_REQUIRED)
            visit_add_error(v, member->name, "%s is missing", member->name);
    }
    return visit_checked(v);
}
