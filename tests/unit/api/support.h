/* SPDX-License-Identifier: Apache-2.0
 *
 * For each test an inventory of its own, and answers as texts that can be compared. */
#ifndef TESTS_UNIT_API_SUPPORT_H
#define TESTS_UNIT_API_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../support/inventory.h"

#include <jansson.h>

static inline int
open_inventory(void **state)
{
    struct inventory *v = test_calloc(1, sizeof(*v));

    inventory_open(v);
    *state = v;
    return 0;
}

static inline int
close_inventory(void **state)
{
    inventory_close(*state);
    test_free(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test(name)
#define INVENTORY_TEST(name) \
    cmocka_unit_test_setup_teardown(name, open_inventory, close_inventory)

static inline void
check_slice(struct slice is, const char *wanted)
{
    if (!slice_equal(is, slice_of(wanted)))
        fail_msg("'%.*s' instead of '%s'", SLICE_ARG(is), wanted);
}

/* Asks with all rights and no groups; the status must be this one. Gives the answer. */
static inline json_t *
ask_as(struct inventory *v, struct asked *asked, int status)
{
    inventory_ask(v, asked);
    json_t *root = json_loadb((const char *)asked->reply.at, asked->reply.len,
                              JSON_REJECT_DUPLICATES, NULL);
    if (asked->status != status)
        fail_msg("%d instead of %d: %.*s", asked->status, status,
                 SLICE_ARG(buffer_slice(&asked->reply)));
    asked_done(asked);
    return root;
}

static inline json_t *
ask(struct inventory *v, const char *operation, const char *query, int status)
{
    struct asked asked = {
        .operation = operation, .query = slice_of(query), .rights = permission_set_all()};

    return ask_as(v, &asked, status);
}

/* The rows' values of a dotted name, with a blank between them; "-" where there is none.
 */
static inline void
join(json_t *root, const char *name, char *out, size_t size)
{
    json_t *row;
    size_t index;
    size_t len = 0;

    out[0] = '\0';
    json_array_foreach(json_object_get(root, "data"), index, row)
    {
        const char *text = json_string_value(json_object_get(row, name));
        len += (size_t)snprintf(out + len, size - len, "%s%s", index ? " " : "",
                                text ? text : "-");
        assert_true(len < size);
    }
}

/* Which devices does this query give? Their names, in order. */
static inline void
check_names(struct inventory *v, const char *query, const char *wanted)
{
    char names[4096];
    json_t *root = ask(v, "get-devices", query, 200);

    join(root, "deviceName", names, sizeof(names));
    if (strcmp(names, wanted) != 0)
        fail_msg("%s: '%s' instead of '%s'", query, names, wanted);
    json_decref(root);
}

/* The whole answer of one row, as JSON that is sorted by names. */
static inline void
check_row(json_t *root, const char *wanted)
{
    json_t *row = json_array_get(json_object_get(root, "data"), 0);
    char *text = json_dumps(row, JSON_COMPACT | JSON_SORT_KEYS);

    if (!text || strcmp(text, wanted) != 0)
        fail_msg("%s\n instead of\n%s", text ? text : "nothing", wanted);
    free(text);
    json_decref(root);
}

/* The answer is a refusal with this code about this field. */
static inline void
check_refused(struct inventory *v, const char *operation, const char *query,
              const char *code, const char *field)
{
    json_t *root = ask(v, operation, query, 400);
    json_t *detail = json_array_get(json_object_get(root, "details"), 0);

    assert_string_equal(json_string_value(json_object_get(root, "code")),
                        "INVALID_REQUEST");
    assert_string_equal(json_string_value(json_object_get(detail, "code")), code);
    assert_string_equal(json_string_value(json_object_get(detail, "field")), field);
    assert_true(json_string_length(json_object_get(detail, "message")) > 0);
    json_decref(root);
}

static inline void
put(struct inventory *v, const char *json)
{
    if (inventory_import(v, json) != STATUS_OK)
        fail_msg("%s: %s", json, v->failure.text);
}

#endif
