/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a chunked body: read in one piece and in pieces of every size, the outcome
 * and the data are the same, and no byte outside is touched. The first byte chooses how
 * long the pieces are. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "http/chunked.h"

enum { MAX_BYTES = 1000 };

struct result {
    int outcome;
    unsigned char *data;
    size_t data_len, used;
};

static struct result
read_in_pieces(const unsigned char *at, size_t len, size_t piece)
{
    struct chunked chunked = {.max_bytes = MAX_BYTES};
    struct result result = {.outcome = CHUNKED_MORE, .data = malloc(len + 1)};

    while (result.used < len && result.outcome == CHUNKED_MORE) {
        size_t here = len - result.used < piece ? len - result.used : piece;
        unsigned char *bytes = malloc(here);
        size_t kept = 0;
        size_t used = 0;
        memcpy(bytes, at + result.used, here);
        result.outcome = chunked_read(&chunked, bytes, here, &kept, &used);
        NEED(kept <= used && used <= here);
        NEED(result.outcome != CHUNKED_MORE || used == here);
        memcpy(result.data + result.data_len, bytes, kept);
        result.data_len += kept;
        result.used += used;
        free(bytes);
    }
    NEED(result.outcome == CHUNKED_MORE || result.outcome == CHUNKED_WHOLE ||
         (chunked.wrong && result.outcome >= 400));
    NEED(result.data_len <= MAX_BYTES);
    return result;
}

int
LLVMFuzzerTestOneInput(const unsigned char *at, size_t len)
{
    if (len == 0)
        return 0;

    struct result whole = read_in_pieces(at + 1, len - 1, len);
    struct result cut = read_in_pieces(at + 1, len - 1, 1 + at[0] % 16);
    NEED(whole.outcome == cut.outcome && whole.used == cut.used);
    NEED(whole.data_len == cut.data_len);
    NEED(memcmp(whole.data, cut.data, whole.data_len) == 0);
    free(whole.data);
    free(cut.data);
    return 0;
}
