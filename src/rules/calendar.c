/* SPDX-License-Identifier: Apache-2.0
 *
 * Calendars: their secrets, and RFC 5545. */
#include "rules/calendar.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "base/random.h"
#include "base/utf8.h"
#include "crypto/sha256.h"
#include "rules/authority.h"
#include "rules/details.h"
#include "store/store_calendars.h"
#include "store/store_people.h"
#include "store/store_tokens.h"

#include <stdio.h>

enum {
    SECRET_BYTES = 32,
    LINE_MAX_BYTES = 75, /* RFC 5545 §3.1, without the line end */
};

_Static_assert(BASE64URL_MAX_CHARS(SECRET_BYTES) == CALENDAR_SECRET_CHARS,
               "a secret is shown in base64url");

/* ---- acts ---- */

static void
hash_secret(struct slice secret, uint8_t out[SHA256_BYTES])
{
    sha256(secret, out);
}

static enum status
add_event(const struct act *act, const struct user *user, const char *action)
{
    struct happening what = happening_to_user(EVENT_USER_UPDATED, user);

    return history_add_change(act, what, action, NULL, NULL);
}

enum status
calendar_renew(const struct act *act, const struct user *user,
               char out_secret[CALENDAR_SECRET_CHARS + 1])
{
    struct store *begun AUTO(store_undo_done) = NULL;
    unsigned char random[SECRET_BYTES];
    char secret[CALENDAR_SECRET_CHARS + 1] = "";
    uint8_t hash[SHA256_BYTES];
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    random_fill(random, sizeof(random));
    base64url_encode((struct slice){random, sizeof(random)}, secret);
    hash_secret(slice_of(secret), hash);
    status = authority_own(act, user);
    if (status == STATUS_OK)
        status = store_calendar_set(
            act->store, user->id, (struct slice){hash, sizeof(hash)}, act->now_ms / 1000);
    if (status == STATUS_OK)
        status = add_event(act, user, "calendar address made");
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        memcpy(out_secret, secret, sizeof(secret));
    secret_wipe(secret, sizeof(secret));
    secret_wipe(random, sizeof(random));
    return status;
}

enum status
calendar_remove(const struct act *act, const struct user *user)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = authority_own(act, user);
    if (status == STATUS_OK)
        status = store_calendar_remove(act->store, user->id);
    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, status, NULL, "there is no calendar");
    if (status == STATUS_OK)
        status = add_event(act, user, "calendar address removed");
    return status == STATUS_OK ? store_commit(act->store) : status;
}

enum status
calendar_end(const struct act *act, const struct user *user)
{
    enum status status = store_calendar_remove(act->store, user->id);

    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    return status == STATUS_OK ? add_event(act, user, "calendar address removed")
                               : status;
}

/* ---- RFC 5545 ---- */

/* The longest beginning that fits in a line and ends where a character ends. */
static size_t
line_len(struct slice text, size_t room)
{
    size_t len = 0;

    while (len < text.len) {
        size_t next = utf8_len(slice_from(text, len));
        next = next > 0 ? next : 1;
        if (len + next > room)
            break;
        len += next;
    }
    return len;
}

/* A content line, folded (§3.1). */
static void
add_line(struct buffer *out, struct slice line)
{
    size_t room = LINE_MAX_BYTES;

    do {
        size_t len = line_len(line, room);
        if (room < LINE_MAX_BYTES)
            buffer_add_byte(out, ' ');
        buffer_add(out, slice_head(line, len));
        buffer_add_text(out, "\r\n");
        line = slice_from(line, len);
        room = LINE_MAX_BYTES - 1;
    } while (line.len > 0);
}

/* A value of text (§3.3.11); control characters become blanks. */
static void
add_text(struct buffer *line, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte == '\\' || byte == ';' || byte == ',')
            buffer_add_byte(line, '\\');
        buffer_add_byte(line, byte < ' ' || byte == 0x7f ? ' ' : byte);
    }
}

