/* SPDX-License-Identifier: Apache-2.0
 *
 * What proves a history, as JSON for files: signed heads, the tree before the first event
 * of an export, the way from one event to a head. docs/events.md describes the forms. */
#ifndef CLI_HISTORY_FILE_H
#define CLI_HISTORY_FILE_H

#include "base/status.h"
#include "crypto/merkle.h"
#include "model/records.h"

#include <jansson.h>
#include <stddef.h>

/* A proof beside an export: whose history, what lies before its first event, and what
 * was signed. */
struct history_file {
    char account_uid[64];
    uint8_t public_key[PUBLIC_KEY_BYTES];
    struct merkle_range before;
    struct tree_head *heads; /* owned */
    size_t head_count;
};

void history_file_done(struct history_file *file);

/* Trees for a file; new references. */
json_t *history_file_hash(const uint8_t hash[MERKLE_HASH_BYTES]);
json_t *history_file_head(const struct tree_head *head);
json_t *history_file_key(const uint8_t public_key[PUBLIC_KEY_BYTES]);
json_t *history_file_write(const struct history_file *file);

/* Reading them back. STATUS_MALFORMED: `failure` names the member. */
MUST_CHECK enum status history_file_read(const json_t *value, struct history_file *out,
                                         struct failure *failure);
MUST_CHECK enum status history_file_read_head(const json_t *value, struct tree_head *out,
                                              struct failure *failure);
/* All heads in a text, behind those that `file` has: one as 'events head' prints it, or a
 * letter that has them, saved as it came or copied as text. STATUS_MALFORMED: there is
 * none, or one is wrong. */
MUST_CHECK enum status history_file_find_heads(struct slice text,
                                               struct history_file *file,
                                               struct failure *failure);
MUST_CHECK enum status history_file_read_hash(const json_t *value,
                                              uint8_t out[MERKLE_HASH_BYTES],
                                              struct failure *failure);
MUST_CHECK enum status history_file_read_key(const json_t *value,
                                             uint8_t out[PUBLIC_KEY_BYTES],
                                             struct failure *failure);

#endif
