/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of api/ share and nobody else sees. */
#ifndef API_INSIDE_H
#define API_INSIDE_H

#include "api/resource.h"
#include "base/secret.h"
#include "base/uuid.h"

struct api {
    struct secret cursor_key;
    char account_uid[UUID_CHARS + 1];
};

/* Writes the answer into `reply`. What it returns as a failure becomes a 5xx. */
typedef enum status api_resource(const struct api *api, const struct api_worker *worker,
                                 const struct api_request *request,
                                 struct api_reply *reply);

api_resource api_licences, api_device_groups;

#endif
