/* SPDX-License-Identifier: Apache-2.0
 *
 * Who does something, and with what. Every act of rules/ takes one: commands, console
 * and API use the same functions, and each act is one transaction that holds the change,
 * its event and its change-feed row. */
#ifndef RULES_ACT_H
#define RULES_ACT_H

#include "base/status.h"
#include "crypto/seal.h"
#include "model/records.h"
#include "store/store.h"

struct act {
    struct store *store;                 /* open for writing; no act begun */
    const struct master_key *master_key; /* NULL where no secret is made */
    int64_t now_ms;
    enum actor_kind actor_kind;
    int64_t actor_user_id;   /* ACTOR_USER */
    int64_t session_id;      /* ACTOR_USER at the console; 0 = none */
    const char *actor_name;  /* e-mail, or the command's name */
    const char *actor_id;    /* user uid, token id or "" */
    const char *address;     /* the actor's, or "" */
    const char *request_id;  /* or "" */
    struct failure *failure; /* words when something is refused; may be NULL */
};

#endif
