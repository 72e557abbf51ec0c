/* SPDX-License-Identifier: Apache-2.0
 *
 * The device inventory in the store: documents, with columns for what can be sorted or
 * filtered. Names (device uid, esn) are compared with case folded. Pages are read by
 * store_device_query.h. */
#ifndef STORE_STORE_DEVICES_H
#define STORE_STORE_DEVICES_H

#include "base/buffer.h"
#include "base/limits.h"
#include "base/slice.h"
#include "store/store.h"
#include "store/store_device_fields.h"

#include <stdbool.h>
#include <stdint.h>

/* The device with this uid or, when there is none, the first with this esn.
 * STATUS_NOT_FOUND: there is none. */
MUST_CHECK enum status store_device_id_by_name(struct store *store,
                                               struct slice uid_or_esn, int64_t *out_id);
/* The device with exactly this uid, if it is in any of these groups (none = all devices);
 * `out_custom_fields` (may be NULL) takes its custom fields, a JSON array or nothing.
 * STATUS_NOT_FOUND: there is none, or it is not in the groups. */
MUST_CHECK enum status store_device_by_uid(struct store *store, struct slice uid,
                                           const int64_t *group_ids, size_t group_count,
                                           int64_t *out_id,
                                           struct buffer *out_custom_fields);
/* The uid (folded) of the first device with this esn, appended to `out`. */
MUST_CHECK enum status store_device_uid_by_esn(struct store *store, struct slice esn,
                                               struct buffer *out);
MUST_CHECK enum status store_device_count(struct store *store, int64_t *out);
MUST_CHECK enum status store_device_count_applications(struct store *store,
                                                       int64_t device_id, int64_t *out);

/* Makes the device a member of the group, or takes it out; already so: OK. */
MUST_CHECK enum status store_device_group_set(struct store *store, int64_t device_id,
                                              int64_t group_id, bool is_member);
/* Calls `each` for the groups of a device, ascending. */
MUST_CHECK enum status store_device_groups(struct store *store, int64_t device_id,
                                           void (*each)(void *ctx, int64_t group_id),
                                           void *ctx);
/* Is any device in any group? */
MUST_CHECK enum status store_device_has_groups(struct store *store, bool *out);

/* Writes the custom fields of a device: a JSON array, or nothing. */
MUST_CHECK enum status store_device_custom_fields_set(struct store *store, int64_t id,
                                                      struct slice custom_fields);

/* A device to be written. Values are folded, one for each row of THE FIELD TABLE. */
struct device_write {
    struct slice
        columns[DEVICE_FIELD_COUNT]; /* deviceUid is there; others may be empty */
    int64_t guarded;                 /* which guarded parts the document has */
    struct slice application_head;   /* what its applications say about the device */
    struct slice custom_fields;      /* a JSON array; empty: those in the store stay */
    struct slice doc;                /* a JSON object */
};

enum device_change { DEVICE_ADDED = 1, DEVICE_CHANGED, DEVICE_SAME };

/* Writes many devices: keeps its statements ready. The caller has begun the act, and
 * frees the writer before committing or undoing it. */
struct device_writer;
struct device_writer *store_device_writer_new(struct store *store);
void store_device_writer_free(struct device_writer **writer);
/* Adds the device, or puts it in the place of the one with the same uid. */
MUST_CHECK enum status store_device_writer_put(struct device_writer *writer,
                                               const struct device_write *device,
                                               int64_t *out_id,
                                               enum device_change *out_change);

/* An application to be written; folded, one for each row of its FIELD TABLE. Those that
 * the device tells ("d.") are not looked at. */
struct application_write {
    struct slice columns[APPLICATION_FIELD_COUNT];
    struct slice doc; /* a JSON object */
};
/* Drops all applications of a device. */
MUST_CHECK enum status store_device_writer_clear(struct device_writer *writer,
                                                 int64_t device_id);
MUST_CHECK enum status store_device_writer_application(
    struct device_writer *writer, int64_t device_id,
    const struct application_write *application);

#endif
