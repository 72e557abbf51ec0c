/* SPDX-License-Identifier: Apache-2.0
 *
 * What touches the world: files, the log, threads, randomness. */
#include "base/auto.h"
#include "base/file.h"
#include "base/log.h"
#include "base/random.h"
#include "base/workers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

static char folder[] = "/tmp/test_base_XXXXXX";
static char path[64];

static int
make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/file", folder);
    return 0;
}

static int
remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static int
remove_file(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

/* Files */

static mode_t
mode_of(const char *name)
{
    struct stat about = {0};

    assert_int_equal(stat(name, &about), 0);
    return about.st_mode & 07777;
}

static void
test_new_file_has_exactly_the_mode_whatever_the_umask(void **state)
{
    mode_t before = umask(077);

    (void)state;
    assert_int_equal(file_write_new(path, SLICE("x"), 0644, NULL), STATUS_OK);
    assert_int_equal(mode_of(path), 0644);
    unlink(path);
    umask(0);
    assert_int_equal(file_write_new(path, SLICE("x"), 0600, NULL), STATUS_OK);
    assert_int_equal(mode_of(path), 0600);
    umask(before);
}

static void
test_new_file_never_overwrites(void **state)
{
    struct buffer content AUTO(buffer_done) = buffer_make(100);
    struct failure failure = {0};

    (void)state;
    assert_int_equal(file_write_new(path, SLICE("first"), 0600, &failure), STATUS_OK);
    assert_int_equal(file_write_new(path, SLICE("second"), 0600, &failure),
                     STATUS_CONFLICT);
    assert_non_null(strstr(failure.text, path));
    assert_int_equal(file_read(path, &content, &failure), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&content), SLICE("first")));
}

static void
test_new_file_is_not_made_through_a_link(void **state)
{
    char target[80];

    (void)state;
    snprintf(target, sizeof(target), "%s-elsewhere", path);
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(file_write_new(path, SLICE("x"), 0600, NULL), STATUS_CONFLICT);
    assert_int_equal(access(target, F_OK), -1);
}

static void
test_file_is_read_up_to_the_maximum_and_not_a_byte_more(void **state)
{
    struct buffer fits AUTO(buffer_done) = buffer_make(5);
    struct buffer is_short AUTO(buffer_done) = buffer_make(4);
    struct failure failure = {0};

    (void)state;
    assert_int_equal(file_write_new(path, SLICE("12345"), 0600, NULL), STATUS_OK);
    assert_int_equal(file_read(path, &fits, &failure), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&fits), SLICE("12345")));
    assert_int_equal(file_read(path, &is_short, &failure), STATUS_TOO_LARGE);
    assert_non_null(strstr(failure.text, "4 bytes"));
    assert_int_equal(is_short.len, 0); /* untouched */
}

static void
test_file_read_appends(void **state)
{
    struct buffer content AUTO(buffer_done) = buffer_make(1 << 20);

    (void)state;
    assert_int_equal(file_write_new(path, SLICE("345"), 0600, NULL), STATUS_OK);
    buffer_add_text(&content, "12");
    assert_int_equal(file_read(path, &content, NULL), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&content), SLICE("12345")));
}

static void
test_missing_file_and_folder_are_named(void **state)
{
    struct buffer content AUTO(buffer_done) = buffer_make(100);
    struct failure failure = {0};

    (void)state;
    assert_int_equal(file_read(path, &content, &failure), STATUS_NOT_FOUND);
    assert_non_null(strstr(failure.text, path));
    assert_non_null(strstr(failure.text, "No such file"));
    assert_int_equal(file_read(folder, &content, &failure), STATUS_MALFORMED);
    assert_non_null(strstr(failure.text, "Is a directory"));
}

static void
test_secret_file_is_refused_when_others_may_read_or_write(void **state)
{
    static const mode_t WRONG[] = {0640, 0620, 0604, 0602, 0644, 0666};
    struct buffer content AUTO(buffer_done) = buffer_make(100);
    struct failure failure = {0};

    (void)state;
    assert_int_equal(file_write_new(path, SLICE("hush"), 0600, NULL), STATUS_OK);
    for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
        assert_int_equal(chmod(path, WRONG[i]), 0);
        assert_int_equal(file_read_secret(path, &content, &failure), STATUS_REFUSED);
        assert_non_null(strstr(failure.text, "0600"));
        assert_null(strstr(failure.text, "hush"));
        assert_int_equal(content.len, 0);
    }
    assert_int_equal(chmod(path, 0400), 0);
    assert_int_equal(file_read_secret(path, &content, &failure), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&content), SLICE("hush")));
}

