/* SPDX-License-Identifier: Apache-2.0
 *
 * THE DEFAULT ROLE TABLE. Roles of administrators see the whole account; power users do
 * the daily work on their device groups; the words "Security …" add what locks or erases
 * a device. Whatever could raise somebody's own rights (users, roles, settings,
 * upstreams, SIEM) is the System Administrator's alone. */
#include "model/roles.h"

#include "base/auto.h"

#include <assert.h>

/* One letter a role, used in GRANTS. */
static const struct role_row {
    char letter; /* 0: has all */
    const char *name, *meaning;
} ROLES[] = {
    {0, ROLE_SYSTEM_ADMINISTRATOR,
     "May do everything, and alone manages users, roles "
     "and settings."},
    {'S', "Security Administrator",
     "Administers the account, and may lock and erase "
     "all devices."},
    {'A', "Administrator",
     "Administers the account, without locking or erasing devices."},
    {'s', "Security Power User",
     "Works on assigned device groups, and may lock and "
     "erase their devices."},
    {'p', "Power User", "Works on assigned device groups, without locking or erasing."},
    {'g', "Guest User", "Sees devices and software of assigned device groups."},
};

/* Who has what. A permission without a row is the System Administrator's alone. */
static const struct grant {
    uint16_t permission;
    const char *letters; /* of ROLES */
} GRANTS[] = {
    /* what every role needs to see anything at all */
    {PERMISSION_DEVICE_FIELDS_VIEW, "SAspg"},
    {PERMISSION_DEVICE_REPORTS_VIEW, "SAspg"},
    {PERMISSION_SOFTWARE_REPORTS_VIEW, "SAspg"},
    {PERMISSION_DASHBOARD_INVENTORY_VIEW, "SAspg"},
    /* the daily work */
    {PERMISSION_API_CREDENTIALS_MANAGE, "SAsp"},
    {PERMISSION_DEVICE_FIELDS_MANAGE, "SAsp"},
    {PERMISSION_DEVICE_REPORTS_EXPORT, "SAsp"},
    {PERMISSION_SOFTWARE_REPORTS_EXPORT, "SAsp"},
    {PERMISSION_GEOLOCATION_VIEW, "SAsp"},
    {PERMISSION_SEND_MESSAGE_VIEW, "SAsp"},
    {PERMISSION_SEND_MESSAGE_MANAGE, "SAsp"},
    {PERMISSION_DEVICE_GROUPS_VIEW, "SAsp"},
    {PERMISSION_POLICIES_VIEW, "SAsp"},
    {PERMISSION_MISSING_DEVICE_VIEW, "SAsp"},
    {PERMISSION_MISSING_DEVICE_MANAGE, "SAsp"},
    {PERMISSION_RUN_PLAYBOOKS_VIEW, "SAsp"},
    {PERMISSION_UNENROLL_DEVICE_VIEW, "SAsp"},
    {PERMISSION_CUSTOM_DATA_COLLECTION_VIEW, "SAsp"},
    {PERMISSION_AI_ASSISTANT_VIEW, "SAsp"},
    /* administering */
    {PERMISSION_DEVICE_FIELD_DEFINITION_MANAGE, "SA"},
    {PERMISSION_GEOLOCATION_ADDRESS_LEVEL_VIEW, "SA"},
    {PERMISSION_REACH_SCRIPT_RUN, "SA"},
    {PERMISSION_RUN_PLAYBOOKS_PERFORM, "SA"},
    {PERMISSION_VERSION_CONTROL_MANAGE, "SA"},
    {PERMISSION_AGENT_INSTALLER_PERFORM, "SA"},
    {PERMISSION_CUSTOM_DATA_COLLECTION_MANAGE, "SA"},
    {PERMISSION_DEVICE_GROUPS_MANAGE, "SA"},
    {PERMISSION_DEVICE_IMPORT_PERFORM, "SA"},
    {PERMISSION_POLICIES_MANAGE, "SA"},
    {PERMISSION_LICENSES_VIEW, "SA"},
    {PERMISSION_LICENSES_MANAGE, "SA"},
    {PERMISSION_AUDIT_EVENT_HISTORY_VIEW, "SA"},
    {PERMISSION_RULES_VIEW, "SA"},
    {PERMISSION_RULES_MANAGE, "SA"},
    {PERMISSION_AI_ASSISTANT_MANAGE, "SA"},
    {PERMISSION_USERS_VIEW, "SA"},
    {PERMISSION_ROLES_VIEW, "SA"},
    {PERMISSION_UPSTREAMS_VIEW, "SA"},
    {PERMISSION_SETTINGS_VIEW, "SA"},
    /* locking and erasing */
    {PERMISSION_FREEZE_DEVICE_VIEW, "SAsp"},
    {PERMISSION_FREEZE_DEVICE_PERFORM, "Ss"},
    {PERMISSION_REMOVE_FREEZE_PERFORM, "Ss"},
    {PERMISSION_DELETE_FILE_VIEW, "Ss"},
    {PERMISSION_DELETE_FILE_PERFORM, "Ss"},
    {PERMISSION_WIPE_DEVICE_VIEW, "Ss"},
    {PERMISSION_WIPE_DEVICE_PERFORM, "Ss"},
    {PERMISSION_UNENROLL_DEVICE_PERFORM, "S"},
    {PERMISSION_MANAGE_SUPERVISOR_PASSWORD_MANAGE, "S"},
};

static struct permission_set
granted_to(char letter)
{
    struct permission_set set = {{0}};

    for (size_t i = 0; i < COUNT_OF(GRANTS); i++) {
        if (strchr(GRANTS[i].letters, letter))
            permission_set_add(&set, GRANTS[i].permission);
    }
    return set;
}

size_t
default_role_count(void)
{
    return COUNT_OF(ROLES);
}

struct default_role
default_role_at(size_t index)
{
    assert(index < COUNT_OF(ROLES));

    const struct role_row *row = &ROLES[index];
    bool has_all = row->letter == 0;

    return (struct default_role){
        .name = row->name,
        .meaning = row->meaning,
        .is_system_admin = has_all,
        .permissions = has_all ? permission_set_all() : granted_to(row->letter),
    };
}
