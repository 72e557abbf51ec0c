/* SPDX-License-Identifier: Apache-2.0
 *
 * `tokenhouse verify`: takes a message apart and says step by step what holds. It judges
 * any compact JWS (RFC 7515) with ES256 or HS256; what makes a message one of our
 * requests is noted beside. It asks no server, so it does not know tokens. */
#include "base/auto.h"
#include "base/base64url.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/cli_house.h"
#include "cli/commands_all.h"
#include "crypto/pem.h"
#include "crypto/sha256.h"
#include "jose/jwk.h"
#include "jose/jws.h"
#include "json/scan.h"
#include "json/write.h"

#include <stdio.h>

enum {
    KEY_MAX_BYTES = 64 * 1024,
    SHOWN_MAX_BYTES = 200, /* of a value, for a terminal */
    FRESH_MS = 300 * 1000, /* the usual value of the setting freshness_s */
    LINE_MAX_BYTES = 600,
};

/* What a step said. */
enum finding { FINDING_HOLDS = 1, FINDING_FAILS, FINDING_NOTE, FINDING_UNKNOWN };

/* The key that the message is held against. */
struct check_key {
    enum alg alg;
    struct es256_key *es256;
    struct hmac_key *hs256;
};

/* A message being taken apart. */
struct check {
    struct check_key key;
    struct jws jws;
    struct buffer header, payload, signature; /* decoded */
    struct json_member members[JSON_FLAT_MAX_COUNT];
    size_t member_count;
    enum alg alg; /* the header's; 0 = none that we know */
    bool has_failed;
    bool is_json;           /* asked for */
    struct buffer report;   /* of the steps */
    struct json_writer out; /* writes into `report` */
};

static const char *
finding_name(enum finding finding)
{
    switch (finding) {
    case FINDING_HOLDS:
        return "holds";
    case FINDING_FAILS:
        return "fails";
    case FINDING_NOTE:
        return "note";
    case FINDING_UNKNOWN:
        return "unknown";
    }
    return "?";
}

/* Prints text from a message. Control characters, the two-byte ones (C2 80 … C2 9F) too,
 * are shown as '?', so no message plays tricks on a terminal. */
static void
print_clean(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        bool is_c1 = c >= 0x80 && c < 0xa0 && i > 0 && text.at[i - 1] == 0xc2;
        putchar(c < 0x20 || c == 0x7f || is_c1 ? '?' : c);
    }
}

