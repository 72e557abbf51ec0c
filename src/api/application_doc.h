/* SPDX-License-Identifier: Apache-2.0
 *
 * An application of a device on its way in. */
#ifndef API_APPLICATION_DOC_H
#define API_APPLICATION_DOC_H

#include "api/doc_write.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "store/store_devices.h"
#include "json/scan.h"

/* Keeps its memory from one application to the next. */
struct application_doc {
    struct arena arena;
    struct buffer doc, scratch;
    struct doc_names names;
};

void application_doc_open(struct application_doc *doc);
void application_doc_close(struct application_doc *doc);

/* Reads one of the device with this uid. appId and deviceAppId are made, always the same
 * ones, where they are missing; what the device says itself is left out.
 * STATUS_MALFORMED: no object, no appName, a date that is none. */
MUST_CHECK enum status application_doc_read(struct application_doc *doc,
                                            const struct json_value *value,
                                            struct slice device_uid,
                                            struct application_write *out,
                                            struct failure *failure);

#endif
