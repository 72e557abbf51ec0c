/* SPDX-License-Identifier: Apache-2.0
 *
 * What notices say. THE WORDS are one table; both parts of a letter are written from it.
 */
#include "mail/letter.h"

#include "base/auto.h"
#include "mail/letter_head.h"
#include "mail/mime.h"

#include <stdio.h>

/* ---- the words ---- */

/* THE WORDS, by enum notice_kind. */
static const struct words {
    const char *subject_one;   /* before the title */
    const char *subject_many;  /* after the count */
    const char *opening_one;   /* above the token */
    const char *opening_many;  /* after the count */
    const char *what_to_do[2]; /* paragraphs; may be NULL */
} WORDS[] = {
    [NOTICE_CREATED] =
        {
            "New API token: ",
            "new API tokens",
            "A new API token was made:",
            "new API tokens were made:",
            {"Nothing has to be done. If you did not expect it, suspend the token in the "
             "console: from the next request on it is refused."},
        },
    [NOTICE_SOON] =
        {
            "API token will expire: ",
            "API tokens will expire",
            "An API token will expire:",
            "API tokens will expire:",
            {"To keep it working, give it a later expiry date in the console: up to one "
             "year from the day on which you do so.",
             "After its last second every request that it signs is refused, and it can "
             "only be deleted."},
        },
    [NOTICE_EXPIRED] =
        {
            "API token has expired: ",
            "API tokens have expired",
            "An API token has expired. Every request that it signs is refused:",
            "API tokens have expired. Every request that they sign is refused:",
            {"An expired token can only be deleted. If it is still needed, make a new "
             "one "
             "in the console and give it to whoever signs with it."},
        },
    [NOTICE_UNUSED] =
        {
            "API token not used: ",
            "API tokens not used",
            "An API token of yours has not been used for a long time:",
            "API tokens of yours have not been used for a long time:",
            {"If nobody needs it any more, delete it in the console: what is not there "
             "cannot leak. If it is needed, nothing has to be done.",
             "You get such a letter at most once a month."},
        },
    [NOTICE_USED_LATE] =
        {
            "Replaced API token is still used: ",
            "replaced API tokens are still used",
            "An API token was used after it had been replaced. The request was refused:",
            "API tokens were used after they had been replaced. The requests were "
            "refused:",
            {"Whoever signs with it still has the old key: give them the new one. If "
             "nobody should, somebody else may have it: then delete the token and look "
             "where its key was kept.",
             "However often it is used, you are told once a day."},
        },
    [NOTICE_CANARY] =
        {
            "Canary token used: ",
            "uses of canary tokens",
            "A canary token was used. Nobody should have it: whoever signed with it has "
            "found it where it was put.",
            "uses of canary tokens. Nobody should have them: whoever signed with one has "
            "found it where it was put.",
            {"The caller heard no more than that they are not authenticated. Look at who "
             "can read the place where the token was put, and what else lies there.",
             "It stays in place. While it is used you get a letter an hour at most; "
             "every "
             "minute of use is in Event History. Suspend it for silence, or delete it."},
        },
};

static const char LATE[] = "The notice of three days before could not be given in time: "
                           "Tokenhouse was not running.";
static const char FOOTER[] =
    "You get this letter because the token is yours or because you are a System "
    "Administrator. Tokenhouse never sends a secret key, and never asks for one.";

/* ---- small texts ---- */

/* "23:59:59 UTC on 2026-12-24, in 3 days" */
enum { WHEN_CHARS = 80 };
static void
write_when(struct date expires_on, int64_t now_ms, char out[WHEN_CHARS])
{
    int64_t days =
        (date_start_s(expires_on) - date_start_s(date_of(now_ms / 1000))) / DAY_S;
    char date[DATE_CHARS + 1];
    char distance[32];

    date_write(expires_on, date);
    if (days == 0)
        snprintf(distance, sizeof(distance), "today");
    else if (days == 1 || days == -1)
        snprintf(distance, sizeof(distance), days > 0 ? "tomorrow" : "yesterday");
    else
        snprintf(distance, sizeof(distance), days > 0 ? "in %lld days" : "%lld days ago",
                 (long long)(days > 0 ? days : -days));
    snprintf(out, WHEN_CHARS, "23:59:59 UTC on %s, %s", date, distance);
}

