/* SPDX-License-Identifier: Apache-2.0
 *
 * Proofs of histories as JSON. */
#include "cli/history_file.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "base/date.h"
#include "base/mem.h"
#include "crypto/pem.h"

#include <stdio.h>
#include <string.h>

enum { PEM_MAX_BYTES = 1024, BYTES_MAX = 64, HEADS_MAX_COUNT = 10 * 1000 * 1000 };

void
history_file_done(struct history_file *file)
{
    mem_free(&file->heads);
}

static json_t *
bytes_text(const uint8_t *bytes, size_t len)
{
    char text[BASE64URL_MAX_CHARS(BYTES_MAX)];
    size_t chars = base64url_encode((struct slice){bytes, len}, text);

    return json_stringn(text, chars);
}

json_t *
history_file_hash(const uint8_t hash[MERKLE_HASH_BYTES])
{
    return bytes_text(hash, MERKLE_HASH_BYTES);
}

json_t *
history_file_head(const struct tree_head *head)
{
    char at[DATE_TIME_CHARS + 1];

    date_time_write(head->at_ms, at);
    return json_pack("{s:I, s:o, s:s, s:o}", "size", (json_int_t)head->size, "root",
                     history_file_hash(head->root), "at", at, "signature",
                     bytes_text(head->signature, sizeof(head->signature)));
}

json_t *
history_file_key(const uint8_t public_key[PUBLIC_KEY_BYTES])
{
    struct buffer pem AUTO(buffer_done) = buffer_make(PEM_MAX_BYTES);

    pem_write_public(public_key, &pem);
    return json_stringn((const char *)pem.at, pem.len);
}

json_t *
history_file_write(const struct history_file *file)
{
    json_t *before = json_array();
    json_t *heads = json_array();
    size_t count = (size_t)__builtin_popcountll(file->before.size);

    for (size_t i = 0; i < count; i++)
        json_array_append_new(before, history_file_hash(file->before.at[i].at));
    for (size_t i = 0; i < file->head_count; i++)
        json_array_append_new(heads, history_file_head(&file->heads[i]));
    return json_pack("{s:s, s:o, s:I, s:o, s:o}", "account", file->account_uid,
                     "publicKey", history_file_key(file->public_key), "eventsBefore",
                     (json_int_t)file->before.size, "before", before, "heads", heads);
}

static enum status
malformed(struct failure *failure, const char *member, const char *wanted)
{
    return failure_set(failure, STATUS_MALFORMED, member,
                       "its member \"%s\" is missing or wrong; wanted is %s", member,
                       wanted);
}

static enum status
read_bytes(const json_t *value, const char *member, uint8_t *out, size_t len,
           struct failure *failure)
{
    uint8_t bytes[BASE64URL_MAX_CHARS(BYTES_MAX)];
    size_t found = 0;

    if (!json_is_string(value) ||
        json_string_length(value) > BASE64URL_MAX_CHARS(BYTES_MAX) ||
        base64url_decode(slice_of(json_string_value(value)), bytes, sizeof(bytes),
                         &found) != STATUS_OK ||
        found != len)
        return malformed(failure, member, "strict base64url of the right length");
    memcpy(out, bytes, len);
    return STATUS_OK;
}

enum status
history_file_read_hash(const json_t *value, uint8_t out[MERKLE_HASH_BYTES],
                       struct failure *failure)
{
    return read_bytes(value, "hash", out, MERKLE_HASH_BYTES, failure);
}

enum status
history_file_read_key(const json_t *value, uint8_t out[PUBLIC_KEY_BYTES],
                      struct failure *failure)
{
    const char *text = json_string_value(value);

    if (!text)
        return malformed(failure, "publicKey", "a public key in PEM");
    return pem_read_public(slice_of(text), out, failure);
}

enum status
history_file_read_head(const json_t *value, struct tree_head *out,
                       struct failure *failure)
{
    struct tree_head head = {.size = json_integer_value(json_object_get(value, "size"))};
    const char *at = json_string_value(json_object_get(value, "at"));

    if (!json_is_object(value))
        return malformed(failure, "head", "an object with size, root, at and signature");
    if (head.size < 1)
        return malformed(failure, "size", "a number from 1 on");
    if (!at || date_time_read(slice_of(at), &head.at_ms) != STATUS_OK)
        return malformed(failure, "at", "a moment, YYYY-MM-DDThh:mm:ss.mmmZ");
    enum status status = read_bytes(json_object_get(value, "root"), "root", head.root,
                                    sizeof(head.root), failure);
    if (status == STATUS_OK)
        status = read_bytes(json_object_get(value, "signature"), "signature",
                            head.signature, sizeof(head.signature), failure);
    if (status == STATUS_OK)
        *out = head;
    return status;
}

