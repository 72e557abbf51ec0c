/* SPDX-License-Identifier: Apache-2.0
 *
 * What an upstream's description says: what is taken, what is left out with a word, and
 * what is refused as a whole. */
#include "openapi/description.h"

#include "base/auto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const struct upstream ORDERS = {.prefix = "/orders"};
static struct arena arena;
static struct description got;
static struct failure failure;

static enum status
read_both(const char *document, const char *overlay)
{
    struct description_wish wish = {.document = slice_of(document),
                                    .overlay = slice_of(overlay),
                                    .upstream = &ORDERS,
                                    .may_introduce = true};

    arena_reset(&arena);
    got = (struct description){0};
    failure = (struct failure){0};
    return description_read(&wish, &arena, &got, &failure);
}

static void
take(const char *document)
{
    if (read_both(document, "") != STATUS_OK)
        fail_msg("%s\n%s", document, failure.text);
}

static void
assert_refused(const char *document, const char *words)
{
    assert_int_equal(read_both(document, ""), STATUS_MALFORMED);
    if (!strstr(failure.text, words))
        fail_msg("'%s' does not tell of '%s'", failure.text, words);
}

static const struct operation *
find(const char *method, const char *path)
{
    for (size_t i = 0; i < got.operation_count; i++) {
        if (strcmp(got.operations[i].method, method) == 0 &&
            strcmp(got.operations[i].path, path) == 0)
            return &got.operations[i];
    }
    return NULL;
}

static void
assert_note(const char *pointer, const char *words)
{
    for (size_t i = 0; i < got.note_count; i++) {
        if (strcmp(got.notes[i].pointer, pointer) == 0 &&
            strstr(got.notes[i].words, words))
            return;
    }
    fail_msg("there is no note at %s that tells of '%s'", pointer, words);
}

#define HEAD "openapi: 3.1.0\ninfo: {title: Orders, version: 2}\n"

static void
test_operations_stand_below_the_prefix(void **state)
{
    (void)state;
    take(HEAD "servers: [{url: 'https://api.example.com/v2/'}]\n"
              "paths:\n"
              "  /orders/{id}:\n"
              "    get: {operationId: get-order, summary: One order, tags: [Orders, B]}\n"
              "    delete: {}\n");
    assert_string_equal(got.title, "Orders");
    assert_string_equal(got.version, ""); /* a number is no text */
    assert_string_equal(got.server_base, "/v2");
    assert_int_equal(got.operation_count, 2);
    const struct operation *operation = find("GET", "/orders/orders/{id}");
    assert_non_null(operation);
    assert_string_equal(operation->id, "get-order");
    assert_string_equal(operation->summary, "One order");
    assert_ptr_equal(operation->upstream, &ORDERS);
    assert_string_equal(got.tags[0], "Orders");
    assert_string_equal(got.tags[1], "");
    /* nobody said what it needs: deny by default */
    assert_int_equal(operation->need, OPERATION_CLOSED);
    assert_int_equal(find("DELETE", "/orders/orders/{id}")->need, OPERATION_CLOSED);
}

static void
test_new_permissions_are_introduced_once(void **state)
{
    (void)state;
    take(HEAD "paths:\n"
              "  /a:\n"
              "    get: {x-tokenhouse: {permissions: ['Orders:View']}}\n"
              "    put: {x-tokenhouse: {permissions: ['orders:view', 'Orders:Manage',"
              " 'Device reports:View']}}\n"
              "    post: {x-tokenhouse: {permissions: []}}\n");
    assert_int_equal(got.introduced_count, 2);
    assert_string_equal(got.introduced[0].feature, "Orders");
    assert_string_equal(got.introduced[0].action, "View");
    assert_string_equal(got.introduced[1].action, "Manage");
    const struct operation *put = find("PUT", "/orders/a");
    assert_int_equal(permission_set_count(&put->permissions), 3);
    assert_true(permission_set_has(&put->permissions, PERMISSION_DEVICE_REPORTS_VIEW));
    assert_true(permission_set_has(&put->permissions, got.introduced_numbers[0]));
    assert_true(permission_set_has(&find("GET", "/orders/a")->permissions,
                                   got.introduced_numbers[0]));
    assert_int_equal(find("POST", "/orders/a")->need, OPERATION_OPEN_TO_ALL);
    assert_refused(HEAD "paths: {/a: {get: {x-tokenhouse: {permissions: [Orders]}}}}",
                   "/paths/~1a/get: 'Orders' cannot be a permission");
}

