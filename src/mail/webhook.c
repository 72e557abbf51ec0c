/* SPDX-License-Identifier: Apache-2.0
 *
 * libcurl's HTTP for the webhook. The address is looked at after the connection is there
 * and before anything is sent: no name server can change it in between. */
#include "mail/webhook.h"

#include "base/auto.h"
#include "base/buffer.h"
#include "base/ip.h"
#include "base/mem.h"

#include <curl/curl.h>
#include <stdio.h>

enum {
    CONNECT_TIMEOUT_S = 10,
    POST_TIMEOUT_S = 30, /* whoever hears a notice answers and then works */
    HEADER_MAX_BYTES = 4096,
    ANSWER_MAX_BYTES = 64 * 1024, /* thrown away; but it has to end */
};

struct webhook {
    struct webhook_setup setup;
    CURL *curl;
    char error[CURL_ERROR_SIZE];
    size_t heard_bytes;
    bool is_forbidden; /* the address is one that it may not have */
};

bool
webhook_is_link_local(const char *address)
{
    struct ip ip;

    /* what we do not understand, we do not ask */
    return ip_read(slice_of(address), &ip) != STATUS_OK || ip_is_link_local(&ip);
}

static int
look_at_address(void *ctx, char *address, char *own, int port, int own_port)
{
    struct webhook *webhook = ctx;

    (void)own, (void)port, (void)own_port;
    webhook->is_forbidden =
        !webhook->setup.may_be_link_local && webhook_is_link_local(address);
    return webhook->is_forbidden ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static size_t
throw_away(char *bytes, size_t size, size_t count, void *ctx)
{
    struct webhook *webhook = ctx;

    (void)bytes;
    webhook->heard_bytes += size * count;
    return webhook->heard_bytes > ANSWER_MAX_BYTES ? 0 : size * count;
}

static int
look_around(void *ctx, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
            curl_off_t up)
{
    const struct webhook *webhook = ctx;

    (void)down_all, (void)down, (void)up_all, (void)up;
    return webhook->setup.is_told_to_stop && atomic_load(webhook->setup.is_told_to_stop);
}

static void
set_options(struct webhook *webhook)
{
    CURL *curl = webhook->curl;

    curl_easy_setopt(curl, CURLOPT_URL, webhook->setup.url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* whatever the environment says */
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "tokenhouse/" TOKENHOUSE_VERSION);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, webhook->error);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)POST_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, look_at_address);
    curl_easy_setopt(curl, CURLOPT_PREREQDATA, webhook);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, throw_away);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, webhook);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_around);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, webhook);
}

static void
set_blob(CURL *curl, CURLoption option, struct slice pem)
{
    struct curl_blob blob = {.data = (void *)(uintptr_t)pem.at, .len = pem.len};

    if (pem.len > 0)
        curl_easy_setopt(curl, option, &blob); /* not copied: the setup outlives us */
}

enum status
webhook_open(const struct webhook_setup *setup, struct webhook **out,
             struct failure *failure)
{
    struct webhook *webhook AUTO(webhook_close) = mem_new(sizeof(*webhook));

    webhook->setup = *setup;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        webhook->curl = curl_easy_init();
    if (!webhook->curl)
        return failure_set(failure, STATUS_BROKEN, NULL, "libcurl does not start");
    set_options(webhook);
    set_blob(webhook->curl, CURLOPT_CAINFO_BLOB, setup->ca_pem);
    set_blob(webhook->curl, CURLOPT_SSLCERT_BLOB, setup->certificate_pem);
    set_blob(webhook->curl, CURLOPT_SSLKEY_BLOB, setup->key_pem);
    *out = TAKE(webhook);
    return STATUS_OK;
}

void
webhook_close(struct webhook **webhook)
{
    if (*webhook)
        curl_easy_cleanup((*webhook)->curl);
    mem_free(webhook);
}

static enum status
judge(const struct webhook *webhook, CURLcode code, struct failure *failure)
{
    long http = 0;

    curl_easy_getinfo(webhook->curl, CURLINFO_RESPONSE_CODE, &http);
    if (webhook->is_forbidden)
        return failure_set(failure, STATUS_UNAVAILABLE, "webhook_url",
                           "the webhook has a link-local address, and webhook_link_local "
                           "is off");
    if (code != CURLE_OK)
        return failure_set(failure, STATUS_UNAVAILABLE, NULL, "%s",
                           webhook->error[0] ? webhook->error : curl_easy_strerror(code));
    if (http < 200 || http > 299)
        return failure_set(failure, STATUS_UNAVAILABLE, NULL,
                           "the webhook answered with status %ld", http);
    return STATUS_OK;
}

enum status
webhook_post(struct webhook *webhook, struct slice body, struct slice signature,
             struct failure *failure)
{
    struct buffer header AUTO(buffer_done) = buffer_make(HEADER_MAX_BYTES);
    struct curl_slist *headers = NULL;

    webhook->error[0] = '\0';
    webhook->heard_bytes = 0;
    webhook->is_forbidden = false;
    buffer_print(&header, "Tokenhouse-Signature: %.*s", SLICE_ARG(signature));
    buffer_add_byte(&header, '\0');
    if (header.is_short)
        return failure_set(failure, STATUS_TOO_LARGE, NULL, "the signature is too long");
    headers = curl_slist_append(NULL, "Content-Type: application/json");
    headers = curl_slist_append(headers, (const char *)header.at);
    curl_easy_setopt(webhook->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(webhook->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
    curl_easy_setopt(webhook->curl, CURLOPT_POSTFIELDS, (const char *)body.at);

    CURLcode code = curl_easy_perform(webhook->curl);
    enum status status = judge(webhook, code, failure);
    curl_easy_setopt(webhook->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    return status;
}
