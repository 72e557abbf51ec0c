/* SPDX-License-Identifier: Apache-2.0
 *
 * cmocka with what it needs before it. */
#ifndef TEST_HTTPSIG_SUPPORT_H
#define TEST_HTTPSIG_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/slice.h"
#include "base/status.h"

#define assert_slice(slice, text) assert_true(slice_equal(slice, slice_of(text)))

#define OK(call) assert_int_equal((call), STATUS_OK)

#endif
