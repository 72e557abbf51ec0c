/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads structured field values by the algorithms of RFC 9651 §4.2, one byte after the
 * other. */
#include "httpsig/sf.h"

#include "base/base64url.h"
#include "base/hex.h"
#include "base/utf8.h"

enum {
    INTEGER_MAX_DIGITS = 15, /* §3.3.1 */
    DECIMAL_MAX_DIGITS = 12, /* before the point, §3.3.2 */
    FRACTION_MAX_DIGITS = 3,
};

/* ---- characters ---- */

static bool
is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_lower(unsigned char c)
{
    return c >= 'a' && c <= 'z';
}

static bool
is_letter(unsigned char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

static bool
is_key_char(unsigned char c)
{
    return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*';
}

/* tchar of RFC 9110 §5.6.2, and what a token of RFC 9651 has beyond it */
static bool
is_token_char(unsigned char c)
{
    return is_letter(c) || is_digit(c) || (c && strchr("!#$%&'*+-.^_`|~:/", c));
}

static bool
is_base64_char(unsigned char c)
{
    return is_letter(c) || is_digit(c) || c == '+' || c == '/' || c == '=';
}

/* Only these encode a byte of a display string (RFC 9651 §3.3.8). */
static bool
is_lower_hex(unsigned char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

/* The first byte; 0 at the end. */
static unsigned char
first(const struct slice *rest)
{
    return rest->len > 0 ? rest->at[0] : 0;
}

static void
skip(struct slice *rest, size_t count)
{
    *rest = slice_from(*rest, count);
}

static bool
take(struct slice *rest, unsigned char wanted)
{
    if (rest->len == 0 || rest->at[0] != wanted)
        return false;
    skip(rest, 1);
    return true;
}

static void
skip_blanks(struct slice *rest, bool and_tabs)
{
    while (first(rest) == ' ' || (and_tabs && first(rest) == '\t'))
        skip(rest, 1);
}

/* As many as are of this kind. */
static struct slice
take_all(struct slice *rest, bool (*is_one)(unsigned char))
{
    size_t len = 0;

    while (len < rest->len && is_one(rest->at[len]))
        len++;
    struct slice taken = slice_head(*rest, len);
    skip(rest, len);
    return taken;
}

/* ---- bare items ---- */

static int64_t
digits_value(struct slice digits)
{
    int64_t value = 0;

    for (size_t i = 0; i < digits.len; i++)
        value = value * 10 + (digits.at[i] - '0');
    return value;
}

static bool
read_number(struct slice *rest, struct sf_value *out)
{
    struct slice whole = *rest;
    bool is_negative = take(rest, '-');
    struct slice digits = take_all(rest, is_digit);

    if (digits.len == 0 || digits.len > INTEGER_MAX_DIGITS)
        return false;
    out->kind = SF_INTEGER;
    if (first(rest) == '.') {
        skip(rest, 1);
        struct slice fraction = take_all(rest, is_digit);
        if (digits.len > DECIMAL_MAX_DIGITS || fraction.len == 0 ||
            fraction.len > FRACTION_MAX_DIGITS)
            return false;
        out->kind = SF_DECIMAL;
    }
    out->raw = slice_head(whole, whole.len - rest->len);
    out->number = is_negative ? -digits_value(digits) : digits_value(digits);
    return true;
}

static bool
read_string(struct slice *rest, struct sf_value *out)
{
    skip(rest, 1);
    for (size_t i = 0; i < rest->len; i++) {
        unsigned char c = rest->at[i];
        if (c == '"') {
            out->kind = SF_STRING;
            out->raw = slice_head(*rest, i);
            skip(rest, i + 1);
            return true;
        }
        if (c == '\\' &&
            (++i >= rest->len || (rest->at[i] != '"' && rest->at[i] != '\\')))
            return false;
        if (c < 0x20 || c > 0x7e)
            return false;
    }
    return false;
}

static bool
read_token(struct slice *rest, struct sf_value *out)
{
    out->kind = SF_TOKEN;
    out->raw = take_all(rest, is_token_char);
    return true;
}

/* Whether it is base64 is seen by whoever decodes it; here only that it can be told from
 * what follows, and that its length and padding are right. */
static bool
read_bytes(struct slice *rest, struct sf_value *out)
{
    skip(rest, 1);
    struct slice text = take_all(rest, is_base64_char);
    unsigned char last[3];
    size_t len = 0;

    if (!take(rest, ':') || text.len % 4 != 0)
        return false;
    for (size_t i = 0; i + 2 < text.len; i++) {
        if (text.at[i] == '=')
            return false;
    }
    if (text.len > 0 && base64_decode(slice_from(text, text.len - 4), last, sizeof(last),
                                      &len) != STATUS_OK)
        return false;
    out->kind = SF_BYTES;
    out->raw = text;
    return true;
}

static bool
read_boolean(struct slice *rest, struct sf_value *out)
{
    skip(rest, 1);
    if (first(rest) != '0' && first(rest) != '1')
        return false;
    out->kind = SF_BOOLEAN;
    out->number = first(rest) == '1';
    out->raw = slice_head(*rest, 1);
    skip(rest, 1);
    return true;
}

static bool
read_date(struct slice *rest, struct sf_value *out)
{
    skip(rest, 1);
    if (!read_number(rest, out) || out->kind != SF_INTEGER)
        return false;
    out->kind = SF_DATE;
    return true;
}

/* The bytes of a display string must be UTF-8 once decoded; looked at in pieces that end
 * where a character ends. */
static bool
is_display_text(struct slice raw)
{
    unsigned char piece[8];
    size_t len = 0;

    for (size_t i = 0; i < raw.len; i++) {
        unsigned char c = raw.at[i];
        bool is_encoded = c == '%';
        if (is_encoded) {
            if (i + 2 >= raw.len || !is_lower_hex(raw.at[i + 1]) ||
                !is_lower_hex(raw.at[i + 2]))
                return false;
            c = (unsigned char)(hex_value(raw.at[i + 1]) << 4 | hex_value(raw.at[i + 2]));
            i += 2;
        }
        if (c < 0x80 && len > 0)
            return false; /* a character broke off */
        if (c < 0x80)
            continue;
        piece[len++] = c;
        if (utf8_is((struct slice){piece, len}))
            len = 0;
        else if (len == 4)
            return false;
    }
    return len == 0;
}

static bool
read_display(struct slice *rest, struct sf_value *out)
{
    skip(rest, 1);
    if (!take(rest, '"'))
        return false;
    for (size_t i = 0; i < rest->len; i++) {
        unsigned char c = rest->at[i];
        if (c < 0x20 || c > 0x7e)
            return false;
        if (c != '"')
            continue;
        out->kind = SF_DISPLAY;
        out->raw = slice_head(*rest, i);
        skip(rest, i + 1);
        return is_display_text(out->raw);
    }
    return false;
}

static bool
read_bare_item(struct slice *rest, struct sf_value *out)
{
    unsigned char c = first(rest);

    if (c == '-' || is_digit(c))
        return read_number(rest, out);
    if (c == '"')
        return read_string(rest, out);
    if (c == '*' || is_letter(c))
        return read_token(rest, out);
    if (c == ':')
        return read_bytes(rest, out);
    if (c == '?')
        return read_boolean(rest, out);
    if (c == '@')
        return read_date(rest, out);
    return c == '%' && read_display(rest, out);
}

/* ---- parameters, items, inner lists ---- */

static struct slice
read_key(struct slice *rest)
{
    if (!is_lower(first(rest)) && first(rest) != '*')
        return (struct slice){0};
    return take_all(rest, is_key_char);
}

static struct sf_value
truth(void)
{
    return (struct sf_value){.kind = SF_BOOLEAN, .number = 1, .raw = SLICE("1")};
}

enum sf_cut
sf_next_parameter(struct slice *rest, struct sf_member *out)
{
    struct sf_member found = {.value = truth()};

    if (!take(rest, ';'))
        return rest->len == 0 ? SF_NO_MORE : SF_WRONG;
    skip_blanks(rest, false);
    found.key = read_key(rest);
    if (found.key.len == 0 || (take(rest, '=') && !read_bare_item(rest, &found.value)))
        return SF_WRONG;
    *out = found;
    return SF_ONE;
}

/* Takes the parameters off, all of them, and looks that none is there twice. */
static bool
read_parameters(struct slice *rest, struct slice *out)
{
    struct slice keys[SF_PARAMETER_MAX_COUNT];
    struct slice whole = *rest;
    size_t count = 0;

    while (first(rest) == ';') {
        struct sf_member one;
        if (count == SF_PARAMETER_MAX_COUNT || sf_next_parameter(rest, &one) != SF_ONE)
            return false;
        for (size_t i = 0; i < count; i++) {
            if (slice_equal(keys[i], one.key))
                return false;
        }
        keys[count++] = one.key;
    }
    *out = slice_head(whole, whole.len - rest->len);
    return true;
}

static bool
read_item(struct slice *rest, struct sf_value *out)
{
    *out = (struct sf_value){0};
    return read_bare_item(rest, out) && read_parameters(rest, &out->parameters);
}

static bool
read_inner_list(struct slice *rest, struct sf_value *out)
{
    struct sf_value item;

    *out = (struct sf_value){.is_list = true};
    skip(rest, 1);
    struct slice inside = *rest;
    for (size_t count = 0;; count++) {
        skip_blanks(rest, false);
        if (first(rest) == ')')
            break;
        if (count == SF_ITEM_MAX_COUNT || !read_item(rest, &item))
            return false;
        if (first(rest) != ' ' && first(rest) != ')')
            return false;
    }
    out->raw = slice_head(inside, inside.len - rest->len);
    skip(rest, 1);
    return read_parameters(rest, &out->parameters);
}

static bool
read_value(struct slice *rest, struct sf_value *out)
{
    return first(rest) == '(' ? read_inner_list(rest, out) : read_item(rest, out);
}

enum sf_cut
sf_next_item(struct slice *rest, struct sf_value *out)
{
    skip_blanks(rest, false);
    if (rest->len == 0)
        return SF_NO_MORE;
    return read_item(rest, out) ? SF_ONE : SF_WRONG;
}

bool
sf_item_read(struct slice text, struct sf_value *out)
{
    struct sf_value found;

    if (!read_item(&text, &found) || text.len > 0)
        return false;
    *out = found;
    return true;
}

/* ---- lists and dictionaries ---- */

/* The comma to the next one. A comma at the end is wrong (§4.2.1). */
static bool
read_comma(struct slice *rest)
{
    skip_blanks(rest, true);
    if (rest->len == 0)
        return true;
    if (!take(rest, ','))
        return false;
    skip_blanks(rest, true);
    return rest->len > 0;
}

enum sf_cut
sf_next_value(struct slice *rest, struct sf_value *out)
{
    if (rest->len == 0)
        return SF_NO_MORE;
    return read_value(rest, out) && read_comma(rest) ? SF_ONE : SF_WRONG;
}

enum sf_cut
sf_next_member(struct slice *rest, struct sf_member *out)
{
    struct sf_member found = {.value = truth()};

    if (rest->len == 0)
        return SF_NO_MORE;
    found.key = read_key(rest);
    if (found.key.len == 0)
        return SF_WRONG;
    bool is_read = take(rest, '=') ? read_value(rest, &found.value)
                                   : read_parameters(rest, &found.value.parameters);
    if (!is_read || !read_comma(rest))
        return SF_WRONG;
    *out = found;
    return SF_ONE;
}

enum status
sf_dictionary_find(struct slice text, struct slice key, struct sf_value *out)
{
    struct slice keys[SF_MEMBER_MAX_COUNT];
    struct sf_value found = {0};
    struct sf_member one;
    enum status status = STATUS_NOT_FOUND;
    size_t count = 0;

    for (;;) {
        enum sf_cut cut = sf_next_member(&text, &one);
        if (cut == SF_NO_MORE)
            break;
        if (cut == SF_WRONG || count == SF_MEMBER_MAX_COUNT)
            return STATUS_MALFORMED;
        for (size_t i = 0; i < count; i++) {
            if (slice_equal(keys[i], one.key))
                return STATUS_MALFORMED;
        }
        keys[count++] = one.key;
        if (slice_equal(one.key, key)) {
            status = STATUS_OK;
            found = one.value;
        }
    }
    if (status == STATUS_OK)
        *out = found;
    return status;
}

bool
sf_dictionary_is_valid(struct slice text)
{
    struct sf_value unused;

    return sf_dictionary_find(text, (struct slice){0}, &unused) != STATUS_MALFORMED;
}
