/* SPDX-License-Identifier: Apache-2.0
 *
 * The strict reader of heads. Every byte is looked at once, in order, so a head
 * that comes in pieces is refused at the first byte that is wrong. */
#include "http/head.h"

#include <string.h>

#include "base/auto.h"
#include "http/plain_run.h"

/* Where the reader stands. */
struct cursor {
    const unsigned char *at, *end;
};

static int
refuse(struct head *head, int status, const char *wrong)
{
    head->wrong = wrong;
    return status;
}

/* ---- characters ---- */

enum { TOKEN = 1, TARGET = 2, AUTHORITY = 4 };

/* RFC 9110 §5.6.2 (token), RFC 3986 (authority); a target may be anything visible but
 * '#', which never leaves a client. */
static unsigned char
kind_of(unsigned char c)
{
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    bool is_digit = c >= '0' && c <= '9';
    unsigned char kind = 0;

    if (is_letter || is_digit || (c && strchr("!#$%&'*+-.^_`|~", c)))
        kind |= TOKEN;
    if (is_letter || is_digit || (c && strchr("-._~!$&'()*+,;=:%[]", c)))
        kind |= AUTHORITY;
    if (c > 0x20 && c < 0x7f && c != '#')
        kind |= TARGET;
    return kind;
}

static unsigned char KINDS[256]; /* kind_of() of each byte; written before main() */

__attribute__((constructor)) static void
fill_kinds(void)
{
    for (unsigned c = 0; c < 256; c++)
        KINDS[c] = kind_of((unsigned char)c);
}

static bool
all_are(struct slice text, unsigned char kind)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!(KINDS[text.at[i]] & kind))
            return false;
    }
    return text.len > 0;
}

bool
token_is_valid(struct slice text)
{
    return all_are(text, TOKEN);
}

bool
authority_is_valid(struct slice authority)
{
    return all_are(authority, AUTHORITY);
}

/* Takes the longest run of `kind`. */
static struct slice
take_run(struct cursor *cursor, unsigned char kind)
{
    const unsigned char *from = cursor->at;

    while (cursor->at < cursor->end && KINDS[*cursor->at] & kind)
        cursor->at++;
    return (struct slice){from, (size_t)(cursor->at - from)};
}

/* The first byte that is a control character (tab included). */
static const unsigned char *
find_control(const unsigned char *at, const unsigned char *end)
{
    at += plain_run(at, (size_t)(end - at));
    while (at < end && *at >= 0x20 && *at != 0x7f)
        at++;
    return at;
}

/* ---- the request line ---- */

/* CR and LF, both and nothing else. HEAD_MORE: the bytes end before. */
static int
take_line_end(struct head *head, struct cursor *cursor)
{
    if (cursor->at == cursor->end)
        return HEAD_MORE;
    if (*cursor->at == '\n')
        return refuse(head, 400, "A line ends with LF alone; it must end with CR LF.");
    if (*cursor->at != '\r')
        return refuse(head, 400, "A control character stands where none may.");
    if (cursor->end - cursor->at < 2)
        return HEAD_MORE;
    if (cursor->at[1] != '\n')
        return refuse(head, 400, "A CR stands alone; a line must end with CR LF.");
    cursor->at += 2;
    return HEAD_WHOLE;
}

/* "HTTP/" and two digits with a dot. 400: something else. */
static int
take_version(struct cursor *cursor, unsigned char digits[2])
{
    const char form[] = "HTTP/d.d";
    size_t digit_count = 0;

    for (size_t i = 0; i < sizeof(form) - 1; i++, cursor->at++) {
        if (cursor->at == cursor->end)
            return HEAD_MORE;
        bool is_digit = *cursor->at >= '0' && *cursor->at <= '9';
        if (form[i] == 'd' && is_digit)
            digits[digit_count++] = *cursor->at;
        else if (form[i] == 'd' || form[i] != (char)*cursor->at)
            return 400;
    }
    return HEAD_WHOLE;
}

static int
read_version(struct head *head, struct cursor *cursor)
{
    unsigned char digits[2] = {0};
    int outcome = take_version(cursor, digits);

    if (outcome == 400)
        return refuse(head, 400, "The request line must end with HTTP/1.1.");
    if (outcome == HEAD_WHOLE)
        outcome = take_line_end(head, cursor);
    if (outcome == HEAD_MORE)
        return HEAD_MORE;
    if (outcome != HEAD_WHOLE)
        return refuse(head, 400, "The request line must end with HTTP/1.1 and CR LF.");
    if (digits[0] != '1' || digits[1] > '1')
        return refuse(head, 505, "The version must be HTTP/1.1 or HTTP/1.0.");
    head->is_http10 = digits[1] == '0';
    return HEAD_WHOLE;
}