/* Says what a step found. */
__attribute__((format(printf, 4, 5))) static void
say(struct check *check, enum finding finding, const char *step, const char *format, ...)
{
    char text[LINE_MAX_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    check->has_failed |= finding == FINDING_FAILS;
    if (check->is_json) {
        json_write_object(&check->out);
        json_write_member_text(&check->out, "step", step);
        json_write_member_text(&check->out, "result", finding_name(finding));
        json_write_member_text(&check->out, "text", text);
        json_write_end(&check->out);
        return;
    }
    printf("%-7s  %-9s  ", finding_name(finding), step);
    print_clean(slice_of(text));
    putchar('\n');
}

/* ---- the key ---- */

static int
key_of_point(const struct options *options, const uint8_t point[PUBLIC_KEY_BYTES],
             struct check_key *out)
{
    enum status status = es256_key_new(point, &out->es256);

    if (status == STATUS_MALFORMED)
        return cli_failed(options, "the key cannot be used: its point is not on P-256");
    if (status != STATUS_OK)
        return cli_failed(options, "the crypto library failed");
    out->alg = ALG_ES256;
    return EXIT_DONE;
}

static int
open_jwk(const struct options *options, struct slice text, struct check_key *out)
{
    struct jwk jwk AUTO(jwk_done) = {0};
    struct failure failure = {0};

    if (jwk_read(text, &jwk, &failure) != STATUS_OK)
        return cli_failed(options, "%s: %s", options_value(options, "jwk"), failure.text);
    if (jwk.has_private)
        fprintf(stderr,
                "tokenhouse verify: note: the JWK holds a private key (\"d\"); it is not "
                "needed here and was not read\n");
    if (jwk.alg == ALG_ES256)
        return key_of_point(options, jwk.point, out);
    out->alg = ALG_HS256;
    out->hs256 = hmac_key_new(secret_slice(&jwk.secret));
    return EXIT_DONE;
}

static int
open_public_key(const struct options *options, struct slice text, struct check_key *out)
{
    uint8_t point[PUBLIC_KEY_BYTES];
    struct failure failure = {0};

    if (pem_read_public(text, point, &failure) != STATUS_OK)
        return cli_failed(options, "%s: %s", options_value(options, "public-key"),
                          failure.text);
    return key_of_point(options, point, out);
}

/* The key is the text of the file, without the line end that editors add. */
static int
open_secret(const struct options *options, struct slice text, struct check_key *out)
{
    if (text.len > 0 && text.at[text.len - 1] == '\n')
        text.len--;
    if (text.len > 0 && text.at[text.len - 1] == '\r')
        text.len--;
    if (text.len == 0)
        return cli_failed(options, "the secret key is empty");
    out->alg = ALG_HS256;
    out->hs256 = hmac_key_new(text);
    return EXIT_DONE;
}

static int
open_key(const struct options *options, struct check_key *out)
{
    static const struct {
        const char *option;
        int (*open)(const struct options *options, struct slice text,
                    struct check_key *out);
    } KINDS[] = {
        {"public-key", open_public_key},
        {"secret-file", open_secret},
        {"jwk", open_jwk},
    };
    struct buffer text AUTO(buffer_wipe) = buffer_make(KEY_MAX_BYTES);
    struct failure failure = {0};
    size_t chosen = COUNT_OF(KINDS);

    for (size_t i = 0; i < COUNT_OF(KINDS); i++) {
        if (!options_has(options, KINDS[i].option))
            continue;
        if (chosen < COUNT_OF(KINDS))
            return options_refuse(options, "--%s and --%s are given; wanted is one key",
                                  KINDS[chosen].option, KINDS[i].option);
        chosen = i;
    }
    if (chosen == COUNT_OF(KINDS))
        return options_refuse(options, "no key is given; wanted is --public-key FILE, "
                                       "--secret-file FILE or --jwk FILE");
    if (file_read(options_value(options, KINDS[chosen].option), &text, &failure) !=
        STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    return KINDS[chosen].open(options, buffer_slice(&text), out);
}

/* ---- the steps ---- */

static bool
decode(struct slice text, struct buffer *out)
{
    size_t room = BASE64URL_MAX_BYTES(text.len);
    unsigned char *bytes = buffer_reserve(out, room + 1);

    return bytes && base64url_decode(text, bytes, room, &out->len) == STATUS_OK;
}

/* Is it three parts, strictly encoded? */
static void
check_form(struct check *check, struct slice message)
{
    struct {
        const char *name;
        struct slice text;
        struct buffer *out;
    } parts[3];
    enum status status = jws_cut(message, &check->jws);

    if (status == STATUS_TOO_LARGE) {
        say(check, FINDING_FAILS, "form", "the message has %zu bytes; at most are %d",
            message.len, JWS_MAX_BYTES);
        return;
    }
    if (status != STATUS_OK) {
        say(check, FINDING_FAILS, "form",
            "not a compact JWS: wanted are header, payload and signature, separated by "
            "two dots");
        return;
    }
    parts[0].name = "header", parts[0].text = check->jws.header;
    parts[1].name = "payload", parts[1].text = check->jws.payload;
    parts[2].name = "signature", parts[2].text = check->jws.signature;
    parts[0].out = &check->header;
    parts[1].out = &check->payload;
    parts[2].out = &check->signature;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!decode(parts[i].text, parts[i].out))
            say(check, FINDING_FAILS, "form",
                "the %s is not strict base64url (no padding, no blanks, no foreign "
                "characters, no spare bits)",
                parts[i].name);
    }
    if (!check->has_failed)
        say(check, FINDING_HOLDS, "form",
            "three parts: header %zu, payload %zu, signature %zu bytes",
            check->header.len, check->payload.len, check->signature.len);
}

static void
show_member(struct check *check, const struct json_member *member)
{
    struct slice value = slice_head(member->value.raw, SHOWN_MAX_BYTES);
    bool is_text = member->value.kind == JSON_KIND_STRING;

    if (json_text_is(&member->name, SLICE("alg"))) {
        unsigned char text[SHOWN_MAX_BYTES];
        if (is_text && member->value.raw.len <= sizeof(text) &&
            alg_read((struct slice){text, json_unescape(&member->value, text)},
                     &check->alg) != STATUS_OK)
            check->alg = 0;
    }
    if (check->is_json)
        return;
    printf("%-7s  %-9s    ", "", "");
    print_clean(slice_head(member->name.raw, SHOWN_MAX_BYTES));
    printf(is_text ? ": \"" : ": ");
    print_clean(value);
    printf("%s%s\n", is_text ? "\"" : "", value.len < member->value.raw.len ? " …" : "");
}

