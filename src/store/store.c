/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening, closing, acts, and what the parts of the store share. */
#include "store/store.h"

#include "base/auto.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "store/inside.h"
#include "store/migrate.h"
#include "store/store_permissions.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#define STORE_FILE "tokenhouse.db"

/* DATA/tokenhouse.db, and `tail` behind it. */
static enum status
write_path(const char *data, const char *tail, char out[PATH_MAX],
           struct failure *failure)
{
    int len = snprintf(out, PATH_MAX, "%s/" STORE_FILE "%s", data, tail);

    if (len < 0 || len >= PATH_MAX)
        return failure_set(failure, STATUS_TOO_LARGE, NULL,
                           "the name of the data folder is longer than %d bytes",
                           PATH_MAX - 64);
    return STATUS_OK;
}

static enum status
check_folder(const char *data, struct failure *failure)
{
    struct stat facts;

    if (stat(data, &facts) != 0)
        return failure_set(failure, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_REFUSED,
                           NULL, "cannot open the data folder '%s': %s", data,
                           strerrordesc_np(errno));
    if (!S_ISDIR(facts.st_mode))
        return failure_set(failure, STATUS_REFUSED, NULL, "'%s' is not a folder", data);
    return STATUS_OK;
}

/* A new name in a folder lasts only when the folder itself is on disk. */
static enum status
sync_folder(const char *data, struct failure *failure)
{
    int fd AUTO(fd_done) = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || fsync(fd) != 0)
        return failure_set(failure, STATUS_UNAVAILABLE, NULL,
                           "cannot write the folder '%s' to disk: %s", data,
                           strerrordesc_np(errno));
    return STATUS_OK;
}

/* Makes a whole database under another name. */
static enum status
make_whole(const char *path, struct failure *failure)
{
    struct db *db AUTO(db_close) = NULL;
    enum status status = db_create(path, failure);

    if (status == STATUS_OK)
        status = db_open(path, DB_WRITE, &db, failure);
    if (status == STATUS_OK)
        status = migrate_run(db, path, failure);
    return status;
}

/* A database appears whole or not at all: it is made under a name of its own, and gets
 * the right one, if nobody has it yet, as the last thing. */
enum status
store_create(const char *data, struct failure *failure)
{
    char tail[UUID_CHARS + 8] = ".new-";
    char path[PATH_MAX];
    char new_path[PATH_MAX];
    enum status status = check_folder(data, failure);

    uuid_make(tail + 5);
    if (status == STATUS_OK)
        status = write_path(data, "", path, failure);
    if (status == STATUS_OK)
        status = write_path(data, tail, new_path, failure);
    if (status != STATUS_OK)
        return status;
    if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return failure_set(failure, STATUS_CONFLICT, NULL,
                           "'%s' holds Tokenhouse data already", data);

    status = make_whole(new_path, failure);
    if (status == STATUS_OK && link(new_path, path) != 0)
        status =
            failure_set(failure, errno == EEXIST ? STATUS_CONFLICT : STATUS_UNAVAILABLE,
                        NULL, "cannot make '%s': %s", path, strerrordesc_np(errno));
    unlink(new_path);
    return status == STATUS_OK ? sync_folder(data, failure) : status;
}

/* Says what is wrong with a folder that has no database, in the operator's words. */
static enum status
refuse_empty(const char *data, struct failure *failure)
{
    return failure_set(failure, STATUS_NOT_FOUND, NULL,
                       "'%s' holds no Tokenhouse data; 'tokenhouse init --data %s' makes "
                       "them",
                       data, data);
}

enum status
store_open(const char *data, enum store_use use, struct store **out,
           struct failure *failure)
{
    struct store *store AUTO(store_close) = NULL;
    char path[PATH_MAX];
    enum status status = check_folder(data, failure);

