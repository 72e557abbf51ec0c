/* SPDX-License-Identifier: Apache-2.0
 *
 * One writer at a time within this process: the threads that want to write the same
 * database wait in their sleep instead of polling it. */
#ifndef STORE_DB_LOCK_H
#define STORE_DB_LOCK_H

#include <stdbool.h>
#include <stdint.h>

struct db_lock;

/* The lock of the file with this device and inode; the same for all who ask. */
struct db_lock *db_lock_of(uint64_t device, uint64_t inode);
/* No longer wanted. Accepts NULL, leaves NULL. */
void db_lock_drop(struct db_lock **lock);
/* False when it did not become free for `wait_ms`. */
bool db_lock_take(struct db_lock *lock, int64_t wait_ms);
void db_lock_give(struct db_lock *lock);

#endif
