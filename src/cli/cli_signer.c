/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads keys with care and requests with words for what is wrong. */
#include "cli/cli_signer.h"

#include "base/auto.h"
#include "base/file.h"
#include "base/utf8.h"
#include "cli/cli_house.h"
#include "crypto/pem.h"
#include "jose/token_file.h"
#include "json/scan.h"

#include <stdio.h>

enum { KEY_FILE_MAX_BYTES = 64 * 1024 };

/* Reads a file that holds a secret. Browsers save downloads for all to read, so a
 * readable .token is a warning; a readable private key is refused. */
static int
read_key_file(const struct options *options, const char *path, bool is_private_key,
              struct buffer *out)
{
    struct failure failure = {0};
    enum status status = file_read_secret(path, out, &failure);

    if (status == STATUS_REFUSED && !is_private_key) {
        fprintf(stderr,
                "tokenhouse %s: note: %s may be read by others; 'chmod 600 %s' helps\n",
                options->command, path, path);
        status = file_read(path, out, &failure);
    }
    return status == STATUS_OK ? EXIT_DONE : cli_failed(options, "%s", failure.text);
}

static int
open_token_file(const struct options *options, struct cli_signer *out)
{
    struct buffer text AUTO(buffer_wipe) = buffer_make(KEY_FILE_MAX_BYTES);
    struct secret secret AUTO(secret_done) = {0};
    struct failure failure = {0};

    if (read_key_file(options, options_value(options, "token"), false, &text))
        return EXIT_FAILED;
    if (token_file_read(buffer_slice(&text), out->token_id, &secret, &failure) !=
        STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    out->alg = ALG_HS256;
    out->hs256 = hmac_key_new(secret_slice(&secret));
    return EXIT_DONE;
}

static int
open_private_key(const struct options *options, struct cli_signer *out)
{
    const char *path = options_value(options, "private-key");
    struct buffer text AUTO(buffer_wipe) = buffer_make(KEY_FILE_MAX_BYTES);
    struct failure failure = {0};

    if (read_key_file(options, path, true, &text))
        return EXIT_FAILED;
    if (pem_read_private(buffer_slice(&text), &out->es256, &failure) != STATUS_OK)
        return cli_failed(options, "%s: %s", path, failure.text);
    out->alg = ALG_ES256;
    return EXIT_DONE;
}

static int
open_secret_file(const struct options *options, struct cli_signer *out)
{
    const char *path = options_value(options, "secret-file");
    struct buffer text AUTO(buffer_wipe) = buffer_make(KEY_FILE_MAX_BYTES);

    if (read_key_file(options, path, false, &text))
        return EXIT_FAILED;
    struct slice secret = slice_trim(buffer_slice(&text));
    if (secret.len == 0)
        return cli_failed(options, "%s is empty; wanted is the text of a secret key",
                          path);
    out->alg = ALG_HS256;
    out->hs256 = hmac_key_new(secret);
    return EXIT_DONE;
}

int
cli_signer_open(const struct options *options, struct cli_signer *out)
{
    const char *token_id = options_value(options, "token-id");
    bool has_private = options_has(options, "private-key");
    bool has_secret = options_has(options, "secret-file");
    bool has_token = options_has(options, "token");

    if (has_token == !!token_id || has_private + has_secret != !!token_id)
        return options_refuse(options,
                              "say who signs: --token FILE, or --token-id ID with "
                              "--private-key FILE or --secret-file FILE");
    if (has_token)
        return open_token_file(options, out);
    if (!token_id[0] ||
        !slice_to_text(slice_of(token_id), out->token_id, sizeof(out->token_id)))
        return options_refuse(options,
                              "--token-id has %zu characters; wanted are 1 to %d",
                              strlen(token_id), TOKEN_ID_MAX_CHARS);
    return has_private ? open_private_key(options, out) : open_secret_file(options, out);
}

void
cli_signer_close(struct cli_signer *signer)
{
    es256_private_free(&signer->es256);
    hmac_key_free(&signer->hs256);
}

static int
read_method(const struct options *options, struct cli_request *out)
{
    const char *typed = options->arguments[0];
    size_t len = strlen(typed);

    if (len == 0 || len >= sizeof(out->method))
        return options_refuse(options, "'%s' is not a method; wanted is one like GET",
                              typed);
    for (size_t i = 0; i < len; i++) {
        char letter = typed[i];
        if (letter >= 'a' && letter <= 'z')
            letter = (char)(letter - 'a' + 'A');
        if (letter < 'A' || letter > 'Z')
            return options_refuse(options, "'%s' is not a method; wanted is one like GET",
                                  typed);
        out->method[i] = letter;
    }
    return EXIT_DONE;
}

/* Puts the body into its envelope. */
static int
read_data(const struct options *options, const char *data, struct cli_request *request)
{
    struct buffer *out = &request->payload;
    struct buffer file AUTO(buffer_done) = buffer_make(JWS_MAX_BYTES);
    struct failure failure = {0};
    struct slice json = slice_of(data);
    struct json_value value;

    if (data[0] == '@') {
        if (file_read(data + 1, &file, &failure) != STATUS_OK)
            return cli_failed(options, "%s", failure.text);
        json = buffer_slice(&file);
    }
    if (json_scan(json, &value) != STATUS_OK) {
        enum status status = json_explain(json, &failure);
        (void)status;
        return cli_failed(options, "--data is not JSON: %s", failure.text);
    }
    buffer_add_text(out, "{\"data\":");
    size_t start = out->len;
    buffer_add(out, slice_trim(json));
    buffer_add_text(out, "}");
    if (buffer_check(out) != STATUS_OK)
        return cli_failed(options, "--data is too large; a message may have 1 MiB");
    request->data = (struct slice){out->at + start, out->len - start - 1};
    return EXIT_DONE;
}

int
cli_request_read(const struct options *options, struct cli_request *out)
{
    const char *type = options_value(options, "content-type");
    const char *data = options_value(options, "data");
    struct slice path = slice_of(options->arguments[1]);

    if (read_method(options, out) != EXIT_DONE)
        return EXIT_ASKED_WRONGLY;
    if (path.len == 0 || path.at[0] != '/')
        return options_refuse(options,
                              "the path '%s' does not begin with '/'; wanted is one like "
                              "/v3/whoami, without the server",
                              options->arguments[1]);
    if (!utf8_is(path))
        return options_refuse(options, "the path is not well-formed UTF-8; wanted is "
                                       "text, or bytes written as %%XX");
    out->uri = path;
    if (slice_cut(&path, '?', &out->uri))
        out->query = path;
    out->content_type = type ? slice_of(type) : SLICE("application/json");
    out->payload = buffer_make(JWS_MAX_BYTES);
    if (data)
        return read_data(options, data, out);
    buffer_add_text(&out->payload, "{}");
    return EXIT_DONE;
}

void
cli_request_done(struct cli_request *request)
{
    buffer_done(&request->payload);
}

int
cli_request_sign(const struct options *options, const struct cli_signer *signer,
                 const struct cli_request *request, int64_t issued_at_ms,
                 struct buffer *out)
{
    struct jws_request fields = {
        .alg = signer->alg,
        .kid = slice_of(signer->token_id),
        .method = slice_of(request->method),
        .content_type = request->content_type,
        .uri = request->uri,
        .query = request->query,
        .issued_at_ms = issued_at_ms,
    };

    enum status status = jws_sign(&fields, buffer_slice(&request->payload), signer->es256,
                                  signer->hs256, out);
    if (status == STATUS_TOO_LARGE)
        return cli_failed(options, "the request is too large: a message may have 1 MiB, "
                                   "and its header 8 KiB");
    if (status != STATUS_OK)
        return cli_failed(options, "signing failed: %s", status_text(status));
    return EXIT_DONE;
}
