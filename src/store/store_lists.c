/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages of lists. THE SORT TABLES below are all that a list can be ordered by; the
 * filters are put together from constant texts. A page begins after the pair of sort
 * value and id with which the one before ended. */
#include "store/store_lists.h"

#include "base/auto.h"
#include "store/sql.h"

#include <assert.h>

/* What a list can be ordered by. */
struct list_sort {
    const char *name; /* as the admin API calls it */
    const char *key;  /* the sort value; NULL: the label, which needs the moment */
    const char *join; /* what the key needs beside the table, or "" */
    bool is_text;
};

static const struct list_sort TOKEN_SORTS[] = {
    {"expiresOn", "t.expires_at_s", "", false},
    {"title", "t.title_folded", "", true},
    /* ES256, HS256, bearer */
    {"kind", "CASE t.alg + 2 * t.is_bearer WHEN 2 THEN 1 WHEN 1 THEN 2 ELSE 3 END", "",
     false},
    {"label", NULL, "", false},
    {"creator", "p.email", " JOIN person p ON p.id = t.person_id", true},
    {"lastUsedAt", "coalesce(u.last_used_at_s, 0)",
     " LEFT JOIN token_use u ON u.token_id = t.id", false},
    {"changedAt", "t.changed_at_s", "", false},
    {"createdAt", "t.created_at_s", "", false},
};

static const struct list_sort USER_SORTS[] = {
    {"email", "t.email", "", true},
    {"name", "t.name_folded", "", true},
    {"role", "r.name_folded", " JOIN role r ON r.id = t.role_id", true},
    {"createdAt", "t.created_at_s", "", false},
};

static const struct list_sort ROLE_SORTS[] = {
    {"name", "t.name_folded", "", true},
    {"userCount", "(SELECT count(*) FROM person p WHERE p.role_id = t.id)", "", false},
    {"createdAt", "t.created_at_s", "", false},
};

static const struct list_sort GROUP_SORTS[] = {
    {"name", "t.name_folded", "", true},
    {"folder", "fold(t.folder)", "", true},
    {"deviceCount",
     "(SELECT count(*) FROM device_group_member m WHERE m.group_id = t.id)", "", false},
    {"userCount", "(SELECT count(*) FROM person_group m WHERE m.group_id = t.id)", "",
     false},
    {"createdAt", "t.created_at_s", "", false},
};

/* A list: its table is always called t. */
static const struct list {
    const char *table;
    const struct list_sort *sorts;
    size_t sort_count;
    bool has_text_id;
} LISTS[] = {
    [LIST_TOKENS] = {"token", TOKEN_SORTS, COUNT_OF(TOKEN_SORTS), true},
    [LIST_USERS] = {"person", USER_SORTS, COUNT_OF(USER_SORTS), false},
    [LIST_ROLES] = {"role", ROLE_SORTS, COUNT_OF(ROLE_SORTS), false},
    [LIST_GROUPS] = {"device_group", GROUP_SORTS, COUNT_OF(GROUP_SORTS), false},
};

static const struct list_sort *
find_sort(enum list_kind kind, struct slice name)
{
    const struct list *list = &LISTS[kind];

    if (name.len == 0)
        return &list->sorts[0];
    for (size_t i = 0; i < list->sort_count; i++) {
        if (slice_equal(name, slice_of(list->sorts[i].name)))
            return &list->sorts[i];
    }
    return NULL;
}

bool
store_list_has_sort(enum list_kind list, struct slice name)
{
    return find_sort(list, name) != NULL;
}

/* A list on its way into SQL. */
struct asking {
    const struct list *list;
    const struct list_sort *sort;
    const struct list_page *page;
    void (*add_filters)(struct sql *sql, const void *filter);
    const void *filter;
    int64_t now_s; /* for the label */
    bool has_text; /* a text is looked for: every row is read */
};

/* ---- filters ---- */

/* %text%, folded. */
static struct slice
pattern_of(struct sql *sql, struct slice text)
{
    return sql_pattern(sql->arena, "%", sql_fold(sql, text), "%");
}

