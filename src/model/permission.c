/* SPDX-License-Identifier: Apache-2.0
 *
 * THE CATALOGUE of permissions, in the order of the console's grid: features by name,
 * and of each first View, then Manage, then the other actions. A row is for the API when
 * some API operation asks for it, or when a Manage that is for the API implies it. */
#include "model/permission.h"

#include "base/auto.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define ROW(number, kind, feature, action, api)                  \
    {                                                            \
        PERMISSION_##number, kind, feature, action, api,         \
        {                                                        \
            (const unsigned char *)"\"" feature ":" action "\"", \
                sizeof(feature ":" action) + 1                   \
        }                                                        \
    }
#define VIEW(number, feature, api) ROW(number, PERMISSION_VIEW, feature, "View", api)
#define MANAGE(number, feature, api) \
    ROW(number, PERMISSION_MANAGE, feature, "Manage", api)
#define OTHER(number, feature, action, api) \
    ROW(number, PERMISSION_OTHER, feature, action, api)

/* Read by tokens, roles, the console's grid, `explain` and the documents. */
static const struct permission CATALOGUE[] = {
    VIEW(AI_ASSISTANT_VIEW, "AI Assistant", false),
    MANAGE(AI_ASSISTANT_MANAGE, "AI Assistant", false),
    MANAGE(API_CREDENTIALS_MANAGE, "API Credentials", false),
    OTHER(AGENT_INSTALLER_PERFORM, "Agent Installer", "Perform", false),
    VIEW(AUDIT_EVENT_HISTORY_VIEW, "Audit Event History", false),
    VIEW(CUSTOM_DATA_COLLECTION_VIEW, "Custom Data Collection", true),
    MANAGE(CUSTOM_DATA_COLLECTION_MANAGE, "Custom Data Collection", true),
    VIEW(DASHBOARD_INVENTORY_VIEW, "Dashboard Inventory", false),
    VIEW(DELETE_FILE_VIEW, "Delete File", true),
    OTHER(DELETE_FILE_PERFORM, "Delete File", "Perform", true),
    MANAGE(DEVICE_FIELD_DEFINITION_MANAGE, "Device Field Definition", true),
    VIEW(DEVICE_FIELDS_VIEW, "Device Fields", true),
    MANAGE(DEVICE_FIELDS_MANAGE, "Device Fields", true),
    VIEW(DEVICE_GROUPS_VIEW, "Device Groups and folders", true),
    MANAGE(DEVICE_GROUPS_MANAGE, "Device Groups and folders", true),
    OTHER(DEVICE_IMPORT_PERFORM, "Device import", "Perform", false),
    VIEW(DEVICE_REPORTS_VIEW, "Device reports", true),
    OTHER(DEVICE_REPORTS_EXPORT, "Device reports", "Export", false),
    VIEW(FREEZE_DEVICE_VIEW, "Freeze Device", true),
    OTHER(FREEZE_DEVICE_PERFORM, "Freeze Device", "Perform", true),
    VIEW(GEOLOCATION_VIEW, "Geolocation", true),
    OTHER(GEOLOCATION_ADDRESS_LEVEL_VIEW, "Geolocation", "Address-level view", true),
    VIEW(LICENSES_VIEW, "Licenses", true),
    MANAGE(LICENSES_MANAGE, "Licenses", true),
    MANAGE(MANAGE_SUPERVISOR_PASSWORD_MANAGE, "Manage Supervisor Password", true),
    VIEW(MISSING_DEVICE_VIEW, "Missing Device", true),
    MANAGE(MISSING_DEVICE_MANAGE, "Missing Device", true),
    VIEW(POLICIES_VIEW, "Policies", true),
    MANAGE(POLICIES_MANAGE, "Policies", true),
    OTHER(REACH_SCRIPT_RUN, "Reach Script", "Run", true),
    OTHER(REMOVE_FREEZE_PERFORM, "Remove Freeze", "Perform", true),
    VIEW(RULES_VIEW, "Rules", false),
    MANAGE(RULES_MANAGE, "Rules", false),
    VIEW(RUN_PLAYBOOKS_VIEW, "Run playbooks", true),
    OTHER(RUN_PLAYBOOKS_PERFORM, "Run playbooks", "Perform", true),
    MANAGE(SIEM_INTEGRATION_MANAGE, "SIEM integration", true),
    VIEW(SEND_MESSAGE_VIEW, "Send Message", true),
    MANAGE(SEND_MESSAGE_MANAGE, "Send Message", true),
    VIEW(SETTINGS_VIEW, "Settings", false),
    MANAGE(SETTINGS_MANAGE, "Settings", false),
    VIEW(SOFTWARE_REPORTS_VIEW, "Software reports", true),
    OTHER(SOFTWARE_REPORTS_EXPORT, "Software reports", "Export", false),
    VIEW(UNENROLL_DEVICE_VIEW, "Unenroll Device", true),
    OTHER(UNENROLL_DEVICE_PERFORM, "Unenroll Device", "Perform", true),
    VIEW(UPSTREAMS_VIEW, "Upstreams", false),
    MANAGE(UPSTREAMS_MANAGE, "Upstreams", false),
    VIEW(ROLES_VIEW, "User roles", false),
    MANAGE(ROLES_MANAGE, "User roles", false),
    VIEW(USERS_VIEW, "Users", false),
    MANAGE(USERS_MANAGE, "Users", false),
    MANAGE(VERSION_CONTROL_MANAGE, "Version Control", true),
    VIEW(WIPE_DEVICE_VIEW, "Wipe Device", true),
    OTHER(WIPE_DEVICE_PERFORM, "Wipe Device", "Perform", true),
};

