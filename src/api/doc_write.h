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
enum {
    SORTED_TEXT_MAX_BYTES = 256,
    DOC_NAME_MAX_COUNT = 2048, /* vendors' documents have 200; each is compared to all */
};

/* The names of an object that is being read, after those of the objects around it. */
struct doc_names {
    struct slice at[DOC_NAME_MAX_COUNT];
    size_t count;
};

/* A value as it stands in its text; a string with its quotes. */
static inline struct slice
doc_value_text(const struct json_value *value)
{
    if (value->kind != JSON_KIND_STRING)
        return value->raw;
    return (struct slice){value->raw.at - 1, value->raw.len + 2};
}

/* Adds a name of the object whose names begin at `from`.
 * STATUS_MALFORMED: no field can have it (names with escapes are refused), or the object
 * has it twice. STATUS_TOO_LARGE: there are more than DOC_NAME_MAX_COUNT. */
MUST_CHECK enum status doc_name_add(struct doc_names *names, size_t from,
                                    const struct json_value *name,
                                    struct failure *failure);
/* Writes a scanned value; nulls within it are left out. `names` is as it was, after. */
MUST_CHECK enum status doc_write_clean(struct json_writer *writer,
                                       const struct json_value *value,
                                       struct doc_names *names, struct failure *failure);
/* Writes `name` with its value, unless that is null. */
MUST_CHECK enum status doc_write_member(struct json_writer *writer, struct slice name,
                                        const struct json_value *value,
                                        struct doc_names *names, struct failure *failure);
/* The value as the field's column holds it, in `arena`. STATUS_MALFORMED: a date or a
 * truth that is none. */
MUST_CHECK enum status doc_column(const struct device_field *field,
                                  const struct json_value *value, struct arena *arena,
                                  struct buffer *scratch, struct slice *out,
                                  struct failure *failure);

#endif
