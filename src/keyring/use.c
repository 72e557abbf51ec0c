/* SPDX-License-Identifier: Apache-2.0
 *
 * What tokens have used: counted by the loops without a lock, written to the store by the
 * housekeeper now and then. */
#include "keyring/inside.h"

#include "base/auto.h"
#include "base/date.h"
#include "base/mem.h"
#include "store/store_token_used.h"
#include "store/store_tokens.h"

/* Remembers the address. Who finds another at it leaves it to that one: of two uses at
 * the same moment either may be called the last. */
static void
note_address(struct keyring_use *use, const struct ip *from)
{
    uint64_t halves[2];
    uint32_t turn = atomic_load_explicit(&use->from_turn, memory_order_relaxed);

    memcpy(halves, from->at, sizeof(halves));
    if (atomic_load_explicit(&use->from[0], memory_order_relaxed) == halves[0] &&
        atomic_load_explicit(&use->from[1], memory_order_relaxed) == halves[1])
        return;
    if (turn % 2 != 0 ||
        !atomic_compare_exchange_strong(&use->from_turn, &turn, turn + 1))
        return;
    atomic_store(&use->from[0], halves[0]);
    atomic_store(&use->from[1], halves[1]);
    atomic_store(&use->from_turn, turn + 2);
}

static void
read_address(const struct keyring_use *use, struct ip *out)
{
    uint64_t halves[2];
    uint32_t before;
    uint32_t after;

    do {
        before = atomic_load(&use->from_turn);
        halves[0] = atomic_load(&use->from[0]);
        halves[1] = atomic_load(&use->from[1]);
        after = atomic_load(&use->from_turn);
    } while (before % 2 != 0 || before != after);
    memcpy(out->at, halves, sizeof(halves));
}

void
keyring_count_use(const struct keyring_entry *entry, int64_t now_s, const struct ip *from)
{
    struct keyring_use *use = entry->use;

    atomic_fetch_add_explicit(&use->count, 1, memory_order_relaxed);
    if (atomic_load_explicit(&use->last_used_at_s, memory_order_relaxed) < now_s)
        atomic_store_explicit(&use->last_used_at_s, now_s, memory_order_relaxed);
    note_address(use, from);
}

void
use_free(struct keyring_use **use)
{
    struct keyring_refusals *refusals = atomic_load(&(*use)->refusals);

    struct keyring_allowance *allowance = atomic_load(&(*use)->allowance);

    mem_free(&refusals);
    used_free(*use);
    shadow_free(*use);
    allowance_drop(&allowance);
    mem_free(use);
}

/* The counters of a token; made at the first refusal. */
static struct keyring_refusals *
refusals_of(struct keyring_use *use)
{
    struct keyring_refusals *known = atomic_load(&use->refusals);

    if (known)
        return known;
    struct keyring_refusals *made = mem_new(sizeof(*made));
    if (atomic_compare_exchange_strong(&use->refusals, &known, made))
        return made;
    mem_free(&made); /* somebody was faster */
    return known;
}

void
keyring_count_refusal(const struct keyring_entry *entry, enum verdict why)
{
    atomic_fetch_add_explicit(&refusals_of(entry->use)->counts[why], 1,
                              memory_order_relaxed);
}

/* ---- writing down ---- */

/* So many times a token had this outcome. */
struct outcome_count {
    char id[TOKEN_ID_MAX_CHARS + 1];
    enum verdict outcome;
    int64_t count;
};

struct use_list {
    struct token_use *uses;
    size_t count, room;
    struct outcome_count *outcomes;
    size_t outcome_count, outcome_room;
    struct used_list used;
    struct shadow_list shadows;
    int64_t day; /* of this writing */
};

static void
use_list_done(struct use_list *list)
{
    mem_free(&list->uses);
    mem_free(&list->outcomes);
    mem_free(&list->used.items);
    shadow_list_done(&list->shadows);
}

static void
add_outcome(struct use_list *list, const struct keyring_entry *entry,
            enum verdict outcome, int64_t count)
{
    if (list->outcome_count == list->outcome_room) {
        list->outcome_room = list->outcome_room ? list->outcome_room * 2 : 64;
        list->outcomes =
            mem_resize(list->outcomes, list->outcome_room * sizeof(list->outcomes[0]));
    }
    struct outcome_count *one = &list->outcomes[list->outcome_count++];
    *one = (struct outcome_count){.outcome = outcome, .count = count};
    memcpy(one->id, entry->bytes, entry->id_len);
}