static int
take_blank(struct head *head, struct cursor *cursor, const char *wrong)
{
    if (cursor->at == cursor->end)
        return HEAD_MORE;
    if (*cursor->at != ' ')
        return refuse(head, 400, wrong);
    cursor->at++;
    return HEAD_WHOLE;
}

static int
read_request_line(struct head *head, struct cursor *cursor)
{
    int outcome;

    head->method = take_run(cursor, TOKEN);
    if (head->method.len == 0 && cursor->at < cursor->end)
        return refuse(head, 400, "The request does not begin with a method.");
    outcome = take_blank(head, cursor, "The method holds a character it may not hold.");
    if (outcome != HEAD_WHOLE)
        return outcome;

    head->target = take_run(cursor, TARGET);
    if (cursor->at == cursor->end)
        return HEAD_MORE;
    if (head->target.len == 0)
        return refuse(head, 400,
                      "There must be one blank and a target after the method.");
    if (*cursor->at == '\r') {
        outcome = take_line_end(head, cursor);
        return outcome == HEAD_WHOLE
                   ? refuse(head, 505, "HTTP/0.9 is not spoken; it must be HTTP/1.1.")
                   : outcome;
    }
    outcome = take_blank(head, cursor, "The target holds a character it may not hold.");
    if (outcome != HEAD_WHOLE)
        return outcome;
    return read_version(head, cursor);
}

/* ---- header lines ---- */

bool
content_length_read(struct slice text, uint64_t *out)
{
    uint64_t length = 0;
    bool is_too_much = false;

    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        is_too_much |=
            __builtin_mul_overflow(length, (uint64_t)10, &length) ||
            __builtin_add_overflow(length, (uint64_t)(text.at[i] - '0'), &length);
    }
    if (text.len == 0)
        return false;
    *out = is_too_much ? UINT64_MAX : length;
    return true;
}

