/* SPDX-License-Identifier: Apache-2.0
 *
 * Small files, read and made with care. Nothing of what is in them goes into words. */
#include "base/file.h"

#include "base/auto.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_READ_BYTES = 64 * 1024 };

static enum status
file_refuse(struct failure *failure, const char *act, const char *path)
{
    int code = errno;
    enum status status = code == ENOENT || code == ENOTDIR ? STATUS_NOT_FOUND
                         : code == EACCES || code == EPERM ? STATUS_REFUSED
                         : code == EEXIST                  ? STATUS_CONFLICT
                         : code == EISDIR                  ? STATUS_MALFORMED
                                                           : STATUS_UNAVAILABLE;

    return failure_set(failure, status, NULL, "cannot %s '%s': %s", act, path,
                       strerrordesc_np(code));
}

/* Appends everything that `fd` has left. */
static enum status
read_rest(int fd, const char *path, struct buffer *out, struct failure *failure)
{
    for (;;) {
        unsigned char over;
        size_t left = out->max_bytes - out->len;
        size_t wanted = left < FILE_READ_BYTES ? left : FILE_READ_BYTES;
        unsigned char *to = wanted ? buffer_reserve(out, wanted) : &over;
        ssize_t got;

        if (!to)
            return STATUS_TOO_LARGE;
        got = read(fd, to, wanted ? wanted : 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return file_refuse(failure, "read", path);
        if (got == 0)
            return STATUS_OK;
        if (!wanted)
            return failure_set(failure, STATUS_TOO_LARGE, NULL,
                               "'%s' is larger than %zu bytes", path, out->max_bytes);
        out->len += (size_t)got;
    }
}

static enum status
check_is_secret(int fd, const char *path, struct failure *failure)
{
    struct stat about;

    if (fstat(fd, &about) != 0)
        return file_refuse(failure, "read", path);
    if (about.st_mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH))
        return failure_set(failure, STATUS_REFUSED, NULL,
                           "'%s' has mode %04o: others may read or write it; wanted is "
                           "0600 (chmod 600)",
                           path, (unsigned)(about.st_mode & 07777));
    return STATUS_OK;
}

static enum status
read_file(const char *path, bool is_secret, struct buffer *out, struct failure *failure)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int opened AUTO(fd_done) = -1;
    size_t len_before = out->len;
    enum status status = STATUS_OK;

    if (is_stdin)
        return read_rest(STDIN_FILENO, "standard input", out, failure);
    opened = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (opened < 0)
        return file_refuse(failure, "read", path);
    if (is_secret)
        status = check_is_secret(opened, path, failure);
    if (status == STATUS_OK)
        status = read_rest(opened, path, out, failure);
    if (status != STATUS_OK)
        out->len = len_before;
    return status;
}

enum status
file_read(const char *path, struct buffer *out, struct failure *failure)
{
    return read_file(path, false, out, failure);
}

enum status
file_read_secret(const char *path, struct buffer *out, struct failure *failure)
{
    return read_file(path, true, out, failure);
}

static bool
write_all(int fd, struct slice bytes)
{
    while (bytes.len) {
        ssize_t put = write(fd, bytes.at, bytes.len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        bytes = slice_from(bytes, (size_t)put);
    }
    return true;
}

/* A new name is only safe when the folder that holds it is. */
static bool
sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    int fd AUTO(fd_done) = -1;

    if (!slice_to_text(slice_of(path), folder, sizeof(folder))) {
        errno = ENAMETOOLONG;
        return false;
    }
    fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0;
}

enum status
file_write_new(const char *path, struct slice bytes, mode_t mode, struct failure *failure)
{
    int fd AUTO(fd_done) = open(
        path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);

    if (fd < 0 && errno == EEXIST)
        return failure_set(failure, STATUS_CONFLICT, NULL,
                           "'%s' exists already; wanted is a new file", path);
    if (fd < 0)
        return file_refuse(failure, "make", path);
    /* fchmod, because the mode of open() is cut by the umask */
    if (!write_all(fd, bytes) || fchmod(fd, mode) != 0 || fsync(fd) != 0 ||
        !sync_folder_of(path)) {
        enum status status = file_refuse(failure, "write", path);
        unlink(path);
        return status;
    }
    return STATUS_OK;
}
