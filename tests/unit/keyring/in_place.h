/* SPDX-License-Identifier: Apache-2.0
 *
 * IN_PLACE(test): a test with a place of its own, on a thread that reads the keyring. */
#ifndef KEYRING_IN_PLACE_H
#define KEYRING_IN_PLACE_H

#include "support.h"

static struct place place;

static int
open_place(void **state)
{
    (void)state;
    place_open(&place);
    keyring_thread_in();
    return 0;
}

static int
close_place(void **state)
{
    (void)state;
    keyring_thread_out();
    place_close(&place);
    clock_stand_at(-1);
    return 0;
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, open_place, close_place)

#endif
