/* SPDX-License-Identifier: Apache-2.0
 *
 * The SQLite driver. Opening is careful: a file is looked at before anything is done to
 * it, so that somebody else's file is never changed. Values are bound by the name `$n`,
 * because SQLite counts parameters by first appearance. */
#include "store/db.h"

#include "base/auto.h"
#include "base/disk.h"
#include "base/hash.h"
#include "base/mem.h"
#include "store/db_functions.h"
#include "store/db_lock.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <sqlite3.h>

enum {
    DB_APPLICATION_ID = 0x546b6873, /* "Tkhs", in the file's header */
    DB_HEAD_BYTES = 100,            /* the header of an SQLite file */
    DB_APPLICATION_ID_AT = 68,      /* in it; 4 bytes, big endian */
    DB_BUSY_MS = 10 * 1000,   /* the slowest act that is not stuck is far under it */
    DB_QUERY_MAX_COUNT = 160, /* our statements, and room for compiled queries */
};

struct db_query {
    struct db *db;
    sqlite3_stmt *statement; /* NULL: a free place */
    uint64_t hash;           /* of its text */
    uint64_t last_used;      /* in uses of the connection */
    uint16_t *places;        /* places[n] is SQLite's index of $n; owned */
    size_t place_count;      /* highest n, plus one */
    enum status failure;     /* of prepare or bind; OK = none */
    bool is_in_use;
};

struct db {
    sqlite3 *sqlite;
    struct db_lock *lock; /* of all writers in this process */
    bool is_begun, is_held, is_read_only;
    char *path;
    int64_t keep_free_bytes; /* for others; 0 = none */
    uint64_t use_count;
    struct db_query queries[DB_QUERY_MAX_COUNT];
    struct db_query no_place; /* handed out when all places are in use */
    char failure[FAILURE_TEXT_MAX];
};

static enum status
status_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return STATUS_OK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_INTERRUPT:
        return STATUS_UNAVAILABLE;
    case SQLITE_FULL:
        return STATUS_FULL;
    case SQLITE_TOOBIG:
        return STATUS_TOO_LARGE;
    case SQLITE_CONSTRAINT:
        if (code == SQLITE_CONSTRAINT_FOREIGNKEY)
            return STATUS_REFUSED;
        return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY
                   ? STATUS_CONFLICT
                   : STATUS_BROKEN;
    default:
        return STATUS_BROKEN;
    }
}

/* No room: the disk, a quota, or a limit on the size of files. Of the last two SQLite
 * only says that a write failed; the system's own word for a broken disk is EIO. */
static bool
is_no_room(const struct db *db, int code)
{
    return (code & 0xff) == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE ||
           (code == SQLITE_IOERR_WRITE && sqlite3_system_errno(db->sqlite) != EIO);
}

/* Keeps the words of SQLite's last failure. */
static enum status
db_fail(struct db *db, int code)
{
    bool is_full = is_no_room(db, code);

    snprintf(db->failure, sizeof(db->failure), "%s%s (SQLite %d)",
             is_full ? "the disk is full: " : "", sqlite3_errmsg(db->sqlite), code);
    return is_full ? STATUS_FULL : status_of(code);
}

static enum status
db_exec(struct db *db, const char *text)
{
    int code = sqlite3_exec(db->sqlite, text, NULL, NULL, NULL);

    return code == SQLITE_OK ? STATUS_OK : db_fail(db, code);
}

/* The one number that `text` gives. */
static enum status
db_number(struct db *db, const char *text, int64_t *out)
{
    struct db_query *query AUTO(db_query_end) = db_ask(db, text);
    enum status status = db_first(query);

    if (status == STATUS_OK)
        *out = db_int(query, 0);
    return status;
}

