/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers as bytes (RFC 9112 §4, RFC 9110 §6.6.1 for the date). */
#include "http/reply.h"

#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/date.h"
#include "http/head.h"
#include "http/plain_run.h"
#include "http/put.h"

/* The statuses that have a name here; others go without one. */
static const struct {
    int status;
    struct slice line;
} STATUS_LINES[] = {
#define LINE(number, words)                                 \
    {                                                       \
        number, SLICE("HTTP/1.1 " #number " " words "\r\n") \
    }
    LINE(200, "OK"),
    LINE(400, "Bad Request"),
    LINE(401, "Unauthorized"),
    LINE(403, "Forbidden"),
    LINE(404, "Not Found"),
    LINE(429, "Too Many Requests"),
    LINE(201, "Created"),
    LINE(202, "Accepted"),
    LINE(204, "No Content"),
    LINE(206, "Partial Content"),
    LINE(301, "Moved Permanently"),
    LINE(302, "Found"),
    LINE(303, "See Other"),
    LINE(304, "Not Modified"),
    LINE(307, "Temporary Redirect"),
    LINE(308, "Permanent Redirect"),
    LINE(405, "Method Not Allowed"),
    LINE(406, "Not Acceptable"),
    LINE(408, "Request Timeout"),
    LINE(409, "Conflict"),
    LINE(410, "Gone"),
    LINE(411, "Length Required"),
    LINE(412, "Precondition Failed"),
    LINE(413, "Content Too Large"),
    LINE(414, "URI Too Long"),
    LINE(415, "Unsupported Media Type"),
    LINE(417, "Expectation Failed"),
    LINE(422, "Unprocessable Content"),
    LINE(428, "Precondition Required"),
    LINE(431, "Request Header Fields Too Large"),
    LINE(500, "Internal Server Error"),
    LINE(501, "Not Implemented"),
    LINE(502, "Bad Gateway"),
    LINE(503, "Service Unavailable"),
    LINE(504, "Gateway Timeout"),
    LINE(505, "HTTP Version Not Supported"),
#undef LINE
};

enum {
    STATUS_LINE_ROOM = 64,
    FIXED_ROOM = STATUS_LINE_ROOM + REPLY_DATE_CHARS + HTTP_REQUEST_ID_CHARS + 128,
};

static unsigned char *
put_status_line(unsigned char *at, int status)
{
    for (size_t i = 0; i < COUNT_OF(STATUS_LINES); i++) {
        if (STATUS_LINES[i].status == status)
            return put(at, STATUS_LINES[i].line);
    }
    at = put(at, SLICE("HTTP/1.1 "));
    at = put_number(at, (uint64_t)status);
    return put(at, SLICE(" \r\n"));
}

size_t
reply_head_room(const struct http_reply *reply)
{
    return FIXED_ROOM + reply->content_type.len +
           put_headers_room(reply->headers, reply->header_count) +
           put_headers_room(reply->more, reply->more_count);
}

size_t
reply_head_write(const struct reply_head *head, unsigned char *at)
{
    const struct http_reply *reply = head->reply;
    const unsigned char *from = at;

    at = put_status_line(at, reply->status);
    at = put(at, (struct slice){(const unsigned char *)head->date, REPLY_DATE_CHARS});
    if (reply->content_type.len)
        at = put_header(at, SLICE("Content-Type"), reply->content_type);
    if (head->is_chunked) {
        at = put(at, SLICE("Transfer-Encoding: chunked\r\n"));
    } else if (head->body_len >= 0 && reply_may_have_body(reply->status)) {
        at = put_length(at, (uint64_t)head->body_len);
    }
    at = put_header(
        at, SLICE("X-Request-Id"),
        (struct slice){(const unsigned char *)head->id, HTTP_REQUEST_ID_CHARS});
    at = put_headers(at, reply->headers, reply->header_count);
    at = put_headers(at, reply->more, reply->more_count);
    if (head->connection)
        at = put_header(at, SLICE("Connection"), slice_of(head->connection));
    at = put(at, SLICE("\r\n"));
    return (size_t)(at - from);
}

void
reply_date_write(int64_t now_s, char out[REPLY_DATE_CHARS])
{
    static const char DAYS[] = "ThuFriSatSunMonTueWed"; /* 1970 began on a Thursday */
    static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct date date = date_of(now_s);
    int second = (int)(now_s % DAY_S);
    char text[REPLY_DATE_CHARS + 16];

    snprintf(text, sizeof(text), "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d GMT\r\n",
             DAYS + now_s / DAY_S % 7 * 3, date.day, MONTHS + (date.month - 1) * 3,
             date.year, second / 3600, second / 60 % 60, second % 60);
    memcpy(out, text, REPLY_DATE_CHARS);
}

bool
reply_may_have_body(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

static bool
may_be_in_value(unsigned char c)
{
    return (c >= 0x20 && c != 0x7f) || c == '\t';
}

bool
reply_header_is_valid(const struct http_header *header)
{
    struct slice value = header->value;

    for (size_t i = plain_run(value.at, value.len); i < value.len; i++) {
        if (!may_be_in_value(value.at[i]))
            return false;
    }
    return token_is_valid(header->name);
}

struct slice
reply_error_write(int status, const char *wrong, char out[REPLY_ERROR_MAX_BYTES])
{
    const char *code = status == 503   ? "SERVICE_UNAVAILABLE"
                       : status == 408 ? "REQUEST_TIMEOUT"
                                       : "INVALID_REQUEST";
    int len =
        snprintf(out, REPLY_ERROR_MAX_BYTES,
                 "{\"code\":\"%s\",\"message\":\"%s\",\"details\":[]}", code, wrong);

    return (struct slice){(const unsigned char *)out, (size_t)len};
}
