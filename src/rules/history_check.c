/* SPDX-License-Identifier: Apache-2.0
 *
 * Checking a history. */
#include "rules/history_check.h"

#include "base/date.h"
#include "rules/history_tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool
history_check_wrong(struct history_check *check, int64_t id, const char *format, ...)
{
    va_list args;

    if (check->is_over)
        return false;
    check->is_over = true;
    check->report.bad_id = id;
    va_start(args, format);
    vsnprintf(check->report.words, sizeof(check->report.words), format, args);
    va_end(args);
    return false;
}

static int
compare_heads(const void *a, const void *b)
{
    const struct tree_head *left = a;
    const struct tree_head *right = b;

    if (left->size != right->size)
        return left->size < right->size ? -1 : 1;
    return (left->at_ms > right->at_ms) - (left->at_ms < right->at_ms);
}

enum status
history_check_begin(struct history_check *check, struct tree_head *heads, size_t count,
                    struct slice account_uid, struct es256_key *key)
{
    char at[DATE_TIME_CHARS + 1];

    if (count > 0)
        qsort(heads, count, sizeof(*heads), compare_heads);
    check->heads = heads;
    check->head_count = count;
    for (size_t i = 0; i < count && !check->is_over; i++) {
        bool fits = false;
        enum status status = tree_head_check(&heads[i], account_uid, key, &fits);
        if (status != STATUS_OK)
            return status;
        date_time_write(heads[i].at_ms, at);
        if (!fits || heads[i].size < 1)
            history_check_wrong(
                check, 0,
                "the head over %lld events of %s is not signed by this key for this "
                "account",
                (long long)heads[i].size, at);
    }
    return STATUS_OK;
}

/* All heads over as many events as there are now. */
static bool
check_heads(struct history_check *check)
{
    struct history_report *report = &check->report;
    struct merkle_hash root;
    char at[DATE_TIME_CHARS + 1];
    int64_t size = (int64_t)check->range.size;

    if (check->next_head == check->head_count ||
        check->heads[check->next_head].size != size)
        return true;
    merkle_root(&check->range, &root);
    for (; check->next_head < check->head_count &&
           check->heads[check->next_head].size == size;
         check->next_head++) {
        const struct tree_head *head = &check->heads[check->next_head];
        struct merkle_hash signed_root;
        __builtin_memcpy(signed_root.at, head->root, sizeof(signed_root.at));
        date_time_write(head->at_ms, at);
        if (!merkle_equal(&root, &signed_root))
            return history_check_wrong(
                check, report->signed_size + 1,
                "events %lld to %lld are not those that were signed at %s: at "
                "least one was altered, removed, inserted or put elsewhere, and "
                "its hash with it",
                (long long)report->signed_size + 1, (long long)size, at);
        report->head_count++;
        report->signed_at_ms = head->at_ms;
    }
    report->signed_size = size;
    return true;
}

void
history_check_start_at(struct history_check *check, const struct merkle_range *before)
{
    check->range = *before;
    check->report.removed_count = (int64_t)before->size;
    while (check->next_head < check->head_count &&
           check->heads[check->next_head].size < (int64_t)before->size)
        check->next_head++;
    check->report.signed_size = (int64_t)before->size; /* not looked at: begins here */
    check_heads(check);
}

void
history_check_removed(struct history_check *check, const struct merkle_hash *hash)
{
    if (check->is_over)
        return;
    merkle_add(&check->range, hash);
    check->report.removed_count++;
    check_heads(check);
}

bool
history_check_event(struct history_check *check, int64_t id,
                    const struct merkle_hash *found, const struct merkle_hash *kept)
{
    int64_t expected = (int64_t)check->range.size + 1;

    if (check->is_over)
        return false;
    if (id > expected)
        return history_check_wrong(check, expected, "event %lld is missing",
                                   (long long)expected);
    if (id < expected)
        return history_check_wrong(
            check, id, "event %lld is there a second time, or out of its place",
            (long long)id);
    if (kept && !merkle_equal(found, kept))
        return history_check_wrong(
            check, id, "event %lld is not as it was written: its line has another hash",
            (long long)id);
    if (check->report.event_count++ == 0)
        check->report.first_id = id;
    merkle_add(&check->range, found);
    return check_heads(check);
}

void
history_check_removal(struct history_check *check, int64_t up_to)
{
    if (up_to > check->removal_up_to)
        check->removal_up_to = up_to;
}

void
history_check_end(struct history_check *check, int64_t size)
{
    int64_t found = (int64_t)check->range.size;
    char at[DATE_TIME_CHARS + 1];

    if (!check->is_over && size > found)
        history_check_wrong(
            check, found + 1,
            "event %lld is missing: its hash is there, and the history ends before it",
            (long long)found + 1);
    if (!check->is_over && check->next_head < check->head_count) {
        const struct tree_head *head = &check->heads[check->next_head];
        date_time_write(head->at_ms, at);
        history_check_wrong(
            check, found + 1,
            "the history ends after event %lld, but at %s it had %lld: its end was cut "
            "off",
            (long long)found, at, (long long)head->size);
    }
    check->report.size = found;
    check->report.is_whole = !check->is_over;
}