/* "Ada <ada@example.com>", or the address alone */
enum { WHOSE_BYTES = TEXT_NAME_BYTES + EMAIL_MAX_CHARS + 8 };
static void
write_whose(const struct notice_line *line, char out[WHOSE_BYTES])
{
    if (line->user_name[0])
        snprintf(out, WHOSE_BYTES, "%s <%s>", line->user_name, line->user_email);
    else
        snprintf(out, WHOSE_BYTES, "%s", line->user_email);
}

/* CONSOLE/tokens/ID, or CONSOLE/tokens without an ID; "" without a console. */
enum { LINK_BYTES = CONFIG_TEXT_MAX + TOKEN_ID_MAX_CHARS + 32 };
static void
write_link(const struct letter_house *house, const char *token_id, char out[LINK_BYTES])
{
    struct slice base = slice_of(house->console_url);

    out[0] = '\0';
    while (base.len > 0 && base.at[base.len - 1] == '/')
        base.len--;
    if (slice_ends(base, SLICE("/console")))
        base.len -= sizeof("/console") - 1;
    if (base.len > 0)
        snprintf(out, LINK_BYTES, "%.*s/console/tokens%s%s", SLICE_ARG(base),
                 token_id ? "/" : "", token_id ? token_id : "");
}

static const char *
last_of(const struct notice_line *line, const struct letter *letter)
{
    return letter->kind == NOTICE_EXPIRED && line->is_late ? LATE : NULL;
}

/* Of a token that ended otherwise, its expiry date would mislead. */
static bool
tells_end(const struct letter *letter)
{
    return letter->kind != NOTICE_USED_LATE;
}

/* ---- the text part ---- */

static void
add_text_line(struct buffer *text, const struct letter *letter,
              const struct notice_line *line, const struct letter_house *house,
              int64_t now_ms)
{
    char when[WHEN_CHARS];
    char whose[WHOSE_BYTES];
    char link[LINK_BYTES];

    write_when(line->expires_on, now_ms, when);
    write_whose(line, whose);
    write_link(house, line->token_id, link);
    buffer_add_text(text, "\n  ");
    mime_add_line(text, line->title);
    buffer_print(text, "\n    Token ID:  %s\n    User:      ", line->token_id);
    mime_add_line(text, whose);
    if (tells_end(letter))
        buffer_print(text, "\n    Works to:  %s", when);
    buffer_add_byte(text, '\n');
    if (link[0])
        buffer_print(text, "    Console:   %s\n", link);
    if (last_of(line, letter))
        buffer_print(text, "    %s\n", last_of(line, letter));
    if (line->note[0]) {
        buffer_add_text(text, "    ");
        mime_add_line(text, line->note);
        buffer_add_text(text, "\n");
    }
}

static void
add_text_part(struct buffer *text, const struct letter *letter,
              const struct notice_line *lines, size_t count,
              const struct letter_house *house, int64_t now_ms)
{
    const struct words *words = &WORDS[letter->kind];
    char link[LINK_BYTES];

    buffer_add_text(text, letter->name[0] ? "Hello " : "Hello");
    mime_add_line(text, letter->name);
    buffer_add_text(text, ",\n\n");
    if (letter->line_count == 1)
        buffer_print(text, "%s\n", words->opening_one);
    else
        buffer_print(text, "%lld %s\n", (long long)letter->line_count,
                     words->opening_many);
    for (size_t i = 0; i < count; i++)
        add_text_line(text, letter, &lines[i], house, now_ms);
    if (letter->line_count > (int64_t)count) {
        write_link(house, NULL, link);
        buffer_print(text, "\n  and %lld more, in the console%s%s\n",
                     (long long)letter->line_count - (long long)count,
                     link[0] ? ": " : ".", link);
    }
    for (size_t i = 0; i < COUNT_OF(words->what_to_do) && words->what_to_do[i]; i++)
        buffer_print(text, "\n%s\n", words->what_to_do[i]);
    buffer_print(text, "\n-- \n%s\n", FOOTER);
}

