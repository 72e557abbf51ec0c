/* SPDX-License-Identifier: Apache-2.0
 *
 * What the outbox holds: who was told what, and of which token; and sending it. */
#ifndef TESTS_UNIT_RULES_LETTERS_H
#define TESTS_UNIT_RULES_LETTERS_H

#include "support.h"

#include "base/mem.h"
#include "store/store_letters.h"

#define GRACE "grace@example.com"
#define LINUS "linus@example.com"

/* Everything that one reader was told of one kind. */
struct told {
    struct house *house;
    const char *email;
    enum notice_kind kind;
    const char *token_id; /* "" = of any token */
    int letter_count, line_count, late_count;
    int64_t token_count;       /* as the letters count them */
    struct notice_line newest; /* the last line of the newest letter that has one */
};

static inline bool
add_told(void *ctx, const struct letter *letter)
{
    struct told *told = ctx;
    struct notice_line *lines AUTO(mem_done) =
        mem_new(LETTER_LINE_MAX_COUNT * sizeof(*lines));
    bool is_newest = told->line_count == 0;
    size_t count = 0;

    if (letter->kind != told->kind || strcmp(letter->email, told->email) != 0)
        return true;
    told->letter_count++;
    told->token_count += letter->line_count;
    OK(store_letter_lines(told->house->store, letter->id, lines, &count));
    for (size_t i = 0; i < count; i++) {
        if (told->token_id[0] && strcmp(told->token_id, lines[i].token_id) != 0)
            continue;
        told->line_count++;
        told->late_count += lines[i].is_late;
        if (is_newest)
            told->newest = lines[i];
    }
    return true;
}

static inline struct told
told_of(struct house *house, const char *email, enum notice_kind kind,
        const char *token_id)
{
    struct told told = {
        .house = house, .email = email, .kind = kind, .token_id = token_id};
    struct letter_query all = {.count = 1000 * 1000};

    OK(store_letter_list(house->store, &all, add_told, &told));
    return told;
}

/* The sender's turn: all that may go is sent. Gives how many. */
static inline int
send_all(struct house *house, int64_t now_s)
{
    enum { LEASE_MS = 600 * 1000 };
    int64_t now_ms = now_s * 1000;
    int64_t id = 0;
    int count = 0;

    while (store_letter_next(house->store, now_ms, LEASE_MS, &id) == STATUS_OK) {
        OK(store_begin(house->store));
        OK(store_letter_take(house->store, id, now_ms));
        OK(store_letter_sent(house->store, id, now_ms));
        OK(store_commit(house->store));
        count++;
    }
    return count;
}

#endif