/* Is the header what RFC 7515 asks for, and what our requests need? The scanner has
 * checked it, so it holds no control characters. */
static void
check_header(struct check *check, struct jws_header *out, bool *out_is_request)
{
    struct slice text = buffer_slice(&check->header);
    struct jws_fault fault = {0};
    /* jws_header_read() resolves escapes in place, and the members are shown as they came
     */
    unsigned char *copy = mem_new(text.len + 1);

    if (text.len)
        memcpy(copy, text.at, text.len);
    *out_is_request = jws_header_read(copy, text.len, out, &fault) == STATUS_OK;
    mem_free(&copy);
    if (*out_is_request)
        say(check, FINDING_HOLDS, "header", "a header of a request");
    else if (fault.is_kid_only)
        say(check, FINDING_HOLDS, "header", "a JOSE header; but %s", fault.text);
    else
        say(check, FINDING_FAILS, "header", "%s", fault.text);
    if (json_scan_flat(text, check->members, COUNT_OF(check->members),
                       &check->member_count) != STATUS_OK)
        return;
    for (size_t i = 0; i < check->member_count; i++)
        show_member(check, &check->members[i]);
}

static void
check_alg(struct check *check)
{
    if (check->alg == check->key.alg)
        say(check, FINDING_HOLDS, "alg", "%s, as the key wants it",
            alg_name(check->key.alg));
    else
        say(check, FINDING_FAILS, "alg",
            "the key is for %s and the message says otherwise; a message cannot choose",
            alg_name(check->key.alg));
}

static void
check_signature(struct check *check)
{
    struct slice signature = buffer_slice(&check->signature);
    uint8_t digest[SHA256_BYTES];
    bool fits = false;
    enum status status = STATUS_OK;

    if (check->alg != check->key.alg) {
        say(check, FINDING_UNKNOWN, "signature", "not checked: the key does not fit");
        return;
    }
    if (check->key.alg == ALG_ES256) {
        sha256(check->jws.signing_input, digest);
        status = es256_verify(check->key.es256, digest, signature, &fits);
    } else {
        fits = hmac_fits(check->key.hs256, check->jws.signing_input, signature);
    }
    size_t wanted = check->key.alg == ALG_ES256 ? ES256_SIGNATURE_BYTES : HMAC_BYTES;
    if (status != STATUS_OK)
        say(check, FINDING_FAILS, "signature", "the crypto library could not tell");
    else if (fits)
        say(check, FINDING_HOLDS, "signature",
            "made with the key, over this very message");
    else if (signature.len != wanted)
        say(check, FINDING_FAILS, "signature", "%zu bytes; %s has %zu%s", signature.len,
            alg_name(check->key.alg), wanted,
            check->key.alg == ALG_ES256 && signature.len >= 8 && signature.at[0] == 0x30
                ? " (R and S, 32 bytes each; this looks like DER)"
                : "");
    else
        say(check, FINDING_FAILS, "signature",
            "not made with this key, or the message was altered");
}

/* Notes only: what a server would say more. */
static void
check_request(struct check *check, struct jws_header *header, bool is_request)
{
    struct slice payload = buffer_slice(&check->payload);
    struct json_value value;

    if (!is_request || !header->has_method || !header->has_uri || !header->has_issued_at)
        say(check, FINDING_NOTE, "request", "not a request to a server:%s%s%s%s",
            is_request ? "" : " no usable \"kid\"",
            header->has_method || !is_request ? "" : " \"method\" is missing",
            header->has_uri || !is_request ? "" : " \"uri\" is missing",
            header->has_issued_at || !is_request ? "" : " \"issuedAt\" is missing");
    if (json_scan(payload, &value) != STATUS_OK || value.kind != JSON_KIND_OBJECT)
        say(check, FINDING_NOTE, "payload",
            "not a JSON object; a request has {} or {\"data\": …}");
    if (!is_request || !header->has_issued_at)
        return;
    int64_t age_ms = clock_now_ms() - header->issued_at_ms;
    bool is_future = age_ms < 0;
    if (is_future)
        age_ms = -age_ms;
    say(check, FINDING_NOTE, "issuedAt", "%lld.%03lld s %s: %s the usual 300 s",
        (long long)(age_ms / 1000), (long long)(age_ms % 1000),
        is_future ? "in the future" : "old", age_ms <= FRESH_MS ? "within" : "outside");
}

