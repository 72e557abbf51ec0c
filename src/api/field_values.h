/* SPDX-License-Identifier: Apache-2.0
 *
 * The custom fields of one device: definitions with values, and changes to them. */
#ifndef API_FIELD_VALUES_H
#define API_FIELD_VALUES_H

#include "api/answer.h"
#include "store/store_field_definitions.h"
#include "json/scan.h"

/* A definition with what the device has for it. Lives in the request's arena. */
struct field_value {
    struct field_definition definition;
    struct slice value;   /* text; empty = none */
    struct slice changed; /* what a change makes of it */
    bool is_changed;
    struct field_value *next;
};

/* All definitions, in the order of their names. */
MUST_CHECK enum status field_values_open(struct answer *x, struct store *store,
                                         struct field_value **out);
/* Puts in the values that a device has: its JSON array, or nothing. */
MUST_CHECK enum status field_values_fill(struct answer *x, struct field_value *first,
                                         struct slice custom_fields);
struct field_value *field_values_find(struct field_value *first, struct slice uid);
/* Reads the body of a change: a list of {"cdfUid", "cdfFieldValue"}, or one of them.
 * STATUS_NOT_FOUND: there is no such field. STATUS_MALFORMED: the value is none for its
 * type. Nothing counts unless OK. */
MUST_CHECK enum status field_values_change(struct answer *x, struct field_value *first,
                                           struct slice body);
/* The JSON array that the device has after the change: fields that are not defined here
 * stay as they were. Empty when nothing is left. */
MUST_CHECK enum status field_values_write(struct answer *x, struct field_value *first,
                                          struct slice custom_fields, struct buffer *out);

#endif
