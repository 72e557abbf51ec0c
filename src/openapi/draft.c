/* SPDX-License-Identifier: Apache-2.0
 *
 * Permissions from tags and methods. */
#include "openapi/draft.h"

#include "base/auto.h"
#include "base/utf8.h"

#include <stdio.h>
#include <strings.h>

enum { FEATURE_MAX_BYTES = 80, SUMMARY_MAX_BYTES = 100 };

/* What may do harm that cannot be undone, or shows what nobody should see. */
static const struct danger {
    const char *word; /* in path, operationId or summary */
    bool is_for_reading;
    const char *note;
} DANGERS[] = {
    {"delete", false, "it deletes; a permission of its own?"},
    {"remove", false, "it removes; a permission of its own?"},
    {"destroy", false, "it destroys; a permission of its own?"},
    {"purge", false, "it purges; a permission of its own?"},
    {"wipe", false, "it wipes; a permission of its own?"},
    {"transfer", false, "it hands something over; a permission of its own?"},
    {"revoke", false, "it revokes; a permission of its own?"},
    {"suspend", false, "it suspends; a permission of its own?"},
    {"refund", false, "it moves money; a permission of its own?"},
    {"payment", false, "it moves money; a permission of its own?"},
    {"admin", false, "it has to do with administrators; a permission of its own?"},
    {"permission", false, "it hands out rights; a permission of its own?"},
    {"secret", true, "it has to do with secrets; a permission of its own?"},
    {"password", true, "it has to do with passwords; a permission of its own?"},
    {"credential", true, "it has to do with credentials; a permission of its own?"},
    {"private_key", true, "it has to do with keys; a permission of its own?"},
    {"export", true, "it may give out much at once; a permission of its own?"},
};

static bool
is_reading(const struct operation *operation)
{
    return strcmp(operation->method, "GET") == 0 ||
           strcmp(operation->method, "HEAD") == 0 ||
           strcmp(operation->method, "OPTIONS") == 0;
}

static const char *
danger_of(const struct operation *operation)
{
    if (strcmp(operation->method, "DELETE") == 0)
        return "it deletes; a permission of its own?";
    for (size_t i = 0; i < COUNT_OF(DANGERS); i++) {
        const struct danger *danger = &DANGERS[i];
        if (is_reading(operation) && !danger->is_for_reading)
            continue;
        if (strcasestr(operation->path, danger->word) ||
            strcasestr(operation->id, danger->word) ||
            strcasestr(operation->summary, danger->word))
            return danger->note;
    }
    return NULL;
}

/* Is it a feature of our own catalogue? What is ours means something else. */
static bool
is_ours(const char *feature)
{
    for (size_t i = 0; i < permission_count(); i++) {
        const struct permission *row = permission_at(i);
        if (row->number < PERMISSION_ADDED_FIRST &&
            strcasecmp(row->feature, feature) == 0)
            return true;
    }
    return false;
}

/* May this character stand in YAML as it is, and in a comment without ending its line?
 * (YAML 1.2.2 §5.1; libyaml ends lines at U+0085, U+2028 and U+2029 too) */
static bool
is_printable(struct slice character)
{
    unsigned char first = character.at[0];

    if (character.len == 1) /* alone, 0x80 and above begin nothing */
        return first >= 0x20 && first < 0x7f;
    if (character.len == 2)
        return first != 0xC2 || character.at[1] >= 0xA0;
    if (character.len == 3)
        return !slice_equal(character, SLICE("\xE2\x80\xA8")) &&
               !slice_equal(character, SLICE("\xE2\x80\xA9")) &&
               !slice_equal(character, SLICE("\xEF\xBB\xBF")) &&
               !slice_equal(character, SLICE("\xEF\xBF\xBE")) &&
               !slice_equal(character, SLICE("\xEF\xBF\xBF"));
    return true;
}

/* The first character of `rest`, which moves behind it; a byte that begins none counts as
 * one. */
static struct slice
next_character(struct slice *rest)
{
    size_t len = utf8_len(*rest);
    struct slice character = slice_head(*rest, len == 0 ? 1 : len);

    *rest = slice_from(*rest, character.len);
    return character;
}

/* `text` as far as it can stand in a permission's name, without blanks at its ends. */
static size_t
add_plain(char *out, size_t len, const char *text)
{
    struct slice rest = slice_of(text);
    size_t start = len;

    while (rest.len > 0) {
        struct slice character = next_character(&rest);
        bool is_blank = !is_printable(character) || strchr(" :,\"\\", character.at[0]);
        if (is_blank)
            character = SLICE(" ");
        if (len + character.len > FEATURE_MAX_BYTES)
            break;
        if (is_blank && (len == start || out[len - 1] == ' '))
            continue;
        memcpy(out + len, character.at, character.len);
        len += character.len;
    }
    while (len > start && out[len - 1] == ' ')
        len--;
    out[len] = '\0';
    return len;
}

