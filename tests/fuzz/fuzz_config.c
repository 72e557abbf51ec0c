/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a configuration file. What is taken is within its bounds, and comments and
 * empty lines around it change nothing; what is refused is refused with words and a line
 * that the file has, and leaves the configuration alone. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/auto.h"
#include "config/settings.h"

/* Reads these as one file, which is nowhere but in memory. */
static enum status
read_pieces(const struct slice *pieces, size_t count, struct config *out,
            struct failure *failure)
{
    static int file = -1;
    static char path[64];

    if (file < 0) {
        file = memfd_create("config", 0);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    }
    NEED(file >= 0 && ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0);
    for (size_t i = 0; i < count; i++)
        NEED(write(file, pieces[i].at, pieces[i].len) == (ssize_t)pieces[i].len);
    return config_read("/data", path, out, failure);
}

static void
check_bounds(const struct config *config)
{
    for (size_t i = 0; i < config_setting_count(); i++) {
        const struct setting *setting = &SETTINGS[i];
        int64_t value = 0;

        if (setting->kind != SETTING_INT && setting->kind != SETTING_BOOL)
            continue;
        memcpy(&value, (const char *)config + setting->field, sizeof(value));
        if (setting->kind == SETTING_INT)
            NEED(value >= setting->least && value <= setting->most);
        else
            NEED(value == 0 || value == 1);
    }
}

int
LLVMFuzzerTestOneInput(const unsigned char *at, size_t len)
{
    static struct config first;
    static struct config second;
    static struct config before;
    struct slice pieces[] = {SLICE("# a comment\n\n"), {at, len}, SLICE("\n\n; another")};
    struct failure failure = {0};
    int line_count = 1;

    memset(&first, 0x5a, sizeof(first));
    memcpy(&before, &first, sizeof(before));
    for (size_t i = 0; i < len; i++)
        line_count += at[i] == '\n';
    if (read_pieces(&pieces[1], 1, &first, &failure) != STATUS_OK) {
        NEED(failure.text[0] && failure.line >= 0 && failure.line <= line_count);
        NEED(memchr(failure.text, '\0', sizeof(failure.text)));
        NEED(memcmp(&first, &before, sizeof(first)) == 0);
        NEED(read_pieces(pieces, COUNT_OF(pieces), &first, NULL) != STATUS_OK);
        return 0;
    }
    check_bounds(&first);
    NEED(read_pieces(pieces, COUNT_OF(pieces), &second, &failure) == STATUS_OK);
    NEED(memcmp(&first, &second, sizeof(first)) == 0);
    return 0;
}