/* ---- the HTML part ---- */

static void
add_html_row(struct buffer *html, const char *what, const char *value)
{
    buffer_print(html, "<tr><td style=\"padding:2px 16px 2px 0;color:#555\">%s</td><td>",
                 what);
    mime_add_html(html, value);
    buffer_add_text(html, "</td></tr>\n");
}

static void
add_html_line(struct buffer *html, const struct letter *letter,
              const struct notice_line *line, const struct letter_house *house,
              int64_t now_ms)
{
    char when[WHEN_CHARS];
    char whose[WHOSE_BYTES];
    char link[LINK_BYTES];

    write_when(line->expires_on, now_ms, when);
    write_whose(line, whose);
    write_link(house, line->token_id, link);
    buffer_add_text(html, "<p style=\"margin:16px 0 4px\"><strong>");
    mime_add_html(html, line->title);
    buffer_add_text(html, "</strong></p>\n<table style=\"border-collapse:collapse\">\n");
    add_html_row(html, "Token ID", line->token_id);
    add_html_row(html, "User", whose);
    if (tells_end(letter))
        add_html_row(html, "Works to", when);
    buffer_add_text(html, "</table>\n");
    if (last_of(line, letter))
        buffer_print(html, "<p>%s</p>\n", last_of(line, letter));
    if (line->note[0]) {
        buffer_add_text(html, "<p>");
        mime_add_html(html, line->note);
        buffer_add_text(html, "</p>\n");
    }
    if (!link[0])
        return;
    buffer_add_text(html, "<p><a href=\"");
    mime_add_html(html, link);
    buffer_print(html, "\">%s</a></p>\n",
                 letter->kind == NOTICE_SOON ? "Extend it in the console"
                                             : "Open it in the console");
}

static void
add_html_part(struct buffer *html, const struct letter *letter,
              const struct notice_line *lines, size_t count,
              const struct letter_house *house, int64_t now_ms)
{
    const struct words *words = &WORDS[letter->kind];

    buffer_add_text(html, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
                          "charset=\"utf-8\"></head>\n<body style=\"font-family:"
                          "sans-serif;line-height:1.5\">\n<p>Hello");
    buffer_add_text(html, letter->name[0] ? " " : "");
    mime_add_html(html, letter->name);
    if (letter->line_count == 1)
        buffer_print(html, ",</p>\n<p>%s</p>\n", words->opening_one);
    else
        buffer_print(html, ",</p>\n<p>%lld %s</p>\n", (long long)letter->line_count,
                     words->opening_many);
    for (size_t i = 0; i < count; i++)
        add_html_line(html, letter, &lines[i], house, now_ms);
    if (letter->line_count > (int64_t)count)
        buffer_print(html, "<p>and %lld more, in the console.</p>\n",
                     (long long)letter->line_count - (long long)count);
    for (size_t i = 0; i < COUNT_OF(words->what_to_do) && words->what_to_do[i]; i++)
        buffer_print(html, "<p>%s</p>\n", words->what_to_do[i]);
    buffer_print(html, "<p style=\"color:#555;font-size:85%%\">%s</p>\n</body></html>\n",
                 FOOTER);
}

/* ---- the message ---- */

/* What may stand between < and > without quotes. Addresses were read so; a database may
 * have been changed by somebody else. */
static bool
is_address(const char *email)
{
    const char *at = strchr(email, '@');

    for (const char *c = email; *c != '\0'; c++) {
        if (*c <= ' ' || *c >= 0x7f || strchr("()<>[]:;,\\\"", *c))
            return false;
    }
    return at && at != email && at[1] != '\0' && !strchr(at + 1, '@');
}

