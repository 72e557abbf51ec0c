/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse device …: the inventory, filled from files and listed. */
#include "api/device_import.h"
#include "api/import_rows.h"
#include "base/arena.h"
#include "base/auto.h"
#include "base/clock.h"
#include "cli/cli_house.h"
#include "cli/cli_table.h"
#include "cli/commands_all.h"
#include "store/store_device_query.h"
#include "store/store_people.h"
#include "json/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

enum {
    REPORT_MAX_COUNT = 100, /* bad rows that are told one by one */
    PROGRESS_EVERY_MS = 200,
    LIST_AT_ONCE_COUNT = 1000,
};

/* An import as the command sees it. */
struct importing {
    const char *file;
    int fd;
    int64_t size_bytes; /* of the file; 0 = not known */
    struct import_rows *rows;
    struct device_import *import;
    bool may_skip, is_lost; /* lost: a bad row, and none may be skipped */
    bool shows_progress;
    int64_t row_count, bad_count, shown_at_ms;
};

static ssize_t
read_fd(void *ctx, void *out, size_t size)
{
    const struct importing *i = ctx;
    ssize_t got = 0;

    do
        got = read(i->fd, out, size);
    while (got < 0 && errno == EINTR);
    return got;
}

static void
show_progress(struct importing *i, bool is_last)
{
    int64_t now_ms = clock_monotonic_ms();

    if (!i->shows_progress || (!is_last && now_ms - i->shown_at_ms < PROGRESS_EVERY_MS))
        return;
    i->shown_at_ms = now_ms;
    if (is_last)
        fprintf(stderr, "\r\033[K");
    else if (i->size_bytes > 0)
        fprintf(stderr, "\r%lld devices, %lld %%\033[K", (long long)i->row_count,
                (long long)(import_rows_bytes(i->rows) * 100 / i->size_bytes));
    else
        fprintf(stderr, "\r%lld devices\033[K", (long long)i->row_count);
}

static void
report_bad(struct importing *i, int line, const struct failure *failure)
{
    i->bad_count++;
    if (i->shows_progress)
        fprintf(stderr, "\r\033[K");
    if (i->bad_count <= REPORT_MAX_COUNT)
        fprintf(stderr, "%s:%d: %s\n", i->file, line, failure->text);
    else if (i->bad_count == REPORT_MAX_COUNT + 1)
        fprintf(stderr, "%s: more than %d bad rows; the rest is only counted\n", i->file,
                REPORT_MAX_COUNT);
    if (!i->may_skip && !i->is_lost) {
        i->is_lost = true;
        device_import_check_only(i->import);
    }
}

/* Puts all rows in. Bad rows are reported; any other status ends it. */
static enum status
import_all(struct importing *i, int *out_line, struct failure *failure)
{
    struct slice row;

    for (;;) {
        *failure = (struct failure){0};
        enum status status = import_rows_next(i->rows, &row, out_line, failure);
        if (status == STATUS_NOT_FOUND)
            return STATUS_OK;
        if (status == STATUS_OK)
            status = device_import_row(i->import, row, failure);
        else if (status == STATUS_MALFORMED || status == STATUS_TOO_LARGE)
            device_import_refused(i->import);
        if (status == STATUS_MALFORMED || status == STATUS_TOO_LARGE)
            report_bad(i, *out_line, failure);
        else if (status != STATUS_OK)
            return status;
        i->row_count++;
        show_progress(i, false);
    }
}

static int
open_file(const struct options *options, struct importing *i)
{
    struct stat facts;

    i->file = options->arguments[0];
    i->fd = strcmp(i->file, "-") == 0 ? dup(STDIN_FILENO)
                                      : open(i->file, O_RDONLY | O_CLOEXEC);
    if (i->fd < 0)
        return cli_failed(options, "cannot read '%s': %s", i->file,
                          strerrordesc_np(errno));
    if (fstat(i->fd, &facts) == 0 && S_ISREG(facts.st_mode))
        i->size_bytes = facts.st_size;
    if (fstat(i->fd, &facts) == 0 && S_ISDIR(facts.st_mode))
        return cli_failed(options, "'%s' is a folder; a file of devices is wanted",
                          i->file);
    i->may_skip = options_has(options, "skip-bad");
    i->shows_progress = isatty(STDERR_FILENO) != 0;
    return EXIT_DONE;
}

