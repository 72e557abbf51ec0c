/* SPDX-License-Identifier: Apache-2.0
 *
 * Acts on outputs: where Event History goes. Needs Settings:Manage. Each is an event,
 * which names the receiver by scheme, host and port, never by a whole URL: paths of
 * webhooks are often secrets. */
#ifndef RULES_OUTPUTS_H
#define RULES_OUTPUTS_H

#include "model/output.h"
#include "rules/act.h"

/* What is wanted; NULL = as it is, or as it usually is. */
struct output_wish {
    const struct slice *name;
    const struct slice *url;
    const struct slice *format; /* "rfc5424", "cef", "json" */
    const bool *is_paused;
    bool is_from_now; /* of a new one: only what happens from here on */
    /* of tls:// and https://: who vouches for the receiver, and who we are to it; an
     * empty text takes it away. A key needs act->master_key. */
    const struct slice *ca_pem, *certificate_pem, *key_pem;
    int64_t if_version; /* 0 = whatever it is */
};

/* STATUS_CONFLICT: the name is taken, or there are OUTPUT_MAX_COUNT. */
MUST_CHECK enum status output_add(const struct act *act, const struct output_wish *wish,
                                  struct output *out);
/* `uid` or name. Another URL keeps the cursor. */
MUST_CHECK enum status output_change(const struct act *act, struct slice which,
                                     const struct output_wish *wish, struct output *out);
MUST_CHECK enum status output_delete(const struct act *act, struct slice which);
/* The running server sends a test at once; what became of it is in the output. */
MUST_CHECK enum status output_ask_test(const struct act *act, struct slice which,
                                       struct output *out);
/* The output with this uid or name. */
MUST_CHECK enum status output_find(struct store *store, struct slice which,
                                   struct output *out);

/* The cursor of an export with this name, made when there is none. STATUS_REFUSED: the
 * name is an output's that is no cursor. */
MUST_CHECK enum status output_cursor_open(const struct act *act, struct slice name,
                                          bool is_from_now, struct output *out);
/* What was written and is on disk has been taken. STATUS_CONFLICT: another export with
 * this cursor was quicker. */
MUST_CHECK enum status output_advance(const struct act *act, const struct output *output,
                                      int64_t to_id);

/* The key of the certificate, opened. STATUS_NOT_FOUND: there is none. */
MUST_CHECK enum status output_key_open(const struct master_key *master_key,
                                       struct slice sealed, struct buffer *out);

#endif
