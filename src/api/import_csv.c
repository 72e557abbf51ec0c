/* SPDX-License-Identifier: Apache-2.0
 *
 * CSV rows into JSON. Values are texts; those of fields that the API document calls
 * integer or boolean become numbers and truths where they look like it. */
#include "api/import_csv.h"

#include "api/device_names.h"
#include "api/resource.h"
#include "base/auto.h"
#include "base/mem.h"
#include "base/number.h"
#include "json/scan.h"

#include <jansson.h>
#include <string.h>

enum { COLUMN_MAX_COUNT = 600, CELLS_MAX_BYTES = IMPORT_ROW_MAX_BYTES };

enum column_type { COLUMN_TEXT = 1, COLUMN_INTEGER, COLUMN_TRUTH };

struct column {
    char *name; /* owned */
    enum column_type type;
};

/* A cell in `cells`. */
struct cell {
    size_t start, len;
};

struct import_csv {
    struct import_source *source; /* borrowed */
    struct column columns[COLUMN_MAX_COUNT];
    size_t column_count;
    struct cell row[COLUMN_MAX_COUNT];
    size_t row_count;
    struct buffer cells; /* of one row, unquoted */
    char *json;          /* of one row; jansson's */
};

static void
json_done(json_t **json)
{
    json_decref(*json);
    *json = NULL;
}

void
import_csv_close(struct import_csv **csv)
{
    if (!*csv)
        return;
    for (size_t i = 0; i < (*csv)->column_count; i++)
        mem_free(&(*csv)->columns[i].name);
    buffer_done(&(*csv)->cells);
    free((*csv)->json);
    mem_free(csv);
}

/* The byte at `index` of the view, reading more when it is not there; -1 at the end. */
static int
byte_at(struct import_source *source, size_t index)
{
    while (import_source_view(source).len <= index) {
        if (!import_source_more(source))
            return -1;
    }
    return import_source_view(source).at[index];
}

/* How reading one row went. */
enum row_end { ROW_READ = 1, ROW_TOO_MANY, ROW_TOO_LONG, ROW_OPEN_QUOTE };

/* Reads one cell at `index`; gives the index of the byte after it (a comma, a line end
 * or the end). */
static size_t
read_cell(struct import_csv *csv, size_t index, bool *out_is_open)
{
    struct import_source *source = csv->source;
    int byte = byte_at(source, index);
    bool is_quoted = byte == '"';

    *out_is_open = is_quoted;
    if (is_quoted)
        index++;
    while ((byte = byte_at(source, index)) >= 0) {
        if (is_quoted && byte == '"') {
            if (byte_at(source, index + 1) != '"') {
                is_quoted = false;
                *out_is_open = false;
                index++;
                continue;
            }
            index++;
        } else if (!is_quoted && (byte == ',' || byte == '\n')) {
            break;
        }
        buffer_add_byte(&csv->cells, (unsigned char)byte);
        index++;
    }
    return index;
}

/* Reads the cells of one row and takes it from the source. */
static enum row_end
read_row(struct import_csv *csv)
{
    enum row_end end = ROW_READ;
    size_t index = 0;
    bool is_open = false;

    buffer_clear(&csv->cells);
    csv->row_count = 0;
    for (;;) {
        size_t start = csv->cells.len;
        index = read_cell(csv, index, &is_open);
        size_t len = csv->cells.len - start;
        int byte = byte_at(csv->source, index);
        if (byte != ',' && len > 0 && csv->cells.at[csv->cells.len - 1] == '\r')
            len--;
        if (csv->row_count < COLUMN_MAX_COUNT)
            csv->row[csv->row_count++] = (struct cell){start, len};
        else
            end = ROW_TOO_MANY;
        if (byte != ',') {
            import_source_take(csv->source, byte == '\n' ? index + 1 : index);
            break;
        }
        index++;
    }
    if (is_open)
        return ROW_OPEN_QUOTE;
    return csv->cells.is_short ? ROW_TOO_LONG : end;
}

static struct slice
cell_text(const struct import_csv *csv, size_t index)
{
    struct cell cell = csv->row[index];

    return slice_trim(
        slice_head(slice_from(buffer_slice(&csv->cells), cell.start), cell.len));
}

/* What the API document says of a top-level field; within objects, what names tell. */
static enum column_type
type_of(const struct json_value *properties, struct slice name)
{
    static const char *const NUMBER_ENDS[] = {"Bytes", "Cores", "Speed", "Size"};
    struct json_value field;
    struct json_value type;

    if (json_find(properties, name, &field) == STATUS_OK &&
        json_find(&field, SLICE("type"), &type) == STATUS_OK)
        return json_text_is(&type, SLICE("integer"))   ? COLUMN_INTEGER
               : json_text_is(&type, SLICE("boolean")) ? COLUMN_TRUTH
                                                       : COLUMN_TEXT;
    if (memmem(name.at, name.len, ".is", 3))
        return COLUMN_TRUTH;
    for (size_t i = 0; i < COUNT_OF(NUMBER_ENDS); i++) {
        if (slice_ends(name, slice_of(NUMBER_ENDS[i])))
            return COLUMN_INTEGER;
    }
    return COLUMN_TEXT;
}

