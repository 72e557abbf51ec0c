/* SPDX-License-Identifier: Apache-2.0
 *
 * The store: where all that must last is kept. A struct store is one connection for one
 * thread at a time. SQL is in statements.c only; which database it is, db_….c knows.
 *
 * Every act is one transaction that holds the change, its event and its change-feed
 * row: store_begin() … store_commit(). Leaving without commit undoes all. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

/* Makes the database of a new data folder (`data` exists and is ours) with mode 0600 and
 * all migrations. STATUS_CONFLICT: there is one. */
MUST_CHECK enum status store_create(const char *data, struct failure *failure);

enum store_use { STORE_READ = 1, STORE_WRITE };

/* Opens the database of a data folder. `failure` says why not, in words: no such
 * folder, not initialised, not ours (application_id), too new (its version and ours),
 * not writable. Missing migrations are done by a STORE_WRITE opener. */
MUST_CHECK enum status store_open(const char *data, enum store_use use,
                                  struct store **out, struct failure *failure);
void store_close(struct store **store);
/* Words for the last STATUS_UNAVAILABLE or STATUS_BROKEN of this connection. */
const char *store_failure(const struct store *store);

/* Begins an act; waits up to 10 s for other writers (threads and processes).
 * STATUS_UNAVAILABLE: still busy, …; STATUS_FULL: the disk is */
MUST_CHECK enum status store_begin(struct store *store);
/* The same, also when the disk is nearly full: for what must be possible to the last,
 * which is logging in, and taking rights away. */
MUST_CHECK enum status store_begin_urgent(struct store *store);
/* Of the disk's last bytes so many are not for this connection: store_begin() gives
 * STATUS_FULL instead. 0 = all are, which is usual. */
void store_keep_free(struct store *store, int64_t bytes);
/* Makes it last (fsync before it returns). On failure the act is undone. */
MUST_CHECK enum status store_commit(struct store *store);
/* Undoes; harmless when nothing is begun. */
void store_undo(struct store *store);
/* For AUTO(store_undo_done) on a `struct store *` local: undoes what was not committed.
 */
static inline void
store_undo_done(struct store **store)
{
    if (*store)
        store_undo(*store);
}

/* For a connection that reads everything once and little after that: from here on it
 * keeps at most 2 MiB of the database in memory. */
MUST_CHECK enum status store_keep_little(struct store *store);
/* A number that differs after another connection has committed (PRAGMA data_version). */
MUST_CHECK enum status store_version(struct store *store, int64_t *out);

/* THE CHANGE FEED: what memory copies must read again. Written in the act's own
 * transaction. */
enum change_kind {
    CHANGE_TOKEN = 1,
    CHANGE_USER,
    CHANGE_ROLE,
    CHANGE_GROUP,
    CHANGE_LICENCE,
    CHANGE_SETTING,
    CHANGE_UPSTREAM,
    CHANGE_PERMISSION,
    CHANGE_SHADOW, /* of the token with this id */
    CHANGE_KIND_LAST = CHANGE_SHADOW
};
struct change {
    int64_t id; /* rising */
    enum change_kind kind;
    char key[72]; /* token id; user, role, group, upstream id in decimal; … */
};
MUST_CHECK enum status store_change_add(struct store *store, enum change_kind kind,
                                        const char *key);
MUST_CHECK enum status store_change_add_id(struct store *store, enum change_kind kind,
                                           int64_t id);
/* Calls `each` for the changes after `after`, in order, at most 1,000 at a time;
 * *out_last is the id of the last one seen (`after` when none). STATUS_NOT_FOUND: some
 * after `after` were pruned, read everything again. */
MUST_CHECK enum status store_change_list(struct store *store, int64_t after,
                                         void (*each)(void *ctx, const struct change *),
                                         void *ctx, int64_t *out_last);
/* The id of the newest change; 0 when there is none. */
MUST_CHECK enum status store_change_last(struct store *store, int64_t *out);
/* Drops all but the newest 100,000. */
MUST_CHECK enum status store_change_prune(struct store *store);

/* Facts about the account, by name: "account_uid", "account_name", "master_key_check",
 * "setup_done", … Bytes up to 1,024. A closing zero is written behind them, so `size` is
 * one more than *out_len at least. STATUS_TOO_LARGE: they do not fit. */
MUST_CHECK enum status store_fact_get(struct store *store, const char *name, char *out,
                                      size_t size, size_t *out_len);
MUST_CHECK enum status store_fact_set(struct store *store, const char *name,
                                      const void *bytes, size_t len);

#endif
