/* SPDX-License-Identifier: Apache-2.0
 *
 * The server's own key, kept as two facts: one sealed, one open. */
#include "rules/server_key.h"

#include "base/auto.h"
#include "crypto/pem.h"

#include <string.h>

static const char PRIVATE_FACT[] = "server_key";
static const char PUBLIC_FACT[] = "server_public_key";

enum { PEM_MAX_BYTES = 512, SEALED_KEY_MAX_BYTES = PEM_MAX_BYTES + SEAL_EXTRA_BYTES };

enum status
server_key_public(struct store *store, uint8_t out[PUBLIC_KEY_BYTES])
{
    char point[PUBLIC_KEY_BYTES + 1];
    size_t len = 0;
    enum status status = store_fact_get(store, PUBLIC_FACT, point, sizeof(point), &len);

    if (status != STATUS_OK)
        return status;
    if (len != PUBLIC_KEY_BYTES)
        return STATUS_BROKEN;
    memcpy(out, point, PUBLIC_KEY_BYTES);
    return STATUS_OK;
}

static enum status
open_sealed(const struct master_key *master_key, struct slice sealed,
            struct es256_private **out, struct failure *failure)
{
    uint8_t pem[PEM_MAX_BYTES];
    struct slice text = {pem, sealed.len - SEAL_EXTRA_BYTES};

    if (seal_open(master_key, slice_of(PRIVATE_FACT), sealed, pem) != STATUS_OK)
        return failure_set(failure, STATUS_CONFLICT, "master_key_file",
                           "the server's own key was sealed under another master key");
    enum status status = pem_read_private(text, out, failure);
    secret_wipe(pem, sizeof(pem));
    return status;
}

/* Keeps a new pair, in the act that is begun. */
static enum status
keep(struct store *store, const struct master_key *master_key,
     const struct es256_private *key)
{
    struct buffer pem AUTO(buffer_wipe) = buffer_make(PEM_MAX_BYTES);
    uint8_t sealed[SEALED_KEY_MAX_BYTES];
    uint8_t point[PUBLIC_KEY_BYTES];
    enum status status = pem_write_private(key, &pem);

    if (status != STATUS_OK)
        return status;
    seal_close(master_key, slice_of(PRIVATE_FACT), buffer_slice(&pem), sealed);
    es256_private_point(key, point);
    status = store_fact_set(store, PRIVATE_FACT, sealed, pem.len + SEAL_EXTRA_BYTES);
    if (status == STATUS_OK)
        status = store_fact_set(store, PUBLIC_FACT, point, sizeof(point));
    return status;
}

/* Somebody else may make one at the same time: the act sees it. */
static enum status
read_or_make(struct store *store, const struct master_key *master_key,
             struct es256_private **out, struct failure *failure)
{
    struct es256_private *key AUTO(es256_private_free) = NULL;
    char sealed[SEALED_KEY_MAX_BYTES + 1];
    size_t len = 0;
    enum status status =
        store_fact_get(store, PRIVATE_FACT, sealed, sizeof(sealed), &len);

    if (status == STATUS_OK && len > SEAL_EXTRA_BYTES)
        return open_sealed(master_key, (struct slice){(unsigned char *)sealed, len}, out,
                           failure);
    if (status != STATUS_NOT_FOUND)
        return status == STATUS_OK ? STATUS_BROKEN : status;
    status = es256_private_make(&key);
    if (status == STATUS_OK)
        status = keep(store, master_key, key);
    if (status == STATUS_OK)
        status = store_commit(store);
    if (status == STATUS_OK)
        *out = TAKE(key);
    return status;
}

enum status
server_key_open(struct store *store, const struct master_key *master_key,
                struct es256_private **out, struct failure *failure)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    enum status status = store_begin(store);

    if (status != STATUS_OK)
        return status;
    begun = store;
    return read_or_make(begun, master_key, out, failure);
}
