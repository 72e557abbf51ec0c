/* SPDX-License-Identifier: Apache-2.0
 *
 * Parts of answers that several groups of routes have in common. */
#ifndef CONSOLE_WRITE_H
#define CONSOLE_WRITE_H

#include "console/visit.h"
#include "rules/permission_list.h"

/* A URL whose path may hold a secret: whole for those who may change it, and for others
 * scheme, host and port. */
void write_url(const struct visit *v, struct json_writer *writer, const char *name,
               const char *url);
void write_date(struct json_writer *writer, const char *name, struct date date);
/* Device groups as [{"uid","name"}]; those that are gone are left out. */
MUST_CHECK enum status write_groups(struct visit *v, struct json_writer *writer,
                                    const char *name, const int64_t *ids, size_t count);
/* A failure of rules/ names its input as commands know it; this names it as the admin API
 * does, when it is `from`. */
void rename_field(struct visit *v, const char *from, const char *to);
/* Names of permissions, a list of texts, as a set. INVALID names the first unknown one.
 */
MUST_CHECK enum status read_permissions(struct visit *v, const json_t *names,
                                        struct permission_set *out);
/* What somebody looks for; untouched when it is not there. INVALID: longer than
 * SEARCH_MAX_BYTES, to which the store's folding holds. */
enum { SEARCH_MAX_BYTES = 256 };
MUST_CHECK enum status read_search(struct visit *v, const char *name, struct slice *out);
/* A list of texts in `field` as slices in the visit's memory, each not empty. */
MUST_CHECK enum status read_texts(struct visit *v, const json_t *list, const char *field,
                                  size_t most, struct slice **out, size_t *out_count);
/* Device groups by their uids, as numbers in the visit's memory. INVALID names one that
 * is not there. */
MUST_CHECK enum status read_groups(struct visit *v, const json_t *list,
                                   const int64_t **out, size_t *out_count);
/* Approved addresses, one entry a line, not looked at. */
MUST_CHECK enum status read_addresses(struct visit *v, const json_t *list,
                                      struct slice *out);

enum { BODY_LIST_MAX_COUNT = 10 * 1000 }; /* of texts; rules/ hold tighter limits */
/* One entry a line. */
struct slice join_texts(struct visit *v, const struct slice *texts, size_t count);

#endif
