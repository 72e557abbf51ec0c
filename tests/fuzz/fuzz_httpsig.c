/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a structured field, and any fields as a signed request. What is read and
 * written must be read again as the same; a signature base holds exactly the lines that
 * its input names, whatever stands in the fields. */
#include "fuzz.h"
#include "headers.h"

#include "base/auto.h"
#include "httpsig/content_digest.h"
#include "httpsig/signature.h"

#include <assert.h>

enum { TEXT_MAX_BYTES = 256 * 1024 };

/* Writes a dictionary; false when it is none. */
static bool
write_dictionary(struct slice text, struct buffer *out)
{
    struct sf_member member;
    enum sf_cut cut;

    while ((cut = sf_next_member(&text, &member)) == SF_ONE) {
        if (out->len > 0)
            buffer_add_text(out, ", ");
        sf_write_member(out, &member);
    }
    return cut == SF_NO_MORE;
}

static bool
write_list(struct slice text, struct buffer *out)
{
    struct sf_value value;
    enum sf_cut cut;

    while ((cut = sf_next_value(&text, &value)) == SF_ONE) {
        if (out->len > 0)
            buffer_add_text(out, ", ");
        sf_write_value(out, &value);
    }
    return cut == SF_NO_MORE;
}

static void
try_twice(struct slice text, bool (*write)(struct slice, struct buffer *))
{
    struct buffer once AUTO(buffer_done) = buffer_make(TEXT_MAX_BYTES);
    struct buffer twice AUTO(buffer_done) = buffer_make(TEXT_MAX_BYTES);

    if (!write(text, &once) || buffer_check(&once) != STATUS_OK)
        return;
    assert(write(buffer_slice(&once), &twice));
    assert(slice_equal(buffer_slice(&once), buffer_slice(&twice)));
}

static size_t
count_lines(struct slice text)
{
    size_t count = 1;

    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == '\n';
    return count;
}

static void
try_request(struct slice text)
{
    static struct httpsig_input input;
    struct http_header headers[16];
    struct buffer base AUTO(buffer_done) = buffer_make(HTTPSIG_BASE_MAX_BYTES);
    struct failure failure = {0};
    struct slice signature = {0};
    struct slice first = {0};
    struct httpsig_message message = {.method = SLICE("POST"),
                                      .scheme = SLICE("https"),
                                      .authority = SLICE("Example.com:443"),
                                      .path = SLICE("/"),
                                      .has_query = true,
                                      .headers = headers};

    if (slice_cut(&text, '\n', &first)) /* the query of the request */
        message.query = first;
    message.header_count = cut_headers(text, headers, COUNT_OF(headers));
    enum status status =
        content_digest_check(headers, message.header_count, text, &failure);
    assert(status == STATUS_OK || failure.text[0]);
    failure.text[0] = '\0';
    if (httpsig_find(&message, &input, &signature, &failure) != STATUS_OK) {
        assert(failure.text[0]);
        return;
    }
    assert(input.component_count <= HTTPSIG_COMPONENT_MAX_COUNT);
    if (httpsig_base_write(&message, &input, &base, &failure) != STATUS_OK) {
        assert(failure.text[0]);
        return;
    }
    assert(count_lines(buffer_slice(&base)) == input.component_count + 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {data, size};
    struct sf_value value;

    try_twice(text, write_dictionary);
    try_twice(text, write_list);
    if (sf_item_read(text, &value))
        assert(value.raw.len <= size);
    try_request(text);
    return 0;
}
