/* SPDX-License-Identifier: Apache-2.0
 *
 * From the store to the mail server: take, write, send, tell the store. A crash between
 * the server's OK and the store's knowing of it sends a letter again, with the same
 * Message-ID; no order of steps can exclude both that and a lost letter. */
#include "mail/outbox.h"

#include "base/auto.h"
#include "base/date.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "mail/letter.h"
#include "mail/smtp.h"
#include "store/store_letters.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

enum {
    PATIENCE_MS = 10 * 60 * 1000, /* letters wait so long for the rest of a storm */
    OUTAGE_LEAST_MS = 15 * 1000,  /* after the first failure to reach the server, */
    OUTAGE_DOUBLE_COUNT = 6,      /* doubled each time, to 16 minutes */
    SECOND_MS = 1000,
    MAIL_NAME_BYTES = 128,
    MAIL_PATH_BYTES = OUTBOX_WHERE_BYTES,
};

/* A letter that was refused waits so long before the second, third, … try; the last
 * one counts for all that follow. In three days that makes about twenty tries. */
static const int64_t PAUSES_S[] = {60, 300, 900, 3600, 4 * 3600};

struct outbox {
    const struct config *config;
    struct smtp *smtp;    /* NULL: letters become files */
    int64_t outage_count; /* how often in a row the server was not reached */
};

/* ---- opening ---- */

enum status
outbox_check(const struct config *config, struct failure *failure)
{
    bool is_clear = slice_starts(slice_of(config->smtp_url), SLICE("smtp://")) &&
                    config->smtp_starttls == SMTP_STARTTLS_OFF;

    if ((config->smtp_user[0] != '\0') != (config->smtp_password_file[0] != '\0'))
        return failure_set(
            failure, STATUS_MALFORMED,
            config->smtp_user[0] ? "smtp_password_file" : "smtp_user",
            "smtp_user and smtp_password_file go together, but %s is not set",
            config->smtp_user[0] ? "smtp_password_file" : "smtp_user");
    if (is_clear && config->smtp_user[0])
        return failure_set(failure, STATUS_MALFORMED, "smtp_starttls",
                           "smtp_starttls is off, but the password of smtp_user must not "
                           "travel in clear text");
    return STATUS_OK;
}

enum status
outbox_open(const struct config *config, const _Atomic bool *is_told_to_stop,
            struct outbox **out, struct failure *failure)
{
    struct outbox *outbox AUTO(outbox_close) = mem_new(sizeof(*outbox));
    enum status status = outbox_check(config, failure);

    outbox->config = config;
    if (status == STATUS_OK && config->smtp_url[0])
        status = smtp_open(config, is_told_to_stop, &outbox->smtp, failure);
    if (status == STATUS_OK)
        *out = TAKE(outbox);
    return status;
}

void
outbox_close(struct outbox **outbox)
{
    if (*outbox)
        smtp_close(&(*outbox)->smtp);
    mem_free(outbox);
}

/* ---- files ---- */

/* "2026-12-24T000000Z-expired-UID.eml": in a list of names the oldest is first. */
static void
write_name(const struct letter *letter, char out[MAIL_NAME_BYTES])
{
    char at[DATE_TIME_CHARS + 1];
    size_t len = 0;

    date_time_write(letter->made_at_ms, at);
    for (size_t i = 0; at[i] != '.' && at[i] != '\0'; i++) {
        if (at[i] != ':')
            out[len++] = at[i];
    }
    snprintf(out + len, MAIL_NAME_BYTES - len, "Z-%s-%s.eml",
             notice_kind_name(letter->kind), letter->uid);
}

/* A file of this name appears whole or not at all; written again, it is the same. */
static enum status
write_file(const struct config *config, const char *name, struct slice message,
           char path[MAIL_PATH_BYTES], struct failure *failure)
{
    char new_path[MAIL_PATH_BYTES + 8];

    snprintf(path, MAIL_PATH_BYTES, "%s/mail", config->data);
    if (mkdir(path, S_IRWXU) != 0 && errno != EEXIST)
        return failure_set(failure, STATUS_UNAVAILABLE, NULL,
                           "the folder '%s' cannot be made: %s", path, strerror(errno));
    snprintf(path, MAIL_PATH_BYTES, "%s/mail/%s", config->data, name);
    snprintf(new_path, sizeof(new_path), "%s.new", path);
    unlink(new_path); /* left by a crash */
    enum status status = file_write_new(new_path, message, S_IRUSR | S_IWUSR, failure);
    if (status == STATUS_OK && rename(new_path, path) != 0)
        status = failure_set(failure, STATUS_UNAVAILABLE, NULL,
                             "'%s' cannot be written: %s", path, strerror(errno));
    return status;
}

/* ---- sending ---- */

static struct letter_house
house_of(const struct config *config)
{
    return (struct letter_house){.mail_from = config->mail_from,
                                 .console_url = config->console_url};
}

static enum status
hand_over(struct outbox *outbox, const struct letter *letter, struct slice message,
          char where[MAIL_PATH_BYTES], enum smtp_end *out_end, struct failure *failure)
{
    char name[MAIL_NAME_BYTES];

    if (outbox->smtp) {
        snprintf(where, MAIL_PATH_BYTES, "%s", outbox->config->smtp_url);
        return smtp_send(outbox->smtp, letter->email, message, out_end, failure);
    }
    write_name(letter, name);
    enum status status = write_file(outbox->config, name, message, where, failure);
    *out_end = status == STATUS_OK ? SMTP_SENT : SMTP_UNREACHABLE;
    return status;
}

