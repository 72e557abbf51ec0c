/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS of the client's side by OpenSSL. The last session that a peer gave is kept, by the
 * name that its certificate was verified for, and offered to the same name again. */
#include "net/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <string.h>

#include "base/auto.h"
#include "base/ip.h"
#include "base/mem.h"
#include "net/tls_files.h"
#include "net/tls_stream.h"

enum { NAME_MAX_CHARS = 255 };

struct tls_client {
    SSL_CTX *context;
    BIO_METHOD *socket_bio;
    pthread_mutex_t lock; /* for what follows */
    SSL_SESSION *session; /* the last one; NULL: none */
    char session_name[NAME_MAX_CHARS + 1];
};

/* The name that a connection is for, as OpenSSL was told it. */
static const char *
name_of(SSL *tls)
{
    return SSL_get_ex_data(tls, 0);
}

/* OpenSSL asks whether we keep `session`: 1 = yes, its reference is ours. */
static int
keep_session(SSL *tls, SSL_SESSION *session)
{
    struct tls_client *client = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(tls), 0);
    SSL_SESSION *old;

    if (strlen(name_of(tls)) > NAME_MAX_CHARS)
        return 0;
    pthread_mutex_lock(&client->lock);
    old = client->session;
    client->session = session;
    snprintf(client->session_name, sizeof(client->session_name), "%s", name_of(tls));
    pthread_mutex_unlock(&client->lock);
    SSL_SESSION_free(old);
    return 1;
}

static void
offer_session(struct tls_client *client, SSL *tls)
{
    pthread_mutex_lock(&client->lock);
    if (client->session && strcmp(client->session_name, name_of(tls)) == 0)
        SSL_set_session(tls, client->session);
    pthread_mutex_unlock(&client->lock);
}

static bool
set_rules(SSL_CTX *context)
{
    static const unsigned char OURS[] = "\x08http/1.1";

    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_session_cache_mode(context,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_session);
    SSL_CTX_set_read_ahead(context, 1);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
           SSL_CTX_set_alpn_protos(context, OURS, sizeof(OURS) - 1) == 0;
}

static bool
is_given(const char *path)
{
    return path && path[0];
}

static enum status
load_files(SSL_CTX *context, const struct tls_client_files *files,
           struct failure *failure)
{
    if (is_given(files->ca) && SSL_CTX_load_verify_file(context, files->ca) != 1)
        return failure_set(failure, STATUS_MALFORMED, "ca_file",
                           "the file '%s' cannot be read, or holds no certificate in PEM",
                           files->ca);
    if (!is_given(files->ca) && SSL_CTX_set_default_verify_paths(context) != 1)
        return failure_set(failure, STATUS_UNAVAILABLE, "ca_file",
                           "the system's certificates cannot be read");
    if (is_given(files->cert) != is_given(files->key))
        return failure_set(failure, STATUS_MALFORMED, "client_cert",
                           "a client certificate and its key go together; one of them is "
                           "not given");
    if (!is_given(files->cert))
        return STATUS_OK;
    return tls_files_load(context, files->cert, files->key, failure);
}

enum status
tls_client_open(const struct tls_client_files *files, struct tls_client **out,
                struct failure *failure)
{
    struct tls_client *client AUTO(tls_client_close) = mem_new(sizeof(*client));

    pthread_mutex_init(&client->lock, NULL);
    ERR_clear_error();
    client->context = SSL_CTX_new(TLS_client_method());
    client->socket_bio = tls_stream_bio_new();
    if (!client->context || !client->socket_bio || !set_rules(client->context) ||
        SSL_CTX_set_ex_data(client->context, 0, client) != 1)
        return failure_set(failure, STATUS_BROKEN, NULL, "OpenSSL cannot speak TLS 1.2");
    enum status status = load_files(client->context, files, failure);
    ERR_clear_error();
    if (status != STATUS_OK)
        return status;
    *out = TAKE(client);
    return STATUS_OK;
}

void
tls_client_close(struct tls_client **client)
{
    if (!*client)
        return;
    SSL_SESSION_free((*client)->session);
    SSL_CTX_free((*client)->context);
    BIO_meth_free((*client)->socket_bio);
    pthread_mutex_destroy(&(*client)->lock);
    mem_free(client);
}

/* Whom the certificate must name, and who is asked for (RFC 6066: no addresses there). */
static bool
set_name(SSL *tls, const char *name)
{
    struct ip ip;

    if (SSL_set_ex_data(tls, 0, (void *)(uintptr_t)name) != 1)
        return false;
    if (ip_read(slice_of(name), &ip) == STATUS_OK)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), name) == 1;
    SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(tls, name) == 1 &&
           /* what the macro SSL_set_tlsext_host_name() does, which drops a const */
           SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                    (void *)(uintptr_t)name) == 1;
}

enum status
tls_stream_new_client(struct tls_client *client, const char *name, struct stream *stream,
                      struct ssl_st **out)
{
    SSL *tls = SSL_new(client->context);

    if (!tls)
        return STATUS_UNAVAILABLE;
    if (!set_name(tls, name) ||
        tls_stream_join(tls, client->socket_bio, stream) != STATUS_OK) {
        SSL_free(tls);
        return STATUS_UNAVAILABLE;
    }
    offer_session(client, tls);
    SSL_set_connect_state(tls);
    *out = tls;
    return STATUS_OK;
}
