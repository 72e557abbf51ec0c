/* SPDX-License-Identifier: Apache-2.0
 *
 * The act of importing. */
#include "api/device_import.h"

#include "api/device_doc.h"
#include "base/auto.h"
#include "base/buffer.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "rules/history.h"
#include "store/store_devices.h"
#include "json/write.h"

struct device_import {
    struct act act;
    struct device_doc *doc;
    struct device_writer *writer;
    struct device_import_count count;
    struct buffer uid;
    bool is_check_only, is_done;
    /* while applications are written */
    int64_t device_id;
};

enum status
device_import_begin(const struct act *act, struct device_import **out)
{
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    struct device_import *import = mem_new(sizeof(*import));
    import->act = *act;
    import->doc = device_doc_new();
    import->writer = store_device_writer_new(act->store);
    import->uid = buffer_make(1024);
    *out = import;
    return STATUS_OK;
}

void
device_import_end(struct device_import **import)
{
    if (!*import)
        return;
    store_device_writer_free(&(*import)->writer);
    if (!(*import)->is_done)
        store_undo((*import)->act.store);
    device_doc_free(&(*import)->doc);
    buffer_done(&(*import)->uid);
    mem_free(import);
}

void
device_import_check_only(struct device_import *import)
{
    import->is_check_only = true;
}

void
device_import_refused(struct device_import *import)
{
    import->count.refused++;
}

void
device_import_counts(const struct device_import *import, struct device_import_count *out)
{
    *out = import->count;
}

/* Gives the document the uid of the device with its esn, or a new one. */
static enum status
complete_uid(struct device_import *import)
{
    char made[UUID_CHARS + 1];

    if (device_doc_uid(import->doc).len > 0)
        return STATUS_OK;
    buffer_clear(&import->uid);
    enum status status = store_device_uid_by_esn(
        import->act.store, device_doc_esn(import->doc), &import->uid);
    if (status == STATUS_NOT_FOUND) {
        uuid_make(made);
        buffer_add_text(&import->uid, made);
        status = STATUS_OK;
    }
    if (status == STATUS_OK)
        device_doc_set_uid(import->doc, buffer_slice(&import->uid));
    return status;
}

static enum status
write_application(void *ctx, const struct application_write *application)
{
    struct device_import *import = ctx;

    if (import->is_check_only)
        return STATUS_OK;
    import->count.applications++;
    return store_device_writer_application(import->writer, import->device_id,
                                           application);
}

static enum status
skip_application(void *ctx, const struct application_write *application)
{
    (void)ctx;
    (void)application;
    return STATUS_OK;
}

static enum status
write_device(struct device_import *import, struct failure *failure)
{
    enum device_change change = DEVICE_SAME;
    enum status status = store_device_writer_put(
        import->writer, device_doc_write(import->doc), &import->device_id, &change);

    if (status != STATUS_OK)
        return status;
    import->count.added += change == DEVICE_ADDED;
    import->count.changed += change == DEVICE_CHANGED;
    import->count.same += change == DEVICE_SAME;
    if (!device_doc_has_applications(import->doc))
        return STATUS_OK;
    if (change != DEVICE_ADDED) {
        status = store_device_writer_clear(import->writer, import->device_id);
        if (status != STATUS_OK)
            return status;
    }
    return device_doc_each_application(import->doc, write_application, import, failure);
}

/* Everything that can be wrong with a row is found before any of it is written: a row
 * is put in whole or not at all. */
static enum status
check_row(struct device_import *import, struct slice json, struct failure *failure)
{
    enum status status = device_doc_read(import->doc, json, failure);

    if (status == STATUS_OK)
        status =
            device_doc_each_application(import->doc, skip_application, NULL, failure);
    return status;
}

enum status
device_import_row(struct device_import *import, struct slice json,
                  struct failure *failure)
{
    enum status status = check_row(import, json, failure);

    if (status != STATUS_OK) {
        import->count.refused++;
        return status;
    }
    if (import->is_check_only)
        return STATUS_OK;
    status = complete_uid(import);
    if (status == STATUS_OK)
        status = write_device(import, failure);
    /* a failure of the store must not look like a bad row */
    return status == STATUS_MALFORMED || status == STATUS_TOO_LARGE ? STATUS_BROKEN
                                                                    : status;
}

static enum status
add_event(struct device_import *import)
{
    const struct device_import_count *count = &import->count;
    struct buffer details AUTO(buffer_done) = buffer_make(1024);
    struct json_writer writer = json_write_into(&details);
    struct happening what = {.kind = EVENT_DEVICES_IMPORTED,
                             .object_kind = "device",
                             .object_id = "",
                             .object_name = ""};

    json_write_object(&writer);
    json_write_member_text(&writer, "action", "imported");
    json_write_member_int(&writer, "added", count->added);
    json_write_member_int(&writer, "changed", count->changed);
    json_write_member_int(&writer, "unchanged", count->same);
    json_write_member_int(&writer, "refused", count->refused);
    json_write_member_int(&writer, "applications", count->applications);
    json_write_end(&writer);
    enum status status = json_write_done(&writer);
    if (status != STATUS_OK)
        return status;
    what.details = buffer_slice(&details);
    return history_add(&import->act, &what);
}

enum status
device_import_commit(struct device_import *import)
{
    const struct device_import_count *count = &import->count;
    enum status status = STATUS_OK;

    store_device_writer_free(&import->writer);
    if (count->added + count->changed + count->applications > 0)
        status = add_event(import);
    if (status == STATUS_OK)
        status = store_commit(import->act.store);
    import->is_done = status == STATUS_OK;
    return status;
}
