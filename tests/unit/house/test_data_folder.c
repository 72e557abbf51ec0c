/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder is served by one server, and only when it is one of ours. */
#include "base/auto.h"
#include "base/file.h"
#include "house/house_inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

struct fixture {
    struct config config;
    struct failure failure;
    struct house house;
};

static int
open_folder(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));

    snprintf(f->config.data, sizeof(f->config.data), "/tmp/tokenhouse-unit-XXXXXX");
    if (!mkdtemp(f->config.data))
        return -1;
    f->house = (struct house){
        .config = &f->config,
        .failure = &f->failure,
        .lock_fd = -1,
    };
    *state = f;
    return 0;
}

static void
path_in(const struct fixture *f, const char *name, char out[CONFIG_PATH_MAX + 64])
{
    snprintf(out, CONFIG_PATH_MAX + 64, "%s/%s", f->config.data, name);
}

static int
close_folder(void **state)
{
    struct fixture *f = *state;
    char path[CONFIG_PATH_MAX + 64];

    data_folder_unlock(&f->house);
    path_in(f, "serve.lock", path);
    unlink(path);
    path_in(f, "tokenhouse.db", path);
    unlink(path);
    rmdir(f->config.data);
    test_free(f);
    return 0;
}

static void
make_database(const struct fixture *f)
{
    char path[CONFIG_PATH_MAX + 64];

    path_in(f, "tokenhouse.db", path);
    assert_int_equal(file_write_new(path, SLICE("x"), 0600, NULL), STATUS_OK);
}

static void
test_folder_with_a_database_is_taken(void **state)
{
    struct fixture *f = *state;

    make_database(f);
    assert_int_equal(data_folder_check(&f->house), STATUS_OK);
}

static void
test_folder_without_a_database_is_not_ours(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(data_folder_check(&f->house), STATUS_NOT_FOUND);
    assert_non_null(strstr(f->failure.text, "is not a data folder of Tokenhouse"));
    assert_non_null(strstr(f->failure.text, f->config.data));
}

static void
test_folder_that_is_not_there_is_named(void **state)
{
    struct fixture *f = *state;
    char real[CONFIG_PATH_MAX];

    snprintf(real, sizeof(real), "%s", f->config.data);
    snprintf(f->config.data, sizeof(f->config.data), "/nonexistent/folder");
    assert_int_equal(data_folder_check(&f->house), STATUS_NOT_FOUND);
    assert_non_null(strstr(f->failure.text, "'/nonexistent/folder' cannot be opened"));
    snprintf(f->config.data, sizeof(f->config.data), "/dev/null");
    assert_int_equal(data_folder_check(&f->house), STATUS_MALFORMED);
    assert_non_null(strstr(f->failure.text, "'/dev/null' is not a folder"));
    snprintf(f->config.data, sizeof(f->config.data), "%s", real);
}

/* Two servers on one folder would each believe that they alone count uses and replays. */
static void
test_second_server_is_refused_until_the_first_has_gone(void **state)
{
    struct fixture *f = *state;
    struct failure failure = {0};
    struct house second = {
        .config = &f->config,
        .failure = &failure,
        .lock_fd = -1,
    };
    char holder[32];

    make_database(f);
    assert_int_equal(data_folder_lock(&f->house), STATUS_OK);
    assert_int_equal(data_folder_lock(&second), STATUS_CONFLICT);
    assert_int_equal(second.lock_fd, -1);
    snprintf(holder, sizeof(holder), "process %d;", (int)getpid());
    assert_non_null(strstr(failure.text, holder));

    data_folder_unlock(&f->house);
    assert_int_equal(data_folder_lock(&second), STATUS_OK);
    data_folder_unlock(&second);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_folder_with_a_database_is_taken, open_folder,
                                        close_folder),
        cmocka_unit_test_setup_teardown(test_folder_without_a_database_is_not_ours,
                                        open_folder, close_folder),
        cmocka_unit_test_setup_teardown(test_folder_that_is_not_there_is_named,
                                        open_folder, close_folder),
        cmocka_unit_test_setup_teardown(
            test_second_server_is_refused_until_the_first_has_gone, open_folder,
            close_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
