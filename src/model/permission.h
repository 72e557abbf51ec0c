/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue of permissions, and sets of them. A permission is one feature with one
 * action. Its number is its place in stored sets: it never changes and is never used
 * again for another. Number 0 is nobody's; those below 256 are our own, in a table; the
 * others are given by the store to what descriptions of upstreams bring. */
#ifndef MODEL_PERMISSION_H
#define MODEL_PERMISSION_H

#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PERMISSION_MAX_COUNT = 1024, /* our own, and 768 for upstreams */
    PERMISSION_ADDED_FIRST = 256,
    PERMISSION_SET_BYTES = PERMISSION_MAX_COUNT / 8,
    PERMISSION_NAME_MAX = 120,
};

/* A set of permissions. Zeroed = may do nothing. */
struct permission_set {
    uint64_t words[PERMISSION_MAX_COUNT / 64];
};

/* How the console's grid groups actions. */
enum permission_kind { PERMISSION_VIEW = 1, PERMISSION_MANAGE, PERMISSION_OTHER };

/* One row of THE CATALOGUE (permission.c), or one that was added to it. */
struct permission {
    uint16_t number; /* for ever */
    enum permission_kind kind;
    const char *feature; /* "Device reports" */
    const char *action;  /* "View", "Manage", "Perform", "Run", "Export", … */
    bool is_for_api;     /* may a token have it? (rule 6) */
    struct slice quoted; /* "Feature:Action" as a JSON string, its quotes included */
};

/* The count only grows; a row keeps its index, and lives until the program ends: so a
 * walk from 0 to count - 1 is whole while others add. Our own come first, in the order of
 * the grid, then the added ones by number. */
size_t permission_count(void);
const struct permission *permission_at(size_t index);
/* Into the order of the console's grid: by features, and of each View, then Manage. */
void permission_sort(const struct permission **rows, size_t count);
/* NULL when no row has this number. */
const struct permission *permission_by_number(uint16_t number);
/* Reads "Feature:Action"; case matters not, blanks around the colon neither.
 * STATUS_NOT_FOUND when the catalogue has none. */
MUST_CHECK enum status permission_read(struct slice name, uint16_t *out_number);
/* Reads "Feature:Action" as a new name: both trimmed, "view" and "manage" spelled as
 * ours. STATUS_MALFORMED: it is none; failure says in words what is wrong. */
struct permission_name {
    char feature[PERMISSION_NAME_MAX + 1], action[PERMISSION_NAME_MAX + 1];
};
MUST_CHECK enum status permission_name_read(struct slice name,
                                            struct permission_name *out,
                                            struct failure *failure);
/* Adds a row with the number that the store has given it (PERMISSION_ADDED_FIRST or
 * more). From any thread; the process serves one store, whose numbers are for ever, so
 * there is one catalogue. The same row again: nothing. STATUS_CONFLICT: the number or the
 * name is another's. STATUS_MALFORMED: it cannot be a row. */
MUST_CHECK enum status permission_add(uint16_t number,
                                      const struct permission_name *name);
/* Takes out all that were added; for tests, which open several stores one after another.
 * Nobody else may be reading. */
void permission_forget_added(void);
/* "Feature:Action" with a closing zero; "?" for a number without a row. */
void permission_write(uint16_t number, char out[PERMISSION_NAME_MAX + 1]);

/* The numbers by name. A number is given once and for ever; a new permission takes the
 * next one, and a row in the catalogue. */
