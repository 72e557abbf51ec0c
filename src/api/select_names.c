/* SPDX-License-Identifier: Apache-2.0
 *
 * Is a field asked for by name? For the gate, which refuses a field that the token has no
 * right to. Allocates nothing. */
#include "api/resource.h"
#include "base/limits.h"
#include "base/percent.h"

/* Is `item` this field, or something under it? */
static bool
is_under(struct slice item, struct slice name)
{
    return slice_equal(item, name) ||
           (slice_starts(item, name) && item.at[name.len] == '.');
}

static bool
list_names(struct slice list, struct slice name)
{
    unsigned char text[QUERY_MAX_BYTES];
    struct slice rest, item;

    if (list.len > sizeof(text))
        return true; /* longer than any header: nobody is let through unread */
    rest = (struct slice){text, percent_decode(list, text)};
    while (slice_cut(&rest, ',', &item)) {
        if (is_under(slice_trim(item), name))
            return true;
    }
    return is_under(slice_trim(rest), name);
}

bool
api_select_names(struct slice query, struct slice name)
{
    struct slice rest = query, pair, key;

    for (bool is_more = true; is_more;) {
        is_more = slice_cut(&rest, '&', &pair);
        if (!is_more)
            pair = rest;
        if (slice_cut(&pair, '=', &key) && slice_equal(key, SLICE("select")) &&
            list_names(pair, name))
            return true;
    }
    return false;
}