_Static_assert(COUNT_OF(CATALOGUE) == PERMISSION_LAST &&
                   (int)PERMISSION_LAST < (int)PERMISSION_ADDED_FIRST,
               "each number has one row");

/* ---- what upstreams have added ---- */

enum { ADDED_MAX_COUNT = PERMISSION_MAX_COUNT - PERMISSION_ADDED_FIRST };

struct added {
    struct permission row;
    struct permission_name name;
    char quoted[PERMISSION_NAME_MAX + 3];
};

/* Read by all threads without a lock: a row is whole before its number is counted. */
static _Atomic(struct added *) added_rows[ADDED_MAX_COUNT];      /* in order of adding */
static _Atomic(struct added *) added_by_number[ADDED_MAX_COUNT]; /* from ADDED_FIRST on */
static _Atomic size_t added_count;
static pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;

static enum permission_kind
kind_of(const char *action)
{
    if (strcmp(action, "View") == 0)
        return PERMISSION_VIEW;
    return strcmp(action, "Manage") == 0 ? PERMISSION_MANAGE : PERMISSION_OTHER;
}

/* Both halves stand in JSON, in lists that are separated by commas, and in a grid. */
static bool
is_half(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < 0x20 || text.at[i] == 0x7f || strchr(":,\"\\", text.at[i]))
            return false;
    }
    return text.len > 0 && utf8_is(text);
}

static void
read_half(struct slice text, char *out)
{
    static const char *const OURS[] = {"View", "Manage"};

    slice_to_text(text, out, PERMISSION_NAME_MAX + 1); /* it fits: the whole does */
    for (size_t i = 0; i < COUNT_OF(OURS); i++) {
        if (slice_equal_nocase(text, slice_of(OURS[i])))
            slice_to_text(slice_of(OURS[i]), out, PERMISSION_NAME_MAX + 1);
    }
}

enum status
permission_name_read(struct slice name, struct permission_name *out,
                     struct failure *failure)
{
    struct slice action = name;
    struct slice feature;
    int shown = (int)(name.len < 80 ? name.len : 80);

