/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks the short texts that people type. */
#include "rules/words.h"

#include "base/auto.h"
#include "base/utf8.h"

#include <assert.h>
#include <stdint.h>

const struct words_rule WORDS_TITLE = {"title", "the title", 1, TITLE_MAX_CHARS, false};
const struct words_rule WORDS_DESCRIPTION = {"description", "the description", 0,
                                             DESCRIPTION_MAX_CHARS, true};
const struct words_rule WORDS_USER_NAME = {"name", "the user's name", 0, NAME_MAX_CHARS,
                                           false};
const struct words_rule WORDS_ROLE_NAME = {"name", "the name of a user role", 1,
                                           NAME_MAX_CHARS, false};
const struct words_rule WORDS_GROUP_NAME = {"name", "the name of a device group", 1,
                                            NAME_MAX_CHARS, false};
const struct words_rule WORDS_GROUP_DESCRIPTION = {"description", "the description", 0,
                                                   DESCRIPTION_MAX_CHARS, true};

const struct words_rule WORDS_FOLDER = {"folder", "the folder", 0, FOLDER_MAX_CHARS,
                                        false};
const struct words_rule WORDS_FOLDER_NAME = {"folder", "a name in the folder's path", 1,
                                             FOLDER_MAX_CHARS, false};
const struct words_rule WORDS_LICENCE_NAME = {"name", "the name of a licence", 1,
                                              NAME_MAX_CHARS, false};
const struct words_rule WORDS_ORDER_NO = {"orderNo", "the order number", 0,
                                          ORDER_NO_MAX_CHARS, false};
const struct words_rule WORDS_ACCOUNT_NAME = {"name", "the account's name", 0,
                                              NAME_MAX_CHARS, false};

/* Code points that show nothing: a text of these alone is as good as empty. */
static const struct code_range {
    uint32_t first, last;
} BLANKS[] = {{0x09, 0x0D},     {0x20, 0x20},     {0xA0, 0xA0},     {0xAD, 0xAD},
              {0x1680, 0x1680}, {0x180E, 0x180E}, {0x2000, 0x200F}, {0x2028, 0x202F},
              {0x205F, 0x2064}, {0x2066, 0x206F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}},
  /* Line and paragraph separators, and what turns the direction of writing. */
    TRICKS[] = {{0x2028, 0x202E}, {0x2066, 0x2069}};

static bool
is_within(const struct code_range *ranges, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    }
    return false;
}

/* Cuts the first code point of a well-formed, non-empty text. */
static uint32_t
cut_code_point(struct slice *rest)
{
    static const unsigned char MASKS[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    size_t len = utf8_len(*rest);
    uint32_t code = 0;

    assert(len >= 1 && len <= 4);
    code = rest->at[0] & MASKS[len];
    for (size_t i = 1; i < len; i++)
        code = code << 6 | (rest->at[i] & 0x3Fu);
    *rest = slice_from(*rest, len);
    return code;
}

static bool
is_control(uint32_t code, bool is_multiline)
{
    if (is_multiline && (code == '\n' || code == '\r' || code == '\t'))
        return false;
    return code < 0x20 || (code >= 0x7F && code < 0xA0) ||
           is_within(TRICKS, COUNT_OF(TRICKS), code);
}

enum status
words_read(const struct words_rule *rule, struct slice typed, char *out, size_t size,
           struct failure *failure)
{
    struct slice text = slice_trim(typed);
    bool is_blank = true;
    size_t count = 0;

    if (!utf8_is(text))
        return failure_set(failure, STATUS_MALFORMED, rule->field,
                           "%s is not well-formed UTF-8", rule->what);
    for (struct slice rest = text; rest.len > 0; count++) {
        uint32_t code = cut_code_point(&rest);
        if (is_control(code, rule->is_multiline))
            return failure_set(failure, STATUS_MALFORMED, rule->field,
                               "%s holds a control character (U+%04X); wanted is plain "
                               "text",
                               rule->what, (unsigned)code);
        is_blank = is_blank && is_within(BLANKS, COUNT_OF(BLANKS), code);
    }
    if (is_blank && rule->least_chars > 0)
        return failure_set(failure, STATUS_MALFORMED, rule->field,
                           "%s is empty; wanted are %zu to %zu characters", rule->what,
                           rule->least_chars, rule->max_chars);
    if (count > rule->max_chars)
        return failure_set(failure, STATUS_MALFORMED, rule->field,
                           "%s has %zu characters; wanted are at most %zu", rule->what,
                           count, rule->max_chars);

    bool fits = slice_to_text(text, out, size);
    assert(fits); /* no zero byte, and size is the rule's */
    (void)fits;
    return STATUS_OK;
}

static bool
is_local_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL);
}

static bool
is_domain_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '.';
}

/* Parts between dots that are not empty, of these characters. */
static bool
is_dotted(struct slice text, bool (*is_char)(unsigned char), size_t max)
{
    unsigned char before = '.';

    if (text.len == 0 || text.len > max)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_char(text.at[i]) || (text.at[i] == '.' && before == '.'))
            return false;
        before = text.at[i];
    }
    return before != '.';
}

enum status
words_read_email(struct slice typed, char out[EMAIL_MAX_CHARS + 1],
                 struct failure *failure)
{
    enum { LOCAL_MAX_CHARS = 64, DOMAIN_MAX_CHARS = 253 };
    struct slice text = slice_trim(typed);
    struct slice domain = text;
    struct slice local = {0};

    if (text.len > EMAIL_MAX_CHARS || !slice_cut(&domain, '@', &local) ||
        !is_dotted(local, is_local_char, LOCAL_MAX_CHARS) ||
        !is_dotted(domain, is_domain_char, DOMAIN_MAX_CHARS) || domain.at[0] == '-')
        return failure_set(failure, STATUS_MALFORMED, "email",
                           "'%.*s' is not an e-mail address; wanted is name@domain, at "
                           "most %d characters",
                           WORDS_SHORT(text), EMAIL_MAX_CHARS);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    out[text.len] = '\0';
    return STATUS_OK;
}
