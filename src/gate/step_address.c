/* SPDX-License-Identifier: Apache-2.0
 *
 * Does it come from an approved address? */
#include "gate/inside.h"

#include "rules/addresses.h"

enum go
step_address(struct exchange *x)
{
    size_t count = 0;
    const struct ip_range *ranges = exchange_addresses(x, &count);

    x->address_place = addresses_find(ranges, count, &x->address);
    if (count == 0 || x->address_place < count)
        return GO_ON;

    char text[IP_TEXT_MAX + 1];
    ip_write(&x->address, text);
    return refuse(x, REFUSED_ADDRESS, NULL,
                  "the request comes from %s, which is none of the token's approved "
                  "addresses",
                  text);
}