    if (!slice_cut(&action, ':', &feature) || !is_half(slice_trim(feature)) ||
        !is_half(slice_trim(action)))
        return failure_set(failure, STATUS_MALFORMED, "permissions",
                           "'%.*s' cannot be a permission; wanted is \"Feature:Action\", "
                           "without further colons, commas, quotes or backslashes",
                           shown, (const char *)name.at);
    feature = slice_trim(feature);
    action = slice_trim(action);
    if (feature.len + action.len + 1 > PERMISSION_NAME_MAX)
        return failure_set(failure, STATUS_MALFORMED, "permissions",
                           "the permission '%.*s' is longer than %d bytes", shown,
                           (const char *)name.at, PERMISSION_NAME_MAX);
    slice_to_text(feature, out->feature, sizeof(out->feature));
    read_half(action, out->action);
    return STATUS_OK;
}

static bool
is_named(const struct permission *row, const struct permission_name *name)
{
    return slice_equal_nocase(slice_of(row->feature), slice_of(name->feature)) &&
           slice_equal_nocase(slice_of(row->action), slice_of(name->action));
}

static enum status
add_row(uint16_t number, const struct permission_name *name)
{
    size_t count = atomic_load(&added_count);
    struct added *added;

    for (size_t i = 0; i < permission_count(); i++) {
        const struct permission *row = permission_at(i);
        if (row->number == number || is_named(row, name))
            return row->number == number && is_named(row, name) ? STATUS_OK
                                                                : STATUS_CONFLICT;
    }
    added = mem_new(sizeof(*added));
    added->name = *name;
    int len = snprintf(added->quoted, sizeof(added->quoted), "\"%s:%s\"", name->feature,
                       name->action);
    added->row = (struct permission){
        .number = number,
        .kind = kind_of(name->action),
        .feature = added->name.feature,
        .action = added->name.action,
        .is_for_api = true,
        .quoted = {(const unsigned char *)added->quoted, (size_t)len},
    };
    atomic_store(&added_by_number[number - PERMISSION_ADDED_FIRST], added);
    atomic_store(&added_rows[count], added);
    atomic_store(&added_count, count + 1);
    return STATUS_OK;
}

enum status
permission_add(uint16_t number, const struct permission_name *name)
{
    if (number < PERMISSION_ADDED_FIRST || number >= PERMISSION_MAX_COUNT ||
        strlen(name->feature) + strlen(name->action) + 1 > PERMISSION_NAME_MAX ||
        !is_half(slice_of(name->feature)) || !is_half(slice_of(name->action)))
        return STATUS_MALFORMED;
    pthread_mutex_lock(&adding);
    enum status status = add_row(number, name);
    pthread_mutex_unlock(&adding);
    return status;
}

void
permission_forget_added(void)
{
    pthread_mutex_lock(&adding);
    size_t count = atomic_exchange(&added_count, 0);
    for (size_t i = 0; i < count; i++) {
        struct added *gone = atomic_exchange(&added_rows[i], NULL);
        atomic_store(&added_by_number[gone->row.number - PERMISSION_ADDED_FIRST], NULL);
        mem_free(&gone);
    }
    pthread_mutex_unlock(&adding);
}

/* ---- the catalogue ---- */

size_t
permission_count(void)
{
    return COUNT_OF(CATALOGUE) + atomic_load_explicit(&added_count, memory_order_acquire);
}

const struct permission *
permission_at(size_t index)
{
    if (index < COUNT_OF(CATALOGUE))
        return &CATALOGUE[index];

    assert(index < permission_count());
    const struct added *added = atomic_load_explicit(
        &added_rows[index - COUNT_OF(CATALOGUE)], memory_order_acquire);
    return &added->row;
}

static int
compare_rows(const void *a, const void *b)
{
    const struct permission *left = *(const struct permission *const *)a;
    const struct permission *right = *(const struct permission *const *)b;
    int order = strcmp(left->feature, right->feature);

    if (order == 0)
        order = (left->kind > right->kind) - (left->kind < right->kind);
    return order != 0 ? order : strcmp(left->action, right->action);
}

void
permission_sort(const struct permission **rows, size_t count)
{
    qsort(rows, count, sizeof(rows[0]), compare_rows);
}