static void
test_references_are_followed_for_items_operations_and_parameters(void **state)
{
    (void)state;
    take(HEAD
         "paths:\n"
         "  /a: {$ref: '#/components/pathItems/A'}\n"
         "  /b:\n"
         "    get: {$ref: '#/components/pathItems/A/get'}\n"
         "components:\n"
         "  pathItems:\n"
         "    A:\n"
         "      parameters: [{$ref: '#/components/parameters/All'}]\n"
         "      get: {operationId: a, x-tokenhouse: {permissions: [], when: [{query: "
         "all, permissions: ['Orders:Manage']}]}}\n"
         "  parameters:\n"
         "    All: {name: all, in: query}\n");
    assert_non_null(find("GET", "/orders/a"));
    assert_string_equal(find("GET", "/orders/b")->id, "a");
    assert_int_equal(got.note_count, 1); /* /b has no such parameter */
    assert_note("/paths/~1b/get", "'all'");
    assert_refused(HEAD "paths: {/a: {$ref: '#/paths/~1a'}}",
                   "/paths/~1a/$ref: it leads through more than");
    assert_refused(HEAD "paths: {/a: {$ref: 'a.yaml'}}", "in another file");
    assert_refused(HEAD "paths: {/a: {$ref: '#/paths/~1b', get: {}}, /b: {get: {}}}",
                   "/paths/~1a: 'get' stands here and behind its $ref too");
}

/* A large API does not wait for a detail; what is left out is refused to callers. */
static void
test_what_cannot_be_asked_for_is_left_out_with_a_note(void **state)
{
    (void)state;
    take(HEAD "servers: [{url: 'https://a.example'}, {url: 'https://b.example'}, "
              "{url: '//d.example/x'}]\n"
              "paths:\n"
              "  /up: {post: {servers: [{url: 'https://uploads.example'}]}}\n"
              "  /same: {get: {servers: [{url: 'https://b.example'}]}}\n"
              "  /plain: {get: {servers: [{url: 'http://d.example/x'}]}}\n"
              "  /near: {get: {servers: [{url: 'http://d.example/y'}]}}\n"
              "  /all:\n"
              "    servers: [{url: 'https://c.example'}]\n"
              "    get: {}\n"
              "  '/#Action=Do': {get: {}}\n"
              "  '/x?y=1': {get: {}}\n"
              "  /a//b: {get: {}}\n"
              "  noslash: {get: {}}\n"
              "  x-more: 1\n");
    assert_int_equal(got.operation_count, 2);
    assert_non_null(find("GET", "/orders/same"));
    assert_non_null(find("GET", "/orders/plain"));
    assert_int_equal(got.note_count, 7);
    assert_note("/paths/~1near/get", "server of its own");
    assert_note("/paths/~1up/post", "server of its own");
    assert_note("/paths/~1all/get", "server of its own");
    assert_note("/paths/~1#Action=Do/get", "'#'");
    assert_note("/paths/noslash/get", "begins with '/'");
}

