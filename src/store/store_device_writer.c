/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing many devices. The statements name every column of THE FIELD TABLE, so they are
 * made from it, once for each writer, and stay in use until it is freed. */
#include "base/auto.h"
#include "base/mem.h"
#include "store/inside.h"
#include "store/store_devices.h"

#include <assert.h>

enum {
    SQL_MAX_BYTES = 32 * 1024,
    /* $1 … $77 are the columns; then come these */
    PLACE_GUARDED = DEVICE_FIELD_COUNT + 1,
    PLACE_HEAD,
    PLACE_CUSTOM_FIELDS,
    PLACE_DOC,
    PLACE_ID,
};

struct device_writer {
    struct db *db; /* borrowed */
    struct db_query *find, *add, *change, *clear, *add_application;
    size_t uid_index; /* of deviceUid in THE FIELD TABLE */
    int64_t last_id;
    enum status opening; /* of the question for last_id */
};

/* Ids are given here, not by the database: RETURNING costs SQLite as much as an index.
 * Acts that write stand in line, so nobody else gives the same ones. */
static const char LAST_ID[] = "SELECT coalesce(max(id), 0) FROM device";
static const char FIND[] =
    "SELECT id, doc, custom_fields FROM device WHERE device_uid = $1";
static const char CLEAR[] = "DELETE FROM application WHERE device_id = $1";
static const char OTHERS[] = "guarded, app_head, custom_fields, doc";

/* "d.esn" without the alias. */
static const char *
bare(const struct device_field *field)
{
    return field->column + 2;
}

static struct db_query *
ask(struct store *store, struct buffer *sql)
{
    buffer_add_byte(sql, '\0');
    assert(buffer_check(sql) == STATUS_OK);
    return db_ask(store->db, (const char *)sql->at);
}

static void
add_marks(struct buffer *sql, int from, int to)
{
    for (int i = from; i <= to; i++)
        buffer_print(sql, "%s$%d", i == from ? "" : ", ", i);
}

static struct db_query *
ask_add(struct store *store)
{
    struct buffer sql AUTO(buffer_done) = buffer_make(SQL_MAX_BYTES);

    buffer_add_text(&sql, "INSERT INTO device (");
    for (size_t i = 0; i < DEVICE_FIELD_COUNT; i++)
        buffer_print(&sql, "%s, ", bare(&DEVICE_FIELDS[i]));
    buffer_print(&sql, "%s, id) VALUES (", OTHERS);
    add_marks(&sql, 1, PLACE_ID);
    buffer_add_text(&sql, ")");
    return ask(store, &sql);
}

static struct db_query *
ask_change(struct store *store)
{
    struct buffer sql AUTO(buffer_done) = buffer_make(SQL_MAX_BYTES);

    buffer_add_text(&sql, "UPDATE device SET ");
    for (size_t i = 0; i < DEVICE_FIELD_COUNT; i++)
        buffer_print(&sql, "%s = $%zu, ", bare(&DEVICE_FIELDS[i]), i + 1);
    buffer_print(&sql,
                 "guarded = $%d, app_head = $%d, custom_fields = $%d, doc = $%d"
                 " WHERE id = $%d",
                 PLACE_GUARDED, PLACE_HEAD, PLACE_CUSTOM_FIELDS, PLACE_DOC, PLACE_ID);
    return ask(store, &sql);
}

static bool
is_of_application(const struct device_field *field)
{
    return field->column[0] == 'a';
}

static struct db_query *
ask_add_application(struct store *store)
{
    struct buffer sql AUTO(buffer_done) = buffer_make(SQL_MAX_BYTES);
    int count = 2;

    buffer_add_text(&sql, "INSERT INTO application (device_id, doc");
    for (size_t i = 0; i < APPLICATION_FIELD_COUNT; i++) {
        if (!is_of_application(&APPLICATION_FIELDS[i]))
            continue;
        buffer_print(&sql, ", %s", bare(&APPLICATION_FIELDS[i]));
        count++;
    }
    buffer_add_text(&sql, ") VALUES (");
    add_marks(&sql, 1, count);
    buffer_add_text(&sql, ")");
    return ask(store, &sql);
}