static void
take_refusals(struct use_list *list, const struct keyring_entry *entry)
{
    struct keyring_refusals *refusals = atomic_load(&entry->use->refusals);

    for (int why = 0; refusals && why < VERDICT_COUNT; why++) {
        int64_t count = atomic_exchange(&refusals->counts[why], 0);
        if (count > 0)
            add_outcome(list, entry, (enum verdict)why, count);
    }
}

static void
take_use(struct use_list *list, const struct keyring_entry *entry)
{
    int64_t more = atomic_exchange(&entry->use->count, 0);

    take_refusals(list, entry);
    used_take(&list->used, entry, list->day);
    shadow_take(&list->shadows, entry);
    if (more == 0)
        return;
    add_outcome(list, entry, PERMITTED, more);
    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 64;
        list->uses = mem_resize(list->uses, list->room * sizeof(list->uses[0]));
    }
    struct token_use *use = &list->uses[list->count++];
    *use = (struct token_use){.more = more,
                              .last_used_at_s = atomic_load(&entry->use->last_used_at_s)};
    memcpy(use->id, entry->bytes, entry->id_len);
    read_address(entry->use, &use->last_used_from);
}

/* All that was used since the last time. Copied, so that no reader's section is open
 * while the store is waited for. */
static struct use_list
take_uses(struct keyring *keyring, int64_t now_s)
{
    struct use_list list = {.day = now_s / DAY_S};
    struct cds_lfht_iter iter;

    keyring_enter();
    cds_lfht_first(keyring->table, &iter);
    for (; cds_lfht_iter_get_node(&iter); cds_lfht_next(keyring->table, &iter))
        take_use(&list, entry_of(cds_lfht_iter_get_node(&iter)));
    keyring_leave();
    return list;
}

/* The store did not take them: they are counted the next time. */
static void
put_back(struct keyring *keyring, const struct use_list *list)
{
    keyring_enter();
    for (size_t i = 0; i < list->outcome_count; i++) {
        const struct outcome_count *one = &list->outcomes[i];
        const struct keyring_entry *entry = keyring_find(keyring, slice_of(one->id));
        if (entry && one->outcome == PERMITTED)
            atomic_fetch_add(&entry->use->count, one->count);
        else if (entry)
            atomic_fetch_add(&refusals_of(entry->use)->counts[one->outcome], one->count);
    }
    for (size_t i = 0; i < list->used.count; i++) {
        struct slice id = slice_of(list->used.items[i].token_id);
        const struct keyring_entry *entry = keyring_find(keyring, id);
        if (entry)
            used_put_back(entry);
    }
    shadow_put_back(keyring, &list->shadows);
    keyring_leave();
}

static enum status
write_outcomes(struct store *store, const struct use_list *list, int64_t now_s)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < list->outcome_count; i++) {
        const struct outcome_count *one = &list->outcomes[i];
        struct token_use_day day = {.day = now_s / DAY_S,
                                    .outcome = verdict_name(one->outcome),
                                    .count = one->count};
        memcpy(day.id, one->id, sizeof(day.id));
        status = store_token_add_use_days(store, &day, 1);
    }
    return status;
}

static enum status
write_uses(struct store *store, const struct use_list *list, int64_t now_s)
{
    enum status status = store_begin(store);

    if (status == STATUS_OK)
        status = store_token_add_uses(store, list->uses, list->count);
    if (status == STATUS_OK)
        status = write_outcomes(store, list, now_s);
    if (status == STATUS_OK)
        status = used_write(store, &list->used);
    if (status == STATUS_OK)
        status = shadow_write(store, &list->shadows);
    if (status == STATUS_OK)
        status = store_commit(store);
    if (status != STATUS_OK)
        store_undo(store);
    return status;
}

enum status
keyring_flush_uses(struct keyring *keyring, struct store *store, int64_t now_s)
{
    enum status status = STATUS_OK;

    keyring_thread_in();
    struct use_list list AUTO(use_list_done) = take_uses(keyring, now_s);
    if (list.outcome_count > 0 || list.used.count > 0 || list.shadows.count > 0)
        status = write_uses(store, &list, now_s);
    if (status != STATUS_OK)
        put_back(keyring, &list);
    keyring_thread_out();
    return status;
}
