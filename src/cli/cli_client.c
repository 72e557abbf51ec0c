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
    if (memchr(slice_from(base, 8).at, '/', slice_from(base, 8).len) ||
        memchr(base.at, '@', base.len))
        return failure_set(failure, STATUS_MALFORMED, "server",
                           "the server '%s' has a path or a user; wanted is one like "
                           "http://127.0.0.1:8480",
                           server);
    int len = snprintf(client->url, sizeof(client->url), "%.*s/", SLICE_ARG(base));
    if (len < 0 || (size_t)len >= sizeof(client->url))
        return failure_set(failure, STATUS_MALFORMED, "server",
                           "the server's URL is longer than %d characters",
                           URL_MAX_CHARS);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return failure_set(failure, STATUS_BROKEN, NULL, "libcurl does not start");
    client->curl = curl_easy_init();
    if (!client->curl)
        return failure_set(failure, STATUS_BROKEN, NULL, "libcurl does not start");
    set_options(client, ca_file, is_insecure);
    *out = TAKE(client);
    return STATUS_OK;
}

void
cli_client_close(struct cli_client **client)
{
    if (*client)
        curl_easy_cleanup((*client)->curl);
    mem_free(client);
}

static struct slice
scheme_of(const struct cli_client *client)
{
    return client->url[4] == 's' ? SLICE("https") : SLICE("http");
}

static struct slice
authority_of(const struct cli_client *client)
{
    struct slice rest = slice_from(slice_of(client->url), scheme_of(client).len + 3);

    return slice_head(rest, rest.len - 1); /* without the '/' at its end */
}

struct httpsig_message
cli_client_message(const struct cli_client *client, const struct cli_send *send)
{
    struct httpsig_message message = {
        .method = slice_of(send->method),
        .scheme = scheme_of(client),
        .authority = authority_of(client),
        .target = slice_of(send->target),
        .path = slice_of(send->target),
        .headers = send->headers,
        .header_count = send->header_count,
    };
    struct slice rest = message.path;

    message.has_query = slice_cut(&rest, '?', &message.path);
    if (message.has_query)
        message.query = rest;
    return message;
}

static struct curl_slist *
make_headers(const struct cli_send *send)
{
    struct curl_slist *list = NULL;
    struct buffer line AUTO(buffer_done) = buffer_make(HEAD_MAX_BYTES);

    for (size_t i = 0; i < send->header_count; i++) {
        const struct http_header *header = &send->headers[i];
        buffer_clear(&line);
        buffer_print(&line, "%.*s: %.*s", SLICE_ARG(header->name),
                     SLICE_ARG(header->value));
        buffer_add_byte(&line, '\0');
        list = curl_slist_append(list, (const char *)line.at);
    }
    return list;
}

static void
set_request(struct cli_client *client, const struct cli_send *send,
            struct cli_answer *out)
{
    CURL *curl = client->curl;
    bool is_head = strcmp(send->method, "HEAD") == 0;

    curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(curl, CURLOPT_NOBODY, is_head ? 1L : 0L);
    if (send->body.len > 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, (const char *)send->body.at);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)send->body.len);
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, is_head ? NULL : send->method);
    curl_easy_setopt(curl, CURLOPT_REQUEST_TARGET, send->target);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &out->body);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &out->head);
}

enum status
cli_client_send(struct cli_client *client, const struct cli_send *send,
                struct cli_answer *out, struct failure *failure)
{
    struct curl_slist *headers = make_headers(send);
    curl_off_t retry_after_s = 0;

    out->http = 0;
    out->retry_after_s = 0;
    buffer_clear(&out->head);
    buffer_clear(&out->body);
    client->error[0] = '\0';
    set_request(client, send, out);
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, headers);

    CURLcode code = curl_easy_perform(client->curl);
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    if (out->body.is_short)
        return failure_set(failure, STATUS_TOO_LARGE, NULL,
                           "the answer is larger than %d bytes", CLI_ANSWER_MAX_BYTES);
    if (code != CURLE_OK)
        return failure_set(failure, STATUS_UNAVAILABLE, NULL, "no answer from %.*s%s: %s",
                           (int)strlen(client->url) - 1, client->url, send->target,
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
