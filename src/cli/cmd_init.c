/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse init: makes a data folder with master key, database and first user. All or
 * nothing: what it has made goes again when a later part fails, and what a stopped init
 * left behind (a database without account) is made anew. */
#include "base/auto.h"
#include "cli/cli_house.h"
#include "cli/commands_all.h"
#include "rules/people.h"
#include "rules/words.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_MODE = 0700 };

/* What may be in a folder that is to become a data folder: the operator's settings, a
 * master key that was kept, and a stopped init's database. */
static const char *const OURS[] = {"tokenhouse.ini", "master.key", "lost+found"};
static const char DATABASE[] = "tokenhouse.db";

/* What has been made so far. */
struct making {
    const struct options *options;
    struct cli_house house;
    char key_path[2048];
    int folder_fd; /* locked: two inits never work in one folder; -1 = not open */
    bool made_folder, made_key, made_database, is_done;
};

/* ---- looking at the folder ---- */

static bool
is_ours(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(OURS); i++) {
        if (strcmp(OURS[i], name) == 0)
            return true;
    }
    /* with its -wal, -shm and what else lies beside it */
    return strncmp(name, DATABASE, sizeof(DATABASE) - 1) == 0;
}

static void
dir_done(DIR **dir)
{
    if (*dir)
        closedir(*dir);
    *dir = NULL;
}

static int
check_folder(const struct making *making, bool *out_has_database)
{
    const char *data = making->house.data;
    DIR *dir AUTO(dir_done) = opendir(data);
    const struct dirent *entry = NULL;
    char foreign[NAME_MAX + 1] = "";

    if (!dir)
        return cli_failed(making->options, "'%s' cannot be read: %s", data,
                          strerrordesc_np(errno));
    while ((entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (strcmp(entry->d_name, DATABASE) == 0)
            *out_has_database = true;
        if (!is_ours(entry->d_name))
            snprintf(foreign, sizeof(foreign), "%s", entry->d_name);
    }
    /* with a database, what is in it decides */
    if (foreign[0] && !*out_has_database)
        return cli_failed(making->options,
                          "'%s' is not empty: it holds '%s'; wanted is a new or an empty "
                          "folder",
                          data, foreign);
    return EXIT_DONE;
}

static int
make_folder(struct making *making)
{
    const char *data = making->house.data;

    if (mkdir(data, FOLDER_MODE) == 0) {
        making->made_folder = true;
    } else if (errno != EEXIST) {
        return cli_failed(making->options, "the folder '%s' cannot be made: %s", data,
                          strerrordesc_np(errno));
    }
    making->folder_fd = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (making->folder_fd < 0)
        return cli_failed(making->options, "the folder '%s' cannot be opened: %s", data,
                          strerrordesc_np(errno));
    if (flock(making->folder_fd, LOCK_EX | LOCK_NB) != 0)
        return cli_failed(making->options, "another init is at work in '%s'", data);
    return EXIT_DONE;
}

static void
remove_database(const struct making *making)
{
    static const char *const TAILS[] = {"", "-wal", "-shm", "-journal"};

    for (size_t i = 0; i < COUNT_OF(TAILS); i++) {
        char path[sizeof(making->house.data) + 32];
        snprintf(path, sizeof(path), "%s/%s%s", making->house.data, DATABASE, TAILS[i]);
        unlink(path);
    }
}

/* A database with an account is somebody's data. One that we can open and that has none
 * is what a stopped init left. */
static int
check_database(struct making *making)
{
    struct cli_house *house = &making->house;
    char uid[UUID_CHARS + 1] = "";
    size_t len = 0;
    enum status status =
        store_open(house->data, STORE_WRITE, &house->store, &house->failure);

    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the folder cannot be used");
    status = store_fact_get(house->store, "account_uid", uid, sizeof(uid), &len);
    if (status == STATUS_OK)
        return cli_failed(making->options,
                          "'%s' is a Tokenhouse data folder already; nothing was changed",
                          house->data);
    if (status != STATUS_NOT_FOUND)
        return cli_house_failed(house, status, "the folder cannot be used");
    store_close(&house->store);
    remove_database(making);
    return EXIT_DONE;
}

/* ---- making ---- */

static int
make_key(struct making *making)
{
    struct cli_house *house = &making->house;
    enum status status = cli_master_key_path(house->data, making->key_path,
                                             sizeof(making->key_path), &house->failure);

    if (status == STATUS_OK && access(making->key_path, F_OK) != 0) {
        status = master_key_make(making->key_path, &house->failure);
        making->made_key = status == STATUS_OK;
    }
    if (status == STATUS_OK)
        status = master_key_open(making->key_path, &house->master_key, &house->failure);
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "there is no master key");
    return EXIT_DONE;
}

