/* SPDX-License-Identifier: Apache-2.0
 *
 * Outputs in the store: where events go, and the cursor of each. */
#ifndef STORE_STORE_OUTPUTS_H
#define STORE_STORE_OUTPUTS_H

#include "base/buffer.h"
#include "model/output.h"
#include "store/store.h"

/* STATUS_CONFLICT: there is one of this name. */
MUST_CHECK enum status store_output_add(struct store *store, const struct output *output,
                                        int64_t *out_id);
/* STATUS_CONFLICT as above. */
MUST_CHECK enum status store_output_change(struct store *store,
                                           const struct output *output);
MUST_CHECK enum status store_output_remove(struct store *store, int64_t id);
MUST_CHECK enum status store_output_by_name(struct store *store, struct slice name,
                                            struct output *out);
MUST_CHECK enum status store_output_by_uid(struct store *store, struct slice uid,
                                           struct output *out);
/* By name. `each` gives false to stop. */
MUST_CHECK enum status store_output_list(struct store *store,
                                         bool (*each)(void *ctx, const struct output *),
                                         void *ctx);

/* What TLS needs, as kept; empty = not there. The key is sealed under the master key. */
struct output_tls {
    struct slice ca_pem, certificate_pem, sealed_key;
};
MUST_CHECK enum status store_output_tls_set(struct store *store, int64_t id,
                                            const struct output_tls *tls);
/* Appends each to its buffer. */
MUST_CHECK enum status store_output_tls(struct store *store, int64_t id,
                                        struct buffer *ca_pem,
                                        struct buffer *certificate_pem,
                                        struct buffer *sealed_key);

/* Events after `from_id` up to `to_id` were taken. STATUS_NOT_FOUND: the cursor is not at
 * `from_id` any more, or the output is gone. */
MUST_CHECK enum status store_output_advance(struct store *store, int64_t id,
                                            int64_t from_id, int64_t to_id,
                                            int64_t now_ms);
MUST_CHECK enum status store_output_failed(struct store *store, int64_t id,
                                           int64_t now_ms, const char *words);
MUST_CHECK enum status store_output_test_ask(struct store *store, int64_t id,
                                             int64_t now_ms);
/* `words` "": it was taken. */
MUST_CHECK enum status store_output_test_done(struct store *store, int64_t id,
                                              int64_t now_ms, const char *words);
/* Puts the cursor elsewhere, whatever was taken. */
MUST_CHECK enum status store_output_skip(struct store *store, int64_t id, int64_t to_id);
/* Where the cursor is that is farthest behind; -1: there is no output. */
MUST_CHECK enum status store_output_least(struct store *store, int64_t *out_id);

#endif
