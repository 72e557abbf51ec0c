/* SPDX-License-Identifier: Apache-2.0
 *
 * Approved addresses: a list as people type or paste it. */
#include "rules/addresses.h"

#include "rules/words.h"

static bool
is_between(unsigned char c)
{
    return c == ' ' || c == '\t' || c == ',' || c == ';' || c == '\n' || c == '\r';
}

/* Cuts the next entry; false at the end. */
static bool
cut_entry(struct slice *rest, struct slice *out)
{
    size_t start = 0;
    size_t end = 0;

    while (start < rest->len && is_between(rest->at[start]))
        start++;
    end = start;
    while (end < rest->len && !is_between(rest->at[end]))
        end++;
    *out = slice_head(slice_from(*rest, start), end - start);
    *rest = slice_from(*rest, end);
    return out->len > 0;
}

static enum status
read_entry(struct slice entry, struct ip_range *out, struct failure *failure)
{
    struct ip_range corrected = {0};
    char text[IP_RANGE_TEXT_MAX + 1] = "";
    enum status status = ip_range_read(entry, out, &corrected);

    if (status == STATUS_CONFLICT) {
        ip_range_write(&corrected, text);
        return failure_set(failure, STATUS_MALFORMED, "addresses",
                           "Invalid IP address: '%.*s' has bits set behind its prefix; "
                           "the range is written %s",
                           WORDS_SHORT(entry), text);
    }
    if (status != STATUS_OK)
        return failure_set(failure, STATUS_MALFORMED, "addresses",
                           "Invalid IP address: '%.*s'; wanted is an IPv4 or IPv6 "
                           "address, or a range such as 192.0.2.0/24 or 2001:db8::/32",
                           WORDS_SHORT(entry));
    return STATUS_OK;
}

static bool
is_listed(const struct ip_range *ranges, size_t count, const struct ip_range *range)
{
    for (size_t i = 0; i < count; i++) {
        if (ip_range_equal(&ranges[i], range))
            return true;
    }
    return false;
}

enum status
addresses_read(struct slice text, struct ip_range out[TOKEN_ADDRESS_MAX_COUNT],
               size_t *out_count, struct failure *failure)
{
    struct ip_range ranges[TOKEN_ADDRESS_MAX_COUNT];
    struct slice entry = {0};
    size_t count = 0;

    while (cut_entry(&text, &entry)) {
        struct ip_range range = {0};
        enum status status = read_entry(entry, &range, failure);

        if (status != STATUS_OK)
            return status;
        if (is_listed(ranges, count, &range))
            continue;
        if (count == TOKEN_ADDRESS_MAX_COUNT)
            return failure_set(failure, STATUS_TOO_LARGE, "addresses",
                               "there are more than %d approved addresses; wanted are at "
                               "most so many, and ranges can take the place of several",
                               TOKEN_ADDRESS_MAX_COUNT);
        ranges[count++] = range;
    }
    memcpy(out, ranges, count * sizeof(ranges[0]));
    *out_count = count;
    return STATUS_OK;
}

void
addresses_write(const struct ip_range *ranges, size_t count, struct buffer *out)
{
    char text[IP_RANGE_TEXT_MAX + 1];

    for (size_t i = 0; i < count; i++) {
        ip_range_write(&ranges[i], text);
        buffer_print(out, "%s\n", text);
    }
}

static void
look_at(struct address_entry *entry, const struct address_entry *before, size_t count)
{
    entry->is_valid =
        read_entry(entry->typed, &entry->range, &entry->failure) == STATUS_OK;
    for (size_t i = 0; entry->is_valid && i < count; i++)
        entry->is_duplicate =
            entry->is_duplicate ||
            (before[i].is_valid && ip_range_equal(&before[i].range, &entry->range));
}

size_t
addresses_look(struct slice text, struct address_entry *out, size_t most)
{
    struct slice typed = {0};
    size_t count = 0;

    for (; cut_entry(&text, &typed); count++) {
        if (count >= most)
            continue;
        out[count] = (struct address_entry){.typed = typed};
        look_at(&out[count], out, count);
    }
    return count;
}

size_t
addresses_find(const struct ip_range *ranges, size_t count, const struct ip *ip)
{
    size_t place = 0;

    while (place < count && !ip_range_holds(&ranges[place], ip))
        place++;
    return place;
}

bool
addresses_hold(const struct ip_range *ranges, size_t count, const struct ip *ip)
{
    return count == 0 || addresses_find(ranges, count, ip) < count;
}
