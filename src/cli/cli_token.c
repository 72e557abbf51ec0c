/* SPDX-License-Identifier: Apache-2.0
 *
 * Shows tokens. */
#include "cli/cli_token.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/cli_limits.h"
#include "cli/cli_table.h"
#include "rules/details.h"
#include "rules/token_life.h"
#include "store/store_people.h"

#include <stdio.h>

/* ---- parts ---- */

static enum status
group_names(struct store *store, const struct token *token, json_t *out)
{
    for (size_t i = 0; i < token->group_count; i++) {
        struct device_group group = {0};
        enum status status = store_group_by_id(store, token->group_ids[i], &group);

        if (status != STATUS_OK)
            return status;
        json_array_append_new(out, json_string(group.name));
    }
    return STATUS_OK;
}

static const char *
state_of(const struct token *token)
{
    return token_state_label(token_state_at(token, clock_now_s()));
}

static json_t *
last_used_from(const struct token *token)
{
    char text[IP_TEXT_MAX + 1] = "";

    if (token->last_used_at_s == 0)
        return json_null();
    ip_write(&token->last_used_from, text);
    return json_string(text);
}

static enum status
is_unused(struct cli_house *house, const struct token *token, bool *out)
{
    int64_t days = 0;
    enum status status = cli_house_unused_days(house, &days);

    if (status == STATUS_OK)
        *out = token_is_unused_at(token, days, clock_now_s());
    return status;
}

static json_t *
text_or_null(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

/* Of a token that is replaced. */
static json_t *
ends_at(const struct token *token)
{
    return token->replaced_by[0] ? cli_json_date_time(token->expires_at_s) : json_null();
}

/* Of a suspended token; "" = it is none. */
enum { SUSPENSION_CHARS = TOKEN_SUSPENDER_BYTES + CLI_TIME_CHARS + 64 };
static void
write_suspension(const struct token *token, const json_t *json,
                 char out[SUSPENSION_CHARS + 1])
{
    char at[CLI_TIME_CHARS + 1] = "";

    out[0] = '\0';
    if (!token->is_suspended)
        return;
    cli_time_write(token->suspended_at_s, at);
    snprintf(out, SUSPENSION_CHARS + 1, "%s by %s%s", at,
             json_string_value(json_object_get(json, "suspendedBy")),
             token_is_held(token) ? "; only a System Administrator can resume it" : "");
}

enum status
cli_token_json(struct cli_house *house, const struct token *token, json_t **out)
{
    char expires[DATE_CHARS + 1] = "";
    struct user user = {0};
    json_t *groups AUTO(cli_json_done) = json_array();
    bool is_idle = false;
    char by[TOKEN_SUSPENDER_BYTES] = "";
    enum status status = store_user_by_id(house->store, token->user_id, &user);

    if (status == STATUS_OK)
        status = group_names(house->store, token, groups);
    if (status == STATUS_OK)
        status = token_suspender(house->store, token, by);
    if (status == STATUS_OK)
        status = is_unused(house, token, &is_idle);
    if (status != STATUS_OK)
        return status;
    date_write(token->expires_on, expires);
    *out = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:O, s:o, s:o, s:o, s:o, s:o, "
        "s:I, s:I, s:b, s:b, s:I, s:o, s:o, s:o, s:o, s:o, s:o}",
        "id", token->id, "title", token->title, "description", token->description,
        "algorithm", alg_name(token->alg), "user", user.email, "expires", expires,
        "state", state_of(token), "isSuspended", token->is_suspended, "permissions",
        details_permissions(&token->permissions), "deviceGroups", groups,
        "approvedAddresses", details_addresses(token->addresses, token->address_count),
        "createdAt", cli_json_date_time(token->created_at_s), "changedAt",
        cli_json_date_time(token->changed_at_s), "lastUsedAt",
        cli_json_date_time(token->last_used_at_s), "lastUsedFrom", last_used_from(token),
        "useCount", (json_int_t)token->use_count, "idleDays",
        (json_int_t)token_idle_days(token, clock_now_s()), "isUnused", is_idle,
        "isCanary", token->is_canary, "version", (json_int_t)token->version, "replaces",
        text_or_null(token->replaces), "replacedBy", text_or_null(token->replaced_by),
        "endsAt", ends_at(token), "limits", cli_limits_json(&token->limits),
        "suspendedAt", cli_json_date_time(token->suspended_at_s), "suspendedBy",
        text_or_null(by));
    return *out ? STATUS_OK : STATUS_BROKEN;
}

