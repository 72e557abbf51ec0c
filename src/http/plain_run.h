/* SPDX-License-Identifier: Apache-2.0
 *
 * How far a header's value is plain text, many bytes at a time: for reading and for
 * writing heads. */
#ifndef HTTP_PLAIN_RUN_H
#define HTTP_PLAIN_RUN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t plain_words __attribute__((vector_size(32)));

/* Eight bytes: is one of them a control character, tab included (c < 0x20, or c == 0x7f
 * as c ^ 0x7f == 0)? May say yes also when none is; never no when one is. Works on one
 * word and on several. */
#define HOLDS_CONTROL(word)                                              \
    (((((word)-ONES * 0x20) & ~(word)) |                                 \
      ((((word) ^ (ONES * 0x7f)) - ONES) & ~((word) ^ (ONES * 0x7f)))) & \
     (ONES * 0x80))

/* How many bytes from the beginning hold no control character, at least; what is left is
 * to be looked at byte by byte, and is shorter than eight if all of it is plain. */
static inline size_t
plain_run(const unsigned char *at, size_t len)
{
    const uint64_t ONES = 0x0101010101010101;
    size_t done = 0;

    for (; len - done >= sizeof(plain_words); done += sizeof(plain_words)) {
        plain_words words;
        memcpy(&words, at + done, sizeof(words));
        plain_words found = HOLDS_CONTROL(words);
        if (found[0] | found[1] | found[2] | found[3])
            break;
    }
    for (; len - done >= sizeof(uint64_t); done += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, at + done, sizeof(word));
        if (HOLDS_CONTROL(word))
            break;
    }
    return done;
}

#undef HOLDS_CONTROL

#endif
