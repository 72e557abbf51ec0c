/* SPDX-License-Identifier: Apache-2.0
 *
 * Notices as letters: a whole message (RFC 5322) with a text and an HTML part that say
 * the same in plain words. Never a secret: a letter knows titles, token IDs, names and
 * dates. Pure. */
#ifndef MAIL_LETTER_H
#define MAIL_LETTER_H

#include "base/buffer.h"
#include "config/config.h"
#include "model/notice.h"

enum { LETTER_MAX_BYTES = 1024 * 1024 }; /* 50 tokens with the longest titles: 200 KB */

/* Who writes, and where the console is. */
struct letter_house {
    const char *mail_from;   /* an address */
    const char *console_url; /* "" = no links */
};

/* Writes the message that is `letter` with its `count` lines, as one would say it at
 * `now_ms`. STATUS_MALFORMED: the reader's address has characters that no address of ours
 * has. */
MUST_CHECK enum status letter_write(const struct letter *letter,
                                    const struct notice_line *lines, size_t count,
                                    const struct letter_house *house, int64_t now_ms,
                                    struct buffer *out);

#endif