static int
make_account(struct making *making, const struct secret *password)
{
    struct cli_house *house = &making->house;
    const char *email = options_value(making->options, "admin-email");
    struct user_wish wish = {
        .email = email ? slice_of(email) : (struct slice){0},
        .password = secret_slice(password),
    };
    struct user admin = {0};
    enum status status = store_create(house->data, &house->failure);

    making->made_database = status == STATUS_OK;
    if (status == STATUS_OK)
        status = store_open(house->data, STORE_WRITE, &house->store, &house->failure);
    if (status == STATUS_OK) {
        cli_house_start_act(house, making->options->command);
        if (email)
            status = account_make(&house->act, &wish, &admin);
        else
            status = account_found(&house->act);
    }
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the account cannot be made");
    making->is_done = true;
    if (email)
        printf("Made the data folder %s with the System Administrator %s.\n", house->data,
               admin.email);
    else
        printf("Made the data folder %s without a user; 'tokenhouse serve' says how the "
               "console makes the first one.\n",
               house->data);
    return EXIT_DONE;
}

/* Closes all; when it is not done, takes back what was made. */
static void
making_done(struct making *making)
{
    cli_house_close(&making->house);
    if (!making->is_done && making->made_database)
        remove_database(making);
    if (!making->is_done && making->made_key)
        unlink(making->key_path);
    if (!making->is_done && making->made_folder)
        rmdir(making->house.data);
    fd_done(&making->folder_fd);
}

/* What can be refused before a folder is made. */
static int
check_typed(struct making *making, const struct secret *password)
{
    struct cli_house *house = &making->house;
    const char *email = options_value(making->options, "admin-email");
    char folded[EMAIL_MAX_CHARS + 1] = "";
    enum status status = words_read_email(slice_of(email), folded, &house->failure);

    if (status == STATUS_OK)
        status =
            password_check(secret_slice(password), slice_of(folded), &house->failure);
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the first user cannot be made");
    return EXIT_DONE;
}

/* Without an e-mail address there is no first user yet. */
static int
read_admin(struct making *making, struct secret *password)
{
    const struct options *options = making->options;
    const char *file = options_value(options, "admin-password-file");

    if (!options_value(options, "admin-email")) {
        if (!file)
            return EXIT_DONE;
        return cli_failed(options, "--admin-password-file needs --admin-email");
    }
    if (cli_read_password(options, file, password) != EXIT_DONE)
        return EXIT_FAILED;
    return check_typed(making, password);
}

static int
run_init(const struct options *options)
{
    struct making making AUTO(making_done) = {.options = options, .folder_fd = -1};
    struct secret password AUTO(secret_done) = {0};
    const char *data = cli_data_folder(options);
    bool has_database = false;

    cli_house_start_act(&making.house, options->command);
    if (strlen(data) >= sizeof(making.house.data) || data[0] == '\0')
        return cli_failed(options, "--data is no name of a folder");
    snprintf(making.house.data, sizeof(making.house.data), "%s", data);
    if (read_admin(&making, &password) != EXIT_DONE ||
        make_folder(&making) != EXIT_DONE ||
        check_folder(&making, &has_database) != EXIT_DONE)
        return EXIT_FAILED;
    if (has_database && check_database(&making) != EXIT_DONE)
        return EXIT_FAILED;
    if (chmod(data, FOLDER_MODE) != 0)
        return cli_failed(options, "'%s' cannot be kept from others: %s", data,
                          strerrordesc_np(errno));
    if (make_key(&making) != EXIT_DONE)
        return EXIT_FAILED;
    return make_account(&making, &password);
}

static const struct form_option OPTIONS[] = {
    OPTION_DATA,
    {"admin-email", "EMAIL",
     "the first user, a System Administrator; else the console makes one", false, false},
    {"admin-password-file", "FILE",
     "read the password from FILE, or - for standard input; else from the terminal",
     false, false},
};

static const struct form FORM = {
    NULL,
    "",
    0,
    0,
    "make a new data folder, with or without its first user",
    OPTIONS,
    COUNT_OF(OPTIONS),
    run_init,
    "The folder gets mode 0700, a master key (master.key: keep a copy of it apart) and\n"
    "a database.",
};

int
cmd_init(int argc, char **argv)
{
    return form_run("init", &FORM, argc, argv);
}
