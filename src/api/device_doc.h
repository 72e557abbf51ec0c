/* SPDX-License-Identifier: Apache-2.0
 *
 * A device document on its way in: checked, brought into the form in which it is kept,
 * and its sortable and filterable fields folded into columns.
 *
 * Kept is a JSON object without nulls and blanks; dates (names that end in "Utc") as
 * YYYY-MM-DDThh:mm:ss.mmmZ. What the house says itself is not kept: accountUid,
 * deviceGroupIds. Custom fields and applications are kept apart. */
#ifndef API_DEVICE_DOC_H
#define API_DEVICE_DOC_H

#include "base/buffer.h"
#include "base/status.h"
#include "store/store_devices.h"

/* Which parts of a document may need more rights: bits of device_write.guarded. */
enum {
    DEVICE_GUARDED_GEO = 1,
    DEVICE_GUARDED_FREEZE = 2,
    DEVICE_GUARDED_FREEZE_ACTION = 4
};
/* All of a document's parts that hide behind this top-level name; 0 = it is no such. */
int64_t device_doc_guard(struct slice top);

/* Reads many documents: keeps its memory. */
struct device_doc;
struct device_doc *device_doc_new(void);
void device_doc_free(struct device_doc **doc);

/* Reads one. STATUS_MALFORMED, STATUS_TOO_LARGE: failure has field and sentence. */
MUST_CHECK enum status device_doc_read(struct device_doc *doc, struct slice json,
                                       struct failure *failure);
/* deviceUid and esn (folded) of the document read last; empty when it has none. */
struct slice device_doc_uid(const struct device_doc *doc);
struct slice device_doc_esn(const struct device_doc *doc);
/* Gives it a deviceUid, if it has none. */
void device_doc_set_uid(struct device_doc *doc, struct slice uid);
/* What is to be written; lives until the next read. */
const struct device_write *device_doc_write(const struct device_doc *doc);

/* The applications that came with it: has it a list of them at all? Then this list
 * takes the place of what is in the store. */
bool device_doc_has_applications(const struct device_doc *doc);
/* Calls `each` for them; stops at the first bad status. What `each` gets lives until it
 * returns. The text that was read must still be there. */
MUST_CHECK enum status device_doc_each_application(
    struct device_doc *doc,
    enum status (*each)(void *ctx, const struct application_write *), void *ctx,
    struct failure *failure);

#endif
