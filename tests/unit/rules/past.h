/* SPDX-License-Identifier: Apache-2.0
 *
 * A house with a signed Event History, of any length. */
#ifndef TESTS_UNIT_RULES_PAST_H
#define TESTS_UNIT_RULES_PAST_H

#include "support.h"

#include "rules/history.h"
#include "rules/history_tree.h"
#include "rules/history_verify.h"
#include "rules/server_key.h"
#include "store/store_event_tree.h"

struct past {
    struct house house;
    struct es256_private *key;
    struct es256_key *public;
    int64_t now_ms;
};

static inline void
past_close(struct past *p)
{
    es256_private_free(&p->key);
    es256_key_free(&p->public);
    house_close(&p->house);
}

static inline void
past_open(struct past *p)
{
    uint8_t point[PUBLIC_KEY_BYTES];

    *p = (struct past){.now_ms = NOW_S * 1000};
    house_open(&p->house);
    OK(server_key_open(p->house.store, p->house.master_key, &p->key, &p->house.failure));
    OK(server_key_public(p->house.store, point));
    OK(es256_key_new(point, &p->public));
}

static inline void
add(struct past *p, int count)
{
    OK(store_begin(p->house.store));
    for (int i = 0; i < count; i++) {
        struct act act = p->house.act;
        struct happening what = {.kind = EVENT_TOKEN_UPDATED,
                                 .object_kind = "token",
                                 .object_id = "4cc6f7a2",
                                 .object_name = "a \"title\", with marks é",
                                 .details = SLICE("{\"action\":\"edited\"}")};
        act.now_ms = p->now_ms++;
        act.address = "203.0.113.7";
        act.actor_id = "somebody";
        act.request_id = "01J9";
        OK(history_add(&act, &what));
    }
    OK(store_commit(p->house.store));
}

static inline int64_t
sign(struct past *p)
{
    struct tree_head head;
    bool is_new = false;

    OK(history_tree_sign(p->house.store, p->key, p->now_ms++, true, &head, &is_new));
    return head.size;
}

static inline struct history_report
verify_with(struct past *p, const struct tree_head *known, size_t count)
{
    struct history_report report = {0};

    OK(history_verify(p->house.store, p->public, known, count, &report));
    return report;
}

static inline struct history_report
verify(struct past *p)
{
    return verify_with(p, NULL, 0);
}

/* Fills the history up to so many events, with heads on the way. */
static inline void
fill_to(struct past *p, int64_t size)
{
    int64_t there = 0;

    OK(store_event_tree_size(p->house.store, &there));
    while (there < size) {
        int more = (int)(size - there < 300 ? size - there : 300);
        add(p, more);
        there += more;
        assert_int_equal(sign(p), there);
    }
}

#endif
