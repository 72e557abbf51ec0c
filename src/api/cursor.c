/* SPDX-License-Identifier: Apache-2.0
 *
 * Cursors: base64url of MAC ‖ id ‖ (length ‖ value)…. The MAC is the first 16 bytes of
 * HMAC-SHA-256 under a key of its own; what is authenticated is written with lengths, so
 * that no two lists give the same bytes. */
#include "api/cursor.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "base/secret.h"
#include "crypto/hmac.h"

#include <stdlib.h>

enum { MAC_BYTES = 16, ID_BYTES = 8, LENGTH_BYTES = 2, BOUND_MAX_BYTES = 64 * 1024 };

static void
add_number(struct buffer *out, uint64_t number, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--)
        buffer_add_byte(out, (unsigned char)(number >> (8 * i)));
}

static uint64_t
read_number(struct slice bytes)
{
    uint64_t number = 0;

    for (size_t i = 0; i < bytes.len; i++)
        number = number << 8 | bytes.at[i];
    return number;
}

static void
add_measured(struct buffer *out, struct slice bytes)
{
    add_number(out, bytes.len, 4);
    buffer_add(out, bytes);
}

static int
compare_slices(struct slice a, struct slice b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len ? memcmp(a.at, b.at, len) : 0;

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int
compare_pairs(const void *left, const void *right)
{
    const struct query_pair *a = left;
    const struct query_pair *b = right;
    int order = compare_slices(a->name, b->name);

    return order != 0 ? order : compare_slices(a->value, b->value);
}

/* The MAC of a cursor's payload in this list. The order of parameters does not matter:
 * some clients keep them in a hash table. */
static enum status
cursor_mac(const struct answer *x, struct slice payload, uint8_t out[HMAC_BYTES])
{
    struct buffer bound AUTO(buffer_done) = buffer_make(BOUND_MAX_BYTES);
    struct query_pairs pairs = x->pairs;

    add_measured(&bound, slice_of(x->request->operation->id));
    qsort(pairs.at, pairs.count, sizeof(pairs.at[0]), compare_pairs);
    for (size_t i = 0; i < pairs.count; i++) {
        if (slice_equal(pairs.at[i].name, SLICE("nextPage")))
            continue;
        add_measured(&bound, pairs.at[i].name);
        add_measured(&bound, pairs.at[i].value);
    }
    for (size_t i = 0; i < x->request->parameter_count; i++)
        add_measured(&bound, x->request->parameters[i]);
    add_number(&bound, UINT32_MAX, 4); /* no length: the end of the texts */
    add_number(&bound, x->request->group_count, ID_BYTES);
    for (size_t i = 0; i < x->request->group_count; i++)
        add_number(&bound, (uint64_t)x->request->group_ids[i], ID_BYTES);
    buffer_add(&bound, payload);
    if (buffer_check(&bound) != STATUS_OK)
        return STATUS_TOO_LARGE;
    hmac_sign(x->api->cursor_key, buffer_slice(&bound), out);
    return STATUS_OK;
}

/* Takes an authenticated payload apart. */
static bool
payload_read(struct slice payload, struct cursor *out)
{
    if (payload.len < ID_BYTES)
        return false;
    out->id = (int64_t)read_number(slice_head(payload, ID_BYTES));
    for (payload = slice_from(payload, ID_BYTES); payload.len > 0;) {
        size_t len = (size_t)read_number(slice_head(payload, LENGTH_BYTES));
        payload = slice_from(payload, LENGTH_BYTES);
        if (payload.len < len || out->value_count == CURSOR_VALUE_MAX_COUNT)
            return false;
        out->values[out->value_count++] = slice_head(payload, len);
        payload = slice_from(payload, len);
    }
    return true;
}

enum status
cursor_read(struct answer *x, size_t value_count, struct cursor *out)
{
    static const char WANTED[] = "the nextPage of the page before, with all other "
                                 "parameters as they were";
    struct slice name = SLICE("nextPage");
    struct cursor cursor = {.is_there = true};
    struct slice text;
    uint8_t mac[HMAC_BYTES];
    size_t len = 0;
    enum status status = query_text_find(&x->pairs, name, &text);

    if (status == STATUS_NOT_FOUND) {
        *out = (struct cursor){0};
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return answer_refuse(x, "INVALID_VALUE", name, "nextPage is given twice");
    unsigned char *bytes = arena_new(x->arena, text.len + 1);
    if (base64url_decode(text, bytes, text.len, &len) != STATUS_OK || len < MAC_BYTES)
        return answer_bad_value(x, name, text, WANTED);
    struct slice payload = slice_from((struct slice){bytes, len}, MAC_BYTES);
    if (cursor_mac(x, payload, mac) != STATUS_OK ||
        !secret_equal((struct slice){mac, MAC_BYTES}, (struct slice){bytes, MAC_BYTES}) ||
        !payload_read(payload, &cursor) || cursor.value_count != value_count)
        return answer_bad_value(x, name, text, WANTED);
    *out = cursor;
    return STATUS_OK;
}

struct slice
cursor_write(struct answer *x, const struct cursor *cursor)
{
    struct buffer bytes AUTO(buffer_done) = buffer_make(BOUND_MAX_BYTES);
    uint8_t mac[HMAC_BYTES] = {0};

    add_number(&bytes, 0, MAC_BYTES / 2);
    add_number(&bytes, 0, MAC_BYTES / 2);
    add_number(&bytes, (uint64_t)cursor->id, ID_BYTES);
    for (size_t i = 0; i < cursor->value_count; i++) {
        add_number(&bytes, cursor->values[i].len, LENGTH_BYTES);
        buffer_add(&bytes, cursor->values[i]);
    }
    if (buffer_check(&bytes) != STATUS_OK ||
        cursor_mac(x, slice_from(buffer_slice(&bytes), MAC_BYTES), mac) != STATUS_OK)
        return (struct slice){0};
    memcpy(bytes.at, mac, MAC_BYTES);
    char *text = arena_new(x->arena, BASE64URL_MAX_CHARS(bytes.len) + 1);
    size_t len = base64url_encode(buffer_slice(&bytes), text);
    return (struct slice){(unsigned char *)text, len};
}
