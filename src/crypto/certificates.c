/* SPDX-License-Identifier: Apache-2.0
 *
 * X.509 by OpenSSL. */
#include "crypto/certificates.h"

#include "base/auto.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static void
bio_done(BIO **bio)
{
    BIO_free(*bio);
}

static void
x509_done(X509 **certificate)
{
    X509_free(*certificate);
}

static void
key_done(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
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

static bool
holds_private_key(struct slice pem)
{
    static const char MARK[] = "PRIVATE KEY-----";

    return pem.len > 0 && memmem(pem.at, pem.len, MARK, sizeof(MARK) - 1) != NULL;
}

enum status
certificates_check(struct slice pem, const char *field, struct failure *failure)
{
    BIO *bio AUTO(bio_done) = open_text(pem);
    size_t count = 0;

    if (holds_private_key(pem))
        return failure_set(failure, STATUS_MALFORMED, field,
                           "a private key was given where certificates are wanted; treat "
                           "it as leaked");
    for (; bio; count++) {
        X509 *certificate AUTO(x509_done) = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        if (!certificate)
            break;
    }
    ERR_clear_error();
    if (count == 0)
        return failure_set(failure, STATUS_MALFORMED, field,
                           "there is no certificate in it; wanted is PEM, BEGIN "
                           "CERTIFICATE");
    return STATUS_OK;
}

enum status
certificates_check_pair(struct slice chain_pem, struct slice key_pem,
                        struct failure *failure)
{
    enum status status = certificates_check(chain_pem, "certificate", failure);

    if (status != STATUS_OK)
        return status;
    BIO *chain AUTO(bio_done) = open_text(chain_pem);
    BIO *key_text AUTO(bio_done) = open_text(key_pem);
    X509 *certificate AUTO(x509_done) =
        chain ? PEM_read_bio_X509(chain, NULL, NULL, NULL) : NULL;
    EVP_PKEY *key AUTO(key_done) =
        key_text ? PEM_read_bio_PrivateKey(key_text, NULL, no_passphrase, NULL) : NULL;
    bool fits = certificate && key && X509_check_private_key(certificate, key) == 1;

    ERR_clear_error();
    if (!key)
        return failure_set(failure, STATUS_MALFORMED, "key",
                           "there is no private key in it; wanted is PEM without a "
                           "passphrase");
    if (!fits)
        return failure_set(failure, STATUS_MALFORMED, "key",
                           "the private key does not belong to the certificate");
    return STATUS_OK;
}
