/* SPDX-License-Identifier: Apache-2.0
 *
 * One request to the admin API on its way to its answer. The steps in serve.c fill it
 * from top to bottom; the handler, which is the last of them, may rely on all of it. */
#ifndef CONSOLE_VISIT_H
#define CONSOLE_VISIT_H

#include "console/console.h"
#include "console/problem.h"
#include "console/routes.h"
#include "model/records.h"
#include "model/session.h"
#include "rules/act.h"
#include "rules/sessions.h"
#include "json/write.h"

#include <jansson.h>

enum {
    VISIT_ERROR_MAX_COUNT = 16,
    VISIT_QUERY_MAX_COUNT = 32,
    VISIT_BODY_MAX_BYTES = 1024 * 1024,
    VISIT_PAGE_SIZE_USUAL = 50,
    VISIT_PAGE_SIZE_MAX = 500,
};

struct visit_pair {
    struct slice name, value; /* decoded */
};

struct visit {
    /* given */
    struct console *console;
    const struct console_setup *setup;
    const struct console_request *request;
    struct console_reply *reply;
    const struct api_worker *worker;
    struct store *reader;
    struct arena *arena; /* until the answer is sent */
    int64_t now_s;
    char address[IP_TEXT_MAX + 1];
    const struct route_table *table; /* of the signed API; held for the visit */

    /* find_route */
    struct route_found match;

    /* find_session: who asks; session.id 0 = nobody */
    struct session session;
    uint8_t session_hash[SESSION_HASH_BYTES];
    struct user user;
    struct role role;
    struct permission_set rights;
    struct act act; /* ready for rules/, as this user; store: NULL unless ROUTE_CHANGES */

    /* read_query */
    struct visit_pair query[VISIT_QUERY_MAX_COUNT];
    size_t query_count;
    /* read_body */
    json_t *body; /* an object; NULL: the request has none */

    /* what went wrong */
    enum problem problem;
    struct failure failure; /* act.failure too; its field becomes errors[0] */
    struct failure errors[VISIT_ERROR_MAX_COUNT];
    size_t error_count;
    int64_t retry_after_s; /* PROBLEM_THROTTLED, PROBLEM_UNAVAILABLE; 0 = not said */
};

/* The handlers' rule: fill the answer and give STATUS_OK, or give a bad status: the
 * problem is then v->problem, or what problem_of() makes of status and v->failure. */

/* ---- saying no ---- */

/* `field` may be NULL. Gives STATUS_REFUSED. */
__attribute__((format(printf, 4, 5))) MUST_CHECK enum status visit_refuse(
    struct visit *v, enum problem problem, const char *field, const char *format, ...);
/* The words of v->failure, in the visit's memory: to be said again in other words. */
const char *visit_words(struct visit *v);
/* One more field that is wrong; visit_checked() then refuses with all of them. */
__attribute__((format(printf, 3, 4))) void visit_add_error(struct visit *v,
                                                           const char *field,
                                                           const char *format, ...);
/* PROBLEM_INVALID if there were errors. */
MUST_CHECK enum status visit_checked(struct visit *v);

/* ---- the query ---- */

/* Decodes it into v->query. STATUS_MALFORMED: not UTF-8, a name twice, too many. */
MUST_CHECK enum status visit_query_split(struct visit *v, struct slice query);

/* Refuses (INVALID) what is not among these, ended by NULL. Paging's own names, pageSize
 * and after, and sort are to be listed too. */
MUST_CHECK enum status visit_query_names(struct visit *v, const char *const *names);
/* The value; false when the name is not there or empty. */
bool visit_query(const struct visit *v, const char *name, struct slice *out);
/* The number of the device group whose uid the query names as `group`; -1: there is no
 * such group, so nothing is in it. Left as it is when none is named. */
MUST_CHECK enum status visit_query_group(struct visit *v, int64_t *out);
/* A whole number; untouched when it is not there. */
MUST_CHECK enum status visit_query_int(struct visit *v, const char *name, int64_t least,
                                       int64_t most, int64_t *out);
MUST_CHECK enum status visit_query_bool(struct visit *v, const char *name,
                                        bool *out_is_there, bool *out);
/* 1 to 500, usually 50. */
MUST_CHECK enum status visit_page_size(struct visit *v, int64_t *out);

/* ---- the body ---- */

enum body_kind { BODY_TEXT = 1, BODY_INT, BODY_BOOL, BODY_OBJECT, BODY_ARRAY };
enum body_wanted { BODY_OPTIONAL = 0, BODY_REQUIRED };

/* One member that a route takes. Exactly one of the places, fitting `kind`, is set. */
struct body_member {
    const char *name;
    enum body_kind kind;
    enum body_wanted wanted;
    struct slice *text; /* lives as long as the body */
    int64_t *number;
    bool *truth;
    json_t **json;  /* borrowed from the body */
    bool *is_there; /* optional; null counts as not there */
};

/* Reads them all; what is missing, of the wrong kind, or not among them is refused
 * (INVALID, every field named). Places of members that are not there are untouched. */
MUST_CHECK enum status visit_body(struct visit *v, const struct body_member *members,
                                  size_t count);

/* ---- versions ---- */

/* The version that If-Match names. 428 without one; 412 when it is none of ours. */
MUST_CHECK enum status visit_if_match(struct visit *v, int64_t *out_version);
void visit_etag(struct visit *v, int64_t version);

/* ---- the answer ---- */

/* A JSON answer; the value comes next. End with json_write_done(). */
struct json_writer visit_json(struct visit *v, int status);
/* An answer without a body: 204. */
enum status visit_nothing(struct visit *v);
/* `name` is a constant; the value is copied. */
void visit_header(struct visit *v, const char *name, const char *value);
/* "2026-11-26T21:51:42.000Z", or null for 0. */
void visit_write_time(struct json_writer *writer, const char *name, int64_t at_s);

#endif
