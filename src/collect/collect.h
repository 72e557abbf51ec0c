/* SPDX-License-Identifier: Apache-2.0
 *
 * This host as a device of the inventory: read from /proc, /sys, /etc and dpkg's
 * database. Only reads; what the host does not tell is left out. Needs no rights, but
 * serial numbers are told to root only. */
#ifndef COLLECT_COLLECT_H
#define COLLECT_COLLECT_H

#include "base/buffer.h"
#include "base/status.h"

#include <stdint.h>

/* No device document that we take is larger. */
enum { COLLECT_MAX_BYTES = 16 * 1024 * 1024 };

/* Whose files are read. */
struct collect_host {
    const char *root; /* "" = this host; else a folder with its files, for which nothing
                         is asked of the running kernel */
    int64_t now_ms;
};

/* Writes one JSON object with the vendor's names, `applications` among them: what
 * `device import` takes. The same host always gives the same deviceUid and esn; both are
 * made from its machine-id by SHA-256, because the machine-id itself is not to be told
 * around (machine-id(5)).
 * STATUS_NOT_FOUND: there is nothing by which the host could be known again (neither
 * machine-id nor a serial number nor a MAC address). STATUS_TOO_LARGE: `out` is short. */
MUST_CHECK enum status collect_write(const struct collect_host *host, struct buffer *out,
                                     struct failure *failure);

#endif
