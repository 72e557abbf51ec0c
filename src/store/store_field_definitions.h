/* SPDX-License-Identifier: Apache-2.0
 *
 * Custom device fields in the store: what fields there are. Their values are kept with
 * each device (store_devices.h). The predefined ones are there from the beginning. */
#ifndef STORE_STORE_FIELD_DEFINITIONS_H
#define STORE_STORE_FIELD_DEFINITIONS_H

#include "base/slice.h"
#include "store/store.h"

/* One field that people fill in. Slices are borrowed. */
struct field_definition {
    int64_t id;
    struct slice uid;       /* 22 characters of base64url */
    struct slice key;       /* "assetNumber"; unique */
    struct slice name;      /* "Asset Number"; unique, case folded */
    struct slice category;  /* PREDEFINED, ESNCOLUMN, UDF, RDF, WEBUSAGE */
    struct slice type;      /* Text, Date, Dropdown */
    struct slice dropdowns; /* a JSON array of {"elementId", "elementValue"} */
};

/* In the order of their names; `each` gives false to stop. */
MUST_CHECK enum status store_field_definition_list(
    struct store *store, bool (*each)(void *ctx, const struct field_definition *),
    void *ctx);
/* STATUS_CONFLICT: uid, key or name is taken. */
MUST_CHECK enum status store_field_definition_add(
    struct store *store, const struct field_definition *definition, int64_t *out_id);

#endif
