/* SPDX-License-Identifier: Apache-2.0
 *
 * A shadow, told. */
#include "rules/shadow_report.h"

#include "base/auto.h"
#include "base/ids.h"
#include "base/mem.h"
#include "base/number.h"
#include "rules/token_shadow.h"
#include "store/store_people.h"
#include "store/store_shadows.h"

#include <stdio.h>

const char *
shadow_why(enum shadow_miss_kind kind)
{
    switch (kind) {
    case MISS_PERMISSION:
        return "permission";
    case MISS_ADDRESS:
        return "address";
    case MISS_GROUP:
        return "group";
    case MISS_LESS:
        return "fewer devices";
    }
    return "?";
}

void
shadow_report_free(struct shadow_report **report)
{
    if (*report)
        mem_free(&(*report)->told);
    mem_free(report);
}

/* ---- reading ---- */

static void
take_miss(void *ctx, const struct shadow_miss *miss)
{
    struct shadow_report *report = ctx;

    if (report->told_count < SHADOW_MISS_MAX_COUNT)
        report->told[report->told_count++].miss = *miss;
}

static enum status
name_group(struct store *store, struct slice item, char *out, size_t size)
{
    struct device_group group = {0};
    int64_t id = 0;

    if (number_read(item, &id) != STATUS_OK)
        return STATUS_BROKEN;
    enum status status = store_group_by_id(store, id, &group);
    if (status == STATUS_OK)
        snprintf(out, size, "%s", group.name);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status
name_what(struct store *store, struct shadow_told *told)
{
    struct slice item = slice_of(told->miss.item);
    char name[PERMISSION_NAME_MAX + 1];
    int64_t number = 0;

    switch (told->miss.kind) {
    case MISS_PERMISSION:
        if (number_read(item, &number) != STATUS_OK || number < 0 ||
            number >= PERMISSION_MAX_COUNT)
            return STATUS_BROKEN;
        permission_write((uint16_t)number, name);
        snprintf(told->what, sizeof(told->what), "%s", name);
        return STATUS_OK;
    case MISS_ADDRESS:
        snprintf(told->what, sizeof(told->what), "%s", told->miss.item);
        return STATUS_OK;
    case MISS_GROUP:
        return name_group(store, item, told->what, sizeof(told->what));
    case MISS_LESS:
        return STATUS_OK;
    }
    return STATUS_BROKEN;
}

static bool
has_range(const struct rights_set *set, const struct ip_range *range)
{
    for (size_t i = 0; i < set->address_count; i++) {
        if (memcmp(&set->addresses[i], range, sizeof(*range)) == 0)
            return true;
    }
    return false;
}

static void
find_without(const struct token *token, const struct rights_set *set,
             struct rights_set *out)
{
    out->permissions = permission_set_without(token->permissions, set->permissions);
    for (size_t i = 0; set->group_count > 0 && i < token->group_count; i++) {
        if (!ids_hold(set->group_ids, set->group_count, token->group_ids[i]))
            out->group_ids[out->group_count++] = token->group_ids[i];
    }
    for (size_t i = 0; set->address_count > 0 && i < token->address_count; i++) {
        if (!has_range(set, &token->addresses[i]))
            out->addresses[out->address_count++] = token->addresses[i];
    }
}

enum status
shadow_report_read(struct store *store, const struct token *token, int64_t now_s,
                   struct shadow_report **out)
{
    struct shadow_report *report AUTO(shadow_report_free) = mem_new(sizeof(*report));
    enum status status = store_shadow_of(store, slice_of(token->id), &report->shadow);

    if (status != STATUS_OK)
        return status;
    report->told = mem_new_array(SHADOW_MISS_MAX_COUNT, sizeof(report->told[0]));
    report->state = token_shadow_state(&report->shadow, now_s);
    find_without(token, &report->shadow.set, &report->without);
    status = store_shadow_misses(store, report->shadow.id, take_miss, report);
    for (size_t i = 0; status == STATUS_OK && i < report->told_count; i++)
        status = name_what(store, &report->told[i]);
    if (status == STATUS_OK)
        *out = TAKE(report);
    return status;
}

/* ---- writing ---- */

static void
write_moment(struct json_writer *writer, const char *name, int64_t at_s)
{
    char text[DATE_TIME_CHARS + 1];

    json_write_key(writer, name);
    date_time_write(at_s * 1000, text);
    if (at_s == 0)
        json_write_null(writer);
    else
        json_write_text(writer, text);
}

static void
write_permissions(struct json_writer *writer, const struct permission_set *set)
{
    char name[PERMISSION_NAME_MAX + 1];

    json_write_key(writer, "permissions");
    json_write_array(writer);
    for (size_t i = 0; i < permission_count(); i++) {
        uint16_t number = permission_at(i)->number;
        if (!permission_set_has(set, number))
            continue;
        permission_write(number, name);
        json_write_text(writer, name);
    }
    json_write_end(writer);
}

/* Those that are there still. */
static enum status
write_groups(struct store *store, struct json_writer *writer,
             const struct rights_set *set)
{
    json_write_key(writer, "groups");
    json_write_array(writer);
    for (size_t i = 0; i < set->group_count; i++) {
        struct device_group group = {0};
        enum status status = store_group_by_id(store, set->group_ids[i], &group);
        if (status != STATUS_OK && status != STATUS_NOT_FOUND)
            return status;
        if (status == STATUS_NOT_FOUND)
            continue;
        json_write_object(writer);
        json_write_member_text(writer, "uid", group.uid);
        json_write_member_text(writer, "name", group.name);
        json_write_end(writer);
    }
    json_write_end(writer);
    return STATUS_OK;
}

static enum status
write_set(struct store *store, struct json_writer *writer, const char *name,
          const struct rights_set *set)
{
    char text[IP_RANGE_TEXT_MAX + 1];

    json_write_key(writer, name);
    json_write_object(writer);
    write_permissions(writer, &set->permissions);
    enum status status = write_groups(store, writer, set);
    if (status != STATUS_OK)
        return status;
    json_write_key(writer, "approvedAddresses");
    json_write_array(writer);
    for (size_t i = 0; i < set->address_count; i++) {
        ip_range_write(&set->addresses[i], text);
        json_write_text(writer, text);
    }
    json_write_end(writer);
    json_write_end(writer);
    return STATUS_OK;
}

static void
write_told(struct json_writer *writer, const struct shadow_told *told)
{
    json_write_object(writer);
    json_write_member_text(writer, "method", told->miss.method);
    json_write_member_text(writer, "path", told->miss.path);
    json_write_member_text(writer, "why", shadow_why(told->miss.kind));
    json_write_key(writer, "what");
    if (told->what[0])
        json_write_text(writer, told->what);
    else
        json_write_null(writer);
    json_write_member_int(writer, "count", told->miss.count);
    write_moment(writer, "firstAt", told->miss.first_at_s);
    write_moment(writer, "lastAt", told->miss.last_at_s);
    json_write_end(writer);
}

enum status
shadow_report_write(struct store *store, const struct shadow_report *report,
                    struct json_writer *writer)
{
    const struct shadow *shadow = &report->shadow;

    json_write_object(writer);
    json_write_member_text(writer, "state", report->state);
    json_write_member_text(writer, "startedBy", shadow->started_by);
    write_moment(writer, "startedAt", shadow->started_at_s);
    write_moment(writer, "endsAt", shadow->ends_at_s);
    write_moment(writer, "stoppedAt", shadow->is_stopped ? shadow->over_at_s : 0);
    enum status status = write_set(store, writer, "set", &shadow->set);
    if (status == STATUS_OK)
        status = write_set(store, writer, "without", &report->without);
    if (status != STATUS_OK)
        return status;
    json_write_member_int(writer, "calls", shadow->counts.calls);
    json_write_member_int(writer, "wouldHaveFailed", shadow->counts.failed);
    json_write_member_int(writer, "wouldHaveToldLess", shadow->counts.less);
    json_write_member_int(writer, "notListed", shadow->counts.unlisted);
    json_write_key(writer, "misses");
    json_write_array(writer);
    for (size_t i = 0; i < report->told_count; i++)
        write_told(writer, &report->told[i]);
    json_write_end(writer);
    json_write_end(writer);
    return STATUS_OK;
}
