/* SPDX-License-Identifier: Apache-2.0
 *
 * Device documents, read in one walk: each member is written clean into the document
 * that is kept and folded into the columns that THE FIELD TABLE has for it. */
#include "api/device_doc.h"

#include "api/application_doc.h"
#include "api/doc_write.h"
#include "base/arena.h"
#include "base/auto.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"

enum {
    UID_MAX_BYTES = 64,
    /* enough for the documents of a device with thousands of applications */
    DOC_MAX_BYTES = 16 * 1024 * 1024,
    APPLICATION_MAX_COUNT = 20000, /* a busy desktop has 500 */
    TOP_SLOT_COUNT = 256,          /* of the index of top-level names; a power of two */
    NO_FIELD = -1,
};

/* Names that the house fills in itself, or keeps apart. */
static const char *const NOT_KEPT[] = {"deviceUid", "accountUid", "deviceGroupIds",
                                       "applications", "customFields"};

static const struct {
    const char *top;
    int64_t guard;
} GUARDS[] = {
    {"geoData", DEVICE_GUARDED_GEO},
    {"deviceFreezeStatus", DEVICE_GUARDED_FREEZE},
    {"deviceFreezeActionStatus", DEVICE_GUARDED_FREEZE_ACTION},
};

/* The fields of a device that its applications repeat, by their names there. */
enum { HEAD_ESN, HEAD_NAME, HEAD_SERIAL, HEAD_OS, HEAD_COUNT };
static const char *const HEAD_NAMES[HEAD_COUNT] = {"esn", "deviceName",
                                                   "deviceSerialNumber", "osName"};

struct device_doc {
    struct arena arena;      /* of the document read last */
    struct buffer members;   /* the document without deviceUid, an object */
    struct buffer doc, head; /* as they are written */
    struct buffer custom_fields;
    struct buffer scratch;
    struct device_write write;
    struct slice uid; /* as text */
    struct json_value heads[HEAD_COUNT];
    struct json_value applications;
    size_t application_count;
    struct doc_names names; /* top-level ones, and those within what is written */
    struct application_doc application;
    int tops[TOP_SLOT_COUNT];      /* first field of a top-level name */
    int nexts[DEVICE_FIELD_COUNT]; /* the next one in the same slot */
    size_t uid_index, esn_index;
};

int64_t
device_doc_guard(struct slice top)
{
    for (size_t i = 0; i < COUNT_OF(GUARDS); i++) {
        if (slice_equal(top, slice_of(GUARDS[i].top)))
            return GUARDS[i].guard;
    }
    return 0;
}

/* Where a top-level name is in the index: FNV-1a; names of fields are ours. */
static size_t
top_slot(struct slice name)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ name.at[i]) * 16777619u;
    return (hash ^ hash >> 16) % TOP_SLOT_COUNT;
}

/* The first name of a path; the rest, without the dot, is left in `rest`. */
static struct slice
path_top(struct slice *rest)
{
    struct slice top = *rest;

    if (slice_cut(rest, '.', &top))
        return top;
    *rest = (struct slice){0};
    return top;
}

struct device_doc *
device_doc_new(void)
{
    struct device_doc *doc = mem_new(sizeof(*doc));

    doc->members = buffer_make(DEVICE_DOC_MAX_BYTES);
    doc->doc = buffer_make(DEVICE_DOC_MAX_BYTES + 1024);
    doc->head = buffer_make(DEVICE_DOC_MAX_BYTES + 1024);
    doc->custom_fields = buffer_make(DEVICE_DOC_MAX_BYTES);
    doc->scratch = buffer_make(DEVICE_DOC_MAX_BYTES);
    application_doc_open(&doc->application);
    for (size_t i = 0; i < TOP_SLOT_COUNT; i++)
        doc->tops[i] = NO_FIELD;
    for (int i = 0; i < DEVICE_FIELD_COUNT; i++) {
        struct slice rest = slice_of(DEVICE_FIELDS[i].path);
        size_t slot = top_slot(path_top(&rest));
        doc->nexts[i] = doc->tops[slot];
        doc->tops[slot] = i;
        if (strcmp(DEVICE_FIELDS[i].name, "deviceUid") == 0)
            doc->uid_index = (size_t)i;
        if (strcmp(DEVICE_FIELDS[i].name, "esn") == 0)
            doc->esn_index = (size_t)i;
    }
    return doc;
}

