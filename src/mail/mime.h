/* SPDX-License-Identifier: Apache-2.0
 *
 * How texts travel in letters: RFC 5322 (headers, dates), RFC 2045 (quoted-printable),
 * RFC 2047 (other than ASCII in headers). Whatever the text holds, it cannot begin a
 * header, end one, or leave its part. Pure. */
#ifndef MAIL_MIME_H
#define MAIL_MIME_H

#include "base/buffer.h"

/* "NAME: text\r\n". Printable ASCII that is short stands as it is; anything else becomes
 * encoded words, folded. */
void mime_add_header(struct buffer *out, const char *name, struct slice text);
/* "NAME: display <email>\r\n". `email` must be of the characters of an address. */
void mime_add_address(struct buffer *out, const char *name, struct slice display,
                      const char *email);
/* "Date: …\r\n", UTC. */
void mime_add_date(struct buffer *out, int64_t at_ms);
/* `text` (UTF-8, lines end with \n) as quoted-printable, lines of at most 76 characters
 * that end with CRLF. */
void mime_add_quoted(struct buffer *out, struct slice text);
/* Text for HTML: & < > " ' are written as entities, control characters as blanks. */
void mime_add_html(struct buffer *out, const char *text);
/* Text for a line of plain text: control characters become blanks. */
void mime_add_line(struct buffer *out, const char *text);

#endif
