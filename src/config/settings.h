/* SPDX-License-Identifier: Apache-2.0
 *
 * THE SETTING TABLE as the reader of the file sees it. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include "config/config.h"

enum setting_kind {
    SETTING_INT = 1, /* least..most */
    SETTING_BOOL,    /* on, off */
    SETTING_CHOICE,  /* one of `choices` */
    SETTING_PATH,    /* of a file; relative ones are taken from the data folder */
    SETTING_ADDRESS, /* HOST:PORT */
    SETTING_RANGES,  /* addresses and CIDR ranges */
    SETTING_TEXT,    /* printable ASCII without blanks */
    SETTING_URL,     /* with one of the schemes in `choices`; names no user */
    SETTING_EMAIL,
};

/* One row. Numbers, truths and choices live in an int64_t of struct config, texts in an
 * array of chars. */
struct setting {
    const char *section, *name;
    enum setting_kind kind;
    size_t field; /* offset in struct config */
    int64_t usual, least, most;
    const char *usual_text;     /* of a kind that is a text */
    const char *const *choices; /* SETTING_CHOICE; a name's place is its value; holes
                                   are "", the end is NULL. SETTING_URL: schemes */
    const char *meaning;
};

extern const struct setting SETTINGS[];

/* NULL when there is none of this name. */
const struct setting *setting_find(const char *name);

#endif
