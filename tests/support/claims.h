/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims about a status, with its name when they do not hold. */
#ifndef TESTS_SUPPORT_CLAIMS_H
#define TESTS_SUPPORT_CLAIMS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/status.h"

#define OK(call)                                                                        \
    do {                                                                                \
        enum status status_ = (call);                                                   \
        if (status_ != STATUS_OK)                                                       \
            fail_msg("%s:%d: %s: %s", __FILE__, __LINE__, #call, status_name(status_)); \
    } while (0)

#endif