/* ---- one ---- */

static void
print_names(const char *label, const json_t *names, const char *none)
{
    size_t i = 0;
    json_t *name = NULL;

    if (json_array_size(names) == 0)
        cli_show_text(label, none);
    json_array_foreach(names, i, name)
        cli_show_text(i == 0 ? label : "", json_string_value(name));
}

/* "2026-05-01 10:00", "never"; with ", unused for 207 days" when it is called so */
enum { USED_CHARS = CLI_TIME_CHARS + 48 };
static void
write_last_used(const struct token *token, bool is_idle, char out[USED_CHARS + 1])
{
    char used[CLI_TIME_CHARS + 1] = "";

    cli_time_write(token->last_used_at_s, used);
    if (is_idle)
        snprintf(out, USED_CHARS + 1, "%s, unused for %lld days", used,
                 (long long)token_idle_days(token, clock_now_s()));
    else
        snprintf(out, USED_CHARS + 1, "%s", used);
}

static void
print_text(const struct token *token, const json_t *json)
{
    char changed[CLI_TIME_CHARS + 1] = "";
    char used[USED_CHARS + 1] = "";
    char ends[CLI_TIME_CHARS + 1] = "";
    char suspended[SUSPENSION_CHARS + 1] = "";

    cli_time_write(token->changed_at_s, changed);
    write_last_used(token, json_is_true(json_object_get(json, "isUnused")), used);
    cli_show_text("Token ID:", token->id);
    cli_show_text("Title:", token->title);
    if (token->description[0])
        cli_show_text("Description:", token->description);
    cli_show_text("State:", state_of(token));
    write_suspension(token, json, suspended);
    if (suspended[0])
        cli_show_text("Suspended:", suspended);
    cli_show_text("Algorithm:", alg_name(token->alg));
    if (token->is_canary)
        cli_show_text("Canary:", "it can do nothing; whoever uses it is told of");
    cli_show_text("User:", json_string_value(json_object_get(json, "user")));
    cli_show_text("Expires:", json_string_value(json_object_get(json, "expires")));
    if (token->replaced_by[0]) {
        cli_time_write(token->expires_at_s, ends);
        cli_show_text("Replaced by:", token->replaced_by);
        cli_show_text("Ends:", ends);
    }
    if (token->replaces[0])
        cli_show_text("Replaces:", token->replaces);
    cli_show_limits(&token->limits);
    cli_show_text("Last changed:", changed);
    cli_show_text("Last used:", used);
    print_names("Approved addresses:", json_object_get(json, "approvedAddresses"),
                "usable from anywhere");
    print_names("Device groups:", json_object_get(json, "deviceGroups"), "all devices");
    print_names("Permissions:", json_object_get(json, "permissions"), "none");
}

int
cli_token_print(struct cli_house *house, const struct options *options,
                const struct token *token)
{
    json_t *json AUTO(cli_json_done) = NULL;
    enum status status = cli_token_json(house, token, &json);

    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the token cannot be shown");
    if (options_has(options, "json"))
        return cli_print_json(TAKE(json));
    print_text(token, json);
    return EXIT_DONE;
}

/* ---- many ---- */

enum { PAGE_TOKENS = 256 };

/* The list is read page by page: a page is kept, and what belongs to its tokens is asked
 * for after it has been read. */
