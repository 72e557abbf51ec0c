/* SPDX-License-Identifier: Apache-2.0
 *
 * Records as JSON, for the details of events. */
#include "rules/details.h"

#include "base/auto.h"
#include "crypto/sha256.h"
#include "model/shadow.h"
#include "rules/token_life.h"
#include "store/store_people.h"

#include <stdio.h>

json_t *
details_permissions(const struct permission_set *set)
{
    json_t *names AUTO(details_done) = json_array();

    for (size_t i = 0; i < permission_count(); i++) {
        char name[PERMISSION_NAME_MAX + 1] = "";
        uint16_t number = permission_at(i)->number;

        if (!permission_set_has(set, number))
            continue;
        permission_write(number, name);
        if (json_array_append_new(names, json_string(name)) != 0)
            return NULL;
    }
    return TAKE(names);
}

static enum status
group_names(struct store *store, const int64_t *ids, size_t count, json_t **out)
{
    json_t *names AUTO(details_done) = json_array();

    for (size_t i = 0; i < count; i++) {
        struct device_group group = {0};
        enum status status = store_group_by_id(store, ids[i], &group);

        if (status == STATUS_NOT_FOUND)
            snprintf(group.name, sizeof(group.name), "#%lld", (long long)ids[i]);
        else if (status != STATUS_OK)
            return status;
        if (json_array_append_new(names, json_string(group.name)) != 0)
            return STATUS_BROKEN;
    }
    *out = TAKE(names);
    return *out ? STATUS_OK : STATUS_BROKEN;
}

json_t *
details_addresses(const struct ip_range *ranges, size_t count)
{
    json_t *texts AUTO(details_done) = json_array();

    for (size_t i = 0; i < count; i++) {
        char text[IP_RANGE_TEXT_MAX + 1] = "";
        ip_range_write(&ranges[i], text);
        if (json_array_append_new(texts, json_string(text)) != 0)
            return NULL;
    }
    return TAKE(texts);
}

/* What tells one public key from another: SHA-256 of x and y, in hexadecimal. */
static void
write_fingerprint(const struct token *token, char out[2 * SHA256_BYTES + 1])
{
    uint8_t digest[SHA256_BYTES];

    sha256((struct slice){token->public_key, sizeof(token->public_key)}, digest);
    for (size_t i = 0; i < SHA256_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

static const char *
text_or_null(const char *text)
{
    return text[0] ? text : NULL;
}

/* Those that there are. */
static bool
add_limits(json_t *details, const struct token_limits *limits)
{
    char rate[RATE_TEXT_CHARS + 1];
    char day[DATE_CHARS + 1];
    const struct {
        const char *name;
        int64_t number;
    } numbers[] = {{"quotaPerDay", limits->quota_per_day},
                   {"concurrent", limits->concurrent_max},
                   {"maxUses", limits->max_uses}};
    bool is_good = true;

    rate_write(limits->rate, rate);
    if (rate[0])
        is_good = json_object_set_new(details, "rate", json_string(rate)) == 0;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        if (numbers[i].number > 0 &&
            json_object_set_new(details, numbers[i].name,
                                json_integer(numbers[i].number)) != 0)
            is_good = false;
    }
    date_write(date_of(limits->not_before_s), day);
    if (limits->not_before_s > 0 &&
        json_object_set_new(details, "notBefore", json_string(day)) != 0)
        is_good = false;
    return is_good;
}

enum status
details_token(struct store *store, const struct token *token, json_t **out)
{
    char expires[DATE_CHARS + 1] = "";
    char fingerprint[2 * SHA256_BYTES + 1] = "";
    char ends_at[DATE_TIME_CHARS + 1] = "";
    struct user user = {0};
    json_t *groups AUTO(details_done) = NULL;
    char by[TOKEN_SUSPENDER_BYTES] = "";
    enum status status = store_user_by_id(store, token->user_id, &user);

    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    status = group_names(store, token->group_ids, token->group_count, &groups);
    if (status == STATUS_OK)
        status = token_suspender(store, token, by);
    if (status != STATUS_OK)
        return status;
    date_write(token->expires_on, expires);
    if (token->alg == ALG_ES256)
        write_fingerprint(token, fingerprint);

    if (token->replaced_by[0])
        date_time_write(token->expires_at_s * 1000, ends_at);
    json_t *details = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:b, s:s*, s:o, s:O, s:o, s:s*, s:o*, s:s*, s:s*, "
        "s:s*, s:o*}",
        "title", token->title, "description", token->description, "algorithm",
        alg_name(token->alg), "user", user.email, "expires", expires, "isSuspended",
        token->is_suspended, "suspendedBy", text_or_null(by), "permissions",
        details_permissions(&token->permissions), "deviceGroups", groups,
        "approvedAddresses", details_addresses(token->addresses, token->address_count),
        "publicKeySha256", text_or_null(fingerprint), "isKeyProved",
        fingerprint[0] ? json_boolean(token->is_proved) : NULL, "replaces",
        text_or_null(token->replaces), "replacedBy", text_or_null(token->replaced_by),
        "endsAt", text_or_null(ends_at), "isCanary",
        token->is_canary ? json_true() : NULL);
    if (!details || !add_limits(details, &token->limits))
        return STATUS_BROKEN;
    *out = details;
    return STATUS_OK;
}

