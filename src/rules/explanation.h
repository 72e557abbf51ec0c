/* SPDX-License-Identifier: Apache-2.0
 *
 * Would this request be let in, and if not, what is missing and who has it? The steps are
 * the gate's own (gate/explain.h fills what they found); here stands how it is told: what
 * to do about each refusal, from what the store knows of roles and licences, and all of
 * it as JSON. Plain records; nothing points into the keyring or the route map. */
#ifndef RULES_EXPLANATION_H
#define RULES_EXPLANATION_H

#include "base/ip.h"
#include "base/limits.h"
#include "base/slice.h"
#include "base/status.h"
#include "model/operation.h"
#include "model/permission.h"
#include "model/records.h"
#include "model/verdict.h"
#include "store/store.h"
#include "json/write.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    EXPLAIN_STEP_MAX_COUNT = 32,
    EXPLAIN_NEED_MAX_COUNT = 64,
    EXPLAIN_ROLE_MAX_COUNT = 8, /* that are named; there may be more */
    EXPLAIN_LINK_BYTES = 1024,
    EXPLAIN_NAME_BYTES = 128, /* of a parameter that needs a permission */
    EXPLAIN_METHOD_BYTES = 16,
    EXPLAIN_METHODS_BYTES = 64, /* "GET, PUT" */
};

/* A request as somebody describes it. Borrowed. */
struct explain_request {
    struct slice token_id, method, uri, query;
    struct slice body;    /* JSON; empty = none */
    struct ip address;    /* where it comes from */
    bool has_address;     /* false: nobody said; the addresses are not asked about */
    int64_t at_ms;        /* when it comes */
    int64_t issued_at_ms; /* when it says to have been signed */
};

enum explain_outcome {
    EXPLAIN_NOT_REACHED = 0, /* it makes no sense after what failed before */
    EXPLAIN_PASSED,
    EXPLAIN_FAILED,
    EXPLAIN_NOT_ASKED, /* it needs a signature, or something nobody has described */
};

/* One row of THE STEP TABLE. */
struct explain_step {
    const char *name;
    enum explain_outcome outcome;
    enum verdict verdict;         /* EXPLAIN_FAILED */
    char words[FAILURE_TEXT_MAX]; /* EXPLAIN_FAILED: as the caller hears them */
};

/* A permission that the request needs, and why. */
struct explain_need {
    uint16_t permission;
    bool is_missing;               /* in the rights of the token */
    bool is_in_token;              /* the token has it: then its user's role lacks it */
    int when_kind;                 /* WHEN_…; 0: the operation itself needs it */
    char when[EXPLAIN_NAME_BYTES]; /* "geoData"; "" for the operation itself */
    char equals[EXPLAIN_NAME_BYTES];

    /* explanation_find_ways() */
    bool is_in_role; /* of the token's user */
    struct {
        int64_t id;
        char name[TEXT_NAME_BYTES];
    } roles[EXPLAIN_ROLE_MAX_COUNT]; /* that have it, the user's own left out */
    size_t role_count;
    size_t more_role_count;
};

/* A licence that would do. */
struct explain_licence {
    char name[TEXT_NAME_BYTES];
    bool is_there; /* explanation_find_ways(): the account has it, but not that day */
    int64_t starts_at_s, ends_at_s;
};

struct explanation {
    /* the gate's verdict, but for what is not asked: PERMITTED, or that of the first step
     * that failed */
    enum verdict verdict;
    struct explain_step steps[EXPLAIN_STEP_MAX_COUNT];
    size_t step_count;
    char token_id[TOKEN_ID_MAX_CHARS + 1];
    bool has_token;

    bool has_operation;
    bool is_closed; /* its description does not say what it needs */
    char method[EXPLAIN_METHOD_BYTES], path[URI_MAX_BYTES + 1], summary[TEXT_TITLE_BYTES];
    struct explain_need needs[EXPLAIN_NEED_MAX_COUNT];
    size_t need_count;
    struct explain_licence licences[OPERATION_LICENCE_MAX_COUNT]; /* one will do */
    size_t licence_count;
    char other_methods[EXPLAIN_METHODS_BYTES]; /* that the path has, when it lacks this */

    /* explanation_find_ways() */
    char title[TEXT_TITLE_BYTES], role_name[TEXT_NAME_BYTES];
    char user_email[EMAIL_MAX_CHARS + 1];
    int64_t role_id;
    int64_t expires_at_s;
};

/* Adds what the store knows: the token's title, its user's role, which roles have what is
 * missing, when licences begin and end. */
MUST_CHECK enum status explanation_find_ways(struct store *store,
                                             struct explanation *explanation);

/* What to do about a failed step: one or two sentences, and a page of the console ("" =
 * none), as a path below /console. */
void explanation_way(const struct explanation *explanation,
                     const struct explain_request *request,
                     const struct explain_step *step, char out_words[FAILURE_TEXT_MAX],
                     char out_link[EXPLAIN_LINK_BYTES]);

/* The question that a step asks, for people: "Does it come from an approved address?" */
const char *explanation_question(const char *step_name);
const char *explain_outcome_name(enum explain_outcome outcome);

/* Writes all as one object (docs/admin-api.md, "Explain"). */
void explanation_write(const struct explanation *explanation,
                       const struct explain_request *request, struct json_writer *writer);

#endif
