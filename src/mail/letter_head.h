/* SPDX-License-Identifier: Apache-2.0
 *
 * What the letter with signed heads of Event History says. Pure. */
#ifndef MAIL_LETTER_HEAD_H
#define MAIL_LETTER_HEAD_H

#include "base/buffer.h"
#include "model/notice.h"

/* The subject and both bodies. Of each line the title is the number of events, and the
 * note the head as JSON; in the text a head stands so that a saved letter, or what is
 * copied out of it, serves 'events verify --head'. */
void letter_head_subject(const struct notice_line *lines, size_t count,
                         struct buffer *out);
void letter_head_text(const struct letter *letter, const struct notice_line *lines,
                      size_t count, struct buffer *text);
void letter_head_html(const struct letter *letter, const struct notice_line *lines,
                      size_t count, struct buffer *html);

#endif
