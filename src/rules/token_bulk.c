/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds a set of tokens, holds it against the one that was looked at, and acts on it. */
#include "rules/token_bulk.h"

#include "base/auto.h"
#include "base/mem.h"
#include "rules/authority.h"
#include "rules/token_inside.h"
#include "rules/token_life.h"
#include "store/store_tokens.h"

#include <stdio.h>
#include <stdlib.h>

/* What of it may be suspended: each is looked at then. */
static const unsigned NOT_DEAD =
    1u << TOKEN_ACTIVE | 1u << TOKEN_EXPIRES_SOON | 1u << TOKEN_SUSPENDED;

static int
compare_refs(const void *a, const void *b)
{
    return strcmp(((const struct token_ref *)a)->id, ((const struct token_ref *)b)->id);
}

/* ---- finding ---- */

/* What the actor may manage, and what the act does something to. */
static enum status
narrow(const struct act *act, enum bulk_act what, struct token_filter *filter)
{
    struct authority authority = {0};
    enum status status =
        authority_need(act, PERMISSION_API_CREDENTIALS_MANAGE, &authority);

    if (status != STATUS_OK)
        return status;
    filter->seen_by = authority.is_system_admin ? 0 : authority.user_id;
    if (what == BULK_SUSPEND) {
        unsigned labels = filter->labels != 0 ? filter->labels & NOT_DEAD : NOT_DEAD;
        /* a bit that is no label finds nothing */
        filter->labels = labels != 0 ? labels : 1u << (TOKEN_SUSPENDED + 1);
    }
    return STATUS_OK;
}

static bool
is_meant(const struct act *act, enum bulk_act what, const struct token *token)
{
    return what != BULK_SUSPEND ||
           token_is_suspendable(token, act->actor_user_id, act->now_ms / 1000);
}

static enum status
read_refs(const struct act *act, enum bulk_act what, const struct list_found *found,
          struct arena *arena, enum status (*each)(void *ctx, const struct token *),
          void *ctx, struct token_set *out)
{
    struct token *token AUTO(mem_done) = mem_new(sizeof(*token));
    struct token_set set = {
        .refs = arena_new(arena, (found->count + 1) * sizeof(struct token_ref))};

    for (size_t i = 0; i < found->count; i++) {
        struct token_ref *ref = &set.refs[set.count];
        enum status status =
            store_token_by_id(act->store, slice_of(found->rows[i].token_id), token);

        if (status == STATUS_NOT_FOUND)
            continue; /* deleted a moment ago */
        if (status == STATUS_OK && !is_meant(act, what, token))
            continue;
        if (status == STATUS_OK && each)
            status = each(ctx, token);
        if (status != STATUS_OK)
            return status;
        memcpy(ref->id, token->id, sizeof(ref->id));
        ref->version = token->version;
        set.count++;
    }
    qsort(set.refs, set.count, sizeof(set.refs[0]), compare_refs);
    *out = set;
    return STATUS_OK;
}

enum status
token_bulk_find(const struct act *act, enum bulk_act what,
                const struct token_filter *wanted, struct arena *arena,
                enum status (*each)(void *ctx, const struct token *), void *ctx,
                struct token_set *out)
{
    struct token_filter filter = *wanted;
    struct list_page page = {.count = BULK_MAX_COUNT};
    struct list_found found = {0};
    enum status status = narrow(act, what, &filter);

    if (status == STATUS_OK)
        status = store_token_find(act->store, &filter, &page, arena, &found);
    if (status == STATUS_OK && found.is_more)
        return failure_set(act->failure, STATUS_TOO_LARGE, "tokens",
                           "more than %d tokens are meant; narrow it down",
                           BULK_MAX_COUNT);
    return status == STATUS_OK ? read_refs(act, what, &found, arena, each, ctx, out)
                               : status;
}

/* ---- holding it against what was looked at ---- */

struct difference {
    size_t joined, left, changed;
    char example[TEXT_TITLE_BYTES]; /* one of them, by its title or id */
};

static void
note(struct difference *difference, size_t *count, const char *name)
{
    (*count)++;
    if (difference->example[0] == '\0')
        snprintf(difference->example, sizeof(difference->example), "%s", name);
}

