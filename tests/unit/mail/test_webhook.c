/* SPDX-License-Identifier: Apache-2.0
 *
 * Which addresses a webhook may not have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/auto.h"
#include "mail/webhook.h"

static void
test_link_local_addresses_are_known_in_every_spelling(void **state)
{
    static const char *const LOCAL[] = {
        "169.254.169.254",
        "169.254.0.1",
        "::ffff:169.254.169.254",
        "fe80::1",
        "febf::1",
        "fd00:ec2::254",
        "0.0.0.0",
        "::",
        "fd00:0ec2:0:0:0:0:0:254",
        "",
        "169.254.169.254.example.com",
    };
    static const char *const OTHERS[] = {
        "127.0.0.1", "10.0.0.1",    "169.253.255.255", "169.255.0.0", "203.0.113.7",
        "::1",       "fd00:ec2::1", "2001:db8::1",     "fec0::1",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(LOCAL); i++)
        assert_true(webhook_is_link_local(LOCAL[i]));
    for (size_t i = 0; i < COUNT_OF(OTHERS); i++)
        assert_false(webhook_is_link_local(OTHERS[i]));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_link_local_addresses_are_known_in_every_spelling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
