/* SPDX-License-Identifier: Apache-2.0
 *
 * x-tokenhouse: what an operation needs (docs/upstreams.md). Read strictly: a word we do
 * not know could be a condition that somebody relies on. */
#include "openapi/inside.h"

#include "base/auto.h"

#include <stdio.h>

enum { NUMBER_TEXT_BYTES = 32 };

/* A number that nobody has, from the end of those that the store gives, when `count` were
 * given out. */
static uint16_t
number_for_now(size_t count)
{
    size_t number = PERMISSION_MAX_COUNT - 1 - count;

    return number >= PERMISSION_ADDED_FIRST && !permission_by_number((uint16_t)number)
               ? (uint16_t)number
               : PERMISSION_NONE;
}

size_t
description_room(const struct description *description)
{
    size_t count = description->introduced_count;

    while (number_for_now(count) != PERMISSION_NONE)
        count++;
    return count - description->introduced_count;
}

static enum status
introduce(struct reading *reading, const struct permission_name *name,
          uint16_t *out_number)
{
    size_t count = reading->introduced_count;

    for (size_t i = 0; i < count; i++) {
        if (slice_equal_nocase(slice_of(reading->introduced[i].feature),
                               slice_of(name->feature)) &&
            slice_equal_nocase(slice_of(reading->introduced[i].action),
                               slice_of(name->action))) {
            *out_number = reading->introduced_numbers[i];
            return STATUS_OK;
        }
    }
    if (!reading->introduced) {
        reading->introduced = arena_new(reading->arena, PERMISSION_MAX_COUNT *
                                                            sizeof(*reading->introduced));
        reading->introduced_numbers =
            arena_new(reading->arena, PERMISSION_MAX_COUNT * sizeof(uint16_t));
    }
    uint16_t number = number_for_now(count);
    if (number == PERMISSION_NONE)
        return reading_refuse(
            reading,
            "the catalogue has no room for '%.60s:%.60s'; all upstreams "
            "together may bring %d permissions",
            name->feature, name->action, PERMISSION_MAX_COUNT - PERMISSION_ADDED_FIRST);
    reading->introduced[count] = *name;
    reading->introduced_numbers[count] = number;
    reading->introduced_count++;
    *out_number = number;
    return STATUS_OK;
}

static enum status
permission_find(struct reading *reading, const char *text, uint16_t *out_number)
{
    struct permission_name name;
    struct failure failure = {0};

    if (permission_read(slice_of(text), out_number) == STATUS_OK) {
        if (permission_by_number(*out_number)->is_for_api)
            return STATUS_OK;
        return reading_refuse(reading,
                              "'%.80s' is a permission of the console, which no token "
                              "can have; choose another name",
                              text);
    }
    if (!reading->wish->may_introduce)
        return reading_refuse(reading, "there is no permission '%.80s'", text);
    if (permission_name_read(slice_of(text), &name, &failure) != STATUS_OK)
        return reading_refuse(reading, "%s", failure.text);
    return introduce(reading, &name, out_number);
}

/* Reads a list of "Feature:Action" into `out`. */
static enum status
permissions_read(struct reading *reading, const struct tree_value *list,
                 struct permission_set *out)
{
    struct permission_set set = {0};

    if (!tree_is(list, TREE_LIST))
        return reading_refuse(reading,
                              "'permissions' must be a list of \"Feature:Action\"");
    for (size_t i = 0; i < tree_count(list); i++) {
        const char *name = tree_text(tree_element(list, i));
        uint16_t number = PERMISSION_NONE;
        if (!name)
            return reading_refuse(reading,
                                  "'permissions' must hold texts: \"Feature:Action\"");
        enum status status = permission_find(reading, name, &number);
        if (status != STATUS_OK)
            return status;
        permission_set_add(&set, number);
    }
    *out = set;
    return STATUS_OK;
}

static enum status
licences_read(struct reading *reading, const struct tree_value *list,
              struct operation *out)
{
    if (!tree_is(list, TREE_LIST) || tree_count(list) > OPERATION_LICENCE_MAX_COUNT)
        return reading_refuse(reading, "'licences' must be a list of at most %d names",
                              OPERATION_LICENCE_MAX_COUNT);
    for (size_t i = 0; i < tree_count(list); i++) {
        const char *name = tree_text(tree_element(list, i));
        if (!name || name[0] == '\0')
            return reading_refuse(reading, "'licences' must hold names");
        out->licences[out->licence_count++] = reading_keep(reading, name);
    }
    return STATUS_OK;
}

/* "equals": true and "equals": "true" mean the same; so do numbers. */
static enum status
equals_read(struct reading *reading, const struct tree_value *value, const char **out)
{
    char number[NUMBER_TEXT_BYTES];

    if (tree_is(value, TREE_TEXT)) {
        *out = reading_keep(reading, tree_text(value));
    } else if (tree_is(value, TREE_TRUE) || tree_is(value, TREE_FALSE)) {
        *out = tree_is(value, TREE_TRUE) ? "true" : "false";
    } else if (tree_is(value, TREE_WHOLE)) {
        snprintf(number, sizeof(number), "%lld", (long long)value->whole);
        *out = reading_keep(reading, number);
    } else {
        return reading_refuse(reading,
                              "'equals' must be a text, a whole number, true or false");
    }
    return STATUS_OK;
}