/* A saved letter breaks long lines by "=" at their end (RFC 2045 §6.7). No text of JSON
 * has one there. */
static void
join_lines(struct slice text, struct buffer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        size_t end = i + 1 < text.len && text.at[i + 1] == '\r' ? i + 2 : i + 1;
        if (text.at[i] == '=' && end < text.len && text.at[end] == '\n')
            i = end;
        else
            buffer_add_byte(out, text.at[i]);
    }
}

static void
json_done(json_t **value)
{
    json_decref(*value);
}

/* What begins at this brace, when it is a head. *out_len: its bytes; 0 = it is none. */
static enum status
read_head_at(struct slice text, struct tree_head *out, size_t *out_len,
             struct failure *failure)
{
    json_error_t error;
    json_t *value AUTO(json_done) =
        json_loadb((const char *)text.at, text.len,
                   JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &error);

    *out_len = 0;
    if (!value || !json_object_get(value, "root") || !json_object_get(value, "signature"))
        return STATUS_OK;
    *out_len = (size_t)error.position;
    return history_file_read_head(value, out, failure);
}

enum status
history_file_find_heads(struct slice text, struct history_file *file,
                        struct failure *failure)
{
    struct buffer joined AUTO(buffer_done) = buffer_make(text.len + 1);
    size_t before = file->head_count;

    join_lines(text, &joined);
    for (size_t i = 0; i < joined.len; i++) {
        struct tree_head head;
        size_t len = 0;
        if (joined.at[i] != '{')
            continue;
        enum status status = read_head_at((struct slice){joined.at + i, joined.len - i},
                                          &head, &len, failure);
        if (status != STATUS_OK)
            return status;
        if (len == 0)
            continue;
        file->heads =
            mem_resize(file->heads, (file->head_count + 1) * sizeof(*file->heads));
        file->heads[file->head_count++] = head;
        i += len - 1;
    }
    return file->head_count > before
               ? STATUS_OK
               : failure_set(failure, STATUS_MALFORMED, "head",
                             "no signed head is in it: {\"size\", \"root\", \"at\", "
                             "\"signature\"}, as 'events head' prints it and letters "
                             "have it");
}

static enum status
read_before(const json_t *value, struct history_file *file, struct failure *failure)
{
    const json_t *list = json_object_get(value, "before");
    json_int_t size = json_integer_value(json_object_get(value, "eventsBefore"));

    if (size < 0 || size >= (json_int_t)1 << MERKLE_LEVEL_MAX)
        return malformed(failure, "eventsBefore", "a number from 0 on");
    file->before.size = (uint64_t)size;
    size_t count = (size_t)__builtin_popcountll(file->before.size);
    if (json_array_size(list) != count)
        return malformed(failure, "before", "one hash for each bit of eventsBefore");
    for (size_t i = 0; i < count; i++) {
        enum status status = history_file_read_hash(json_array_get(list, i),
                                                    file->before.at[i].at, failure);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status
read_heads(const json_t *list, struct history_file *file, struct failure *failure)
{
    size_t count = json_array_size(list);

    if (!json_is_array(list) || count > HEADS_MAX_COUNT)
        return malformed(failure, "heads", "a list of heads");
    file->heads = mem_new_array(count + 1, sizeof(*file->heads));
    for (size_t i = 0; i < count; i++) {
        enum status status =
            history_file_read_head(json_array_get(list, i), &file->heads[i], failure);
        if (status != STATUS_OK)
            return status;
    }
    file->head_count = count;
    return STATUS_OK;
}

enum status
history_file_read(const json_t *value, struct history_file *out, struct failure *failure)
{
    struct history_file file = {0};
    const char *account = json_string_value(json_object_get(value, "account"));

    if (!account || strlen(account) >= sizeof(file.account_uid))
        return malformed(failure, "account", "the account's uid");
    snprintf(file.account_uid, sizeof(file.account_uid), "%s", account);
    enum status status = history_file_read_key(json_object_get(value, "publicKey"),
                                               file.public_key, failure);
    if (status == STATUS_OK)
        status = read_before(value, &file, failure);
    if (status == STATUS_OK)
        status = read_heads(json_object_get(value, "heads"), &file, failure);
    if (status != STATUS_OK) {
        history_file_done(&file);
        return status;
    }
    *out = file;
    return STATUS_OK;
}
