/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages of lists for people: filtered by what they typed, sorted by a column, and at
 * about the same cost however deep the page is. A list is found first (ids and sort
 * values only); the caller reads the rows it wants with store_token_by_id() and the like.
 */
#ifndef STORE_STORE_LISTS_H
#define STORE_STORE_LISTS_H

#include "base/arena.h"
#include "model/records.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum list_kind { LIST_TOKENS = 1, LIST_USERS, LIST_ROLES, LIST_GROUPS };

/* Is this one of the list's sorts ("title", "expiresOn", …)? */
bool store_list_has_sort(enum list_kind list, struct slice name);

/* Where a list goes on: after the row with this sort value and this id. */
struct list_mark {
    bool is_there;     /* false: from the start */
    struct slice text; /* the sort value, when it is a text */
    int64_t number;    /* …, when it is a number */
    struct slice id;   /* of a token */
    int64_t id_number; /* of others */
};

/* Which part of a list, in which order. */
struct list_page {
    struct slice sort; /* "" = the usual one */
    bool is_descending;
    struct list_mark after;
    size_t count; /* rows at most */
};

struct list_row {
    const char *token_id;  /* LIST_TOKENS */
    int64_t id;            /* others */
    struct list_mark mark; /* of this row */
};

/* What was found; in the caller's arena. */
struct list_found {
    struct list_row *rows;
    size_t count;
    bool is_more;  /* there are rows after these */
    int64_t total; /* that pass the filters; -1 = was not counted */
};

/* Texts are as typed: case is folded here. "" = no filter. A text filter finds its text
 * anywhere in what it looks at. */
struct token_filter {
    int64_t seen_by;       /* only tokens of this user; 0 = all */
    int64_t creator_id;    /* the same, as a filter */
    struct slice text;     /* in title, description, id, creator's e-mail and name */
    unsigned labels;       /* bits 1 << enum token_state; 0 = all */
    enum alg alg;          /* 0 = all */
    int64_t now_s;         /* the moment whose labels are meant */
    int64_t group_id;      /* with this device group; 0 = all */
    int64_t made_before_s; /* 0 = all */
    bool is_by_idle;       /* filter by the next one? */
    bool is_idle; /* unused since idle_since_s and not expired, or else the rest */
    int64_t idle_since_s;
};
/* Sorts: expiresOn (usual), title, kind, label, creator, lastUsedAt, changedAt,
 * createdAt. */
MUST_CHECK enum status store_token_find(struct store *store,
                                        const struct token_filter *filter,
                                        const struct list_page *page, struct arena *arena,
                                        struct list_found *out);

struct user_filter {
    struct slice text; /* in e-mail and name */
    int64_t role_id;   /* 0 = all */
    int is_suspended;  /* -1 = all */
    int64_t group_id;  /* members of this group; 0 = all */
};
/* Sorts: email (usual), name, role, createdAt. */
MUST_CHECK enum status store_user_find(struct store *store,
                                       const struct user_filter *filter,
                                       const struct list_page *page, struct arena *arena,
                                       struct list_found *out);

/* Sorts: name (usual), userCount, createdAt. `text`: in the name. */
MUST_CHECK enum status store_role_find(struct store *store, struct slice text,
                                       const struct list_page *page, struct arena *arena,
                                       struct list_found *out);

struct group_filter {
    struct slice text; /* in name, folder and description */
    int64_t of_user;   /* groups of this user only; 0 = all */
};
/* Sorts: name (usual), folder, deviceCount, userCount, createdAt. */
MUST_CHECK enum status store_group_find(struct store *store,
                                        const struct group_filter *filter,
                                        const struct list_page *page, struct arena *arena,
                                        struct list_found *out);

/* How many … there are. */
MUST_CHECK enum status store_role_count_users(struct store *store, int64_t role_id,
                                              int64_t *out);
MUST_CHECK enum status store_user_count_tokens(struct store *store, int64_t user_id,
                                               int64_t *out);
struct group_counts {
    int64_t devices, users, tokens;
};
MUST_CHECK enum status store_group_count(struct store *store, int64_t group_id,
                                         struct group_counts *out);

#endif
