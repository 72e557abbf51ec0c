/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing a foreign document clean: without nulls and blanks, dates in one form; and its
 * values as columns. What devices and applications have in common. */
#ifndef API_DOC_WRITE_H
#define API_DOC_WRITE_H

#include "base/arena.h"
#include "store/store_device_fields.h"
#include "json/scan.h"
#include "json/write.h"

/* Sortable columns hold so much of a text: a cursor carries them. */
enum { SORTED_TEXT_MAX_BYTES = 256 };

/* A value as it stands in its text; a string with its quotes. */
static inline struct slice
doc_value_text(const struct json_value *value)
{
    if (value->kind != JSON_KIND_STRING)
        return value->raw;
    return (struct slice){value->raw.at - 1, value->raw.len + 2};
}

/* Is this a name that a field can have? Names with escapes are refused. */
MUST_CHECK enum status doc_check_name(const struct json_value *name,
                                      struct failure *failure);
/* Writes a scanned value; nulls within it are left out. */
MUST_CHECK enum status doc_write_clean(struct json_writer *writer,
                                       const struct json_value *value,
                                       struct failure *failure);
/* Writes `name` with its value, unless that is null. */
MUST_CHECK enum status doc_write_member(struct json_writer *writer, struct slice name,
                                        const struct json_value *value,
                                        struct failure *failure);
/* The value as the field's column holds it, in `arena`. STATUS_MALFORMED: a date or a
 * truth that is none. */
MUST_CHECK enum status doc_column(const struct device_field *field,
                                  const struct json_value *value, struct arena *arena,
                                  struct buffer *scratch, struct slice *out,
                                  struct failure *failure);

#endif
