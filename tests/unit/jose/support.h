/* SPDX-License-Identifier: Apache-2.0
 *
 * cmocka with what it needs before it. */
#ifndef TEST_JOSE_SUPPORT_H
#define TEST_JOSE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/slice.h"

#define assert_slice(slice, text) assert_true(slice_equal(slice, slice_of(text)))

#endif
