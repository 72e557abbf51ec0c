/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of devices: of each what a table shows, out of its document. */
#include "console/device_doc.h"

#include "base/auto.h"
#include "console/list.h"
#include "console/write.h"
#include "store/store_device_query.h"
#include "store/store_devices.h"
#include "store/store_lists.h"
#include "json/scan.h"

/* What a row shows of a device's document: a member, or one that lies in a member. */
static const struct shown {
    const char *name, *within; /* NULL: the member itself */
} SHOWN[] = {
    {"deviceUid", NULL},
    {"deviceName", NULL},
    {"fullSystemName", NULL},
    {"esn", NULL},
    {"serialNumber", NULL},
    {"username", NULL},
    {"currentUsername", NULL},
    {"systemManufacturer", NULL},
    {"systemModel", NULL},
    {"systemType", NULL},
    {"operatingSystem", "name"},
    {"platformOSType", NULL},
    {"domain", NULL},
    {"localIp", NULL},
    {"publicIp", NULL},
    {"networkSSID", NULL},
    {"espInfo", "encryptionStatus"},
    {"avpInfo", "antivirusName"},
    {"policyGroupName", NULL},
    {"agentStatus", NULL},
    {"agentVersion", NULL},
    {"lastConnectedDateTimeUtc", NULL},
    {"lastUpdatedDateTimeUtc", NULL},
};

bool
device_doc_is_hidden(const struct visit *v, struct slice top_name)
{
    for (size_t i = 0; i < route_table_count(v->table); i++) {
        const struct operation *operation = route_table_at(v->table, i);
        if (operation->upstream || strcmp(operation->id, "get-devices") != 0)
            continue;
        for (size_t k = 0; k < operation->when_count; k++) {
            const struct operation_when *when = &operation->whens[k];
            struct slice rest = slice_of(when->name);
            struct slice top = rest;
            if (when->kind != WHEN_FIELD ||
                permission_set_covers(&v->rights, &when->permissions))
                continue;
            slice_cut(&rest, '.', &top);
            if (slice_equal(top, top_name))
                return true;
        }
    }
    return false;
}

/* ---- sorting ---- */

static const struct device_field *
find_field(struct slice name)
{
    for (size_t i = 0; i < DEVICE_FIELD_COUNT; i++) {
        const struct device_field *field = &DEVICE_FIELDS[i];
        if (slice_equal(name, slice_of(field->name)))
            return field->is_sortable && field->column[0] ? field : NULL;
    }
    return NULL;
}

static bool
has_sort(struct slice name)
{
    return find_field(name) != NULL;
}

/* ---- rows ---- */

struct rows {
    struct visit *v;
    struct json_writer *writer;
    size_t left;
    struct list_mark last;
    bool is_more, is_bad;
};

static void
write_raw(struct json_writer *writer, const struct json_value *value)
{
    if (value->kind == JSON_KIND_STRING)
        json_write_raw(writer, (struct slice){value->raw.at - 1, value->raw.len + 2});
    else
        json_write_raw(writer, value->raw);
}

/* The member of this name, or null. */
static void
write_found(struct json_writer *writer, const struct json_value *object, const char *name)
{
    struct json_value value;

    json_write_key(writer, name);
    if (json_find(object, slice_of(name), &value) == STATUS_OK)
        write_raw(writer, &value);
    else
        json_write_null(writer);
}

static void
write_shown(struct json_writer *writer, const struct json_value *doc,
            const struct shown *shown)
{
    struct json_value outer;

    if (!shown->within) {
        write_found(writer, doc, shown->name);
        return;
    }
    json_write_key(writer, shown->name);
    if (json_find(doc, slice_of(shown->name), &outer) != STATUS_OK) {
        json_write_null(writer);
        return;
    }
    json_write_object(writer);
    write_found(writer, &outer, shown->within);
    json_write_end(writer);
}

static bool
write_row(struct rows *rows, struct slice text)
{
    struct json_value doc;

    if (json_scan(text, &doc) != STATUS_OK)
        return false;
    json_write_object(rows->writer);
    for (size_t i = 0; i < COUNT_OF(SHOWN); i++)
        write_shown(rows->writer, &doc, &SHOWN[i]);
    json_write_end(rows->writer);
    return true;
}

static bool
take_row(void *ctx, const struct device_row *row)
{
    struct rows *rows = ctx;

    if (rows->left == 0 || rows->writer->out->len > LIST_BODY_BYTES) {
        rows->is_more = true;
        return false;
    }
    rows->left--;
    rows->last = (struct list_mark){
        .is_there = true,
        .text = arena_copy(rows->v->arena, row->sorted_by[0]),
        .id_number = row->id,
    };
    rows->is_bad = !write_row(rows, row->doc);
    return !rows->is_bad;
}

