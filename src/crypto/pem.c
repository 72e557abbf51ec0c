/* SPDX-License-Identifier: Apache-2.0
 *
 * P-256 keys as text. Reading a public key is mostly knowing what people paste instead
 * of one: the text is cut at its BEGIN and END lines (RFC 7468), each part is looked at,
 * and what is not a P-256 public key is named. Nothing that was pasted is ever quoted,
 * because it may be a private key. Rules: token rule 3 (ARCHITECTURE.md). */
#include "crypto/pem.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "base/secret.h"
#include "crypto/der.h"
#include "crypto/es256_inside.h"
#include "crypto/sha256.h"

#include <assert.h>
#include <stdio.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

enum {
    TEXT_MAX_BYTES = 64 * 1024, /* a chain of certificates fits, to be refused by name */
    LINE_CHARS = 64,            /* RFC 7468 §2 */
};

#define WANTED                                                                          \
    "wanted is the P-256 public key in PEM: the text of the file that 'openssl ec -in " \
    "ec256-key-pair.pem -pubout -out publicKey.pem' writes"
#define LEAKED                                                                         \
    "Nobody but its owner may ever have it: treat it as leaked, make a new key pair, " \
    "and give us only the public key (publicKey.pem, 'BEGIN PUBLIC KEY'). It was not " \
    "kept."

/* Labels of blocks that are not a public key as we want it, by their beginning. */
static const struct foreign_label {
    const char *head;
    const char *what;
} FOREIGN_LABELS[] = {
    {"CERTIFICATE REQUEST", "a certificate request"},
    {"NEW CERTIFICATE REQUEST", "a certificate request"},
    {"CERTIFICATE", "a certificate"},
    {"X509 CERTIFICATE", "a certificate"},
    {"TRUSTED CERTIFICATE", "a certificate"},
    {"PKCS7", "a bundle of certificates (PKCS #7)"},
    {"X509 CRL", "a list of revoked certificates"},
    {"EC PARAMETERS", "EC parameters, which name a curve and hold no key"},
    {"RSA PUBLIC KEY", "an RSA public key"},
    {"DSA PUBLIC KEY", "a DSA public key"},
    {"DH PARAMETERS", "Diffie-Hellman parameters, which hold no key"},
    {"SSH2 PUBLIC KEY", "an SSH public key"},
    {"PGP ", "a PGP block"},
};

/* Beginnings of texts without BEGIN line that we can name. */
static const struct foreign_label FOREIGN_TEXTS[] = {
    {"{", "a JWK (JSON)"},         {"[", "JSON"},
    {"ssh-", "an SSH public key"}, {"ecdsa-sha2-", "an SSH public key"},
    {"sk-", "an SSH public key"},  {"http", "an address of a web page"},
};

/* What cutting a text at its BEGIN and END lines gave. */
struct pieces {
    struct slice label; /* of the block that is taken; empty when there was no BEGIN */
    struct slice body;  /* the text of that block */
    struct slice end;   /* the label of its END line; empty when there was none */
    int block_count;    /* EC PARAMETERS before a key do not count */
    bool has_more;      /* something that is not blank stands outside the block */
};

MUST_CHECK static enum status
refuse(struct failure *failure, const char *what)
{
    return failure_set(failure, STATUS_MALFORMED, "public_key", "this is %s; " WANTED,
                       what);
}

MUST_CHECK static enum status
refuse_private(struct failure *failure, const char *what)
{
    return failure_set(failure, STATUS_MALFORMED, "public_key",
                       "this is %s, not a public key. " LEAKED, what);
}

