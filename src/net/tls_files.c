/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates and keys from files, with words for what may be wrong with them. */
#include "net/tls_files.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"

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

enum status
tls_files_load(SSL_CTX *context, const char *cert_path, const char *key_path,
               struct failure *failure)
{
    enum status status = load_chain(context, cert_path, failure);

    if (status == STATUS_OK)
        status = load_key(context, key_path, failure);
    return status;
}
