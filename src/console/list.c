/* SPDX-License-Identifier: Apache-2.0
 *
 * Cursors: base64url of MAC ‖ moment ‖ number ‖ id number ‖ length ‖ sort text ‖ id. The
 * MAC is over these, the path, the rest of the query and who asks. */
#include "console/list.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "console/inside.h"
#include "crypto/hmac.h"

#include <stdlib.h>

enum {
    MAC_BYTES = 16,
    NUMBER_BYTES = 8,
    HEAD_BYTES = 4 * NUMBER_BYTES, /* moment, number, id number, length of the text */
    CURSOR_MAX_BYTES = 8 * 1024,
    BOUND_MAX_BYTES = 64 * 1024,
};

static void
add_number(struct buffer *out, int64_t number)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        buffer_add_byte(out, (unsigned char)((uint64_t)number >> shift));
}

static int64_t
cut_number(struct slice *rest)
{
    uint64_t number = 0;

    for (size_t i = 0; i < NUMBER_BYTES; i++)
        number = number << 8 | rest->at[i];
    *rest = slice_from(*rest, NUMBER_BYTES);
    return (int64_t)number;
}

static void
add_measured(struct buffer *out, struct slice bytes)
{
    add_number(out, (int64_t)bytes.len);
    buffer_add(out, bytes);
}

/* ---- the MAC ---- */

static int
compare_pairs(const void *left, const void *right)
{
    const struct visit_pair *a = left;
    const struct visit_pair *b = right;
    size_t len = a->name.len < b->name.len ? a->name.len : b->name.len;
    int order = len ? memcmp(a->name.at, b->name.at, len) : 0;

    return order != 0 ? order : (a->name.len > b->name.len) - (a->name.len < b->name.len);
}

/* Whatever makes a list another one. How many rows a page has does not. */
static enum status
cursor_mac(const struct visit *v, struct slice payload, uint8_t out[HMAC_BYTES])
{
    struct buffer bound AUTO(buffer_done) = buffer_make(BOUND_MAX_BYTES);
    struct visit_pair pairs[VISIT_QUERY_MAX_COUNT];

    memcpy(pairs, v->query, sizeof(pairs));
    qsort(pairs, v->query_count, sizeof(pairs[0]), compare_pairs);
    add_number(&bound, v->user.id);
    add_measured(&bound, slice_of(v->match.route->path));
    for (size_t i = 0; i < v->match.parameter_count; i++)
        add_measured(&bound, v->match.parameters[i]);
    for (size_t i = 0; i < v->query_count; i++) {
        if (slice_equal(pairs[i].name, SLICE("after")) ||
            slice_equal(pairs[i].name, SLICE("pageSize")))
            continue;
        add_measured(&bound, pairs[i].name);
        add_measured(&bound, pairs[i].value);
    }
    add_number(&bound, -1); /* no length: the end of the texts */
    buffer_add(&bound, payload);
    if (buffer_check(&bound) != STATUS_OK)
        return STATUS_TOO_LARGE;
    hmac_sign(v->console->list_key, buffer_slice(&bound), out);
    return STATUS_OK;
}

/* ---- reading ---- */

/* Takes an authenticated payload apart. */
static bool
payload_read(struct slice payload, struct list_ask *out)
{
    struct list_mark *mark = &out->page.after;

    if (payload.len < HEAD_BYTES)
        return false;
    out->moment_s = cut_number(&payload);
    mark->number = cut_number(&payload);
    mark->id_number = cut_number(&payload);
    uint64_t len = (uint64_t)cut_number(&payload);
    if (len > payload.len)
        return false;
    mark->text = slice_head(payload, (size_t)len);
    mark->id = slice_from(payload, (size_t)len);
    mark->is_there = true;
    return true;
}

static enum status
read_after(struct visit *v, struct list_ask *out)
{
    struct slice text = {0};
    uint8_t mac[HMAC_BYTES];
    size_t len = 0;

    if (!visit_query(v, "after", &text))
        return STATUS_OK;
    unsigned char *bytes = arena_new(v->arena, text.len + 1);
    if (text.len <= BASE64URL_MAX_CHARS(CURSOR_MAX_BYTES) &&
        base64url_decode(text, bytes, text.len, &len) == STATUS_OK && len >= MAC_BYTES) {
        struct slice payload = slice_from((struct slice){bytes, len}, MAC_BYTES);
        if (cursor_mac(v, payload, mac) == STATUS_OK &&
            secret_equal((struct slice){mac, MAC_BYTES},
                         (struct slice){bytes, MAC_BYTES}) &&
            payload_read(payload, out))
            return STATUS_OK;
    }
    return visit_refuse(v, PROBLEM_INVALID, "after",
                        "after must be the next of the page before, with all else of the "
                        "query as it was");
}

