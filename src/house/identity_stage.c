/* SPDX-License-Identifier: Apache-2.0
 *
 * How an upstream learns who calls: the identity of an exchange, signed by the server's
 * key, and that key for all who verify. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/log.h"
#include "base/mem.h"
#include "gate/exchange.h"
#include "rules/needs.h"
#include "upstream/identity.h"

enum { KEPT_COUNT = 256 }; /* a power of two; of one loop */

/* An identity that was signed a moment ago, and for whom. */
struct kept_identity {
    uint64_t serial; /* of the token as it was loaded; 0 = nothing is kept */
    int64_t upstream_id, upstream_version;
    struct permission_set permissions;
    struct ip address;
    int64_t signed_at_ms;
    struct buffer text;
};

struct identity_shelf {
    const struct house *house;
    struct kept_identity kept[KEPT_COUNT];
    struct buffer unkept; /* the last one that is not */
};

enum status
identity_stage_open(struct house *house)
{
    house->identity_signer = identity_signer_new(house->keeper.server_key);
    return STATUS_OK;
}

void
identity_stage_close(struct house *house)
{
    identity_signer_free(&house->identity_signer);
}

void
identity_stage_keys(struct house_loop *loop, struct http_call *call)
{
    struct http_reply reply = {
        .status = 200,
        .content_type = SLICE("application/jwk-set+json"),
        .headers = {{SLICE("Cache-Control"), SLICE("public, max-age=3600")}},
        .header_count = 1,
        .body = identity_signer_keys(loop->house->identity_signer),
    };

    http_call_answer(call, &reply);
}

/* ---- what it says ---- */

static struct permission_set
permissions_used(const struct exchange *x)
{
    struct needs_request request = {
        .query = x->header.query, .body = &x->data, .select_names = api_select_names};
    struct permission_set used = {0};

    needs_add(x->operation, &request, &used);
    return used;
}

/* But for the signature. */
static enum status
write_identity(const struct house *house, const struct exchange *x,
               const struct permission_set *permissions, struct buffer *out)
{
    const struct keyring_groups *groups = keyring_entry_groups(x->entry);
    struct identity_group listed[TOKEN_GROUP_MAX_COUNT];
    char address[IP_TEXT_MAX + 1];
    struct identity identity = {
        .audience = slice_of(x->operation->upstream->name),
        .token_id = keyring_entry_id(x->entry),
        .title = keyring_entry_title(x->entry),
        .owner = slice_of(keyring_entry_owner(x->entry)->email),
        .permissions = *permissions,
        .groups = listed,
        .is_all_devices = groups->count == 0,
        .now_s = x->now_ms / 1000,
    };

    for (size_t i = 0; i < groups->count && i < COUNT_OF(listed); i++) {
        const struct keyring_group *group = keyring_group(house->keyring, groups->ids[i]);
        if (group) /* else deleted a moment ago */
            listed[identity.group_count++] =
                (struct identity_group){group->uid, group->name};
    }
    ip_write(&x->address, address);
    identity.address = slice_of(address);
    if (house->config->identity_reuse_s == 0)
        identity.request_id = slice_of(x->request_id);
    buffer_clear(out);
    return identity_write(house->identity_signer, &identity, out);
}

static bool
tell_unsigned(const struct exchange *x)
{
    log_event(LOG_ERROR, "an identity could not be signed",
              LOG_TEXT("id", slice_of(x->request_id)));
    return false;
}

bool
identity_stage_write(const struct house *house, const struct exchange *x,
                     struct buffer *out)
{
    struct permission_set permissions = permissions_used(x);

    return write_identity(house, x, &permissions, out) == STATUS_OK || tell_unsigned(x);
}

/* ---- what is kept for a while ---- */

struct identity_shelf *
identity_shelf_new(const struct house *house)
{
    struct identity_shelf *shelf = mem_new(sizeof(*shelf));

    shelf->house = house;
    return shelf;
}

void
identity_shelf_free(struct identity_shelf **shelf)
{
    if (!*shelf)
        return;
    for (size_t i = 0; i < KEPT_COUNT; i++)
        buffer_done(&(*shelf)->kept[i].text);
    buffer_done(&(*shelf)->unkept);
    mem_free(shelf);
}

static struct kept_identity *
place_of(struct identity_shelf *shelf, const struct exchange *x,
         const struct permission_set *permissions)
{
    uint64_t mix = keyring_entry_serial(x->entry) * 0x9e3779b97f4a7c15 +
                   (uint64_t)x->operation->upstream->id;

    for (size_t i = 0; i < COUNT_OF(permissions->words); i++)
        mix = (mix ^ permissions->words[i]) * 0xff51afd7ed558ccd;
    return &shelf->kept[mix >> 32 & (KEPT_COUNT - 1)];
}

static bool
is_for(const struct kept_identity *kept, const struct exchange *x,
       const struct permission_set *permissions, int64_t reuse_s)
{
    return kept->serial == keyring_entry_serial(x->entry) &&
           kept->upstream_id == x->operation->upstream->id &&
           kept->upstream_version == x->operation->upstream->version &&
           memcmp(&kept->permissions, permissions, sizeof(*permissions)) == 0 &&
           memcmp(&kept->address, &x->address, sizeof(x->address)) == 0 &&
           x->now_ms - kept->signed_at_ms < reuse_s * 1000 &&
           x->now_ms >= kept->signed_at_ms;
}

/* One signature for a caller's requests of the next seconds, if the operator wants that
 * (docs/decisions/0004-identity-by-request.md). */
bool
identity_shelf_give(struct identity_shelf *shelf, const struct exchange *x,
                    struct slice *out)
{
    const struct house *house = shelf->house;
    int64_t reuse_s = house->config->identity_reuse_s;
    struct permission_set permissions = permissions_used(x);
    struct kept_identity *kept = place_of(shelf, x, &permissions);
    struct buffer *text = reuse_s > 0 ? &kept->text : &shelf->unkept;

    if (reuse_s > 0 && is_for(kept, x, &permissions, reuse_s)) {
        *out = buffer_slice(text);
        return true;
    }
    kept->serial = 0;
    text->max_bytes = IDENTITY_TEXT_MAX_BYTES;
    enum status status = write_identity(house, x, &permissions, text);
    if (status == STATUS_OK)
        status = identity_sign(house->identity_signer, 1, &text);
    if (status != STATUS_OK)
        return tell_unsigned(x);
    *out = buffer_slice(text);
    if (reuse_s > 0) {
        kept->serial = keyring_entry_serial(x->entry);
        kept->upstream_id = x->operation->upstream->id;
        kept->upstream_version = x->operation->upstream->version;
        kept->permissions = permissions;
        kept->address = x->address;
        kept->signed_at_ms = x->now_ms;
    }
    return true;
}