/* ---- the report ---- */

static void
add_json_parts(struct check *check, struct json_writer *w)
{
    struct json_value value;

    if (json_scan(buffer_slice(&check->header), &value) == STATUS_OK) {
        json_write_key(w, "header");
        json_write_raw(w, buffer_slice(&check->header));
    }
    json_write_key(w, "payload");
    if (json_scan(buffer_slice(&check->payload), &value) == STATUS_OK)
        json_write_raw(w, buffer_slice(&check->payload));
    else
        json_write_null(w);
}

static int
print_json(struct check *check)
{
    struct buffer text AUTO(buffer_done) = buffer_make(4 * JWS_MAX_BYTES);
    struct json_writer w = json_write_into(&text);

    json_write_end(&check->out);
    json_write_object(&w);
    json_write_member_bool(&w, "ok", !check->has_failed);
    json_write_key(&w, "steps");
    json_write_raw(&w, buffer_slice(&check->report));
    add_json_parts(check, &w);
    json_write_end(&w);
    if (json_write_done(&w) != STATUS_OK)
        return EXIT_FAILED;
    printf("%.*s\n", SLICE_ARG(buffer_slice(&text)));
    return EXIT_DONE;
}

static void
check_done(struct check *check)
{
    es256_key_free(&check->key.es256);
    hmac_key_free(&check->key.hs256);
    buffer_done(&check->header);
    buffer_done(&check->payload);
    buffer_done(&check->signature);
    buffer_done(&check->report);
}

static void
check_message(struct check *check, struct slice message)
{
    struct jws_header header = {0};
    bool is_request = false;

    check_form(check, message);
    if (check->has_failed)
        return;
    check_header(check, &header, &is_request);
    bool is_jws = !check->has_failed;
    check_alg(check);
    check_signature(check);
    if (is_jws)
        check_request(check, &header, is_request);
}

static int
read_message(const struct options *options, struct buffer *out)
{
    const char *message = options->arguments[0];
    struct failure failure = {0};

    if (message[0] != '@' && strcmp(message, "-") != 0) {
        buffer_add_text(out, message);
        return EXIT_DONE;
    }
    if (file_read(message[0] == '@' ? message + 1 : message, out, &failure) != STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    return EXIT_DONE;
}

static int
verify(const struct options *options)
{
    struct buffer message AUTO(buffer_done) = buffer_make(2 * JWS_MAX_BYTES);
    struct check check AUTO(check_done) = {
        .header = buffer_make(JWS_MAX_BYTES),
        .payload = buffer_make(JWS_MAX_BYTES),
        .signature = buffer_make(JWS_MAX_BYTES),
        .report = buffer_make(JWS_MAX_BYTES),
        .is_json = options_has(options, "json"),
    };

    int exit_status = open_key(options, &check.key);
    if (exit_status == EXIT_DONE)
        exit_status = read_message(options, &message);
    if (exit_status != EXIT_DONE)
        return exit_status;
    check.out = json_write_into(&check.report);
    json_write_array(&check.out);
    check_message(&check, buffer_slice(&message));
    if (check.is_json)
        exit_status = print_json(&check);
    else
        printf("%s\n", check.has_failed
                           ? "It does not hold."
                           : "The signature holds and the message is well-formed.");
    if (fflush(stdout) != 0 || check.has_failed)
        return EXIT_FAILED;
    return exit_status;
}

int
cmd_verify(int argc, char **argv)
{
    static const struct form_option OPTIONS[] = {
        {"public-key", "FILE", "the public key of an ES256 token, in PEM", false, false},
        {"secret-file", "FILE", "the secret key of an HS256 token, as text", false,
         false},
        {"jwk", "FILE", "a key as JSON (RFC 7517): EC on P-256, or oct", false, false},
        OPTION_JSON,
    };
    static const struct form VERIFY = {
        .arguments = "JWS|@FILE|-",
        .argument_min = 1,
        .argument_max = 1,
        .meaning = "take a signed message apart and say what holds",
        .options = OPTIONS,
        .option_count = COUNT_OF(OPTIONS),
        .run = verify,
        .more =
            "Exit status 0 only if the signature holds and the message is "
            "well-formed.\nNotes are about what a server would say more; they do not "
            "count. A message is\nheld against the key alone: whether its token lives "
            "is for the server to say.\n",
    };

    return form_run("verify", &VERIFY, argc, argv);
}
