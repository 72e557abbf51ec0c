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

/* What was said a moment ago, and for whom: until anything of tokens, people or groups
 * changes, all but what is of one request is said again. */
struct kept_identity {
    uint64_t serial; /* of the token as it was loaded; 0 = nothing is kept */
    uint64_t news;   /* keyring_news_serial() before it was written */
    int64_t upstream_id, upstream_version;
    struct permission_set permissions;
    struct ip address;
    struct identity_stem stem;
    int64_t signed_at_ms; /* INT64_MIN: `whole` is not */
    struct identity_text whole;
};

struct identity_shelf {
    const struct house *house;
    struct kept_identity kept[KEPT_COUNT];
    struct identity_text last; /* the last one given that is not kept */
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

static enum status
begin_identity(const struct house *house, const struct exchange *x,
               const struct permission_set *permissions, struct identity_stem *out)
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
    };

    for (size_t i = 0; i < groups->count && i < COUNT_OF(listed); i++) {
        const struct keyring_group *group = keyring_group(house->keyring, groups->ids[i]);
        if (group) /* else deleted a moment ago */
            listed[identity.group_count++] =
                (struct identity_group){group->uid, group->name};
    }
    ip_write(&x->address, address);
    identity.address = slice_of(address);
    return identity_begin(house->identity_signer, &identity, out);
}

static bool
tell_unsigned(const struct exchange *x)
{
    log_event(LOG_ERROR, "an identity could not be signed",
              LOG_TEXT("id", slice_of(x->request_id)));
    return false;
}

/* ---- what is kept ---- */

struct identity_shelf *
identity_shelf_new(const struct house *house)
{
    struct identity_shelf *shelf = mem_new(sizeof(*shelf));

    shelf->house = house;
    shelf->last.text.max_bytes = IDENTITY_TEXT_MAX_BYTES;
    for (size_t i = 0; i < KEPT_COUNT; i++) {
        shelf->kept[i].stem.text.max_bytes = IDENTITY_TEXT_MAX_BYTES;
        shelf->kept[i].whole.text.max_bytes = IDENTITY_TEXT_MAX_BYTES;
    }
    return shelf;
}

void
identity_shelf_free(struct identity_shelf **shelf)
{
    if (!*shelf)
        return;
    for (size_t i = 0; i < KEPT_COUNT; i++) {
        buffer_done(&(*shelf)->kept[i].stem.text);
        buffer_done(&(*shelf)->kept[i].whole.text);
    }
    buffer_done(&(*shelf)->last.text);
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
is_for(const struct kept_identity *kept, const struct exchange *x, uint64_t news,
       const struct permission_set *permissions)
{
    return kept->serial == keyring_entry_serial(x->entry) && kept->news == news &&
           kept->upstream_id == x->operation->upstream->id &&
           kept->upstream_version == x->operation->upstream->version &&
           memcmp(&kept->permissions, permissions, sizeof(*permissions)) == 0 &&
           memcmp(&kept->address, &x->address, sizeof(x->address)) == 0;
}

/* What is kept for the exchange, begun now if need be. NULL: that cannot be done. */
static struct kept_identity *
find(struct identity_shelf *shelf, const struct exchange *x)
{
    uint64_t news = keyring_news_serial(shelf->house->keyring);
    struct permission_set permissions = permissions_used(x);
    struct kept_identity *kept = place_of(shelf, x, &permissions);

    if (is_for(kept, x, news, &permissions))
        return kept;
    kept->serial = 0;
    if (begin_identity(shelf->house, x, &permissions, &kept->stem) != STATUS_OK)
        return NULL;
    kept->serial = keyring_entry_serial(x->entry);
    kept->news = news;
    kept->upstream_id = x->operation->upstream->id;
    kept->upstream_version = x->operation->upstream->version;
    kept->permissions = permissions;
    kept->address = x->address;
    kept->signed_at_ms = INT64_MIN;
    return kept;
}

bool
identity_shelf_write(struct identity_shelf *shelf, const struct exchange *x,
                     struct identity_text *out)
{
    const struct kept_identity *kept = find(shelf, x);

    return (kept && identity_write(&kept->stem, slice_of(x->request_id), x->now_ms / 1000,
                                   out) == STATUS_OK) ||
           tell_unsigned(x);
}

/* Is the kept one still good, if any is to be? */
static bool
may_be_given_again(const struct kept_identity *kept, const struct exchange *x,
                   int64_t reuse_s)
{
    return reuse_s > 0 && kept->signed_at_ms <= x->now_ms &&
           kept->signed_at_ms > x->now_ms - reuse_s * 1000;
}

/* One signature for a caller's requests of the next seconds, if the operator wants that
 * (docs/decisions/0004-identity-by-request.md). */
bool
identity_shelf_give(struct identity_shelf *shelf, const struct exchange *x,
                    struct slice *out)
{
    const struct house *house = shelf->house;
    int64_t reuse_s = house->config->identity_reuse_s;
    struct slice request_id = reuse_s > 0 ? (struct slice){0} : slice_of(x->request_id);
    struct kept_identity *kept = find(shelf, x);

    if (!kept)
        return tell_unsigned(x);
    struct identity_text *text = reuse_s > 0 ? &kept->whole : &shelf->last;
    if (!may_be_given_again(kept, x, reuse_s)) {
        kept->signed_at_ms = INT64_MIN;
        enum status status =
            identity_write(&kept->stem, request_id, x->now_ms / 1000, text);
        if (status == STATUS_OK)
            status = identity_sign(house->identity_signer, 1, &text);
        if (status != STATUS_OK)
            return tell_unsigned(x);
        kept->signed_at_ms = reuse_s > 0 ? x->now_ms : INT64_MIN;
    }
    *out = buffer_slice(&text->text);
    return true;
}
