/* SPDX-License-Identifier: Apache-2.0
 *
 * Two lines of text. People edit such files, so reading forgives what editors do. */
#include "jose/token_file.h"

static const struct slice ID_NAME = {(const unsigned char *)"Token ID", 8};
static const struct slice SECRET_NAME = {(const unsigned char *)"Secret key", 10};

void
token_file_write(struct slice token_id, struct slice secret_key, struct buffer *out)
{
    buffer_add(out, ID_NAME);
    buffer_add_text(out, ": ");
    buffer_add(out, token_id);
    buffer_add_byte(out, '\n');
    buffer_add(out, SECRET_NAME);
    buffer_add_text(out, ": ");
    buffer_add(out, secret_key);
    buffer_add_byte(out, '\n');
}

/* "line 2 …", never what stands in the line: it may be the secret. */
MUST_CHECK static enum status
refuse(struct failure *failure, int line, const char *what)
{
    enum status status =
        line ? failure_set(failure, STATUS_MALFORMED, "token",
                           "the .token file is not readable: line %d %s; wanted are the "
                           "lines 'Token ID: …' and 'Secret key: …'",
                           line, what)
             : failure_set(failure, STATUS_MALFORMED, "token",
                           "the .token file is not readable: %s; wanted are the lines "
                           "'Token ID: …' and 'Secret key: …'",
                           what);
    if (failure)
        failure->line = line;
    return status;
}

/* Takes the next line off `rest`. */
static struct slice
cut_line(struct slice *rest)
{
    struct slice line;

    if (!slice_cut(rest, '\n', &line)) {
        line = *rest;
        rest->len = 0;
    }
    return slice_trim(line);
}

enum status
token_file_read(struct slice text, char out_id[TOKEN_ID_MAX_CHARS + 1],
                struct secret *out_secret, struct failure *failure)
{
    struct slice id = {0};
    struct slice secret = {0};
    struct slice rest = text;

    if (slice_starts(rest, SLICE("\xef\xbb\xbf"))) /* byte order mark */
        rest = slice_from(rest, 3);
    for (int line_number = 1; rest.len > 0; line_number++) {
        struct slice value = cut_line(&rest);
        struct slice name;
        if (value.len == 0)
            continue;
        if (!slice_cut(&value, ':', &name))
            return refuse(failure, line_number, "has no colon");
        name = slice_trim(name);
        value = slice_trim(value);
        struct slice *known = slice_equal_nocase(name, ID_NAME)       ? &id
                              : slice_equal_nocase(name, SECRET_NAME) ? &secret
                                                                      : NULL;
        if (!known)
            return refuse(failure, line_number, "is neither of the two");
        if (known->len > 0)
            return refuse(failure, line_number, "is there twice");
        *known = value;
    }
    if (id.len == 0 || secret.len == 0)
        return refuse(failure, 0,
                      id.len == 0 ? "there is no token ID in it"
                                  : "there is no secret key in it");

    char id_text[TOKEN_ID_MAX_CHARS + 1];
    if (!slice_to_text(id, id_text, sizeof(id_text)))
        return refuse(failure, 0, "the token ID is longer than 64 characters");
    if (!secret_set(out_secret, secret))
        return refuse(failure, 0, "the secret key is longer than 512 characters");
    memcpy(out_id, id_text, sizeof(id_text));
    return STATUS_OK;
}
