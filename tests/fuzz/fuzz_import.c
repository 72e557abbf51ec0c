/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a file of devices. The first byte says in which pieces it is read; rows
 * must be the same in any. A device that is accepted is JSON to others too, has no name
 * twice, and is in the form in which it is kept: read again, it stays what it is. */
#include "fuzz.h"

#include "api/application_doc.h"
#include "api/device_doc.h"
#include "api/import_rows.h"
#include "base/auto.h"
#include "base/limits.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Kept from file to file, as an import keeps them from row to row. */
static struct device_doc *doc, *again;

/* A file in memory. */
struct memory {
    struct slice rest;
    size_t piece;
};

static ssize_t
read_memory(void *ctx, void *out, size_t size)
{
    struct memory *memory = ctx;
    size_t len = memory->rest.len < memory->piece ? memory->rest.len : memory->piece;

    len = len < size ? len : size;
    if (len > 0)
        memcpy(out, memory->rest.at, len);
    memory->rest = slice_from(memory->rest, len);
    return (ssize_t)len;
}

/* Is it JSON to jansson, without names that are twice? Numbers that it cannot hold are
 * its own matter. */
static void
check_json(struct slice text)
{
    json_error_t error;
    json_t *root =
        json_loadb((const char *)text.at, text.len,
                   JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);

    assert(root || json_error_code(&error) == json_error_numeric_overflow);
    json_decref(root);
}

static enum status
check_application(void *ctx, const struct application_write *application)
{
    (void)ctx;
    check_json(application->doc);
    for (size_t i = 0; i < APPLICATION_FIELD_COUNT; i++) {
        if (APPLICATION_FIELDS[i].is_sortable)
            assert(application->columns[i].len <= SORTED_TEXT_MAX_BYTES);
    }
    return STATUS_OK;
}

static void
check_device(void)
{
    struct failure failure = {0};

    if (device_doc_uid(doc).len == 0)
        device_doc_set_uid(doc, SLICE("made"));
    const struct device_write *write = device_doc_write(doc);
    check_json(write->doc);
    check_json(write->application_head);
    if (write->custom_fields.len > 0)
        check_json(write->custom_fields);
    enum status status = device_doc_read(again, write->doc, &failure);
    assert(status == STATUS_OK);
    assert(slice_equal(device_doc_write(again)->doc, write->doc));
    assert(device_doc_write(again)->guarded == write->guarded);
    assert(!device_doc_has_applications(again));
    for (size_t i = 0; i < DEVICE_FIELD_COUNT; i++) {
        assert(slice_equal(device_doc_write(again)->columns[i], write->columns[i]));
        if (DEVICE_FIELDS[i].is_sortable)
            assert(write->columns[i].len <= SORTED_TEXT_MAX_BYTES);
    }
}

/* What a file gives, written down: to be compared with the next reading. */
static void
read_file(struct slice file, size_t piece, struct buffer *out)
{
    struct memory memory = {file, piece};
    struct import_rows *rows AUTO(import_rows_free) =
        import_rows_new(read_memory, &memory);
    struct failure failure = {0};
    struct slice row;
    int last_line = 1;
    int line = 0;

    for (;;) {
        failure = (struct failure){0};
        enum status status = import_rows_next(rows, &row, &line, &failure);
        buffer_print(out, "%d %s ", line, status_name(status));
        assert(line >= last_line);
        last_line = line;
        if (status == STATUS_NOT_FOUND)
            break;
        assert(status == STATUS_OK || failure.text[0]);
        if (status == STATUS_REFUSED)
            break;
        assert(status == STATUS_OK || status == STATUS_MALFORMED);
        if (status != STATUS_OK)
            continue;
        buffer_add(out, row);
        status = device_doc_read(doc, row, &failure);
        assert(status == STATUS_OK || failure.text[0]);
        if (status != STATUS_OK)
            continue;
        check_device();
        status = device_doc_each_application(doc, check_application, NULL, &failure);
        assert(status == STATUS_OK || failure.text[0]);
    }
    assert(import_rows_bytes(rows) <= (int64_t)file.len);
}

static void
close_docs(void)
{
    device_doc_free(&doc);
    device_doc_free(&again);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    doc = device_doc_new();
    again = device_doc_new();
    atexit(close_docs);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer whole AUTO(buffer_done) = buffer_make(64 << 20);
    struct buffer pieces AUTO(buffer_done) = buffer_make(64 << 20);

    /* to open CSV costs more than all the rest, so few of its files are taken */
    if (size < 2 || (data[0] < 0xC0 && !strchr("[{", data[1])))
        return 0;
    read_file((struct slice){data + 1, size - 1}, size, &whole);
    read_file((struct slice){data + 1, size - 1}, (size_t)data[0] % 16 + 1, &pieces);
    assert(slice_equal(buffer_slice(&whole), buffer_slice(&pieces)));
    return 0;
}
