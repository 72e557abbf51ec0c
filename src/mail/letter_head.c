/* SPDX-License-Identifier: Apache-2.0
 *
 * Signed heads in a letter. */
#include "mail/letter_head.h"

#include "mail/mime.h"

/* THE WORDS of both bodies. */
static const char OPENING[] =
    "Keep this letter. It shows later that Event History was not altered, and that "
    "nothing was cut off from its end: it says what the events were up to here, and the "
    "server has signed it.";
static const char HOW[] =
    "To have it checked, save this letter as a file, or copy what stands from { to }, "
    "and let the history be compared with it, here or in a copy of the data folder:";
static const char COMMAND[] =
    "tokenhouse events verify --public-key KEY.pem --head LETTER.eml";
static const char KEY[] =
    "KEY.pem is the server's public key, which 'tokenhouse events key' prints: keep it "
    "where you keep these letters, not on the server.";
static const char FOOTER[] =
    "You get this letter because you are a System Administrator. How often is the "
    "setting head_letter_days. Tokenhouse never sends a secret key, and never asks for "
    "one.";

void
letter_head_subject(const struct notice_line *lines, size_t count, struct buffer *out)
{
    buffer_add_text(out, "Event History: signed head");
    if (count > 0) {
        buffer_add_text(out, " over ");
        mime_add_line(out, lines[count - 1].title);
        buffer_add_text(out, " events");
    }
}

/* A head over several lines, so that none of them is long. No value in it has a brace or
 * a comma. */
static void
add_head(struct buffer *out, const char *json)
{
    for (const char *at = json; *at != '\0'; at++) {
        if (*at == '}')
            buffer_add_byte(out, '\n');
        buffer_add_byte(out, (unsigned char)*at < ' ' ? ' ' : (unsigned char)*at);
        if (*at == '{' || *at == ',')
            buffer_add_text(out, "\n  ");
    }
}

void
letter_head_text(const struct letter *letter, const struct notice_line *lines,
                 size_t count, struct buffer *text)
{
    buffer_add_text(text, letter->name[0] ? "Hello " : "Hello");
    mime_add_line(text, letter->name);
    buffer_print(text, ",\n\n%s\n", OPENING);
    for (size_t i = 0; i < count; i++) {
        buffer_add_byte(text, '\n');
        add_head(text, lines[i].note);
        buffer_add_byte(text, '\n');
    }
    buffer_print(text, "\n%s\n\n  %s\n\n%s\n\n-- \n%s\n", HOW, COMMAND, KEY, FOOTER);
}

void
letter_head_html(const struct letter *letter, const struct notice_line *lines,
                 size_t count, struct buffer *html)
{
    buffer_add_text(html, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
                          "charset=\"utf-8\"></head>\n<body style=\"font-family:"
                          "sans-serif;line-height:1.5\">\n<p>Hello");
    buffer_add_text(html, letter->name[0] ? " " : "");
    mime_add_html(html, letter->name);
    buffer_print(html, ",</p>\n<p>%s</p>\n", OPENING);
    for (size_t i = 0; i < count; i++) {
        buffer_add_text(html, "<p style=\"margin:16px 0 4px\"><strong>");
        mime_add_html(html, lines[i].title);
        buffer_add_text(html, " events</strong></p>\n<pre style=\"background:#f4f4f4;"
                              "padding:8px;white-space:pre-wrap;word-break:break-all\">");
        mime_add_html(html, lines[i].note);
        buffer_add_text(html, "</pre>\n");
    }
    buffer_print(html,
                 "<p>%s</p>\n<pre>%s</pre>\n<p>%s</p>\n"
                 "<p style=\"color:#555;font-size:85%%\">%s</p>\n</body></html>\n",
                 HOW, COMMAND, KEY, FOOTER);
}