/* One label at a moment, as token_state_at() decides it. */
static void
add_label(struct sql *sql, enum token_state label, const struct token_filter *filter)
{
    switch (label) {
    case TOKEN_EXPIRED:
        sql_add(sql, "t.expires_at_s <= ");
        sql_add_int(sql, filter->now_s);
        return;
    case TOKEN_SUSPENDED:
        sql_add(sql, "t.is_suspended = 1 AND t.expires_at_s > ");
        sql_add_int(sql, filter->now_s);
        return;
    case TOKEN_EXPIRES_SOON:
        sql_add(sql, "t.is_suspended = 0 AND t.expires_at_s > ");
        sql_add_int(sql, filter->now_s);
        sql_add(sql, " AND t.expires_at_s <= ");
        sql_add_int(sql, filter->now_s + TOKEN_SOON_S);
        return;
    case TOKEN_ACTIVE:
        sql_add(sql, "t.is_suspended = 0 AND t.expires_at_s > ");
        sql_add_int(sql, filter->now_s + TOKEN_SOON_S);
        return;
    }
    assert(false);
}

static void
add_labels(struct sql *sql, const struct token_filter *filter)
{
    bool is_first = true;

    sql_add(sql, " AND (");
    for (int label = TOKEN_ACTIVE; label <= TOKEN_SUSPENDED; label++) {
        if ((filter->labels & (1u << label)) == 0)
            continue;
        sql_add(sql, is_first ? "(" : " OR (");
        add_label(sql, (enum token_state)label, filter);
        sql_add(sql, ")");
        is_first = false;
    }
    sql_add(sql, is_first ? "1 = 0)" : ")"); /* bits that are no label: nothing */
}

static void
add_token_text(struct sql *sql, struct slice typed)
{
    struct slice text = sql_fold(sql, typed);

    sql_add(sql, " AND (");
    sql_add_holds(sql, "t.search_text", text);
    sql_add(sql, " OR t.person_id IN (SELECT w.id FROM person w WHERE ");
    sql_add_holds(sql, "w.email", text);
    sql_add(sql, " OR ");
    sql_add_holds(sql, "w.name_folded", text);
    sql_add(sql, "))");
}

/* As token_is_unused_at() decides it. */
static void
add_idle(struct sql *sql, const struct token_filter *filter)
{
    sql_add(sql, filter->is_idle ? " AND (" : " AND NOT (");
    sql_add(sql, "t.expires_at_s > ");
    sql_add_int(sql, filter->now_s);
    sql_add(sql, " AND t.is_canary = 0 AND t.created_at_s <= ");
    sql_add_int(sql, filter->idle_since_s);
    sql_add(sql, " AND NOT EXISTS (SELECT 1 FROM token_use w WHERE w.token_id = t.id"
                 " AND w.last_used_at_s > ");
    sql_add_int(sql, filter->idle_since_s);
    sql_add(sql, "))");
}

static void
add_token_filters(struct sql *sql, const void *given)
{
    const struct token_filter *filter = given;

    if (filter->seen_by != 0) {
        sql_add(sql, " AND t.person_id = ");
        sql_add_int(sql, filter->seen_by);
    }
    if (filter->creator_id != 0) {
        sql_add(sql, " AND t.person_id = ");
        sql_add_int(sql, filter->creator_id);
    }
    if (filter->alg != 0) {
        sql_add(sql, " AND t.alg + 2 * t.is_bearer = ");
        sql_add_int(sql, filter->alg);
    }
    if (filter->group_id != 0) {
        sql_add(sql, " AND t.id IN (SELECT m.token_id FROM token_group m"
                     " WHERE m.group_id = ");
        sql_add_int(sql, filter->group_id);
        sql_add(sql, ")");
    }
    if (filter->made_before_s != 0) {
        sql_add(sql, " AND t.created_at_s < ");
        sql_add_int(sql, filter->made_before_s);
    }
    if (filter->labels != 0)
        add_labels(sql, filter);
    if (filter->is_by_idle)
        add_idle(sql, filter);
    if (filter->text.len > 0)
        add_token_text(sql, filter->text);
}

static void
add_user_filters(struct sql *sql, const void *given)
{
    const struct user_filter *filter = given;

    if (filter->role_id != 0) {
        sql_add(sql, " AND t.role_id = ");
        sql_add_int(sql, filter->role_id);
    }
    if (filter->is_suspended >= 0) {
        sql_add(sql, " AND t.is_suspended = ");
        sql_add_int(sql, filter->is_suspended);
    }
    if (filter->group_id != 0) {
        sql_add(sql, " AND t.id IN (SELECT m.person_id FROM person_group m"
                     " WHERE m.group_id = ");
        sql_add_int(sql, filter->group_id);
        sql_add(sql, ")");
    }
    if (filter->text.len > 0) {
        struct slice pattern = pattern_of(sql, filter->text);
        sql_add_like(sql, " AND (t.email", pattern);
        sql_add_like(sql, " OR t.name_folded", pattern);
        sql_add(sql, ")");
    }
}

