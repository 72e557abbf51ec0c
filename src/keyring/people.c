/* SPDX-License-Identifier: Apache-2.0
 *
 * What tokens have in common: the users who own them, the users' roles, the device groups
 * by name, and the account's licences. */
#include "keyring/inside.h"

#include "base/mem.h"
#include "store/store_people.h"

#include <stdlib.h>

/* What a role allows. */
struct role_rights {
    int64_t role_id;
    uint32_t generation; /* of the last loading that saw it */
    bool is_system_admin;
    struct permission_set permissions;
};

/* A record of an owner comes right after the head by which it is freed. */
struct owner_head {
    struct keyring_retired retired; /* first */
    struct keyring *keyring;        /* who keeps its permissions */
};

static void
free_owner(struct keyring_retired *retired)
{
    struct owner_head *head = (struct owner_head *)retired;
    struct keyring_owner *owner = (struct keyring_owner *)(head + 1);

    intern_give_back(&head->keyring->interned, owner->role_permissions);
    mem_free(&head);
}

static void
retire_owner(struct keyring *keyring, struct keyring_owner *owner)
{
    if (owner)
        keyring_retire(keyring, &((struct owner_head *)owner - 1)->retired);
}

static void
publish_owner(struct keyring *keyring, struct owner_slot *slot, const char *email,
              bool is_suspended)
{
    static const struct permission_set NOTHING = {{0}};
    const struct role_rights *role = idmap_find(&keyring->roles, slot->role_id);
    const struct permission_set *rights = role ? &role->permissions : &NOTHING;
    size_t len = strlen(email);
    struct owner_head *head =
        mem_new(sizeof(*head) + sizeof(struct keyring_owner) + len + 1);
    struct keyring_owner *owner = (struct keyring_owner *)(head + 1);

    head->retired.free = free_owner;
    head->keyring = keyring;
    owner->user_id = slot->user_id;
    owner->is_suspended = is_suspended;
    owner->role_permissions =
        intern_take(&keyring->interned,
                    (struct slice){(const unsigned char *)rights, sizeof(*rights)});
    memcpy(owner->email, email, len + 1);
    slot->generation = keyring->generation;
    retire_owner(keyring, atomic_exchange(&slot->record, owner));
}

static struct owner_slot *
slot_of(struct keyring *keyring, int64_t user_id)
{
    struct owner_slot *slot = idmap_find(&keyring->owners, user_id);

    if (!slot) {
        slot = mem_new(sizeof(*slot));
        slot->user_id = user_id;
        idmap_add(&keyring->owners, user_id, slot);
    }
    return slot;
}

static bool
take_user(void *ctx, const struct user *user)
{
    struct keyring *keyring = ctx;
    struct owner_slot *slot = slot_of(keyring, user->id);

    slot->role_id = user->role_id;
    publish_owner(keyring, slot, user->email, user->is_suspended);
    return true;
}

/* A user who does not exist is one who may do nothing. */
static void
take_nobody(struct keyring *keyring, int64_t user_id)
{
    struct owner_slot *slot = slot_of(keyring, user_id);

    slot->role_id = 0;
    publish_owner(keyring, slot, "", true);
}

static bool
take_role(void *ctx, const struct role *role)
{
    struct keyring *keyring = ctx;
    struct role_rights *rights = idmap_find(&keyring->roles, role->id);

    if (!rights) {
        rights = mem_new(sizeof(*rights));
        rights->role_id = role->id;
        idmap_add(&keyring->roles, role->id, rights);
    }
    rights->permissions = role->permissions;
    permission_set_imply(&rights->permissions); /* as policy_role_rights() */
    rights->is_system_admin = role->is_system_admin;
    if (role->is_system_admin)
        rights->permissions = permission_set_all();
    rights->generation = keyring->generation;
    return true;
}

enum status
people_owner(struct keyring *keyring, int64_t user_id, const struct owner_slot **out)
{
    if (!idmap_find(&keyring->owners, user_id)) {
        struct user user;
        enum status status = store_user_by_id(keyring->store, user_id, &user);

        if (status != STATUS_OK && status != STATUS_NOT_FOUND)
            return status;
        if (status == STATUS_OK)
            take_user(keyring, &user);
        else
            take_nobody(keyring, user_id);
    }
    *out = slot_of(keyring, user_id);
    return STATUS_OK;
}

static bool
is_of_user(const struct keyring_entry *entry, int64_t user_id)
{
    return entry->owner->user_id == user_id;
}

enum status
people_user_changed(struct keyring *keyring, int64_t user_id)
{
    struct user user;
    enum status status = store_user_by_id(keyring->store, user_id, &user);

    if (status == STATUS_OK) {
        /* the role may be newer than what we know of roles */
        if (!idmap_find(&keyring->roles, user.role_id)) {
            status = people_role_changed(keyring, user.role_id);
            if (status != STATUS_OK)
                return status;
        }
        take_user(keyring, &user);
        return STATUS_OK;
    }
    if (status != STATUS_NOT_FOUND)
        return status;
    take_nobody(keyring, user_id); /* first: from here on their tokens are dead */
    entry_remove_if(keyring, is_of_user, user_id);
    return STATUS_OK;
}

