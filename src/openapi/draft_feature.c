/* SPDX-License-Identifier: Apache-2.0
 *
 * The features of a draft: as fine as the catalogue has room for. */
#include "openapi/draft_feature.h"

#include "base/auto.h"
#include "base/utf8.h"
#include "openapi/tree.h"

#include <stdio.h>
#include <strings.h>

/* Where a tag's first part ends: "users.message", "Users / Messages". */
static const char PART_ENDS[] = "./:";

/* ---- characters ---- */

bool
draft_is_printable(struct slice character)
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

struct slice
draft_next_character(struct slice *rest)
{
    size_t len = utf8_len(*rest);
    struct slice character = slice_head(*rest, len == 0 ? 1 : len);

    *rest = slice_from(*rest, character.len);
    return character;
}

/* `rest` as far as it can stand in a permission's name, without blanks at its ends. */
static size_t
add_plain(char *out, size_t len, struct slice rest)
{
    size_t start = len;

    while (rest.len > 0) {
        struct slice character = draft_next_character(&rest);
        bool is_blank =
            !draft_is_printable(character) || strchr(" :,\"\\", character.at[0]);
        if (is_blank)
            character = SLICE(" ");
        if (len + character.len > DRAFT_FEATURE_MAX_BYTES)
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

/* ---- one feature ---- */

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

/* The first segment of the path that is no parameter. */
static struct slice
segment_of(const char *path)
{
    struct slice rest = slice_of(path);
    struct slice one = {0};
    bool is_more = true;

    while (is_more) {
        is_more = slice_cut(&rest, '/', &one);
        if (!is_more)
            one = rest;
        if (one.len > 0 && one.len <= DRAFT_FEATURE_MAX_BYTES && one.at[0] != '{')
            return one;
    }
    return (struct slice){0};
}

/* What the tag gives; empty: nothing. */
static size_t
add_tag(const char *tag, enum draft_grain grain, char *out)
{
    struct slice whole = slice_of(tag);
    size_t head_len = strcspn(tag, PART_ENDS);

    out[0] = '\0';
    if (grain > DRAFT_BY_TAG_HEAD)
        return 0;
    size_t len =
        grain == DRAFT_BY_TAG_HEAD ? add_plain(out, 0, slice_head(whole, head_len)) : 0;
    return len > 0 ? len : add_plain(out, 0, whole);
}

/* The name of the API, which is no feature of ours. */
static size_t
add_title(const struct description *description, char *out)
{
    size_t len = add_plain(out, 0, slice_of(description->title));

    if (len == 0)
        len = add_plain(out, 0, SLICE("API"));
    if (is_ours(out) && len + sizeof(" API") <= DRAFT_FEATURE_MAX_BYTES) {
        out[len] = ' ';
        len = add_plain(out, len + 1, SLICE("API"));
    }
    return len;
}

void
draft_feature_of(const struct description *description, size_t index,
                 enum draft_grain grain, char out[DRAFT_FEATURE_MAX_BYTES + 1])
{
    char plain[DRAFT_FEATURE_MAX_BYTES + 1];
    size_t len = add_tag(description->tags[index], grain, plain);

    if (len == 0 && grain != DRAFT_BY_API)
        len = add_plain(plain, 0, segment_of(description->operations[index].path));
    if (len > 0 && !is_ours(plain)) {
        memcpy(out, plain, len + 1);
        return;
    }
    size_t title_len = add_title(description, out);
    if (len > 0 && title_len + 1 < DRAFT_FEATURE_MAX_BYTES) {
        out[title_len] = ' ';
        add_plain(out, title_len + 1, slice_of(plain));
    }
}

/* ---- how many ---- */

/* Names of permissions, in any case. */
static bool
add_name(struct tree *names, const char *feature, const char *action)
{
    char name[2 * PERMISSION_NAME_MAX + 2];
    size_t len = (size_t)snprintf(name, sizeof(name), "%s:%s", feature, action);
    struct slice key = {(const unsigned char *)name, len};

    for (size_t i = 0; i < len; i++)
        name[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] | 0x20) : name[i];
    if (tree_member_named(names->root, key))
        return false;
    tree_set(names, names->root, tree_keep(names, key), tree_new_value(names, TREE_TRUE));
    return true;
}

static bool
is_in_catalogue(const char *feature, const char *action)
{
    char name[2 * PERMISSION_NAME_MAX + 2];
    uint16_t number = PERMISSION_NONE;

    snprintf(name, sizeof(name), "%s:%s", feature, action);
    return permission_read(slice_of(name), &number) == STATUS_OK;
}

size_t
draft_permission_count(const struct description *description, enum draft_grain grain)
{
    struct tree names AUTO(tree_done) = {0};
    char feature[DRAFT_FEATURE_MAX_BYTES + 1];
    size_t count = 0;

    names.root = tree_new_value(&names, TREE_OBJECT);
    for (size_t i = 0; i < description->introduced_count; i++)
        (void)add_name(&names, description->introduced[i].feature,
                       description->introduced[i].action);
    for (size_t i = 0; i < description->operation_count; i++) {
        const struct operation *operation = &description->operations[i];
        if (!draft_is_wanted(operation))
            continue;
        draft_feature_of(description, i, grain, feature);
        if (add_name(&names, feature, draft_action_of(operation)) &&
            !is_in_catalogue(feature, draft_action_of(operation)))
            count++;
    }
    return count;
}

void
draft_choose_grain(const struct description *description, size_t most,
                   struct draft_counts *out)
{
    size_t room = description_room(description);

    out->room = most < room ? most : room;
    out->grain = DRAFT_BY_TAG;
    out->tag_permission_count = draft_permission_count(description, DRAFT_BY_TAG);
    out->permission_count = out->tag_permission_count;
    while (out->permission_count > out->room && out->grain < DRAFT_BY_API) {
        out->grain++;
        out->permission_count = draft_permission_count(description, out->grain);
    }
}

void
draft_explain(const struct draft_counts *counts, char out[DRAFT_WORDS_BYTES])
{
    static const char *const GRAINS[] = {
        [DRAFT_BY_TAG] = "features are tags",
        [DRAFT_BY_TAG_HEAD] = "features are the tags up to their first '.', '/' or ':'",
        [DRAFT_BY_SEGMENT] = "features are the first segments of the paths",
        [DRAFT_BY_API] = "the whole API is one feature",
    };

    out[0] = '\0';
    if (counts->grain == DRAFT_BY_TAG)
        return;
    snprintf(out, DRAFT_WORDS_BYTES,
             "With each tag as a feature it would bring %zu permissions, and there is "
             "room for %zu. So %s: %zu permission%s%s.",
             counts->tag_permission_count, counts->room, GRAINS[counts->grain],
             counts->permission_count, counts->permission_count == 1 ? "" : "s",
             counts->permission_count > counts->room ? ", still too many" : "");
}
