/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors in the vendor's form. */
#include "api/resource.h"
#include "json/write.h"

void
api_error_write(struct buffer *out, const char *code, const char *message,
                const char *detail_code, const char *detail_message, const char *field)
{
    struct json_writer w = json_write_into(out);

    json_write_object(&w);
    json_write_member_text(&w, "code", code);
    json_write_member_text(&w, "message", message);
    json_write_key(&w, "details");
    json_write_array(&w);
    if (detail_code) {
        json_write_object(&w);
        json_write_member_text(&w, "code", detail_code);
        json_write_member_text(&w, "message", detail_message ? detail_message : message);
        if (field)
            json_write_member_text(&w, "field", field);
        json_write_end(&w);
    }
    json_write_end(&w);
    json_write_end(&w);
}
