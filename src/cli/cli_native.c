/* SPDX-License-Identifier: Apache-2.0
 *
 * Covers method, target, body and type; says who, when, by what and once. */
#include "cli/cli_native.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "base/random.h"
#include "cli/cli_house.h"
#include "httpsig/signature.h"

enum {
    TARGET_MAX_BYTES = 16 * 1024,
    FIELD_MAX_BYTES = 4096,
    NONCE_BYTES = 16,
};

struct cli_native
cli_native_make(void)
{
    return (struct cli_native){.target = buffer_make(TARGET_MAX_BYTES),
                               .input = buffer_make(FIELD_MAX_BYTES),
                               .signature = buffer_make(FIELD_MAX_BYTES),
                               .base = buffer_make(HTTPSIG_BASE_MAX_BYTES)};
}

void
cli_native_done(struct cli_native *native)
{
    buffer_done(&native->target);
    buffer_done(&native->input);
    buffer_done(&native->signature);
    buffer_done(&native->base);
}

/* What cannot stand in a request line is percent-encoded; what is encoded already stays.
 */
static void
add_part(struct buffer *out, struct slice part)
{
    static const char HEX[] = "0123456789ABCDEF";

    for (size_t i = 0; i < part.len; i++) {
        unsigned char c = part.at[i];
        if (c > 0x20 && c < 0x7f && !strchr("\"#<>\\^`{|}", c)) {
            buffer_add_byte(out, c);
            continue;
        }
        buffer_add_byte(out, '%');
        buffer_add_byte(out, (unsigned char)HEX[c >> 4]);
        buffer_add_byte(out, (unsigned char)HEX[c & 15]);
    }
}

static void
write_target(const struct cli_request *request, struct buffer *out)
{
    buffer_clear(out);
    add_part(out, request->uri);
    if (request->query.len > 0)
        buffer_add_byte(out, '?');
    add_part(out, request->query);
    buffer_add_byte(out, '\0');
}

static void
write_input(const struct cli_signer *signer, bool has_body, int64_t now_s,
            struct buffer *out)
{
    unsigned char nonce[NONCE_BYTES];
    char text[BASE64URL_MAX_CHARS(NONCE_BYTES)];

    random_fill(nonce, sizeof(nonce));
    size_t len = base64url_encode((struct slice){nonce, sizeof(nonce)}, text);
    buffer_add_text(out, "(\"@method\" \"@target-uri\"");
    if (has_body)
        buffer_add_text(out, " \"content-digest\" \"content-type\"");
    buffer_print(out, ");created=%lld;keyid=", (long long)now_s);
    if (!sf_write_string(out, slice_of(signer->token_id)))
        out->is_short = true; /* no id of ours */
    buffer_print(out, ";nonce=\"%.*s\";alg=\"%s\";tag=\"" HTTPSIG_TAG "\"", (int)len,
                 text, httpsig_alg_name(signer->alg));
}

static void
add_header(struct cli_send *send, const char *name, struct slice value)
{
    send->headers[send->header_count++] = (struct http_header){slice_of(name), value};
}

int
cli_native_sign(const struct options *options, const struct cli_signer *signer,
                const struct cli_request *request, const struct cli_client *client,
                int64_t now_s, struct cli_native *native, struct cli_send *out)
{
    struct buffer input AUTO(buffer_done) = buffer_make(FIELD_MAX_BYTES);
    struct httpsig_key key = {.es256 = signer->es256, .hs256 = signer->hs256};
    struct failure failure = {0};

    write_target(request, &native->target);
    if (buffer_check(&native->target) != STATUS_OK)
        return cli_failed(options, "the path is longer than %d bytes", TARGET_MAX_BYTES);
    *out = (struct cli_send){.method = request->method,
                             .target = (const char *)native->target.at,
                             .body = request->data};
    if (request->data.len > 0) {
        content_digest_write(request->data, native->digest);
        add_header(out, "Content-Type", request->content_type);
        add_header(out, "Content-Digest",
                   (struct slice){(unsigned char *)native->digest, CONTENT_DIGEST_CHARS});
    }
    write_input(signer, request->data.len > 0, now_s, &input);
    if (buffer_check(&input) != STATUS_OK)
        return cli_failed(options, "the token ID holds characters that none of ours has");
    buffer_clear(&native->input);
    buffer_clear(&native->signature);
    buffer_clear(&native->base);
    struct httpsig_message message = cli_client_message(client, out);
    if (httpsig_sign(&message, SLICE("sig1"), buffer_slice(&input), &key, &native->input,
                     &native->signature, &native->base, &failure) != STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    add_header(out, "Signature-Input", buffer_slice(&native->input));
    add_header(out, "Signature", buffer_slice(&native->signature));
    return EXIT_DONE;
}
