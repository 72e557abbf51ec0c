/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading and writing HOST:PORT. */
#include "house/listen_address.h"

#include "base/number.h"

#include <stdio.h>

/* Takes HOST and PORT apart at the last colon; brackets around HOST are dropped. */
static bool
split(struct slice text, struct slice *host, struct slice *port)
{
    size_t colon = text.len;

    while (colon > 0 && text.at[colon - 1] != ':')
        colon--;
    if (colon == 0)
        return false;
    *host = slice_head(text, colon - 1);
    *port = slice_from(text, colon);
    if (host->len >= 2 && host->at[0] == '[') {
        if (host->at[host->len - 1] != ']')
            return false;
        *host = (struct slice){host->at + 1, host->len - 2};
        return true;
    }
    /* "::1" could be an address without a port: an IPv6 address needs its brackets. */
    return host->len == 0 || memchr(host->at, ':', host->len) == NULL;
}

enum status
listen_address_read(const char *text, const char *setting, struct ip *out_address,
                    uint16_t *out_port, struct failure *failure)
{
    struct slice host = {0};
    struct slice port = {0};
    struct ip address = {0};
    int64_t number = 0;

    if (!split(slice_of(text), &host, &port) || number_read(port, &number) != STATUS_OK ||
        number < 0 || number > UINT16_MAX)
        return failure_set(failure, STATUS_MALFORMED, setting,
                           "%s is '%s', but HOST:PORT is wanted, for example "
                           "127.0.0.1:8480 or [::1]:8480",
                           setting, text);
    if (slice_equal(host, SLICE("localhost")))
        host = SLICE("127.0.0.1");
    if (ip_read(host, &address) != STATUS_OK)
        return failure_set(failure, STATUS_MALFORMED, setting,
                           "%s is '%s', but its HOST must be an IPv4 address, an IPv6 "
                           "address in brackets, or localhost",
                           setting, text);
    *out_address = address;
    *out_port = (uint16_t)number;
    return STATUS_OK;
}

void
listen_address_write(const struct ip *address, uint16_t port,
                     char out[LISTEN_ADDRESS_TEXT_MAX + 1])
{
    char text[IP_TEXT_MAX + 1];

    ip_write(address, text);
    snprintf(out, LISTEN_ADDRESS_TEXT_MAX + 1, ip_is_v4(address) ? "%s:%u" : "[%s]:%u",
             text, (unsigned)port);
}
