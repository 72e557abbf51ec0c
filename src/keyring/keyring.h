/* SPDX-License-Identifier: Apache-2.0
 *
 * All tokens in memory, for the gate: immutable entries in a lock-free hash table. A
 * change makes a new entry; readers see the old one or the new one, never half. Follows
 * the store through its change feed. */
#ifndef KEYRING_KEYRING_H
#define KEYRING_KEYRING_H

#include "base/ip.h"
#include "base/slice.h"
#include "base/status.h"
#include "crypto/seal.h"
#include "model/alg.h"
#include "model/permission.h"
#include "model/verdict.h"
#include "store/store.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The user behind tokens, with their role's rights; shared by their entries, replaced as
 * a whole. */
struct keyring_owner {
    int64_t user_id;
    bool is_suspended;
    const struct permission_set *role_permissions; /* shared by all of the role */
    char email[]; /* closed; flexible, because there may be one owner a token */
};

/* How often requests of a token were refused, by verdict, since the last flush. */
struct keyring_refusals {
    _Atomic int64_t counts[VERDICT_COUNT];
};

struct keyring_used;
struct keyring_allowance;
struct keyring_shadow;

/* What a token has used; outlives the entry's changes. Written by loops, flushed by the
 * housekeeper. */
struct keyring_use {
    _Atomic int64_t count; /* since the last flush */
    _Atomic int64_t last_used_at_s;
    _Atomic int64_t rate_ns;    /* GCRA: theoretical arrival time, monotonic */
    _Atomic uint64_t from[2];   /* the last address, in two halves */
    _Atomic uint32_t from_turn; /* odd while somebody writes `from` */
    _Atomic(struct keyring_refusals *) refusals; /* NULL until the first one */
    _Atomic(struct keyring_used *) used;         /* NULL until the first use */
    /* NULL until the token has limits of its own */
    _Atomic(struct keyring_allowance *) allowance;
    _Atomic(struct keyring_shadow *) shadow; /* keyring/shadow.h; NULL = none */
};

/* Device groups of a token, shared by all tokens with the same ones. */
struct keyring_groups {
    size_t count;
    int64_t ids[]; /* ascending */
};

enum { KEYRING_TITLE_BYTES = 40 };

/* A device group by its names, for answers. */
struct keyring_group {
    int64_t id;
    const char *uid, *name; /* closed */
};

/* A token for the gate. Read inside keyring_enter()/keyring_leave() only. Small: 100,000
 * of them cost ≤ 500 bytes each, all told. */
struct keyring_entry;

struct slice keyring_entry_id(const struct keyring_entry *entry);
enum alg keyring_entry_alg(const struct keyring_entry *entry);
int64_t keyring_entry_expires_at_s(const struct keyring_entry *entry);
bool keyring_entry_is_suspended(const struct keyring_entry *entry);
bool keyring_entry_is_canary(const struct keyring_entry *entry);
const struct permission_set *keyring_entry_permissions(const struct keyring_entry *e);
const struct keyring_owner *keyring_entry_owner(const struct keyring_entry *entry);
const struct keyring_groups *keyring_entry_groups(const struct keyring_entry *entry);
const struct ip_range *keyring_entry_addresses(const struct keyring_entry *entry,
                                               size_t *out_count);
/* The title, cut at KEYRING_TITLE_BYTES on a code point; for whoami. */
struct slice keyring_entry_title(const struct keyring_entry *entry);
/* The token that replaces it; empty = none. It may have been deleted since. */
struct slice keyring_entry_successor(const struct keyring_entry *entry);
struct keyring_use *keyring_entry_use(const struct keyring_entry *entry);
/* HS256: sealed secret; ES256: the point; bearer: the hash of its text. */
struct slice keyring_entry_key_material(const struct keyring_entry *entry);
/* Differs each time that a token is loaded, also when it is only edited. For what is kept
 * of one. */
uint64_t keyring_entry_serial(const struct keyring_entry *entry);
/* Differs for each key that was ever loaded; the same while a token is only edited. For
 * caches of prepared keys. */
