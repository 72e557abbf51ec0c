/* SPDX-License-Identifier: Apache-2.0
 *
 * What the house reads before it can answer: the store, the master key that its data was
 * sealed with, all tokens. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "base/log.h"
#include "base/secret.h"
#include "crypto/sha256.h"
#include "keyring/key_tables.h"

#include <stdio.h>

enum { ACCOUNT_UID_MAX = 64 };

enum status
memory_open_store(struct house *house)
{
    return store_open(house->config->data, STORE_WRITE, &house->store, house->failure);
}

void
memory_close_store(struct house *house)
{
    store_close(&house->store);
}

/* Is this the key that the data was sealed with? */
static enum status
compare_key(struct house *house, const char *path)
{
    uint8_t ours[SEAL_CHECK_BYTES];
    char kept[SEAL_CHECK_BYTES + 1];
    size_t kept_len = 0;
    enum status status =
        store_fact_get(house->store, "master_key_check", kept, sizeof(kept), &kept_len);

    if (status == STATUS_NOT_FOUND)
        return failure_set(house->failure, STATUS_BROKEN, "data",
                           "the data folder '%s' does not say which master key it was "
                           "sealed with; it was not made by 'tokenhouse init'",
                           house->config->data);
    if (status != STATUS_OK)
        return failure_set(house->failure, status, "data",
                           "the data folder '%s' cannot be read: %s", house->config->data,
                           store_failure(house->store));

    master_key_check(house->master_key, ours);
    if (!secret_equal((struct slice){ours, sizeof(ours)},
                      (struct slice){(const unsigned char *)kept, kept_len}))
        return failure_set(house->failure, STATUS_CONFLICT, "master_key_file",
                           "the master key '%s' is not the one that the data in '%s' was "
                           "sealed with; the key file that was made with this folder is "
                           "wanted",
                           path, house->config->data);
    return STATUS_OK;
}

enum status
memory_open_master_key(struct house *house)
{
    char usual[CONFIG_PATH_MAX + 16];
    const char *path = house->config->master_key_file;
    enum status status;

    snprintf(usual, sizeof(usual), "%s/master.key", house->config->data);
    if (!path[0])
        path = usual;
    status = master_key_open(path, &house->master_key, house->failure);
    if (status != STATUS_OK)
        return status;
    status = compare_key(house, path);
    if (status != STATUS_OK)
        master_key_close(&house->master_key);
    return status;
}

void
memory_close_master_key(struct house *house)
{
    master_key_close(&house->master_key);
}

enum status
memory_open_keyring(struct house *house)
{
    enum status status = store_open(house->config->data, STORE_READ,
                                    &house->keyring_store, house->failure);

    if (status == STATUS_OK)
        status = keyring_open(house->keyring_store, &house->keyring, house->failure);
    if (status != STATUS_OK)
        memory_close_keyring(house);
    return status;
}

void
memory_close_keyring(struct house *house)
{
    keyring_close(&house->keyring);
    store_close(&house->keyring_store);
}

/* As THE SETTING TABLE numbers them: 0 is the best that there is. */
static enum es256_level
es256_level_of(const struct config *config)
{
    return config->es256_level == 0 ? es256_level_best()
                                    : (enum es256_level)(config->es256_level - 1);
}

enum status
memory_open_tables(struct house *house)
{
    return key_tables_open(es256_level_of(house->config),
                           (size_t)house->config->es256_tables_mb * 1024 * 1024,
                           &house->tables, house->failure);
}

bool
memory_quicken_key(struct house *house, struct es256_private *key)
{
    if (es256_level_of(house->config) != ES256_LEVEL_LANES)
        return false;
    if (es256_private_quicken(key) == STATUS_OK)
        return true;
    log_event(LOG_WARN, "signing in lanes is not to be had: OpenSSL signs");
    return false;
}

void
memory_close_tables(struct house *house)
{
    key_tables_close(&house->tables);
}

/* The document's ETag: the same bytes, the same tag. */
static void
write_etag(struct slice document, char *out, size_t size)
{
    uint8_t digest[SHA256_BYTES];
    char text[BASE64URL_MAX_CHARS(SHA256_BYTES)];
    size_t len;

    sha256(document, digest);
    len = base64url_encode((struct slice){digest, 16}, text);
    snprintf(out, size, "\"%.*s\"", (int)len, text);
}

enum status
memory_open_refusals(struct house *house)
{
    house->refusals = refusals_new();
    house->alarms = alarms_new();
    house->canaries = canaries_new();
    return STATUS_OK;
}

void
memory_close_refusals(struct house *house)
{
    refusals_free(&house->refusals);
    alarms_free(&house->alarms);
    canaries_free(&house->canaries);
}

enum status
memory_open_api(struct house *house)
{
    char account_uid[ACCOUNT_UID_MAX];
    size_t len = 0;
    enum status status = store_fact_get(house->store, "account_uid", account_uid,
                                        sizeof(account_uid) - 1, &len);

    if (status != STATUS_OK)
        return failure_set(house->failure, status, "data",
                           "the account's uid cannot be read from '%s': %s",
                           house->config->data, status_text(status));
    account_uid[len] = 0;
    write_etag(api_openapi_document(), house->openapi_etag, sizeof(house->openapi_etag));
    status = api_open(house->master_key, account_uid, &house->api);
    if (status != STATUS_OK)
        return failure_set(house->failure, status, NULL,
                           "our own resources could not be opened: %s",
                           status_text(status));
    return STATUS_OK;
}

void
memory_close_api(struct house *house)
{
    api_close(&house->api);
}
