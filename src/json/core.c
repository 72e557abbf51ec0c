/* SPDX-License-Identifier: Apache-2.0
 *
 * The grammar of RFC 8259, one function a rule. Nesting is recursion, held by
 * JSON_DEPTH_MAX. */
#include "json/core.h"

#include "base/hex.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "json/plain.h"

/* Notes a fault at the present place. */
static bool
fault(struct json_core *core, enum json_fault why)
{
    core->fault =
        core->at == core->end && why != JSON_FAULT_NUMBER_LARGE ? JSON_FAULT_ENDS : why;
    return false;
}

enum status
json_core_status(const struct json_core *core)
{
    if (core->fault == JSON_FAULT_NONE)
        return STATUS_OK;
    return core->fault == JSON_FAULT_DEEP ? STATUS_TOO_LARGE : STATUS_MALFORMED;
}

void
json_core_blanks(struct json_core *core)
{
    while (core->at < core->end && (*core->at == ' ' || *core->at == '\n' ||
                                    *core->at == '\r' || *core->at == '\t'))
        core->at++;
}

/* Takes `byte` if it stands here. */
static inline bool
take(struct json_core *core, unsigned char byte)
{
    if (core->at == core->end || *core->at != byte)
        return false;
    core->at++;
    return true;
}

bool
json_core_finish(struct json_core *core)
{
    json_core_blanks(core);
    return core->at == core->end || fault(core, JSON_FAULT_AFTER);
}

/* Strings */

