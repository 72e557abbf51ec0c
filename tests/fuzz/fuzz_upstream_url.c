/* SPDX-License-Identifier: Apache-2.0
 *
 * Any lines as the addresses of an upstream, and any bytes as a prefix. What is taken is
 * written, and read again, as the same; what is refused says why. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "rules/upstream_url.h"

enum { URL_MAX_COUNT = UPSTREAM_ADDRESS_MAX_COUNT + 2, URL_MAX_BYTES = 2048 };

/* What goes into the head of a request, or into a connection, is plain. */
static void
check_plain(const char *text, size_t size)
{
    size_t len = strnlen(text, size);

    NEED(len < size);
    for (size_t i = 0; i < len; i++)
        NEED((unsigned char)text[i] > ' ' && (unsigned char)text[i] < 0x7f);
}

static void
check_taken(const struct upstream *upstream)
{
    struct buffer texts[UPSTREAM_ADDRESS_MAX_COUNT];
    struct slice urls[UPSTREAM_ADDRESS_MAX_COUNT];
    struct upstream again = {0};
    struct failure failure = {0};
    bool has_path = false;

    NEED(upstream->address_count >= 1 &&
         upstream->address_count <= UPSTREAM_ADDRESS_MAX_COUNT);
    check_plain(upstream->base_path, sizeof(upstream->base_path));
    for (size_t i = 0; i < upstream->address_count; i++) {
        const struct upstream_address *address = &upstream->addresses[i];
        check_plain(address->host, sizeof(address->host));
        NEED(address->host[0] && address->port != 0);
        texts[i] = buffer_make(URL_MAX_BYTES);
        upstream_url_write(upstream, i, &texts[i]);
        NEED(buffer_check(&texts[i]) == STATUS_OK);
        urls[i] = buffer_slice(&texts[i]);
    }
    NEED(upstream_url_read(urls, upstream->address_count, &again, &has_path, &failure) ==
         STATUS_OK);
    NEED(again.is_tls == upstream->is_tls &&
         again.address_count == upstream->address_count);
    NEED(strcmp(again.base_path, upstream->base_path) == 0);
    for (size_t i = 0; i < upstream->address_count; i++) {
        NEED(strcmp(again.addresses[i].host, upstream->addresses[i].host) == 0 &&
             again.addresses[i].port == upstream->addresses[i].port);
        buffer_done(&texts[i]);
    }
}

static void
try_urls(struct slice text)
{
    struct slice urls[URL_MAX_COUNT];
    struct upstream upstream = {0};
    struct failure failure = {0};
    bool has_path = false;
    size_t count = 0;

    while (count + 1 < URL_MAX_COUNT && slice_cut(&text, '\n', &urls[count]))
        count++;
    urls[count++] = text;
    if (upstream_url_read(urls, count, &upstream, &has_path, &failure) == STATUS_OK)
        check_taken(&upstream);
    else
        NEED(failure.text[0] && strcmp(failure.field, "url") == 0);
}

static void
try_prefix(struct slice text)
{
    char once[UPSTREAM_PATH_MAX_CHARS + 1] = "";
    char twice[UPSTREAM_PATH_MAX_CHARS + 1] = "";
    struct failure failure = {0};

    if (upstream_prefix_read(text, once, &failure) != STATUS_OK) {
        NEED(failure.text[0]);
        return;
    }
    check_plain(once, sizeof(once));
    NEED(!once[0] || (once[0] == '/' && once[strlen(once) - 1] != '/'));
    NEED(upstream_prefix_read(slice_of(once), twice, &failure) == STATUS_OK);
    NEED(strcmp(once, twice) == 0);
}

int
LLVMFuzzerTestOneInput(const unsigned char *at, size_t len)
{
    try_urls((struct slice){at, len});
    try_prefix((struct slice){at, len});
    return 0;
}
