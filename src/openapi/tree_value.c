/* SPDX-License-Identifier: Apache-2.0
 *
 * Members of objects and elements of lists, in their order. An object of many finds them
 * by an index: a hash table of places, made when it has become large. A member that is
 * taken out stays at its place as TREE_NOTHING until half of all have gone. */
#include "openapi/tree.h"

#include "base/hash.h"
#include "base/mem.h"

#include <assert.h>

enum {
    SPARE_COUNT = 512,     /* values that are asked of the arena at once */
    SEARCH_MAX_COUNT = 12, /* members that are found without an index */
    INDEX_FIRST_ROOM = 32,
    MEMBERS_FIRST_ROOM = 4,
    LARGE_BYTES = 8 * 1024 * 1024,
};

struct tree_members {
    struct tree_value **at;
    uint32_t count, room; /* those that have gone are counted */
    uint32_t gone_count;
    uint32_t index_room; /* a power of 2, more than twice the room; 0: no index */
    uint32_t *index;     /* place + 1 in at[]; 0: free */
};

void
tree_done(struct tree *tree)
{
    bool was_large = tree->arena.used_bytes > LARGE_BYTES;

    arena_done(&tree->arena);
    mem_free(&tree->plain);
    *tree = (struct tree){0};
    if (was_large)
        mem_give_back();
}

/* ---- values ---- */

struct tree_value *
tree_new_value(struct tree *tree, enum tree_kind kind)
{
    struct tree_value *value;

    if (tree->spare_count == 0) {
        tree->spare = arena_new(&tree->arena, SPARE_COUNT * sizeof(tree->spare[0]));
        tree->spare_count = SPARE_COUNT;
    }
    value = tree->spare++;
    tree->spare_count--;
    value->kind = kind;
    return value;
}

struct tree_value *
tree_new_text(struct tree *tree, struct slice text)
{
    struct tree_value *value = tree_new_value(tree, TREE_TEXT);

    value->text = arena_text(&tree->arena, text);
    return value;
}

struct slice
tree_keep(struct tree *tree, struct slice text)
{
    return (struct slice){(const unsigned char *)arena_text(&tree->arena, text),
                          text.len};
}

static struct tree_members *
members_of(const struct tree_value *value)
{
    return tree_is(value, TREE_OBJECT) || tree_is(value, TREE_LIST) ? value->members
                                                                    : NULL;
}

size_t
tree_count(const struct tree_value *value)
{
    const struct tree_members *members = members_of(value);

    return members ? members->count - members->gone_count : 0;
}

struct tree_value *
tree_next(const struct tree_value *value, size_t *place)
{
    const struct tree_members *members = members_of(value);

    while (members && *place < members->count) {
        struct tree_value *member = members->at[(*place)++];
        if (member->kind != TREE_NOTHING)
            return member;
    }
    return NULL;
}

struct tree_value *
tree_element(const struct tree_value *list, size_t index)
{
    const struct tree_members *members = members_of(list);

    return tree_is(list, TREE_LIST) && members && index < members->count
               ? members->at[index]
               : NULL;
}

/* ---- names ---- */

static struct slice
name_of(const struct tree_value *member)
{
    return (struct slice){(const unsigned char *)member->name, member->name_len};
}

static bool
is_named(const struct tree_value *member, struct slice name)
{
    return member->name_len == name.len && memcmp(member->name, name.at, name.len) == 0;
}

/* Where the index has `name`, or a free place for it. */
static uint32_t *
index_find(const struct tree_members *members, struct slice name)
{
    uint32_t mask = members->index_room - 1;
    uint32_t i = (uint32_t)hash_keyed(name) & mask;

    while (members->index[i] && !is_named(members->at[members->index[i] - 1], name))
        i = (i + 1) & mask;
    return &members->index[i];
}

/* Writes all members into the index, up to one whose name another one has: *out_twice. */
static void
index_fill(struct tree_members *members, const struct tree_value **out_twice)
{
    memset(members->index, 0, members->index_room * sizeof(members->index[0]));
    for (uint32_t i = 0; i < members->count; i++) {
        uint32_t *found = index_find(members, name_of(members->at[i]));
        if (*found) {
            *out_twice = members->at[i];
            return;
        }
        *found = i + 1;
    }
}

