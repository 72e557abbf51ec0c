/* SPDX-License-Identifier: Apache-2.0
 *
 * The limits of a token on the command line. */
#ifndef CLI_CLI_LIMITS_H
#define CLI_CLI_LIMITS_H

#include "cli/cli_house.h"
#include "model/limit.h"

/* Rows of a form; each of them may be left out. */
#define CLI_LIMIT_OPTIONS                                                               \
    {"rate", "N/s",                                                                     \
     "at most so many requests: 10/s, 300/m, 1000/h, 5000/d; 0: the "                   \
     "server's",                                                                        \
     false, false},                                                                     \
        {"quota", "N", "so many requests on a day (UTC); 0: no limit", false, false},   \
        {"concurrent", "N", "so many at the same time; 0: no limit", false, false},     \
        {"max-uses", "N", "so many requests in all; 0: no limit", false, false},        \
    {                                                                                   \
        "not-before", "DATE", "does not work before 00:00 UTC of this day; 0: at once", \
            false, false                                                                \
    }

bool cli_has_limits(const struct options *options);
/* Reads those that are given over `out`. EXIT_DONE, or the reason is printed. */
MUST_CHECK int cli_read_limits(const struct options *options, struct token_limits *out);
/* {"rate", "quotaPerDay", "concurrent", "maxUses", "notBefore"}; null = no limit. */
json_t *cli_limits_json(const struct token_limits *limits);
/* A line for each limit. */
void cli_show_limits(const struct token_limits *limits);

#endif