/* ---- the list ---- */

/* The text as the columns hold it; in the visit's memory. */
static struct slice
fold_text(struct visit *v, struct slice text)
{
    struct buffer folded AUTO(buffer_done) = buffer_make(2 * SEARCH_MAX_BYTES);

    if (device_field_fold(FIELD_TEXT, text, &folded) != STATUS_OK)
        return (struct slice){0};
    return arena_copy(v->arena, buffer_slice(&folded));
}

/* What can be counted at once; else -1. */
static enum status
count_total(struct visit *v, const struct sight *sight, const struct device_group *group,
            bool is_filtered, int64_t *out)
{
    struct group_counts counts = {0};

    *out = -1;
    if (is_filtered)
        return STATUS_OK;
    if (sight->group_count == 0)
        return store_device_count(v->reader, out);
    if (!group)
        return STATUS_OK;
    enum status status = store_group_count(v->reader, group->id, &counts);
    *out = counts.devices;
    return status;
}

static enum status
run_query(struct visit *v, const struct list_ask *ask, const struct sight *sight,
          struct slice text, struct rows *rows)
{
    struct slice name = ask->page.sort.len > 0 ? ask->page.sort : SLICE("deviceName");
    struct device_sort sort = {find_field(name), ask->page.is_descending};
    struct device_query query = {
        .sorts = &sort,
        .sort_count = 1,
        .after = ask->page.after.is_there ? &ask->page.after.text : NULL,
        .after_id = ask->page.after.id_number,
        .text = text,
        .group_ids = sight->group_ids,
        .group_count = sight->group_count,
        .count = ask->page.count + 1,
    };
    enum status status = store_device_query(v->reader, &query, v->arena, take_row, rows);

    return status == STATUS_OK && rows->is_bad ? STATUS_BROKEN : status;
}

enum status
device_doc_list(struct visit *v, const struct sight *sight,
                const struct device_group *group)
{
    static const char *const NAMES[] = {"q", "group", "sort", "pageSize", "after", NULL};
    struct slice text = {0};
    struct list_ask ask;
    int64_t total = -1;
    enum status status = visit_query_names(v, NAMES);

    if (status == STATUS_OK)
        status = list_read(v, has_sort, &ask);
    if (status == STATUS_OK)
        status = read_search(v, "q", &text);
    if (status != STATUS_OK)
        return status;
    bool is_filtered = text.len > 0;
    struct json_writer writer = list_begin(v);
    struct rows rows = {.v = v, .writer = &writer, .left = ask.page.count};
    status = run_query(v, &ask, sight, is_filtered ? fold_text(v, text) : text, &rows);
    if (status == STATUS_OK)
        status = count_total(v, sight, group, is_filtered, &total);
    if (status != STATUS_OK)
        return status;
    return list_end(v, &writer, &ask, rows.is_more ? &rows.last : NULL, total);
}

/* ---- search ---- */

struct few {
    struct json_writer *writer;
    bool is_bad;
};

static bool
write_few(void *ctx, const struct device_row *row)
{
    struct few *few = ctx;
    struct json_value doc;
    struct json_value value;

    few->is_bad = json_scan(row->doc, &doc) != STATUS_OK;
    if (few->is_bad)
        return false;
    json_write_object(few->writer);
    json_write_key(few->writer, "uid");
    if (json_find(&doc, SLICE("deviceUid"), &value) == STATUS_OK)
        write_raw(few->writer, &value);
    else
        json_write_null(few->writer);
    json_write_key(few->writer, "name");
    if (json_find(&doc, SLICE("deviceName"), &value) == STATUS_OK ||
        json_find(&doc, SLICE("esn"), &value) == STATUS_OK)
        write_raw(few->writer, &value);
    else
        json_write_text(few->writer, "");
    json_write_end(few->writer);
    return true;
}

enum status
device_doc_search(struct visit *v, const struct sight *sight, struct slice text,
                  size_t count, struct json_writer *writer)
{
    struct few few = {.writer = writer};
    struct device_sort sort = {find_field(SLICE("deviceName")), false};
    struct device_query query = {
        .sorts = &sort,
        .sort_count = 1,
        .text = fold_text(v, text),
        .group_ids = sight->group_ids,
        .group_count = sight->group_count,
        .count = count,
    };
    enum status status = STATUS_OK;

    json_write_array(writer);
    if (query.text.len > 0)
        status = store_device_query(v->reader, &query, v->arena, write_few, &few);
    json_write_end(writer);
    return status == STATUS_OK && few.is_bad ? STATUS_BROKEN : status;
}
