/* SPDX-License-Identifier: Apache-2.0
 *
 * Permissions from tags and methods. */
#include "openapi/draft.h"

#include "base/auto.h"
#include "openapi/draft_feature.h"

enum { SUMMARY_MAX_BYTES = 100, COMMENT_MAX_BYTES = 88 };

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

const char *
draft_action_of(const struct operation *operation)
{
    return is_reading(operation) ? "View" : "Manage";
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

/* Into '…' of JSONPath within "…" of YAML. */
static void
add_quoted(struct buffer *out, const char *text)
{
    struct slice rest = slice_of(text);

    while (rest.len > 0) {
        struct slice character = draft_next_character(&rest);
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
        is_writable = draft_is_printable(draft_next_character(&rest));
    return is_writable;
}

bool
draft_is_wanted(const struct operation *operation)
{
    return operation->need == OPERATION_CLOSED && is_writable(operation->path);
}

/* One line for people, behind '#'. */
static void
add_comment(struct buffer *out, const char *text)
{
    struct slice rest = slice_of(text);

    for (size_t len = 0; rest.len > 0 && len < SUMMARY_MAX_BYTES;) {
        struct slice character = draft_next_character(&rest);
        len += character.len;
        buffer_add(out, draft_is_printable(character) ? character : SLICE(" "));
    }
}

static void
write_action(const struct description *description, size_t index, struct buffer *out,
             struct draft_counts *counts)
{
    const struct operation *operation = &description->operations[index];
    const char *danger = danger_of(operation);
    char feature[DRAFT_FEATURE_MAX_BYTES + 1];

    draft_feature_of(description, index, counts->grain, feature);
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
    buffer_print(out, ":%s\"]}\n", draft_action_of(operation));
    if (danger) {
        buffer_add_text(out, "      x-tokenhouse-note: \"");
        buffer_add_text(out, danger);
        buffer_add_text(out, "\"\n");
        counts->marked_count++;
    }
    counts->drafted_count++;
}

/* A sentence as comments of YAML, each line broken at a blank. */
static void
add_words(struct buffer *out, const char *words)
{
    while (*words) {
        size_t len = strlen(words);
        if (len > COMMENT_MAX_BYTES) {
            for (len = COMMENT_MAX_BYTES; len > 0 && words[len] != ' ';)
                len--;
        }
        buffer_print(out, "# %.*s\n", (int)len, words);
        words += len + (words[len] == ' ');
    }
}

static void
write_head(const struct description *description, const struct draft_counts *counts,
           struct buffer *out)
{
    char words[DRAFT_WORDS_BYTES];

    draft_explain(counts, words);
    buffer_add_text(out, "# Permissions for \"");
    add_comment(out, description->title);
    buffer_print(
        out,
        "\", drafted from %s and methods: GET needs View, all else\n"
        "# Manage. Read it and correct it; search for LOOK first. What stands in no "
        "action\n"
        "# stays refused. Then: tokenhouse upstream add NAME --openapi … --overlay "
        "THIS\n",
        counts->grain > DRAFT_BY_TAG_HEAD ? "paths" : "tags");
    add_words(out, words);
    buffer_add_text(out, "overlay: 1.0.0\n"
                         "info:\n"
                         "  title: Permissions for Tokenhouse\n"
                         "  version: 1.0.0\n"
                         "actions:\n");
}

void
draft_write(const struct description *description, size_t most, struct buffer *out,
            struct draft_counts *out_counts)
{
    struct draft_counts counts = {0};

    draft_choose_grain(description, most, &counts);
    write_head(description, &counts, out);
    for (size_t i = 0; i < description->operation_count; i++) {
        if (draft_is_wanted(&description->operations[i]))
            write_action(description, i, out, &counts);
        else if (description->operations[i].need != OPERATION_CLOSED &&
                 is_writable(description->operations[i].path))
            counts.ready_count++;
    }
    if (counts.drafted_count == 0)
        buffer_add_text(out, "  []\n");
    *out_counts = counts;
}
