/* SPDX-License-Identifier: Apache-2.0
 *
 * An event as one line of JSON: the form in which it is exported, and the bytes whose
 * hash is its leaf in the tree. It never changes: an event written by any version of this
 * program has the same line for ever. */
#ifndef RULES_HISTORY_LINE_H
#define RULES_HISTORY_LINE_H

#include "base/buffer.h"
#include "crypto/merkle.h"
#include "model/records.h"

struct json_writer;

/* What stands behind the line's last member in an export: ,"hash":"<43 characters>" */
enum { HISTORY_HASH_CHARS = 43 };

/* Appends
 *   {"id":17,"at":"…","kind":"API token updated","actor":{"kind":"user","id":"…",
 *   "name":"…"},"address":"…","object":{"kind":"token","id":"…","name":"…"},
 *   "requestId":"…","details":{…}}
 * without a line end. */
void history_line_write(const struct event *event, struct buffer *out);
/* The leaf of a line. */
void history_line_hash(struct slice line, struct merkle_hash *out);
/* The same line with its hash as a last member: what an export holds. `line` is what
 * history_line_write() wrote. */
void history_line_export(struct slice line, const struct merkle_hash *hash,
                         struct buffer *out);
/* Takes an exported line apart again: the line without its hash (into `out`, appended),
 * the hash that it names, and its event's id. STATUS_MALFORMED: it is no such line. */
MUST_CHECK enum status history_line_read(struct slice exported, struct buffer *out,
                                         struct merkle_hash *out_hash, int64_t *out_id);

/* A signed head as 'tokenhouse events head' prints it: {"size", "root", "at",
 * "signature"}. */
void history_head_write(struct json_writer *writer, const struct tree_head *head);

/* What was done, of the event's details: "created", "suspended", …; empty when they do
 * not say. Borrowed from the event. */
struct slice history_action(const struct event *event);
const char *history_actor_kind(enum actor_kind kind); /* "user", "command", … */

#endif
