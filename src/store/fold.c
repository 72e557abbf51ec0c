/* SPDX-License-Identifier: Apache-2.0
 *
 * Simple case folding by ranges (Unicode CaseFolding.txt, status C) whose capitals and
 * small letters take the same number of bytes. */
#include "store/fold.h"

#include "base/auto.h"
#include "base/utf8.h"

#include <stdint.h>

/* Capitals and how far their small letters are. */
static const struct fold_range {
    uint32_t first, last, distance;
} RANGES[] = {
    {'A', 'Z', 0x20},       {0x00C0, 0x00D6, 0x20}, /* À..Ö */
    {0x00D8, 0x00DE, 0x20},                         /* Ø..Þ */
    {0x0391, 0x03A1, 0x20},                         /* Α..Ρ */
    {0x03A3, 0x03AB, 0x20},                         /* Σ..Ϋ */
    {0x0400, 0x040F, 0x50},                         /* Ѐ..Џ */
    {0x0410, 0x042F, 0x20},                         /* А..Я */
};

static uint32_t
fold_letter(uint32_t letter)
{
    for (size_t i = 0; i < COUNT_OF(RANGES); i++) {
        if (letter >= RANGES[i].first && letter <= RANGES[i].last)
            return letter + RANGES[i].distance;
    }
    return letter;
}

bool
fold_case(struct slice text, char *out, size_t size)
{
    if (!slice_to_text(text, out, size))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char first = text.at[i];
        bool has_second = i + 1 < text.len && (text.at[i + 1] & 0xC0) == 0x80;
        if (first < 0x80) {
            out[i] = (char)fold_letter(first);
        } else if (first >= 0xC2 && first <= 0xDF && has_second) {
            uint32_t letter = (uint32_t)(first & 0x1F) << 6 | (text.at[i + 1] & 0x3F);
            utf8_write(fold_letter(letter), (unsigned char *)out + i);
            i++;
        }
    }
    return true;
}
