/* SPDX-License-Identifier: Apache-2.0
 *
 * An output: where Event History goes, and how far it has come there. */
#ifndef MODEL_OUTPUT_H
#define MODEL_OUTPUT_H

#include "base/status.h"
#include "model/records.h"

enum {
    OUTPUT_URL_MAX_CHARS = 1024,
    OUTPUT_PEM_MAX_BYTES = 64 * 1024,
    OUTPUT_MAX_COUNT = 16, /* each has a thread while the server runs */
};

enum output_kind { OUTPUT_TCP = 1, OUTPUT_TLS, OUTPUT_WEBHOOK, OUTPUT_EXPORT };
enum output_format { OUTPUT_RFC5424 = 1, OUTPUT_CEF, OUTPUT_JSON };

struct output {
    int64_t id; /* the store's; 0 = none */
    char uid[UUID_CHARS + 1];
    char name[TEXT_NAME_BYTES]; /* unique, case folded */
    enum output_kind kind;
    enum output_format format;
    char url[OUTPUT_URL_MAX_CHARS + 1]; /* "" of an export's cursor */
    bool is_paused;
    bool has_ca, has_certificate; /* of its own; see store_output_tls() */
    int64_t cursor_id;            /* events up to this one were taken */
    int64_t created_at_s, changed_at_s;
    int64_t version; /* rises with each change; for If-Match */

    /* how it goes */
    int64_t taken_at_ms;      /* when it last took something; 0 = never */
    int64_t failing_since_ms; /* 0 = it works */
    char last_failure[FAILURE_TEXT_MAX];
    int64_t test_asked_ms, test_done_ms; /* 0 = never */
    char test_failure[FAILURE_TEXT_MAX]; /* "" = the test was taken */
};

const char *output_kind_name(enum output_kind kind);       /* "tcp", "tls", … */
const char *output_format_name(enum output_format format); /* "rfc5424", "cef", … */
/* How it goes, in a word: "works", "failing", "paused"; "cursor" of an export's. */
const char *output_state_name(const struct output *output);
/* STATUS_NOT_FOUND: there is no such format. */
MUST_CHECK enum status output_format_read(struct slice name, enum output_format *out);

/* "tls://siem.example.com:6514" in its parts. */
struct output_place {
    enum output_kind kind;
    char host[256]; /* a name, or an address without brackets */
    uint16_t port;
    char origin[300]; /* scheme, host and port: what is no secret in any URL */
};
/* Reads tcp://HOST[:PORT], tls://HOST[:PORT], http:// or https:// URLs. STATUS_MALFORMED:
 * `failure` says what is wanted. A name or password in it is refused. Pure. */
MUST_CHECK enum status output_place_read(struct slice url, struct output_place *out,
                                         struct failure *failure);

#endif
