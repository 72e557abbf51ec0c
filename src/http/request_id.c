/* SPDX-License-Identifier: Apache-2.0
 *
 * Ids in Crockford's base 32. The count goes through a bijective mix (splitmix64), so two
 * ids of one loop differ for sure, and those of two loops by their random tag. */
#include "http/request_id.h"

#include <string.h>

#include "base/random.h"

static const char DIGITS[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void
request_id_start(struct request_id_maker *maker)
{
    *maker = (struct request_id_maker){
        .count = random_u64(), .tag = random_u64(), .time_ms = -1};
}

static uint64_t
mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

/* The lowest `count` digits of `number`. */
static void
write_digits(uint64_t number, char *out, size_t count)
{
    while (count-- > 0) {
        out[count] = DIGITS[number & 31];
        number >>= 5;
    }
}

void
request_id_make(struct request_id_maker *maker, int64_t now_ms,
                char out[HTTP_REQUEST_ID_CHARS + 1])
{
    if (maker->time_ms != now_ms) {
        maker->time_ms = now_ms;
        write_digits((uint64_t)now_ms, maker->time, sizeof(maker->time));
    }
    uint64_t low = mix(maker->count++);
    memcpy(out, maker->time, sizeof(maker->time));
    write_digits(maker->tag << 4 | low >> 60, out + 10, 4);
    write_digits(low, out + 14, 12);
    out[HTTP_REQUEST_ID_CHARS] = '\0';
}