static bool
is_blank(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Where `what` stands in `text`, in any case of letters; text.len when it does not. */
static size_t
find(struct slice text, struct slice what)
{
    for (size_t i = 0; i + what.len <= text.len; i++) {
        if (slice_equal_nocase((struct slice){text.at + i, what.len}, what))
            return i;
    }
    return text.len;
}

static bool
contains(struct slice text, struct slice what)
{
    return find(text, what) < text.len;
}

/* What follows the first `len` bytes; unlike slice_from() it points behind them even
 * when nothing follows. */
static struct slice
after(struct slice text, size_t len)
{
    return (struct slice){text.at + len, text.len - len};
}

/* How many bytes of blank `text` begins with. A no-break space (C2 A0), as web pages
 * have it, is a blank too. */
static size_t
blank_len(struct slice text)
{
    size_t len = 0;

    while (len < text.len) {
        if (is_blank(text.at[len]))
            len++;
        else if (slice_starts(after(text, len), SLICE("\xc2\xa0")))
            len += 2;
        else
            break;
    }
    return len;
}

/* Copies the characters of `text`, without what people's tools put between them. */
static void
squeeze(struct slice text, struct buffer *out)
{
    for (text = after(text, blank_len(text)); text.len > 0;
         text = after(text, blank_len(text))) {
        buffer_add_byte(out, text.at[0]);
        text = after(text, 1);
    }
}

/* Finds the next "-----BEGIN label-----" or "-----END label-----" in `rest`: what
 * stands before it goes to `before`, what follows stays in `rest`. A label that is not
 * closed ends with its line. */
static bool
cut_marker(struct slice *rest, struct slice word, struct slice *before,
           struct slice *label)
{
    size_t at = find(*rest, word);
    if (at == rest->len)
        return false;

    struct slice behind = after(*rest, at + word.len);
    size_t close = find(behind, SLICE("-----"));
    size_t mark_len = 5;
    if (close == behind.len) {
        close = find(behind, SLICE("\n"));
        mark_len = close < behind.len;
    }
    *before = slice_head(*rest, at);
    *label = slice_trim(slice_head(behind, close));
    *rest = after(behind, close + mark_len);
    return true;
}

/* Cuts `text` into its blocks and takes the one that is not EC PARAMETERS. */
static struct pieces
cut_pieces(struct slice text)
{
    struct pieces pieces = {.body = text};
    struct slice rest = text;
    struct slice before;
    struct slice label;

    while (cut_marker(&rest, SLICE("-----BEGIN "), &before, &label)) {
        struct slice block = slice_head(rest, find(rest, SLICE("-----BEGIN ")));
        struct slice body = block;
        struct slice end = {0};
        struct slice behind = block;

        if (!cut_marker(&behind, SLICE("-----END "), &body, &end))
            behind = after(block, block.len);
        rest = after(rest, (size_t)(behind.at - rest.at));
        pieces.has_more |= blank_len(before) < before.len;
        if (pieces.block_count > 0 && slice_equal(label, SLICE("EC PARAMETERS")))
            continue;
        pieces.block_count += !slice_equal(label, SLICE("EC PARAMETERS"));
        pieces.label = label;
        pieces.body = body;
        pieces.end = end;
    }
    if (pieces.label.len == 0)
        cut_marker(&rest, SLICE("-----END "), &pieces.body, &pieces.end);
    pieces.has_more |=
        (pieces.label.len > 0 || pieces.end.len > 0) && blank_len(rest) < rest.len;
    return pieces;
}

/* Does some line of `text`, or the text behind some marker, begin like the base64 of a
 * private key's DER? Looks at the first bytes only, so a damaged one is seen too. */
static bool
has_bare_private(struct slice text)
{
    enum { LOOK_CHARS = 16, LOOK_BYTES = 12 };
    bool is_start = true;

    for (size_t i = 0; i + LOOK_CHARS <= text.len; i++) {
        unsigned char c = text.at[i];
        if (is_blank(c) || c == '-' || c == '"' || c == ':') {
            is_start = true;
            continue;
        }
        unsigned char der[LOOK_BYTES];
        size_t len = 0;
        if (is_start && c == 'M' &&
            base64_decode((struct slice){text.at + i, LOOK_CHARS}, der, sizeof(der),
                          &len) == STATUS_OK &&
            der_is_private((struct slice){der, len}))
            return true;
        is_start = false;
    }
    return false;
}

/* Names a text that says of itself that it is a private key, or gives NULL. */
static const char *
name_private(struct slice text)
{
    if (contains(text, SLICE("ENCRYPTED PRIVATE KEY")))
        return "a private key (under a passphrase)";
    if (contains(text, SLICE("OPENSSH PRIVATE KEY")))
        return "an SSH private key";
    if (contains(text, SLICE("PRIVATE KEY")) || contains(text, SLICE("Private-Lines:")))
        return "a private key";
    if (slice_starts(text, SLICE("{")) && contains(text, SLICE("\"d\"")))
        return "a private key (a JWK with \"d\")";
    return NULL;
}

/* Text that is not text. */
MUST_CHECK static enum status
refuse_binary(struct slice text, struct failure *failure)
{
    if (der_is_private(text))
        return refuse_private(failure, "a private key (binary, DER)");
    if (text.len >= 2 && ((text.at[0] == 0xff && text.at[1] == 0xfe) ||
                          (text.at[0] == 0xfe && text.at[1] == 0xff)))
        return refuse(failure, "text in UTF-16; save it as plain text (UTF-8)");
    if (text.at[0] == 0x30)
        return refuse(failure, "binary data (DER?); 'openssl pkey -pubin -inform DER "
                               "-in FILE' prints such a key as PEM");
    return refuse(failure, "binary data");
}

static bool
is_binary(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((text.at[i] < 0x20 && !is_blank(text.at[i])) || text.at[i] == 0x7f ||
            text.at[i] >= 0xf8)
            return true;
    }
    /* DER can do without such bytes only when it is very short. */
    return text.len >= 2 && text.at[0] == 0x30 && text.at[1] >= 0x80;
}

