/* SPDX-License-Identifier: Apache-2.0
 *
 * The difference, by sets of rights: tokens are many, the sets they have are few. */
#include "rules/upstream_diff.h"

#include "base/auto.h"
#include "base/mem.h"
#include "rules/policy.h"
#include "store/store_people.h"
#include "store/store_tokens.h"

#include <stdio.h>
#include <stdlib.h>

enum { NEEDS_MAX_BYTES = 16 * 1024 };

/* ---- needs in words ---- */

/* `description` (may be NULL) knows the names of permissions that are new. */
static void
each_permission_name(const struct permission_set *set,
                     const struct description *description, void *ctx,
                     void (*each)(void *ctx, const char *name))
{
    char name[PERMISSION_NAME_MAX * 2 + 2];
    size_t count = description ? description->introduced_count : 0;

    for (size_t i = 0; i < permission_count(); i++) {
        if (!permission_set_has(set, permission_at(i)->number))
            continue;
        permission_write(permission_at(i)->number, name);
        each(ctx, name);
    }
    for (size_t i = 0; i < count; i++) {
        uint16_t number = description->introduced_numbers[i];
        if (!permission_set_has(set, number) || permission_by_number(number))
            continue;
        snprintf(name, sizeof(name), "%s:%s", description->introduced[i].feature,
                 description->introduced[i].action);
        each(ctx, name);
    }
}

struct listing {
    struct buffer *out;
    bool is_first;
};

static void
add_name(void *ctx, const char *name)
{
    struct listing *listing = ctx;

    buffer_add_text(listing->out, listing->is_first ? "" : ", ");
    buffer_add_text(listing->out, name);
    listing->is_first = false;
}

static void
add_when(const struct operation_when *when, const struct description *description,
         struct buffer *out)
{
    struct listing listing = {out, true};

    buffer_add_text(out, "; ");
    each_permission_name(&when->permissions, description, &listing, add_name);
    buffer_add_text(out, when->kind == WHEN_BODY ? " if the body has " : " if ");
    buffer_add_text(out, when->name);
    if (when->equals) {
        buffer_add_text(out, " = ");
        buffer_add_text(out, when->equals);
    } else if (when->kind == WHEN_QUERY) {
        buffer_add_text(out, " is given");
    }
}

void
upstream_needs_write(const struct operation *operation,
                     const struct description *description, struct buffer *out)
{
    struct listing listing = {out, true};

    switch (operation->need) {
    case OPERATION_CLOSED:
        buffer_add_text(out, "refused: nothing says what it needs");
        return;
    case OPERATION_OPEN_TO_ALL:
        buffer_add_text(out, "any token");
        break;
    case OPERATION_NEEDS:
        each_permission_name(&operation->permissions, description, &listing, add_name);
        break;
    }
    for (size_t i = 0; i < operation->licence_count; i++) {
        buffer_add_text(out, i == 0 ? "; licence " : " or ");
        buffer_add_text(out, operation->licences[i]);
    }
    if (operation->rate.count > 0) {
        char rate[RATE_TEXT_CHARS + 1];
        rate_write(operation->rate, rate);
        buffer_add_text(out, "; at most ");
        buffer_add_text(out, rate);
    }
    for (size_t i = 0; i < operation->when_count; i++)
        add_when(&operation->whens[i], description, out);
}

static const char *
needs_text(const struct operation *operation, const struct description *description,
           struct arena *arena)
{
    struct buffer text AUTO(buffer_done) = buffer_make(NEEDS_MAX_BYTES);

    if (!operation)
        return "";
    upstream_needs_write(operation, description, &text);
    return arena_text(arena, buffer_slice(&text));
}

/* ---- operations ---- */

/* An operation with what tells it from others: its method and its path without the names
 * of parameters. */
struct keyed {
    const struct operation *operation;
    char *key; /* owned */
};

struct pair {
    const struct operation *before, *after; /* NULL = none */
};

