/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse token suspend, delete with a filter instead of an id: run by their forms in
 * cmd_token.c. */
#ifndef CLI_CMD_TOKEN_BULK_H
#define CLI_CMD_TOKEN_BULK_H

#include "cli/options.h"
#include "rules/token_bulk.h"

/* The options of a filter, and --yes. */
#define OPTIONS_BULK                                                                 \
    {"creator", "EMAIL", "instead of ID: all of this user", false, false},           \
        {"group", "NAME", "… with this device group", false, false},                 \
        {"unused-days", "N", "… not used for so many days", false, false},           \
        {"made-before", "DATE", "… made before this day, YYYY-MM-DD", false, false}, \
        {"state", "STATE", "… active, soon, expired or suspended", false, true},     \
        {"algorithm", "ALG", "… ES256 or HS256", false, false},                      \
    {                                                                                \
        "yes", NULL, "do it without asking", false, false                            \
    }

/* Is there a filter among the options? */
bool cmd_token_bulk_is_wanted(const struct options *options);
/* Shows which tokens it finds; asks, or with --yes does it. Gives the exit status. */
int cmd_token_bulk(const struct options *options, enum bulk_act what);

#endif
