/* SPDX-License-Identifier: Apache-2.0
 *
 * An HTTP message as its signer sees it, and the parts of it that a signature may cover:
 * the components of RFC 9421 §2. */
#ifndef HTTPSIG_MESSAGE_H
#define HTTPSIG_MESSAGE_H

#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"
#include "http/call.h"
#include "httpsig/sf.h"

#include <stdbool.h>
#include <stddef.h>

/* A request, or an answer with the request that it answers. All borrowed. */
struct httpsig_message {
    int status; /* of an answer; 0 = it is a request */
    struct slice method;
    struct slice scheme;    /* "https" or "http": what the caller's own connection is */
    struct slice authority; /* as it came */
    struct slice target;    /* as it came: "/v3/whoami?x=1" */
    struct slice path;      /* still encoded */
    struct slice query;     /* behind the first '?' */
    bool has_query;         /* there is a '?' */
    const struct http_header *headers;
    size_t header_count;
    const struct httpsig_message *request; /* of an answer; NULL = not known */
};

/* Fills all that a call's request says. */
struct httpsig_message httpsig_message_of(const struct http_call *call);

enum httpsig_part {
    PART_FIELD = 1, /* a header field */
    PART_METHOD,
    PART_TARGET_URI,
    PART_AUTHORITY,
    PART_SCHEME,
    PART_REQUEST_TARGET,
    PART_PATH,
    PART_QUERY,
    PART_QUERY_PARAM,
    PART_STATUS,
};

/* What one covered component is. */
struct httpsig_component {
    enum httpsig_part part;
    struct slice name; /* "content-type", "@method" */
    bool is_sf, is_bs, is_of_request, has_key;
    struct slice key;     /* ;key, or ;name of @query-param */
    struct sf_value item; /* the identifier with its parameters, as it came */
};

/* Reads one component's identifier. STATUS_MALFORMED, and `failure` says in words what is
 * not taken: a derived component or a parameter that we do not know, ;tr, upper case, two
 * parameters that exclude each other. */
MUST_CHECK enum status httpsig_component_read(const struct sf_value *item,
                                              struct httpsig_component *out,
                                              struct failure *failure);
bool httpsig_component_equal(const struct httpsig_component *a,
                             const struct httpsig_component *b);
/* Appends its value. STATUS_MALFORMED: the message has no such thing, or more than one;
 * `failure` names it. Source: RFC 9421 §2.1, §2.2. */
MUST_CHECK enum status httpsig_component_write(const struct httpsig_message *message,
                                               const struct httpsig_component *component,
                                               struct buffer *out,
                                               struct failure *failure);

#endif
