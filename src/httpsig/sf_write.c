/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes structured field values that were read, in the one form of RFC 9651 §4.1: what
 * both sides of a signature must write alike. */
#include "httpsig/sf.h"

size_t
sf_string_read(struct slice raw, unsigned char *out)
{
    size_t len = 0;

    for (size_t i = 0; i < raw.len; i++) {
        if (raw.at[i] == '\\' && i + 1 < raw.len)
            i++;
        out[len++] = raw.at[i];
    }
    return len;
}

bool
sf_write_string(struct buffer *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < 0x20 || text.at[i] > 0x7e)
            return false;
    }
    buffer_add_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"' || text.at[i] == '\\')
            buffer_add_byte(out, '\\');
        buffer_add_byte(out, text.at[i]);
    }
    buffer_add_byte(out, '"');
    return true;
}

/* Without zeros that say nothing; one digit stays behind the point. */
static void
write_decimal(struct buffer *out, struct slice raw)
{
    struct slice whole = {0};
    struct slice fraction = raw;
    bool is_negative = raw.at[0] == '-';

    if (!slice_cut(&fraction, '.', &whole))
        return;
    whole = slice_from(whole, is_negative);
    while (whole.len > 1 && whole.at[0] == '0')
        whole = slice_from(whole, 1);
    while (fraction.len > 1 && fraction.at[fraction.len - 1] == '0')
        fraction.len--;
    bool is_zero = slice_equal(whole, SLICE("0")) && slice_equal(fraction, SLICE("0"));
    if (is_negative && !is_zero)
        buffer_add_byte(out, '-');
    buffer_add(out, whole);
    buffer_add_byte(out, '.');
    buffer_add(out, fraction);
}

/* Only what must be encoded stays so. */
static void
write_display(struct buffer *out, struct slice raw)
{
    static const char HEX[] = "0123456789abcdef";

    buffer_add_text(out, "%\"");
    for (size_t i = 0; i < raw.len; i++) {
        unsigned char c = raw.at[i];
        if (c == '%' && i + 2 < raw.len) {
            c = (unsigned char)((strchr(HEX, raw.at[i + 1]) - HEX) << 4 |
                                (strchr(HEX, raw.at[i + 2]) - HEX));
            i += 2;
        }
        if (c < 0x20 || c > 0x7e || c == '%' || c == '"')
            buffer_print(out, "%%%02x", c);
        else
            buffer_add_byte(out, c);
    }
    buffer_add_byte(out, '"');
}

static void
write_between(struct buffer *out, const char *before, struct slice raw, const char *after)
{
    buffer_add_text(out, before);
    buffer_add(out, raw);
    buffer_add_text(out, after);
}

static void
write_bare_item(struct buffer *out, const struct sf_value *item)
{
    switch (item->kind) {
    case SF_INTEGER:
        buffer_add_int(out, item->number);
        return;
    case SF_DECIMAL:
        write_decimal(out, item->raw);
        return;
    case SF_STRING: /* has no escape that is not needed */
        write_between(out, "\"", item->raw, "\"");
        return;
    case SF_TOKEN:
        buffer_add(out, item->raw);
        return;
    case SF_BYTES: /* is canonical, or would not have been read */
        write_between(out, ":", item->raw, ":");
        return;
    case SF_BOOLEAN:
        write_between(out, "?", item->raw, "");
        return;
    case SF_DATE:
        buffer_add_byte(out, '@');
        buffer_add_int(out, item->number);
        return;
    case SF_DISPLAY:
        write_display(out, item->raw);
        return;
    }
}

static bool
is_true(const struct sf_value *value)
{
    return !value->is_list && value->kind == SF_BOOLEAN && value->number == 1;
}

static void
write_parameters(struct buffer *out, struct slice parameters)
{
    struct sf_member one;

    while (sf_next_parameter(&parameters, &one) == SF_ONE) {
        buffer_add_byte(out, ';');
        buffer_add(out, one.key);
        if (is_true(&one.value))
            continue;
        buffer_add_byte(out, '=');
        write_bare_item(out, &one.value);
    }
}

static void
write_inner_list(struct buffer *out, struct slice inside)
{
    struct sf_value item;
    const char *between = "(";

    if (inside.len == 0 || slice_trim(inside).len == 0)
        buffer_add_byte(out, '(');
    while (sf_next_item(&inside, &item) == SF_ONE) {
        buffer_add_text(out, between);
        write_bare_item(out, &item);
        write_parameters(out, item.parameters);
        between = " ";
    }
    buffer_add_byte(out, ')');
}

void
sf_write_value(struct buffer *out, const struct sf_value *value)
{
    if (value->is_list)
        write_inner_list(out, value->raw);
    else
        write_bare_item(out, value);
    write_parameters(out, value->parameters);
}

void
sf_write_member(struct buffer *out, const struct sf_member *member)
{
    buffer_add(out, member->key);
    if (is_true(&member->value)) {
        write_parameters(out, member->value.parameters);
        return;
    }
    buffer_add_byte(out, '=');
    sf_write_value(out, &member->value);
}