static enum status
read_sort(struct visit *v, bool (*has_sort)(struct slice name), struct list_page *out)
{
    struct slice sort = {0};

    if (!visit_query(v, "sort", &sort))
        return STATUS_OK;
    out->is_descending = sort.at[0] == '-';
    out->sort = slice_from(sort, out->is_descending ? 1 : 0);
    if (has_sort && out->sort.len > 0 && has_sort(out->sort))
        return STATUS_OK;
    return visit_refuse(v, PROBLEM_INVALID, "sort",
                        "this list cannot be sorted by '%.*s'",
                        SLICE_ARG(slice_head(sort, 48)));
}

enum status
list_read(struct visit *v, bool (*has_sort)(struct slice name), struct list_ask *out)
{
    struct list_ask ask = {.moment_s = v->now_s};
    int64_t count = 0;
    enum status status = visit_page_size(v, &count);

    if (status == STATUS_OK)
        status = read_sort(v, has_sort, &ask.page);
    if (status == STATUS_OK)
        status = read_after(v, &ask);
    if (status != STATUS_OK)
        return status;
    ask.page.count = (size_t)count;
    *out = ask;
    return STATUS_OK;
}

/* ---- the answer ---- */

struct json_writer
list_begin(struct visit *v)
{
    struct json_writer writer = visit_json(v, 200);

    json_write_object(&writer);
    json_write_key(&writer, "data");
    json_write_array(&writer);
    return writer;
}

static enum status
cursor_write(struct visit *v, const struct list_ask *ask, const struct list_mark *mark,
             struct slice *out)
{
    struct buffer bytes AUTO(buffer_done) = buffer_make(CURSOR_MAX_BYTES);
    uint8_t mac[HMAC_BYTES];

    for (int i = 0; i < MAC_BYTES / NUMBER_BYTES; i++)
        add_number(&bytes, 0);
    add_number(&bytes, ask->moment_s);
    add_number(&bytes, mark->number);
    add_number(&bytes, mark->id_number);
    add_measured(&bytes, mark->text);
    buffer_add(&bytes, mark->id);
    enum status status = buffer_check(&bytes);
    if (status == STATUS_OK)
        status = cursor_mac(v, slice_from(buffer_slice(&bytes), MAC_BYTES), mac);
    if (status != STATUS_OK)
        return status;
    memcpy(bytes.at, mac, MAC_BYTES);
    char *text = arena_new(v->arena, BASE64URL_MAX_CHARS(bytes.len) + 1);
    size_t len = base64url_encode(buffer_slice(&bytes), text);
    *out = (struct slice){(const unsigned char *)text, len};
    return STATUS_OK;
}

enum status
list_end(struct visit *v, struct json_writer *writer, const struct list_ask *ask,
         const struct list_mark *next, int64_t total)
{
    struct slice cursor = {0};
    enum status status = STATUS_OK;

    json_write_end(writer);
    if (next)
        status = cursor_write(v, ask, next, &cursor);
    if (status != STATUS_OK)
        return status;
    json_write_key(writer, "next");
    if (next)
        json_write_string(writer, cursor);
    else
        json_write_null(writer);
    json_write_key(writer, "total");
    if (total >= 0)
        json_write_int(writer, total);
    else
        json_write_null(writer);
    json_write_end(writer);
    return json_write_done(writer);
}

enum status
list_end_found(struct visit *v, struct json_writer *writer, const struct list_ask *ask,
               const struct list_found *found)
{
    const struct list_mark *next =
        found->is_more ? &found->rows[found->count - 1].mark : NULL;

    return list_end(v, writer, ask, next, found->total);
}

bool
list_is_long(const struct visit *v, struct list_found *found, size_t at)
{
    if (v->reply->body->len < LIST_BODY_BYTES)
        return false;
    found->is_more = found->is_more || at + 1 < found->count;
    found->count = at + 1;
    return true;
}

enum status
list_answer(struct visit *v, const struct list_ask *ask, struct list_found *found,
            enum status (*show)(struct visit *, struct json_writer *, int64_t id))
{
    struct json_writer writer = list_begin(v);
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < found->count; i++) {
        status = show(v, &writer, found->rows[i].id);
        if (status == STATUS_NOT_FOUND)
            status = STATUS_OK;
        if (list_is_long(v, found, i))
            break;
    }
    return status == STATUS_OK ? list_end_found(v, &writer, ask, found) : status;
}
