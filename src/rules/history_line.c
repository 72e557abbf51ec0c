/* SPDX-License-Identifier: Apache-2.0
 *
 * Events as lines. */
#include "rules/history_line.h"

#include "base/base64url.h"
#include "base/date.h"
#include "base/number.h"
#include "json/scan.h"
#include "json/write.h"

static const char HASH_MEMBER[] = ",\"hash\":\"";
static const char LINE_HEAD[] = "{\"id\":";

const char *
history_actor_kind(enum actor_kind kind)
{
    switch (kind) {
    case ACTOR_USER:
        return "user";
    case ACTOR_COMMAND:
        return "command";
    case ACTOR_SYSTEM:
        return "system";
    case ACTOR_TOKEN:
        return "token";
    }
    return "?";
}

struct slice
history_action(const struct event *event)
{
    struct json_value whole;
    struct json_value action;

    if (json_scan(event->details, &whole) != STATUS_OK ||
        json_find(&whole, SLICE("action"), &action) != STATUS_OK ||
        action.kind != JSON_KIND_STRING || action.has_escapes)
        return (struct slice){0}; /* ours are plain words: no escapes to be resolved */
    return action.raw;
}

static void
write_party(struct json_writer *w, const char *key, const char *kind, const char *id,
            const char *name)
{
    json_write_key(w, key);
    json_write_object(w);
    json_write_member_text(w, "kind", kind);
    json_write_member_text(w, "id", id);
    json_write_member_text(w, "name", name);
    json_write_end(w);
}

void
history_line_write(const struct event *event, struct buffer *out)
{
    struct json_writer w = json_write_into(out);

    json_write_object(&w);
    json_write_member_int(&w, "id", event->id);
    json_write_member_moment(&w, "at", event->at_ms);
    json_write_member_text(&w, "kind", event_name(event->kind));
    write_party(&w, "actor", history_actor_kind(event->actor_kind), event->actor_id,
                event->actor_name);
    json_write_member_text(&w, "address", event->address);
    write_party(&w, "object", event->object_kind, event->object_id, event->object_name);
    json_write_member_text(&w, "requestId", event->request_id);
    json_write_key(&w, "details");
    json_write_raw(&w, event->details.len > 0 ? event->details : SLICE("{}"));
    json_write_end(&w);
}

void
history_line_hash(struct slice line, struct merkle_hash *out)
{
    merkle_leaf(line, out);
}

void
history_line_export(struct slice line, const struct merkle_hash *hash, struct buffer *out)
{
    char text[BASE64URL_MAX_CHARS(MERKLE_HASH_BYTES)];
    size_t len = base64url_encode((struct slice){hash->at, sizeof(hash->at)}, text);

    buffer_add(out, slice_head(line, line.len - 1)); /* without its closing brace */
    buffer_add_text(out, HASH_MEMBER);
    buffer_add(out, (struct slice){(const unsigned char *)text, len});
    buffer_add(out, SLICE("\"}"));
}

enum status
history_line_read(struct slice exported, struct buffer *out, struct merkle_hash *out_hash,
                  int64_t *out_id)
{
    enum { TAIL_CHARS = sizeof(HASH_MEMBER) - 1 + HISTORY_HASH_CHARS + 2 };
    struct slice rest = slice_from(exported, sizeof(LINE_HEAD) - 1);
    struct slice number;
    uint8_t hash[MERKLE_HASH_BYTES];
    size_t len = 0;
    int64_t id = 0;

    if (exported.len < TAIL_CHARS || !slice_starts(exported, slice_of(LINE_HEAD)) ||
        !slice_cut(&rest, ',', &number) || number_read(number, &id) != STATUS_OK)
        return STATUS_MALFORMED;

    struct slice tail = slice_from(exported, exported.len - TAIL_CHARS);
    struct slice text =
        slice_head(slice_from(tail, sizeof(HASH_MEMBER) - 1), HISTORY_HASH_CHARS);
    if (!slice_starts(tail, slice_of(HASH_MEMBER)) || !slice_ends(tail, SLICE("\"}")) ||
        base64url_decode(text, hash, sizeof(hash), &len) != STATUS_OK ||
        len != sizeof(hash))
        return STATUS_MALFORMED;
    buffer_add(out, slice_head(exported, exported.len - TAIL_CHARS));
    buffer_add_byte(out, '}');
    memcpy(out_hash->at, hash, sizeof(hash));
    *out_id = id;
    return buffer_check(out);
}

static void
write_bytes(struct json_writer *writer, const char *name, struct slice bytes)
{
    char text[BASE64URL_MAX_CHARS(sizeof(((struct tree_head *)0)->signature))];
    size_t len = base64url_encode(bytes, text);

    json_write_member_string(writer, name,
                             (struct slice){(const unsigned char *)text, len});
}

void
history_head_write(struct json_writer *writer, const struct tree_head *head)
{
    json_write_object(writer);
    json_write_member_int(writer, "size", head->size);
    write_bytes(writer, "root", (struct slice){head->root, sizeof(head->root)});
    json_write_member_moment(writer, "at", head->at_ms);
    write_bytes(writer, "signature",
                (struct slice){head->signature, sizeof(head->signature)});
    json_write_end(writer);
}
