/* SPDX-License-Identifier: Apache-2.0
 *
 * Events as syslog messages: RFC 5424, and CEF as its text. Pure: bytes for bytes the
 * same for the same event, so that a receiver can drop what comes twice. */
#ifndef OUTPUTS_MESSAGE_H
#define OUTPUTS_MESSAGE_H

#include "base/buffer.h"
#include "model/output.h"

enum {
    MESSAGE_MAX_BYTES = 8192, /* what receivers should take (RFC 5425 §4.3.1) */
    MESSAGE_FRAME_MAX_BYTES = MESSAGE_MAX_BYTES + 8,
    MESSAGE_ID_MAX_CHARS = 32, /* MSGID, RFC 5424 §6.2.7 */
    MESSAGE_LINE_MAX_BYTES = 1024 * 1024,
};

/* Who speaks. */
struct message_sender {
    const char *host;        /* HOSTNAME; "" = not known */
    const char *account_uid; /* "" = not known */
};

/* Appends one message with its length before it (octet counting, RFC 6587 §3.4.1). What
 * would be longer than MESSAGE_MAX_BYTES goes without its details, and says so. */
void message_write(const struct message_sender *sender, enum output_format format,
                   const struct event *event, struct buffer *out);
/* A signed head: so many events have this root. */
void message_write_head(const struct message_sender *sender, enum output_format format,
                        const struct tree_head *head, struct buffer *out);
/* That this output works. */
void message_write_test(const struct message_sender *sender, enum output_format format,
                        int64_t now_ms, struct buffer *out);

/* "API-token-updated": the name of a kind as a MSGID. */
void message_id_write(enum event_kind kind, char out[MESSAGE_ID_MAX_CHARS + 1]);

/* The same for a webhook: one object. `head` may be NULL: none was signed yet. */
struct message_batch {
    const struct message_sender *sender;
    const char *output_name;
    int64_t now_ms;
    struct slice lines; /* exported lines with commas between them */
    const struct tree_head *head;
    bool is_test;
};
MUST_CHECK enum status message_write_batch(const struct message_batch *batch,
                                           struct buffer *out);
/* The event as its exported line, without a line end. */
void message_write_line(const struct event *event, struct buffer *out);

#endif
