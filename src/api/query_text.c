/* SPDX-License-Identifier: Apache-2.0
 *
 * Query strings into names and values. What is forgiven here is what clients of the
 * vendor's API were seen to send. */
#include "api/query_text.h"

#include "api/resource.h"
#include "base/limits.h"
#include "base/percent.h"

/* Cuts the next pair off, still encoded. False at the end. */
static bool
next_pair(struct slice *rest, struct slice *out_name, struct slice *out_value)
{
    struct slice pair;

    while (rest->len > 0) {
        if (!slice_cut(rest, '&', &pair)) {
            pair = *rest;
            *rest = (struct slice){0};
        }
        if (pair.len == 0)
            continue;
        *out_value = pair;
        if (!slice_cut(out_value, '=', out_name)) {
            *out_name = pair;
            *out_value = (struct slice){0};
        }
        return true;
    }
    return false;
}

static struct slice
without_mark(struct slice query)
{
    return query.len > 0 && query.at[0] == '?' ? slice_from(query, 1) : query;
}

static struct slice
decode(struct slice text, struct arena *arena)
{
    if (text.len == 0)
        return (struct slice){0};
    unsigned char *plain = arena_new(arena, text.len);
    return (struct slice){plain, percent_decode(text, plain)};
}

enum status
query_text_split(struct slice query, struct arena *arena, struct query_pairs *out)
{
    struct slice rest = without_mark(query);
    struct slice name;
    struct slice value;

    if (query.len > QUERY_MAX_BYTES)
        return STATUS_TOO_LARGE;
    out->count = 0;
    while (next_pair(&rest, &name, &value)) {
        if (out->count == QUERY_PAIR_MAX_COUNT)
            return STATUS_TOO_LARGE;
        out->at[out->count++] =
            (struct query_pair){slice_trim(decode(name, arena)), decode(value, arena)};
    }
    return STATUS_OK;
}

enum status
query_text_find(const struct query_pairs *pairs, struct slice name, struct slice *out)
{
    enum status status = STATUS_NOT_FOUND;
    struct slice found = {0};

    for (size_t i = 0; i < pairs->count; i++) {
        struct slice value = slice_trim(pairs->at[i].value);
        if (!slice_equal(pairs->at[i].name, name) || value.len == 0)
            continue;
        if (status == STATUS_OK && !slice_equal(value, found))
            return STATUS_CONFLICT;
        found = value;
        status = STATUS_OK;
    }
    if (status == STATUS_OK)
        *out = found;
    return status;
}

bool
query_text_next_item(struct slice *rest, struct slice *out)
{
    struct slice item;

    while (rest->len > 0) {
        if (!slice_cut(rest, ',', &item)) {
            item = *rest;
            *rest = (struct slice){0};
        }
        item = slice_trim(item);
        if (item.len > 0) {
            *out = item;
            return true;
        }
    }
    return false;
}

/* Is `item` the field `name`, or one within it? */
static bool
is_within(struct slice item, struct slice name)
{
    return slice_starts(item, name) && (item.len == name.len || item.at[name.len] == '.');
}

bool
api_select_names(struct slice query, struct slice name)
{
    unsigned char plain[QUERY_MAX_BYTES];
    struct slice rest = without_mark(query);
    struct slice key;
    struct slice value;
    struct slice item;

    if (query.len > QUERY_MAX_BYTES)
        return true; /* never answered, see query_text_split(); the strict side */
    while (next_pair(&rest, &key, &value)) {
        struct slice plain_key = {plain, percent_decode(key, plain)};
        if (!slice_equal(slice_trim(plain_key), SLICE("select")))
            continue;
        struct slice list = {plain, percent_decode(value, plain)};
        while (query_text_next_item(&list, &item)) {
            if (is_within(item, name))
                return true;
        }
    }
    return false;
}
