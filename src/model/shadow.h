/* SPDX-License-Identifier: Apache-2.0
 *
 * A shadow: a tightened set of rights that is tried out beside a token's own for some
 * days. Every request that is let in is asked of it too, and what it would have refused
 * is counted; the answer stays what it is. Plain records. */
#ifndef MODEL_SHADOW_H
#define MODEL_SHADOW_H

#include "base/ip.h"
#include "base/limits.h"
#include "model/permission.h"
#include "model/records.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SHADOW_USUAL_DAYS = 14,
    SHADOW_MAX_DAYS = 90,
    SHADOW_MISS_MAX_COUNT = 200, /* of one shadow; more are counted together */
    SHADOW_METHOD_BYTES = 16,
    SHADOW_PATH_BYTES = 256, /* cut at it */
    SHADOW_ITEM_BYTES = IP_RANGE_TEXT_MAX + 1,
};

/* What a token may do, for which devices, from where. */
struct rights_set {
    struct permission_set permissions;
    int64_t group_ids[TOKEN_GROUP_MAX_COUNT]; /* ascending; none = all devices */
    size_t group_count;
    struct ip_range addresses[TOKEN_ADDRESS_MAX_COUNT]; /* none = from anywhere */
    size_t address_count;
};

struct shadow_counts {
    int64_t calls;    /* requests that were let in, and asked of it */
    int64_t failed;   /* of these, it would have refused so many */
    int64_t less;     /* and so many others would have told of fewer devices */
    int64_t unlisted; /* reasons for which there was no room */
};

/* 6.5 KB. */
struct shadow {
    int64_t id; /* the store's; never given twice */
    char token_id[TOKEN_ID_MAX_CHARS + 1];
    struct rights_set set;
    char started_by[TEXT_NAME_BYTES]; /* e-mail, or the command's name */
    int64_t started_at_s;
    int64_t ends_at_s; /* the first second in which nothing is asked of it any more */
    int64_t over_at_s; /* 0 = it runs */
    bool is_stopped;   /* over before its time */
    struct shadow_counts counts;
};

/* Why. The numbers are stored. */
enum shadow_miss_kind {
    MISS_PERMISSION = 1, /* item: the number of the permission that is missing */
    MISS_ADDRESS,        /* item: the address from which the request came */
    MISS_GROUP,          /* item: a device group of the token that holds the device */
    MISS_LESS,           /* no item: the answer is over fewer device groups */
};

/* So often a request for this operation would have failed for this reason. */
struct shadow_miss {
    enum shadow_miss_kind kind;
    char method[SHADOW_METHOD_BYTES], path[SHADOW_PATH_BYTES];
    char item[SHADOW_ITEM_BYTES];
    int64_t count;
    int64_t first_at_s, last_at_s;
};

#endif