static enum status
read_last_id(struct store *store, int64_t *out)
{
    struct db_query *query AUTO(db_query_end) = db_ask(store->db, LAST_ID);
    return db_first_int(query, out);
}

struct device_writer *
store_device_writer_new(struct store *store)
{
    struct device_writer *writer = mem_new(sizeof(*writer));

    assert(db_is_begun(store->db));
    writer->db = store->db;
    db_expect_many(store->db, true);
    writer->opening = read_last_id(store, &writer->last_id);
    writer->find = db_ask(store->db, FIND);
    writer->add = ask_add(store);
    writer->change = ask_change(store);
    writer->clear = db_ask(store->db, CLEAR);
    writer->add_application = ask_add_application(store);
    while (strcmp(DEVICE_FIELDS[writer->uid_index].name, "deviceUid") != 0)
        writer->uid_index++;
    return writer;
}

void
store_device_writer_free(struct device_writer **writer)
{
    if (!*writer)
        return;
    db_query_end(&(*writer)->find);
    db_query_end(&(*writer)->add);
    db_query_end(&(*writer)->change);
    db_query_end(&(*writer)->clear);
    db_query_end(&(*writer)->add_application);
    db_expect_many((*writer)->db, false);
    mem_free(writer);
}

static enum status
run(struct db_query *query)
{
    enum status status = db_run(query);

    db_again(query);
    return status;
}

static void
bind_device(struct db_query *query, const struct device_write *device,
            struct slice custom_fields, int64_t id)
{
    for (size_t i = 0; i < DEVICE_FIELD_COUNT; i++)
        db_bind_text(query, (int)i + 1, device->columns[i]);
    db_bind_int(query, PLACE_GUARDED, device->guarded);
    db_bind_text(query, PLACE_HEAD, device->application_head);
    db_bind_text(query, PLACE_CUSTOM_FIELDS, custom_fields);
    db_bind_text(query, PLACE_DOC, device->doc);
    db_bind_int(query, PLACE_ID, id);
}

/* The device is there: nothing, or all of it, is written anew. */
static enum status
change(struct device_writer *writer, const struct device_write *device, int64_t *out_id,
       enum device_change *out_change)
{
    int64_t id = db_int(writer->find, 0);
    struct slice old_fields = db_text(writer->find, 2);
    struct slice new_fields =
        device->custom_fields.len ? device->custom_fields : old_fields;
    bool is_same = slice_equal(db_text(writer->find, 1), device->doc) &&
                   slice_equal(new_fields, old_fields);

    *out_id = id;
    *out_change = is_same ? DEVICE_SAME : DEVICE_CHANGED;
    if (is_same)
        return STATUS_OK;
    bind_device(writer->change, device, new_fields, id);
    return run(writer->change);
}

enum status
store_device_writer_put(struct device_writer *writer, const struct device_write *device,
                        int64_t *out_id, enum device_change *out_change)
{
    struct slice uid = device->columns[writer->uid_index];

    assert(uid.len > 0);
    if (writer->opening != STATUS_OK)
        return writer->opening;
    db_bind_text(writer->find, 1, uid);
    enum status status = db_first(writer->find);
    if (status == STATUS_OK) {
        status = change(writer, device, out_id, out_change);
        db_again(writer->find);
        return status;
    }
    db_again(writer->find);
    if (status != STATUS_NOT_FOUND)
        return status;
    bind_device(writer->add, device, device->custom_fields, writer->last_id + 1);
    status = run(writer->add);
    if (status != STATUS_OK)
        return status;
    *out_id = ++writer->last_id;
    *out_change = DEVICE_ADDED;
    return STATUS_OK;
}

enum status
store_device_writer_clear(struct device_writer *writer, int64_t device_id)
{
    db_bind_int(writer->clear, 1, device_id);
    return run(writer->clear);
}

enum status
store_device_writer_application(struct device_writer *writer, int64_t device_id,
                                const struct application_write *application)
{
    int place = 3;

    db_bind_int(writer->add_application, 1, device_id);
    db_bind_text(writer->add_application, 2, application->doc);
    for (size_t i = 0; i < APPLICATION_FIELD_COUNT; i++) {
        if (is_of_application(&APPLICATION_FIELDS[i]))
            db_bind_text(writer->add_application, place++, application->columns[i]);
    }
    return run(writer->add_application);
}