static void
add_part(struct buffer *out, const char *boundary, const char *type,
         const struct buffer *body)
{
    buffer_print(out,
                 "--%s\r\nContent-Type: %s; charset=utf-8\r\n"
                 "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                 boundary, type);
    mime_add_quoted(out, buffer_slice(body));
}

/* Who gets what, and under which name; a reader that gets it twice knows by the
 * Message-ID that it is the same. */
struct envelope {
    const char *email, *name, *uid;
    struct slice subject;
    int64_t now_ms;
};

static enum status
write_message(const struct envelope *envelope, const struct letter_house *house,
              const struct buffer *text, const struct buffer *html, struct buffer *out)
{
    const char *at = strchr(house->mail_from, '@');
    char boundary[UUID_CHARS + 8];

    if (!is_address(envelope->email) || !is_address(house->mail_from))
        return STATUS_MALFORMED;
    /* "=_" cannot come up in quoted-printable (RFC 2045 §6.7) */
    snprintf(boundary, sizeof(boundary), "=_%s", envelope->uid);
    mime_add_address(out, "From", SLICE("Tokenhouse"), house->mail_from);
    mime_add_address(out, "To", slice_of(envelope->name), envelope->email);
    mime_add_header(out, "Subject", envelope->subject);
    mime_add_date(out, envelope->now_ms);
    buffer_print(out, "Message-ID: <%s%s>\r\n", envelope->uid, at);
    buffer_print(
        out,
        "MIME-Version: 1.0\r\n"
        "Auto-Submitted: auto-generated\r\n" /* RFC 3834: no out-of-office back */
        "Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n",
        boundary);
    add_part(out, boundary, "text/plain", text);
    add_part(out, boundary, "text/html", html);
    buffer_print(out, "--%s--\r\n", boundary);
    return text->is_short || html->is_short ? STATUS_TOO_LARGE : buffer_check(out);
}

static enum status
write_test(const struct letter *letter, const struct letter_house *house, int64_t now_ms,
           struct buffer *out)
{
    struct buffer text AUTO(buffer_done) = buffer_make(LETTER_MAX_BYTES);
    struct buffer html AUTO(buffer_done) = buffer_make(LETTER_MAX_BYTES);
    struct envelope envelope = {letter->email, letter->name, letter->uid,
                                SLICE("Tokenhouse: a test"), now_ms};

    buffer_add_text(&text, "This is a test: Tokenhouse can send mail.\n");
    buffer_add_text(&html, "<!DOCTYPE html>\n<html lang=\"en\"><body><p>This is a test: "
                           "Tokenhouse can send mail.</p></body></html>\n");
    return write_message(&envelope, house, &text, &html, out);
}

/* The subject of a letter about tokens. */
static void
add_subject(struct buffer *subject, const struct letter *letter,
            const struct notice_line *lines, size_t count)
{
    if (letter->line_count == 1 && count == 1) {
        buffer_add_text(subject, WORDS[letter->kind].subject_one);
        mime_add_line(subject, lines[0].title);
    } else {
        buffer_print(subject, "%lld %s", (long long)letter->line_count,
                     WORDS[letter->kind].subject_many);
    }
}

static bool
is_about_tokens(const struct letter *letter)
{
    return (int)letter->kind >= NOTICE_CREATED && letter->kind < COUNT_OF(WORDS) &&
           WORDS[letter->kind].subject_one;
}

enum status
letter_write(const struct letter *letter, const struct notice_line *lines, size_t count,
             const struct letter_house *house, int64_t now_ms, struct buffer *out)
{
    struct buffer text AUTO(buffer_done) = buffer_make(LETTER_MAX_BYTES);
    struct buffer html AUTO(buffer_done) = buffer_make(LETTER_MAX_BYTES);
    struct buffer subject AUTO(buffer_done) = buffer_make(LETTER_MAX_BYTES);

    if (letter->kind == NOTICE_TEST)
        return write_test(letter, house, now_ms, out);
    if (letter->kind == NOTICE_HEAD) {
        letter_head_subject(lines, count, &subject);
        letter_head_text(letter, lines, count, &text);
        letter_head_html(letter, lines, count, &html);
    } else if (is_about_tokens(letter)) {
        add_subject(&subject, letter, lines, count);
        add_text_part(&text, letter, lines, count, house, now_ms);
        add_html_part(&html, letter, lines, count, house, now_ms);
    } else {
        return STATUS_MALFORMED; /* nothing that is told by letter */
    }

    struct envelope envelope = {letter->email, letter->name, letter->uid,
                                buffer_slice(&subject), now_ms};
    return write_message(&envelope, house, &text, &html, out);
}