/* Refuses a block by its label. */
MUST_CHECK static enum status
check_label(const struct pieces *pieces, struct failure *failure)
{
    for (size_t i = 0; i < COUNT_OF(FOREIGN_LABELS); i++) {
        if (slice_starts(pieces->label, slice_of(FOREIGN_LABELS[i].head)))
            return refuse(failure, FOREIGN_LABELS[i].what);
    }
    if (pieces->block_count > 1)
        return refuse(failure, "more than one block (BEGIN … END)");
    if (pieces->label.len > 0 && !slice_equal(pieces->label, SLICE("PUBLIC KEY")))
        return refuse(failure, "a block that does not say BEGIN PUBLIC KEY");
    if (pieces->end.len > 0 && !slice_equal(pieces->end, SLICE("PUBLIC KEY")))
        return refuse(failure, "a block that does not say END PUBLIC KEY");
    if (pieces->has_more)
        return refuse(failure, "a key with other text before or after it");
    return STATUS_OK;
}

MUST_CHECK static enum status
check_bare_text(struct slice text, struct failure *failure)
{
    for (size_t i = 0; i < COUNT_OF(FOREIGN_TEXTS); i++) {
        if (slice_starts(text, slice_of(FOREIGN_TEXTS[i].head)))
            return refuse(failure, FOREIGN_TEXTS[i].what);
    }
    if (contains(text, SLICE("BEGIN SSH2")))
        return refuse(failure, "an SSH public key");
    return STATUS_OK;
}

/* Reads the base64 between the lines. */
MUST_CHECK static enum status
read_body(struct slice body, uint8_t out[PUBLIC_KEY_BYTES], struct failure *failure)
{
    struct buffer squeezed AUTO(buffer_wipe) = buffer_make(TEXT_MAX_BYTES);
    size_t len = 0;
    char what[DER_WHAT_MAX_CHARS + 1];

    squeeze(body, &squeezed);
    if (squeezed.len == 0)
        return refuse(failure, "a block with nothing in it");
    struct slice text = buffer_slice(&squeezed);
    if (base64_decode(text, squeezed.at, text.len, &len) != STATUS_OK)
        return refuse(failure, "not readable as base64: characters are missing, altered "
                               "or too many");
    struct slice der = {squeezed.at, len};
    if (der_is_private(der))
        return refuse_private(failure, "a private key");
    if (der_read_public(der, out, what) != STATUS_OK)
        return der_is_encrypted_private(der)
                   ? refuse_private(failure, "a private key (under a passphrase)")
                   : refuse(failure, what);
    return STATUS_OK;
}

enum status
pem_read_public(struct slice text, uint8_t out[PUBLIC_KEY_BYTES], struct failure *failure)
{
    if (slice_starts(text, SLICE("\xef\xbb\xbf"))) /* byte order mark */
        text = slice_from(text, 3);
    if (blank_len(text) == text.len)
        return failure_set(failure, STATUS_MALFORMED, "public_key",
                           "there is no public key; " WANTED);
    if (text.len > TEXT_MAX_BYTES)
        return failure_set(
            failure, STATUS_MALFORMED, "public_key",
            "the text is %zu bytes long, and a public key has about 180; " WANTED,
            text.len);
    if (is_binary(text))
        return refuse_binary(text, failure);

    text = slice_trim(text);
    const char *private_what = name_private(text);
    if (private_what)
        return refuse_private(failure, private_what);

    struct pieces pieces = cut_pieces(text);
    enum status status = check_label(&pieces, failure);
    if (status == STATUS_OK && pieces.label.len == 0)
        status = check_bare_text(text, failure);
    if (status == STATUS_OK)
        status = read_body(pieces.body, out, failure);
    if (status != STATUS_OK && has_bare_private(text))
        return refuse_private(failure, "a private key");
    return status;
}

static void
bio_done(BIO **bio)
{
    BIO_free(*bio);
    *bio = NULL;
}

static void
pkey_done(EVP_PKEY **pkey)
{
    EVP_PKEY_free(*pkey);
    *pkey = NULL;
}

/* Never asks at the terminal: a key under a passphrase is refused. */
static int
no_passphrase(char *buffer, int size, int is_writing, void *was_asked)
{
    (void)buffer;
    (void)size;
    (void)is_writing;
    *(bool *)was_asked = true;
    return -1;
}

