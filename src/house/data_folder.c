/* SPDX-License-Identifier: Apache-2.0
 *
 * Is this folder one that we can serve, and are we the only ones who do? What is inside
 * the database is the store's question. */
#include "house/house_inside.h"

#include "base/auto.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

static const char LOCK_NAME[] = "serve.lock";
static const char DATABASE_NAME[] = "tokenhouse.db";

enum status
data_folder_check(struct house *house)
{
    const char *data = house->config->data;
    char path[CONFIG_PATH_MAX + sizeof(DATABASE_NAME) + 1];
    struct stat found;

    if (stat(data, &found) != 0)
        return failure_set(house->failure, STATUS_NOT_FOUND, "data",
                           "the data folder '%s' cannot be opened: %s; 'tokenhouse init "
                           "--data DIR' makes one",
                           data, strerror(errno));
    if (!S_ISDIR(found.st_mode))
        return failure_set(house->failure, STATUS_MALFORMED, "data",
                           "the data folder '%s' is not a folder", data);

    snprintf(path, sizeof(path), "%s/%s", data, DATABASE_NAME);
    if (stat(path, &found) != 0 && errno == ENOENT)
        return failure_set(house->failure, STATUS_NOT_FOUND, "data",
                           "'%s' is not a data folder of Tokenhouse: it holds no %s; "
                           "'tokenhouse init --data DIR' makes one",
                           data, DATABASE_NAME);
    (void)!disk_watch(house); /* said before the first second is over */
    if (access(data, R_OK | W_OK | X_OK) != 0)
        return failure_set(house->failure, STATUS_REFUSED, "data",
                           "the data folder '%s' is not writable for user %u: %s", data,
                           (unsigned)geteuid(), strerror(errno));
    return STATUS_OK;
}

/* Who holds the lock, as they wrote it; "another process" when they did not. */
static void
read_holder(int fd, char out[64])
{
    char text[24] = "";
    ssize_t len = pread(fd, text, sizeof(text) - 1, 0);

    text[len > 0 ? len : 0] = 0;
    text[strcspn(text, "\n")] = 0;
    if (text[0])
        snprintf(out, 64, "process %s", text);
    else
        snprintf(out, 64, "another process");
}

enum status
data_folder_lock(struct house *house)
{
    char path[CONFIG_PATH_MAX + sizeof(LOCK_NAME) + 1];
    char holder[64];
    int fd AUTO(fd_done) = -1;

    snprintf(path, sizeof(path), "%s/%s", house->config->data, LOCK_NAME);
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        house->is_replay_known = true; /* nobody has served this folder before */
    else
        fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return failure_set(house->failure, STATUS_REFUSED, "data",
                           "the file '%s' cannot be opened: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return failure_set(house->failure, STATUS_UNAVAILABLE, "data",
                               "the file '%s' cannot be locked: %s", path,
                               strerror(errno));
        read_holder(fd, holder);
        return failure_set(house->failure, STATUS_CONFLICT, "data",
                           "the data folder '%s' is being served by %s; stop it first, "
                           "or name another folder",
                           house->config->data, holder);
    }
    /* The number is for people; the lock itself is the kernel's and dies with us. */
    if (ftruncate(fd, 0) != 0 || dprintf(fd, "%d\n", (int)getpid()) < 0)
        return failure_set(house->failure, STATUS_UNAVAILABLE, "data",
                           "the file '%s' cannot be written: %s", path, strerror(errno));
    house->lock_fd = fd;
    fd = -1;
    return STATUS_OK;
}

void
data_folder_unlock(struct house *house)
{
    fd_done(&house->lock_fd);
}
