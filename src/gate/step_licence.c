/* SPDX-License-Identifier: Apache-2.0
 *
 * Has the account a licence that covers the operation? */
#include "gate/inside.h"

#include "rules/policy.h"

#include <stdio.h>

/* "Control, Resilience" */
static void
write_names(const struct operation *operation, char *out, size_t size)
{
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < operation->licence_count && len < size; i++) {
        int added = snprintf(out + len, size - len, "%s%s", i > 0 ? ", " : "",
                             operation->licences[i]);
        len += added > 0 ? (size_t)added : 0;
    }
}

enum go
step_licence(struct exchange *x)
{
    const struct operation *operation = x->operation;
    const struct keyring *keyring = x->lane->gate->keyring;
    const char *of_that_day[OPERATION_LICENCE_MAX_COUNT];
    const char *const *names = of_that_day;
    size_t count = 0;

    if (x->is_described) /* at its moment, which need not be now */
        count = keyring_licences_at(keyring, x->now_ms / 1000, operation->licences,
                                    operation->licence_count, of_that_day);
    else
        names = keyring_licences(keyring, &count);
    if (policy_licence(operation, names, count) == PERMITTED)
        return GO_ON;

    char wanted[256];
    write_names(x->operation, wanted, sizeof(wanted));
    return refuse(x, REFUSED_LICENCE, NULL,
                  "the account has no licence for this operation; wanted is %s%s",
                  x->operation->licence_count > 1 ? "one of: " : "", wanted);
}
