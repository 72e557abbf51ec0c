/* SPDX-License-Identifier: Apache-2.0
 *
 * Event History as the admin API shows it. */
#ifndef CONSOLE_EVENT_DOC_H
#define CONSOLE_EVENT_DOC_H

#include "console/visit.h"
#include "store/store_events.h"

/* One event as an object. */
void event_doc_write(struct json_writer *writer, const struct event *event);
/* Reads the filters of the query. `filter->seen_by` is set where the visitor may only see
 * what is their own. */
MUST_CHECK enum status event_doc_filter(struct visit *v, struct event_filter *out);
/* Answers with a page of what passes. */
MUST_CHECK enum status event_doc_list(struct visit *v, struct event_filter *filter);

#endif
