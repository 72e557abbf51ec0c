/* SPDX-License-Identifier: Apache-2.0
 *
 * When sessions were used last, until the housekeeper writes it down: a request that only
 * looks must not wait for its turn to write. Other nodes of the same store see a use a
 * few seconds later. For all threads. */
#ifndef CONSOLE_USES_H
#define CONSOLE_USES_H

#include "store/store.h"

#include <stdint.h>

struct uses;

struct uses *uses_new(void);
void uses_free(struct uses **uses);

void uses_note(struct uses *uses, int64_t session_id, int64_t at_s);
/* 0: nothing that is not written down. */
int64_t uses_find(struct uses *uses, int64_t session_id);
/* Writes all down, in the running transaction; uses_written() forgets them once that is
 * committed. */
MUST_CHECK enum status uses_write(struct uses *uses, struct store *store);
void uses_written(struct uses *uses);
size_t uses_count(struct uses *uses);

#endif
