/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a PROXY v2 header, as X-Forwarded-For of several lines, and as an address:
 * how a peer behind a proxy is named. Cutting a header must not change what it says; what
 * is read as an address is written and read again as the same. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/ip.h"
#include "http/forwarded.h"
#include "net/proxy_protocol.h"

static enum proxy_outcome
read_copy(struct slice bytes, size_t *used, struct ip *source)
{
    unsigned char *copy = malloc(bytes.len ? bytes.len : 1);

    if (bytes.len)
        memcpy(copy, bytes.at, bytes.len);
    enum proxy_outcome outcome =
        proxy_protocol_read((struct slice){copy, bytes.len}, used, source);
    free(copy);
    return outcome;
}

static void
try_proxy(struct slice bytes)
{
    const struct ip nobody = {0};
    struct ip source = nobody;
    size_t used = 0;
    enum proxy_outcome outcome = read_copy(bytes, &used, &source);

    if (outcome == PROXY_WHOLE)
        NEED(used >= 16 && used <= bytes.len && used <= PROXY_HEADER_MAX_BYTES);
    else
        NEED(memcmp(&source, &nobody, sizeof(source)) == 0);
    for (size_t cut = 0; cut < bytes.len && cut < 600; cut++) {
        struct ip early_source = nobody;
        size_t early_used = 0;
        enum proxy_outcome early =
            read_copy(slice_head(bytes, cut), &early_used, &early_source);
        if (early == PROXY_MORE)
            continue;
        NEED(early == outcome);
        NEED(early != PROXY_WHOLE ||
             (early_used == used && memcmp(&source, &early_source, sizeof(source)) == 0));
    }
}

static void
try_address(struct slice text)
{
    char written[IP_TEXT_MAX + 1];
    struct ip ip;
    struct ip again;

    if (ip_read(text, &ip) != STATUS_OK)
        return;
    ip_write(&ip, written);
    NEED(ip_read(slice_of(written), &again) == STATUS_OK);
    NEED(memcmp(&ip, &again, sizeof(ip)) == 0);
}

static void
try_range(struct slice text)
{
    char written[IP_RANGE_TEXT_MAX + 1];
    struct ip_range range;
    struct ip_range again;
    struct ip_range corrected;
    enum status status = ip_range_read(text, &range, &corrected);

    if (status == STATUS_CONFLICT)
        range = corrected;
    else if (status != STATUS_OK)
        return;
    ip_range_write(&range, written);
    NEED(ip_range_read(slice_of(written), &again, NULL) == STATUS_OK);
    NEED(ip_range_equal(&range, &again) && ip_range_holds(&range, &range.from));
}

/* Lines of X-Forwarded-For. Without one, it is the peer; and who is found is not somebody
 * else when the caller writes more at the left of one whom nobody trusts. */
static void
try_forwarded(struct slice text)
{
    static const char *const TRUSTED[] = {"10.0.0.0/8", "127.0.0.1"};
    struct ip_range trusted[COUNT_OF(TRUSTED)];
    struct http_header headers[8];
    struct http_request request = {.headers = headers};
    struct slice line = {0};
    struct ip peer;

    for (size_t i = 0; i < COUNT_OF(TRUSTED); i++)
        NEED(ip_range_read(slice_of(TRUSTED[i]), &trusted[i], NULL) == STATUS_OK);
    NEED(ip_read(SLICE("127.0.0.1"), &peer) == STATUS_OK);
    while (request.header_count < COUNT_OF(headers) && slice_cut(&text, '\n', &line))
        headers[request.header_count++] =
            (struct http_header){SLICE("X-Forwarded-For"), line};
    struct ip found = forwarded_for(&request, &peer, trusted, COUNT_OF(trusted));
    if (request.header_count == 0)
        NEED(memcmp(&found, &peer, sizeof(peer)) == 0);
    if (request.header_count == 0 || request.header_count == COUNT_OF(headers) ||
        forwarded_is_trusted(trusted, COUNT_OF(trusted), &found))
        return;
    memmove(headers + 1, headers, request.header_count * sizeof(headers[0]));
    headers[0] = (struct http_header){SLICE("x-forwarded-for"), SLICE("6.6.6.6")};
    request.header_count++;
    struct ip again = forwarded_for(&request, &peer, trusted, COUNT_OF(trusted));
    NEED(memcmp(&found, &again, sizeof(found)) == 0);
}

int
LLVMFuzzerTestOneInput(const unsigned char *at, size_t len)
{
    struct slice bytes = {at, len};

    try_proxy(bytes);
    try_address(bytes);
    try_range(bytes);
    try_forwarded(bytes);
    return 0;
}