static struct slice
trim(struct slice text)
{
    while (text.len && (text.at[0] == ' ' || text.at[0] == '\t'))
        text = slice_from(text, 1);
    while (text.len && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* Takes the next element of a comma-separated list; false at its end. */
static bool
take_element(struct slice *list, struct slice *out)
{
    if (list->len == 0)
        return false;
    if (!slice_cut(list, ',', out)) {
        *out = *list;
        *list = (struct slice){0};
    }
    *out = trim(*out);
    return true;
}

static int
read_host(struct head *head, struct slice value)
{
    if (head->host.at)
        return refuse(head, 400, "There are two Host lines; there must be one.");
    if (!authority_is_valid(value))
        return refuse(head, 400, "Host is not a name or address with an optional port.");
    head->host = value;
    return HEAD_WHOLE;
}

static int
read_content_length(struct head *head, struct slice value)
{
    if (head->has_length)
        return refuse(head, 400, "There are two Content-Length lines.");
    if (!content_length_read(value, &head->content_length))
        return refuse(head, 400, "Content-Length must be digits only.");
    head->has_length = true;
    return HEAD_WHOLE;
}

/* What is wrong with a coding is said when the head is whole: with a Content-Length
 * beside it, that is the worse thing. */
static int
refuse_coding(struct head *head, int status, const char *wrong)
{
    head->coding_status = status;
    head->wrong = wrong;
    return HEAD_WHOLE;
}

static int
read_transfer_encoding(struct head *head, struct slice value)
{
    struct slice coding;
    size_t chunked_count = 0;
    bool is_last_chunked = false;

    if (head->has_coding)
        return refuse(head, 400, "There are two Transfer-Encoding lines.");
    head->has_coding = true;
    head->is_chunked = slice_equal_nocase(value, SLICE("chunked"));
    if (head->is_chunked)
        return HEAD_WHOLE;
    while (take_element(&value, &coding)) {
        is_last_chunked = slice_equal_nocase(coding, SLICE("chunked"));
        chunked_count += is_last_chunked;
    }
    if (chunked_count > 1)
        return refuse_coding(head, 400, "Transfer-Encoding says chunked twice.");
    if (chunked_count == 1 && !is_last_chunked)
        return refuse_coding(head, 400, "In Transfer-Encoding, chunked must come last.");
    return refuse_coding(head, 501, "The only Transfer-Encoding spoken is chunked.");
}

static int
read_connection(struct head *head, struct slice value)
{
    struct slice option;

    while (take_element(&value, &option)) {
        head->wants_close |= slice_equal_nocase(option, SLICE("close"));
        head->wants_keep_alive |= slice_equal_nocase(option, SLICE("keep-alive"));
    }
    return HEAD_WHOLE;
}

static int
read_expect(struct head *head, struct slice value)
{
    if (!slice_equal_nocase(value, SLICE("100-continue")))
        return refuse(head, 417, "The only Expect that can be met is 100-continue.");
    head->wants_continue = true;
    return HEAD_WHOLE;
}

/* The header lines that framing depends on. */
static int
read_known(struct head *head, const struct http_header *header)
{
    static const struct {
        struct slice name;
        int (*read)(struct head *head, struct slice value);
    } KNOWN[] = {
        {SLICE("host"), read_host},
        {SLICE("expect"), read_expect},
        {SLICE("connection"), read_connection},
        {SLICE("content-length"), read_content_length},
        {SLICE("transfer-encoding"), read_transfer_encoding},
    };

    /* the first two mean nothing in an answer */
    for (size_t i = head->status ? 2 : 0; i < COUNT_OF(KNOWN); i++) {
        if (header->name.len == KNOWN[i].name.len &&
            slice_equal_nocase(header->name, KNOWN[i].name))
            return KNOWN[i].read(head, header->value);
    }
    return HEAD_WHOLE;
}

static int
refuse_name(struct head *head, unsigned char stopped_at, size_t name_len)
{
    if (stopped_at == ' ' || stopped_at == '\t')
        return name_len ? refuse(head, 400, "White space stands before a colon.")
                        : refuse(head, 400, "A header line begins with white space.");
    if (stopped_at == '\r' || stopped_at == '\n')
        return refuse(head, 400, "A header line has no colon.");
    if (stopped_at == ':')
        return refuse(head, 400, "A header line has no name.");
    return refuse(head, 400, "A header name holds a character it may not hold.");
}

static int
read_value(struct head *head, struct cursor *cursor, struct slice *out)
{
    const unsigned char *from = cursor->at;

    do {
        cursor->at = find_control(cursor->at, cursor->end);
    } while (cursor->at < cursor->end && *cursor->at == '\t' && cursor->at++);

    *out = trim((struct slice){from, (size_t)(cursor->at - from)});
    return take_line_end(head, cursor);
}

static int
read_header_line(struct head *head, struct cursor *cursor)
{
    struct slice name = take_run(cursor, TOKEN);

    if (cursor->at == cursor->end)
        return HEAD_MORE;
    if (name.len == 0 || *cursor->at != ':')
        return refuse_name(head, *cursor->at, name.len);
    cursor->at++;

    struct http_header header = {.name = name};
    int outcome = read_value(head, cursor, &header.value);
    if (outcome != HEAD_WHOLE)
        return outcome;
    if (head->header_count == head->header_max_count)
        return refuse(head, 431, "There are too many header lines.");
    head->headers[head->header_count++] = header;
    return read_known(head, &header);
}

/* ---- the whole ---- */

/* What one line alone cannot tell. */
static int
check_together(struct head *head)
{
    if (!head->host.at && !head->is_http10)
        return refuse(head, 400, "There is no Host line.");
    if (head->has_coding && head->has_length)
        return refuse(head, 400,
                      "Content-Length and Transfer-Encoding must not come together.");
    if (head->has_coding && head->is_http10)
        return refuse(head, 400, "HTTP/1.0 has no Transfer-Encoding.");
    return head->coding_status;
}

/* Header lines up to the empty one that ends a head. */
static int
read_header_lines(struct head *head, struct cursor *cursor, struct slice bytes)
{
    int outcome = HEAD_WHOLE;

    while (outcome == HEAD_WHOLE && (cursor->at == cursor->end || *cursor->at != '\r'))
        outcome = read_header_line(head, cursor);
    if (outcome == HEAD_WHOLE)
        outcome = take_line_end(head, cursor);
    if (outcome == HEAD_WHOLE)
        head->len = (size_t)(cursor->at - bytes.at);
    return outcome;
}

int
head_read(struct head *head, struct slice bytes)
{
    struct cursor cursor = {bytes.at, bytes.at + bytes.len};
    int outcome;

    *head = (struct head){.headers = head->headers,
                          .header_max_count = head->header_max_count};
    /* One empty line before a request is forgiven (RFC 9112 §2.2). */
    if (bytes.len && *cursor.at == '\r') {
        outcome = take_line_end(head, &cursor);
        if (outcome != HEAD_WHOLE)
            return outcome;
    }
    outcome = read_request_line(head, &cursor);
    if (outcome == HEAD_WHOLE)
        outcome = read_header_lines(head, &cursor, bytes);
    return outcome == HEAD_WHOLE ? check_together(head) : outcome;
}

/* ---- answers ---- */

/* "HTTP/1.1 200 OK"; the words may be missing, and many leave out the blank before
 * them. */
static int
read_status_line(struct head *head, struct cursor *cursor)
{
    unsigned char digits[2] = {0};
    struct slice words;
    int outcome = take_version(cursor, digits);

    if (outcome == 400)
        return refuse(head, 502, "The answer does not begin with HTTP/1.1.");
    if (outcome != HEAD_WHOLE)
        return outcome;
    if (digits[0] != '1' || digits[1] > '1')
        return refuse(head, 502, "The answer's version is not HTTP/1.1 or HTTP/1.0.");
    head->is_http10 = digits[1] == '0';
    outcome = take_blank(head, cursor, "There is no blank before the status.");
    for (int i = 0; outcome == HEAD_WHOLE && i < 3; i++, cursor->at++) {
        if (cursor->at == cursor->end)
            return HEAD_MORE;
        if (*cursor->at < '0' || *cursor->at > '9')
            return refuse(head, 502, "The status is not three digits.");
        head->status = head->status * 10 + (*cursor->at - '0');
    }
    if (outcome != HEAD_WHOLE)
        return outcome;
    if (head->status < 100 || head->status > 599)
        return refuse(head, 502, "The status is not one of 100 to 599.");
    if (cursor->at == cursor->end)
        return HEAD_MORE;
    if (*cursor->at != ' ' && *cursor->at != '\r')
        return refuse(head, 502, "The status is not three digits.");
    return read_value(head, cursor, &words);
}

/* RFC 9112 §6.1, §6.3: what could be framed in two ways. */
static int
check_answer(struct head *head)
{
    bool is_bare = head->status < 200 || head->status == 204;

    if (head->has_coding && head->has_length)
        return refuse(head, 502,
                      "Content-Length and Transfer-Encoding must not come together.");
    if (head->has_coding && (head->is_http10 || is_bare))
        return refuse(head, 502,
                      "There is a Transfer-Encoding where there can be no chunks.");
    if (head->has_length && is_bare && head->content_length > 0)
        return refuse(head, 502, "An answer that has no body states its length.");
    if (head->has_length && head->content_length > INT64_MAX)
        return refuse(head, 502, "Content-Length is more than 63 bits.");
    return head->coding_status ? 502 : HEAD_WHOLE;
}

int
head_read_answer(struct head *head, struct slice bytes)
{
    struct cursor cursor = {bytes.at, bytes.at + bytes.len};

    *head = (struct head){.headers = head->headers,
                          .header_max_count = head->header_max_count};
    int outcome = read_status_line(head, &cursor);
    if (outcome == HEAD_WHOLE)
        outcome = read_header_lines(head, &cursor, bytes);
    if (outcome == HEAD_WHOLE)
        outcome = check_answer(head);
    return outcome == HEAD_WHOLE || outcome == HEAD_MORE ? outcome : 502;
}

bool
target_read(struct slice method, struct slice target, struct slice *authority,
            struct slice *path, struct slice *query)
{
    struct slice rest = target;

    *query = (struct slice){0};
    if (slice_equal(target, SLICE("*"))) {
        *path = target;
        return slice_equal(method, SLICE("OPTIONS"));
    }
    if (!all_are(target, TARGET))
        return false;
    bool is_http = slice_equal_nocase(slice_head(rest, 7), SLICE("http://"));
    if (is_http || slice_equal_nocase(slice_head(rest, 8), SLICE("https://"))) {
        rest = slice_from(rest, is_http ? 7 : 8);
        size_t len = 0;
        while (len < rest.len && rest.at[len] != '/' && rest.at[len] != '?')
            len++;
        *authority = slice_head(rest, len);
        rest = slice_from(rest, len);
        if (rest.len == 0 || rest.at[0] != '/' || !authority_is_valid(*authority))
            return false;
    }
    if (rest.len == 0 || rest.at[0] != '/')
        return false;
    if (slice_cut(&rest, '?', path))
        *query = rest;
    else
        *path = rest;
    return true;
}