static enum status
when_member_read(struct reading *reading, const struct tree_value *value,
                 struct operation_when *out)
{
    const char *key = value->name;
    static const struct {
        const char *key;
        int kind;
    } KINDS[] = {{"field", WHEN_FIELD}, {"query", WHEN_QUERY}, {"body", WHEN_BODY}};

    if (strcmp(key, "permissions") == 0)
        return permissions_read(reading, value, &out->permissions);
    if (strcmp(key, "equals") == 0)
        return equals_read(reading, value, &out->equals);
    for (size_t i = 0; i < COUNT_OF(KINDS); i++) {
        if (strcmp(key, KINDS[i].key) != 0)
            continue;
        if (out->name)
            return reading_refuse(reading,
                                  "a 'when' names more than one of field, query, body");
        if (!tree_is(value, TREE_TEXT) || value->text[0] == '\0')
            return reading_refuse(reading, "'%s' in 'when' must be a name", key);
        out->kind = KINDS[i].kind;
        out->name = reading_keep(reading, tree_text(value));
        return STATUS_OK;
    }
    return reading_refuse(reading, "'when' has an unknown member '%.80s'", key);
}

static enum status
when_read(struct reading *reading, struct tree_value *row, struct operation_when *out)
{
    struct operation_when when = {0};
    const struct tree_value *value = NULL;

    if (!tree_is(row, TREE_OBJECT))
        return reading_refuse(reading, "'when' must be a list of objects");
    for (size_t i = 0; (value = tree_next(row, &i));) {
        enum status status = when_member_read(reading, value, &when);
        if (status != STATUS_OK)
            return status;
    }
    if (!when.name)
        return reading_refuse(reading, "a 'when' must name a field, a query or a body");
    if (permission_set_is_empty(&when.permissions))
        return reading_refuse(reading, "the 'when' of '%.80s' asks for no permission",
                              when.name);
    if (when.kind == WHEN_FIELD && reading->wish->upstream)
        return reading_refuse(
            reading,
            "'field' ('%.80s') is for our own operations, which leave fields "
            "out; an upstream would send it all the same. Use 'query'",
            when.name);
    if (when.kind == WHEN_FIELD && when.equals)
        return reading_refuse(reading, "the 'when' of field '%.80s' cannot have 'equals'",
                              when.name);
    if (when.kind == WHEN_BODY && when.name[0] != '/')
        return reading_refuse(
            reading, "'%.80s' is not a JSON pointer; it begins with '/'", when.name);
    *out = when;
    return STATUS_OK;
}

static enum status
whens_read(struct reading *reading, const struct tree_value *list, struct operation *out)
{
    if (!tree_is(list, TREE_LIST) || tree_count(list) > OPERATION_WHEN_MAX_COUNT)
        return reading_refuse(reading, "'when' must be a list of at most %d objects",
                              OPERATION_WHEN_MAX_COUNT);

    size_t count = tree_count(list);
    struct operation_when *whens =
        arena_new(reading->arena, (count + 1) * sizeof(whens[0]));
    for (size_t i = 0; i < count; i++) {
        enum status status = when_read(reading, tree_element(list, i), &whens[i]);
        if (status != STATUS_OK)
            return status;
    }
    out->whens = whens;
    out->when_count = count;
    return STATUS_OK;
}

/* "rate": "10/s". What is used of it is counted beside the operation, as long as its
 * description stays what it is. */
static enum status
rate_member_read(struct reading *reading, const struct tree_value *value,
                 struct operation *out)
{
    const char *text = tree_text(value);

    if (!text || rate_read(slice_of(text), &out->rate) != STATUS_OK)
        return reading_refuse(
            reading,
            "'rate' must be a text as \"10/s\": 1 to %d requests, and s, "
            "m, h or d",
            RATE_COUNT_MAX);
    out->rate_ns = arena_new(reading->arena, sizeof(*out->rate_ns));
    return STATUS_OK;
}

enum status
needs_read(struct reading *reading, struct tree_value *needs, struct operation *out)
{
    const struct tree_value *value = NULL;

    if (!needs)
        return STATUS_OK;
    if (!tree_is(needs, TREE_OBJECT))
        return reading_refuse(reading, "x-tokenhouse must be an object");
    for (size_t i = 0; (value = tree_next(needs, &i));) {
        const char *key = value->name;
        enum status status = STATUS_OK;
        if (strcmp(key, "permissions") == 0) {
            status = permissions_read(reading, value, &out->permissions);
            out->need = permission_set_is_empty(&out->permissions) ? OPERATION_OPEN_TO_ALL
                                                                   : OPERATION_NEEDS;
        } else if (strcmp(key, "licences") == 0) {
            status = licences_read(reading, value, out);
        } else if (strcmp(key, "when") == 0) {
            status = whens_read(reading, value, out);
        } else if (strcmp(key, "rate") == 0) {
            status = rate_member_read(reading, value, out);
        } else {
            status = reading_refuse(reading, "x-tokenhouse has an unknown member '%.80s'",
                                    key);
        }
        if (status != STATUS_OK)
            return status;
    }
    if (out->need == OPERATION_CLOSED)
        return reading_refuse(reading,
                              "x-tokenhouse says no 'permissions'; [] opens it to all");
    return STATUS_OK;
}
