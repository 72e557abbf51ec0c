/* SPDX-License-Identifier: Apache-2.0
 *
 * What a token may still use where that is limited: places at the same time, uses of the
 * day, uses in all. Taken by the loops without a lock. Uses are reserved in the store in
 * blocks before they are given out: after a crash some may be lost, none is ever gained.
 */
#ifndef KEYRING_ALLOWANCE_H
#define KEYRING_ALLOWANCE_H

#include "keyring/keyring.h"
#include "model/limit.h"

/* NULL: the token has no limits of its own. */
const struct token_limits *keyring_entry_limits(const struct keyring_entry *entry);

enum keyring_taken {
    KEYRING_NOT_YET = 0, /* more has to be reserved; in a moment */
    KEYRING_OVER,        /* there is no more */
    KEYRING_TAKEN,
};
/* Takes one of max_uses, of quota_per_day; TAKEN when there is no such limit. */
enum keyring_taken keyring_take_use(struct keyring *keyring,
                                    const struct keyring_entry *entry);
enum keyring_taken keyring_take_of_day(struct keyring *keyring,
                                       const struct keyring_entry *entry, int64_t now_s);
/* It was taken for nothing. */
void keyring_return_use(const struct keyring_entry *entry);
void keyring_return_of_day(const struct keyring_entry *entry);
/* Are all uses known to be used? Takes nothing. */
bool keyring_is_used_up(const struct keyring_entry *entry);
/* Uses of the day that are reserved and left; for headers. */
int64_t keyring_left_of_day(const struct keyring_entry *entry);

/* A place among the requests of a token that wait for their answer; outlives the entry.
 */
struct keyring_allowance;
/* False: all are taken. *out is NULL when places are not counted. */
bool keyring_enter_place(const struct keyring_entry *entry,
                         struct keyring_allowance **out);
void keyring_leave_place(struct keyring_allowance **place);

/* Reserves what is short, as one act; nearly always there is nothing to do. */
MUST_CHECK enum status keyring_reserve(struct keyring *keyring, struct store *store,
                                       int64_t now_s);
/* At a stop: what was reserved and not used. No loop runs. */
MUST_CHECK enum status keyring_give_back(struct keyring *keyring, struct store *store);

#endif
