/* SPDX-License-Identifier: Apache-2.0
 *
 * X-Forwarded-For from right to left. */
#include "http/forwarded.h"

#include "base/slice.h"

bool
forwarded_is_trusted(const struct ip_range *trusted, size_t trusted_count,
                     const struct ip *address)
{
    for (size_t i = 0; i < trusted_count; i++) {
        if (ip_range_holds(&trusted[i], address))
            return true;
    }
    return false;
}

static bool
is_port(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    }
    return text.len >= 1 && text.len <= 5;
}

/* An address, alone or as some proxies write it: a.b.c.d:port, [v6], [v6]:port. */
static bool
read_element(struct slice text, struct ip *out)
{
    struct slice head;
    struct slice rest = text;

    if (ip_read(text, out) == STATUS_OK)
        return true;
    if (text.len && text.at[0] == '[') {
        rest = slice_from(text, 1);
        if (!slice_cut(&rest, ']', &head))
            return false;
        if (rest.len && (rest.at[0] != ':' || !is_port(slice_from(rest, 1))))
            return false;
        return ip_read(head, out) == STATUS_OK && !ip_is_v4(out);
    }
    return slice_cut(&rest, ':', &head) && is_port(rest) &&
           ip_read(head, out) == STATUS_OK && ip_is_v4(out);
}

/* Takes the last element of a comma-separated list; false when it was the first. */
static bool
take_last(struct slice *list, struct slice *out)
{
    size_t at = list->len;

    while (at > 0 && list->at[at - 1] != ',')
        at--;
    *out = slice_trim(slice_from(*list, at));
    list->len = at > 0 ? at - 1 : 0;
    return at > 0;
}

struct ip
forwarded_for(const struct http_request *request, const struct ip *peer,
              const struct ip_range *trusted, size_t trusted_count)
{
    struct ip last = *peer;

    for (size_t i = request->header_count; i-- > 0;) {
        const struct http_header *header = &request->headers[i];
        if (!slice_equal_nocase(header->name, SLICE("x-forwarded-for")))
            continue;

        struct slice list = header->value;
        struct slice element;
        bool has_more;
        do {
            struct ip found;
            has_more = take_last(&list, &element);
            if (!read_element(element, &found))
                return last;
            last = found;
            if (!forwarded_is_trusted(trusted, trusted_count, &last))
                return last;
        } while (has_more);
    }
    return last;
}
