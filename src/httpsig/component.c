/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the identifiers of components: "content-type", "@query-param";name="x". What we
 * do not know is refused in words: a signature over something that we read otherwise than
 * its signer is worth nothing. Source: RFC 9421 §2.1, §2.2, §2.4. */
#include "base/auto.h"
#include "httpsig/message.h"

/* THE TABLE OF PARTS that are derived from a message, not carried in a field. */
static const struct derived {
    struct slice name;
    enum httpsig_part part;
} DERIVED[] = {
    {SLICE("@method"), PART_METHOD},
    {SLICE("@target-uri"), PART_TARGET_URI},
    {SLICE("@authority"), PART_AUTHORITY},
    {SLICE("@scheme"), PART_SCHEME},
    {SLICE("@request-target"), PART_REQUEST_TARGET},
    {SLICE("@path"), PART_PATH},
    {SLICE("@query"), PART_QUERY},
    {SLICE("@query-param"), PART_QUERY_PARAM},
    {SLICE("@status"), PART_STATUS},
};

enum { NAME_MAX_CHARS = 256 }; /* of a field; more is none that anybody sends */

/* For "%.*s" with what came from outside: so much of it is shown. */
#define SHOWN(s) (int)((s).len < 100 ? (s).len : 100), (const char *)(s).at

static bool
is_field_name(struct slice name)
{
    if (name.len == 0 || name.len > NAME_MAX_CHARS)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = name.at[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!is_plain && !(c && strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return true;
}

static enum status
read_name(struct httpsig_component *component, struct failure *failure)
{
    struct slice name = component->item.raw;

    component->name = name;
    component->part = PART_FIELD;
    if (is_field_name(name))
        return STATUS_OK;
    for (size_t i = 0; i < COUNT_OF(DERIVED); i++) {
        if (slice_equal(DERIVED[i].name, name)) {
            component->part = DERIVED[i].part;
            return STATUS_OK;
        }
    }
    if (slice_starts(name, SLICE("@")))
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "there is no component \"%.*s\" that we take", SHOWN(name));
    return failure_set(failure, STATUS_MALFORMED, NULL,
                       "\"%.*s\" is not the name of a field in lower case", SHOWN(name));
}

/* Takes a text parameter. A backslash could stand in it by an escape only, and no name
 * that it may hold has one. */
static enum status
read_text(const struct sf_member *parameter, struct httpsig_component *component,
          struct failure *failure)
{
    const struct sf_value *value = &parameter->value;

    if (value->kind != SF_STRING || memchr(value->raw.at, '\\', value->raw.len))
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "the parameter \"%.*s\" of \"%.*s\" is not a plain text",
                           SHOWN(parameter->key), SHOWN(component->name));
    component->key = value->raw;
    component->has_key = true;
    return STATUS_OK;
}

static enum status
read_parameter(const struct sf_member *parameter, struct httpsig_component *component,
               struct failure *failure)
{
    bool is_field = component->part == PART_FIELD;
    bool is_flag = parameter->value.kind == SF_BOOLEAN && parameter->value.number == 1;
    struct slice key = parameter->key;

    if (is_field && slice_equal(key, SLICE("key")))
        return read_text(parameter, component, failure);
    if (component->part == PART_QUERY_PARAM && slice_equal(key, SLICE("name")))
        return read_text(parameter, component, failure);
    if (is_flag && is_field && slice_equal(key, SLICE("sf")))
        component->is_sf = true;
    else if (is_flag && is_field && slice_equal(key, SLICE("bs")))
        component->is_bs = true;
    else if (is_flag && component->part != PART_STATUS && slice_equal(key, SLICE("req")))
        component->is_of_request = true;
    else
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "the parameter \"%.*s\" of the component \"%.*s\" is none "
                           "that we take there",
                           SHOWN(key), SHOWN(component->name));
    return STATUS_OK;
}

enum status
httpsig_component_read(const struct sf_value *item, struct httpsig_component *out,
                       struct failure *failure)
{
    struct slice parameters = item->parameters;
    struct sf_member parameter;

    *out = (struct httpsig_component){.item = *item};
    if (item->is_list || item->kind != SF_STRING)
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "a covered component is not a text in quotes");
    enum status status = read_name(out, failure);
    while (status == STATUS_OK && sf_next_parameter(&parameters, &parameter) == SF_ONE)
        status = read_parameter(&parameter, out, failure);
    if (status != STATUS_OK)
        return status;
    if (out->is_bs && (out->is_sf || out->has_key))
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "\"%.*s\" has \"bs\" beside \"sf\" or \"key\": one excludes "
                           "the other",
                           SHOWN(out->name));
    if (out->part == PART_QUERY_PARAM && !out->has_key)
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "\"@query-param\" does not say which, by \"name\"");
    return STATUS_OK;
}

bool
httpsig_component_equal(const struct httpsig_component *a,
                        const struct httpsig_component *b)
{
    return a->part == b->part && a->is_sf == b->is_sf && a->is_bs == b->is_bs &&
           a->is_of_request == b->is_of_request && a->has_key == b->has_key &&
           slice_equal(a->name, b->name) && slice_equal(a->key, b->key);
}