/* The log */

/* Runs one log_line with stderr in the file; gives what was written. */
static struct slice
logged(enum log_level level, struct slice value, struct buffer *out)
{
    int kept AUTO(fd_done) = dup(STDERR_FILENO);
    FILE *file AUTO(file_done) = fopen(path, "w");

    assert_non_null(file);
    dup2(fileno(file), STDERR_FILENO);
    log_event(level, "happened", LOG_TEXT("what", value), LOG_INT("n", -5));
    dup2(kept, STDERR_FILENO);
    buffer_clear(out);
    assert_int_equal(file_read(path, out, NULL), STATUS_OK);
    return buffer_slice(out);
}

/* The rest of a line behind its time, which is checked for its form. */
static struct slice
without_time(struct slice line)
{
    assert_true(line.len > 25);
    assert_int_equal(line.at[10], 'T');
    assert_int_equal(line.at[19], '.');
    assert_int_equal(line.at[23], 'Z');
    return slice_from(line, 25);
}

static void
test_log_line_says_what_then_fields(void **state)
{
    struct buffer out AUTO(buffer_done) = buffer_make(10000);

    (void)state;
    assert_true(slice_equal(without_time(logged(LOG_WARN, SLICE("a b"), &out)),
                            SLICE("warn happened what=\"a b\" n=-5\n")));
}

/* Nobody outside writes a line of their own, or speaks to the operator's terminal. */
static void
test_log_escapes_what_comes_from_outside(void **state)
{
    static const struct {
        struct slice value, wanted;
    } CASES[] = {
        {SLICE("a\nb"), SLICE("a\\x0ab")},
        {SLICE("\" n=\\"), SLICE("\\\" n=\\\\")},
        {SLICE("\x1b[31m"), SLICE("\\x1b[31m")},
        {SLICE("\x7f\0"), SLICE("\\x7f\\x00")},
        {SLICE("\xC2\x9B"), SLICE("\\xc2\\x9b")},
        {SLICE("\xFF\xC3("), SLICE("\\xff\\xc3(")},
        {SLICE("é€😀"), SLICE("é€😀")},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        struct buffer out AUTO(buffer_done) = buffer_make(10000);
        struct buffer wanted AUTO(buffer_done) = buffer_make(10000);
        buffer_print(&wanted, "info happened what=\"%.*s\" n=-5\n",
                     SLICE_ARG(CASES[i].wanted));
        assert_true(slice_equal(without_time(logged(LOG_INFO, CASES[i].value, &out)),
                                buffer_slice(&wanted)));
    }
}

static void
test_log_cuts_values_at_200_bytes_between_characters(void **state)
{
    struct buffer out AUTO(buffer_done) = buffer_make(10000);
    struct buffer value AUTO(buffer_done) = buffer_make(1000);
    struct slice line;

    (void)state;
    for (int i = 0; i < 200; i++)
        buffer_add_byte(&value, 'x');
    line = logged(LOG_INFO, buffer_slice(&value), &out);
    assert_null(memmem(line.at, line.len, "…", 3)); /* 200 are whole */
    value.len = 199;
    buffer_add_text(&value, "é"); /* would reach from byte 199 to 201 */
    line = logged(LOG_INFO, buffer_slice(&value), &out);
    assert_non_null(memmem(line.at, line.len, "xx…\" n=-5\n", 11));
    assert_null(memmem(line.at, line.len, "\xC3", 1));
}

static void
test_log_drops_lines_under_its_level(void **state)
{
    struct buffer out AUTO(buffer_done) = buffer_make(10000);

    (void)state;
    assert_int_equal(logged(LOG_DEBUG, SLICE("x"), &out).len, 0);
    log_set_level(LOG_DEBUG);
    assert_true(logged(LOG_DEBUG, SLICE("x"), &out).len > 0);
    log_set_level(LOG_INFO);
    assert_true(logged(LOG_ERROR, SLICE("x"), &out).len > 0);
}

/* Workers */

struct counted {
    struct job job;
    int number;
};

static _Atomic int ins, outs, runs;
static int order[64];
static _Atomic bool may_go;

static void
note_in(void *ctx)
{
    assert_non_null(ctx);
    atomic_fetch_add(&ins, 1);
}

static void
note_out(void *ctx)
{
    assert_non_null(ctx);
    atomic_fetch_add(&outs, 1);
}

static void
note_run(struct job *job, void *ctx)
{
    struct counted *counted = (struct counted *)job;

    (void)ctx;
    order[atomic_fetch_add(&runs, 1)] = counted->number;
}