struct listing {
    struct cli_house *house;
    struct cli_table *table; /* NULL: JSON, printed as it comes */
    struct token *page;      /* PAGE_TOKENS */
    size_t page_count, total;
    bool is_unused_only;
};

static bool
keep_token(void *ctx, const struct token *token)
{
    struct listing *listing = ctx;

    listing->page[listing->page_count++] = *token;
    return listing->page_count < PAGE_TOKENS;
}

static enum status
print_json_row(const struct listing *listing, const struct token *token)
{
    json_t *json AUTO(cli_json_done) = NULL;
    enum status status = cli_token_json(listing->house, token, &json);

    if (status != STATUS_OK)
        return status;
    printf(listing->total == 0 ? "[\n" : ",\n");
    return json_dumpf(json, stdout, JSON_INDENT(2)) == 0 ? STATUS_OK : STATUS_BROKEN;
}

static enum status
add_table_row(const struct listing *listing, const struct token *token)
{
    char expires[DATE_CHARS + 1] = "";
    char used[USED_CHARS + 1] = "";
    struct user user = {0};
    bool is_idle = false;
    enum status status = store_user_by_id(listing->house->store, token->user_id, &user);

    if (status == STATUS_OK)
        status = is_unused(listing->house, token, &is_idle);
    if (status != STATUS_OK)
        return status;
    date_write(token->expires_on, expires);
    write_last_used(token, is_idle, used);
    cli_table_add(listing->table, token->id);
    cli_table_add(listing->table, token->title);
    cli_table_add(listing->table, user.email);
    cli_table_add(listing->table, alg_name(token->alg));
    cli_table_add(listing->table, state_of(token));
    cli_table_add(listing->table, expires);
    cli_table_add(listing->table, used);
    return STATUS_OK;
}

static enum status
list_page(struct listing *listing, struct token_query *query)
{
    enum status status = STATUS_OK;

    listing->page_count = 0;
    query->count = PAGE_TOKENS;
    status = store_token_list(listing->house->store, query, keep_token, listing);
    for (size_t i = 0; status == STATUS_OK && i < listing->page_count; i++) {
        const struct token *token = &listing->page[i];
        bool is_wanted = true;

        query->after_expires_at_s = token->expires_at_s;
        snprintf(query->after_id, sizeof(query->after_id), "%s", token->id);
        if (listing->is_unused_only)
            status = is_unused(listing->house, token, &is_wanted);
        if (status != STATUS_OK || !is_wanted)
            continue;
        status = listing->table ? add_table_row(listing, token)
                                : print_json_row(listing, token);
        listing->total++;
    }
    return status;
}

int
cli_token_list(struct cli_house *house, const struct options *options,
               const struct token_query *query, bool is_unused_only)
{
    static const char *const HEADINGS[CLI_TABLE_COLUMN_MAX] = {
        "TOKEN ID", "TITLE", "USER", "ALGORITHM", "STATE", "EXPIRES", "LAST USED"};
    struct cli_table *table AUTO(cli_table_free) = cli_table_new(HEADINGS);
    struct token *page AUTO(mem_done) = mem_new_array(PAGE_TOKENS, sizeof(*page));
    bool is_json = options_has(options, "json");
    struct listing listing = {
        .house = house,
        .table = is_json ? NULL : table,
        .page = page,
        .is_unused_only = is_unused_only,
    };
    struct token_query next = *query;
    enum status status = STATUS_OK;

    do {
        status = list_page(&listing, &next);
    } while (status == STATUS_OK && listing.page_count == PAGE_TOKENS);
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the tokens cannot be listed");
    if (is_json)
        printf(listing.total == 0 ? "[]\n" : "\n]\n");
    else
        cli_table_show(table, is_unused_only ? "There are no unused tokens."
                                             : "There are no tokens.");
    return EXIT_DONE;
}