enum status
details_shadow(struct store *store, const struct shadow *shadow, json_t **out)
{
    const struct rights_set *set = &shadow->set;
    char ends_at[DATE_TIME_CHARS + 1] = "";
    json_t *groups AUTO(details_done) = NULL;
    enum status status = group_names(store, set->group_ids, set->group_count, &groups);

    if (status != STATUS_OK)
        return status;
    date_time_write(shadow->ends_at_s * 1000, ends_at);
    json_t *details = json_pack("{s:o, s:O, s:o, s:s}", "shadowPermissions",
                                details_permissions(&set->permissions),
                                "shadowDeviceGroups", groups, "shadowApprovedAddresses",
                                details_addresses(set->addresses, set->address_count),
                                "shadowEndsAt", ends_at);
    if (!details)
        return STATUS_BROKEN;
    *out = details;
    return STATUS_OK;
}

enum status
details_user(struct store *store, const struct user *user, json_t **out)
{
    int64_t ids[TOKEN_GROUP_MAX_COUNT];
    size_t count = 0;
    struct role role = {0};
    json_t *groups AUTO(details_done) = NULL;
    enum status status = store_role_by_id(store, user->role_id, &role);

    if (status == STATUS_OK)
        status = store_user_groups(store, user->id, ids, &count);
    if (status == STATUS_OK)
        status = group_names(store, ids, count, &groups);
    if (status != STATUS_OK)
        return status;

    json_t *details =
        json_pack("{s:s, s:s, s:s, s:b, s:b, s:b, s:O}", "email", user->email, "name",
                  user->name, "role", role.name, "isSuspended", user->is_suspended,
                  "hasPassword", user->password_hash[0] != '\0', "mustChangePassword",
                  user->must_change_password, "deviceGroups", groups);
    if (!details)
        return STATUS_BROKEN;
    *out = details;
    return STATUS_OK;
}

enum status
details_role(const struct role *role, json_t **out)
{
    json_t *details = json_pack("{s:s, s:o}", "name", role->name, "permissions",
                                details_permissions(&role->permissions));
    if (!details)
        return STATUS_BROKEN;
    *out = details;
    return STATUS_OK;
}

enum status
details_group(const struct device_group *group, json_t **out)
{
    json_t *details = json_pack("{s:s, s:s, s:s}", "name", group->name, "description",
                                group->description, "folder", group->folder);
    if (!details)
        return STATUS_BROKEN;
    *out = details;
    return STATUS_OK;
}

enum status
details_licence(const struct licence *licence, json_t **out)
{
    char starts[DATE_TIME_CHARS + 1] = "";
    char ends[DATE_TIME_CHARS + 1] = "";

    date_time_write(licence->starts_at_s * 1000, starts);
    date_time_write(licence->ends_at_s * 1000, ends);

    json_t *details = json_pack(
        "{s:s, s:s, s:s, s:s, s:I}", "name", licence->name, "orderNo", licence->order_no,
        "startsAt", starts, "endsAt", ends, "seatCount", (json_int_t)licence->seat_count);
    if (!details)
        return STATUS_BROKEN;
    *out = details;
    return STATUS_OK;
}