static void
index_make(struct tree *tree, struct tree_members *members,
           const struct tree_value **out_twice)
{
    uint32_t room = INDEX_FIRST_ROOM;

    while (room <= 2 * members->room)
        room *= 2;
    members->index = arena_new(&tree->arena, room * sizeof(members->index[0]));
    members->index_room = room;
    index_fill(members, out_twice);
}

/* The place of a member of this name, among those that have gone too; the count when
 * there is none. */
static uint32_t
find_place(const struct tree_members *members, struct slice name)
{
    if (members->index_room > 0) {
        uint32_t found = *index_find(members, name);
        return found ? found - 1 : members->count;
    }
    for (uint32_t i = 0; i < members->count; i++) {
        if (is_named(members->at[i], name))
            return i;
    }
    return members->count;
}

struct tree_value *
tree_member_named(const struct tree_value *object, struct slice name)
{
    const struct tree_members *members = members_of(object);

    if (!members || object->kind != TREE_OBJECT)
        return NULL;

    uint32_t place = find_place(members, name);
    return place < members->count && members->at[place]->kind != TREE_NOTHING
               ? members->at[place]
               : NULL;
}

struct tree_value *
tree_member(const struct tree_value *object, const char *name)
{
    return tree_member_named(object, slice_of(name));
}

/* ---- changing ---- */

static struct tree_members *
members_new(struct tree *tree, size_t room)
{
    struct tree_members *members = arena_new(&tree->arena, sizeof(*members));

    assert(room < UINT32_MAX / 4);
    members->room = (uint32_t)room;
    members->at = arena_new(&tree->arena, room * sizeof(members->at[0]));
    return members;
}

/* One more, behind all others. */
static void
add_one(struct tree *tree, struct tree_value *value, struct tree_value *member)
{
    struct tree_members *members = value->members;

    if (!members)
        members = value->members = members_new(tree, MEMBERS_FIRST_ROOM);
    if (members->count == members->room) {
        struct tree_members *more = members_new(tree, 2 * (size_t)members->room);
        memcpy(more->at, members->at, members->count * sizeof(more->at[0]));
        members->at = more->at;
        members->room = more->room;
        members->index_room = 0;
    }
    members->at[members->count++] = member;
}

void
tree_append(struct tree *tree, struct tree_value *list, struct tree_value *value)
{
    assert(list->kind == TREE_LIST);
    add_one(tree, list, value);
}

void
tree_set(struct tree *tree, struct tree_value *object, struct slice name,
         struct tree_value *value)
{
    struct tree_members *members = object->members;
    const struct tree_value *twice = NULL;

    assert(object->kind == TREE_OBJECT && name.len < UINT32_MAX);
    value->name = (const char *)name.at;
    value->name_len = (uint32_t)name.len;
    if (members) {
        uint32_t place = find_place(members, name);
        if (place < members->count) {
            members->gone_count -= members->at[place]->kind == TREE_NOTHING;
            members->at[place] = value;
            return;
        }
    }
    add_one(tree, object, value);
    members = object->members;
    if (members->index_room > 0)
        *index_find(members, name) = members->count;
    else if (members->count > SEARCH_MAX_COUNT)
        index_make(tree, members, &twice);
    assert(!twice);
}

/* The first member whose name another one has before it; NULL: there is none. */
static const struct tree_value *
find_twice(struct tree_value *const *members, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (is_named(members[k], name_of(members[i])))
                return members[i];
        }
    }
    return NULL;
}

bool
tree_fill(struct tree *tree, struct tree_value *value, struct tree_value *const *members,
          size_t count, const struct tree_value **out_twice)
{
    const struct tree_value *twice = NULL;
    struct tree_members *made;

    if (count == 0)
        return true;
    made = members_new(tree, count);
    memcpy(made->at, members, count * sizeof(members[0]));
    made->count = (uint32_t)count;
    if (value->kind == TREE_OBJECT && count <= SEARCH_MAX_COUNT)
        twice = find_twice(members, count);
    else if (value->kind == TREE_OBJECT)
        index_make(tree, made, &twice);
    if (twice) {
        *out_twice = twice;
        return false;
    }
    value->members = made;
    return true;
}