/* Gives the owners of a role their record anew. */
static void
republish_owners(struct keyring *keyring, int64_t role_id)
{
    size_t at = 0;
    struct owner_slot *slot;

    while ((slot = idmap_next(&keyring->owners, &at))) {
        struct keyring_owner *old = atomic_load(&slot->record);
        if (slot->role_id == role_id && old)
            publish_owner(keyring, slot, old->email, old->is_suspended);
    }
}

enum status
people_role_changed(struct keyring *keyring, int64_t role_id)
{
    struct role role;
    enum status status = store_role_by_id(keyring->store, role_id, &role);

    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    if (status == STATUS_NOT_FOUND)
        role = (struct role){.id = role_id}; /* gone: allows nothing */
    take_role(keyring, &role);
    republish_owners(keyring, role_id);
    return STATUS_OK;
}

void
people_permissions_added(struct keyring *keyring)
{
    size_t at = 0;
    struct role_rights *role;

    while ((role = idmap_next(&keyring->roles, &at))) {
        permission_set_imply(&role->permissions); /* a View that was not there before */
        if (role->is_system_admin)
            role->permissions = permission_set_all();
        republish_owners(keyring, role->role_id);
    }
}

/* ---- groups ---- */

static void
free_groups(struct keyring_retired *retired)
{
    struct group_list *list = (struct group_list *)retired;

    for (size_t i = 0; i < list->count; i++) {
        char *text = (char *)(uintptr_t)list->groups[i].uid; /* uid and name: one block */
        mem_free(&text);
    }
    mem_free(&list);
}

struct group_reading {
    struct group_list *list;
    size_t room;
};

static bool
take_group(void *ctx, const struct device_group *group, int64_t device_count)
{
    struct group_reading *reading = ctx;
    size_t uid_size = strlen(group->uid) + 1;
    size_t name_size = strlen(group->name) + 1;

    (void)device_count;
    if (!reading->list || reading->list->count == reading->room) {
        reading->room = reading->room ? reading->room * 2 : 16;
        size_t count = reading->list ? reading->list->count : 0;
        reading->list =
            mem_resize(reading->list, sizeof(struct group_list) +
                                          reading->room * sizeof(struct keyring_group));
        reading->list->count = count;
    }
    char *text = mem_new(uid_size + name_size);
    memcpy(text, group->uid, uid_size);
    memcpy(text + uid_size, group->name, name_size);
    reading->list->groups[reading->list->count++] =
        (struct keyring_group){group->id, text, text + uid_size};
    return true;
}

static int
compare_groups(const void *a, const void *b)
{
    const struct keyring_group *left = a;
    const struct keyring_group *right = b;

    return (left->id > right->id) - (left->id < right->id);
}

enum status
people_load_groups(struct keyring *keyring)
{
    struct group_reading reading = {0};
    enum status status = store_group_list(keyring->store, take_group, &reading);

    if (reading.list)
        reading.list->retired.free = free_groups;
    if (status != STATUS_OK) {
        if (reading.list)
            free_groups(&reading.list->retired);
        return status;
    }
    if (reading.list)
        qsort(reading.list->groups, reading.list->count, sizeof(struct keyring_group),
              compare_groups);
    struct group_list *old = atomic_exchange(&keyring->groups, reading.list);
    if (old)
        keyring_retire(keyring, &old->retired);
    return STATUS_OK;
}

const struct keyring_group *
keyring_group(const struct keyring *keyring, int64_t id)
{
    const struct group_list *list =
        atomic_load_explicit(&keyring->groups, memory_order_acquire);
    struct keyring_group wanted = {.id = id};

    if (!list)
        return NULL;
    return bsearch(&wanted, list->groups, list->count, sizeof(wanted), compare_groups);
}

/* ---- licences ---- */

static bool
take_licence(void *ctx, const struct licence *licence)
{
    struct keyring *keyring = ctx;

    if (keyring->span_count == keyring->span_room) {
        keyring->span_room = keyring->span_room ? keyring->span_room * 2 : 8;
        keyring->spans =
            mem_resize(keyring->spans, keyring->span_room * sizeof(keyring->spans[0]));
    }
    struct licence_span *span = &keyring->spans[keyring->span_count++];
    *span = (struct licence_span){.starts_at_s = licence->starts_at_s,
                                  .ends_at_s = licence->ends_at_s};
    memcpy(span->name, licence->name, strlen(licence->name) + 1);
    return true;
}

enum status
people_load_licences(struct keyring *keyring)
{
    /* A failure half way leaves fewer licences, never more, until the next try. */
    keyring->span_count = 0;
    return store_licence_list(keyring->store, take_licence, keyring);
}

