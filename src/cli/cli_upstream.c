/* SPDX-License-Identifier: Apache-2.0
 *
 * Upstreams on the command line. */
#include "cli/cli_upstream.h"

#include "base/auto.h"
#include "cli/cli_house.h"
#include "cli/cli_table.h"
#include "rules/upstream_url.h"

#include <stdio.h>

enum { TEXT_MAX_BYTES = 16 * 1024, SHOWN_TOKEN_COUNT = 50 };

void
cli_upstream_show(const struct upstream *upstream, size_t operation_count)
{
    struct buffer urls AUTO(buffer_done) = buffer_make(TEXT_MAX_BYTES);
    char text[64];

    for (size_t i = 0; i < upstream->address_count; i++) {
        buffer_add_text(&urls, i > 0 ? ", " : "");
        upstream_url_write(upstream, i, &urls);
    }
    buffer_add_byte(&urls, 0);
    cli_show_text("Name", upstream->name);
    cli_show_text("Callers ask below", upstream->prefix[0] ? upstream->prefix : "/");
    cli_show_text("It answers at", (const char *)urls.at);
    if (upstream->tls_ca_file[0])
        cli_show_text("Authorities", upstream->tls_ca_file);
    if (upstream->tls_certificate_file[0])
        cli_show_text("Our certificate", upstream->tls_certificate_file);
    if (upstream->tls_server_name[0])
        cli_show_text("Its name in TLS", upstream->tls_server_name);
    snprintf(text, sizeof(text), "connect %lld ms, first byte %lld ms, whole %lld ms",
             (long long)upstream->connect_timeout_ms,
             (long long)upstream->first_byte_timeout_ms,
             (long long)upstream->whole_timeout_ms);
    cli_show_text("Timeouts (0: none)", text);
    if (upstream->health_path[0]) {
        snprintf(text, sizeof(text), "%lld every %lld s from ",
                 (long long)upstream->health_status,
                 (long long)upstream->health_interval_s);
        struct buffer health AUTO(buffer_done) = buffer_make(TEXT_MAX_BYTES);
        buffer_add_text(&health, text);
        buffer_add_text(&health, upstream->health_path);
        buffer_add_byte(&health, 0);
        cli_show_text("A well one answers", (const char *)health.at);
    }
    snprintf(text, sizeof(text), "%zu", operation_count);
    cli_show_text("Operations", text);
    cli_show_text("State", upstream->is_suspended ? "suspended" : "active");
}

void
cli_upstream_show_operations(const struct route_source *source,
                             const struct description *description)
{
    static const char *const HEADINGS[CLI_TABLE_COLUMN_MAX] = {"METHOD", "PATH", "NEEDS"};
    struct cli_table *table AUTO(cli_table_free) = cli_table_new(HEADINGS);

    for (size_t i = 0; i < source->operation_count; i++) {
        const struct operation *operation = &source->operations[i];
        struct buffer needs AUTO(buffer_done) = buffer_make(TEXT_MAX_BYTES);
        upstream_needs_write(operation, description, &needs);
        buffer_add_byte(&needs, 0);
        cli_table_add(table, operation->method);
        cli_table_add(table, operation->path);
        cli_table_add(table, (const char *)needs.at);
    }
    cli_table_show(table, "There are no operations.");
    for (size_t i = 0; i < description->note_count; i++) {
        printf("%s", i == 0 ? "\nTo know:\n" : "");
        cli_say(stdout, "  %s: %s\n", description->notes[i].pointer,
                description->notes[i].words);
    }
}

void
cli_upstream_show_check(const struct upstream_check *check)
{
    const struct description *description = &check->description;

    cli_upstream_show_operations(check->source, description);
    for (size_t i = 0; i < description->introduced_count; i++) {
        printf("%s", i == 0 ? "\nNew permissions, offered to roles at once:\n" : "");
        cli_say(stdout, "  %s:%s\n", description->introduced[i].feature,
                description->introduced[i].action);
    }
    for (size_t i = 0; i < check->clash_count; i++) {
        printf("%s", i == 0 ? "\nClashes, with which it cannot be taken:\n" : "");
        cli_say(stdout, "  %s\n", check->clashes[i]);
    }
    cli_say(
        stdout,
        "\n%zu operations below %s; %zu of them are refused, because nothing says what "
        "they need.\n",
        check->source->operation_count,
        check->upstream.prefix[0] ? check->upstream.prefix : "/", check->closed_count);
}

static void
show_names(const char *sign, const char *const *names, size_t count)
{
    size_t shown = 0;

    while (shown < DIFF_NAMED_MAX_COUNT && names[shown])
        cli_say(stdout, "    %s %s\n", sign, names[shown++]);
    if (count > shown)
        printf("    %s and %zu more\n", sign, count - shown);
}

void
cli_upstream_show_diff(const struct upstream_diff *diff)
{
    static const char SIGNS[] = {
        [DIFF_ADDED] = '+', [DIFF_REMOVED] = '-', [DIFF_CHANGED] = '~'};

    for (size_t i = 0; i < diff->operation_count; i++) {
        const struct diff_operation *row = &diff->operations[i];
        cli_say(stdout, "%s%c %s %s: ", i == 0 ? "\nOperations:\n" : "", SIGNS[row->kind],
                row->method, row->path);
        if (row->kind == DIFF_CHANGED)
            cli_say(stdout, "%s  ->  %s\n", row->before, row->after);
        else
            cli_say(stdout, "%s\n", row->kind == DIFF_ADDED ? row->after : row->before);
    }
    printf("\n%zu tokens lose something, %zu gain something.\n", diff->losing_count,
           diff->gaining_count);
    for (size_t i = 0; i < diff->token_count && i < SHOWN_TOKEN_COUNT; i++) {
        const struct diff_token *row = &diff->tokens[i];
        cli_show_text("  Token", row->title);
        printf("    %s of %s\n", row->id, row->user_email);
        show_names("-", row->lost, row->lost_count);
        show_names("+", row->gained, row->gained_count);
    }
}

void
cli_upstream_show_use(const struct upstream *upstream, const struct upstream_use *use)
{
    static const char *const HEADINGS[CLI_TABLE_COLUMN_MAX] = {"TOKEN ID", "TITLE",
                                                               "USER", "LAST ON"};
    struct cli_table *table AUTO(cli_table_free) = cli_table_new(HEADINGS);
    char day[DATE_CHARS + 1];

    date_write(date_of(use->since_day * DAY_S), day);
    cli_say(stdout, "%lld token%s used what %s asks for since %s%s\n",
            (long long)use->total, use->total == 1 ? "" : "s", upstream->name, day,
            use->total > 0 ? ":" : ".");
    for (size_t i = 0; i < use->count; i++) {
        date_write(date_of(use->tokens[i].day * DAY_S), day);
        cli_table_add(table, use->tokens[i].token_id);
        cli_table_add(table, use->tokens[i].title);
        cli_table_add(table, use->tokens[i].user_email);
        cli_table_add(table, day);
    }
    if (use->count > 0)
        cli_table_show(table, "");
    if (use->total > (int64_t)use->count)
        printf("and %lld more\n", (long long)use->total - (long long)use->count);
    if (use->open_count > 0)
        printf("%zu of its operations need no permission: who calls only these is not "
               "known.\n",
               use->open_count);
}