/* What every connection is set to. */
static enum status
db_set_up(struct db *db, enum db_use use)
{
    sqlite3_extended_result_codes(db->sqlite, 1);
    sqlite3_busy_timeout(db->sqlite, DB_BUSY_MS);
    sqlite3_limit(db->sqlite, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);

    enum status status = db_exec(db, "PRAGMA trusted_schema = OFF;"
                                     "PRAGMA foreign_keys = ON;"
                                     "PRAGMA synchronous = FULL;"
                                     "PRAGMA temp_store = MEMORY;"
                                     "PRAGMA cache_size = -16384;"
                                     "PRAGMA journal_size_limit = 67108864");
    if (status == STATUS_OK && use == DB_READ)
        status = db_exec(db, "PRAGMA query_only = ON");
    if (status != STATUS_OK)
        return status;
    int code = db_functions_add(db->sqlite);
    return code == SQLITE_OK ? STATUS_OK : db_fail(db, code);
}

/* Is it ours? Reads the header as it is in the file, before SQLite looks at it: even a
 * first SELECT may write to a database (its journal, its WAL). Through SQLite's own
 * descriptor: closing another one of this file would drop SQLite's locks. */
static enum status
check_is_ours(struct db *db, const char *path, struct failure *failure)
{
    static const char MAGIC[16] = "SQLite format 3";
    unsigned char head[DB_HEAD_BYTES];
    sqlite3_file *file = NULL;

    sqlite3_file_control(db->sqlite, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (!file || !file->pMethods)
        return failure_set(failure, STATUS_UNAVAILABLE, NULL, "cannot read '%s'", path);

    const unsigned char *id = head + DB_APPLICATION_ID_AT;
    int code = file->pMethods->xRead(file, head, DB_HEAD_BYTES, 0);
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ)
        return failure_set(failure, STATUS_UNAVAILABLE, NULL, "cannot read '%s'", path);
    if (code != SQLITE_OK || memcmp(head, MAGIC, sizeof(MAGIC)) != 0 ||
        (id[0] << 24 | id[1] << 16 | id[2] << 8 | id[3]) != DB_APPLICATION_ID)
        return failure_set(failure, STATUS_REFUSED, NULL,
                           "'%s' is not a Tokenhouse database; nothing was changed in it",
                           path);
    return STATUS_OK;
}

/* Is there a file that can be opened for this use? SQLite would make a missing one. */
static enum status
check_file(const char *path, struct stat *out, struct failure *failure)
{
    if (stat(path, out) != 0)
        return failure_set(failure, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_REFUSED,
                           NULL, "cannot open '%s': %s", path, strerrordesc_np(errno));
    if (!S_ISREG(out->st_mode))
        return failure_set(failure, STATUS_REFUSED, NULL, "'%s' is not a file", path);
    return STATUS_OK;
}

