/* SPDX-License-Identifier: Apache-2.0
 *
 * 64 characters at a time with AVX512-VBMI: a table of 128 bytes in two registers says
 * the six bits of each; masks take what is less than 64. The way back needs one register
 * for its table. Else, for decoding, 32 at a time with AVX2, where each character is
 * compared with the borders of the five ranges of the alphabet, so there is no table. */
#include "base/base64url_bulk.h"

#include <immintrin.h>
#include <stdint.h>

enum { BLOCK_CHARS = 32, BLOCK_BYTES = 24 };

/* After a block as many characters must be left as make the 8 bytes that a store of 32
 * bytes writes past the block's 24. */
enum { BLOCK_LEFT_CHARS = 11 };

static bool has_vbmi, has_avx2;

static const char ALPHABET[] __attribute__((aligned(64))) =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The six bits of each ASCII character; 80 for what is foreign. */
static uint8_t six_bits[128] __attribute__((aligned(64)));

static void
fill_six_bits(void)
{
    memset(six_bits, 0x80, sizeof(six_bits));
    for (uint8_t six = 0; six < 64; six++)
        six_bits[(unsigned char)ALPHABET[six]] = six;
}

__attribute__((constructor)) static void
ask_processor(void)
{
    fill_six_bits();
    __builtin_cpu_init();
    has_vbmi = __builtin_cpu_supports("avx512vbmi") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512f");
    has_avx2 = __builtin_cpu_supports("avx2");
}

/* FF where least <= c <= most, for each byte of `chars`; ASCII borders, so bytes from 80
 * on, which count as negative, are in no range. */
__attribute__((target("avx2"))) static inline __m256i
in_range(__m256i chars, char least, char most)
{
    __m256i not_less = _mm256_cmpgt_epi8(chars, _mm256_set1_epi8((char)(least - 1)));
    __m256i more = _mm256_cmpgt_epi8(chars, _mm256_set1_epi8(most));

    return _mm256_andnot_si256(more, not_less);
}

/* Adds `by` where `where` says so. */
__attribute__((target("avx2"))) static inline __m256i
shift_where(__m256i shifts, __m256i where, char by)
{
    return _mm256_or_si256(shifts, _mm256_and_si256(where, _mm256_set1_epi8(by)));
}

/* The six bits of each of 32 characters. False if one is foreign. */
__attribute__((target("avx2"))) static inline bool
six_bits_of(__m256i chars, __m256i *out)
{
    __m256i upper = in_range(chars, 'A', 'Z');
    __m256i lower = in_range(chars, 'a', 'z');
    __m256i digit = in_range(chars, '0', '9');
    __m256i dash = _mm256_cmpeq_epi8(chars, _mm256_set1_epi8('-'));
    __m256i line = _mm256_cmpeq_epi8(chars, _mm256_set1_epi8('_'));
    __m256i known = _mm256_or_si256(_mm256_or_si256(upper, lower),
                                    _mm256_or_si256(_mm256_or_si256(dash, line), digit));
    __m256i shifts = _mm256_and_si256(upper, _mm256_set1_epi8(0 - 'A'));

    if (_mm256_movemask_epi8(known) != -1)
        return false;
    shifts = shift_where(shifts, lower, 26 - 'a');
    shifts = shift_where(shifts, digit, 52 - '0');
    shifts = shift_where(shifts, dash, 62 - '-');
    shifts = shift_where(shifts, line, 63 - '_');
    *out = _mm256_add_epi8(chars, shifts);
    return true;
}

/* Puts 32 times six bits together to 24 bytes, the first of the vector. */
__attribute__((target("avx2"))) static inline __m256i
joined(__m256i sixes)
{
    const __m256i order =
        _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1, 2, 1, 0,
                         6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    const __m256i gap = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7);
    __m256i twelves = _mm256_maddubs_epi16(sixes, _mm256_set1_epi32(0x01400140));
    __m256i words = _mm256_madd_epi16(twelves, _mm256_set1_epi32(0x00011000));

    return _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(words, order), gap);
}

__attribute__((target("avx2"))) static size_t
decode_blocks(struct slice text, unsigned char *out)
{
    size_t done = 0;

    while (text.len - done >= BLOCK_CHARS + BLOCK_LEFT_CHARS) {
        __m256i chars =
            _mm256_loadu_si256((const __m256i *)(const void *)(text.at + done));
        __m256i sixes;

        if (!six_bits_of(chars, &sixes))
            break;
        _mm256_storeu_si256((__m256i *)(void *)out, joined(sixes));
        done += BLOCK_CHARS;
        out += BLOCK_BYTES;
    }
    return done;
}