static void
importing_done(struct importing *i)
{
    import_rows_free(&i->rows);
    device_import_end(&i->import);
    fd_done(&i->fd);
}

static int
tell_result(const struct options *options, const struct importing *i,
            const struct device_import_count *count)
{
    if (options_has(options, "json"))
        return cli_print_json(json_pack(
            "{s:b, s:I, s:I, s:I, s:I, s:I}", "imported", !i->is_lost, "added",
            (json_int_t)count->added, "changed", (json_int_t)count->changed, "unchanged",
            (json_int_t)count->same, "refused", (json_int_t)count->refused,
            "applications", (json_int_t)count->applications));
    long long all = (long long)(count->added + count->changed + count->same);
    if (!i->is_lost)
        printf("Imported %lld device%s: %lld new, %lld changed, %lld as %s; "
               "%lld application%s.\n",
               all, all == 1 ? "" : "s", (long long)count->added,
               (long long)count->changed, (long long)count->same,
               count->same == 1 ? "it was" : "they were", (long long)count->applications,
               count->applications == 1 ? "" : "s");
    return EXIT_DONE;
}

static int
finish_import(const struct options *options, const struct cli_house *house,
              struct importing *i)
{
    struct device_import_count count = {0};

    if (!i->is_lost) {
        enum status status = device_import_commit(i->import);
        if (status != STATUS_OK)
            return cli_house_failed(house, status, "nothing was imported");
    }
    device_import_counts(i->import, &count);
    if (i->is_lost)
        count = (struct device_import_count){.refused = count.refused};
    int exit = tell_result(options, i, &count);
    if (i->is_lost)
        return cli_failed(options,
                          "nothing was imported: %lld of %lld rows are bad; --skip-bad "
                          "imports the others",
                          (long long)count.refused, (long long)i->row_count);
    if (count.refused > 0)
        return cli_failed(options, "%lld of %lld rows are bad and were left out",
                          (long long)count.refused, (long long)i->row_count);
    return exit;
}

static int
run_import(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct importing i AUTO(importing_done) = {.fd = -1};
    struct failure failure = {0};
    int line = 0;

    if (open_file(options, &i) != EXIT_DONE ||
        cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    i.rows = import_rows_new(read_fd, &i);
    enum status status = device_import_begin(&house.act, &i.import);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "nothing was imported");
    status = import_all(&i, &line, &failure);
    show_progress(&i, true);
    if (status == STATUS_OK && i.row_count == 0)
        return cli_failed(options, "'%s' holds no devices", i.file);
    if (status == STATUS_REFUSED)
        return cli_failed(options, "%s:%d: %s; nothing was imported", i.file, line,
                          failure.text);
    if (status != STATUS_OK && failure.text[0] != '\0')
        return cli_failed(options, "'%s': %s; nothing was imported", i.file,
                          failure.text);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "nothing was imported");
    return finish_import(options, &house, &i);
}

/* ---- list ---- */

struct listing {
    struct cli_table *table; /* NULL: JSON */
    struct arena arena;
    int64_t count, seen; /* in all; of this part */
    bool is_open;        /* standard output takes more */
    struct buffer after; /* the name of the last one, as it is sorted by */
    int64_t after_id;
};

static void
add_cell(struct listing *list, const struct json_value *doc, const char *pointer)
{
    struct json_value value;
    char text[256];

    if (json_pointer(doc, slice_of(pointer), &value) != STATUS_OK ||
        !slice_to_text(slice_head(json_text(&value, &list->arena), sizeof(text) - 1),
                       text, sizeof(text)))
        text[0] = '\0';
    cli_table_add(list->table, text);
}