static void
add_role_filters(struct sql *sql, const void *given)
{
    const struct slice *text = given;

    if (text->len > 0)
        sql_add_like(sql, " AND t.name_folded", pattern_of(sql, *text));
}

static void
add_group_filters(struct sql *sql, const void *given)
{
    const struct group_filter *filter = given;

    if (filter->of_user != 0) {
        sql_add(sql, " AND t.id IN (SELECT m.group_id FROM person_group m"
                     " WHERE m.person_id = ");
        sql_add_int(sql, filter->of_user);
        sql_add(sql, ")");
    }
    if (filter->text.len > 0) {
        struct slice pattern = pattern_of(sql, filter->text);
        sql_add_like(sql, " AND (t.name_folded", pattern);
        sql_add_like(sql, " OR fold(t.folder)", pattern);
        sql_add_like(sql, " OR fold(t.description)", pattern);
        sql_add(sql, ")");
    }
}

/* ---- asking ---- */

static void
add_key(struct sql *sql, const struct asking *asking)
{
    if (asking->sort->key) {
        sql_add(sql, asking->sort->key);
        return;
    }
    sql_add(sql, "CASE WHEN t.expires_at_s <= ");
    sql_add_int(sql, asking->now_s);
    sql_add(sql, " THEN 3 WHEN t.is_suspended = 1 THEN 4 WHEN t.expires_at_s <= ");
    sql_add_int(sql, asking->now_s + TOKEN_SOON_S);
    sql_add(sql, " THEN 2 ELSE 1 END");
}

static void
add_after(struct sql *sql, const struct asking *asking)
{
    const struct list_mark *after = &asking->page->after;

    sql_add(sql, " AND (");
    if (asking->has_text) {
        sql_add(sql, "k, id"); /* of the hits */
    } else {
        add_key(sql, asking);
        sql_add(sql, ", t.id");
    }
    sql_add(sql, asking->page->is_descending ? ") < (" : ") > (");
    if (asking->sort->is_text)
        sql_add_text(sql, after->text);
    else
        sql_add_int(sql, after->number);
    sql_add(sql, ", ");
    if (asking->list->has_text_id)
        sql_add_text(sql, after->id);
    else
        sql_add_int(sql, after->id_number);
    sql_add(sql, ")");
}

static void
add_order_and_limit(struct sql *sql, const struct asking *asking)
{
    sql_add(sql, asking->page->is_descending ? " ORDER BY 1 DESC, 2 DESC LIMIT "
                                             : " ORDER BY 1, 2 LIMIT ");
    sql_add_int(sql, (int64_t)asking->page->count + 1);
}

static void
add_from(struct sql *sql, const struct asking *asking)
{
    sql_add(sql, " FROM ");
    sql_add(sql, asking->list->table);
    sql_add(sql, " t");
    sql_add(sql, asking->sort->join);
    sql_add(sql, " WHERE 1 = 1");
    asking->add_filters(sql, asking->filter);
}

static void
compile_page(struct sql *sql, const struct asking *asking)
{
    sql_clear(sql);
    sql_add(sql, "SELECT ");
    add_key(sql, asking);
    sql_add(sql, ", t.id");
    add_from(sql, asking);
    if (asking->page->after.is_there)
        add_after(sql, asking);
    add_order_and_limit(sql, asking);
}

/* Looking for a text reads every row: then page and total come of one reading. */
static void
compile_page_with_total(struct sql *sql, const struct asking *asking)
{
    sql_clear(sql);
    sql_add(sql, "WITH hit AS MATERIALIZED (SELECT ");
    add_key(sql, asking);
    sql_add(sql, " AS k, t.id AS id");
    add_from(sql, asking);
    sql_add(sql, ") SELECT k, id, (SELECT count(*) FROM hit) FROM hit WHERE 1 = 1");
    if (asking->page->after.is_there)
        add_after(sql, asking);
    add_order_and_limit(sql, asking);
}

static void
compile_count(struct sql *sql, const struct asking *asking)
{
    sql_clear(sql);
    sql_add(sql, "SELECT count(*) FROM ");
    sql_add(sql, asking->list->table);
    sql_add(sql, " t WHERE 1 = 1");
    asking->add_filters(sql, asking->filter);
}

static void
take_row(const struct asking *asking, struct db_query *ask, struct arena *arena,
         struct list_row *out)
{
    *out = (struct list_row){.mark = {.is_there = true}};
    if (asking->sort->is_text)
        out->mark.text = arena_copy(arena, db_text(ask, 0));
    else
        out->mark.number = db_int(ask, 0);
    if (asking->list->has_text_id) {
        out->token_id = arena_text(arena, db_text(ask, 1));
        out->mark.id = slice_of(out->token_id);
    } else {
        out->id = db_int(ask, 1);
        out->mark.id_number = out->id;
    }
}

