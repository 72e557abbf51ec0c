/* SPDX-License-Identifier: Apache-2.0
 *
 * Every kind of thing that people paste, made by the openssl command at test time. */
#include "support.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "base/mem.h"
#include "crypto/pem.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char folder[] = "/tmp/test-pem-XXXXXX";
static uint8_t point[PUBLIC_KEY_BYTES]; /* of the pair in ec256-key-pair.pem */

/* Runs `openssl` with the words of `line`. */
static void
openssl(const char *line)
{
    char words[400];
    char *argv[32] = {(char[]){"openssl"}};
    size_t count = 1;
    posix_spawn_file_actions_t actions;
    pid_t child = 0;
    int status = -1;

    snprintf(words, sizeof(words), "%s", line);
    for (char *at = words; at && count < COUNT_OF(argv) - 1; count++) {
        argv[count] = at;
        at = strchr(at, ' ');
        if (at)
            *at++ = '\0';
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    assert_int_equal(posix_spawn(&child, OPENSSL, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (status != 0)
        fail_msg("failed: openssl %s", line);
}

static struct buffer
read_all(const char *name)
{
    struct buffer text = buffer_make(1 << 20);
    FILE *file = fopen(name, "rb");
    int c;

    assert_non_null(file);
    while ((c = fgetc(file)) != EOF)
        buffer_add_byte(&text, (unsigned char)c);
    fclose(file);
    return text;
}

static int
make_files(void **state)
{
    static const char *const LINES[] = {
        "ecparam -genkey -name prime256v1 -out ec256-key-pair.pem",
        "pkcs8 -topk8 -inform pem -in ec256-key-pair.pem -outform pem -nocrypt -out "
        "privateKey.pem",
        "ec -in ec256-key-pair.pem -pubout -out publicKey.pem",
        "ec -in ec256-key-pair.pem -pubout -conv_form compressed -out compressed.pem",
        "ec -in ec256-key-pair.pem -pubout -conv_form hybrid -out hybrid.pem",
        "ec -in ec256-key-pair.pem -pubout -param_enc explicit -out explicit.pem",
        "ec -in ec256-key-pair.pem -pubout -outform DER -out public.der",
        "ec -in ec256-key-pair.pem -outform DER -out private.der",
        "ec -in ec256-key-pair.pem -no_public -out nopublic.pem",
        "ec -in ec256-key-pair.pem -param_enc explicit -out explicit-private.pem",
        "pkcs8 -topk8 -in ec256-key-pair.pem -passout pass:x -out encrypted.pem",
        "ec -in ec256-key-pair.pem -aes128 -passout pass:x -out encrypted-sec1.pem",
        "ecparam -name prime256v1 -out parameters.pem",
        "req -new -x509 -key privateKey.pem -subj /CN=x -days 1 -out certificate.pem",
        "req -new -key privateKey.pem -subj /CN=x -out request.pem",
        "ecparam -genkey -name secp384r1 -noout -out p384.pem",
        "ec -in p384.pem -pubout -out p384-public.pem",
        "ecparam -genkey -name secp256k1 -noout -out k256.pem",
        "ec -in k256.pem -pubout -out k256-public.pem",
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem",
        "pkey -in rsa.pem -pubout -out rsa-public.pem",
        "rsa -in rsa.pem -RSAPublicKey_out -out rsa-pkcs1.pem",
        "pkey -in rsa.pem -traditional -out rsa-private-pkcs1.pem",
        "genpkey -algorithm ED25519 -out ed25519.pem",
        "pkey -in ed25519.pem -pubout -out ed25519-public.pem",
        "pkcs12 -export -inkey privateKey.pem -in certificate.pem -passout pass:x -out "
        "all.p12",
    };

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    for (size_t i = 0; i < COUNT_OF(LINES); i++)
        openssl(LINES[i]);
    struct buffer der AUTO(buffer_done) = read_all("public.der");
    assert_int_equal(der.len, 91);
    memcpy(point, der.at + 27, sizeof(point));
    return 0;
}

static int
remove_files(void **state)
{
    char *argv[] = {(char[]){"rm"}, (char[]){"-r"}, folder, NULL};
    pid_t child = 0;

    (void)state;
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(posix_spawn(&child, "/bin/rm", NULL, NULL, argv, environ), 0);
    return waitpid(child, NULL, 0) != child;
}

static void
accept(struct slice text)
{
    uint8_t out[PUBLIC_KEY_BYTES] = {0};
    struct failure failure = {0};

    if (pem_read_public(text, out, &failure) != STATUS_OK)
        fail_msg("refused: %s\n%.*s", failure.text, SLICE_ARG(text));
    assert_memory_equal(out, point, sizeof(point));
}

/* Refused, with `word` in what is said, and with what is wanted. */
static void
refuse(struct slice text, const char *word)
{
    uint8_t out[PUBLIC_KEY_BYTES] = {0};
    static const uint8_t untouched[PUBLIC_KEY_BYTES];
    struct failure failure = {0};

    assert_int_equal(pem_read_public(text, out, &failure), STATUS_MALFORMED);
    assert_memory_equal(out, untouched, sizeof(out));
    assert_string_equal(failure.field, "public_key");
    if (!strstr(failure.text, word))
        fail_msg("wanted '%s', heard: %s", word, failure.text);
    assert_non_null(strstr(failure.text, "publicKey.pem"));
    assert_true(strlen(failure.text) < FAILURE_TEXT_MAX - 1); /* not cut */
    assert_int_equal(!!strstr(failure.text, "treat it as leaked"),
                     !!strstr(word, "private key"));
}

static void
refuse_file(const char *name, const char *word)
{
    struct buffer text AUTO(buffer_done) = read_all(name);

    refuse(buffer_slice(&text), word);
}

static void
accept_file(const char *name)
{
    struct buffer text AUTO(buffer_done) = read_all(name);

    accept(buffer_slice(&text));
}

static void
test_the_public_file_of_the_three_commands_is_taken(void **state)
{
    (void)state;
    accept_file("publicKey.pem");
    accept_file("compressed.pem");
}

/* The text of `name` with every `from` replaced by `to`. */
static struct buffer
changed(const char *name, const char *from, const char *to)
{
    struct buffer text AUTO(buffer_done) = read_all(name);
    struct buffer out = buffer_make(1 << 20);
    size_t len = strlen(from);

    for (size_t i = 0; i < text.len;) {
        if (len && i + len <= text.len && strncmp((char *)text.at + i, from, len) == 0) {
            buffer_add_text(&out, to);
            i += len;
        } else {
            buffer_add_byte(&out, text.at[i++]);
        }
    }
    return out;
}

static void
test_white_space_and_missing_lines_are_forgiven(void **state)
{
    static const struct {
        const char *from, *to;
    } CHANGES[] = {
        {"\n", "\r\n"},
        {"\n", ""},
        {"\n", " "},
        {"\n", "\n\n"},
        {"\n", " \t\n  "},
        {"\n", "\xc2\xa0\n"},
        {"-----BEGIN PUBLIC KEY-----", ""},
        {"-----END PUBLIC KEY-----", ""},
        {"-----BEGIN PUBLIC KEY-----", "\xef\xbb\xbf-----BEGIN PUBLIC KEY-----"},
        {"-----BEGIN PUBLIC KEY-----", "\n\n  -----BEGIN PUBLIC KEY-----"},
        {"-----END PUBLIC KEY-----\n", "-----END PUBLIC KEY-----"},
        {"-----END PUBLIC KEY-----", "-----END PUBLIC KEY-----\n \n\t"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CHANGES); i++) {
        struct buffer text AUTO(buffer_done) =
            changed("publicKey.pem", CHANGES[i].from, CHANGES[i].to);
        accept(buffer_slice(&text));
    }
    struct buffer der AUTO(buffer_done) = read_all("public.der");
    char bare[BASE64_MAX_CHARS(91)];
    size_t len = base64_encode(buffer_slice(&der), bare);
    accept((struct slice){(unsigned char *)bare, len});
}

static void
test_parameters_before_a_public_key_do_no_harm(void **state)
{
    struct buffer both AUTO(buffer_done) = read_all("parameters.pem");
    struct buffer key AUTO(buffer_done) = read_all("publicKey.pem");

    (void)state;
    buffer_add(&both, buffer_slice(&key));
    accept(buffer_slice(&both));
    refuse_file("parameters.pem", "EC parameters");
}

static void
test_a_private_key_is_called_leaked_in_every_dress(void **state)
{
    static const char *const FILES[] = {
        "ec256-key-pair.pem",    "privateKey.pem",       "nopublic.pem", "encrypted.pem",
        "encrypted-sec1.pem",    "explicit-private.pem", "p384.pem",     "rsa.pem",
        "rsa-private-pkcs1.pem", "ed25519.pem",          "private.der",  "all.p12",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(FILES); i++)
        refuse_file(FILES[i], "private key");
    refuse(
        SLICE("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"a\",\"y\":\"b\",\"d\":\"c\"}"),
        "private key");
    refuse(SLICE("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNza\n"), "private key");
    refuse(SLICE("PuTTY-User-Key-File-3: x\nPrivate-Lines: 1\nAAAA\n"), "private key");
}

static void
test_a_private_key_is_seen_without_its_lines_or_damaged(void **state)
{
    static const char *const FILES[] = {"private.der", "all.p12"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(FILES); i++) {
        struct buffer der AUTO(buffer_done) = read_all(FILES[i]);
        char *text AUTO(mem_done) = mem_new(BASE64_MAX_CHARS(der.len));
        struct slice bare = {(unsigned char *)text,
                             base64_encode(buffer_slice(&der), text)};
        refuse(bare, "private key");
        refuse(slice_head(bare, bare.len - 3), "private key");
        text[40] = '?';
        refuse(bare, "private key");
    }
}

static void
test_a_private_key_beside_a_public_one_is_still_leaked(void **state)
{
    struct buffer both AUTO(buffer_done) = read_all("publicKey.pem");
    struct buffer private AUTO(buffer_done) = read_all("privateKey.pem");
    struct buffer bare AUTO(buffer_done) = read_all("publicKey.pem");
    struct buffer der AUTO(buffer_done) = read_all("private.der");
    char text[200];

    (void)state;
    buffer_add(&both, buffer_slice(&private));
    refuse(buffer_slice(&both), "private key");
    size_t len = base64_encode(buffer_slice(&der), text);
    buffer_add(&bare, (struct slice){(unsigned char *)text, len});
    refuse(buffer_slice(&bare), "private key");
}

static void
test_other_things_are_refused_by_their_name(void **state)
{
    (void)state;
    refuse_file("certificate.pem", "a certificate;");
    refuse_file("request.pem", "a certificate request");
    refuse_file("p384-public.pem", "secp384r1");
    refuse_file("k256-public.pem", "secp256k1");
    refuse_file("rsa-public.pem", "RSA");
    refuse_file("rsa-pkcs1.pem", "RSA");
    refuse_file("ed25519-public.pem", "ED25519");
    refuse_file("explicit.pem", "numbers");
    refuse_file("hybrid.pem", "point");
    refuse_file("public.der", "DER");
    refuse(SLICE("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me@here"), "SSH");
    refuse(SLICE("ecdsa-sha2-nistp256 AAAAE2VjZHNh me@here"), "SSH");
    refuse(SLICE("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n"), "SSH");
    refuse(SLICE("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"a\",\"y\":\"b\"}"), "JWK");
    refuse(SLICE("\xff\xfe-\0-\0"), "UTF-16");
    refuse(SLICE(""), "there is no public key");
    refuse(SLICE(" \r\n\t"), "there is no public key");
    refuse(SLICE("hello"), "base64");
    refuse(SLICE("-----BEGIN PUBLIC KEY-----"), "nothing in it");
    refuse(SLICE("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----"),
           "nothing in it");
    refuse(SLICE("-----BEGIN WHATEVER-----\nAAAA\n-----END WHATEVER-----"),
           "does not say BEGIN PUBLIC KEY");
}

/* The same without the lines that tell what it is. */
static void
test_other_things_are_named_without_their_lines_too(void **state)
{
    static const struct {
        const char *file, *label, *word;
    } THINGS[] = {
        {"certificate.pem", "CERTIFICATE", "a certificate;"},
        {"request.pem", "CERTIFICATE REQUEST", "a certificate request"},
        {"parameters.pem", "EC PARAMETERS", "EC parameters"},
        {"rsa-pkcs1.pem", "RSA PUBLIC KEY", "RSA"},
        {"encrypted.pem", "ENCRYPTED PRIVATE KEY", "private key"},
        {"privateKey.pem", "PRIVATE KEY", "private key"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(THINGS); i++) {
        char begin[64];
        char end[64];
        snprintf(begin, sizeof(begin), "-----BEGIN %s-----\n", THINGS[i].label);
        snprintf(end, sizeof(end), "-----END %s-----\n", THINGS[i].label);
        struct buffer text AUTO(buffer_done) = changed(THINGS[i].file, begin, "");
        size_t cut = text.len - strlen(end);
        assert_int_equal(strncmp((char *)text.at + cut, end, strlen(end)), 0);
        text.len = cut;
        refuse(buffer_slice(&text), THINGS[i].word);
        /* and under the label that we want */
        struct buffer dressed AUTO(buffer_done) = buffer_make(1 << 20);
        buffer_add_text(&dressed, "-----BEGIN PUBLIC KEY-----\n");
        buffer_add(&dressed, buffer_slice(&text));
        buffer_add_text(&dressed, "-----END PUBLIC KEY-----\n");
        refuse(buffer_slice(&dressed), THINGS[i].word);
    }
}

static void
test_one_key_and_nothing_else_is_taken(void **state)
{
    struct buffer twice AUTO(buffer_done) = read_all("publicKey.pem");
    struct buffer more AUTO(buffer_done) = read_all("publicKey.pem");
    struct buffer before AUTO(buffer_done) = buffer_make(1000);
    struct buffer mixed AUTO(buffer_done) =
        changed("publicKey.pem", "END PUBLIC", "END RSA PUBLIC");

    (void)state;
    buffer_add_text(&before, "my key:\n");
    buffer_add(&before, buffer_slice(&more));
    refuse(buffer_slice(&before), "other text");
    buffer_add_text(&more, "trailing words");
    refuse(buffer_slice(&more), "other text");
    struct buffer once AUTO(buffer_done) = read_all("publicKey.pem");
    buffer_add(&twice, buffer_slice(&once));
    refuse(buffer_slice(&twice), "more than one");
    refuse(buffer_slice(&mixed), "does not say END PUBLIC KEY");
}

/* Each single lost, doubled or altered character of the base64 is noticed, or gives
 * another point, which is then off the curve. */
static void
test_a_damaged_key_is_refused(void **state)
{
    struct buffer der AUTO(buffer_done) = read_all("public.der");
    char text[BASE64_MAX_CHARS(91)];
    uint8_t out[PUBLIC_KEY_BYTES];

    (void)state;
    struct slice whole = {(unsigned char *)text, base64_encode(buffer_slice(&der), text)};
    for (size_t i = 0; i < whole.len; i++) {
        char was = text[i];
        struct failure failure = {0};
        text[i] = was == 'A' ? 'B' : 'A';
        assert_int_equal(pem_read_public(whole, out, &failure), STATUS_MALFORMED);
        text[i] = was;
        failure = (struct failure){0};
        assert_int_equal(pem_read_public(slice_head(whole, i), out, &failure),
                         STATUS_MALFORMED);
    }
    accept(whole);

    der.at[90] ^= 1;
    whole.len = base64_encode(buffer_slice(&der), text);
    refuse(whole, "not on the curve");
    der.at[90] ^= 1;
    buffer_add_byte(&der, 0);
    char longer[BASE64_MAX_CHARS(92)];
    size_t len = base64_encode(buffer_slice(&der), longer);
    refuse((struct slice){(unsigned char *)longer, len}, "1 bytes too many");
}

static void
test_the_point_at_infinity_is_no_key(void **state)
{
    static const uint8_t INFINITY_DER[] = {0x30, 0x19, 0x30, 0x13, 0x06, 0x07, 0x2a,
                                           0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                           0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
                                           0x01, 0x07, 0x03, 0x02, 0x00, 0x00};
    char text[BASE64_MAX_CHARS(sizeof(INFINITY_DER))];
    size_t len = base64_encode((struct slice){INFINITY_DER, sizeof(INFINITY_DER)}, text);

    (void)state;
    refuse((struct slice){(unsigned char *)text, len}, "infinity");
}

static void
test_a_text_of_any_size_is_judged(void **state)
{
    struct buffer huge AUTO(buffer_done) = buffer_make(1 << 20);

    (void)state;
    for (size_t i = 0; i < 70000; i++)
        buffer_add_byte(&huge, 'A');
    refuse(buffer_slice(&huge), "70000 bytes");
    refuse(slice_head(buffer_slice(&huge), 65535), "base64");
}

static void
check_private(const char *name)
{
    struct buffer text AUTO(buffer_wipe) = read_all(name);
    struct es256_private *key AUTO(es256_private_free) = NULL;
    struct failure failure = {0};
    uint8_t out[PUBLIC_KEY_BYTES];

    if (pem_read_private(buffer_slice(&text), &key, &failure) != STATUS_OK)
        fail_msg("%s: %s", name, failure.text);
    es256_private_point(key, out);
    assert_memory_equal(out, point, sizeof(point));
}

static void
test_both_private_files_of_the_three_commands_sign(void **state)
{
    (void)state;
    check_private("ec256-key-pair.pem");
    check_private("privateKey.pem");
    check_private("nopublic.pem");
    struct buffer crlf AUTO(buffer_wipe) = changed("ec256-key-pair.pem", "\n", "\r\n");
    FILE *file = fopen("crlf.pem", "wb");
    assert_int_equal(fwrite(crlf.at, 1, crlf.len, file), crlf.len);
    fclose(file);
    check_private("crlf.pem");
}

static void
test_foreign_private_keys_are_refused_with_words(void **state)
{
    static const struct {
        const char *file, *word;
    } FILES[] = {
        {"publicKey.pem", "it is a public key"},
        {"p384.pem", "another kind or curve"},
        {"k256.pem", "another kind or curve"},
        {"rsa.pem", "another kind or curve"},
        {"ed25519.pem", "another kind or curve"},
        {"encrypted.pem", "passphrase"},
        {"encrypted-sec1.pem", "passphrase"},
        {"explicit-private.pem", "another kind or curve"},
        {"private.der", "no BEGIN PRIVATE KEY"},
        {"certificate.pem", "no BEGIN PRIVATE KEY"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(FILES); i++) {
        struct buffer text AUTO(buffer_done) = read_all(FILES[i].file);
        struct es256_private *key = NULL;
        struct failure failure = {0};
        assert_int_equal(pem_read_private(buffer_slice(&text), &key, &failure),
                         STATUS_MALFORMED);
        assert_null(key);
        if (!strstr(failure.text, FILES[i].word))
            fail_msg("%s: %s", FILES[i].file, failure.text);
    }
    struct failure failure = {0};
    struct es256_private *key = NULL;
    struct buffer cut AUTO(buffer_done) = read_all("privateKey.pem");
    assert_int_equal(
        pem_read_private(slice_head(buffer_slice(&cut), 100), &key, &failure),
        STATUS_MALFORMED);
    assert_non_null(strstr(failure.text, "damaged"));
    assert_int_equal(pem_read_private((struct slice){0}, &key, &failure),
                     STATUS_MALFORMED);
}

static void
test_what_we_write_openssl_reads(void **state)
{
    struct es256_private *key = NULL;
    struct es256_private *again = NULL;
    struct buffer public AUTO(buffer_done) = buffer_make(4096);
    struct buffer private AUTO(buffer_wipe) = buffer_make(4096);
    uint8_t ours[PUBLIC_KEY_BYTES];
    uint8_t theirs[PUBLIC_KEY_BYTES];
    struct failure failure = {0};

    (void)state;
    assert_int_equal(es256_private_make(&key), STATUS_OK);
    es256_private_point(key, ours);
    pem_write_public(ours, &public);
    assert_int_equal(pem_write_private(key, &private), STATUS_OK);
    assert_true(
        slice_starts(buffer_slice(&private), SLICE("-----BEGIN PRIVATE KEY-----")));
    FILE *file = fopen("made.pem", "wb");
    assert_int_equal(fwrite(private.at, 1, private.len, file), private.len);
    fclose(file);
    openssl("pkey -in made.pem -check -noout");
    openssl("pkey -in made.pem -pubout -out made-public.pem");
    struct buffer by_openssl AUTO(buffer_done) = read_all("made-public.pem");
    assert_true(slice_equal(buffer_slice(&public), buffer_slice(&by_openssl)));

    assert_int_equal(pem_read_public(buffer_slice(&public), theirs, &failure), STATUS_OK);
    assert_memory_equal(ours, theirs, sizeof(ours));
    assert_int_equal(pem_read_private(buffer_slice(&private), &again, &failure),
                     STATUS_OK);
    es256_private_free(&again);

    struct buffer small AUTO(buffer_done) = buffer_make(10);
    assert_int_equal(pem_write_private(key, &small), STATUS_TOO_LARGE);
    es256_private_free(&key);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_public_file_of_the_three_commands_is_taken),
        cmocka_unit_test(test_white_space_and_missing_lines_are_forgiven),
        cmocka_unit_test(test_parameters_before_a_public_key_do_no_harm),
        cmocka_unit_test(test_a_private_key_is_called_leaked_in_every_dress),
        cmocka_unit_test(test_a_private_key_is_seen_without_its_lines_or_damaged),
        cmocka_unit_test(test_a_private_key_beside_a_public_one_is_still_leaked),
        cmocka_unit_test(test_other_things_are_refused_by_their_name),
        cmocka_unit_test(test_other_things_are_named_without_their_lines_too),
        cmocka_unit_test(test_one_key_and_nothing_else_is_taken),
        cmocka_unit_test(test_a_damaged_key_is_refused),
        cmocka_unit_test(test_the_point_at_infinity_is_no_key),
        cmocka_unit_test(test_a_text_of_any_size_is_judged),
        cmocka_unit_test(test_both_private_files_of_the_three_commands_sign),
        cmocka_unit_test(test_foreign_private_keys_are_refused_with_words),
        cmocka_unit_test(test_what_we_write_openssl_reads),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
