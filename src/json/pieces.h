/* SPDX-License-Identifier: Apache-2.0
 *
 * A text piece by piece, in one pass and without recursion: for building trees of long
 * texts. As strict as json/scan.h, whose values it gives out, but deeper, and whole
 * numbers beyond int64_t are taken as far as a double can hold them. */
#ifndef JSON_PIECES_H
#define JSON_PIECES_H

#include "json/scan.h"

enum { JSON_PIECES_DEPTH_MAX = 256 };

enum json_piece_kind {
    JSON_PIECE_END = 0, /* the whole text is read, and nothing is wrong with it */
    JSON_PIECE_VALUE,   /* a string, a number or a word */
    JSON_PIECE_OPEN,    /* an object or an array begins */
    JSON_PIECE_CLOSE,   /* the newest that is open ends */
};

struct json_piece {
    enum json_piece_kind kind;
    struct json_value name;  /* of a value or a beginning within an object */
    struct json_value value; /* of a beginning: its kind only */
};

/* Where the reading stands. What lies before `at` is not looked at again: whoever owns
 * the text may write there. */
struct json_pieces {
    const unsigned char *at, *end;
    int fault; /* what is wrong at `at`, if something is */
    unsigned depth;
    bool is_begun, is_opened; /* opened: nothing was given out of the newest */
    uint64_t is_object[JSON_PIECES_DEPTH_MAX / 64]; /* a bit for each that is open */
};

struct json_pieces json_pieces_of(struct slice text);
/* The next piece; JSON_PIECE_END again and again at the end. STATUS_MALFORMED: it is not
 * JSON. STATUS_TOO_LARGE: it nests deeper than JSON_PIECES_DEPTH_MAX. */
MUST_CHECK enum status json_pieces_next(struct json_pieces *pieces,
                                        struct json_piece *out);
/* After a fault: the status again, and why, with line and column in `failure`. `text` is
 * what was read, as it was at first. */
MUST_CHECK enum status json_pieces_explain(const struct json_pieces *pieces,
                                           struct slice text, struct failure *failure);

#endif
