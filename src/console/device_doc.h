/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices as the admin API shows them. */
#ifndef CONSOLE_DEVICE_DOC_H
#define CONSOLE_DEVICE_DOC_H

#include "console/sight.h"
#include "model/records.h"

/* Answers with a page of the devices that are seen; `group` (may be NULL) is the one that
 * `sight` was narrowed to, for the total. */
MUST_CHECK enum status device_doc_list(struct visit *v, const struct sight *sight,
                                       const struct device_group *group);

/* uid and name of the first few devices that hold `text`, as an array. */
MUST_CHECK enum status device_doc_search(struct visit *v, const struct sight *sight,
                                         struct slice text, size_t count,
                                         struct json_writer *writer);

/* A part of a device's document that the visitor has no right to. */
bool device_doc_is_hidden(const struct visit *v, struct slice top_name);

#endif