static void
free_licences(struct keyring_retired *retired)
{
    mem_free(&retired); /* the first member of the block */
}

static bool
is_in_force(const struct licence_span *span, int64_t now_s)
{
    return span->starts_at_s <= now_s && now_s < span->ends_at_s;
}

static struct licence_names *
names_at(const struct keyring *keyring, int64_t now_s)
{
    size_t span_count = keyring->span_count;
    size_t head_bytes =
        sizeof(struct licence_names) + (span_count + 1) * sizeof(const char *);
    struct licence_names *list =
        mem_new(head_bytes + span_count * sizeof(struct licence_span));

    list->retired.free = free_licences;
    list->spans = (struct licence_span *)((char *)list + head_bytes);
    list->span_count = span_count;
    if (span_count > 0)
        memcpy(list->spans, keyring->spans, span_count * sizeof(struct licence_span));
    for (size_t i = 0; i < span_count; i++) {
        if (is_in_force(&list->spans[i], now_s))
            list->names[list->count++] = list->spans[i].name;
    }
    return list;
}

static bool
is_same_list(const struct licence_names *a, const struct licence_names *b)
{
    if (!a || a->count != b->count || a->span_count != b->span_count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->names[i], b->names[i]) != 0)
            return false;
    }
    for (size_t i = 0; i < a->span_count; i++) {
        if (strcmp(a->spans[i].name, b->spans[i].name) != 0 ||
            a->spans[i].starts_at_s != b->spans[i].starts_at_s ||
            a->spans[i].ends_at_s != b->spans[i].ends_at_s)
            return false;
    }
    return true;
}

void
people_licences_at(struct keyring *keyring, int64_t now_s)
{
    struct licence_names *list = names_at(keyring, now_s);

    if (is_same_list(atomic_load(&keyring->licences), list)) {
        mem_free(&list);
        return;
    }
    struct licence_names *old = atomic_exchange(&keyring->licences, list);
    if (old)
        keyring_retire(keyring, &old->retired);
}

const char *const *
keyring_licences(const struct keyring *keyring, size_t *out_count)
{
    const struct licence_names *list =
        atomic_load_explicit(&keyring->licences, memory_order_acquire);

    *out_count = list->count;
    return list->names;
}

size_t
keyring_licences_at(const struct keyring *keyring, int64_t at_s,
                    const char *const *wanted, size_t wanted_count, const char **out)
{
    const struct licence_names *list =
        atomic_load_explicit(&keyring->licences, memory_order_acquire);
    size_t count = 0;

    for (size_t i = 0; i < wanted_count; i++) {
        for (size_t k = 0; k < list->span_count; k++) {
            const struct licence_span *span = &list->spans[k];
            if (is_in_force(span, at_s) && strcmp(span->name, wanted[i]) == 0) {
                out[count++] = span->name;
                break;
            }
        }
    }
    return count;
}

/* ---- all ---- */

/* Roles that the store did not show allow nothing. */
static void
forget_roles(struct keyring *keyring)
{
    size_t at = 0;
    struct role_rights *role;

    while ((role = idmap_next(&keyring->roles, &at))) {
        if (role->generation != keyring->generation)
            role->permissions = (struct permission_set){0};
    }
}

static void
forget_users(struct keyring *keyring)
{
    size_t at = 0;
    struct owner_slot *slot;

    while ((slot = idmap_next(&keyring->owners, &at))) {
        if (slot->generation != keyring->generation)
            take_nobody(keyring, slot->user_id);
    }
}

enum status
people_load_all(struct keyring *keyring)
{
    enum status status = store_role_list(keyring->store, take_role, keyring);

    if (status != STATUS_OK)
        return status;
    forget_roles(keyring);
    status = store_user_list(keyring->store, take_user, keyring);
    if (status != STATUS_OK)
        return status;
    forget_users(keyring);
    status = people_load_groups(keyring);
    if (status == STATUS_OK)
        status = people_load_licences(keyring);
    return status;
}

void
people_free(struct keyring *keyring)
{
    size_t at = 0;
    struct owner_slot *slot;
    struct role_rights *role;
    struct group_list *groups = atomic_exchange(&keyring->groups, NULL);
    struct licence_names *licences = atomic_exchange(&keyring->licences, NULL);

    while ((slot = idmap_next(&keyring->owners, &at))) {
        retire_owner(keyring, atomic_load(&slot->record));
        mem_free(&slot);
    }
    for (at = 0; (role = idmap_next(&keyring->roles, &at));)
        mem_free(&role);
    if (groups)
        keyring_retire(keyring, &groups->retired);
    if (licences)
        keyring_retire(keyring, &licences->retired);
    idmap_done(&keyring->owners);
    idmap_done(&keyring->roles);
    mem_free(&keyring->spans);
}
