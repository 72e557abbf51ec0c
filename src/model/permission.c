/* SPDX-License-Identifier: Apache-2.0
 *
 * THE CATALOGUE of permissions, in the order of the console's grid: features by name,
 * and of each first View, then Manage, then the other actions. A row is for the API when
 * some API operation asks for it, or when a Manage that is for the API implies it. */
#include "model/permission.h"

#include "base/auto.h"

#include <assert.h>

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

_Static_assert(COUNT_OF(CATALOGUE) == PERMISSION_LAST, "each number has one row");

size_t
permission_count(void)
{
    return COUNT_OF(CATALOGUE);
}

const struct permission *
permission_at(size_t index)
{
    assert(index < COUNT_OF(CATALOGUE));
    return &CATALOGUE[index];
}

const struct permission *
permission_by_number(uint8_t number)
{
    for (size_t i = 0; i < COUNT_OF(CATALOGUE); i++) {
        if (CATALOGUE[i].number == number)
            return &CATALOGUE[i];
    }
    return NULL;
}

enum status
permission_read(struct slice name, uint8_t *out_number)
{
    struct slice action = name;
    struct slice feature;

    if (!slice_cut(&action, ':', &feature))
        return STATUS_NOT_FOUND;
    feature = slice_trim(feature);
    action = slice_trim(action);
    for (size_t i = 0; i < COUNT_OF(CATALOGUE); i++) {
        if (slice_equal_nocase(feature, slice_of(CATALOGUE[i].feature)) &&
            slice_equal_nocase(action, slice_of(CATALOGUE[i].action))) {
            *out_number = CATALOGUE[i].number;
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

void
permission_write(uint8_t number, char out[PERMISSION_NAME_MAX + 1])
{
    const struct permission *row = permission_by_number(number);

    struct slice name = SLICE("?");

    if (row)
        name = (struct slice){row->quoted.at + 1, row->quoted.len - 2};
    slice_to_text(name, out, PERMISSION_NAME_MAX + 1);
}

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
    for (size_t i = 0; i < COUNT_OF(CATALOGUE); i++) {
        if (CATALOGUE[i].kind == PERMISSION_VIEW &&
            strcmp(CATALOGUE[i].feature, feature) == 0)
            permission_set_add(set, CATALOGUE[i].number);
    }
}

void
permission_set_imply(struct permission_set *set)
{
    for (size_t i = 0; i < COUNT_OF(CATALOGUE); i++) {
        if (CATALOGUE[i].kind == PERMISSION_MANAGE &&
            permission_set_has(set, CATALOGUE[i].number))
            add_view_of(set, CATALOGUE[i].feature);
    }
}

struct permission_set
permission_set_for_api(void)
{
    struct permission_set set = {{0}};

    for (size_t i = 0; i < COUNT_OF(CATALOGUE); i++) {
        if (CATALOGUE[i].is_for_api)
            permission_set_add(&set, CATALOGUE[i].number);
    }
    return set;
}

struct permission_set
permission_set_all(void)
{
    struct permission_set set = {{0}};

    for (size_t i = 0; i < COUNT_OF(CATALOGUE); i++)
        permission_set_add(&set, CATALOGUE[i].number);
    return set;
}

void
permission_set_pack(const struct permission_set *set, uint8_t out[PERMISSION_SET_BYTES])
{
    for (size_t i = 0; i < PERMISSION_SET_BYTES; i++)
        out[i] = (uint8_t)(set->words[i / 8] >> (i % 8 * 8));
}

enum status
permission_set_unpack(struct slice bytes, struct permission_set *out)
{
    struct permission_set set = {{0}};

    /* Bit 0 is nobody's: bytes that have it set were not written by us. */
    if (bytes.len != PERMISSION_SET_BYTES || (bytes.at[0] & 1) != 0)
        return STATUS_MALFORMED;
    for (size_t i = 0; i < PERMISSION_SET_BYTES; i++)
        set.words[i / 8] |= (uint64_t)bytes.at[i] << (i % 8 * 8);
    *out = set;
    return STATUS_OK;
}