struct pairing {
    struct pair *pairs; /* owned */
    size_t count;
};

static char *
key_of(const struct operation *operation)
{
    size_t len = strlen(operation->method);
    char *key = mem_new(len + strlen(operation->path) + 2);
    bool is_inside = false;

    memcpy(key, operation->method, len);
    key[len++] = ' ';
    for (const char *at = operation->path; *at; at++) {
        if (!is_inside || *at == '}')
            key[len++] = *at;
        is_inside = *at == '{' || (is_inside && *at != '}');
    }
    key[len] = '\0';
    return key;
}

static int
compare_keys(const void *a, const void *b)
{
    return strcmp(((const struct keyed *)a)->key, ((const struct keyed *)b)->key);
}

/* The operations of a source in the order of their keys. */
static struct keyed *
keyed_new(const struct route_source *source, size_t *out_count)
{
    size_t count = source ? source->operation_count : 0;
    struct keyed *list = mem_new_array(count + 1, sizeof(*list));

    for (size_t i = 0; i < count; i++)
        list[i] = (struct keyed){&source->operations[i], key_of(&source->operations[i])};
    if (count > 1)
        qsort(list, count, sizeof(list[0]), compare_keys);
    *out_count = count;
    return list;
}

static void
keyed_free(struct keyed **list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mem_free(&(*list)[i].key);
    mem_free(list);
}

static void
pair_all(const struct route_source *before, const struct route_source *after,
         struct pairing *out)
{
    size_t old_count = 0;
    size_t new_count = 0;
    struct keyed *old = keyed_new(before, &old_count);
    struct keyed *fresh = keyed_new(after, &new_count);
    size_t i = 0;
    size_t k = 0;

    out->pairs = mem_new_array(old_count + new_count + 1, sizeof(out->pairs[0]));
    while (i < old_count || k < new_count) {
        int order = i == old_count   ? 1
                    : k == new_count ? -1
                                     : strcmp(old[i].key, fresh[k].key);
        struct pair *pair = &out->pairs[out->count++];
        if (order <= 0)
            pair->before = old[i++].operation;
        if (order >= 0)
            pair->after = fresh[k++].operation;
    }
    keyed_free(&old, old_count);
    keyed_free(&fresh, new_count);
}

static void
pairing_done(struct pairing *pairing)
{
    mem_free(&pairing->pairs);
}

static void
diff_operations(const struct pairing *pairing, const struct description *description,
                struct arena *arena, struct upstream_diff *out)
{
    struct diff_operation *rows =
        arena_new(arena, (pairing->count + 1) * sizeof(rows[0]));
    size_t count = 0;

    for (size_t i = 0; i < pairing->count; i++) {
        const struct pair *pair = &pairing->pairs[i];
        const struct operation *shown = pair->after ? pair->after : pair->before;
        const char *before = needs_text(pair->before, NULL, arena);
        const char *after = needs_text(pair->after, description, arena);
        if (pair->before && pair->after && strcmp(before, after) == 0)
            continue;
        rows[count++] = (struct diff_operation){
            .kind = !pair->before  ? DIFF_ADDED
                    : !pair->after ? DIFF_REMOVED
                                   : DIFF_CHANGED,
            .method = arena_text(arena, slice_of(shown->method)),
            .path = arena_text(arena, slice_of(shown->path)),
            .before = before,
            .after = after,
        };
    }
    out->operations = rows;
    out->operation_count = count;
}

/* ---- tokens ---- */

/* Tokens with the same rights gain and lose the same. */
struct rights_class {
    struct permission_set rights;
    size_t lost_count, gained_count;
    const char *const *lost, *const *gained;
};

struct user_rights {
    int64_t user_id;
    int64_t role_id;
    bool is_suspended;
    char email[EMAIL_MAX_CHARS + 1];
};

struct role_rights {
    int64_t id;
    struct permission_set rights;
};

