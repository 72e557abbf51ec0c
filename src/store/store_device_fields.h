/* SPDX-License-Identifier: Apache-2.0
 *
 * THE FIELD TABLE of the device inventory: which fields of a device and of an
 * application can be sorted and filtered, in which ways, and in which column they are
 * kept. Read by the import (which fills the columns), by the query language (which names
 * come from outside are looked up here) and by the store (which puts SQL together from
 * the column names, and from nothing else). */
#ifndef STORE_STORE_DEVICE_FIELDS_H
#define STORE_STORE_DEVICE_FIELDS_H

#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* How a column holds its values; '' is always "not there". */
enum field_kind {
    FIELD_TEXT = 1, /* with case folded */
    FIELD_DATE,     /* YYYY-MM-DDThh:mm:ss.mmmZ */
    FIELD_TRUTH,    /* 'true' or 'false' */
    FIELD_NUMBER,   /* 19 digits: leading zeros make it sort */
    FIELD_LIST,     /* folded texts, each between two line feeds */
};

/* How a field can be compared. The comment is the suffix of the vendor's name. */
enum field_match {
    MATCH_IS = 0,       /* (none) */
    MATCH_IS_NOT,       /* Not */
    MATCH_CONTAINS,     /* Contains */
    MATCH_NOT_CONTAINS, /* NotContains */
    MATCH_STARTS,       /* StartsWith */
    MATCH_NOT_STARTS,   /* NotStartsWith */
    MATCH_ENDS,         /* EndsWith */
    MATCH_NOT_ENDS,     /* NotEndsWith */
    MATCH_EMPTY,        /* Empty=true */
    MATCH_NOT_EMPTY,    /* Empty=false */
    MATCH_AFTER,        /* From */
    MATCH_FROM,         /* FromInclusive */
    MATCH_BEFORE,       /* To */
    MATCH_TO,           /* ToInclusive */
    MATCH_COUNT,
};

/* Names that are made otherwise than from field and suffix. */
enum {
    MATCH_BIT_ENABLED = MATCH_COUNT, /* xStatusEnabled, xStatusNotEnabled */
    MATCH_BIT_STOLEN,                /* isStolen, isNotStolen */
    MATCH_BIT_ANY_OF,                /* xAnyOf: a comma list */
};

struct device_field {
    const char *name;   /* as sortBy and filters call it */
    const char *column; /* "d.esn", "a.app_name"; "" = the same for all rows */
    const char *path;   /* where the document has it: "operatingSystem.name" */
    enum field_kind kind;
    unsigned matches; /* bits: 1 << enum field_match */
    bool is_sortable;
    bool is_telling; /* few rows have the same value, and there is an index */
    bool is_indexed; /* there is an index that its sort order uses */
};

enum { DEVICE_FIELD_COUNT = 77, APPLICATION_FIELD_COUNT = 21 };
extern const struct device_field DEVICE_FIELDS[DEVICE_FIELD_COUNT];
extern const struct device_field APPLICATION_FIELDS[APPLICATION_FIELD_COUNT];

/* Brings a value into the form of its column. The result is in `out`, which is cleared
 * first. STATUS_MALFORMED: not a date, a truth or a number of that kind; or not UTF-8, or
 * a zero byte in it. The empty text stays empty. */
MUST_CHECK enum status device_field_fold(enum field_kind kind, struct slice value,
                                         struct buffer *out);

#endif
