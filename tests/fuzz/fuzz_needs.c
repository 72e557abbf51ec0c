/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a query and as a body. Where a plain reader of forms, or jansson, sees the
 * parameter that needs a permission of its own, we see it too: an upstream must not do
 * more than was permitted. */
#include "fuzz.h"

#include <assert.h>
#include <jansson.h>

#include "base/auto.h"
#include "base/hex.h"
#include "rules/needs.h"

enum { TEXT_MAX_BYTES = 4096 };

static bool
select_nothing(struct slice query, struct slice name)
{
    (void)query;
    (void)name;
    return false;
}

/* As the URL standard reads a form: '+' is a blank, %xx a byte, all else itself. */
static size_t
form_decode(struct slice text, unsigned char *out)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        if (c == '%' && i + 2 < text.len && hex_value(text.at[i + 1]) >= 0 &&
            hex_value(text.at[i + 2]) >= 0) {
            c = (unsigned char)(hex_value(text.at[i + 1]) << 4 |
                                hex_value(text.at[i + 2]));
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        out[len++] = c;
    }
    return len;
}

static bool
form_has(struct slice query, struct slice name, struct slice value)
{
    unsigned char text[TEXT_MAX_BYTES];
    struct slice pair = {0};
    bool is_more = true;

    while (is_more) {
        is_more = slice_cut(&query, '&', &pair);
        if (!is_more)
            pair = query;
        struct slice head = {0};
        if (!slice_cut(&pair, '=', &head))
            continue;
        if (slice_equal((struct slice){text, form_decode(head, text)}, name) &&
            slice_equal((struct slice){text, form_decode(pair, text)}, value))
            return true;
    }
    return false;
}

static void
try_query(struct slice query)
{
    struct json_value nothing = {0};
    struct operation_when when = {.kind = WHEN_QUERY, .name = "force", .equals = "true"};
    struct needs_request request = {
        .query = query, .body = &nothing, .select_names = select_nothing};

    if (form_has(query, SLICE("force"), SLICE("true")))
        assert(needs_is_asked(&when, &request));
    if (form_has(query, SLICE("force"), SLICE("1")))
        assert(needs_is_asked(&when, &request));
}

static void
try_body(struct slice text)
{
    struct json_value body;
    struct operation_when when = {
        .kind = WHEN_BODY, .name = "/all/force", .equals = "true"};
    struct needs_request request = {.body = &body, .select_names = select_nothing};

    if (json_scan(text, &body) != STATUS_OK)
        return;
    json_t *root = json_loadb((const char *)text.at, text.len,
                              JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    bool has = json_is_true(json_object_get(json_object_get(root, "all"), "force"));
    json_decref(root);
    if (has) /* of names that are there twice, jansson takes the last */
        assert(needs_is_asked(&when, &request));
    (void)needs_is_asked(&when, &request);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > TEXT_MAX_BYTES)
        return 0;
    try_query((struct slice){data, size});
    try_body((struct slice){data, size});
    return 0;
}
