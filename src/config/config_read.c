/* SPDX-License-Identifier: Apache-2.0
 *
 * The configuration file: INI, taken apart by inih, which gets it line by line from us,
 * so that each value is known with its line. Whatever is not understood is refused: a
 * setting that silently does nothing is worse than a server that does not start. */
#include "config/settings.h"

#include "base/auto.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/mem.h"

#include <ini.h>
#include <stdio.h>

enum { CONFIG_FILE_MAX_BYTES = 256 * 1024, CONFIG_SETTING_MAX = 64 };

/* One file that is being read. */
struct reading {
    struct slice rest; /* what inih has not got yet */
    int line;          /* the line it has now, from 1 */
    struct config *config;
    struct failure *failure;
    enum status status;                            /* the first failure; OK = none */
    const struct setting *set[CONFIG_SETTING_MAX]; /* to find doubles */
    int set_line[CONFIG_SETTING_MAX];
    size_t set_count;
};

/* Keeps the first failure with its line; the later ones follow from it too often. */
static void
note(struct reading *reading, enum status status, const struct failure *failure)
{
    if (status == STATUS_OK || reading->status != STATUS_OK)
        return;
    reading->status = STATUS_MALFORMED;
    *reading->failure = *failure;
    reading->failure->line = reading->line;
}

/* Gives inih its next line, as fgets would. */
static char *
next_line(char *out, int size, void *stream)
{
    struct reading *reading = stream;
    struct failure failure = {0};
    struct slice line = reading->rest;

    if (reading->rest.len == 0 || reading->status != STATUS_OK)
        return NULL;
    reading->line++;
    if (!slice_cut(&reading->rest, '\n', &line))
        reading->rest = slice_from(reading->rest, reading->rest.len);
    if (line.len + 2 > (size_t)size) {
        note(reading,
             failure_set(&failure, STATUS_TOO_LARGE, NULL,
                         "the line is longer than %d bytes", size - 2),
             &failure);
        return NULL;
    }
    if (!slice_to_text(line, out, (size_t)size)) {
        note(reading,
             failure_set(&failure, STATUS_MALFORMED, NULL, "there is a zero byte in it"),
             &failure);
        return NULL;
    }
    out[line.len] = '\n';
    out[line.len + 1] = '\0';
    return out;
}

/* Is this the right place for it, and for the first time? */
static enum status
check_place(struct reading *reading, const char *section, const char *name,
            struct failure *failure)
{
    const struct setting *setting = setting_find(name);

    if (!setting)
        return failure_set(failure, STATUS_MALFORMED, name,
                           "there is no setting '%.60s'; 'tokenhouse config show' lists "
                           "them",
                           name);
    if (strcmp(setting->section, section) != 0)
        return failure_set(failure, STATUS_MALFORMED, name,
                           "%s stands in [%.40s], but belongs in [%s]", name, section,
                           setting->section);
    for (size_t i = 0; i < reading->set_count; i++) {
        if (reading->set[i] == setting)
            return failure_set(failure, STATUS_MALFORMED, name,
                               "%s is set twice, first in line %d", name,
                               reading->set_line[i]);
    }
    reading->set[reading->set_count] = setting;
    reading->set_line[reading->set_count++] = reading->line;
    return STATUS_OK;
}

/* What inih calls for each NAME = VALUE. Whether a line number is passed as well depends
 * on how inih was built; ours is counted in next_line(). */
static int
take_value(void *ctx, const char *section, const char *name, const char *value)
{
    struct reading *reading = ctx;
    struct failure failure = {0};
    enum status status = check_place(reading, section, name, &failure);

    if (status == STATUS_OK)
        status = config_set(reading->config, name, value, &failure);
    note(reading, status, &failure);
    return status == STATUS_OK;
}

/* All of `text` over `config`. */
static enum status
read_text(struct slice text, struct config *config, struct failure *failure)
{
    struct failure words = {0};
    struct reading reading = {.rest = text, .config = config, .failure = failure};

    if (config_setting_count() > CONFIG_SETTING_MAX)
        return STATUS_BROKEN;
    ini_max_line = CONFIG_VALUE_MAX;
    ini_allow_multiline = false; /* an indented line is a line */
    ini_stop_on_first_error = true;
    if (ini_parse_stream(next_line, &reading, take_value, &reading) != 0)
        note(&reading,
             failure_set(&words, STATUS_MALFORMED, NULL,
                         "this is neither [section], NAME = VALUE nor a # comment"),
             &words);
    return reading.status;
}

/* Says in which file it was. */
static enum status
add_file(const char *path, enum status status, struct failure *failure)
{
    struct failure words = *failure;
    enum status same =
        failure_set(failure, status, words.field, "'%.300s': %.200s", path, words.text);

    failure->line = words.line;
    return same;
}

static enum status
read_file(const char *path, bool may_be_missing, struct config *config,
          struct failure *failure)
{
    struct buffer bytes AUTO(buffer_done) = buffer_make(CONFIG_FILE_MAX_BYTES);
    enum status status = file_read(path, &bytes, failure);

    if (status == STATUS_NOT_FOUND && may_be_missing)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    status = read_text(buffer_slice(&bytes), config, failure);
    return status == STATUS_OK ? STATUS_OK : add_file(path, status, failure);
}

enum status
config_read(const char *data, const char *path, struct config *out,
            struct failure *failure)
{
    struct config *config AUTO(mem_done) = mem_new(sizeof(*config));
    struct failure unheard = {0};
    struct failure *words = failure ? failure : &unheard;
    char usual[CONFIG_PATH_MAX];

    config_usual(config);
    int len = snprintf(config->data, sizeof(config->data), "%s", data);
    if (len < 0 || len >= CONFIG_PATH_MAX - 64)
        return failure_set(words, STATUS_TOO_LARGE, "data",
                           "the name of the data folder is longer than %d bytes",
                           CONFIG_PATH_MAX - 64);
    snprintf(usual, sizeof(usual), "%.*s/tokenhouse.ini", CONFIG_PATH_MAX - 64, data);

    struct failure found = {0};
    enum status status = read_file(path ? path : usual, path == NULL, config, &found);
    if (status != STATUS_OK) {
        *words = found;
        return status;
    }
    *out = *config;
    return STATUS_OK;
}
