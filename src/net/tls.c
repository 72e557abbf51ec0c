/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS by OpenSSL. A certificate and its key make an SSL_CTX; reading them again makes a
 * new one for the connections that come after. The socket is read through a BIO of our
 * own, which asks the stream, so that TLS too needs one recv for a request. */
#include "net/tls.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/mem.h"
#include "net/tls_stream.h"

struct tls_server {
    pthread_mutex_t lock; /* held to take a reference to `context`, never longer */
    SSL_CTX *context;
    BIO_METHOD *socket_bio;
    char *cert_path, *key_path;
};

static void
context_done(SSL_CTX **context)
{
    SSL_CTX_free(*context);
    *context = NULL;
}

/* ---- the files ---- */

/* A key that everybody may read is no secret. */
static enum status
check_key_file(const char *path, struct failure *failure)
{
    struct stat info;

    if (stat(path, &info) != 0)
        return failure_set(failure, STATUS_NOT_FOUND, "tls_key",
                           "the TLS key file '%s' cannot be read: %s", path,
                           strerror(errno));
    if (!S_ISREG(info.st_mode))
        return failure_set(failure, STATUS_MALFORMED, "tls_key",
                           "the TLS key file '%s' is not a file", path);
    if (info.st_mode & (S_IROTH | S_IWOTH))
        return failure_set(failure, STATUS_REFUSED, "tls_key",
                           "the TLS key file '%s' has mode %04o, so others may read or "
                           "write it; it must be 0600 or 0640",
                           path, (unsigned)(info.st_mode & 07777));
    return STATUS_OK;
}

static enum status
load_chain(SSL_CTX *context, const char *path, struct failure *failure)
{
    FILE *file AUTO(file_done) = fopen(path, "re");

    if (!file)
        return failure_set(failure, STATUS_NOT_FOUND, "tls_cert",
                           "the TLS certificate file '%s' cannot be read: %s", path,
                           strerror(errno));
    if (SSL_CTX_use_certificate_chain_file(context, path) != 1)
        return failure_set(failure, STATUS_MALFORMED, "tls_cert",
                           "the TLS certificate file '%s' does not hold a certificate "
                           "chain in PEM",
                           path);
    return STATUS_OK;
}

/* OpenSSL asks here for the passphrase of an encrypted key; we have nobody to ask. */
static int
note_passphrase(char *out, int size, int is_writing, void *asked)
{
    (void)out;
    (void)size;
    (void)is_writing;
    *(bool *)asked = true;
    return 0;
}

static enum status
load_key(SSL_CTX *context, const char *path, struct failure *failure)
{
    bool is_encrypted = false;
    enum status status = check_key_file(path, failure);

    if (status != STATUS_OK)
        return status;
    SSL_CTX_set_default_passwd_cb(context, note_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(context, &is_encrypted);
    int loaded = SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM);
    unsigned long error = ERR_peek_error();
    SSL_CTX_set_default_passwd_cb(context, NULL);
    SSL_CTX_set_default_passwd_cb_userdata(context, NULL);

    if (loaded == 1 && SSL_CTX_check_private_key(context) == 1)
        return STATUS_OK;
    if (is_encrypted)
        return failure_set(failure, STATUS_MALFORMED, "tls_key",
                           "the TLS key file '%s' is encrypted; it must be without a "
                           "passphrase",
                           path);
    if (loaded == 1 || (ERR_GET_LIB(error) == ERR_LIB_X509 &&
                        (ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH ||
                         ERR_GET_REASON(error) == X509_R_KEY_TYPE_MISMATCH)))
        return failure_set(failure, STATUS_CONFLICT, "tls_key",
                           "the key in '%s' does not belong to the TLS certificate",
                           path);
    return failure_set(failure, STATUS_MALFORMED, "tls_key",
                       "the TLS key file '%s' does not hold a private key in PEM", path);
}

/* ---- the context ---- */

/* RFC 7301: we like h2 best; a client that offers only others is refused. */
static int
choose_protocol(SSL *tls, const unsigned char **out, unsigned char *out_len,
                const unsigned char *offered, unsigned offered_len, void *unused)
{
    static const unsigned char OURS[] = "\x02h2\x08http/1.1";
    unsigned char *chosen = NULL;

    (void)tls;
    (void)unused;
    if (SSL_select_next_proto(&chosen, out_len, OURS, sizeof(OURS) - 1, offered,
                              offered_len) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static bool
set_rules(SSL_CTX *context)
{
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); /* tickets need none */
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    /* RFC 9113 §9.2.2: over TLS 1.2 only ephemeral keys and AEAD. */
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1;
}

static enum status
context_open(const struct tls_server *server, SSL_CTX **out, struct failure *failure)
{
    SSL_CTX *context AUTO(context_done) = SSL_CTX_new(TLS_server_method());

    ERR_clear_error();
    if (!context || !set_rules(context))
        return failure_set(failure, STATUS_BROKEN, NULL, "OpenSSL cannot serve TLS 1.2");

    enum status status = load_chain(context, server->cert_path, failure);
    if (status == STATUS_OK)
        status = load_key(context, server->key_path, failure);
    ERR_clear_error();
    if (status != STATUS_OK)
        return status;
    *out = TAKE(context);
    return STATUS_OK;
}

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

static BIO_METHOD *
bio_method_new(void)
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

/* ---- the server ---- */

enum status
tls_server_open(const char *cert_path, const char *key_path, struct tls_server **out,
                struct failure *failure)
{
    struct tls_server *server AUTO(tls_server_close) = mem_new(sizeof(*server));

    pthread_mutex_init(&server->lock, NULL);
    server->cert_path = mem_text(cert_path, strlen(cert_path));
    server->key_path = mem_text(key_path, strlen(key_path));
    server->socket_bio = bio_method_new();
    if (!server->socket_bio)
        return failure_set(failure, STATUS_BROKEN, NULL, "OpenSSL gives no BIO");
    enum status status = context_open(server, &server->context, failure);
    if (status != STATUS_OK)
        return status;
    *out = TAKE(server);
    return STATUS_OK;
}

enum status
tls_server_reload(struct tls_server *server, struct failure *failure)
{
    SSL_CTX *context AUTO(context_done) = NULL;
    enum status status = context_open(server, &context, failure);

    if (status != STATUS_OK)
        return status;
    pthread_mutex_lock(&server->lock);
    SSL_CTX *old = server->context;
    server->context = TAKE(context);
    pthread_mutex_unlock(&server->lock);
    SSL_CTX_free(old); /* lives on while connections use it */
    return STATUS_OK;
}

void
tls_server_close(struct tls_server **server)
{
    if (!*server)
        return;
    SSL_CTX_free((*server)->context);
    BIO_meth_free((*server)->socket_bio);
    pthread_mutex_destroy(&(*server)->lock);
    mem_free(&(*server)->cert_path);
    mem_free(&(*server)->key_path);
    mem_free(server);
}

/* ---- one connection ---- */

enum status
tls_stream_new(struct tls_server *server, struct stream *stream, struct ssl_st **out)
{
    pthread_mutex_lock(&server->lock);
    SSL *tls = SSL_new(server->context);
    pthread_mutex_unlock(&server->lock);
    if (!tls)
        return STATUS_UNAVAILABLE;

    BIO *bio = BIO_new(server->socket_bio);
    if (!bio) {
        SSL_free(tls);
        return STATUS_UNAVAILABLE;
    }
    BIO_set_data(bio, stream);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls, bio, bio);
    SSL_set_accept_state(tls);
    *out = tls;
    return STATUS_OK;
}

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