static void
test_variables_of_a_server_have_their_usual_value(void **state)
{
    (void)state;
    take(HEAD
         "servers: [{url: 'https://{h}.example/{v}/api', variables: {h: {default: x},"
         " v: {default: v7}}}]\npaths: {}\n");
    assert_string_equal(got.server_base, "/v7/api");
    take(HEAD "servers: [{url: 'https://{h}.example/'}]\npaths: {}\n");
    assert_null(got.server_base);
    assert_non_null(strstr(got.server_words, "/servers/0/url"));
    take(HEAD "servers: [{url: //a.example/x?y}]\npaths: {}\n");
    assert_string_equal(got.server_base, "/x");
    take(HEAD "servers: [{url: /y/}]\npaths: {}\n");
    assert_string_equal(got.server_base, "/y");
    take(HEAD "paths: {}\n");
    assert_string_equal(got.server_base, "");
}

/* Who wrote it there relies on it, and nobody would read it. */
static void
test_needs_beside_a_reference_are_refused(void **state)
{
    (void)state;
    assert_refused(HEAD "paths:\n"
                        "  /a: {get: {$ref: '#/paths/~1b/get', x-tokenhouse: "
                        "{permissions: ['A:View']}}}\n"
                        "  /b: {get: {x-tokenhouse: {permissions: []}}}\n",
                   "/paths/~1a/get: x-tokenhouse stands beside a $ref");
    take(HEAD "paths:\n"
              "  /a: {get: {$ref: '#/paths/~1b/get'}}\n"
              "  /b: {get: {x-tokenhouse: {permissions: ['A:View']}}}\n");
    assert_int_equal(find("GET", "/orders/a")->need, OPERATION_NEEDS);
}

static void
test_other_versions_are_refused_in_words(void **state)
{
    (void)state;
    assert_refused("swagger: '2.0'\npaths: {}\n", "Swagger 2.0");
    assert_refused("openapi: 3.0\npaths: {}\n", "must be a text");
    assert_refused("openapi: 3.2.0\npaths: {}\n", "3.0.x or 3.1.x, not '3.2.0'");
    assert_refused("openapi: 3.10.0\npaths: {}\n", "3.0.x or 3.1.x");
    assert_refused("a text\n", "must be an object");
    assert_refused("openapi: 3.1.0\n", "/paths");
    take("openapi: '3.0'\npaths: {}\n");
}

/* Our own operations leave fields out of their answers; an upstream would not. */
static void
test_a_field_is_no_condition_for_an_upstream(void **state)
{
    (void)state;
    assert_refused(HEAD
                   "paths: {/a: {get: {x-tokenhouse: {permissions: [], when: [{field:"
                   " price, permissions: ['Orders:View']}]}}}}",
                   "Use 'query'");
}

static void
test_an_overlay_brings_the_permissions(void **state)
{
    (void)state;
    assert_int_equal(
        read_both(HEAD "paths: {/a: {get: {}, put: {}}}",
                  "overlay: 1.0.0\nactions:\n"
                  "- target: $.paths.*.get\n"
                  "  update: {x-tokenhouse: {permissions: ['Orders:View']}}\n"
                  "- target: $.paths['/b'].get\n"
                  "  update: {x-tokenhouse: {permissions: []}}\n"),
        STATUS_OK);
    assert_int_equal(find("GET", "/orders/a")->need, OPERATION_NEEDS);
    assert_int_equal(find("PUT", "/orders/a")->need, OPERATION_CLOSED);
    assert_note("overlay: /actions/1", "$.paths['/b'].get");
}

static int
close_arena(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations_stand_below_the_prefix),
        cmocka_unit_test(test_new_permissions_are_introduced_once),
        cmocka_unit_test(
            test_references_are_followed_for_items_operations_and_parameters),
        cmocka_unit_test(test_what_cannot_be_asked_for_is_left_out_with_a_note),
        cmocka_unit_test(test_variables_of_a_server_have_their_usual_value),
        cmocka_unit_test(test_needs_beside_a_reference_are_refused),
        cmocka_unit_test(test_other_versions_are_refused_in_words),
        cmocka_unit_test(test_a_field_is_no_condition_for_an_upstream),
        cmocka_unit_test(test_an_overlay_brings_the_permissions),
    };

    return cmocka_run_group_tests(tests, NULL, close_arena);
}