/* Both are sorted. */
static void
compare_sets(const struct token_set *was, const struct token_set *is,
             struct difference *out)
{
    size_t i = 0;
    size_t k = 0;

    while (i < was->count || k < is->count) {
        int order = i == was->count  ? 1
                    : k == is->count ? -1
                                     : compare_refs(&was->refs[i], &is->refs[k]);
        if (order < 0) {
            note(out, &out->left, was->refs[i++].id);
        } else if (order > 0) {
            note(out, &out->joined, is->refs[k++].id);
        } else {
            if (was->refs[i].version != is->refs[k].version)
                note(out, &out->changed, was->refs[i].id);
            i++;
            k++;
        }
    }
}

/* Those that are named alone: are they still what they were? */
static enum status
look_at_each(const struct act *act, enum bulk_act what, const struct token_set *set,
             struct difference *out)
{
    struct token *token AUTO(mem_done) = mem_new(sizeof(*token));

    for (size_t i = 0; i < set->count; i++) {
        const struct token_ref *ref = &set->refs[i];
        enum status status = token_find_managed(act, slice_of(ref->id), token);

        if (status == STATUS_NOT_FOUND) {
            note(out, &out->left, ref->id);
            continue;
        }
        if (status != STATUS_OK)
            return status;
        if (token->version != ref->version)
            note(out, &out->changed, token->title);
        else if (!is_meant(act, what, token))
            note(out, &out->left, token->title);
    }
    return STATUS_OK;
}

static enum status
check_set(const struct act *act, enum bulk_act what, const struct token_set *set,
          const struct token_filter *filter, struct arena *arena)
{
    struct difference found = {0};
    struct token_set now = {0};
    enum status status = STATUS_OK;

    if (filter) {
        status = token_bulk_find(act, what, filter, arena, NULL, NULL, &now);
        if (status == STATUS_OK)
            compare_sets(set, &now, &found);
    } else {
        status = look_at_each(act, what, set, &found);
    }
    if (status != STATUS_OK || found.joined + found.left + found.changed == 0)
        return status;
    return failure_set(act->failure, STATUS_CONFLICT, "tokens",
                       "the tokens are not those that were shown any more: %zu came, %zu "
                       "went, %zu changed ('%.100s'); nothing was done",
                       found.joined, found.left, found.changed, found.example);
}

/* ---- the act ---- */

static enum status
do_one(const struct act *act, enum bulk_act what, struct token *token)
{
    switch (what) {
    case BULK_SUSPEND:
        return token_set_suspended(act, token, true);
    case BULK_DELETE:
        return token_remove_with_event(act, token);
    }
    return STATUS_BROKEN;
}

static enum status
do_all(const struct act *act, enum bulk_act what, const struct token_set *set)
{
    struct token *token AUTO(mem_done) = mem_new(sizeof(*token));
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < set->count; i++) {
        status = token_find_managed(act, slice_of(set->refs[i].id), token);
        if (status == STATUS_OK)
            status = do_one(act, what, token);
    }
    return status;
}

static enum status
check_twice(const struct act *act, const struct token_set *set)
{
    for (size_t i = 1; i < set->count; i++) {
        if (strcmp(set->refs[i - 1].id, set->refs[i].id) == 0)
            return failure_set(act->failure, STATUS_MALFORMED, "tokens",
                               "the token %s is there twice", set->refs[i].id);
    }
    return STATUS_OK;
}

enum status
token_bulk(const struct act *act, enum bulk_act what, const struct token_set *set,
           const struct token_filter *filter, struct arena *arena)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    enum status status = STATUS_OK;

    if (set->count > BULK_MAX_COUNT)
        return failure_set(act->failure, STATUS_TOO_LARGE, "tokens",
                           "at most %d tokens at once", BULK_MAX_COUNT);
    qsort(set->refs, set->count, sizeof(set->refs[0]), compare_refs);
    status = check_twice(act, set);
    if (status == STATUS_OK)
        status = store_begin(act->store);
    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = check_set(act, what, set, filter, arena);
    if (status == STATUS_OK)
        status = do_all(act, what, set);
    return status == STATUS_OK ? store_commit(act->store) : status;
}