void
device_doc_free(struct device_doc **doc)
{
    if (!*doc)
        return;
    arena_done(&(*doc)->arena);
    buffer_done(&(*doc)->members);
    buffer_done(&(*doc)->doc);
    buffer_done(&(*doc)->head);
    buffer_done(&(*doc)->custom_fields);
    buffer_done(&(*doc)->scratch);
    application_doc_close(&(*doc)->application);
    mem_free(doc);
}

/* The value of a field within a member's value. */
static bool
find_within(const struct json_value *value, struct slice rest, struct json_value *out)
{
    *out = *value;
    while (rest.len > 0) {
        struct json_value object = *out;
        if (json_find(&object, path_top(&rest), out) != STATUS_OK)
            return false;
    }
    return out->kind != JSON_KIND_NULL;
}

/* Adds one element of a list to the column's text. */
static void
add_list_element(struct device_doc *doc, struct buffer *list, struct slice rest,
                 const struct json_value *element)
{
    struct json_value value;

    if (!find_within(element, rest, &value) || value.kind != JSON_KIND_STRING ||
        device_field_fold(FIELD_LIST, json_text(&value, &doc->arena), &doc->scratch) !=
            STATUS_OK)
        return;
    for (size_t i = 0; i < doc->scratch.len; i++) {
        if (doc->scratch.at[i] == '\n')
            doc->scratch.at[i] = ' ';
    }
    buffer_add_byte(list, '\n');
    buffer_add(list, buffer_slice(&doc->scratch));
}

static struct slice
list_column(struct device_doc *doc, struct slice rest, const struct json_value *value)
{
    struct buffer list AUTO(buffer_done) = buffer_make(DEVICE_DOC_MAX_BYTES);
    struct json_member member;

    if (value->kind == JSON_KIND_ARRAY) {
        for (struct json_walk walk = json_walk_of(value); json_walk_next(&walk, &member);)
            add_list_element(doc, &list, rest, &member.value);
    } else {
        add_list_element(doc, &list, rest, value);
    }
    if (list.len > 0)
        buffer_add_byte(&list, '\n');
    return arena_copy(&doc->arena, buffer_slice(&list));
}

/* Fills the columns that a top-level member has. */
static enum status
fill_columns(struct device_doc *doc, const struct json_member *member,
             struct failure *failure)
{
    struct slice name = member->name.raw;

    for (int i = doc->tops[top_slot(name)]; i != NO_FIELD; i = doc->nexts[i]) {
        const struct device_field *field = &DEVICE_FIELDS[i];
        struct slice *column = &doc->write.columns[i];
        struct slice rest = slice_of(field->path);
        struct json_value value;
        if (!slice_equal(path_top(&rest), name))
            continue;
        if (field->kind == FIELD_LIST) {
            *column = list_column(doc, rest, &member->value);
        } else if (find_within(&member->value, rest, &value)) {
            enum status status =
                doc_column(field, &value, &doc->arena, &doc->scratch, column, failure);
            if (status != STATUS_OK)
                return status;
        }
    }
    return STATUS_OK;
}

/* Keeps what the applications of the device repeat. */
static void
keep_heads(struct device_doc *doc, const struct json_member *member)
{
    struct slice name = member->name.raw;

    if (slice_equal(name, SLICE("esn")))
        doc->heads[HEAD_ESN] = member->value;
    else if (slice_equal(name, SLICE("deviceName")))
        doc->heads[HEAD_NAME] = member->value;
    else if (slice_equal(name, SLICE("serialNumber")))
        doc->heads[HEAD_SERIAL] = member->value;
    else if (slice_equal(name, SLICE("operatingSystem")) &&
             !find_within(&member->value, SLICE("name"), &doc->heads[HEAD_OS]))
        doc->heads[HEAD_OS] = (struct json_value){0};
}

