/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS of the server side by OpenSSL. A certificate and its key make an SSL_CTX; reading
 * them again makes a new one for the connections that come after. */
#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <string.h>

#include "base/auto.h"
#include "base/mem.h"
#include "net/tls_files.h"
#include "net/tls_stream.h"

struct tls_server {
    pthread_mutex_t lock; /* held to take a reference to `context`, never longer */
    SSL_CTX *context;
    BIO_METHOD *socket_bio;
    char *cert_path, *key_path;
    char *client_ca_path; /* NULL: peers show no certificate */
};

static void
context_done(SSL_CTX **context)
{
    SSL_CTX_free(*context);
    *context = NULL;
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

/* A peer without a good certificate gets no further than the handshake. */
static enum status
ask_for_certificates(const struct tls_server *server, SSL_CTX *context,
                     struct failure *failure)
{
    static const unsigned char SESSIONS[] = "tokenhouse-clients";
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(server->client_ca_path);

    if (!names ||
        SSL_CTX_load_verify_locations(context, server->client_ca_path, NULL) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return failure_set(failure, STATUS_MALFORMED, "decide_client_ca",
                           "%s cannot be read as certificates in PEM",
                           server->client_ca_path);
    }
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_num_tickets(context, 0); /* each connection shows its certificate */
    SSL_CTX_set_session_id_context(context, SESSIONS, sizeof(SESSIONS) - 1);
    return STATUS_OK;
}

static enum status
context_open(const struct tls_server *server, SSL_CTX **out, struct failure *failure)
{
    SSL_CTX *context AUTO(context_done) = SSL_CTX_new(TLS_server_method());

    ERR_clear_error();
    if (!context || !set_rules(context))
        return failure_set(failure, STATUS_BROKEN, NULL, "OpenSSL cannot serve TLS 1.2");

    enum status status =
        tls_files_load(context, server->cert_path, server->key_path, failure);
    if (status == STATUS_OK && server->client_ca_path)
        status = ask_for_certificates(server, context, failure);
    ERR_clear_error();
    if (status != STATUS_OK)
        return status;
    *out = TAKE(context);
    return STATUS_OK;
}

/* ---- the server ---- */

enum status
tls_server_open(const char *cert_path, const char *key_path, struct tls_server **out,
                struct failure *failure)
{
    return tls_server_open_for(cert_path, key_path, NULL, out, failure);
}

enum status
tls_server_open_for(const char *cert_path, const char *key_path,
                    const char *client_ca_path, struct tls_server **out,
                    struct failure *failure)
{
    struct tls_server *server AUTO(tls_server_close) = mem_new(sizeof(*server));

    pthread_mutex_init(&server->lock, NULL);
    server->cert_path = mem_text(cert_path, strlen(cert_path));
    server->key_path = mem_text(key_path, strlen(key_path));
    if (client_ca_path)
        server->client_ca_path = mem_text(client_ca_path, strlen(client_ca_path));
    server->socket_bio = tls_stream_bio_new();
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
    mem_free(&(*server)->client_ca_path);
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
    if (tls_stream_join(tls, server->socket_bio, stream) != STATUS_OK) {
        SSL_free(tls);
        return STATUS_UNAVAILABLE;
    }
    SSL_set_accept_state(tls);
    *out = tls;
    return STATUS_OK;
}
