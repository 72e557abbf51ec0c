/* SPDX-License-Identifier: Apache-2.0
 *
 * Operations alone. */
#include "openapi/openapi_read.h"

#include "openapi/description.h"

enum status
openapi_read(struct slice document, const struct upstream *upstream, struct arena *arena,
             const struct operation **out, size_t *out_count, struct failure *failure)
{
    struct description_wish wish = {.document = document, .upstream = upstream};
    struct description description;
    enum status status = description_read(&wish, arena, &description, failure);

    if (status != STATUS_OK)
        return status;
    *out = description.operations;
    *out_count = description.operation_count;
    return STATUS_OK;
}