uint64_t keyring_entry_key_serial(const struct keyring_entry *entry);

struct keyring;

/* Reads all of the store. `store` stays the keyring's, for reading. */
MUST_CHECK enum status keyring_open(struct store *store, struct keyring **out,
                                    struct failure *failure);
void keyring_close(struct keyring **keyring);

/* Each thread that looks things up: once at its start and end. */
void keyring_thread_in(void);
void keyring_thread_out(void);
/* Around each look-up and all use of what it gave. Nearly free; may nest. */
void keyring_enter(void);
void keyring_leave(void);
/* NULL when there is no such token. */
const struct keyring_entry *keyring_find(const struct keyring *keyring,
                                         struct slice token_id);

/* Takes in what changed in the store; one thread calls this every 50 ms or so. */
MUST_CHECK enum status keyring_follow(struct keyring *keyring);
/* Monotonic ms of the last time that the store answered keyring_follow(). */
int64_t keyring_news_at_ms(const struct keyring *keyring);
size_t keyring_count(const struct keyring *keyring);
/* Names of the licences in force (now), NULL-ended array, inside enter/leave. */
const char *const *keyring_licences(const struct keyring *keyring, size_t *out_count);
/* Which of the `wanted` names are those of a licence in force at a moment that is not
 * now; to `out`, with room for as many. */
size_t keyring_licences_at(const struct keyring *keyring, int64_t at_s,
                           const char *const *wanted, size_t wanted_count,
                           const char **out);
/* NULL when there is no such group (any more); inside enter/leave. */
const struct keyring_group *keyring_group(const struct keyring *keyring, int64_t id);
/* Do the rights of tokens follow their user's role at once? (rule 12; on unless the
 * account has switched it off) */
bool keyring_is_live_rights(const struct keyring *keyring);
/* Does the account take bearer tokens? Off unless somebody has switched it on. */
bool keyring_is_bearer_allowed(const struct keyring *keyring);

/* Another number after the store told of a change of upstreams. From any thread. */
uint64_t keyring_upstream_serial(const struct keyring *keyring);
/* Another number after anything was taken in. From any thread: for what is kept of more
 * than one token, user, role or group. What is read after the number is at least as new.
 */
uint64_t keyring_news_serial(const struct keyring *keyring);

/* Memory that readers may still be looking at. Embed it. */
struct keyring_retired {
    struct keyring_retired *next; /* used by the list */
    void (*free)(struct keyring_retired *retired);
};
/* Frees `retired` by its function when every thread that is inside enter/leave at this
 * moment has left; no later than keyring_close(). From any thread, without a lock; the
 * work is done in keyring_follow(). For all who read under keyring_enter(). */
void keyring_retire(struct keyring *keyring, struct keyring_retired *retired);

/* Writes the counters of use to `store` (open for writing) in one transaction; what came
 * since the last time is counted for the day of `now_s`. */
MUST_CHECK enum status keyring_flush_uses(struct keyring *keyring, struct store *store,
                                          int64_t now_s);

/* Counts one use; lock-free. */
void keyring_count_use(const struct keyring_entry *entry, int64_t now_s,
                       const struct ip *from);
/* Counts one refusal of a request that the token has signed. The first one of a token
 * takes memory. */
void keyring_count_refusal(const struct keyring_entry *entry, enum verdict why);

/* Has the token used all of these permissions today, as far as was noted? */
bool keyring_has_used(const struct keyring_entry *entry,
                      const struct permission_set *set);
/* Notes what a permitted request has used; lock-free. The first use takes memory. */
void keyring_note_permissions(const struct keyring_entry *entry,
                              const struct permission_set *set);
/* The approved address at this place of keyring_entry_addresses(). */
void keyring_note_address(const struct keyring_entry *entry, size_t index);
void keyring_note_all_groups(const struct keyring_entry *entry);
/* Those of the token's groups that are among these ids. */
void keyring_note_groups(const struct keyring_entry *entry, const int64_t *ids,
                         size_t count);

#endif
