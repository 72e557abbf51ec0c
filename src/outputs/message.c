/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 5424 and CEF, and the escapes of each. */
#include "outputs/message.h"

#include "base/auto.h"
#include "base/date.h"
#include "base/ip.h"
#include "rules/history_line.h"
#include "json/write.h"

#include <stdio.h>

enum {
    FACILITY_AUDIT = 13, /* "log audit", RFC 5424 §6.2.1 */
    NUMBER_CHARS = 24,
};

/* 32473 is the number for examples (RFC 5612): we have none of our own. */
static const char SD_ID[] = "tokenhouse@32473";

/* One message in the making. */
struct making {
    const struct message_sender *sender;
    enum output_format format;
    int64_t at_ms;
    enum severity severity;
    const char *message_id;    /* MSGID */
    struct slice text;         /* MSG; of CEF its body */
    const struct event *event; /* NULL: it is about none */
};

/* ---- RFC 5424 ---- */

static void
add_printable(struct buffer *out, const char *text)
{
    if (!text[0])
        buffer_add_byte(out, '-'); /* NILVALUE */
    for (const char *at = text; *at; at++)
        buffer_add_byte(out, (unsigned char)(*at > ' ' && *at < 0x7f ? *at : '?'));
}

/* RFC 5424 §6.3.3: '"', '\' and ']' are escaped. */
static void
add_parameter(struct buffer *out, const char *name, struct slice value)
{
    if (value.len == 0)
        return;
    buffer_print(out, " %s=\"", name);
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = value.at[i];
        if (c == '"' || c == '\\' || c == ']')
            buffer_add_byte(out, '\\');
        buffer_add_byte(out, c < ' ' ? ' ' : c);
    }
    buffer_add_byte(out, '"');
}

static void
add_structured(struct buffer *out, const struct making *making)
{
    const struct event *event = making->event;
    char id[NUMBER_CHARS];

    if (!event || making->format == OUTPUT_CEF) {
        buffer_add_byte(out, '-');
        return;
    }
    snprintf(id, sizeof(id), "%lld", (long long)event->id);
    buffer_print(out, "[%s", SD_ID);
    add_parameter(out, "eventId", slice_of(id));
    add_parameter(out, "account", slice_of(making->sender->account_uid));
    add_parameter(out, "action", history_action(event));
    add_parameter(out, "actorKind", slice_of(history_actor_kind(event->actor_kind)));
    add_parameter(out, "actorId", slice_of(event->actor_id));
    add_parameter(out, "actorName", slice_of(event->actor_name));
    add_parameter(out, "address", slice_of(event->address));
    add_parameter(out, "objectKind", slice_of(event->object_kind));
    add_parameter(out, "objectId", slice_of(event->object_id));
    add_parameter(out, "objectName", slice_of(event->object_name));
    add_parameter(out, "requestId", slice_of(event->request_id));
    buffer_add_byte(out, ']');
}

static void
add_message(struct buffer *out, const struct making *making)
{
    char at[DATE_TIME_CHARS + 1];

    date_time_write(making->at_ms, at);
    buffer_print(out, "<%d>1 %s ", FACILITY_AUDIT * 8 + (int)making->severity, at);
    add_printable(out, making->sender->host);
    buffer_add_text(out, " tokenhouse - ");
    add_printable(out, making->message_id);
    buffer_add_byte(out, ' ');
    add_structured(out, making);
    buffer_add_byte(out, ' ');
    buffer_add(out, making->text);
}

/* ---- CEF ---- */

/* Of syslog's severities, as CEF counts: 0 to 10, and 10 is worst. */
static int
cef_severity(enum severity severity)
{
    switch (severity) {
    case SEVERITY_CRITICAL:
        return 10;
    case SEVERITY_ERROR:
        return 8;
    case SEVERITY_WARNING:
        return 6;
    case SEVERITY_NOTICE:
        return 3;
    case SEVERITY_INFO:
        return 1;
    }
    return 3;
}