static void
add_text_line(struct buffer *out, const char *name, const char *first, const char *second)
{
    struct buffer line AUTO(buffer_done) = buffer_make(CALENDAR_MAX_BYTES);

    buffer_print(&line, "%s:", name);
    add_text(&line, first);
    add_text(&line, second);
    add_line(out, buffer_slice(&line));
}

static void
print_date(struct buffer *out, const char *name, struct date date)
{
    buffer_print(out, "%s;VALUE=DATE:%04d%02d%02d\r\n", name, date.year, date.month,
                 date.day);
}

void
calendar_add_token(struct buffer *out, const struct token *token, int64_t now_ms)
{
    struct date today = date_of(now_ms / 1000);
    int in_day_s = (int)(now_ms / 1000 % DAY_S);
    bool is_replaced = token->replaced_by[0] != '\0';
    struct date last = is_replaced ? date_of(token->expires_at_s - 1) : token->expires_on;

    buffer_add_text(out, "BEGIN:VEVENT\r\n");
    add_text_line(out, "UID", token->id, "@tokenhouse");
    buffer_print(out, "DTSTAMP:%04d%02d%02dT%02d%02d%02dZ\r\n", today.year, today.month,
                 today.day, in_day_s / 3600, in_day_s / 60 % 60, in_day_s % 60);
    print_date(out, "DTSTART", last);
    print_date(out, "DTEND", date_add_days(last, 1));
    add_text_line(
        out, "SUMMARY",
        is_replaced ? "Replaced API token ends: " : "API token expires: ", token->title);
    add_text_line(out, "DESCRIPTION",
                  is_replaced ? "It has a successor, and ends on this day. Token ID: "
                              : "It works through 23:59:59 UTC of this day. Token ID: ",
                  token->id);
    buffer_add_text(out, "TRANSP:TRANSPARENT\r\nEND:VEVENT\r\n");
}

struct writing {
    struct buffer *out;
    int64_t now_ms;
};

static bool
write_token(void *ctx, const struct token *token)
{
    struct writing *writing = ctx;

    calendar_add_token(writing->out, token, writing->now_ms);
    return true;
}

/* ---- the calendar ---- */

static enum status
find_user(struct store *store, struct slice secret, struct user *out_user,
          struct role *out_role)
{
    uint8_t hash[SHA256_BYTES];
    int64_t user_id = 0;

    if (secret.len != CALENDAR_SECRET_CHARS)
        return STATUS_NOT_FOUND;
    hash_secret(secret, hash);
    enum status status =
        store_calendar_user(store, (struct slice){hash, sizeof(hash)}, &user_id);
    if (status == STATUS_OK)
        status = store_user_by_id(store, user_id, out_user);
    if (status == STATUS_OK)
        status = store_role_by_id(store, out_user->role_id, out_role);
    return status == STATUS_OK && out_user->is_suspended ? STATUS_NOT_FOUND : status;
}

enum status
calendar_write(struct store *store, struct slice secret, int64_t now_ms,
               struct buffer *out)
{
    struct user user = {0};
    struct role role = {0};
    struct writing writing = {out, now_ms};
    enum status status = find_user(store, secret, &user, &role);

    if (status != STATUS_OK)
        return status;
    /* Those that are alive; no token ID comes after "~". */
    struct token_query query = {
        .user_id = role.is_system_admin ? 0 : user.id,
        .after_expires_at_s = now_ms / 1000,
        .after_id = "~",
        .count = CALENDAR_MAX_COUNT,
    };
    buffer_add_text(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
                         "PRODID:-//Tokenhouse//Expiries//EN\r\nMETHOD:PUBLISH\r\n"
                         "X-WR-CALNAME:API tokens\r\nX-PUBLISHED-TTL:PT6H\r\n");
    status = store_token_list(store, &query, write_token, &writing);
    buffer_add_text(out, "END:VCALENDAR\r\n");
    return status == STATUS_OK ? buffer_check(out) : status;
}
