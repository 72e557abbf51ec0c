/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of this folder share: how an entry lies in memory, and who may write.
 *
 * One thread at a time writes (keyring_open, keyring_follow, keyring_close); all others
 * read between keyring_enter() and keyring_leave(). What a reader may hold is never
 * changed, only replaced; what was replaced is freed when all readers of that time have
 * left. */
#ifndef KEYRING_INSIDE_H
#define KEYRING_INSIDE_H

#include "keyring/idmap.h"
#include "keyring/intern.h"
#include "keyring/keyring.h"
#include "model/records.h"

#include <urcu.h>
#include <urcu/rculfhash.h>

/* Where the record of a user stands. Entries point here, so that a change of a role is
 * one store for each user and not one for each token. Lives until keyring_close(). */
struct owner_slot {
    int64_t user_id, role_id; /* the writer's */
    uint32_t generation;      /* of the last loading that saw the user; the writer's */
    _Atomic(struct keyring_owner *) record;
};

/* Approved addresses, interned. */
struct address_list {
    size_t count;
    struct ip_range ranges[];
};

/* A token, in one block of about 300 bytes. */
struct keyring_entry {
    struct cds_lfht_node node;
    struct keyring_entry *next_retired; /* the writer's */
    struct keyring_use *use;            /* owned by the newest entry of the token */
    const struct owner_slot *owner;
    const struct keyring_groups *groups;  /* interned; NULL = none */
    const struct address_list *addresses; /* interned; NULL = none */
    const struct token_limits *limits;    /* interned; NULL = none */
    int64_t expires_at_s;
    uint64_t serial, key_serial;
    const struct permission_set *permissions; /* interned */
    uint32_t generation; /* of the last loading that saw it; the writer's */
    uint16_t key_len;
    uint8_t alg, id_len, title_len, successor_len;
    bool is_suspended, is_canary;
    bool owns_use;         /* the writer's: its end is the end of `use` too */
    unsigned char bytes[]; /* id, key material, title, successor's id */
};

/* The device groups by id, ascending. */
struct group_list {
    struct keyring_retired retired;
    size_t count;
    struct keyring_group groups[];
};

/* A licence that was read, and when it holds. */
struct licence_span {
    char name[TEXT_NAME_BYTES];
    int64_t starts_at_s, ends_at_s;
};

/* The names of the licences in force, and all licences with their times. One block. */
struct licence_names {
    struct keyring_retired retired;
    struct licence_span *spans;
    size_t span_count;
    size_t count;
    const char *names[]; /* in `spans`; ended by NULL; room for all of them */
};

struct keyring {
    struct store *store; /* borrowed */
    struct cds_lfht *table;
    _Atomic size_t count;
    _Atomic int64_t news_at_ms;
    _Atomic(struct group_list *) groups;
    _Atomic(struct licence_names *) licences;
    _Atomic(struct keyring_retired *) retired;
    _Atomic bool is_live_rights, is_bearer_allowed;
    _Atomic bool is_anyone_short; /* a token needs uses to be reserved */
    _Atomic uint64_t upstream_serial, news_serial;

    int64_t reserved_day; /* of whoever reserves */

    /* the writer's */
    size_t bucket_count;
    int64_t version;     /* of the store, when all changes had been taken in */
    int64_t last_change; /* the id of the last change taken in */
    bool is_behind;      /* there may be more changes than were taken in */
    uint64_t last_serial;
    bool has_shadows; /* a token had one, since the start */
    uint32_t generation;
    struct idmap owners; /* struct owner_slot */
    struct idmap roles;  /* struct role_rights */
    struct intern interned;
    struct keyring_entry *retired_entries;
    size_t retired_entry_count;
    struct licence_span *spans; /* all licences, also those not in force */
    size_t span_count, span_room;
    struct change *batch;
    size_t batch_count;
};

/* ---- entry.c ---- */

struct keyring_entry *entry_of(struct cds_lfht_node *node);
/* Puts `token` in, in place of what stood under its id. */
void entry_put(struct keyring *keyring, const struct token *token,
               const struct owner_slot *owner);
/* Takes a token out; nothing when there is none. */
void entry_remove(struct keyring *keyring, struct slice token_id);
/* Takes out those for which `is_gone` says so. */
void entry_remove_if(struct keyring *keyring,
                     bool (*is_gone)(const struct keyring_entry *, int64_t number),
                     int64_t number);
/* Frees what no reader can see any more; waits for them. */
void entry_free_retired(struct keyring *keyring);
void entry_free_all(struct keyring *keyring);
/* More buckets when there are more tokens. */
void entry_make_room(struct keyring *keyring, size_t count);

/* ---- used.c ---- */

struct token_used;

/* What tokens have used and is not yet written down. */
struct used_list {
    struct token_used *items; /* owned */
    size_t count, room;
};

/* Takes what a token has used since the last time, on `day`. */
void used_take(struct used_list *list, const struct keyring_entry *entry, int64_t day);
/* The store did not take it: all of this day is written the next time. */
void used_put_back(const struct keyring_entry *entry);
MUST_CHECK enum status used_write(struct store *store, const struct used_list *list);
void used_forget_addresses(struct keyring_use *use);
void used_free(struct keyring_use *use);

/* ---- shadow.c ---- */

struct shadow_taken;

/* What shadows have counted and is not yet written down. */
struct shadow_list {
    struct shadow_taken *taken; /* owned */
    size_t count, room;
};

void shadow_list_done(struct shadow_list *list);
void shadow_take(struct shadow_list *list, const struct keyring_entry *entry);
/* The store did not take it. Inside enter/leave. */
void shadow_put_back(const struct keyring *keyring, const struct shadow_list *list);
MUST_CHECK enum status shadow_write(struct store *store, const struct shadow_list *list);
/* Reads all that run; after the tokens were read. */
MUST_CHECK enum status shadow_load_all(struct keyring *keyring);
MUST_CHECK enum status shadow_changed(struct keyring *keyring, struct slice token_id);
void shadow_free(struct keyring_use *use);

/* ---- allowance.c ---- */

struct keyring_allowance *allowance_new(void);
/* More is to be reserved for it. */
void allowance_want(struct keyring_allowance *allowance);
void allowance_drop(struct keyring_allowance **allowance);

/* ---- use.c ---- */

void use_free(struct keyring_use **use);

/* ---- people.c: owners, roles, groups, licences ---- */

MUST_CHECK enum status people_load_all(struct keyring *keyring);
/* The slot of a user, read from the store when it is not known yet. One who does not
 * exist has a record that is suspended and may do nothing. */
MUST_CHECK enum status people_owner(struct keyring *keyring, int64_t user_id,
                                    const struct owner_slot **out);
MUST_CHECK enum status people_user_changed(struct keyring *keyring, int64_t user_id);
MUST_CHECK enum status people_role_changed(struct keyring *keyring, int64_t role_id);
/* The catalogue has grown: who may do all may do more. */
void people_permissions_added(struct keyring *keyring);
MUST_CHECK enum status people_load_groups(struct keyring *keyring);
MUST_CHECK enum status people_load_licences(struct keyring *keyring);
/* Publishes the licences in force at `now_s`, if they are others than before. */
void people_licences_at(struct keyring *keyring, int64_t now_s);
void people_free(struct keyring *keyring);

#endif
