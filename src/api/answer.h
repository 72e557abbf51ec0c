/* SPDX-License-Identifier: Apache-2.0
 *
 * What the resources share among themselves: one request on its way to its answer. */
#ifndef API_ANSWER_H
#define API_ANSWER_H

#include "api/query_text.h"
#include "api/resource.h"
#include "json/write.h"

#include <stdbool.h>

struct hmac_key;

struct api {
    struct hmac_key *cursor_key;
    char account_uid[64];
};

/* One request. A handler fills reply->body and gives a status; a bad one becomes an
 * error in the vendor's form (api.c). */
struct answer {
    const struct api *api;
    const struct api_worker *worker;
    const struct api_request *request;
    struct api_reply *reply;
    struct arena *arena; /* the worker's; lives until the answer is sent */
    struct query_pairs pairs;
    const char *detail_code; /* beside STATUS_MALFORMED: "INVALID_VALUE", … */
    struct failure failure;  /* its words: field and sentence */
};

/* Says what is wrong with the request; gives STATUS_MALFORMED. */
__attribute__((format(printf, 4, 5))) MUST_CHECK enum status answer_refuse(
    struct answer *x, const char *detail_code, struct slice field, const char *format,
    ...);
/* "INVALID_VALUE: `name` is 'value', but must be <wanted>". */
MUST_CHECK enum status answer_bad_value(struct answer *x, struct slice name,
                                        struct slice value, const char *wanted);

/* {"data": is written; the value comes next. */
struct json_writer answer_begin(struct answer *x);
/* Writes metadata and the end. `next_page` empty: the last page. */
MUST_CHECK enum status answer_end(struct json_writer *writer, struct slice next_page);

/* May this group be seen by the token? */
bool answer_sees_group(const struct answer *x, int64_t group_id);

/* The handlers, one for each operation of api/tokenhouse.openapi.json. */
enum status answer_devices(struct answer *x);
enum status answer_applications(struct answer *x);
enum status answer_licences(struct answer *x);
enum status answer_siem_events(struct answer *x);
enum status answer_groups(struct answer *x);
enum status answer_groups_of_device(struct answer *x);
enum status answer_field_definitions(struct answer *x);
enum status answer_field_definition(struct answer *x);
enum status answer_custom_fields(struct answer *x);
enum status answer_custom_field(struct answer *x);
enum status answer_custom_fields_set(struct answer *x);

#endif
