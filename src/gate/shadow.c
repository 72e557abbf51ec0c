/* SPDX-License-Identifier: Apache-2.0
 *
 * The shadow of a token: would its tightened set have let the request in too? Asked by
 * the very steps that asked the token's own set, on a copy of the exchange whose answer
 * nobody hears, when all of them have said yes. Counted when the answer is certain. */
#include "gate/inside.h"

#include "keyring/shadow.h"
#include "rules/policy.h"

#include <stdio.h>

enum {
    SHADOWED = 1 << 0, /* it was asked */
    SHADOWED_ADDRESS = 1 << 1,
    SHADOWED_PERMISSION = 1 << 2,
    SHADOWED_FAILED = SHADOWED_ADDRESS | SHADOWED_PERMISSION,
};

const struct permission_set *
exchange_permissions(const struct exchange *x)
{
    return x->shadow ? keyring_shadow_permissions(x->shadow)
                     : keyring_entry_permissions(x->entry);
}

const struct ip_range *
exchange_addresses(const struct exchange *x, size_t *out_count)
{
    return x->shadow ? keyring_shadow_addresses(x->shadow, out_count)
                     : keyring_entry_addresses(x->entry, out_count);
}

void
shadow_ask(struct exchange *x)
{
    const struct keyring_shadow *shadow = keyring_shadow(x->entry, x->now_ms / 1000);
    const struct gate_step *step;

    if (!shadow)
        return;
    struct exchange asked = *x;
    asked.shadow = shadow;
    x->shadowed = SHADOWED;
    for (size_t i = 0; (step = gate_step(i)); i++) {
        if (!step->is_shadowed || step->run(&asked) == GO_ON)
            continue;
        x->shadowed |=
            asked.verdict == REFUSED_ADDRESS ? SHADOWED_ADDRESS : SHADOWED_PERMISSION;
    }
}

/* ---- counting ---- */

static void
begin_miss(const struct exchange *x, enum shadow_miss_kind kind, struct shadow_miss *out)
{
    *out = (struct shadow_miss){.kind = kind};
    keep_text(out->method, sizeof(out->method), slice_of(x->operation->method));
    keep_text(out->path, sizeof(out->path), slice_of(x->operation->path));
}

static void
note_address(const struct exchange *x, struct keyring_shadow *shadow)
{
    struct shadow_miss miss;

    begin_miss(x, MISS_ADDRESS, &miss);
    ip_write(&x->address, miss.item);
    keyring_shadow_note(shadow, &miss, x->now_ms / 1000);
}

/* Each permission that the request needs and the shadow lacks. */
static void
note_permissions(const struct exchange *x, struct keyring_shadow *shadow)
{
    struct needs_request request = needs_request_of(x);
    struct permission_set missing = {0};
    struct shadow_miss miss;

    needs_add(x->operation, &request, &missing);
    missing = permission_set_without(missing, *keyring_shadow_permissions(shadow));
    begin_miss(x, MISS_PERMISSION, &miss);
    for (unsigned number = 1; number < PERMISSION_MAX_COUNT; number++) {
        if (!permission_set_has(&missing, (uint16_t)number))
            continue;
        snprintf(miss.item, sizeof(miss.item), "%u", number);
        keyring_shadow_note(shadow, &miss, x->now_ms / 1000);
    }
}

static void
note_less(const struct exchange *x, struct keyring_shadow *shadow)
{
    struct shadow_miss miss;

    begin_miss(x, MISS_LESS, &miss);
    keyring_shadow_note(shadow, &miss, x->now_ms / 1000);
    keyring_shadow_count_less(shadow);
}

void
shadow_note(const struct exchange *x)
{
    struct keyring_shadow *shadow = keyring_shadow(x->entry, x->now_ms / 1000);

    if (!shadow)
        return;
    keyring_shadow_count(shadow);
    if (x->shadowed & SHADOWED_ADDRESS)
        note_address(x, shadow);
    if (x->shadowed & SHADOWED_PERMISSION)
        note_permissions(x, shadow);
    if (x->shadowed & SHADOWED_FAILED)
        keyring_shadow_count_failed(shadow);
    else if (is_over_all_groups(x->operation) &&
             keyring_shadow_is_narrower(shadow, x->entry))
        note_less(x, shadow);
}

/* The first of the token's groups that holds the device; 0: none does. */
static int64_t
first_of(const struct keyring_entry *entry, const int64_t *ids, size_t count)
{
    const struct keyring_groups *own = keyring_entry_groups(entry);

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < own->count; k++) {
            if (ids[i] == own->ids[k])
                return ids[i];
        }
    }
    return own->count == 0 && count > 0 ? ids[0] : 0;
}

static void
note_device(const struct exchange *x, const struct keyring_entry *entry,
            const int64_t *group_ids, size_t count)
{
    struct keyring_shadow *shadow = keyring_shadow(entry, x->now_ms / 1000);
    struct shadow_miss miss;

    if (!shadow || keyring_shadow_has_group(shadow, group_ids, count))
        return;
    begin_miss(x, MISS_GROUP, &miss);
    snprintf(miss.item, sizeof(miss.item), "%lld",
             (long long)first_of(entry, group_ids, count));
    keyring_shadow_note(shadow, &miss, x->now_ms / 1000);
    if (!(x->shadowed & SHADOWED_FAILED))
        keyring_shadow_count_failed(shadow);
}

void
gate_note_groups(const struct exchange *x, const struct keyring_entry *entry,
                 const int64_t *group_ids, size_t count)
{
    keyring_note_groups(entry, group_ids, count);
    if (x->shadowed)
        note_device(x, entry, group_ids, count);
}