/* The first segment of the path that is no parameter. */
static void
segment_of(const char *path, char out[FEATURE_MAX_BYTES + 1])
{
    struct slice rest = slice_of(path);
    struct slice one = {0};
    bool is_more = true;

    out[0] = '\0';
    while (is_more && out[0] == '\0') {
        is_more = slice_cut(&rest, '/', &one);
        if (!is_more)
            one = rest;
        if (one.len > 0 && one.len <= FEATURE_MAX_BYTES && one.at[0] != '{')
            slice_to_text(one, out, FEATURE_MAX_BYTES + 1);
    }
}

static void
feature_of(const struct description *description, size_t index,
           char out[FEATURE_MAX_BYTES + 1])
{
    char segment[FEATURE_MAX_BYTES + 1];
    char plain[FEATURE_MAX_BYTES + 1];
    size_t len = add_plain(plain, 0, description->tags[index]);

    if (len == 0) {
        segment_of(description->operations[index].path, segment);
        len = add_plain(plain, 0, segment);
    }
    if (len > 0 && !is_ours(plain)) {
        memcpy(out, plain, len + 1);
        return;
    }
    size_t title_len = add_plain(out, 0, description->title);
    if (title_len == 0)
        title_len = add_plain(out, 0, "API");
    if (len > 0 && title_len + 1 < FEATURE_MAX_BYTES) {
        out[title_len] = ' ';
        add_plain(out, title_len + 1, plain);
    }
}

/* Into '…' of JSONPath within "…" of YAML. */
static void
add_quoted(struct buffer *out, const char *text)
{
    struct slice rest = slice_of(text);

    while (rest.len > 0) {
        struct slice character = next_character(&rest);
        if (character.at[0] == '\'')
            buffer_add_text(out, "\\\\'");
        else if (character.at[0] == '\\')
            buffer_add_text(out, "\\\\\\\\");
        else if (character.at[0] == '"')
            buffer_add_text(out, "\\\"");
        else
            buffer_add(out, character);
    }
}

/* Can an action aim at this path? What cannot be written down is in no API. */
static bool
is_writable(const char *path)
{
    struct slice rest = slice_of(path);
    bool is_writable = true;

    while (is_writable && rest.len > 0)
        is_writable = is_printable(next_character(&rest));
    return is_writable;
}

/* One line for people, behind '#'. */
static void
add_comment(struct buffer *out, const char *text)
{
    struct slice rest = slice_of(text);

    for (size_t len = 0; rest.len > 0 && len < SUMMARY_MAX_BYTES;) {
        struct slice character = next_character(&rest);
        len += character.len;
        buffer_add(out, is_printable(character) ? character : SLICE(" "));
    }
}

static void
write_action(const struct description *description, size_t index, struct buffer *out,
             struct draft_counts *counts)
{
    const struct operation *operation = &description->operations[index];
    const char *danger = danger_of(operation);
    char feature[FEATURE_MAX_BYTES + 1];

    feature_of(description, index, feature);
    buffer_add_text(out, "\n  # ");
    add_comment(out, operation->summary[0] ? operation->summary : operation->id);
    if (danger) {
        buffer_add_text(out, "\n  # LOOK: ");
        buffer_add_text(out, danger);
    }
    buffer_add_text(out, "\n  - target: \"$.paths['");
    add_quoted(out, operation->path);
    buffer_add_text(out, "'].");
    for (const char *at = operation->method; *at; at++)
        buffer_add_byte(out, (unsigned char)(*at | 0x20));
    buffer_add_text(out, "\"\n    update:\n      x-tokenhouse: {permissions: [\"");
    buffer_add_text(out, feature);
    buffer_add_text(out, is_reading(operation) ? ":View\"]}\n" : ":Manage\"]}\n");
    if (danger) {
        buffer_add_text(out, "      x-tokenhouse-note: \"");
        buffer_add_text(out, danger);
        buffer_add_text(out, "\"\n");
        counts->marked_count++;
    }
    counts->drafted_count++;
}

void
draft_write(const struct description *description, struct buffer *out,
            struct draft_counts *out_counts)
{
    struct draft_counts counts = {0};

    buffer_add_text(out, "# Permissions for \"");
    add_comment(out, description->title);
    buffer_add_text(
        out,
        "\", drafted from tags and methods: GET needs View, all else\n"
        "# Manage. Read it and correct it; search for LOOK first. What stands in no "
        "action\n"
        "# stays refused. Then: tokenhouse upstream add NAME --openapi … --overlay THIS\n"
        "overlay: 1.0.0\n"
        "info:\n"
        "  title: Permissions for Tokenhouse\n"
        "  version: 1.0.0\n"
        "actions:\n");
    for (size_t i = 0; i < description->operation_count; i++) {
        if (!is_writable(description->operations[i].path))
            continue;
        if (description->operations[i].need == OPERATION_CLOSED)
            write_action(description, i, out, &counts);
        else
            counts.ready_count++;
    }
    if (counts.drafted_count == 0)
        buffer_add_text(out, "  []\n");
    *out_counts = counts;
}
