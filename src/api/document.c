/* SPDX-License-Identifier: Apache-2.0
 *
 * The OpenAPI document of our own operations, as the program carries it. */
#include "api/resource.h"
#include "base/embedded.h"

extern const struct embedded API_DOCUMENTS[];

struct slice
api_openapi_document(void)
{
    return API_DOCUMENTS[0].bytes;
}