/* '|' and '\' in the header, '=' and '\' in the extension; a line stays a line. */
static void
add_escaped(struct buffer *out, struct slice value, unsigned char mark)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = value.at[i];
        if (c == '\n' || c == '\r') {
            buffer_add_text(out, c == '\n' ? "\\n" : "\\r");
            continue;
        }
        if (c == '\\' || c == mark)
            buffer_add_byte(out, '\\');
        buffer_add_byte(out, c < ' ' ? ' ' : c);
    }
}

static void
add_field(struct buffer *out, const char *name, struct slice value)
{
    if (value.len == 0)
        return;
    buffer_print(out, " %s=", name);
    add_escaped(out, value, '=');
}

/* A custom string: its name in the label. */
static void
add_custom(struct buffer *out, int number, const char *label, struct slice value)
{
    if (value.len > 0)
        buffer_print(out, " cs%dLabel=%s", number, label);
    if (value.len > 0)
        buffer_print(out, " cs%d=", number);
    add_escaped(out, value, '=');
}

static void
add_address(struct buffer *out, const char *address)
{
    struct ip ip;

    if (ip_read(slice_of(address), &ip) != STATUS_OK)
        return;
    if (ip_is_v4(&ip))
        add_field(out, "src", slice_of(address));
    else /* src is of IPv4 only */
        buffer_print(out, " c6a2Label=Source IPv6 Address c6a2=%s", address);
}

static void
cef_head(struct buffer *out, const char *class_id, const char *name,
         enum severity severity, int64_t at_ms)
{
    buffer_print(out, "CEF:0|Tokenhouse|Tokenhouse|%s|", TOKENHOUSE_VERSION);
    add_escaped(out, slice_of(class_id), '|');
    buffer_add_byte(out, '|');
    add_escaped(out, slice_of(name), '|');
    buffer_print(out, "|%d|rt=%lld", cef_severity(severity), (long long)at_ms);
}

static void
cef_event(struct buffer *out, const struct event *event, bool has_details)
{
    char class_id[MESSAGE_ID_MAX_CHARS + 1];
    char id[NUMBER_CHARS];

    message_id_write(event->kind, class_id);
    snprintf(id, sizeof(id), "%lld", (long long)event->id);
    cef_head(out, class_id, event_name(event->kind), event_severity(event->kind),
             event->at_ms);
    add_field(out, "externalId", slice_of(id));
    add_field(out, "act", history_action(event));
    add_field(out, "suid", slice_of(event->actor_id));
    add_field(out, "suser", slice_of(event->actor_name));
    add_address(out, event->address);
    add_custom(out, 1, "objectKind", slice_of(event->object_kind));
    add_custom(out, 2, "objectId", slice_of(event->object_id));
    add_custom(out, 3, "objectName", slice_of(event->object_name));
    add_custom(out, 4, "requestId", slice_of(event->request_id));
    add_custom(out, 5, "actorKind", slice_of(history_actor_kind(event->actor_kind)));
    if (has_details)
        add_custom(out, 6, "details", event->details);
    else
        add_custom(out, 6, "detailsLeftOut", SLICE("too long for syslog"));
}

/* ---- whole messages ---- */

void
message_id_write(enum event_kind kind, char out[MESSAGE_ID_MAX_CHARS + 1])
{
    snprintf(out, MESSAGE_ID_MAX_CHARS + 1, "%s", event_name(kind));
    for (char *at = out; *at; at++)
        *at = *at == ' ' ? '-' : *at;
}

static void
add_frame(struct buffer *out, struct slice message)
{
    buffer_print(out, "%zu ", message.len);
    buffer_add(out, message);
}

/* The line without the details' own members, but for the action. */
static void
write_short_line(const struct event *event, struct buffer *out)
{
    struct buffer details AUTO(buffer_done) = buffer_make(1024);
    struct event without = *event;
    struct json_writer writer = json_write_into(&details);

    json_write_object(&writer);
    json_write_member_string(&writer, "action", history_action(event));
    json_write_member_int(&writer, "detailsLeftOutBytes", (int64_t)event->details.len);
    json_write_end(&writer);
    without.details = buffer_slice(&details);
    history_line_write(&without, out);
}