struct counting {
    const struct pairing *pairing;
    struct arena *arena;
    int64_t now_s;
    bool is_live_rights;
    struct role_rights *roles; /* owned */
    size_t role_count;
    struct user_rights *users; /* owned; by id */
    size_t user_count;
    struct rights_class *classes; /* owned */
    size_t class_count;
    struct diff_token *tokens; /* in the arena */
    size_t token_count, losing_count, gaining_count;
};

static void
counting_done(struct counting *counting)
{
    mem_free(&counting->roles);
    mem_free(&counting->users);
    mem_free(&counting->classes);
}

static bool
take_role(void *ctx, const struct role *role)
{
    struct counting *counting = ctx;

    counting->roles = mem_resize(counting->roles,
                                 (counting->role_count + 1) * sizeof(counting->roles[0]));
    counting->roles[counting->role_count++] =
        (struct role_rights){role->id, policy_role_rights(role)};
    return true;
}

static bool
take_user(void *ctx, const struct user *user)
{
    struct counting *counting = ctx;
    struct user_rights *row;

    if ((counting->user_count & (counting->user_count - 1)) == 0) /* a power of two */
        counting->users = mem_resize(counting->users, (counting->user_count * 2 + 1) *
                                                          sizeof(counting->users[0]));
    row = &counting->users[counting->user_count++];
    *row = (struct user_rights){user->id, user->role_id, user->is_suspended, ""};
    slice_to_text(slice_of(user->email), row->email, sizeof(row->email));
    return true;
}

static int
compare_users(const void *a, const void *b)
{
    const struct user_rights *left = a;
    const struct user_rights *right = b;

    return (left->user_id > right->user_id) - (left->user_id < right->user_id);
}

static bool
may_call(const struct operation *operation, const struct permission_set *rights)
{
    return operation && policy_permission(operation, rights, NULL) == PERMITTED;
}

/* The first operations of one kind, by their names. */
static const char *const *
name_some(const struct counting *counting, const struct permission_set *rights,
          bool is_lost, size_t *out_count)
{
    const char **names =
        arena_new(counting->arena, (DIFF_NAMED_MAX_COUNT + 1) * sizeof(names[0]));
    size_t count = 0;

    for (size_t i = 0; i < counting->pairing->count; i++) {
        const struct pair *pair = &counting->pairing->pairs[i];
        bool before = may_call(pair->before, rights);
        bool after = may_call(pair->after, rights);
        if (before == after || before != is_lost)
            continue;
        const struct operation *operation = is_lost ? pair->before : pair->after;
        if (count < DIFF_NAMED_MAX_COUNT) {
            char text[URI_MAX_BYTES + 16];
            snprintf(text, sizeof(text), "%s %s", operation->method, operation->path);
            names[count] = arena_text(counting->arena, slice_of(text));
        }
        count++;
    }
    *out_count = count;
    return names;
}

static const struct rights_class *
class_of(struct counting *counting, const struct permission_set *rights)
{
    struct rights_class *row;

    for (size_t i = 0; i < counting->class_count; i++) {
        if (memcmp(&counting->classes[i].rights, rights, sizeof(*rights)) == 0)
            return &counting->classes[i];
    }
    counting->classes = mem_resize(counting->classes, (counting->class_count + 1) *
                                                          sizeof(counting->classes[0]));
    row = &counting->classes[counting->class_count++];
    *row = (struct rights_class){.rights = *rights};
    row->lost = name_some(counting, rights, true, &row->lost_count);
    row->gained = name_some(counting, rights, false, &row->gained_count);
    return row;
}

static const struct permission_set *
role_of(const struct counting *counting, int64_t role_id)
{
    for (size_t i = 0; i < counting->role_count; i++) {
        if (counting->roles[i].id == role_id)
            return &counting->roles[i].rights;
    }
    return NULL;
}

/* A row for one more token; NULL: there is none. One that loses takes the row of one that
 * only gains. */