enum {
    PERMISSION_NONE = 0,
    PERMISSION_API_CREDENTIALS_MANAGE = 1,
    PERMISSION_DEVICE_FIELDS_VIEW = 2,
    PERMISSION_DEVICE_FIELDS_MANAGE = 3,
    PERMISSION_DEVICE_REPORTS_VIEW = 4,
    PERMISSION_AUDIT_EVENT_HISTORY_VIEW = 5,
    PERMISSION_USERS_VIEW = 6,
    PERMISSION_USERS_MANAGE = 7,
    PERMISSION_ROLES_VIEW = 8,
    PERMISSION_ROLES_MANAGE = 9,
    PERMISSION_DEVICE_REPORTS_EXPORT = 10,
    PERMISSION_SOFTWARE_REPORTS_VIEW = 11,
    PERMISSION_SOFTWARE_REPORTS_EXPORT = 12,
    PERMISSION_DEVICE_FIELD_DEFINITION_MANAGE = 13,
    PERMISSION_GEOLOCATION_VIEW = 14,
    PERMISSION_GEOLOCATION_ADDRESS_LEVEL_VIEW = 15,
    PERMISSION_FREEZE_DEVICE_VIEW = 16,
    PERMISSION_FREEZE_DEVICE_PERFORM = 17,
    PERMISSION_REMOVE_FREEZE_PERFORM = 18,
    PERMISSION_REACH_SCRIPT_RUN = 19,
    PERMISSION_SEND_MESSAGE_VIEW = 20,
    PERMISSION_SEND_MESSAGE_MANAGE = 21,
    PERMISSION_UNENROLL_DEVICE_VIEW = 22,
    PERMISSION_UNENROLL_DEVICE_PERFORM = 23,
    PERMISSION_WIPE_DEVICE_VIEW = 24,
    PERMISSION_WIPE_DEVICE_PERFORM = 25,
    PERMISSION_DELETE_FILE_VIEW = 26,
    PERMISSION_DELETE_FILE_PERFORM = 27,
    PERMISSION_MANAGE_SUPERVISOR_PASSWORD_MANAGE = 28,
    PERMISSION_RUN_PLAYBOOKS_VIEW = 29,
    PERMISSION_RUN_PLAYBOOKS_PERFORM = 30,
    PERMISSION_VERSION_CONTROL_MANAGE = 31,
    PERMISSION_AGENT_INSTALLER_PERFORM = 32,
    PERMISSION_CUSTOM_DATA_COLLECTION_VIEW = 33,
    PERMISSION_CUSTOM_DATA_COLLECTION_MANAGE = 34,
    PERMISSION_DEVICE_GROUPS_VIEW = 35,
    PERMISSION_DEVICE_GROUPS_MANAGE = 36,
    PERMISSION_POLICIES_VIEW = 37,
    PERMISSION_POLICIES_MANAGE = 38,
    PERMISSION_MISSING_DEVICE_VIEW = 39,
    PERMISSION_MISSING_DEVICE_MANAGE = 40,
    PERMISSION_SIEM_INTEGRATION_MANAGE = 41,
    PERMISSION_LICENSES_VIEW = 42,
    PERMISSION_LICENSES_MANAGE = 43,
    PERMISSION_RULES_VIEW = 44,
    PERMISSION_RULES_MANAGE = 45,
    PERMISSION_DASHBOARD_INVENTORY_VIEW = 46,
    PERMISSION_AI_ASSISTANT_VIEW = 47,
    PERMISSION_AI_ASSISTANT_MANAGE = 48,
    PERMISSION_UPSTREAMS_VIEW = 49,
    PERMISSION_UPSTREAMS_MANAGE = 50,
    PERMISSION_SETTINGS_VIEW = 51,
    PERMISSION_SETTINGS_MANAGE = 52,
    PERMISSION_DEVICE_IMPORT_PERFORM = 53,
    PERMISSION_LAST = PERMISSION_DEVICE_IMPORT_PERFORM,
};

static inline bool
permission_set_has(const struct permission_set *set, uint16_t number)
{
    return number != 0 && (set->words[number / 64] >> (number % 64) & 1) != 0;
}

static inline void
permission_set_add(struct permission_set *set, uint16_t number)
{
    if (number != 0)
        set->words[number / 64] |= (uint64_t)1 << (number % 64);
}

static inline void
permission_set_remove(struct permission_set *set, uint16_t number)
{
    set->words[number / 64] &= ~((uint64_t)1 << (number % 64));
}

/* Does `set` hold all of `wanted`? */
static inline bool
permission_set_covers(const struct permission_set *set,
                      const struct permission_set *wanted)
{
    for (size_t i = 0; i < PERMISSION_MAX_COUNT / 64; i++) {
        if ((wanted->words[i] & ~set->words[i]) != 0)
            return false;
    }
    return true;
}

static inline struct permission_set
permission_set_both(struct permission_set a, struct permission_set b)
{
    for (size_t i = 0; i < PERMISSION_MAX_COUNT / 64; i++)
        a.words[i] &= b.words[i];
    return a;
}

static inline struct permission_set
permission_set_either(struct permission_set a, struct permission_set b)
{
    for (size_t i = 0; i < PERMISSION_MAX_COUNT / 64; i++)
        a.words[i] |= b.words[i];
    return a;
}

/* What is in `a` and not in `b`. */
static inline struct permission_set
permission_set_without(struct permission_set a, struct permission_set b)
{
    for (size_t i = 0; i < PERMISSION_MAX_COUNT / 64; i++)
        a.words[i] &= ~b.words[i];
    return a;
}

bool permission_set_is_empty(const struct permission_set *set);
size_t permission_set_count(const struct permission_set *set);
/* Adds the View of each feature whose Manage is in the set. */
void permission_set_imply(struct permission_set *set);
/* All that a token may have. */
struct permission_set permission_set_for_api(void);
/* All of the catalogue. */
struct permission_set permission_set_all(void);
/* The stored form: bit n of byte n/8 is number n. 32 bytes when none was added by an
 * upstream, else as many as it takes. */
size_t permission_set_pack(const struct permission_set *set,
                           uint8_t out[PERMISSION_SET_BYTES]);
MUST_CHECK enum status permission_set_unpack(struct slice bytes,
                                             struct permission_set *out);

#endif
