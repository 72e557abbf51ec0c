/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks at whole answers, one after another on a connection. */
#ifndef TESTS_HTTP_ANSWERS_H
#define TESTS_HTTP_ANSWERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/limits.h"
#include "support.h"

/* The newest. */
static char answer[3 * 1024 * 1024];

static const char *
body_of(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");

    assert_non_null(end);
    return end + 4;
}

static void
check_answer(struct client *client, int status, const char *body)
{
    assert_int_equal(client_answer(client, answer, sizeof(answer)), status);
    assert_string_equal(body_of(answer), body);
}

#endif
