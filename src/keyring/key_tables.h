/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of the ES256 keys that are used most, shared by all loops. A key gets its table
 * after some ten verifications, built on a thread of its own; the memory for all is
 * bounded, and what was used longest ago makes room. Looking one up takes no lock.
 *
 * No table level is trusted alone. What is exceptional is asked of OpenSSL at once; one
 * answer in a thousand, yes or no, is asked of OpenSSL afterwards, on that thread. If one
 * ever differs, the table levels are off until the next start, and whoever looks at the
 * figures is told. */
#ifndef KEYRING_KEY_TABLES_H
#define KEYRING_KEY_TABLES_H

#include "crypto/es256_table.h"

#include <stdint.h>

struct key_tables;

enum { KEY_TABLES_COLD_USES = 10, KEY_TABLES_SAMPLE_EVERY = 1000 };

/* `level`: the highest that is to be used; ES256_LEVEL_OPENSSL = no tables. `max_bytes`
 * for all tables together; below eight of them there are none.
 * STATUS_REFUSED: this processor cannot do the level. */
MUST_CHECK enum status key_tables_open(enum es256_level level, size_t max_bytes,
                                       struct key_tables **out, struct failure *failure);
/* No loop may be looking any more. */
void key_tables_close(struct key_tables **tables);

/* Which key, and when. */
struct key_in_use {
    uint64_t serial;           /* keyring_entry_key_serial() */
    struct slice point;        /* PUBLIC_KEY_BYTES */
    struct es256_key *openssl; /* the lane's own, for level 0 */
    int64_t now_s;             /* any clock that goes forward */
};

/* What one loop keeps for its turns. Zero it. */
struct key_tables_turn {
    uint64_t answer_count;
};

/* es256_verify(), on the highest level that is there for the key. Inside
 * keyring_enter()/keyring_leave(). */
MUST_CHECK enum status key_tables_verify(struct key_tables *tables,
                                         struct key_tables_turn *turn,
                                         const struct key_in_use *key,
                                         const uint8_t digest[ES256_DIGEST_BYTES],
                                         struct slice signature, bool *out);

struct key_tables_figures {
    enum es256_level level;     /* in force now */
    int64_t table_count, bytes; /* now */
    int64_t built_total, asked_total, sampled_total, difference_total;
};
struct key_tables_figures key_tables_figures(const struct key_tables *tables);

/* Waits until everything that was asked for is built and checked: for tests. */
void key_tables_settle(struct key_tables *tables);

#endif