static void
wait_to_go(struct job *job, void *ctx)
{
    (void)job;
    (void)ctx;
    while (!atomic_load(&may_go))
        usleep(100);
}

static void
test_one_worker_keeps_the_order_and_finishes_what_waits(void **state)
{
    struct counted jobs[64];
    int here = 0;
    void *ctxs[] = {&here};
    struct workers *workers = NULL;

    (void)state;
    atomic_store(&runs, 0);
    assert_int_equal(workers_start(1, ctxs, 64, note_in, note_out, &workers), STATUS_OK);
    for (int i = 0; i < 64; i++) {
        jobs[i] = (struct counted){{.run = note_run}, i};
        assert_true(workers_give(workers, &jobs[i].job));
    }
    workers_stop(&workers);
    assert_null(workers);
    assert_int_equal(atomic_load(&runs), 64);
    for (int i = 0; i < 64; i++)
        assert_int_equal(order[i], i);
    workers_stop(&workers); /* takes NULL */
}

static void
test_every_worker_runs_its_first_and_last_word(void **state)
{
    int here[3] = {0};
    void *ctxs[] = {&here[0], &here[1], &here[2]};
    struct workers *workers = NULL;

    (void)state;
    atomic_store(&ins, 0);
    atomic_store(&outs, 0);
    assert_int_equal(workers_start(3, ctxs, 4, note_in, note_out, &workers), STATUS_OK);
    workers_stop(&workers);
    assert_int_equal(atomic_load(&ins), 3);
    assert_int_equal(atomic_load(&outs), 3);
}

static void
test_full_queue_leaves_the_job_with_its_owner(void **state)
{
    struct job blocks = {.run = wait_to_go};
    struct counted jobs[3] = {0};
    void *ctxs[] = {NULL};
    struct workers *workers = NULL;

    (void)state;
    atomic_store(&may_go, false);
    atomic_store(&runs, 0);
    for (int i = 0; i < 3; i++)
        jobs[i].job.run = note_run;
    assert_int_equal(workers_start(1, ctxs, 2, NULL, NULL, &workers), STATUS_OK);
    assert_true(workers_give(workers, &blocks));
    while (workers_waiting(workers))
        usleep(100);
    assert_true(workers_give(workers, &jobs[0].job));
    assert_true(workers_give(workers, &jobs[1].job));
    assert_false(workers_give(workers, &jobs[2].job));
    assert_int_equal(workers_waiting(workers), 2);
    atomic_store(&may_go, true);
    workers_stop(&workers);
    assert_int_equal(atomic_load(&runs), 2);
}

static void
test_random_fills_every_byte(void **state)
{
    unsigned char seen[64] = {0};

    (void)state;
    for (int round = 0; round < 20; round++) {
        unsigned char bytes[66] = {0};
        random_fill(bytes + 1, 64);
        assert_int_equal(bytes[0] | bytes[65], 0); /* and none beside */
        for (size_t i = 0; i < 64; i++)
            seen[i] |= bytes[i + 1];
    }
    for (size_t i = 0; i < 64; i++)
        assert_int_not_equal(seen[i], 0);
    assert_true(random_u64() != random_u64());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_new_file_has_exactly_the_mode_whatever_the_umask,
                                  remove_file),
        cmocka_unit_test_teardown(test_new_file_never_overwrites, remove_file),
        cmocka_unit_test_teardown(test_new_file_is_not_made_through_a_link, remove_file),
        cmocka_unit_test_teardown(test_file_is_read_up_to_the_maximum_and_not_a_byte_more,
                                  remove_file),
        cmocka_unit_test_teardown(test_file_read_appends, remove_file),
        cmocka_unit_test(test_missing_file_and_folder_are_named),
        cmocka_unit_test_teardown(
            test_secret_file_is_refused_when_others_may_read_or_write, remove_file),
        cmocka_unit_test_teardown(test_log_line_says_what_then_fields, remove_file),
        cmocka_unit_test_teardown(test_log_escapes_what_comes_from_outside, remove_file),
        cmocka_unit_test_teardown(test_log_cuts_values_at_200_bytes_between_characters,
                                  remove_file),
        cmocka_unit_test_teardown(test_log_drops_lines_under_its_level, remove_file),
        cmocka_unit_test(test_one_worker_keeps_the_order_and_finishes_what_waits),
        cmocka_unit_test(test_every_worker_runs_its_first_and_last_word),
        cmocka_unit_test(test_full_queue_leaves_the_job_with_its_owner),
        cmocka_unit_test(test_random_fills_every_byte),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
