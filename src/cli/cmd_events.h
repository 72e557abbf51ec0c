/* SPDX-License-Identifier: Apache-2.0
 *
 * The forms of `tokenhouse events` that have files of their own. */
#ifndef CLI_CMD_EVENTS_H
#define CLI_CMD_EVENTS_H

#include "cli/cli_house.h"

int cmd_events_export(const struct options *options);
int cmd_events_head(const struct options *options);
int cmd_events_key(const struct options *options);
int cmd_events_prove(const struct options *options);
int cmd_events_verify(const struct options *options);

/* Reads an option that is a date as the moment in which the day begins; untouched when it
 * is not given. EXIT_DONE, or one sentence has said what is wrong. */
MUST_CHECK int cmd_events_read_date(const struct options *options, const char *name,
                                    int64_t *out_ms);
/* Reads an event's number. */
MUST_CHECK int cmd_events_read_id(const struct options *options, const char *text,
                                  int64_t *out);

#endif
