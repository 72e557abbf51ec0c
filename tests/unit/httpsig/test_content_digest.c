/* SPDX-License-Identifier: Apache-2.0
 *
 * Content-Digest (RFC 9530), with the RFC's own digests and the nearest wrong ones. */
#include "support.h"

#include "httpsig/content_digest.h"

#define BODY SLICE("{\"hello\": \"world\"}")
#define DIGEST_512                                                                      \
    "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVL" \
    "vRwEmTHWXvJwew==:"
#define DIGEST_256 "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"

static enum status
check(const char *value, struct slice body, struct failure *failure)
{
    struct http_header headers[] = {{SLICE("Host"), SLICE("x")},
                                    {SLICE("content-DIGEST"), slice_of(value)}};

    *failure = (struct failure){0};
    return content_digest_check(headers, COUNT_OF(headers), body, failure);
}

static void
test_both_digests_fit(void **state)
{
    struct failure failure;
    char written[CONTENT_DIGEST_CHARS];

    (void)state;
    OK(check(DIGEST_512, BODY, &failure));
    OK(check(DIGEST_256, BODY, &failure));
    OK(check(DIGEST_256 ", " DIGEST_512, BODY, &failure));
    OK(check("md5=:AAAA:, " DIGEST_256, BODY, &failure)); /* not ours to check */
    content_digest_write(BODY, written);
    assert_memory_equal(written, DIGEST_256, sizeof(written));
    content_digest_write((struct slice){0}, written);
    assert_memory_equal(written, "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
                        sizeof(written));
}

static void
test_every_digest_must_fit(void **state)
{
    struct failure failure;

    (void)state;
    assert_int_equal(check(DIGEST_256, SLICE("{\"hello\": \"World\"}"), &failure),
                     STATUS_REFUSED);
    assert_non_null(strstr(failure.text, "sha-256"));
    assert_int_equal(
        check("sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:, " DIGEST_512, BODY,
              &failure),
        STATUS_REFUSED);
    assert_int_equal(check(DIGEST_512, (struct slice){0}, &failure), STATUS_REFUSED);
}

static void
test_what_cannot_be_read_is_refused(void **state)
{
    static const char *const WRONG[] = {
        "",
        "md5=:AAAA:",
        "sha-256",
        "sha-256=abc",
        "sha-256=:AAAA:",
        "sha-256=\"X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=\"",
        "SHA-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
        DIGEST_256 ", " DIGEST_256,
        DIGEST_256 ",",
        "sha-512=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
        /* as many characters as 64 bytes have, but two bytes more; one more than 32 */
        "sha-512=:"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAAAAAAAAAAAAAA6:",
        "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA6:",
    };
    struct failure failure;
    struct http_header twice[] = {{SLICE("Content-Digest"), SLICE(DIGEST_256)},
                                  {SLICE("Content-Digest"), SLICE(DIGEST_256)}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
        assert_int_equal(check(WRONG[i], BODY, &failure), STATUS_MALFORMED);
        assert_true(failure.text[0] != '\0');
    }
    assert_int_equal(content_digest_check(twice, 2, BODY, &failure), STATUS_MALFORMED);
    assert_int_equal(content_digest_check(NULL, 0, BODY, &failure), STATUS_MALFORMED);
}

/* A body is the same in whatever pieces it comes. */
static void
test_pieces_are_the_same_body(void **state)
{
    static const char BOTH[] = DIGEST_256 ", " DIGEST_512;
    struct http_header headers[] = {{SLICE("Content-Digest"), slice_of(BOTH)}};
    struct content_digest digest = {0};
    struct failure failure = {0};

    (void)state;
    for (size_t cut = 0; cut <= BODY.len; cut++) {
        OK(content_digest_open(headers, 1, &digest, &failure));
        content_digest_add(&digest, slice_head(BODY, cut));
        content_digest_add(&digest, (struct slice){0});
        content_digest_add(&digest, slice_from(BODY, cut));
        OK(content_digest_end(&digest, &failure));
    }
    for (size_t len = 0; len < BODY.len; len++) { /* a byte less is another */
        OK(content_digest_open(headers, 1, &digest, &failure));
        content_digest_add(&digest, slice_head(BODY, len));
        assert_int_equal(content_digest_end(&digest, &failure), STATUS_REFUSED);
    }
    OK(content_digest_open(headers, 1, &digest, &failure));
    content_digest_close(&digest); /* called off, twice */
    content_digest_close(&digest);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_digests_fit),
        cmocka_unit_test(test_every_digest_must_fit),
        cmocka_unit_test(test_what_cannot_be_read_is_refused),
        cmocka_unit_test(test_pieces_are_the_same_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
