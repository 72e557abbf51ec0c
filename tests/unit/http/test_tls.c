/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates: what is refused and in which words, reading them again, and which TLS is
 * spoken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

static char cert[128], key[128], other_cert[128], other_key[128];

static void
remove_pair(char *cert_path, char *key_path)
{
    unlink(cert_path);
    unlink(key_path);
    *strrchr(cert_path, '/') = '\0';
    rmdir(cert_path);
}

static int
make_files(void **state)
{
    (void)state;
    make_certificate(cert, key);
    make_certificate(other_cert, other_key);
    return 0;
}

static int
remove_files(void **state)
{
    (void)state;
    remove_pair(cert, key);
    remove_pair(other_cert, other_key);
    return 0;
}

static void
check_refused(const char *cert_path, const char *key_path, enum status status,
              const char *field, const char *words)
{
    struct tls_server *tls = NULL;
    struct failure failure = {0};

    assert_int_equal(tls_server_open(cert_path, key_path, &tls, &failure), status);
    assert_null(tls);
    assert_string_equal(failure.field, field);
    if (!strstr(failure.text, words))
        fail_msg("'%s' does not say '%s'", failure.text, words);
}

static void
test_files_that_do_not_serve_are_refused_in_plain_words(void **state)
{
    (void)state;
    check_refused("/nonexistent/cert", key, STATUS_NOT_FOUND, "tls_cert",
                  "'/nonexistent/cert' cannot be read");
    check_refused(cert, "/nonexistent/key", STATUS_NOT_FOUND, "tls_key",
                  "'/nonexistent/key' cannot be read");
    check_refused(key, key, STATUS_MALFORMED, "tls_cert", "does not hold a certificate");
    check_refused(cert, cert, STATUS_REFUSED, "tls_key", "has mode 0644");
    check_refused(cert, other_key, STATUS_CONFLICT, "tls_key", "does not belong");
    check_refused(cert, "/tmp", STATUS_MALFORMED, "tls_key", "is not a file");
}

static void
test_a_key_that_others_may_read_is_refused(void **state)
{
    struct tls_server *tls = NULL;
    struct failure failure = {0};

    (void)state;
    assert_int_equal(chmod(key, 0640), 0);
    assert_int_equal(tls_server_open(cert, key, &tls, &failure), STATUS_OK);
    tls_server_close(&tls);
    assert_int_equal(chmod(key, 0644), 0);
    check_refused(cert, key, STATUS_REFUSED, "tls_key", "has mode 0644");
    assert_int_equal(chmod(key, 0600), 0);
}

/* The certificate that a new connection is shown. */
static X509 *
shown_certificate(const struct house *house)
{
    struct client client = client_open(house->port, true);
    X509 *shown = SSL_get1_peer_certificate(client.tls);

    client_close(&client);
    assert_non_null(shown);
    return shown;
}

static void
test_a_reload_shows_the_new_certificate_and_a_bad_one_keeps_the_old(void **state)
{
    char paths[2][128];
    struct house house;
    struct failure failure = {0};
    char answer[4096];

    (void)state;
    make_certificate(paths[0], paths[1]);
    house_init(&house);
    assert_int_equal(tls_server_open(paths[0], paths[1], &house.shared.tls, &failure),
                     STATUS_OK);
    house_open(&house);
    struct client old = client_open(house.port, true);
    X509 *first = shown_certificate(&house);

    assert_int_equal(rename(other_cert, paths[0]), 0); /* its key is still missing */
    assert_int_equal(tls_server_reload(house.shared.tls, &failure), STATUS_CONFLICT);
    X509 *second = shown_certificate(&house);
    assert_int_equal(X509_cmp(first, second), 0);

    assert_int_equal(rename(other_key, paths[1]), 0);
    assert_int_equal(tls_server_reload(house.shared.tls, &failure), STATUS_OK);
    X509 *third = shown_certificate(&house);
    assert_int_not_equal(X509_cmp(first, third), 0);

    client_send_text(&old, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(client_answer(&old, answer, sizeof(answer)), 200);
    client_close(&old);
    house_close(&house);
    tls_server_close(&house.shared.tls);
    X509_free(first);
    X509_free(second);
    X509_free(third);
    remove_pair(paths[0], paths[1]);
}

/* Which version both sides agree on when the client speaks none newer than `most`. */
static int
agreed_version(const struct house *house, int most)
{
    struct client client = client_open(house->port, false);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *tls = NULL;
    int version = 0;

    SSL_CTX_set_security_level(context, 0); /* else OpenSSL itself refuses TLS 1.1 */
    SSL_CTX_set_max_proto_version(context, most);
    tls = SSL_new(context);
    SSL_set_fd(tls, client.fd);
    if (SSL_connect(tls) == 1)
        version = SSL_version(tls);
    SSL_free(tls);
    SSL_CTX_free(context);
    client_close(&client);
    return version;
}

static void
test_tls_older_than_1_2_is_not_spoken(void **state)
{
    struct house house;

    (void)state;
    house_init(&house);
    house.shared.tls = test_tls();
    house_open(&house);
    assert_int_equal(agreed_version(&house, TLS1_3_VERSION), TLS1_3_VERSION);
    assert_int_equal(agreed_version(&house, TLS1_2_VERSION), TLS1_2_VERSION);
    assert_int_equal(agreed_version(&house, TLS1_1_VERSION), 0);
    house_close(&house);
}

static void
say_tls(void *ctx, struct http_call *call)
{
    struct http_reply reply = {
        .status = 200, .body = http_call_is_tls(call) ? SLICE("tls") : SLICE("plain")};

    (void)ctx;
    http_call_answer(call, &reply);
}

static void
test_a_call_knows_whether_it_came_by_tls(void **state)
{
    struct house house;
    char answer[4096];

    (void)state;
    for (int is_tls = 0; is_tls < 2; is_tls++) {
        house_init(&house);
        house.handler = say_tls;
        house.shared.tls = is_tls ? test_tls() : NULL;
        house_open(&house);
        struct client client = client_open(house.port, is_tls);
        client_send_text(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_int_equal(client_answer(&client, answer, sizeof(answer)), 200);
        assert_string_equal(strstr(answer, "\r\n\r\n") + 4, is_tls ? "tls" : "plain");
        client_close(&client);
        house_close(&house);
    }
}

static void *
shake_hands(void *house)
{
    char answer[4096];
    struct client client = client_open(((struct house *)house)->port, true);
    void *failed = house;

    if (client.fd >= 0 &&
        client_send_text(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n") &&
        client_answer(&client, answer, sizeof(answer)) == 200)
        failed = NULL;
    client_close(&client);
    return failed;
}

/* Each handshake costs a signature; many at once wait for each other, none is lost. */
static void
test_many_handshakes_at_once_all_succeed(void **state)
{
    enum { COUNT = 40 };
    struct house house;
    pthread_t threads[COUNT];
    void *failed = NULL;

    (void)state;
    house_init(&house);
    house.shared.tls = test_tls();
    house_open(&house);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, shake_hands, &house), 0);
    for (int i = 0; i < COUNT; i++) {
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    house_close(&house);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_that_do_not_serve_are_refused_in_plain_words),
        cmocka_unit_test(test_a_key_that_others_may_read_is_refused),
        cmocka_unit_test(
            test_a_reload_shows_the_new_certificate_and_a_bad_one_keeps_the_old),
        cmocka_unit_test(test_tls_older_than_1_2_is_not_spoken),
        cmocka_unit_test(test_a_call_knows_whether_it_came_by_tls),
        cmocka_unit_test(test_many_handshakes_at_once_all_succeed),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