#define VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi")))

/* Where the 48 bytes are when six bits have been joined to three bytes of each word. */
static const uint8_t THREE_OF_FOUR[64] __attribute__((aligned(64))) = {
    2,  1,  0,  6,  5,  4,  10, 9,  8,  14, 13, 12, 18, 17, 16, 22,
    21, 20, 26, 25, 24, 30, 29, 28, 34, 33, 32, 38, 37, 36, 42, 41,
    40, 46, 45, 44, 50, 49, 48, 54, 53, 52, 58, 57, 56, 62, 61, 60};

/* All groups of four. */
VBMI static size_t
decode_masked(struct slice text, unsigned char *out)
{
    const __m512i low = _mm512_load_si512(six_bits);
    const __m512i high = _mm512_load_si512(six_bits + 64);
    const __m512i order = _mm512_load_si512(THREE_OF_FOUR);
    size_t end = text.len / 4 * 4;
    size_t done = 0;

    while (done < end) {
        size_t count = end - done < 64 ? end - done : 64;
        __mmask64 there = UINT64_MAX >> (64 - count);
        __m512i chars = _mm512_maskz_loadu_epi8(there, text.at + done);
        __m512i sixes = _mm512_permutex2var_epi8(low, chars, high);
        /* bit 7 of a character is not looked at by the table, but here */
        if (_mm512_movepi8_mask(_mm512_or_si512(sixes, chars)) & there)
            break;
        __m512i twelves = _mm512_maddubs_epi16(sixes, _mm512_set1_epi32(0x01400140));
        __m512i words = _mm512_madd_epi16(twelves, _mm512_set1_epi32(0x00011000));
        _mm512_mask_storeu_epi8(out, UINT64_MAX >> (64 - count / 4 * 3),
                                _mm512_permutexvar_epi8(order, words));
        done += count;
        out += count / 4 * 3;
    }
    return done;
}

size_t
base64url_bulk(struct slice text, unsigned char *out)
{
    if (has_vbmi)
        return decode_masked(text, out);
    return has_avx2 ? decode_blocks(text, out) : 0;
}

/* Three bytes a, b, c stand in a word as b, a, c, b: then each of their four characters
 * has its six bits next to one another, at bits 10, 4, 22 and 16. */
static const uint8_t FOUR_OF_THREE[64] __attribute__((aligned(64))) = {
    1,  0,  2,  1,  4,  3,  5,  4,  7,  6,  8,  7,  10, 9,  11, 10,
    13, 12, 14, 13, 16, 15, 17, 16, 19, 18, 20, 19, 22, 21, 23, 22,
    25, 24, 26, 25, 28, 27, 29, 28, 31, 30, 32, 31, 34, 33, 35, 34,
    37, 36, 38, 37, 40, 39, 41, 40, 43, 42, 44, 43, 46, 45, 47, 46};

/* All groups of three. */
VBMI static size_t
encode_masked(struct slice bytes, char *out)
{
    const __m512i order = _mm512_load_si512(FOUR_OF_THREE);
    const __m512i alphabet = _mm512_load_si512(ALPHABET);
    const __m512i shifts = _mm512_set1_epi64(0x3036242a1016040a);
    size_t end = bytes.len / 3 * 3;
    size_t done = 0;

    while (done < end) {
        size_t count = end - done < 48 ? end - done : 48;
        __m512i threes =
            _mm512_maskz_loadu_epi8(UINT64_MAX >> (64 - count), bytes.at + done);
        __m512i fours = _mm512_permutexvar_epi8(order, threes);
        /* the table looks at six bits of each and at no more */
        __m512i sixes = _mm512_multishift_epi64_epi8(shifts, fours);
        _mm512_mask_storeu_epi8(out, UINT64_MAX >> (64 - count / 3 * 4),
                                _mm512_permutexvar_epi8(sixes, alphabet));
        done += count;
        out += count / 3 * 4;
    }
    return done;
}

size_t
base64url_bulk_encode(struct slice bytes, char *out)
{
    return has_vbmi ? encode_masked(bytes, out) : 0;
}
