/* SPDX-License-Identifier: Apache-2.0
 *
 * What all fuzzers share: their entry, and a claim that ends the process when it does not
 * hold, so that the fuzzer keeps the input. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdlib.h>

/* Called by libFuzzer with each input. */
int LLVMFuzzerTestOneInput(const unsigned char *at, size_t len);

#define NEED(claim)   \
    do {              \
        if (!(claim)) \
            abort();  \
    } while (0)

#endif
