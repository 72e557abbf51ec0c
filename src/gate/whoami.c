/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /v3/whoami: what we know about the token that asks. From the keyring alone. */
#include "gate/inside.h"

#include "base/date.h"
#include "json/write.h"

#include <string.h>

static void
list_permissions(struct json_writer *w, const struct permission_set *rights)
{
    json_write_array(w);
    for (size_t i = 0; i < permission_count(); i++) {
        const struct permission *permission = permission_at(i);
        if (permission_set_has(rights, permission->number))
            json_write_raw(w, permission->quoted);
    }
    json_write_end(w);
}

/* Most tokens have the rights of some role, so the list is mostly the last one again. */
static void
write_permissions(struct json_writer *w, struct gate_lane *lane,
                  const struct permission_set *rights)
{
    if (lane->listed.len == 0 || memcmp(&lane->listed_rights, rights, sizeof(*rights))) {
        struct json_writer list = json_write_into(&lane->listed);
        buffer_clear(&lane->listed);
        list_permissions(&list, rights);
        lane->listed_rights = *rights;
    }
    json_write_key(w, "permissions");
    json_write_raw(w, buffer_slice(&lane->listed));
}

static void
write_groups(struct json_writer *w, const struct exchange *x)
{
    const struct keyring_groups *groups = keyring_entry_groups(x->entry);

    json_write_key(w, "deviceGroups");
    json_write_array(w);
    for (size_t i = 0; i < groups->count; i++) {
        const struct keyring_group *group =
            keyring_group(x->lane->gate->keyring, groups->ids[i]);
        if (!group)
            continue; /* deleted a moment ago */
        json_write_object(w);
        json_write_member_text(w, "deviceGroupUid", group->uid);
        json_write_member_text(w, "displayName", group->name);
        json_write_end(w);
    }
    json_write_end(w);
}

static void
write_times(struct json_writer *w, const struct exchange *x)
{
    int64_t expires_at_s = keyring_entry_expires_at_s(x->entry);
    char day[DATE_CHARS + 1];
    char moment[DATE_TIME_CHARS + 1];

    date_write(date_of(expires_at_s - 1), day);
    json_write_member_text(w, "expires", day);
    date_time_write(expires_at_s * 1000 - 1000, moment); /* the last second */
    json_write_member_text(w, "expiresDateTimeUtc", moment);
    date_time_write(x->now_ms, moment);
    json_write_member_text(w, "serverDateTimeUtc", moment);
}

void
whoami_write(struct exchange *x)
{
    struct json_writer w = json_write_into(&x->lane->answer);
    char address[IP_TEXT_MAX + 1];

    ip_write(&x->address, address);
    json_write_object(&w);
    json_write_key(&w, "data");
    json_write_object(&w);
    json_write_member_string(&w, "tokenId", keyring_entry_id(x->entry));
    json_write_member_string(&w, "title", keyring_entry_title(x->entry));
    json_write_member_text(&w, "alg", alg_name(keyring_entry_alg(x->entry)));
    write_permissions(&w, x->lane, &x->rights);
    write_groups(&w, x);
    write_times(&w, x);
    json_write_member_text(&w, "address", address);
    json_write_end(&w);
    json_write_key(&w, "metadata");
    json_write_object(&w);
    json_write_end(&w);
    json_write_end(&w);
}