/* The value of four hex digits, -1 if they are not four. */
static int32_t
four_hex(const unsigned char *at, const unsigned char *end)
{
    int32_t value = 0;

    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_value(at[i]);
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

static bool
is_high(int32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool
is_low(int32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* \uXXXX, or two of them; `at` is behind the first 'u'. */
static bool
scan_unicode(struct json_core *core)
{
    int32_t unit = four_hex(core->at, core->end);

    if (unit < 0)
        return fault(core, JSON_FAULT_ESCAPE);
    if (unit == 0)
        return fault(core, JSON_FAULT_ZERO);
    if (is_low(unit))
        return fault(core, JSON_FAULT_SURROGATE);
    core->at += 4;
    if (!is_high(unit))
        return true;
    if (core->end - core->at < 2 || core->at[0] != '\\' || core->at[1] != 'u' ||
        !is_low(four_hex(core->at + 2, core->end)))
        return fault(core, JSON_FAULT_SURROGATE);
    core->at += 6;
    return true;
}

/* What stands behind a backslash. */
static bool
scan_escape(struct json_core *core)
{
    if (core->at == core->end)
        return fault(core, JSON_FAULT_ENDS);
    switch (*core->at) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        core->at++;
        return true;
    case 'u':
        core->at++;
        return scan_unicode(core);
    default:
        return fault(core, JSON_FAULT_ESCAPE);
    }
}

/* One character that is not plain, and not the closing quote. */
static bool
scan_special(struct json_core *core, bool *has_escapes)
{
    size_t len;

    if (*core->at == '\\') {
        core->at++;
        *has_escapes = true;
        return scan_escape(core);
    }
    if (*core->at < 0x20)
        return fault(core, JSON_FAULT_CONTROL);
    len = utf8_len((struct slice){core->at, (size_t)(core->end - core->at)});
    if (len == 0)
        return fault(core, JSON_FAULT_UTF8);
    core->at += len;
    return true;
}

static bool
scan_string(struct json_core *core, struct json_value *out)
{
    const unsigned char *from = ++core->at;
    bool has_escapes = false;

    for (;;) {
        core->at = plain_end(core->at, core->end);
        if (core->at == core->end)
            return fault(core, JSON_FAULT_ENDS);
        if (*core->at == '"')
            break;
        if (!scan_special(core, &has_escapes))
            return false;
    }
    *out = (struct json_value){
        JSON_KIND_STRING, has_escapes, {from, (size_t)(core->at - from)}};
    core->at++;
    return true;
}

/* Numbers */

static size_t
pass_digits(struct json_core *core)
{
    const unsigned char *from = core->at;

    while (core->at < core->end && *core->at >= '0' && *core->at <= '9')
        core->at++;
    return (size_t)(core->at - from);
}

/* Is a whole number, "-"? digits, outside int64_t? Leading zeros are not there. */
static bool
is_int_large(struct slice number)
{
    static const char MOST[] = "9223372036854775807";
    static const char LEAST[] = "9223372036854775808";
    bool is_negative = number.at[0] == '-';
    struct slice digits = slice_from(number, is_negative);

    if (digits.len != sizeof(MOST) - 1)
        return digits.len > sizeof(MOST) - 1;
    return memcmp(digits.at, is_negative ? LEAST : MOST, digits.len) > 0;
}

/* The exponent of a number, held at ±10^9: more can be neither larger nor smaller. */
static int64_t
exponent_of(struct slice digits)
{
    bool is_negative = digits.len && digits.at[0] == '-';
    int64_t exponent = 0;

    for (size_t i = digits.len && (digits.at[0] == '-' || digits.at[0] == '+');
         i < digits.len; i++) {
        exponent = exponent * 10 + (digits.at[i] - '0');
        if (exponent > 1000000000)
            exponent = 1000000000;
    }
    return is_negative ? -exponent : exponent;
}

/* The least whole number that rounds to infinity: 2^1024 - 2^970, of 309 digits. */
static const char DOUBLE_OVER[] =
    "17976931348623158079372897140530341507993413271003782693617377898044496829276475"
    "09466490179775872070963302864166928879109465555478519404026306574886715058206819"
    "08902000708383676273854845817711531764475730270069855571366959622842914819860834"
    "936475292719074168444365510704342711559699508093042880177904174497792";

enum { DOUBLE_OVER_DIGITS = sizeof(DOUBLE_OVER) - 1 };

_Static_assert(DOUBLE_OVER_DIGITS == 309, "2^1024 has 309 digits");

/* Are the significant digits of `mantissa` (digits and one point), from its first that
 * is not zero, at least those of DOUBLE_OVER? */
static bool
is_over(struct slice mantissa)
{
    size_t i = 0;

    for (size_t k = 0; k < mantissa.len; k++) {
        unsigned char c = mantissa.at[k];
        if (c == '.' || (i == 0 && c == '0'))
            continue;
        if (i == DOUBLE_OVER_DIGITS)
            return true; /* all the same up to here */
        if (c != (unsigned char)DOUBLE_OVER[i])
            return c > (unsigned char)DOUBLE_OVER[i];
        i++;
    }
    while (i < DOUBLE_OVER_DIGITS && DOUBLE_OVER[i] == '0')
        i++;
    return i == DOUBLE_OVER_DIGITS;
}

/* Would a number with a fraction or an exponent be infinite as a double? */
static bool
is_real_large(struct slice mantissa, struct slice exponent)
{
    int64_t scale = exponent_of(exponent); /* value = 0.ddd × 10^scale, soon */
    size_t i = 0;

    for (; i < mantissa.len && mantissa.at[i] != '.'; i++) {
        if (mantissa.at[i] != '0')
            break;
    }
    if (i < mantissa.len && mantissa.at[i] != '.') {
        const unsigned char *point = memchr(mantissa.at, '.', mantissa.len);
        scale += (point ? point - mantissa.at : (int64_t)mantissa.len) - (int64_t)i;
    } else {
        for (i++; i < mantissa.len && mantissa.at[i] == '0'; i++)
            scale--;
        if (i >= mantissa.len)
            return false; /* zero */
    }
    if (scale != DOUBLE_OVER_DIGITS)
        return scale > DOUBLE_OVER_DIGITS;
    return is_over(mantissa);
}

/* ".5", "e-7" or both behind the whole part that began at `from`. */
static bool
scan_real(struct json_core *core, const unsigned char *from)
{
    struct slice mantissa;
    struct slice exponent = {core->at, 0};

    if (take(core, '.') && pass_digits(core) == 0)
        return fault(core, JSON_FAULT_NUMBER);
    mantissa = (struct slice){from, (size_t)(core->at - from)};
    if (take(core, 'e') || take(core, 'E')) {
        exponent.at = core->at;
        if (!take(core, '+'))
            take(core, '-');
        if (pass_digits(core) == 0)
            return fault(core, JSON_FAULT_NUMBER);
        exponent.len = (size_t)(core->at - exponent.at);
    }
    if (is_real_large(mantissa, exponent)) {
        core->at = from;
        return fault(core, JSON_FAULT_NUMBER_LARGE);
    }
    return true;
}

/* Is the whole number that began at `from`, its digits at `digits`, more than is taken?
 */
static bool
is_whole_large(const struct json_core *core, const unsigned char *from,
               const unsigned char *digits)
{
    struct slice all = {from, (size_t)(core->at - from)};
    struct slice mantissa = {digits, (size_t)(core->at - digits)};

    if (!is_int_large(all))
        return false;
    return !core->takes_large_whole ||
           is_real_large(mantissa, (struct slice){core->at, 0});
}

static bool
scan_number(struct json_core *core, struct json_value *out)
{
    const unsigned char *from = core->at;
    const unsigned char *whole;

    take(core, '-');
    whole = core->at;
    if (!take(core, '0') && pass_digits(core) == 0)
        return fault(core, JSON_FAULT_NUMBER);
    if (core->at < core->end &&
        (*core->at == '.' || *core->at == 'e' || *core->at == 'E')) {
        if (!scan_real(core, whole))
            return false;
    } else if (is_whole_large(core, from, whole)) {
        core->at = from;
        return fault(core, JSON_FAULT_NUMBER_LARGE);
    }
    *out =
        (struct json_value){JSON_KIND_NUMBER, false, {from, (size_t)(core->at - from)}};
    return true;
}

/* Values */

static bool
scan_word(struct json_core *core, struct slice word, enum json_kind kind,
          struct json_value *out)
{
    struct slice rest = {core->at, (size_t)(core->end - core->at)};

    if (!slice_starts(rest, word))
        return fault(core, JSON_FAULT_VALUE);
    *out = (struct json_value){kind, false, {core->at, word.len}};
    core->at += word.len;
    return true;
}

bool
json_core_is_empty(struct json_core *core, enum json_kind kind)
{
    json_core_blanks(core);
    return take(core, kind == JSON_KIND_OBJECT ? '}' : ']');
}

bool
json_core_after(struct json_core *core, enum json_kind kind, bool *out_is_end)
{
    bool is_object = kind == JSON_KIND_OBJECT;

    json_core_blanks(core);
    if (take(core, ',')) {
        *out_is_end = false;
        return true;
    }
    if (take(core, is_object ? '}' : ']')) {
        *out_is_end = true;
        return true;
    }
    return fault(core, is_object ? JSON_FAULT_COMMA_OBJECT : JSON_FAULT_COMMA_ARRAY);
}

bool
json_core_name(struct json_core *core, struct json_value *out)
{
    json_core_blanks(core);
    if (core->at == core->end || *core->at != '"')
        return fault(core, JSON_FAULT_NAME);
    if (!scan_string(core, out))
        return false;
    json_core_blanks(core);
    return take(core, ':') || fault(core, JSON_FAULT_COLON);
}

/* An object or array whose opening bracket is at `at`. */
static bool
scan_nested(struct json_core *core, unsigned depth, enum json_kind kind,
            struct json_value *out)
{
    const unsigned char *from = core->at;
    struct json_value inner;
    bool is_end;

    if (depth >= JSON_DEPTH_MAX)
        return fault(core, JSON_FAULT_DEEP);
    core->at++;
    is_end = json_core_is_empty(core, kind);
    while (!is_end) {
        if (kind == JSON_KIND_OBJECT && !json_core_name(core, &inner))
            return false;
        if (!json_core_value(core, depth + 1, &inner) ||
            !json_core_after(core, kind, &is_end))
            return false;
    }
    *out = (struct json_value){kind, false, {from, (size_t)(core->at - from)}};
    return true;
}

bool
json_core_value(struct json_core *core, unsigned depth, struct json_value *out)
{
    json_core_blanks(core);
    if (core->at == core->end)
        return fault(core, JSON_FAULT_ENDS);
    switch (*core->at) {
    case '{':
        return scan_nested(core, depth, JSON_KIND_OBJECT, out);
    case '[':
        return scan_nested(core, depth, JSON_KIND_ARRAY, out);
    case '"':
        return scan_string(core, out);
    case 't':
        return scan_word(core, SLICE("true"), JSON_KIND_TRUE, out);
    case 'f':
        return scan_word(core, SLICE("false"), JSON_KIND_FALSE, out);
    case 'n':
        return scan_word(core, SLICE("null"), JSON_KIND_NULL, out);
    default:
        if (*core->at == '-' || (*core->at >= '0' && *core->at <= '9'))
            return scan_number(core, out);
        return fault(core, JSON_FAULT_VALUE);
    }
}

/* Escapes of strings that were checked */

static uint32_t
unit_at(const unsigned char *at)
{
    return (uint32_t)four_hex(at, at + 4);
}

/* The code point of \uXXXX or of a pair; `rest` begins behind the 'u'. */
static uint32_t
take_unicode(struct slice *rest)
{
    uint32_t unit = unit_at(rest->at);

    *rest = slice_from(*rest, 4);
    if (!is_high((int32_t)unit))
        return unit;
    unit = 0x10000 + ((unit - 0xD800) << 10) + (unit_at(rest->at + 2) - 0xDC00);
    *rest = slice_from(*rest, 6);
    return unit;
}

static unsigned char
escape_meaning(unsigned char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c; /* '"', '\' and '/' mean themselves */
    }
}

size_t
json_core_piece(struct slice *rest, unsigned char out[4])
{
    size_t len = 1;

    if (rest->at[0] != '\\') {
        len = utf8_len(*rest);
        memcpy(out, rest->at, len);
        *rest = slice_from(*rest, len);
        return len;
    }
    if (rest->at[1] == 'u') {
        *rest = slice_from(*rest, 2);
        return utf8_write(take_unicode(rest), out);
    }
    out[0] = escape_meaning(rest->at[1]);
    *rest = slice_from(*rest, 2);
    return len;
}