/* Writes and sends a letter of the store. `failure` has words unless SMTP_SENT. */
static enum smtp_end
send_letter(struct outbox *outbox, struct store *store, const struct letter *letter,
            int64_t now_ms, struct failure *failure)
{
    struct notice_line *lines AUTO(mem_done) =
        mem_new(LETTER_LINE_MAX_COUNT * sizeof(*lines));
    struct buffer message AUTO(buffer_done) = buffer_make(4 * LETTER_MAX_BYTES);
    struct letter_house house = house_of(outbox->config);
    char where[MAIL_PATH_BYTES];
    enum smtp_end end = SMTP_REFUSED;
    size_t count = 0;
    enum status status = store_letter_lines(store, letter->id, lines, &count);

    if (status == STATUS_OK)
        status = letter_write(letter, lines, count, &house, now_ms, &message);
    if (status != STATUS_OK) {
        status = failure_set(failure, status, NULL, "the letter cannot be written: %s",
                             status_text(status));
        return end;
    }
    status = hand_over(outbox, letter, buffer_slice(&message), where, &end, failure);
    return status == STATUS_OK ? SMTP_SENT : end;
}

/* ---- telling the store ---- */

static int64_t
pause_ms(int64_t try_count)
{
    size_t last = COUNT_OF(PAUSES_S) - 1;
    size_t i = try_count > 0 ? (size_t)try_count - 1 : 0;

    return PAUSES_S[i < last ? i : last] * SECOND_MS;
}

/* The server is not there: nobody's letter is tried for a while. */
static enum status
write_outage(struct outbox *outbox, struct store *store, const struct letter *letter,
             int64_t now_ms, const char *words)
{
    int64_t doubled = outbox->outage_count < OUTAGE_DOUBLE_COUNT ? outbox->outage_count
                                                                 : OUTAGE_DOUBLE_COUNT;
    int64_t until_ms = now_ms + ((int64_t)OUTAGE_LEAST_MS << doubled);
    enum status status =
        store_letter_back(store, letter->id, now_ms, until_ms, true, words);

    outbox->outage_count++;
    return status == STATUS_OK ? store_letter_hold_all(store, now_ms, until_ms, words)
                               : status;
}

static enum status
write_end(struct outbox *outbox, struct store *store, const struct letter *letter,
          enum smtp_end end, int64_t now_ms, const char *words)
{
    switch (end) {
    case SMTP_SENT:
        outbox->outage_count = 0;
        return store_letter_sent(store, letter->id, now_ms);
    case SMTP_UNREACHABLE:
        return write_outage(outbox, store, letter, now_ms, words);
    case SMTP_REFUSED:
    case SMTP_UNKNOWN:
        outbox->outage_count = 0;
        return store_letter_back(store, letter->id, now_ms,
                                 now_ms + pause_ms(letter->try_count), false, words);
    }
    return STATUS_BROKEN;
}

static enum status
finish(struct outbox *outbox, struct store *store, const struct letter *letter,
       enum smtp_end end, int64_t now_ms, const char *words)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    enum status status = store_begin(store);

    if (status != STATUS_OK)
        return status;
    begun = store;
    status = write_end(outbox, store, letter, end, now_ms, words);
    return status == STATUS_OK ? store_commit(store) : status;
}

/* STATUS_NOT_FOUND: there is none, or somebody else was faster. */
static enum status
take_next(struct store *store, int64_t now_ms, struct letter *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    int64_t id = 0;
    enum status status = store_letter_next(store, now_ms, PATIENCE_MS, &id);

    if (status == STATUS_OK)
        status = store_begin(store);
    if (status != STATUS_OK)
        return status;
    begun = store;
    status = store_letter_take(store, id, now_ms);
    if (status == STATUS_OK)
        status = store_letter_by_id(store, id, out);
    return status == STATUS_OK ? store_commit(store) : status;
}

enum status
outbox_turn(struct outbox *outbox, struct store *store, int64_t now_ms,
            enum outbox_did *out_did)
{
    struct letter letter = {0};
    struct failure failure = {0};
    enum status status = take_next(store, now_ms, &letter);

    *out_did = OUTBOX_NOTHING;
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    enum smtp_end end = send_letter(outbox, store, &letter, now_ms, &failure);
    *out_did = end == SMTP_SENT ? OUTBOX_SENT : OUTBOX_FAILED;
    if (end != SMTP_SENT)
        log_event(LOG_WARN, "a letter was not sent", LOG_INT("letter", letter.id),
                  LOG_INT("try", letter.try_count),
                  LOG_TEXT("why", slice_of(failure.text)));
    return finish(outbox, store, &letter, end, now_ms, failure.text);
}

enum status
outbox_send_test(struct outbox *outbox, const char *email, int64_t now_ms,
                 char *out_where, struct failure *failure)
{
    struct buffer message AUTO(buffer_done) = buffer_make(LETTER_MAX_BYTES);
    struct letter_house house = house_of(outbox->config);
    struct letter letter = {.kind = NOTICE_TEST, .made_at_ms = now_ms};
    enum smtp_end end = SMTP_REFUSED;

    uuid_make(letter.uid);
    snprintf(letter.email, sizeof(letter.email), "%s", email);
    enum status status = letter_write(&letter, NULL, 0, &house, now_ms, &message);
    if (status != STATUS_OK)
        return failure_set(failure, status, "email", "'%.100s' is no e-mail address",
                           email);
    return hand_over(outbox, &letter, buffer_slice(&message), out_where, &end, failure);
}
