/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of a collection share: THE PART TABLE is in collect.c. A part writes
 * members of the device's object, and leaves out what is not there. */
#ifndef COLLECT_INSIDE_H
#define COLLECT_INSIDE_H

#include "base/ip.h"
#include "collect/collect.h"
#include "json/write.h"

#include <stdbool.h>

struct collecting {
    const struct collect_host *host;
    struct json_writer *w;
    struct buffer file; /* the file that is read at the moment */
    char mac[18];       /* the first that its maker gave */
    char os_name[128];  /* "Debian GNU/Linux 12 (bookworm)" */
    char local_ip[IP_TEXT_MAX + 1], gateway[IP_TEXT_MAX + 1]; /* or "" */
    char gateway_adapter[16];                                 /* where strangers are */
    bool is_live;     /* may the running kernel be asked? */
    bool has_battery; /* one was written */
};

void collect_system(struct collecting *c);
void collect_os(struct collecting *c);
void collect_cpu(struct collecting *c);
void collect_memory(struct collecting *c);
void collect_bios(struct collecting *c);
void collect_disks(struct collecting *c);
void collect_volumes(struct collecting *c);
void collect_battery(struct collecting *c);
void collect_network(struct collecting *c);
void collect_packages(struct collecting *c);

/* The path with the host's root before it, closed; "" when it is too long. */
enum { COLLECT_PATH_MAX = 1024 };
const char *host_path(const struct collecting *c, char out[COLLECT_PATH_MAX],
                      const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The whole file (of at most 16 MiB); lives until the next read. Empty when it cannot
 * be read. */
struct slice host_read(struct collecting *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Its first line, without blanks around it, in a form that people read: empty when the
 * maker of a board left "To be filled by O.E.M." or the like in it. */
struct slice host_line(struct collecting *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A decimal number; false when there is none. */
bool host_number(struct collecting *c, int64_t *out, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The value of a line "key<mark>value" of a text, trimmed; empty when there is none. */
struct slice host_value(struct slice text, const char *key, unsigned char mark);
/* The names in a folder, sorted, so that two collections of one host are the same text.
 * `each` gets names without "." and "..". */
void host_each_name(struct collecting *c, const char *folder,
                    void (*each)(struct collecting *c, const char *name));

/* Members that are left out when their value is empty. */
void put_text(struct collecting *c, const char *name, struct slice value);
/* "manufacturer", but not where the kernel knows a number only ("0x1af4"). */
void put_vendor(struct collecting *c, struct slice value);
void put_time(struct collecting *c, const char *name, int64_t at_ms);

#endif