static enum status
read_uid(struct device_doc *doc, const struct json_value *value, struct failure *failure)
{
    struct slice uid = json_text(value, &doc->arena);

    if (value->kind != JSON_KIND_STRING || uid.len == 0 || uid.len > UID_MAX_BYTES ||
        utf8_has_control(uid) || memchr(uid.at, ' ', uid.len))
        return failure_set(failure, STATUS_MALFORMED, "deviceUid",
                           "deviceUid is '%.*s', but must be a text of 1 to %d "
                           "characters without blanks, best a UUID",
                           SLICE_ARG(slice_head(uid, 80)), UID_MAX_BYTES);
    doc->uid = uid;
    return STATUS_OK;
}

static enum status
read_applications(struct device_doc *doc, const struct json_value *value,
                  struct failure *failure)
{
    struct json_member member;

    if (value->kind != JSON_KIND_ARRAY)
        return failure_set(failure, STATUS_MALFORMED, "applications",
                           "applications must be a list of objects");
    doc->applications = *value;
    for (struct json_walk walk = json_walk_of(value); json_walk_next(&walk, &member);)
        doc->application_count++;
    if (doc->application_count > APPLICATION_MAX_COUNT)
        return failure_set(failure, STATUS_TOO_LARGE, "applications",
                           "there are %zu applications; %d are the most for one device",
                           doc->application_count, APPLICATION_MAX_COUNT);
    return STATUS_OK;
}

static enum status
read_custom_fields(struct device_doc *doc, const struct json_value *value,
                   struct failure *failure)
{
    struct json_member member;

    if (value->kind != JSON_KIND_ARRAY)
        return failure_set(failure, STATUS_MALFORMED, "customFields",
                           "customFields must be a list of objects");
    for (struct json_walk walk = json_walk_of(value); json_walk_next(&walk, &member);) {
        if (member.value.kind != JSON_KIND_OBJECT)
            return failure_set(failure, STATUS_MALFORMED, "customFields",
                               "customFields must be a list of objects");
    }
    struct json_writer writer = json_write_into(&doc->custom_fields);
    enum status status = doc_write_clean(&writer, value, &doc->names, failure);
    if (doc->custom_fields.len == 2) /* [] says nothing */
        buffer_clear(&doc->custom_fields);
    return status;
}

static bool
is_kept(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(NOT_KEPT); i++) {
        if (slice_equal(name, slice_of(NOT_KEPT[i])))
            return false;
    }
    return true;
}

static enum status
read_member(struct device_doc *doc, const struct json_member *member,
            struct json_writer *writer, struct failure *failure)
{
    struct slice name = member->name.raw;
    enum status status = doc_name_add(&doc->names, 0, &member->name, failure);

    if (status != STATUS_OK || member->value.kind == JSON_KIND_NULL)
        return status;
    status = fill_columns(doc, member, failure);
    if (status != STATUS_OK)
        return status;
    if (slice_equal(name, SLICE("deviceUid")))
        return read_uid(doc, &member->value, failure);
    if (slice_equal(name, SLICE("applications")))
        return read_applications(doc, &member->value, failure);
    if (slice_equal(name, SLICE("customFields")))
        return read_custom_fields(doc, &member->value, failure);
    if (!is_kept(name))
        return STATUS_OK;
    keep_heads(doc, member);
    doc->write.guarded |= device_doc_guard(name);
    return doc_write_member(writer, name, &member->value, &doc->names, failure);
}

static void
start(struct device_doc *doc)
{
    arena_reset(&doc->arena);
    buffer_clear(&doc->members);
    buffer_clear(&doc->custom_fields);
    doc->write = (struct device_write){0};
    doc->uid = (struct slice){0};
    doc->applications = (struct json_value){0};
    doc->application_count = 0;
    doc->names.count = 0;
    memset(doc->heads, 0, sizeof(doc->heads));
}

