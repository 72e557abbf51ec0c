/* SPDX-License-Identifier: Apache-2.0
 *
 * One TLS connection by OpenSSL, of either side. The socket is read through a BIO of our
 * own, which asks the stream, so that TLS too needs one recv for a request. */
#include "net/tls_stream.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

/* ---- the socket below ---- */

static int
bio_read(BIO *bio, char *at, size_t room, size_t *out_len)
{
    ssize_t got = stream_pull(BIO_get_data(bio), at, room);

    BIO_clear_retry_flags(bio);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_read(bio);
    if (got == 0)
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    *out_len = got > 0 ? (size_t)got : 0;
    return got > 0;
}

static int
bio_write(BIO *bio, const char *at, size_t len, size_t *out_len)
{
    ssize_t sent = stream_push(BIO_get_data(bio), at, len);

    BIO_clear_retry_flags(bio);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_write(bio);
    *out_len = sent > 0 ? (size_t)sent : 0;
    return sent > 0;
}

static long
bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)number;
    (void)pointer;
    if (command == BIO_CTRL_EOF)
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *
tls_stream_bio_new(void)
{
    BIO_METHOD *method =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");

    if (!method)
        return NULL;
    BIO_meth_set_read_ex(method, bio_read);
    BIO_meth_set_write_ex(method, bio_write);
    BIO_meth_set_ctrl(method, bio_control);
    return method;
}

enum status
tls_stream_join(SSL *tls, BIO_METHOD *method, struct stream *stream)
{
    BIO *bio = BIO_new(method);

    if (!bio)
        return STATUS_UNAVAILABLE;
    BIO_set_data(bio, stream);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls, bio, bio);
    return STATUS_OK;
}

/* ---- one connection ---- */

void
tls_stream_free(struct ssl_st **tls)
{
    SSL_free(*tls);
    *tls = NULL;
}

static enum stream_outcome
outcome_of(const SSL *tls, int result)
{
    switch (SSL_get_error(tls, result)) {
    case SSL_ERROR_NONE:
        return STREAM_DONE;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return STREAM_WAIT;
    case SSL_ERROR_ZERO_RETURN:
        return STREAM_END;
    default: /* a closed list of OpenSSL's, not of ours */
        return STREAM_BROKEN;
    }
}

enum stream_outcome
tls_stream_handshake(struct ssl_st *tls)
{
    ERR_clear_error();
    return outcome_of(tls, SSL_do_handshake(tls));
}

enum stream_outcome
tls_stream_read(struct ssl_st *tls, void *at, size_t room, size_t *out_len)
{
    ERR_clear_error();
    return outcome_of(tls, SSL_read_ex(tls, at, room, out_len));
}

enum stream_outcome
tls_stream_write(struct ssl_st *tls, struct slice bytes, size_t *out_len)
{
    ERR_clear_error();
    return outcome_of(tls, SSL_write_ex(tls, bytes.at, bytes.len, out_len));
}

bool
tls_stream_has_more(const struct ssl_st *tls)
{
    return SSL_has_pending(tls) == 1;
}

bool
tls_stream_is_h2(const struct ssl_st *tls)
{
    const unsigned char *name = NULL;
    unsigned len = 0;

    SSL_get0_alpn_selected(tls, &name, &len);
    return slice_equal((struct slice){name, len}, SLICE("h2"));
}

void
tls_stream_end(struct ssl_st *tls)
{
    ERR_clear_error();
    if (SSL_is_init_finished(tls) && !(SSL_get_shutdown(tls) & SSL_SENT_SHUTDOWN))
        SSL_shutdown(tls);
    ERR_clear_error();
}

const char *
tls_stream_wrong(const struct ssl_st *tls)
{
    long result = SSL_get_verify_result(tls);

    return result == X509_V_OK ? NULL : X509_verify_cert_error_string(result);
}
