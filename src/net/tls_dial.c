/* SPDX-License-Identifier: Apache-2.0
 *
 * One SSL_CTX for one connection: they are made a few times a minute at most, with the
 * certificates as they are then. */
#include "net/tls_dial.h"

#include "base/auto.h"
#include "base/ip.h"
#include "base/mem.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <stdio.h>

struct tls_dial {
    SSL_CTX *context;
    SSL *tls;
    bool is_open; /* the handshake is done */
    char words[256];
};

static void
bio_done(BIO **bio)
{
    BIO_free(*bio);
}

static BIO *
open_text(struct slice text)
{
    return text.len > 0 && text.len < INT_MAX ? BIO_new_mem_buf(text.at, (int)text.len)
                                              : NULL;
}

/* An encrypted key would make OpenSSL ask at the terminal. */
static int
no_passphrase(char *out, int size, int is_writing, void *ctx)
{
    (void)out, (void)size, (void)is_writing, (void)ctx;
    return -1;
}

/* Whoever is in the file is believed, be it an authority or the receiver's own
 * certificate. */
static bool
load_authorities(SSL_CTX *context, struct slice pem)
{
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    BIO *bio AUTO(bio_done) = open_text(pem);
    size_t count = 0;

    if (pem.len == 0)
        return SSL_CTX_set_default_verify_paths(context) == 1;
    for (X509 *one; bio && (one = PEM_read_bio_X509(bio, NULL, NULL, NULL)); count++) {
        X509_STORE_add_cert(store, one);
        X509_free(one);
    }
    ERR_clear_error();
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    return count > 0;
}

static bool
load_pair(SSL_CTX *context, struct slice certificate_pem, struct slice key_pem)
{
    BIO *chain AUTO(bio_done) = open_text(certificate_pem);
    BIO *key_text AUTO(bio_done) = open_text(key_pem);
    X509 *own = chain ? PEM_read_bio_X509(chain, NULL, NULL, NULL) : NULL;
    EVP_PKEY *key =
        key_text ? PEM_read_bio_PrivateKey(key_text, NULL, no_passphrase, NULL) : NULL;
    bool is_good = own && key && SSL_CTX_use_certificate(context, own) == 1 &&
                   SSL_CTX_use_PrivateKey(context, key) == 1;

    X509_free(own);
    EVP_PKEY_free(key);
    for (X509 *one; is_good && (one = PEM_read_bio_X509(chain, NULL, NULL, NULL));) {
        if (SSL_CTX_add0_chain_cert(context, one) != 1) {
            X509_free(one);
            is_good = false;
        }
    }
    ERR_clear_error();
    return is_good;
}

static bool
expect_host(SSL *tls, const char *host)
{
    struct ip ip;

    if (ip_read(slice_of(host), &ip) == STATUS_OK)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host) == 1;
    SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(tls, host) == 1 &&
           SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                    (void *)(uintptr_t)host) == 1;
}

enum status
tls_dial_open(const struct tls_dial_setup *setup, int fd, struct tls_dial **out,
              struct failure *failure)
{
    struct tls_dial *client AUTO(tls_dial_close) = mem_new(sizeof(*client));

    ERR_clear_error();
    client->context = SSL_CTX_new(TLS_client_method());
    if (!client->context ||
        SSL_CTX_set_min_proto_version(client->context, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(client->context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
        return failure_set(failure, STATUS_BROKEN, NULL, "OpenSSL cannot speak TLS 1.2");
    SSL_CTX_set_verify(client->context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(client->context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (!load_authorities(client->context, setup->ca_pem))
        return failure_set(failure, STATUS_MALFORMED, "ca",
                           "the authorities that vouch for the receiver cannot be read");
    if (setup->certificate_pem.len > 0 &&
        !load_pair(client->context, setup->certificate_pem, setup->key_pem))
        return failure_set(failure, STATUS_MALFORMED, "certificate",
                           "our own certificate or its key cannot be read");
    client->tls = SSL_new(client->context);
    if (!client->tls || !expect_host(client->tls, setup->host) ||
        SSL_set_fd(client->tls, fd) != 1)
        return failure_set(failure, STATUS_BROKEN, NULL, "OpenSSL gives no connection");
    SSL_set_connect_state(client->tls);
    *out = TAKE(client);
    return STATUS_OK;
}

void
tls_dial_close(struct tls_dial **client)
{
    if (!*client)
        return;
    SSL_free((*client)->tls);
    SSL_CTX_free((*client)->context);
    ERR_clear_error();
    mem_free(client);
}

/* Keeps the words of what broke. */
static void
keep_words(struct tls_dial *client)
{
    unsigned long error = ERR_peek_last_error();
    long verified = SSL_get_verify_result(client->tls);
    const char *reason = error != 0 ? ERR_reason_error_string(error) : NULL;

    snprintf(client->words, sizeof(client->words), "%s%s%s%s",
             reason ? reason : strerrordesc_np(errno ? errno : ECONNRESET),
             verified != X509_V_OK ? " (" : "",
             verified != X509_V_OK ? X509_verify_cert_error_string(verified) : "",
             verified != X509_V_OK ? ")" : "");
}

static enum tls_dial_outcome
outcome_of(struct tls_dial *client, int result)
{
    switch (SSL_get_error(client->tls, result)) {
    case SSL_ERROR_NONE:
        return TLS_DIAL_DONE;
    case SSL_ERROR_WANT_READ:
        return TLS_DIAL_WANTS_READ;
    case SSL_ERROR_WANT_WRITE:
        return TLS_DIAL_WANTS_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return TLS_DIAL_END;
    case SSL_ERROR_SSL: /* many receivers end without saying so (RFC 5425 §4.4) */
        if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING &&
            client->is_open)
            return TLS_DIAL_END;
        break;
    default: /* a closed list of OpenSSL's, not of ours */
        break;
    }
    keep_words(client);
    return TLS_DIAL_BROKEN;
}

enum tls_dial_outcome
tls_dial_handshake(struct tls_dial *client)
{
    ERR_clear_error();
    errno = 0;
    enum tls_dial_outcome outcome = outcome_of(client, SSL_do_handshake(client->tls));
    client->is_open = outcome == TLS_DIAL_DONE;
    return outcome;
}

enum tls_dial_outcome
tls_dial_write(struct tls_dial *client, struct slice bytes, size_t *out_len)
{
    ERR_clear_error();
    errno = 0;
    return outcome_of(client, SSL_write_ex(client->tls, bytes.at, bytes.len, out_len));
}

enum tls_dial_outcome
tls_dial_read(struct tls_dial *client, void *at, size_t room, size_t *out_len)
{
    ERR_clear_error();
    errno = 0;
    return outcome_of(client, SSL_read_ex(client->tls, at, room, out_len));
}

enum tls_dial_outcome
tls_dial_end(struct tls_dial *client)
{
    ERR_clear_error();
    errno = 0;
    int result = SSL_shutdown(client->tls);
    return result >= 0 ? TLS_DIAL_DONE : outcome_of(client, result);
}

const char *
tls_dial_words(const struct tls_dial *client)
{
    return client->words;
}
