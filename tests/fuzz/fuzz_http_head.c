/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a request head. What the reader takes must hold nothing that another
 * program could read differently, and cutting the bytes must not change its mind. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "http/head.h"

enum { HEADER_COUNT = 20 };

/* Reads exactly `len` bytes that lie at the end of their memory. */
static int
read_copy(const unsigned char *at, size_t len, struct head *out)
{
    static struct http_header headers[HEADER_COUNT];
    static unsigned char *copy;

    free(copy);
    copy = malloc(len ? len : 1);
    if (len)
        memcpy(copy, at, len);
    *out = (struct head){.headers = headers, .header_max_count = HEADER_COUNT};
    int outcome = head_read(out, (struct slice){copy, len});
    NEED(outcome == HEAD_WHOLE || outcome == HEAD_MORE || out->wrong);
    NEED(outcome == HEAD_WHOLE || outcome == HEAD_MORE ||
         (outcome >= 400 && outcome <= 505));
    return outcome;
}

static size_t
count_named(const struct head *head, struct slice name)
{
    size_t count = 0;

    for (size_t i = 0; i < head->header_count; i++)
        count += slice_equal_nocase(head->headers[i].name, name);
    return count;
}

static bool
has_control(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((text.at[i] < 0x20 && text.at[i] != '\t') || text.at[i] == 0x7f)
            return true;
    }
    return false;
}

static void
check_whole(const struct head *head)
{
    struct slice authority = {0};
    struct slice path = {0};
    struct slice query = {0};

    NEED(token_is_valid(head->method) && head->target.len > 0);
    NEED(count_named(head, SLICE("host")) == (head->host.at != NULL));
    NEED(head->host.at || head->is_http10);
    NEED(count_named(head, SLICE("content-length")) == head->has_length);
    NEED(count_named(head, SLICE("transfer-encoding")) == head->is_chunked);
    NEED(!(head->has_length && head->is_chunked));
    for (size_t i = 0; i < head->header_count; i++) {
        NEED(token_is_valid(head->headers[i].name));
        NEED(!has_control(head->headers[i].value));
    }
    if (target_read(head->method, head->target, &authority, &path, &query))
        NEED(path.len > 0 && (path.at[0] == '/' || slice_equal(path, SLICE("*"))));
}

int
LLVMFuzzerTestOneInput(const unsigned char *at, size_t len)
{
    struct head head;
    struct head shorter;
    int outcome = read_copy(at, len, &head);

    if (outcome == HEAD_WHOLE) {
        NEED(head.len <= len);
        check_whole(&head);
    }
    size_t whole_len = head.len;
    size_t header_count = head.header_count;
    for (size_t cut = 0; cut < len && len < 600; cut++) {
        int early = read_copy(at, cut, &shorter);
        if (early == HEAD_MORE)
            continue;
        NEED(early == outcome); /* more bytes do not heal, nor spoil, what was read */
        NEED(early != HEAD_WHOLE || (cut >= whole_len && shorter.len == whole_len &&
                                     shorter.header_count == header_count));
    }
    return 0;
}
