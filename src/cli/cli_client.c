/* SPDX-License-Identifier: Apache-2.0
 *
 * libcurl, with the connection kept between the pages of one call. */
#include "cli/cli_client.h"

#include "base/auto.h"
#include "base/mem.h"

#include <curl/curl.h>
#include <stdio.h>

enum {
    URL_MAX_CHARS = 1000,
    HEAD_MAX_BYTES = 64 * 1024,
    CONNECT_TIMEOUT_S = 10,
    SILENCE_TIMEOUT_S = 60, /* without a byte a second: the server is gone */
};

struct cli_client {
    CURL *curl;
    struct curl_slist *headers;
    char url[URL_MAX_CHARS + 1];
    char error[CURL_ERROR_SIZE];
};

static size_t
add_to_buffer(char *bytes, size_t size, size_t count, void *ctx)
{
    struct buffer *buffer = ctx;

    buffer_add(buffer, (struct slice){(unsigned char *)bytes, size * count});
    return buffer->is_short ? 0 : size * count;
}

/* One head is kept: a "100 Continue" before it is not of interest. */
static size_t
add_to_head(char *bytes, size_t size, size_t count, void *ctx)
{
    struct buffer *head = ctx;

    if (slice_starts((struct slice){(unsigned char *)bytes, size * count},
                     SLICE("HTTP/")))
        buffer_clear(head);
    return add_to_buffer(bytes, size, count, ctx);
}

static void
set_options(struct cli_client *client, const char *ca_file, bool is_insecure)
{
    CURL *curl = client->curl;

    curl_easy_setopt(curl, CURLOPT_URL, client->url);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->error);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, client->headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "tokenhouse/" TOKENHOUSE_VERSION);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SILENCE_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, add_to_buffer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, add_to_head);
    if (ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file);
    if (is_insecure) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

enum status
cli_client_open(const char *server, const char *ca_file, bool is_insecure,
                struct cli_client **out, struct failure *failure)
{
    struct cli_client *client AUTO(cli_client_close) = mem_new(sizeof(*client));
    struct slice base = slice_of(server);

    if (!slice_starts(base, SLICE("http://")) && !slice_starts(base, SLICE("https://")))
        return failure_set(failure, STATUS_MALFORMED, "server",
                           "the server '%s' is no URL; wanted is one like "
                           "http://127.0.0.1:8480",
                           server);
    while (base.len > 0 && base.at[base.len - 1] == '/')
        base.len--;
    int len =
        snprintf(client->url, sizeof(client->url), "%.*s/jws/validate", SLICE_ARG(base));
    if (len < 0 || (size_t)len >= sizeof(client->url))
        return failure_set(failure, STATUS_MALFORMED, "server",
                           "the server's URL is longer than %d characters",
                           URL_MAX_CHARS);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return failure_set(failure, STATUS_BROKEN, NULL, "libcurl does not start");
    client->curl = curl_easy_init();
    if (!client->curl)
        return failure_set(failure, STATUS_BROKEN, NULL, "libcurl does not start");
    client->headers = curl_slist_append(NULL, "Content-Type: text/plain");
    set_options(client, ca_file, is_insecure);
    *out = TAKE(client);
    return STATUS_OK;
}

void
cli_client_close(struct cli_client **client)
{
    if (*client) {
        curl_easy_cleanup((*client)->curl);
        curl_slist_free_all((*client)->headers);
    }
    mem_free(client);
}

enum status
cli_client_post(struct cli_client *client, struct slice message, struct cli_answer *out,
                struct failure *failure)
{
    curl_off_t retry_after_s = 0;

    out->http = 0;
    out->retry_after_s = 0;
    buffer_clear(&out->head);
    buffer_clear(&out->body);
    client->error[0] = '\0';
    curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, (const char *)message.at);
    curl_easy_setopt(client->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)message.len);
    curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, &out->body);
    curl_easy_setopt(client->curl, CURLOPT_HEADERDATA, &out->head);

    CURLcode code = curl_easy_perform(client->curl);
    if (out->body.is_short)
        return failure_set(failure, STATUS_TOO_LARGE, NULL,
                           "the answer is larger than %d bytes", CLI_ANSWER_MAX_BYTES);
    if (code != CURLE_OK)
        return failure_set(failure, STATUS_UNAVAILABLE, NULL, "no answer from %s: %s",
                           client->url,
                           client->error[0] ? client->error : curl_easy_strerror(code));
    curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &out->http);
    curl_easy_getinfo(client->curl, CURLINFO_RETRY_AFTER, &retry_after_s);
    out->retry_after_s = retry_after_s;
    return STATUS_OK;
}

struct cli_answer
cli_answer_make(void)
{
    return (struct cli_answer){.head = buffer_make(HEAD_MAX_BYTES),
                               .body = buffer_make(CLI_ANSWER_MAX_BYTES)};
}

void
cli_answer_done(struct cli_answer *answer)
{
    buffer_done(&answer->head);
    buffer_done(&answer->body);
}
