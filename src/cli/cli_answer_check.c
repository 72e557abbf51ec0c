/* SPDX-License-Identifier: Apache-2.0
 *
 * What must be covered: status, body, and the request with all that makes it this one. */
#include "cli/cli_answer_check.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "cli/cli_house.h"
#include "crypto/pem.h"
#include "crypto/sha256.h"
#include "httpsig/signature.h"

#include <stdio.h>

enum {
    KEY_FILE_MAX_BYTES = 64 * 1024,
    NONCE_BYTES = 16,
    HEADER_MAX_COUNT = 64,
    FRESH_S = 300, /* as servers take requests */
};

/* What ties an answer to its request: its signature, or the digest of the JWS. */
static const char NATIVE[] = "(\"@status\" \"content-digest\" \"@method\";req "
                             "\"@target-uri\";req \"signature\";req;key=\"sig1\")";
static const char JWS[] = "(\"@status\" \"content-digest\" \"@method\";req "
                          "\"@target-uri\";req \"content-digest\";req)";

int
cli_answer_check_open(const struct options *options, const char *path,
                      struct cli_answer_check *out)
{
    struct buffer text AUTO(buffer_done) = buffer_make(KEY_FILE_MAX_BYTES);
    struct failure failure = {0};
    uint8_t point[PUBLIC_KEY_BYTES];

    if (file_read(path, &text, &failure) != STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    if (pem_read_public(buffer_slice(&text), point, &failure) != STATUS_OK)
        return cli_failed(options, "%s: %s", path, failure.text);
    if (es256_key_new(point, &out->key) != STATUS_OK)
        return cli_failed(options, "%s: that is no key of P-256", path);
    return EXIT_DONE;
}

void
cli_answer_check_close(struct cli_answer_check *check)
{
    es256_key_free(&check->key);
}

void
cli_answer_check_ask(struct cli_answer_check *check, bool is_native,
                     struct cli_send *send)
{
    unsigned char nonce[NONCE_BYTES];

    random_fill(nonce, sizeof(nonce));
    check->nonce[base64url_encode((struct slice){nonce, sizeof(nonce)}, check->nonce)] =
        '\0';
    snprintf(check->accept, sizeof(check->accept), "answer=%s;created;nonce=\"%s\"",
             is_native ? NATIVE : JWS, check->nonce);
    send->headers[send->header_count++] =
        (struct http_header){SLICE("Accept-Signature"), slice_of(check->accept)};
    if (is_native)
        return;
    content_digest_write(send->body, check->digest);
    send->headers[send->header_count++] = (struct http_header){
        SLICE("Content-Digest"), {(unsigned char *)check->digest, CONTENT_DIGEST_CHARS}};
}

/* ---- checking ---- */

static size_t
cut_head(struct slice head, struct http_header *headers)
{
    size_t count = 0;
    struct slice line;

    while (count < HEADER_MAX_COUNT && slice_cut(&head, '\n', &line)) {
        struct http_header header = {.value = slice_trim(line)};
        if (!slice_cut(&header.value, ':', &header.name))
            continue;
        header.value = slice_trim(header.value);
        headers[count++] = header;
    }
    return count;
}

/* The same components in the same order as we asked for, for our nonce and not long ago.
 */
static const char *
check_input(const struct cli_answer_check *check, const struct httpsig_input *input)
{
    struct buffer written AUTO(buffer_done) = buffer_make(CLI_ACCEPT_MAX_BYTES);
    struct sf_value list = input->list;
    const char *asked = check->accept + sizeof("answer=") - 1;
    int64_t now_s = clock_now_s();

    list.parameters = (struct slice){0};
    sf_write_value(&written, &list);
    if (buffer_check(&written) != STATUS_OK ||
        !slice_starts(slice_of(asked), buffer_slice(&written)))
        return "its signature covers something else than we asked for";
    if (!input->has_nonce || !slice_equal(input->nonce, slice_of(check->nonce)))
        return "its signature is for another request";
    if (!input->has_created || input->created_s < now_s - FRESH_S ||
        input->created_s > now_s + FRESH_S)
        return "its signature is not of now";
    return NULL;
}

static bool
fits(const struct cli_answer_check *check, struct slice base, struct slice text)
{
    unsigned char signature[ES256_SIGNATURE_BYTES + 3];
    uint8_t digest[SHA256_BYTES];
    size_t len = 0;
    bool is_right = false;

    if (text.len > BASE64_MAX_CHARS((size_t)ES256_SIGNATURE_BYTES) ||
        base64_decode(text, signature, sizeof(signature), &len) != STATUS_OK)
        return false;
    sha256(base, digest);
    return es256_verify(check->key, digest, (struct slice){signature, len}, &is_right) ==
               STATUS_OK &&
           is_right;
}

/* NULL: it is good. */
static const char *
find_fault(const struct cli_answer_check *check, const struct httpsig_message *message,
           struct slice body, struct failure *failure)
{
    static struct httpsig_input input;
    struct buffer base AUTO(buffer_done) = buffer_make(HTTPSIG_BASE_MAX_BYTES);
    struct slice signature = {0};

    if (httpsig_find(message, &input, &signature, failure) != STATUS_OK)
        return "it is not signed";
    const char *fault = check_input(check, &input);
    if (fault)
        return fault;
    if (httpsig_base_write(message, &input, &base, failure) != STATUS_OK)
        return failure->text;
    if (!fits(check, buffer_slice(&base), signature))
        return "its signature is not the server's";
    if (slice_equal(message->request->method, SLICE("HEAD")))
        return NULL; /* the digest is that of the body which GET would have had */
    if (content_digest_check(message->headers, message->header_count, body, failure) !=
        STATUS_OK)
        return failure->text;
    return NULL;
}

int
cli_answer_check_run(const struct options *options, const struct cli_answer_check *check,
                     const struct cli_client *client, const struct cli_send *send,
                     const struct cli_answer *answer)
{
    struct http_header headers[HEADER_MAX_COUNT];
    struct failure failure = {0};
    struct httpsig_message request = cli_client_message(client, send);
    struct httpsig_message message = {
        .status = (int)answer->http,
        .headers = headers,
        .header_count = cut_head(buffer_slice(&answer->head), headers),
        .request = &request,
    };

    const char *fault =
        find_fault(check, &message, buffer_slice(&answer->body), &failure);
    if (!fault)
        return EXIT_DONE;
    return cli_failed(options, "the answer (status %ld) is not to be believed: %s",
                      answer->http, fault);
}