enum status
db_open(const char *path, enum db_use use, struct db **out, struct failure *failure)
{
    struct db *db AUTO(db_close) = NULL;
    struct stat facts;
    enum status status = check_file(path, &facts, failure);

    if (status != STATUS_OK)
        return status;
    db = mem_new(sizeof(*db));
    /* A reader opens for writing too, if it may: the last one to leave tidies the WAL. */
    int code = sqlite3_open_v2(path, &db->sqlite,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return failure_set(failure, STATUS_UNAVAILABLE, NULL, "cannot open '%s': %s",
                           path, sqlite3_errmsg(db->sqlite));
    status = check_is_ours(db, path, failure);
    if (status != STATUS_OK)
        return status;
    db->is_read_only = use == DB_READ;
    if (use == DB_WRITE &&
        (sqlite3_db_readonly(db->sqlite, "main") != 0 || euidaccess(path, W_OK) != 0))
        return failure_set(failure, STATUS_REFUSED, NULL,
                           "'%s' cannot be written by this user", path);
    status = db_set_up(db, use);
    if (status != STATUS_OK)
        return failure_set(failure, status, NULL, "cannot open '%s': %s", path,
                           db->failure);
    db->path = mem_text(path, strlen(path));
    db->lock = db_lock_of((uint64_t)facts.st_dev, (uint64_t)facts.st_ino);
    *out = TAKE(db);
    return STATUS_OK;
}

/* The file itself, so that its mode is ours and not the umask's. SQLite gives its -wal
 * and -shm files the same mode. */
static enum status
make_file(const char *path, struct failure *failure)
{
    int fd AUTO(fd_done) =
        open(path, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return failure_set(failure, errno == EEXIST ? STATUS_CONFLICT : STATUS_REFUSED,
                           NULL, "cannot make '%s': %s", path, strerrordesc_np(errno));
    if (fchmod(fd, 0600) != 0)
        return failure_set(failure, STATUS_UNAVAILABLE, NULL,
                           "cannot set the mode of '%s': %s", path,
                           strerrordesc_np(errno));
    return STATUS_OK;
}

enum status
db_create(const char *path, struct failure *failure)
{
    struct db *db AUTO(db_close) = NULL;
    char mark[64];
    enum status status = make_file(path, failure);

    if (status != STATUS_OK)
        return status;
    db = mem_new(sizeof(*db));
    int code = sqlite3_open_v2(path, &db->sqlite,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return failure_set(failure, STATUS_UNAVAILABLE, NULL, "cannot open '%s': %s",
                           path, sqlite3_errmsg(db->sqlite));
    /* A device takes about 2.5 KB: three fit into such a page, one into the usual 4 KB.
     */
    snprintf(mark, sizeof(mark), "PRAGMA page_size = 8192; PRAGMA application_id = %d",
             DB_APPLICATION_ID);
    status = db_exec(db, mark);
    if (status == STATUS_OK)
        status = db_exec(db, "PRAGMA journal_mode = WAL");
    if (status != STATUS_OK)
        return failure_set(failure, status, NULL, "cannot write '%s': %s", path,
                           db->failure);
    return STATUS_OK;
}

static void
forget(struct db_query *query)
{
    sqlite3_finalize(query->statement);
    mem_free(&query->places);
    *query = (struct db_query){.db = query->db};
}

void
db_close(struct db **db)
{
    if (!*db)
        return;
    db_undo(*db);
    for (size_t i = 0; i < DB_QUERY_MAX_COUNT; i++) {
        assert(!(*db)->queries[i].is_in_use);
        forget(&(*db)->queries[i]);
    }
    sqlite3_close((*db)->sqlite);
    db_lock_drop(&(*db)->lock);
    mem_free(&(*db)->path);
    mem_free(db);
}

const char *
db_failure(const struct db *db)
{
    return db->failure;
}

void
db_keep_free(struct db *db, int64_t bytes)
{
    db->keep_free_bytes = bytes;
}

enum status
db_check_room(struct db *db)
{
    struct disk disk;

    if (db->keep_free_bytes <= 0 || disk_look(db->path, &disk) != STATUS_OK ||
        disk.free_bytes >= db->keep_free_bytes)
        return STATUS_OK;
    snprintf(db->failure, sizeof(db->failure),
             "the disk is full: %lld KiB are free, and disk_min_free_kib keeps %lld for "
             "what must be written",
             (long long)disk.free_bytes / 1024, (long long)db->keep_free_bytes / 1024);
    return STATUS_FULL;
}

enum status
db_begin(struct db *db)
{
    assert(!db->is_begun);
    assert(!db->is_held);
    assert(!db->is_read_only);
    if (!db_lock_take(db->lock, DB_BUSY_MS)) {
        snprintf(db->failure, sizeof(db->failure), "another act has not ended for %d s",
                 DB_BUSY_MS / 1000);
        return STATUS_UNAVAILABLE;
    }

    enum status status = db_exec(db, "BEGIN IMMEDIATE");
    if (status != STATUS_OK) {
        db_lock_give(db->lock);
        return status;
    }
    db->is_begun = true;
    return STATUS_OK;
}

enum status
db_commit(struct db *db)
{
    assert(db->is_begun);

    enum status status = db_exec(db, "COMMIT");
    if (status != STATUS_OK) {
        db_undo(db);
        return status;
    }
    db->is_begun = false;
    db_lock_give(db->lock);
    return STATUS_OK;
}

void
db_undo(struct db *db)
{
    if (!db->is_begun)
        return;
    /* A full disk may have undone it already; the words of that failure stay. */
    if (!sqlite3_get_autocommit(db->sqlite))
        sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
    db->is_begun = false;
    db_lock_give(db->lock);
}

void
db_hold(struct db *db)
{
    assert(!db->is_held);
    /* A failure is no harm: then each question takes its own lock. */
    db->is_held = !db->is_begun && db_exec(db, "BEGIN DEFERRED") == STATUS_OK;
}

void
db_release(struct db *db)
{
    if (db->is_held)
        sqlite3_exec(db->sqlite, "COMMIT", NULL, NULL, NULL);
    db->is_held = false;
}

void
db_expect_many(struct db *db, bool is_many)
{
    sqlite3_exec(db->sqlite,
                 is_many ? "PRAGMA cache_size = -131072" : "PRAGMA cache_size = -16384",
                 NULL, NULL, NULL);
}

bool
db_is_begun(const struct db *db)
{
    return db->is_begun;
}

enum status
db_keep_little(struct db *db)
{
    return db_exec(db, "PRAGMA cache_size = -2048");
}

enum status
db_version(struct db *db, int64_t *out)
{
    return db_number(db, "PRAGMA data_version", out);
}

enum status
db_schema(struct db *db, int64_t *out)
{
    return db_number(db, "PRAGMA user_version", out);
}

enum status
db_schema_set(struct db *db, int64_t number)
{
    char text[64];

    snprintf(text, sizeof(text), "PRAGMA user_version = %lld", (long long)number);
    return db_exec(db, text);
}

enum status
db_run_script(struct db *db, struct slice script)
{
    char *text AUTO(mem_done) = mem_text(script.at, script.len);

    return db_exec(db, text);
}

const char *
db_dialect(const struct db *db)
{
    (void)db;
    return "sqlite";
}

/* Learns which of SQLite's parameters is which $n. */
static enum status
learn_places(struct db_query *query)
{
    int count = sqlite3_bind_parameter_count(query->statement);

    query->place_count = 1;
    for (int round = 0; round < 2; round++) {
        for (int i = 1; i <= count; i++) {
            const char *name = sqlite3_bind_parameter_name(query->statement, i);
            size_t number = 0;
            if (!name || name[0] != '$')
                return STATUS_BROKEN;
            for (const char *at = name + 1; *at >= '0' && *at <= '9' && number < 10000;
                 at++)
                number = number * 10 + (size_t)(*at - '0');
            if (number >= query->place_count)
                query->place_count = number + 1;
            if (round == 1)
                query->places[number] = (uint16_t)i;
        }
        if (round == 0)
            query->places = mem_new_array(query->place_count, sizeof(*query->places));
    }
    return STATUS_OK;
}

static enum status
prepare(struct db_query *query, const char *text)
{
    const char *rest = NULL;
    int code = sqlite3_prepare_v3(query->db->sqlite, text, -1, SQLITE_PREPARE_PERSISTENT,
                                  &query->statement, &rest);

    if (code != SQLITE_OK)
        return db_fail(query->db, code);
    /* A second statement behind the first is nobody's intention. */
    if (!query->statement || rest[strspn(rest, " \n;")] != '\0' ||
        learn_places(query) != STATUS_OK) {
        snprintf(query->db->failure, sizeof(query->db->failure),
                 "not one statement with $n: %.200s", text);
        return STATUS_BROKEN;
    }
    return STATUS_OK;
}

/* The place of `text`, or the one to put it: a free one, else the least used. NULL when
 * all are in use. */
static struct db_query *
find_place(struct db *db, const char *text, uint64_t hash)
{
    struct db_query *oldest = NULL;

    for (size_t i = 0; i < DB_QUERY_MAX_COUNT; i++) {
        struct db_query *query = &db->queries[i];
        if (query->is_in_use)
            continue;
        if (query->statement && query->hash == hash &&
            strcmp(sqlite3_sql(query->statement), text) == 0)
            return query;
        if (!oldest || query->last_used < oldest->last_used)
            oldest = query;
    }
    if (oldest)
        forget(oldest);
    return oldest;
}

struct db_query *
db_ask(struct db *db, const char *text)
{
    uint64_t hash = hash_keyed(slice_of(text));
    struct db_query *query = find_place(db, text, hash);

    if (!query) {
        snprintf(db->failure, sizeof(db->failure), "more than %d statements in use",
                 DB_QUERY_MAX_COUNT);
        db->no_place = (struct db_query){.db = db, .failure = STATUS_BROKEN};
        return &db->no_place;
    }
    query->db = db;
    query->failure = STATUS_OK;
    query->is_in_use = true;
    query->last_used = ++db->use_count;
    if (!query->statement) {
        query->failure = prepare(query, text);
        query->hash = hash;
    }
    return query;
}

void
db_query_end(struct db_query **query)
{
    if (!*query)
        return;
    db_again(*query);
    (*query)->is_in_use = false;
    if ((*query)->failure != STATUS_OK)
        forget(*query);
    *query = NULL;
}

/* SQLite's index of $number; 0 when the statement has failed already. */
static int
place_of(const struct db_query *query, int number)
{
    if (query->failure != STATUS_OK)
        return 0;
    assert(number > 0 && (size_t)number < query->place_count);
    assert(query->places[number] != 0);
    return query->places[number];
}

static void
note_bind(struct db_query *query, int code)
{
    if (code != SQLITE_OK && query->failure == STATUS_OK)
        query->failure = db_fail(query->db, code);
}

void
db_bind_int(struct db_query *query, int number, int64_t value)
{
    int place = place_of(query, number);

    if (place != 0)
        note_bind(query, sqlite3_bind_int64(query->statement, place, value));
}

void
db_bind_text(struct db_query *query, int number, struct slice text)
{
    int place = place_of(query, number);
    const char *at = text.len == 0 ? "" : (const char *)text.at;

    if (place != 0)
        note_bind(query, sqlite3_bind_text64(query->statement, place, at, text.len,
                                             SQLITE_STATIC, SQLITE_UTF8));
}

void
db_bind_blob(struct db_query *query, int number, struct slice bytes)
{
    int place = place_of(query, number);
    const void *at = bytes.len == 0 ? "" : (const void *)bytes.at;

    if (place != 0)
        note_bind(query, sqlite3_bind_blob64(query->statement, place, at, bytes.len,
                                             SQLITE_STATIC));
}

void
db_bind_null(struct db_query *query, int number)
{
    int place = place_of(query, number);

    if (place != 0)
        note_bind(query, sqlite3_bind_null(query->statement, place));
}

enum status
db_step(struct db_query *query, bool *out_has_row)
{
    if (query->failure != STATUS_OK)
        return query->failure;

    int code = sqlite3_step(query->statement);
    if (code == SQLITE_ROW || code == SQLITE_DONE) {
        *out_has_row = code == SQLITE_ROW;
        return STATUS_OK;
    }
    return db_fail(query->db, code);
}

enum status
db_first(struct db_query *query)
{
    bool has_row = false;
    enum status status = db_step(query, &has_row);

    if (status != STATUS_OK)
        return status;
    return has_row ? STATUS_OK : STATUS_NOT_FOUND;
}

enum status
db_run(struct db_query *query)
{
    bool has_row = true;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && has_row)
        status = db_step(query, &has_row);
    db_again(query);
    return status;
}

void
db_again(struct db_query *query)
{
    if (!query->statement)
        return;
    sqlite3_reset(query->statement);
    sqlite3_clear_bindings(query->statement);
}

int64_t
db_int(struct db_query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

struct slice
db_text(struct db_query *query, int column)
{
    const unsigned char *at = sqlite3_column_text(query->statement, column);

    return (struct slice){at, (size_t)sqlite3_column_bytes(query->statement, column)};
}

struct slice
db_blob(struct db_query *query, int column)
{
    const unsigned char *at = sqlite3_column_blob(query->statement, column);

    return (struct slice){at, (size_t)sqlite3_column_bytes(query->statement, column)};
}
