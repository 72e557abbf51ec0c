/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing Event History: every act adds its event in its own transaction. */
#ifndef RULES_HISTORY_H
#define RULES_HISTORY_H

#include "rules/act.h"

/* What happened to what. `details` is JSON text, an object; never a secret. */
struct happening {
    enum event_kind kind;
    const char *object_kind; /* "token", "user", "role", "group", "device", … */
    const char *object_id, *object_name;
    struct slice details;
};

/* Borrow the record's texts. */
static inline struct happening
happening_to_token(enum event_kind kind, const struct token *token)
{
    return (struct happening){.kind = kind,
                              .object_kind = "token",
                              .object_id = token->id,
                              .object_name = token->title};
}

static inline struct happening
happening_to_user(enum event_kind kind, const struct user *user)
{
    return (struct happening){.kind = kind,
                              .object_kind = "user",
                              .object_id = user->uid,
                              .object_name = user->email};
}

/* Adds the event in the running transaction. */
MUST_CHECK enum status history_add(const struct act *act,
                                   const struct happening *happening);

#endif
