/* SPDX-License-Identifier: Apache-2.0
 *
 * Uses of canary tokens, on their way into Event History. A use is noted in memory by
 * whoever hears it; a thread that may wait writes it down. The first one is written at
 * once; while it goes on, all uses of a token within a minute are one event that counts
 * them, and one letter an hour tells of them: who guesses must neither fill Event History
 * nor mailboxes. For all threads. */
#ifndef RULES_CANARIES_H
#define RULES_CANARIES_H

#include "base/ip.h"
#include "base/limits.h"
#include "rules/act.h"

enum {
    CANARY_AGENT_BYTES = 200,        /* of what the program calls itself; cut at it */
    CANARY_EVENT_GAP_MS = 60 * 1000, /* between two events of a token */
    CANARY_LETTER_GAP_MS = 3600 * 1000,
    CANARY_MAX_COUNT = 1024, /* tokens whose uses are known; then the quietest goes */
};

/* One use. */
struct canary_use {
    char token_id[TOKEN_ID_MAX_CHARS + 1];
    int64_t at_ms;
    char address[IP_TEXT_MAX + 1];
    char agent[CANARY_AGENT_BYTES]; /* printable ASCII, or "" */
    char request_id[32];
};

/* So much of a User-Agent as fits; what is no printable ASCII becomes '?'. */
void canary_clean_agent(struct slice agent, char out[CANARY_AGENT_BYTES]);

struct canaries;

struct canaries *canaries_new(void);
void canaries_free(struct canaries **canaries);

/* Notes a use. True: its event is to be written now, by canaries_write(). */
bool canaries_note(struct canaries *canaries, const struct canary_use *use);

/* Writes what is known of this token, if its minute has passed, as one act: event, and
 * letters to its user and all System Administrators. act->store is open for writing. What
 * could not be written stays noted. */
MUST_CHECK enum status canaries_write(struct canaries *canaries, const struct act *act,
                                      const char *token_id);
/* The housekeeper's turn: the same for all whose minute has passed and whom nobody has
 * written for a moment; `is_last`: for all, whatever has passed. */
MUST_CHECK enum status canaries_write_all(struct canaries *canaries,
                                          const struct act *act, bool is_last);

#endif