/* Writes what begins with the uid: the document, and the head of its applications. */
static void
finish(struct device_doc *doc)
{
    struct json_writer head = json_write_into(&doc->head);
    struct json_writer uid = json_write_into(&doc->doc);

    buffer_clear(&doc->doc);
    buffer_clear(&doc->head);
    json_write_object(&head);
    json_write_member_string(&head, "deviceUid", doc->uid);
    for (size_t i = 0; i < HEAD_COUNT; i++) {
        if (doc->heads[i].kind == JSON_KIND_STRING) {
            json_write_key(&head, HEAD_NAMES[i]);
            json_write_raw(&head, doc_value_text(&doc->heads[i]));
        }
    }
    json_write_end(&head);

    buffer_add_text(&doc->doc, "{\"deviceUid\":");
    json_write_string(&uid, doc->uid);
    if (doc->members.len > 2)
        buffer_add_byte(&doc->doc, ',');
    buffer_add(&doc->doc, slice_from(buffer_slice(&doc->members), 1));
    doc->write.doc = buffer_slice(&doc->doc);
    doc->write.application_head = buffer_slice(&doc->head);
    doc->write.custom_fields = buffer_slice(&doc->custom_fields);
}

enum status
device_doc_read(struct device_doc *doc, struct slice json, struct failure *failure)
{
    struct json_value value;
    struct json_member member;
    struct json_writer writer = json_write_into(&doc->members);

    start(doc);
    if (json.len > DOC_MAX_BYTES)
        return failure_set(failure, STATUS_TOO_LARGE, NULL,
                           "the device has %zu bytes; %d are the most", json.len,
                           DOC_MAX_BYTES);
    if (json_scan(json, &value) != STATUS_OK)
        return json_explain(json, failure);
    if (value.kind != JSON_KIND_OBJECT)
        return failure_set(failure, STATUS_MALFORMED, NULL, "a device must be an object");
    json_write_object(&writer);
    for (struct json_walk walk = json_walk_of(&value); json_walk_next(&walk, &member);) {
        enum status status = read_member(doc, &member, &writer, failure);
        if (status != STATUS_OK)
            return status;
    }
    json_write_end(&writer);
    if (json_write_done(&writer) != STATUS_OK)
        return failure_set(failure, STATUS_TOO_LARGE, NULL,
                           "the document of the device has more than %d bytes",
                           DEVICE_DOC_MAX_BYTES);
    if (doc->write.columns[doc->uid_index].len == 0 &&
        doc->write.columns[doc->esn_index].len == 0)
        return failure_set(failure, STATUS_MALFORMED, "deviceUid",
                           "a device needs a deviceUid or an esn; it has neither");
    finish(doc);
    return STATUS_OK;
}

struct slice
device_doc_uid(const struct device_doc *doc)
{
    return doc->write.columns[doc->uid_index];
}

struct slice
device_doc_esn(const struct device_doc *doc)
{
    return doc->write.columns[doc->esn_index];
}

void
device_doc_set_uid(struct device_doc *doc, struct slice uid)
{
    doc->uid = arena_copy(&doc->arena, uid);
    doc->write.columns[doc->uid_index] = doc->uid;
    finish(doc);
}

const struct device_write *
device_doc_write(const struct device_doc *doc)
{
    return &doc->write;
}

bool
device_doc_has_applications(const struct device_doc *doc)
{
    return doc->applications.kind == JSON_KIND_ARRAY;
}

enum status
device_doc_each_application(struct device_doc *doc,
                            enum status (*each)(void *ctx,
                                                const struct application_write *),
                            void *ctx, struct failure *failure)
{
    struct application_write write;
    struct json_member member;

    for (struct json_walk walk = json_walk_of(&doc->applications);
         json_walk_next(&walk, &member);) {
        enum status status = application_doc_read(&doc->application, &member.value,
                                                  device_doc_uid(doc), &write, failure);
        if (status == STATUS_OK)
            status = each(ctx, &write);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}
