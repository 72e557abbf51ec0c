/* SPDX-License-Identifier: Apache-2.0
 *
 * What a shadow has found, for people and scripts: read once, with names in place of
 * numbers; commands and the admin API write the same JSON. */
#ifndef RULES_SHADOW_REPORT_H
#define RULES_SHADOW_REPORT_H

#include "model/shadow.h"
#include "store/store.h"
#include "json/write.h"

/* A reason, told. */
struct shadow_told {
    struct shadow_miss miss;
    char what[TEXT_NAME_BYTES]; /* the permission, the address, the group; "" = none */
};

struct shadow_report {
    const char *state; /* "running", "ended", "stopped" */
    struct shadow shadow;
    struct rights_set without; /* what the token has and the set lacks */
    struct shadow_told *told;  /* owned; the most frequent first */
    size_t told_count;
};

/* STATUS_NOT_FOUND: the token has had no shadow. */
MUST_CHECK enum status shadow_report_read(struct store *store, const struct token *token,
                                          int64_t now_s, struct shadow_report **out);
/* For AUTO(). */
void shadow_report_free(struct shadow_report **report);

/* "permission", "address", "group", "fewer devices". */
const char *shadow_why(enum shadow_miss_kind kind);

/* As one object (docs/admin-api.md, "Shadow"). */
MUST_CHECK enum status shadow_report_write(struct store *store,
                                           const struct shadow_report *report,
                                           struct json_writer *writer);

#endif