static bool
each_device(void *ctx, const struct device_row *row)
{
    static const char *const CELLS[] = {"/deviceUid",   "/esn",
                                        "/deviceName",  "/operatingSystem/name",
                                        "/systemModel", "/lastConnectedDateTimeUtc"};
    struct listing *list = ctx;
    struct json_value doc;

    list->seen++;
    buffer_clear(&list->after);
    buffer_add(&list->after, row->sorted_by[0]);
    list->after_id = row->id;
    if (!list->table) {
        bool has_fields = row->beside.len > 0;
        int failed =
            printf("%s%.*s%s%.*s%s", list->count++ ? ",\n " : "[",
                   SLICE_ARG(slice_head(row->doc, row->doc.len - 1)),
                   has_fields ? ",\"customFields\":" : "", SLICE_ARG(row->beside), "}");
        list->is_open = failed >= 0;
        return list->is_open;
    }
    list->count++;
    if (json_scan(row->doc, &doc) != STATUS_OK)
        return true;
    for (size_t i = 0; i < COUNT_OF(CELLS); i++)
        add_cell(list, &doc, CELLS[i]);
    arena_reset(&list->arena);
    return true;
}

static enum status
list_devices(struct cli_house *house, const struct device_group *group,
             struct listing *list)
{
    struct device_sort sort = {0};
    struct arena arena AUTO(arena_done) = {0};

    for (size_t i = 0; i < DEVICE_FIELD_COUNT; i++) {
        if (strcmp(DEVICE_FIELDS[i].name, "deviceName") == 0)
            sort.field = &DEVICE_FIELDS[i];
    }
    struct device_query query = {.sorts = &sort,
                                 .sort_count = 1,
                                 .group_ids = group ? &group->id : NULL,
                                 .group_count = group ? 1 : 0,
                                 .count = LIST_AT_ONCE_COUNT};
    do {
        struct slice after = arena_copy(&arena, buffer_slice(&list->after));
        query.after = list->count > 0 ? &after : NULL;
        query.after_id = list->after_id;
        list->seen = 0;
        enum status status =
            store_device_query(house->store, &query, &arena, each_device, list);
        if (status != STATUS_OK)
            return status;
        arena_reset(&arena);
    } while (list->is_open && list->seen == LIST_AT_ONCE_COUNT);
    return STATUS_OK;
}

static int
run_list(const struct options *options)
{
    static const char *const HEADINGS[CLI_TABLE_COLUMN_MAX] = {
        "DEVICE UID", "ESN", "NAME", "OPERATING SYSTEM", "MODEL", "LAST CONNECTED"};
    struct cli_house house AUTO(cli_house_close) = {0};
    struct cli_table *table AUTO(cli_table_free) = cli_table_new(HEADINGS);
    const char *name = options_value(options, "group");
    struct device_group group = {0};
    struct listing list = {.table = options_has(options, "json") ? NULL : table,
                           .is_open = true,
                           .after = buffer_make(4096)};
    enum status status = STATUS_OK;

    if (cli_house_open(options, CLI_READ, &house) != EXIT_DONE)
        return EXIT_FAILED;
    if (name)
        status = store_group_by_name(house.store, slice_of(name), &group);
    if (status == STATUS_NOT_FOUND)
        return cli_failed(options, "there is no device group '%s'", name);
    if (status == STATUS_OK)
        status = list_devices(&house, name ? &group : NULL, &list);
    arena_done(&list.arena);
    buffer_done(&list.after);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the devices cannot be read");
    if (list.table)
        cli_table_show(table, "There are no devices.");
    else
        printf("%s]\n", list.count ? "" : "[");
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}

static const struct form_option IMPORT_OPTIONS[] = {
    OPTION_DATA,
    {"skip-bad", NULL, "import the good rows, even when others are bad", false, false},
    OPTION_JSON,
};

static const struct form_option LIST_OPTIONS[] = {
    OPTION_DATA,
    {"group", "NAME", "only the devices of this group", false, false},
    OPTION_JSON,
};

static const struct form FORMS[] = {
    {"import", "FILE", 1, 1,
     "put devices into the inventory, or in the place of old ones", IMPORT_OPTIONS,
     COUNT_OF(IMPORT_OPTIONS), run_import,
     "FILE is JSON (a list, {\"data\": [...]}, or one device a line) or CSV whose first\n"
     "row names fields (operatingSystem.name leads into an object); - reads standard\n"
     "input. A device is known by its deviceUid or, without one, by its esn. All rows\n"
     "are imported, or none; each bad one is named with its line."},
    {"list", "", 0, 0, "list the devices", LIST_OPTIONS, COUNT_OF(LIST_OPTIONS), run_list,
     NULL},
};

int
cmd_device(int argc, char **argv)
{
    return forms_run("device", FORMS, COUNT_OF(FORMS), argc, argv);
}
