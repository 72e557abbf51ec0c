/* SPDX-License-Identifier: Apache-2.0
 *
 * A token as the admin API shows it, and who may see it. */
#ifndef CONSOLE_TOKEN_DOC_H
#define CONSOLE_TOKEN_DOC_H

#include "console/visit.h"

enum { TOKEN_DOC_DAYS = 30 };

/* Somebody who made or changed a token; read once for each answer. */
struct token_person {
    struct token_person *next;
    int64_t id;
    bool is_there;
    struct user user;
    struct role role;
};

/* What is the same for all tokens of one answer. */
struct token_docs {
    struct visit *v;
    bool is_live_rights;
    struct token_person *people; /* in the visit's arena */
};

MUST_CHECK enum status token_docs_begin(struct visit *v, struct token_docs *out);
/* Writes one token as an object. */
MUST_CHECK enum status token_doc_write(struct token_docs *docs,
                                       struct json_writer *writer,
                                       const struct token *token);

/* The token that the path names, if the visitor may see it: their own, or any as a System
 * Administrator. NOT_FOUND tells nothing about others'. */
MUST_CHECK enum status token_doc_find(struct visit *v, struct token *out);
/* Answers with one token, with its ETag. */
MUST_CHECK enum status token_doc_answer(struct visit *v, const struct token *token);

#endif
