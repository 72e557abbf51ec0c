/* SPDX-License-Identifier: Apache-2.0
 *
 * SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF"). */
#include "base/hash.h"

#include "base/random.h"

#include <pthread.h>

static uint8_t process_key[16];
static pthread_once_t process_key_once = PTHREAD_ONCE_INIT;

struct sip {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t
rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void
sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v2 = rotate(s->v2, 32);
}

static inline void
sip_word(struct sip *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    sip_round(s);
    s->v0 ^= word;
}

static inline uint64_t
read_le64(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

uint64_t
hash_siphash(const uint8_t key[16], struct slice bytes)
{
    uint64_t k0 = read_le64(key);
    uint64_t k1 = read_le64(key + 8);
    struct sip s = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
                    k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573};
    uint64_t last = (uint64_t)bytes.len << 56;
    size_t i = 0;

    for (; bytes.len - i >= 8; i += 8)
        sip_word(&s, read_le64(bytes.at + i));
    for (int shift = 0; i < bytes.len; i++, shift += 8)
        last |= (uint64_t)bytes.at[i] << shift;
    sip_word(&s, last);
    s.v2 ^= 0xFF;
    for (int i_round = 0; i_round < 4; i_round++)
        sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

static void
make_process_key(void)
{
    random_fill(process_key, sizeof(process_key));
}

uint64_t
hash_keyed(struct slice bytes)
{
    pthread_once(&process_key_once, make_process_key);
    return hash_siphash(process_key, bytes);
}