const struct permission *
permission_by_number(uint16_t number)
{
    if (number >= PERMISSION_ADDED_FIRST && number < PERMISSION_MAX_COUNT) {
        const struct added *added = atomic_load_explicit(
            &added_by_number[number - PERMISSION_ADDED_FIRST], memory_order_acquire);
        return added ? &added->row : NULL;
    }
    for (size_t i = 0; i < COUNT_OF(CATALOGUE); i++) {
        if (CATALOGUE[i].number == number)
            return &CATALOGUE[i];
    }
    return NULL;
}

enum status
permission_read(struct slice name, uint16_t *out_number)
{
    struct slice action = name;
    struct slice feature;

    if (!slice_cut(&action, ':', &feature))
        return STATUS_NOT_FOUND;
    feature = slice_trim(feature);
    action = slice_trim(action);
    for (size_t i = 0; i < permission_count(); i++) {
        const struct permission *row = permission_at(i);
        if (slice_equal_nocase(feature, slice_of(row->feature)) &&
            slice_equal_nocase(action, slice_of(row->action))) {
            *out_number = row->number;
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

void
permission_write(uint16_t number, char out[PERMISSION_NAME_MAX + 1])
{
    const struct permission *row = permission_by_number(number);
    struct slice name = SLICE("?");

    if (row)
        name = (struct slice){row->quoted.at + 1, row->quoted.len - 2};
    slice_to_text(name, out, PERMISSION_NAME_MAX + 1);
}

/* ---- sets ---- */

bool
permission_set_is_empty(const struct permission_set *set)
{
    return permission_set_count(set) == 0;
}

size_t
permission_set_count(const struct permission_set *set)
{
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(set->words); i++)
        count += (size_t)__builtin_popcountll(set->words[i]);
    return count;
}

/* Adds the View of `feature`, if it has one. */
static void
add_view_of(struct permission_set *set, const char *feature)
{
    for (size_t i = 0; i < permission_count(); i++) {
        const struct permission *row = permission_at(i);
        if (row->kind == PERMISSION_VIEW && strcmp(row->feature, feature) == 0)
            permission_set_add(set, row->number);
    }
}

void
permission_set_imply(struct permission_set *set)
{
    for (size_t i = 0; i < permission_count(); i++) {
        const struct permission *row = permission_at(i);
        if (row->kind == PERMISSION_MANAGE && permission_set_has(set, row->number))
            add_view_of(set, row->feature);
    }
}

struct permission_set
permission_set_for_api(void)
{
    struct permission_set set = {{0}};

    for (size_t i = 0; i < permission_count(); i++) {
        if (permission_at(i)->is_for_api)
            permission_set_add(&set, permission_at(i)->number);
    }
    return set;
}

struct permission_set
permission_set_all(void)
{
    struct permission_set set = {{0}};

    for (size_t i = 0; i < permission_count(); i++)
        permission_set_add(&set, permission_at(i)->number);
    return set;
}

size_t
permission_set_pack(const struct permission_set *set, uint8_t out[PERMISSION_SET_BYTES])
{
    size_t len = PERMISSION_SET_BYTES;

    for (size_t i = 0; i < PERMISSION_SET_BYTES; i++)
        out[i] = (uint8_t)(set->words[i / 8] >> (i % 8 * 8));
    while (len > PERMISSION_ADDED_FIRST / 8 && out[len - 1] == 0)
        len--;
    return len;
}

enum status
permission_set_unpack(struct slice bytes, struct permission_set *out)
{
    struct permission_set set = {{0}};

    /* Bit 0 is nobody's: bytes that have it set were not written by us. */
    if (bytes.len < PERMISSION_ADDED_FIRST / 8 || bytes.len > PERMISSION_SET_BYTES ||
        (bytes.at[0] & 1) != 0)
        return STATUS_MALFORMED;
    for (size_t i = 0; i < bytes.len; i++)
        set.words[i / 8] |= (uint64_t)bytes.at[i] << (i % 8 * 8);
    *out = set;
    return STATUS_OK;
}