/* Without those that have gone, so that passing over them never takes long. */
static void
close_up(struct tree_members *members)
{
    const struct tree_value *twice = NULL;
    uint32_t count = 0;

    for (uint32_t i = 0; i < members->count; i++) {
        if (members->at[i]->kind != TREE_NOTHING)
            members->at[count++] = members->at[i];
    }
    members->count = count;
    members->gone_count = 0;
    if (members->index_room > 0)
        index_fill(members, &twice);
    assert(!twice);
}

void
tree_take_member(struct tree_value *object, struct tree_value *member)
{
    struct tree_members *members = object->members;

    if (member->kind == TREE_NOTHING)
        return;
    member->kind = TREE_NOTHING;
    members->gone_count++;
    if (members->gone_count > members->count / 2)
        close_up(members);
}

void
tree_take_element(struct tree_value *list, size_t index)
{
    struct tree_members *members = list->members;

    memmove(&members->at[index], &members->at[index + 1],
            (members->count - index - 1) * sizeof(members->at[0]));
    members->count--;
}

struct tree_value *
tree_copy(struct tree *tree, const struct tree_value *value)
{
    struct tree_value *copy = tree_new_value(tree, value->kind);
    struct tree_value *member = NULL;

    if (value->kind == TREE_TEXT)
        copy->text = arena_text(&tree->arena, slice_of(value->text));
    else if (value->kind == TREE_WHOLE)
        copy->whole = value->whole;
    else if (value->kind == TREE_REAL)
        copy->real = value->real;
    for (size_t i = 0; (member = tree_next(value, &i));) {
        if (value->kind == TREE_LIST)
            tree_append(tree, copy, tree_copy(tree, member));
        else
            tree_set(tree, copy, tree_keep(tree, name_of(member)),
                     tree_copy(tree, member));
    }
    return copy;
}

/* ---- what hangs in a value ---- */

size_t
tree_depth(const struct tree_value *value)
{
    const struct tree_value *member = NULL;
    size_t most = 0;

    if (!tree_is(value, TREE_OBJECT) && !tree_is(value, TREE_LIST))
        return 0;
    for (size_t i = 0; (member = tree_next(value, &i));) {
        size_t depth = tree_depth(member);
        most = depth > most ? depth : most;
    }
    return most + 1;
}

size_t
tree_size(const struct tree_value *value, size_t most)
{
    const struct tree_value *member = NULL;
    size_t count = 1;

    for (size_t i = 0; count < most && (member = tree_next(value, &i));)
        count += tree_size(member, most - count);
    return count;
}

static bool
have_same_members(const struct tree_value *a, const struct tree_value *b)
{
    const struct tree_value *member = NULL;
    size_t place = 0; /* in b, when it is a list */

    if (tree_count(a) != tree_count(b))
        return false;
    for (size_t i = 0; (member = tree_next(a, &i));) {
        const struct tree_value *other = a->kind == TREE_OBJECT
                                             ? tree_member_named(b, name_of(member))
                                             : tree_next(b, &place);
        if (!tree_equal(member, other))
            return false;
    }
    return true;
}

bool
tree_equal(const struct tree_value *a, const struct tree_value *b)
{
    if (!a || !b || a->kind != b->kind)
        return false;
    switch (a->kind) {
    case TREE_NOTHING:
    case TREE_NULL:
    case TREE_FALSE:
    case TREE_TRUE:
        return true;
    case TREE_WHOLE:
        return a->whole == b->whole;
    case TREE_REAL:
        return !(a->real < b->real) && !(a->real > b->real);
    case TREE_TEXT:
        return strcmp(a->text, b->text) == 0;
    case TREE_LIST:
    case TREE_OBJECT:
        return have_same_members(a, b);
    }
    return false;
}
