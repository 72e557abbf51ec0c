/* SPDX-License-Identifier: Apache-2.0
 *
 * What is secret, for the test that watches where secrets go: it runs on valgrind's
 * memcheck, which holds bytes that are marked secret for undefined, and tells of each
 * branch and each address that depends on them. PUBLIC() stands where a value that was
 * computed from secrets tells nothing of them, and says why. Without CHECK_CONSTANT_TIME
 * both are nothing. */
#ifndef CRYPTO_SECRET_MARK_H
#define CRYPTO_SECRET_MARK_H

#ifdef CHECK_CONSTANT_TIME
#include <valgrind/memcheck.h>
#define SECRET(at, len) ((void)VALGRIND_MAKE_MEM_UNDEFINED((at), (len)))
#define PUBLIC(at, len) ((void)VALGRIND_MAKE_MEM_DEFINED((at), (len)))
#else
#define SECRET(at, len) ((void)(at), (void)(len))
#define PUBLIC(at, len) ((void)(at), (void)(len))
#endif

#endif
