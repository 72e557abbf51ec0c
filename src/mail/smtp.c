/* SPDX-License-Identifier: Apache-2.0
 *
 * libcurl's SMTP: EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA are its business, as is the
 * dot in front of a dot. The connection is kept for the next message. */
#include "mail/smtp.h"

#include "base/auto.h"
#include "base/file.h"
#include "base/mem.h"

#include <curl/curl.h>
#include <stdio.h>

enum {
    CONNECT_TIMEOUT_S = 15,
    ANSWER_TIMEOUT_S = 60, /* RFC 5321 §4.5.3.2 allows minutes; a letter can wait */
    SEND_TIMEOUT_S = 300,
    SAID_BYTES = 256,
    PASSWORD_FILE_MAX_BYTES = 4096,
};

struct smtp {
    const struct config *config;
    const _Atomic bool *is_told_to_stop;
    CURL *curl;
    char error[CURL_ERROR_SIZE];
    char said[SAID_BYTES]; /* the server's last refusal, or "" */
    struct slice rest;     /* of the message */
    bool is_on_its_way;    /* some of the message was asked for */
};

/* ---- libcurl asks ---- */

static size_t
give_message(char *out, size_t size, size_t count, void *ctx)
{
    struct smtp *smtp = ctx;
    struct slice part = slice_head(smtp->rest, size * count);

    smtp->is_on_its_way = true;
    if (part.len > 0)
        memcpy(out, part.at, part.len);
    smtp->rest = slice_from(smtp->rest, part.len);
    return part.len;
}

/* Each line that the server says; 4yz is not now, 5yz never. */
static size_t
hear(char *bytes, size_t size, size_t count, void *ctx)
{
    struct smtp *smtp = ctx;
    struct slice line = slice_trim((struct slice){(unsigned char *)bytes, size * count});

    if (line.len >= 3 && (line.at[0] == '4' || line.at[0] == '5'))
        snprintf(smtp->said, sizeof(smtp->said), "%.*s",
                 SLICE_ARG(slice_head(line, 200)));
    return size * count;
}

static int
look_around(void *ctx, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
            curl_off_t up)
{
    const struct smtp *smtp = ctx;

    (void)down_all, (void)down, (void)up_all, (void)up;
    return smtp->is_told_to_stop && atomic_load(smtp->is_told_to_stop);
}

/* ---- opening ---- */

static void
set_options(struct smtp *smtp)
{
    const struct config *config = smtp->config;
    CURL *curl = smtp->curl;
    bool must_encrypt = config->smtp_starttls != SMTP_STARTTLS_OFF;

    curl_easy_setopt(curl, CURLOPT_URL, config->smtp_url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* whatever the environment says */
    curl_easy_setopt(curl, CURLOPT_USE_SSL,
                     (long)(must_encrypt ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (config->smtp_ca_file[0])
        curl_easy_setopt(curl, CURLOPT_CAINFO, config->smtp_ca_file);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, smtp->error);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)ANSWER_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)SEND_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_message);
    curl_easy_setopt(curl, CURLOPT_READDATA, smtp);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, hear);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, smtp);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, hear);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, smtp);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_around);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, smtp);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, config->mail_from);
}

enum status
smtp_open(const struct config *config, const _Atomic bool *is_told_to_stop,
          struct smtp **out, struct failure *failure)
{
    struct smtp *smtp AUTO(smtp_close) = mem_new(sizeof(*smtp));

    smtp->config = config;
    smtp->is_told_to_stop = is_told_to_stop;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        smtp->curl = curl_easy_init();
    if (!smtp->curl)
        return failure_set(failure, STATUS_BROKEN, NULL, "libcurl does not start");
    set_options(smtp);
    *out = TAKE(smtp);
    return STATUS_OK;
}

void
smtp_close(struct smtp **smtp)
{
    if (*smtp)
        curl_easy_cleanup((*smtp)->curl);
    mem_free(smtp);
}

/* ---- sending ---- */

/* Read each time, so that a new password needs no restart. */
static enum status
log_in(struct smtp *smtp, struct failure *failure)
{
    const struct config *config = smtp->config;
    struct buffer file AUTO(buffer_wipe) = buffer_make(PASSWORD_FILE_MAX_BYTES);

    if (!config->smtp_user[0])
        return STATUS_OK;
    enum status status = file_read_secret(config->smtp_password_file, &file, failure);
    if (status != STATUS_OK)
        return status;

    struct slice line = {file.at, 0};
    while (line.len < file.len && file.at[line.len] != '\n' && file.at[line.len] != '\r')
        line.len++;
    buffer_add_byte(&file, '\0');
    if (line.len == 0 || file.is_short)
        return failure_set(failure, STATUS_MALFORMED, "smtp_password_file",
                           "the first line of '%s' is empty, or it is too long",
                           config->smtp_password_file);
    file.at[line.len] = '\0';
    curl_easy_setopt(smtp->curl, CURLOPT_USERNAME, config->smtp_user);
    curl_easy_setopt(smtp->curl, CURLOPT_PASSWORD, (const char *)file.at);
    return STATUS_OK;
}

/* The server's trouble (or the network's, or the settings'), not the letter's. */
static const CURLcode OUTAGES[] = {
    CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
    CURLE_LOGIN_DENIED,         CURLE_USE_SSL_FAILED,
    CURLE_SSL_CONNECT_ERROR,    CURLE_PEER_FAILED_VERIFICATION,
    CURLE_SSL_CACERT_BADFILE,   CURLE_UNSUPPORTED_PROTOCOL,
};

static bool
is_outage(CURLcode code)
{
    for (size_t i = 0; i < COUNT_OF(OUTAGES); i++) {
        if (OUTAGES[i] == code)
            return true;
    }
    return false;
}

/* A refusal answers MAIL, RCPT or DATA; what ends before them is an outage. */
static enum smtp_end
judge(const struct smtp *smtp, CURLcode code)
{
    if (code == CURLE_OK)
        return SMTP_SENT;
    if (is_outage(code))
        return SMTP_UNREACHABLE;
    if (smtp->said[0])
        return SMTP_REFUSED;
    return smtp->is_on_its_way ? SMTP_UNKNOWN : SMTP_UNREACHABLE;
}

enum status
smtp_send(struct smtp *smtp, const char *email, struct slice message,
          enum smtp_end *out_end, struct failure *failure)
{
    enum status status = STATUS_OK;

    *out_end = SMTP_UNREACHABLE;
    smtp->error[0] = '\0';
    smtp->said[0] = '\0';
    smtp->rest = message;
    smtp->is_on_its_way = false;
    status = log_in(smtp, failure);
    if (status != STATUS_OK)
        return status;

    struct curl_slist *to = curl_slist_append(NULL, email);
    curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(smtp->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)message.len);
    CURLcode code = curl_easy_perform(smtp->curl);
    *out_end = judge(smtp, code);
    curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, NULL);
    curl_easy_setopt(smtp->curl, CURLOPT_PASSWORD, NULL);
    curl_slist_free_all(to);
    if (*out_end == SMTP_SENT)
        return STATUS_OK;
    return failure_set(failure, STATUS_UNAVAILABLE, NULL, "%s%s%s",
                       smtp->error[0] ? smtp->error : curl_easy_strerror(code),
                       smtp->said[0] ? "; the server said: " : "", smtp->said);
}
