/* SPDX-License-Identifier: Apache-2.0
 *
 * Acts on upstreams. They need Upstreams:Manage. */
#ifndef RULES_UPSTREAMS_H
#define RULES_UPSTREAMS_H

#include "rules/act.h"
#include "rules/upstream_diff.h"
#include "rules/upstream_source.h"
#include "rules/which.h"

enum { UPSTREAM_TIMEOUT_MAX_MS = 3600 * 1000 };

/* What somebody wants of an upstream; a NULL stays as it is (of a new one: no prefix =
 * the path of the description's first server, and so for a URL without a path). */
struct upstream_wish {
    const struct slice *name;
    const struct slice *prefix;
    const struct slice *urls; /* NULL: stay as they are */
    size_t url_count;
    const struct slice *document; /* JSON or YAML */
    const struct slice *overlay;  /* empty: none (any more) */
    const struct slice *tls_ca_file;
    const struct slice *tls_certificate_file, *tls_key_file;
    const struct slice *tls_server_name;
    const int64_t *connect_timeout_ms, *first_byte_timeout_ms, *whole_timeout_ms;
    const struct slice *health_path; /* empty: it is not asked (any more) */
    const int64_t *health_status, *health_interval_s;
    int64_t if_version; /* 0 = whatever it is */
};

/* What an upstream would be and mean. */
struct upstream_check {
    bool is_new;
    struct upstream upstream;
    struct route_source *source;    /* its operations; owned */
    struct description description; /* lives as long as the source */
    struct arena arena;
    const char *const *clashes; /* with our own paths and other upstreams, in words */
    size_t clash_count;
    size_t closed_count; /* operations that nobody may call */
    struct upstream_diff diff;
};
void upstream_check_done(struct upstream_check *check);

/* What would be, without doing it. `own`: our own operations. `which` zeroed: a new one.
 * STATUS_MALFORMED: failure names the field ("name", "url", "prefix", "openapi",
 * "overlay", …). Clashes are no failure here. */
MUST_CHECK enum status upstream_check(struct store *store, struct route_source *own,
                                      struct which which,
                                      const struct upstream_wish *wish, int64_t now_s,
                                      struct upstream_check *out,
                                      struct failure *failure);

/* Adds one, or changes one, as upstream_check() says; *out is the check that was made
 * inside the act (it is filled when OK only). STATUS_CONFLICT: a name is taken,
 * operations clash (field "prefix"), or it was changed meanwhile (field "version"). */
MUST_CHECK enum status upstream_add(const struct act *act, struct route_source *own,
                                    const struct upstream_wish *wish,
                                    struct upstream_check *out);
MUST_CHECK enum status upstream_change(const struct act *act, struct route_source *own,
                                       struct which which,
                                       const struct upstream_wish *wish,
                                       struct upstream_check *out);
/* A suspended one's operations are not there. */
MUST_CHECK enum status upstream_suspend(const struct act *act, struct route_source *own,
                                        struct which which, bool is_suspended,
                                        struct upstream *out);
MUST_CHECK enum status upstream_delete(const struct act *act, struct which which,
                                       struct upstream *out);

/* All that its operations and their parameters ask for. */
struct permission_set upstream_asks_for(const struct description *description);
/* STATUS_NOT_FOUND with words. */
MUST_CHECK enum status upstream_find(struct store *store, struct which which,
                                     struct upstream *out, struct failure *failure);
/* Reads what the store has of it. */
MUST_CHECK enum status upstream_read_stored(struct store *store,
                                            const struct upstream *upstream,
                                            struct route_source **out,
                                            struct description *out_description,
                                            struct failure *failure);

#endif
