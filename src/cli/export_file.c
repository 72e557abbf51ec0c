/* SPDX-License-Identifier: Apache-2.0
 *
 * Under the name of a part until it is whole and on disk. */
#include "cli/export_file.h"

#include "base/auto.h"
#include "cli/cli_house.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
cannot_write(const struct options *options, const char *path)
{
    return cli_failed(options, "'%s' cannot be written: %s", path,
                      strerrordesc_np(errno));
}

/* An export that was killed may have left half a line at the end of the file: the next
 * line begins a line of its own. */
static void
mend_line(struct export_file *file)
{
    struct stat facts;
    char last = '\n';

    if (fstat(STDOUT_FILENO, &facts) != 0 || !S_ISREG(facts.st_mode) ||
        facts.st_size == 0)
        return;
    int fd AUTO(fd_done) = open("/proc/self/fd/1", O_RDONLY | O_CLOEXEC);
    file->is_continued = true;
    if (fd >= 0 && pread(fd, &last, 1, facts.st_size - 1) == 1 && last != '\n')
        fputc('\n', stdout);
}

int
export_file_open(const struct options *options, const char *path, struct export_file *out)
{
    if (!path) {
        out->out = stdout;
        mend_line(out);
        return EXIT_DONE;
    }
    if (snprintf(out->path, sizeof(out->path), "%s", path) >= PATH_MAX - 8) {
        out->path[0] = '\0';
        return cli_failed(options, "the name of the file is too long");
    }
    snprintf(out->part, sizeof(out->part), "%.*s.part", PATH_MAX - 8, path);
    errno = EEXIST;
    if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return cannot_write(options, path);
    unlink(
        out->part); /* of one that was killed; whoever else made it must not have ours */
    int fd = open(out->part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    out->out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (out->out)
        return EXIT_DONE;
    if (fd >= 0)
        close(fd);
    return cannot_write(options, path);
}

/* A new name in a folder lasts only when the folder itself is on disk. */
static bool
sync_folder(const char *path)
{
    char copy[PATH_MAX];

    snprintf(copy, sizeof(copy), "%s", path);
    int fd AUTO(fd_done) = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0;
}

/* Pipes and terminals have no disk. */
static bool
is_on_disk(FILE *out)
{
    return fflush(out) == 0 && !ferror(out) &&
           (fsync(fileno(out)) == 0 || errno == EINVAL || errno == EROFS);
}

int
export_file_keep(const struct options *options, struct export_file *file)
{
    if (!is_on_disk(file->out))
        return cli_failed(options, "the events cannot be written: %s",
                          strerrordesc_np(errno));
    if (!file->path[0])
        return EXIT_DONE;
    if (link(file->part, file->path) != 0 || !sync_folder(file->path))
        return cannot_write(options, file->path);
    return EXIT_DONE;
}

void
export_file_done(struct export_file *file)
{
    if (file->out && file->out != stdout)
        fclose(file->out);
    if (file->out && file->part[0])
        unlink(file->part);
    file->out = NULL;
}