void
message_write_line(const struct event *event, struct buffer *out)
{
    struct buffer line AUTO(buffer_done) = buffer_make(MESSAGE_LINE_MAX_BYTES);
    struct merkle_hash hash;

    history_line_write(event, &line);
    history_line_hash(buffer_slice(&line), &hash);
    history_line_export(buffer_slice(&line), &hash, out);
}

static void
write_text(const struct making *making, bool is_short, struct buffer *out)
{
    if (making->format == OUTPUT_CEF)
        cef_event(out, making->event, !is_short);
    else if (is_short)
        write_short_line(making->event, out);
    else
        message_write_line(making->event, out);
}

void
message_write(const struct message_sender *sender, enum output_format format,
              const struct event *event, struct buffer *out)
{
    struct buffer text AUTO(buffer_done) = buffer_make(2 * MESSAGE_LINE_MAX_BYTES);
    struct buffer message AUTO(buffer_done) = buffer_make(3 * MESSAGE_LINE_MAX_BYTES);
    char id[MESSAGE_ID_MAX_CHARS + 1];
    struct making making = {
        .sender = sender,
        .format = format,
        .at_ms = event->at_ms,
        .severity = event_severity(event->kind),
        .message_id = id,
        .event = event,
    };

    message_id_write(event->kind, id);
    for (int is_short = 0; is_short <= 1; is_short++) {
        buffer_clear(&text);
        buffer_clear(&message);
        write_text(&making, is_short, &text);
        making.text = buffer_slice(&text);
        add_message(&message, &making);
        if (message.len <= MESSAGE_MAX_BYTES)
            break;
    }
    add_frame(out, buffer_slice(&message));
}

/* What is not about an event: a body of JSON, in CEF as a custom string. */
static void
write_other(const struct making *given, const char *name, struct slice json,
            struct buffer *out)
{
    struct buffer text AUTO(buffer_done) = buffer_make(MESSAGE_MAX_BYTES);
    struct buffer message AUTO(buffer_done) = buffer_make(2 * MESSAGE_MAX_BYTES);
    struct making making = *given;

    making.text = json;
    if (making.format == OUTPUT_CEF) {
        cef_head(&text, making.message_id, name, making.severity, making.at_ms);
        add_custom(&text, 6, "details", json);
        making.text = buffer_slice(&text);
    }
    add_message(&message, &making);
    add_frame(out, buffer_slice(&message));
}

void
message_write_head(const struct message_sender *sender, enum output_format format,
                   const struct tree_head *head, struct buffer *out)
{
    struct buffer json AUTO(buffer_done) = buffer_make(MESSAGE_MAX_BYTES);
    struct json_writer writer = json_write_into(&json);
    struct making making = {
        .sender = sender,
        .format = format,
        .at_ms = head->at_ms,
        .severity = SEVERITY_INFO,
        .message_id = "tree-head",
    };

    history_head_write(&writer, head);
    write_other(&making, "Tree head signed", buffer_slice(&json), out);
}

void
message_write_test(const struct message_sender *sender, enum output_format format,
                   int64_t now_ms, struct buffer *out)
{
    struct making making = {
        .sender = sender,
        .format = format,
        .at_ms = now_ms,
        .severity = SEVERITY_INFO,
        .message_id = "test",
    };

    write_other(&making, "Test", SLICE("{\"test\":true}"), out);
}

enum status
message_write_batch(const struct message_batch *batch, struct buffer *out)
{
    struct json_writer writer = json_write_into(out);
    char at[DATE_TIME_CHARS + 1];

    date_time_write(batch->now_ms, at);
    json_write_object(&writer);
    json_write_member_text(&writer, "sentAt", at);
    json_write_member_text(&writer, "account", batch->sender->account_uid);
    json_write_member_text(&writer, "output", batch->output_name);
    json_write_member_bool(&writer, "test", batch->is_test);
    json_write_key(&writer, "events");
    json_write_array(&writer);
    if (batch->lines.len > 0)
        json_write_raw(&writer, batch->lines);
    json_write_end(&writer);
    json_write_key(&writer, "head");
    if (batch->head)
        history_head_write(&writer, batch->head);
    else
        json_write_null(&writer);
    json_write_end(&writer);
    return json_write_done(&writer);
}
