/* SPDX-License-Identifier: Apache-2.0
 *
 * ES256 with tables: because keys are known in advance, u1·G + u2·Q is a sum of 56 points
 * that were computed once, without any doubling. Level 1 sums them in plain C, level 2
 * eight at a time (AVX512-IFMA). Neither is trusted alone: what is exceptional is not
 * decided here but asked of level 0 (OpenSSL), and so are samples of all answers.
 * Everything is public and takes variable time. docs/es256.md has the mathematics. */
#ifndef CRYPTO_ES256_TABLE_H
#define CRYPTO_ES256_TABLE_H

#include "crypto/es256.h"

/* What a level says. Zeroed is no. */
enum es256_answer { ES256_NO, ES256_YES, ES256_ASK };

enum es256_level { ES256_LEVEL_OPENSSL, ES256_LEVEL_TABLE, ES256_LEVEL_LANES };

/* Where tables are: large pages, read-only. Any thread. */
struct es256_arena;

/* The points of one public key, for one level: 36 windows of 7 and 8 bits, signed odd
 * digits; 160 KB. Read-only once built; any number of threads. */
struct es256_table;

enum { ES256_TABLE_BYTES = 2560 * 64 };

struct es256_arena *es256_arena_new(void);
/* All its tables must have been freed. */
void es256_arena_free(struct es256_arena **arena);

/* The table of a point that es256_key_new() has accepted: one that is not on the curve
 * must not come here. `level` is TABLE or LANES. All its points are checked to be on the
 * curve, and it is compared with OpenSSL on random scalars, before it is given out.
 * STATUS_BROKEN: it differs, or OpenSSL failed; then there is no table. */
MUST_CHECK enum status es256_table_new(struct es256_arena *arena, enum es256_level level,
                                       const uint8_t point[PUBLIC_KEY_BYTES],
                                       struct es256_table **out);
void es256_table_free(struct es256_table **table);

/* The highest level that this processor can do. */
enum es256_level es256_level_best(void);
const char *es256_level_name(enum es256_level level); /* "openssl", "table", "lanes" */

/* As es256_verify(), by a table, on its level.
 * ES256_ASK: an exceptional sum (about never, unless the key's owner makes them). */
enum es256_answer es256_table_verify(const struct es256_table *table,
                                     const uint8_t digest[ES256_DIGEST_BYTES],
                                     struct slice signature);

#endif
