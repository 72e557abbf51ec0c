/* SPDX-License-Identifier: Apache-2.0
 *
 * %xx, there and back. */
#include "base/percent.h"

#include "base/hex.h"

static bool
is_unreserved(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '-' || c == '.' || c == '_' || c == '~';
}

size_t
percent_decode(struct slice text, unsigned char *out)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '%' && text.len - i > 2 && hex_value(text.at[i + 1]) >= 0 &&
            hex_value(text.at[i + 2]) >= 0) {
            out[len++] = (unsigned char)(hex_value(text.at[i + 1]) << 4 |
                                         hex_value(text.at[i + 2]));
            i += 2;
        } else {
            out[len++] = text.at[i];
        }
    }
    return len;
}

void
percent_encode(struct buffer *out, struct slice text)
{
    static const char HEX[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        if (is_unreserved(c)) {
            buffer_add_byte(out, c);
        } else {
            unsigned char three[3] = {'%', (unsigned char)HEX[c >> 4],
                                      (unsigned char)HEX[c & 15]};
            buffer_add(out, (struct slice){three, 3});
        }
    }
}