static enum status
add_column(struct import_csv *csv, struct slice name, struct failure *failure)
{
    size_t number = csv->column_count + 1;

    if (!device_name_is_known(name))
        return failure_set(failure, STATUS_REFUSED, "columns",
                           "column %zu is '%.*s', which is no field of a device", number,
                           SLICE_ARG(slice_head(name, 64)));
    for (size_t i = 0; i < csv->column_count; i++) {
        const char *other = csv->columns[i].name;
        size_t len = strlen(other);
        size_t least = len < name.len ? len : name.len;
        const char *longer = len > name.len ? other : (const char *)name.at;
        if (memcmp(other, name.at, least) == 0 &&
            (len == name.len || longer[least] == '.'))
            return failure_set(failure, STATUS_REFUSED, "columns",
                               "column %zu is '%.*s', but there is a column '%s'", number,
                               SLICE_ARG(slice_head(name, 64)), other);
    }
    csv->columns[csv->column_count++].name = mem_text(name.at, name.len);
    return STATUS_OK;
}

static enum status
read_columns(struct import_csv *csv, struct failure *failure)
{
    bool has_key = false;

    if (read_row(csv) != ROW_READ)
        return failure_set(failure, STATUS_REFUSED, "columns",
                           "the first row cannot be read; it must hold field names, "
                           "separated by commas, or be the beginning of JSON");
    for (size_t i = 0; i < csv->row_count; i++) {
        struct slice name = cell_text(csv, i);
        enum status status = add_column(csv, name, failure);
        if (status != STATUS_OK)
            return status;
        has_key = has_key || slice_equal(name, SLICE("deviceUid")) ||
                  slice_equal(name, SLICE("esn"));
    }
    if (!has_key)
        return failure_set(failure, STATUS_REFUSED, "columns",
                           "there must be a column deviceUid or esn");
    return STATUS_OK;
}

static enum status
find_types(struct import_csv *csv)
{
    struct json_value document;
    struct json_value properties;
    enum status status = json_scan(api_openapi_document(), &document);

    if (status == STATUS_OK)
        status = json_pointer(
            &document, SLICE("/components/schemas/DeviceReport/properties"), &properties);
    if (status != STATUS_OK)
        return STATUS_BROKEN; /* it is our own: built in */
    for (size_t i = 0; i < csv->column_count; i++)
        csv->columns[i].type = type_of(&properties, slice_of(csv->columns[i].name));
    return STATUS_OK;
}

enum status
import_csv_open(struct import_source *source, struct import_csv **out,
                struct failure *failure)
{
    struct import_csv *csv AUTO(import_csv_close) = mem_new(sizeof(*csv));

    csv->source = source;
    csv->cells = buffer_make(CELLS_MAX_BYTES);
    enum status status = read_columns(csv, failure);
    if (status == STATUS_OK)
        status = find_types(csv);
    if (status == STATUS_OK)
        *out = TAKE(csv);
    return status;
}

static json_t *
cell_json(const struct column *column, struct slice text)
{
    int64_t number = 0;

    if (column->type == COLUMN_INTEGER && number_read(text, &number) == STATUS_OK)
        return json_integer(number);
    if (column->type == COLUMN_TRUTH && slice_equal_nocase(text, SLICE("true")))
        return json_true();
    if (column->type == COLUMN_TRUTH && slice_equal_nocase(text, SLICE("false")))
        return json_false();
    return json_stringn((const char *)text.at, text.len);
}

/* Sets a value at a dotted name. False: it is no UTF-8. */
static bool
set_dotted(json_t *object, const struct column *column, struct slice text)
{
    const char *name = column->name;
    const char *dot = NULL;
    char part[128];

    while ((dot = strchr(name, '.')) != NULL) {
        slice_to_text((struct slice){(const unsigned char *)name, (size_t)(dot - name)},
                      part, sizeof(part));
        if (!json_object_get(object, part))
            json_object_set_new(object, part, json_object());
        object = json_object_get(object, part);
        name = dot + 1;
    }
    return json_object_set_new(object, name, cell_json(column, text)) == 0;
}

static enum status
make_json(struct import_csv *csv, struct slice *out, struct failure *failure)
{
    json_t *object AUTO(json_done) = json_object();

    if (csv->row_count != csv->column_count)
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "the row has %zu values, but there are %zu columns",
                           csv->row_count, csv->column_count);
    for (size_t i = 0; i < csv->row_count; i++) {
        struct slice text = cell_text(csv, i);
        if (text.len > 0 && !set_dotted(object, &csv->columns[i], text))
            return failure_set(failure, STATUS_MALFORMED, csv->columns[i].name,
                               "%s is not UTF-8 text", csv->columns[i].name);
    }
    free(csv->json);
    csv->json = json_dumps(object, JSON_COMPACT);
    if (!csv->json)
        return failure_set(failure, STATUS_MALFORMED, NULL, "the row cannot be read");
    *out = slice_of(csv->json);
    return STATUS_OK;
}

enum status
import_csv_next(struct import_csv *csv, struct slice *out, int *out_line,
                struct failure *failure)
{
    int byte = import_source_peek(csv->source);

    *out_line = csv->source->line;
    enum row_end end = byte < 0 ? ROW_READ : read_row(csv);
    if (csv->source->failed_errno != 0) /* the row may be cut short */
        return failure_set(failure, STATUS_UNAVAILABLE, NULL, "it cannot be read: %s",
                           strerrordesc_np(csv->source->failed_errno));
    if (byte < 0)
        return STATUS_NOT_FOUND;
    switch (end) {
    case ROW_READ:
        return make_json(csv, out, failure);
    case ROW_TOO_MANY:
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "the row has more than %d values", COLUMN_MAX_COUNT);
    case ROW_TOO_LONG:
        return failure_set(failure, STATUS_TOO_LARGE, NULL,
                           "the row has more than %d bytes", IMPORT_ROW_MAX_BYTES);
    case ROW_OPEN_QUOTE:
        return failure_set(failure, STATUS_REFUSED, NULL,
                           "a quote is opened here and never closed");
    }
    return STATUS_BROKEN;
}