static struct diff_token *
row_for(struct counting *counting, bool is_losing)
{
    if (counting->token_count < DIFF_TOKEN_MAX_COUNT)
        return &counting->tokens[counting->token_count++];
    for (size_t i = 0; is_losing && i < DIFF_TOKEN_MAX_COUNT; i++) {
        if (counting->tokens[i].lost_count == 0)
            return &counting->tokens[i];
    }
    return NULL;
}

static bool
take_token(void *ctx, const struct token *token)
{
    static const struct permission_set NOTHING = {{0}};
    struct counting *counting = ctx;
    struct user_rights wanted = {.user_id = token->user_id};
    const struct user_rights *user =
        counting->user_count == 0
            ? NULL
            : bsearch(&wanted, counting->users, counting->user_count, sizeof(wanted),
                      compare_users);

    if (!user || user->is_suspended || token->is_suspended ||
        token->expires_at_s <= counting->now_s)
        return true;

    const struct permission_set *role = role_of(counting, user->role_id);
    struct permission_set rights = policy_rights(
        &token->permissions, role ? role : &NOTHING, counting->is_live_rights);
    const struct rights_class *found = class_of(counting, &rights);
    if (found->lost_count == 0 && found->gained_count == 0)
        return true;
    counting->losing_count += found->lost_count > 0;
    counting->gaining_count += found->gained_count > 0;
    struct diff_token *row = row_for(counting, found->lost_count > 0);
    if (!row)
        return true;
    *row = (struct diff_token){
        .id = arena_text(counting->arena, slice_of(token->id)),
        .title = arena_text(counting->arena, slice_of(token->title)),
        .user_email = arena_text(counting->arena, slice_of(user->email)),
        .lost_count = found->lost_count,
        .gained_count = found->gained_count,
        .lost = found->lost,
        .gained = found->gained,
    };
    return true;
}

static int
compare_tokens(const void *a, const void *b)
{
    const struct diff_token *left = a;
    const struct diff_token *right = b;
    int order =
        (left->lost_count < right->lost_count) - (left->lost_count > right->lost_count);

    return order != 0 ? order : strcmp(left->title, right->title);
}

static enum status
count_tokens(struct store *store, struct counting *counting)
{
    char text[8] = "";
    size_t len = 0;
    enum status status = store_fact_get(store, "live_rights", text, sizeof(text), &len);

    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    counting->is_live_rights = status == STATUS_NOT_FOUND || text[0] != '0';
    status = store_role_list(store, take_role, counting);
    if (status == STATUS_OK)
        status = store_user_list(store, take_user, counting);
    if (status != STATUS_OK)
        return status;
    if (counting->user_count > 1)
        qsort(counting->users, counting->user_count, sizeof(counting->users[0]),
              compare_users);
    return store_token_load_all(store, take_token, counting);
}

enum status
upstream_diff_make(struct store *store, const struct route_source *before,
                   const struct route_source *after,
                   const struct description *description, int64_t now_s,
                   struct arena *arena, struct upstream_diff *out)
{
    struct pairing pairing AUTO(pairing_done) = {0};
    struct upstream_diff diff = {0};

    pair_all(before, after, &pairing);
    struct counting counting AUTO(counting_done) = {
        .pairing = &pairing,
        .arena = arena,
        .now_s = now_s,
        .tokens = arena_new(arena, DIFF_TOKEN_MAX_COUNT * sizeof(struct diff_token)),
    };
    enum status status = count_tokens(store, &counting);
    if (status != STATUS_OK)
        return status;
    diff_operations(&pairing, description, arena, &diff);
    if (counting.token_count > 1)
        qsort(counting.tokens, counting.token_count, sizeof(counting.tokens[0]),
              compare_tokens);
    diff.tokens = counting.tokens;
    diff.token_count = counting.token_count;
    diff.losing_count = counting.losing_count;
    diff.gaining_count = counting.gaining_count;
    *out = diff;
    return STATUS_OK;
}
