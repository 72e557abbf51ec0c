/* SPDX-License-Identifier: Apache-2.0
 *
 * Folders that tests have made, and their end. */
#ifndef TESTS_SUPPORT_FOLDER_H
#define TESTS_SUPPORT_FOLDER_H

#include <dirent.h>
#include <unistd.h>

/* Removes a folder and the files in it; folders in it stay, and it with them. */
static inline void
folder_remove(const char *path)
{
    DIR *folder = opendir(path);

    for (struct dirent *entry; folder && (entry = readdir(folder));)
        unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
    rmdir(path);
}

#endif
