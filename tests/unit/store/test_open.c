/* SPDX-License-Identifier: Apache-2.0
 *
 * A database is made whole or not at all, is seen by nobody else, and what is not ours
 * stays as it is. */
#include "support.h"

#include "base/buffer.h"
#include "base/file.h"

#include <errno.h>

#include <sqlite3.h>

static enum status
try_open(const char *data, enum store_use use, struct failure *failure)
{
    struct store *store = NULL;
    enum status status = store_open(data, use, &store, failure);

    assert_true((status == STATUS_OK) == (store != NULL));
    store_close(&store);
    return status;
}

static void
run_sql(const struct place *place, const char *sql)
{
    char path[128];
    sqlite3 *db = NULL;

    place_path(place, "tokenhouse.db", path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void
test_files_are_for_their_owner_only_whatever_the_umask(void **state)
{
    static const char *const FILES[] = {"tokenhouse.db", "tokenhouse.db-wal",
                                        "tokenhouse.db-shm"};
    mode_t old = umask(0);
    struct place place AUTO(place_done) = place_make();

    (void)state;
    OK(store_begin(place.store));
    OK(store_fact_set(place.store, "account_name", "x", 1));
    OK(store_commit(place.store));
    umask(old);
    for (size_t i = 0; i < COUNT_OF(FILES); i++) {
        struct stat facts;
        char path[128];
        place_path(&place, FILES[i], path);
        assert_int_equal(stat(path, &facts), 0);
        assert_int_equal(facts.st_mode & 07777, 0600);
    }
}

static void
test_a_second_create_is_refused_and_changes_nothing(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct failure failure = {0};
    char bytes[8];
    size_t len = 0;

    (void)state;
    OK(store_begin(place.store));
    OK(store_fact_set(place.store, "account_name", "x", 1));
    OK(store_commit(place.store));
    assert_int_equal(store_create(place.data, &failure), STATUS_CONFLICT);
    assert_non_null(strstr(failure.text, place.data));
    OK(store_fact_get(place.store, "account_name", bytes, sizeof(bytes), &len));
}

/* Only the database is left: no half-made one under another name. */
static void
test_create_leaves_one_file(void **state)
{
    struct place place AUTO(place_done) = place_make_empty();
    struct failure failure = {0};
    int count = 0;

    (void)state;
    OK(store_create(place.data, &failure));
    DIR *folder = opendir(place.data);
    for (struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    closedir(folder);
    assert_int_equal(count, 1);
}

static void
test_a_missing_folder_and_an_empty_one_are_told_apart(void **state)
{
    struct place place AUTO(place_done) = place_make_empty();
    struct failure failure = {0};

    (void)state;
    assert_int_equal(try_open("/tmp/tokenhouse-is-not-here", STORE_WRITE, &failure),
                     STATUS_NOT_FOUND);
    assert_non_null(strstr(failure.text, "No such file"));
    assert_int_equal(store_create("/tmp/tokenhouse-is-not-here", &failure),
                     STATUS_NOT_FOUND);
    assert_int_equal(try_open(place.data, STORE_WRITE, &failure), STATUS_NOT_FOUND);
    assert_non_null(strstr(failure.text, "tokenhouse init"));
    assert_int_equal(try_open("/dev/null", STORE_WRITE, &failure), STATUS_REFUSED);
    assert_non_null(strstr(failure.text, "not a folder"));
}

static void
write_file(const struct place *place, const void *bytes, size_t len)
{
    char path[128];

    place_path(place, "tokenhouse.db", path);
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

static void
test_a_foreign_file_is_refused(void **state)
{
    struct place place AUTO(place_done) = place_make_empty();
    struct failure failure = {0};
    char text[4096];

    (void)state;
    memset(text, 'x', sizeof(text));
    for (size_t len = 0; len <= sizeof(text); len += sizeof(text) / 4) {
        write_file(&place, text, len);
        assert_int_equal(try_open(place.data, STORE_READ, &failure), STATUS_REFUSED);
        assert_non_null(strstr(failure.text, "not a Tokenhouse database"));
        assert_int_equal(try_open(place.data, STORE_WRITE, &failure), STATUS_REFUSED);
    }
}

/* Somebody else's database is not even opened by SQLite: its journal mode, its WAL and
 * its bytes stay. */
static void
test_a_foreign_database_is_refused_and_not_touched(void **state)
{
    struct place place AUTO(place_done) = place_make_empty();
    struct buffer before AUTO(buffer_done) = buffer_make(1 << 20);
    struct buffer after AUTO(buffer_done) = buffer_make(1 << 20);
    struct failure failure = {0};
    char path[128];

    (void)state;
    run_sql(&place, "PRAGMA application_id = 7; CREATE TABLE mine (x); PRAGMA "
                    "journal_mode = WAL");
    place_path(&place, "tokenhouse.db", path);
    OK(file_read(path, &before, &failure));
    assert_int_equal(try_open(place.data, STORE_WRITE, &failure), STATUS_REFUSED);
    assert_non_null(strstr(failure.text, "not a Tokenhouse database"));
    OK(file_read(path, &after, &failure));
    assert_true(slice_equal(buffer_slice(&before), buffer_slice(&after)));
    place_path(&place, "tokenhouse.db-wal", path);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void
test_a_newer_database_is_refused_with_both_versions(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct failure failure = {0};

    (void)state;
    store_close(&place.store);
    OK(try_open(place.data, STORE_WRITE, &failure));
    run_sql(&place, "PRAGMA user_version = 4711");
    assert_int_equal(try_open(place.data, STORE_WRITE, &failure), STATUS_REFUSED);
    assert_non_null(strstr(failure.text, "4711"));
    assert_non_null(strstr(failure.text, "knows forms up to "));
    assert_non_null(strstr(failure.text, TOKENHOUSE_VERSION));
    assert_int_equal(try_open(place.data, STORE_READ, &failure), STATUS_REFUSED);
}

/* A reader must not migrate behind a running writer's back. */
static void
test_an_older_database_is_brought_up_by_a_writer_only(void **state)
{
    struct place place AUTO(place_done) = place_make_empty();
    struct failure failure = {0};

    (void)state;
    /* ours, but before its first migration */
    run_sql(&place, "PRAGMA application_id = 1416325235; CREATE TABLE x (y);"
                    "DROP TABLE x; PRAGMA journal_mode = WAL");
    assert_int_equal(try_open(place.data, STORE_READ, &failure), STATUS_CONFLICT);
    OK(try_open(place.data, STORE_WRITE, &failure));
    OK(try_open(place.data, STORE_READ, &failure));
}

static void
test_a_garbled_database_is_not_opened(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct failure failure = {0};
    char path[128];

    (void)state;
    store_close(&place.store);
    place_path(&place, "tokenhouse.db", path);
    assert_int_equal(truncate(path, 3000), 0);
    assert_int_not_equal(try_open(place.data, STORE_WRITE, &failure), STATUS_OK);
    assert_true(failure.text[0] != '\0');
}

/* Runs in a child that is nobody in particular: root may write everything. */
static int
open_as_nobody(const struct place *place)
{
    struct store *store = NULL;
    struct failure failure = {0};
    int64_t count = -1;

    if (setgid(65534) != 0 || setuid(65534) != 0)
        return 10;
    if (store_open(place->data, STORE_WRITE, &store, &failure) != STATUS_REFUSED)
        return 11;
    if (!strstr(failure.text, "cannot be written"))
        return 12;
    return count == -1 ? 0 : 13;
}

static int
in_child(int (*run)(const struct place *place), const struct place *place)
{
    int state = 0;
    pid_t child = fork();

    if (child == 0)
        _exit(run(place));
    assert_int_equal(waitpid(child, &state, 0), child);
    return WIFEXITED(state) ? WEXITSTATUS(state) : 255;
}

static void
test_a_folder_that_cannot_be_written_is_refused(void **state)
{
    struct place place AUTO(place_done) = place_make();
    char path[128];

    (void)state;
    store_close(&place.store);
    if (getuid() != 0)
        skip(); /* only root can become somebody else */
    place_path(&place, "tokenhouse.db", path);
    assert_int_equal(chmod(place.data, 0755), 0);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(in_child(open_as_nobody, &place), 0); /* neither file nor folder */
    assert_int_equal(chmod(path, 0666), 0);
    assert_int_equal(in_child(open_as_nobody, &place), 0); /* the file, but no WAL */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_are_for_their_owner_only_whatever_the_umask),
        cmocka_unit_test(test_a_second_create_is_refused_and_changes_nothing),
        cmocka_unit_test(test_create_leaves_one_file),
        cmocka_unit_test(test_a_missing_folder_and_an_empty_one_are_told_apart),
        cmocka_unit_test(test_a_foreign_file_is_refused),
        cmocka_unit_test(test_a_foreign_database_is_refused_and_not_touched),
        cmocka_unit_test(test_a_newer_database_is_refused_with_both_versions),
        cmocka_unit_test(test_an_older_database_is_brought_up_by_a_writer_only),
        cmocka_unit_test(test_a_garbled_database_is_not_opened),
        cmocka_unit_test(test_a_folder_that_cannot_be_written_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
