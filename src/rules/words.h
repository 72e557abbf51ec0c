/* SPDX-License-Identifier: Apache-2.0
 *
 * Short texts that people type: titles, names, descriptions, e-mail addresses. Pure. */
#ifndef RULES_WORDS_H
#define RULES_WORDS_H

#include "base/limits.h"
#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>

/* For "%.*s" in a failure: at most 64 bytes of what was typed. */
#define WORDS_SHORT(s) (int)((s).len < 64 ? (s).len : 64), (const char *)(s).at

/* What a text must be. */
struct words_rule {
    const char *field;             /* its public name: "title" */
    const char *what;              /* in sentences: "the title" */
    size_t least_chars, max_chars; /* in code points */
    bool is_multiline;             /* line breaks and tabs are part of it */
};

extern const struct words_rule WORDS_TITLE, WORDS_DESCRIPTION, WORDS_USER_NAME,
    WORDS_ROLE_NAME, WORDS_GROUP_NAME, WORDS_GROUP_DESCRIPTION, WORDS_FOLDER,
    WORDS_FOLDER_NAME, WORDS_LICENCE_NAME, WORDS_ORDER_NO, WORDS_ACCOUNT_NAME;

/* Reads a text without the blanks around it into `out` (`size` bytes: room for the
 * rule's most). STATUS_MALFORMED: not UTF-8, too short (empty or blank), too long, or a
 * control character in it, among which are those that turn the direction of writing
 * (they can make one text look like another). */
MUST_CHECK enum status words_read(const struct words_rule *rule, struct slice typed,
                                  char *out, size_t size, struct failure *failure);

/* Reads an e-mail address as RFC 5321 §4.1.2 knows it without quotes and literals:
 * local@domain in ASCII, at most 254 characters. Lower case afterwards. A domain
 * without a dot is taken (root@localhost). */
MUST_CHECK enum status words_read_email(struct slice typed, char out[EMAIL_MAX_CHARS + 1],
                                        struct failure *failure);

#endif