static enum status
read_page(struct store *store, struct sql *sql, const struct asking *asking,
          struct list_found *out)
{
    struct db_query *ask AUTO(db_query_end) = NULL;
    enum status status = sql_ask(store, sql, &ask);

    if (status != STATUS_OK)
        return status;
    out->rows = arena_new(sql->arena, asking->page->count * sizeof(*out->rows));
    while (db_next(ask, &status)) {
        out->is_more = out->count == asking->page->count;
        if (asking->has_text)
            out->total = db_int(ask, 2);
        if (!out->is_more)
            take_row(asking, ask, sql->arena, &out->rows[out->count++]);
    }
    return status;
}

static enum status
find_held(struct store *store, const struct asking *asking, struct arena *arena,
          struct list_found *out)
{
    struct sql sql AUTO(sql_done) = sql_make(arena);
    struct list_found found = {.total = -1};

    if (asking->has_text)
        compile_page_with_total(&sql, asking);
    else
        compile_page(&sql, asking);
    enum status status = read_page(store, &sql, asking, &found);
    if (status != STATUS_OK)
        return status;
    if (!asking->page->after.is_there && !found.is_more) {
        found.total = (int64_t)found.count;
    } else if (found.total < 0) {
        compile_count(&sql, asking);
        status = sql_ask_number(store, &sql, &found.total);
    }
    if (status == STATUS_OK)
        *out = found;
    return status;
}

/* Page and total are of one moment. */
static enum status
find(struct store *store, enum list_kind kind, struct asking *asking, struct arena *arena,
     struct list_found *out)
{
    asking->list = &LISTS[kind];
    asking->sort = find_sort(kind, asking->page->sort);
    if (!asking->sort)
        return STATUS_MALFORMED;
    db_hold(store->db);
    enum status status = find_held(store, asking, arena, out);
    db_release(store->db);
    return status;
}

enum status
store_token_find(struct store *store, const struct token_filter *filter,
                 const struct list_page *page, struct arena *arena,
                 struct list_found *out)
{
    struct asking asking = {.page = page,
                            .add_filters = add_token_filters,
                            .filter = filter,
                            .now_s = filter->now_s,
                            .has_text = filter->text.len > 0};

    return find(store, LIST_TOKENS, &asking, arena, out);
}

enum status
store_user_find(struct store *store, const struct user_filter *filter,
                const struct list_page *page, struct arena *arena, struct list_found *out)
{
    struct asking asking = {.page = page,
                            .add_filters = add_user_filters,
                            .filter = filter,
                            .has_text = filter->text.len > 0};

    return find(store, LIST_USERS, &asking, arena, out);
}

enum status
store_role_find(struct store *store, struct slice text, const struct list_page *page,
                struct arena *arena, struct list_found *out)
{
    struct asking asking = {
        .page = page, .add_filters = add_role_filters, .filter = &text};

    return find(store, LIST_ROLES, &asking, arena, out);
}

enum status
store_group_find(struct store *store, const struct group_filter *filter,
                 const struct list_page *page, struct arena *arena,
                 struct list_found *out)
{
    struct asking asking = {
        .page = page, .add_filters = add_group_filters, .filter = filter};

    return find(store, LIST_GROUPS, &asking, arena, out);
}

/* ---- counting ---- */

static enum status
count_of(struct store *store, enum statement statement, int64_t id, int64_t *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, statement);

    db_bind_int(query, 1, id);
    return db_first_int(query, out);
}

enum status
store_role_count_users(struct store *store, int64_t role_id, int64_t *out)
{
    return count_of(store, ROLE_COUNT_USERS, role_id, out);
}

enum status
store_user_count_tokens(struct store *store, int64_t user_id, int64_t *out)
{
    return count_of(store, USER_COUNT_TOKENS, user_id, out);
}

enum status
store_group_count(struct store *store, int64_t group_id, struct group_counts *out)
{
    struct group_counts counts = {0};
    enum status status = count_of(store, GROUP_COUNT_DEVICES, group_id, &counts.devices);

    if (status == STATUS_OK)
        status = count_of(store, GROUP_COUNT_USERS, group_id, &counts.users);
    if (status == STATUS_OK)
        status = count_of(store, GROUP_COUNT_TOKENS, group_id, &counts.tokens);
    if (status == STATUS_OK)
        *out = counts;
    return status;
}