    if (status == STATUS_OK)
        status = write_path(data, "", path, failure);
    if (status != STATUS_OK)
        return status;
    /* Looked at before SQLite is: its first read already wants to make a WAL here. */
    if (use == STORE_WRITE && euidaccess(path, F_OK) == 0 && euidaccess(data, W_OK) != 0)
        return failure_set(failure, STATUS_REFUSED, NULL,
                           "the data folder '%s' cannot be written by this user", data);
    store = mem_new(sizeof(*store));
    status = db_open(path, use == STORE_WRITE ? DB_WRITE : DB_READ, &store->db, failure);
    if (status == STATUS_NOT_FOUND)
        return refuse_empty(data, failure);
    if (status != STATUS_OK)
        return status;
    status = migrate_check(store->db, path, failure);
    if (status == STATUS_CONFLICT && use == STORE_WRITE)
        status = migrate_run(store->db, path, failure);
    /* what roles, tokens and descriptions name must be known to whoever reads them */
    if (status == STATUS_OK && store_permission_load(store) != STATUS_OK)
        status = failure_set(failure, STATUS_BROKEN, NULL,
                             "the permissions in '%s' cannot be read: %s", data,
                             store_failure(store));
    if (status == STATUS_OK)
        *out = TAKE(store);
    return status;
}

void
store_close(struct store **store)
{
    if (!*store)
        return;
    db_close(&(*store)->db);
    mem_free(store);
}

const char *
store_failure(const struct store *store)
{
    return store->damage[0] != '\0' ? store->damage : db_failure(store->db);
}

enum status
store_begin(struct store *store)
{
    store->damage[0] = '\0';
    enum status status = db_check_room(store->db);
    return status == STATUS_OK ? db_begin(store->db) : status;
}

enum status
store_begin_urgent(struct store *store)
{
    store->damage[0] = '\0';
    return db_begin(store->db);
}

void
store_keep_free(struct store *store, int64_t bytes)
{
    db_keep_free(store->db, bytes);
}

enum status
store_commit(struct store *store)
{
    return db_commit(store->db);
}

void
store_undo(struct store *store)
{
    db_undo(store->db);
}

enum status
store_keep_little(struct store *store)
{
    return db_keep_little(store->db);
}

enum status
store_version(struct store *store, int64_t *out)
{
    return db_version(store->db, out);
}

struct db_query *
store_ask(struct store *store, enum statement statement)
{
    store->damage[0] = '\0';
    return db_ask(store->db, STATEMENTS[statement]);
}

struct db_query *
store_act(struct store *store, enum statement statement)
{
    assert(db_is_begun(store->db));
    return store_ask(store, statement);
}

enum status
store_run_returning(struct db_query *query, int64_t *out)
{
    enum status status = db_first(query);

    if (status != STATUS_OK)
        return status;
    int64_t number = db_int(query, 0);
    status = db_run(query);
    if (status == STATUS_OK)
        *out = number;
    return status;
}

enum status
store_damaged(struct store *store, const char *table)
{
    snprintf(store->damage, sizeof(store->damage), "a row of %s is damaged", table);
    return STATUS_BROKEN;
}

int64_t
row_int(struct row *row)
{
    return db_int(row->query, row->column++);
}

bool
row_truth(struct row *row)
{
    int64_t number = row_int(row);

    row->is_bad = row->is_bad || (number != 0 && number != 1);
    return number == 1;
}

void
row_text(struct row *row, char *out, size_t size)
{
    if (!slice_to_text(db_text(row->query, row->column++), out, size))
        row->is_bad = true;
}

struct slice
row_blob(struct row *row)
{
    return db_blob(row->query, row->column++);
}

void
row_permissions(struct row *row, struct permission_set *out)
{
    if (permission_set_unpack(row_blob(row), out) != STATUS_OK)
        row->is_bad = true;
}

void
row_date(struct row *row, struct date *out)
{
    char text[DATE_CHARS + 1];

    row_text(row, text, sizeof(text));
    if (row->is_bad || date_read(slice_of(text), out) != STATUS_OK)
        row->is_bad = true;
}

bool
text_can_be_stored(struct slice text)
{
    return (text.len == 0 || !memchr(text.at, 0, text.len)) && utf8_is(text);
}
