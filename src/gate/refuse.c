/* SPDX-License-Identifier: Apache-2.0
 *
 * Saying no, in the vendor's error form (docs/protocol.md). Before the signature is
 * proved, whatever has to do with tokens is one and the same 401, to the last byte;
 * after it the caller is told exactly what is missing. */
#include "gate/inside.h"

#include "json/write.h"

#include <stdio.h>

static const char UNPROVED[] =
    "{\"code\":\"NOT_AUTHENTICATED\",\"message\":\"not authenticated\",\"details\":[]}";

static enum go
answer(struct exchange *x, enum verdict why, struct slice body)
{
    x->verdict = why;
    x->reply_body = body;
    return ANSWERED;
}

enum go
refuse_unproved(struct exchange *x, enum verdict why)
{
    x->status = verdict_http(REFUSED_BAD_SIGNATURE);
    x->words = "";
    return answer(x, why, SLICE(UNPROVED));
}

static void
write_error(struct buffer *out, enum verdict why, const char *field, const char *words)
{
    struct json_writer w = json_write_into(out);

    json_write_object(&w);
    json_write_member_text(&w, "code", verdict_code(why));
    json_write_member_text(&w, "message", words);
    json_write_key(&w, "details");
    json_write_array(&w);
    json_write_object(&w);
    json_write_member_text(&w, "code", verdict_detail(why));
    json_write_member_text(&w, "message", words);
    if (field)
        json_write_member_text(&w, "field", field);
    json_write_end(&w);
    json_write_end(&w);
    json_write_end(&w);
}

enum go
refuse(struct exchange *x, enum verdict why, const char *field, const char *format, ...)
{
    struct gate_lane *lane = x->lane;
    va_list args;

    if (x->shadow) { /* the lane holds the answer of the real one */
        x->verdict = why;
        return ANSWERED;
    }
    va_start(args, format);
    vsnprintf(lane->words, sizeof(lane->words), format, args);
    va_end(args);
    buffer_clear(&lane->answer);
    write_error(&lane->answer, why, field, lane->words);
    x->status = verdict_http(why);
    x->words = lane->words;
    return answer(x, why, buffer_slice(&lane->answer));
}