/* Is it a whole P-256 pair that names its curve? */
static bool
is_p256(EVP_PKEY *pkey)
{
    char group[32] = "";
    size_t len = 0;
    int is_explicit = 0;

    if (!EVP_PKEY_is_a(pkey, "EC") ||
        EVP_PKEY_get_group_name(pkey, group, sizeof(group), &len) != 1)
        return false;
    if (EVP_PKEY_get_int_param(pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                               &is_explicit) == 1 &&
        is_explicit)
        return false;
    return slice_equal(slice_of(group), SLICE("prime256v1")) ||
           slice_equal(slice_of(group), SLICE("P-256"));
}

static bool
is_whole_pair(EVP_PKEY *pkey)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);
    bool is_whole = context && EVP_PKEY_check(context) == 1;

    EVP_PKEY_CTX_free(context);
    return is_whole;
}

MUST_CHECK static enum status
refuse_as_private(struct failure *failure, const char *what)
{
    ERR_clear_error();
    return failure_set(failure, STATUS_MALFORMED, "private_key",
                       "the private key is not usable: %s; wanted is a P-256 private key "
                       "in PEM, as 'tokenhouse keygen' or 'openssl ecparam -genkey -name "
                       "prime256v1 -noout' writes it",
                       what);
}

enum status
pem_read_private(struct slice text, struct es256_private **out, struct failure *failure)
{
    bool was_asked = false;

    if (slice_starts(text, SLICE("\xef\xbb\xbf")))
        text = slice_from(text, 3);
    if (text.len == 0 || text.len > TEXT_MAX_BYTES)
        return refuse_as_private(failure, text.len ? "the file is too long for a key"
                                                   : "the file is empty");
    if (!contains(text, SLICE("PRIVATE KEY")))
        return refuse_as_private(failure, contains(text, SLICE("PUBLIC KEY"))
                                              ? "it is a public key"
                                              : "there is no BEGIN PRIVATE KEY in it");
    BIO *bio AUTO(bio_done) = BIO_new_mem_buf(text.at, (int)text.len);
    assert(bio);
    EVP_PKEY *pkey AUTO(pkey_done) =
        PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &was_asked);
    if (!pkey)
        return refuse_as_private(failure, was_asked
                                              ? "it is under a passphrase"
                                              : "it is damaged, or of a foreign kind");
    if (!is_p256(pkey))
        return refuse_as_private(failure, "it is of another kind or curve");
    if (!is_whole_pair(pkey))
        return refuse_as_private(failure, "its numbers do not belong together");
    *out = es256_private_take(TAKE(pkey));
    return STATUS_OK;
}

void
pem_write_public(const uint8_t point[PUBLIC_KEY_BYTES], struct buffer *out)
{
    uint8_t der[DER_PUBLIC_BYTES];
    char text[BASE64_MAX_CHARS(DER_PUBLIC_BYTES)];

    der_write_public(point, der);
    size_t len = base64_encode((struct slice){der, sizeof(der)}, text);
    buffer_add_text(out, "-----BEGIN PUBLIC KEY-----\n");
    for (size_t i = 0; i < len; i += LINE_CHARS) {
        struct slice rest = {(const unsigned char *)text + i, len - i};
        buffer_add(out, slice_head(rest, LINE_CHARS));
        buffer_add_byte(out, '\n');
    }
    buffer_add_text(out, "-----END PUBLIC KEY-----\n");
}

void
pem_fingerprint(const uint8_t point[PUBLIC_KEY_BYTES],
                char out[PEM_FINGERPRINT_CHARS + 1])
{
    uint8_t der[DER_PUBLIC_BYTES];
    uint8_t digest[SHA256_BYTES];
    char text[BASE64_MAX_CHARS(SHA256_BYTES)];

    der_write_public(point, der);
    sha256((struct slice){der, sizeof(der)}, digest);
    base64_encode((struct slice){digest, sizeof(digest)}, text);
    snprintf(out, PEM_FINGERPRINT_CHARS + 1, "SHA256:%.*s", PEM_FINGERPRINT_CHARS - 7,
             text);
}

enum status
pem_write_private(const struct es256_private *key, struct buffer *out)
{
    char *at = NULL;
    BIO *bio AUTO(bio_done) = BIO_new(BIO_s_secmem()); /* wiped when it is freed */

    if (!bio || PEM_write_bio_PKCS8PrivateKey(bio, es256_private_pkey(key), NULL, NULL, 0,
                                              NULL, NULL) != 1) {
        ERR_clear_error();
        return STATUS_BROKEN;
    }
    long len = BIO_get_mem_data(bio, &at);
    buffer_add(out, (struct slice){(const unsigned char *)at, (size_t)len});
    return buffer_check(out);
}
