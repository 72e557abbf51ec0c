/* SPDX-License-Identifier: Apache-2.0
 *
 * The .token file comes back as it was written, and as editors leave it. */
#include "support.h"

#include "base/auto.h"
#include "jose/token_file.h"

static enum status
read_file(const char *text, char id[TOKEN_ID_MAX_CHARS + 1], struct secret *secret,
          struct failure *failure)
{
    *failure = (struct failure){0};
    return token_file_read(slice_of(text), id, secret, failure);
}

static void
accept(const char *text)
{
    char id[TOKEN_ID_MAX_CHARS + 1];
    struct secret secret = {0};
    struct failure failure;

    if (read_file(text, id, &secret, &failure) != STATUS_OK)
        fail_msg("%s: %s", failure.text, text);
    assert_string_equal(id, "id-1");
    assert_slice(secret_slice(&secret), "s3cr3t+/==");
}

static void
refuse(const char *text, const char *word)
{
    char id[TOKEN_ID_MAX_CHARS + 1] = "untouched";
    struct secret secret = {.len = 3};
    struct failure failure;

    assert_int_equal(read_file(text, id, &secret, &failure), STATUS_MALFORMED);
    assert_string_equal(id, "untouched");
    if (!strstr(failure.text, word))
        fail_msg("wanted '%s', heard '%s'", word, failure.text);
    assert_null(strstr(failure.text, "s3cr3t")); /* never quoted */
}

static void
test_what_is_written_is_read(void **state)
{
    struct buffer text AUTO(buffer_wipe) = buffer_make(1000);

    (void)state;
    token_file_write(SLICE("id-1"), SLICE("s3cr3t+/=="), &text);
    assert_slice(buffer_slice(&text), "Token ID: id-1\nSecret key: s3cr3t+/==\n");
    buffer_add_byte(&text, '\0');
    accept((char *)text.at);
}

static void
test_what_editors_do_is_forgiven(void **state)
{
    (void)state;
    accept("Secret key: s3cr3t+/==\nToken ID: id-1\n");
    accept("Token ID: id-1\r\nSecret key: s3cr3t+/==\r\n");
    accept("\xef\xbb\xbfToken ID: id-1\n\n\n  Secret key :  s3cr3t+/==  ");
    accept("token id:id-1\nSECRET KEY:s3cr3t+/==");
}

static void
test_what_is_missing_or_too_much_is_named(void **state)
{
    char text[1000];

    (void)state;
    refuse("", "no token ID");
    refuse("Token ID: id-1\n", "no secret key");
    refuse("Secret key: s3cr3t", "no token ID");
    refuse("Token ID: \nSecret key: s3cr3t", "no token ID");
    refuse("Token ID: a\nToken ID: b\nSecret key: s3cr3t", "line 2 is there twice");
    refuse("Token ID: a\nSecret key: s3cr3t\nNote: s3cr3t", "line 3 is neither");
    refuse("s3cr3t", "line 1 has no colon");
    snprintf(text, sizeof(text), "Token ID: %065d\nSecret key: s3cr3t", 1);
    refuse(text, "longer than 64");
    snprintf(text, sizeof(text), "Token ID: a\nSecret key: %0513d", 1);
    refuse(text, "longer than 512");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_what_editors_do_is_forgiven),
        cmocka_unit_test(test_what_is_missing_or_too_much_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
