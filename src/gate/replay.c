/* SPDX-License-Identifier: Apache-2.0
 *
 * A bucket is a chain of segments, each twice as large as the one before; a segment is
 * lines of eight slots; a slot is 0 or the 64-bit tag of a request. A tag has one line in
 * each segment, and its slots are always tried in the same order: the line in segment 0,
 * then the line in segment 1, and so on, up to the first empty slot. Slots never become
 * empty again while the bucket lives. So two threads with the same tag meet in the same
 * empty slot, and the compare-and-swap lets one of them win. A new segment is looked at
 * only where the lines before it are full, which stays true for ever: no thread can
 * overlook what another has put into an older one.
 *
 * Tags are SipHash under a random key: nobody outside can aim at a slot. With the four
 * million requests that a bucket can hold, an honest one is taken for a used one once in
 * 4 × 10^12 times. */
#include "gate/replay.h"

#include "base/auto.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/random.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

enum {
    LINE_SLOTS = 8,     /* 64 bytes: one line of the processor's cache */
    FIRST_LINES = 256,  /* 16 KiB: what a quiet minute costs */
    SEGMENT_COUNT = 11, /* 256 × (2^11 - 1) × 8 = 4.2 million slots, 33 MB */
    MINUTE_MS = 60 * 1000,
    KEY_BYTES = 16,
    FILE_MAX_BYTES = 1 << 30,
};

struct line {
    _Alignas(64) _Atomic uint64_t slots[LINE_SLOTS];
};

struct segment {
    struct line *lines;
    void *memory; /* what `lines` lies in, which is aligned */
};

struct bucket {
    struct keyring_retired retired;
    int64_t minute;
    _Atomic(struct segment *) segments[SEGMENT_COUNT];
};

struct replay {
    struct keyring *keyring;
    uint8_t key[KEY_BYTES];
    int64_t window_minutes; /* on each side */
    size_t ring_count;      /* more than all minutes of a window */
    _Atomic(struct bucket *) ring[];
};

/* ---- making and dropping ---- */

static size_t
segment_lines(int index)
{
    return (size_t)FIRST_LINES << index;
}

static struct segment *
segment_new(int index)
{
    struct segment *segment = mem_new(sizeof(*segment));

    segment->memory = mem_new_array(segment_lines(index) + 1, sizeof(struct line));
    uintptr_t at = (uintptr_t)segment->memory;
    segment->lines = (struct line *)((at + 63) & ~(uintptr_t)63);
    return segment;
}

static void
segment_free(struct segment **segment)
{
    mem_free(&(*segment)->memory);
    mem_free(segment);
}

static void
bucket_free(struct keyring_retired *retired)
{
    struct bucket *bucket = (struct bucket *)retired; /* its first member */

    for (int i = 0; i < SEGMENT_COUNT; i++) {
        struct segment *segment = atomic_load(&bucket->segments[i]);
        if (segment)
            segment_free(&segment);
    }
    mem_free(&bucket);
}

struct replay *
replay_new(int64_t freshness_s, struct keyring *keyring)
{
    int64_t window_minutes = freshness_s / 60 + 1;
    size_t ring_count = (size_t)window_minutes * 2 + 3;
    struct replay *replay =
        mem_new(sizeof(*replay) + ring_count * sizeof(replay->ring[0]));

    replay->keyring = keyring;
    replay->window_minutes = window_minutes;
    replay->ring_count = ring_count;
    random_fill(replay->key, sizeof(replay->key));
    return replay;
}

void
replay_free(struct replay **replay)
{
    if (!*replay)
        return;
    for (size_t i = 0; i < (*replay)->ring_count; i++) {
        struct bucket *bucket = atomic_load(&(*replay)->ring[i]);
        if (bucket)
            bucket_free(&bucket->retired);
    }
    mem_free(replay);
}

/* ---- using ---- */

static int64_t
minute_of(int64_t at_ms)
{
    return at_ms / MINUTE_MS - (at_ms % MINUTE_MS < 0);
}

/* Drops the buckets that left the window when `minute` entered it. */
static void
drop_old(struct replay *replay, int64_t minute)
{
    for (size_t i = 0; i < replay->ring_count; i++) {
        struct bucket *old = atomic_load(&replay->ring[i]);
        /* `minute` may be ahead of the clock by a whole window */
        if (old && old->minute < minute - 2 * replay->window_minutes - 1 &&
            atomic_compare_exchange_strong(&replay->ring[i], &old, NULL))
            keyring_retire(replay->keyring, &old->retired);
    }
}

/* The bucket of a minute, made if there is none. NULL: its place holds a later minute,
 * so the clock was set back, and what was used in this minute is forgotten. */
static struct bucket *
bucket_of(struct replay *replay, int64_t minute)
{
    int64_t count = (int64_t)replay->ring_count;
    size_t place = (size_t)((minute % count + count) % count);
    struct bucket *found =
        atomic_load_explicit(&replay->ring[place], memory_order_acquire);

    while (!found || found->minute < minute) {
        struct bucket *fresh = mem_new(sizeof(*fresh));
        fresh->retired.free = bucket_free;
        fresh->minute = minute;
        if (!atomic_compare_exchange_strong(&replay->ring[place], &found, fresh)) {
            mem_free(&fresh); /* another thread was faster; `found` is what it put */
            continue;
        }
        if (found)
            keyring_retire(replay->keyring, &found->retired);
        drop_old(replay, minute);
        return fresh;
    }
    return found->minute == minute ? found : NULL;
}

static struct segment *
segment_of(struct bucket *bucket, int index)
{
    struct segment *found =
        atomic_load_explicit(&bucket->segments[index], memory_order_acquire);

    if (found)
        return found;
    struct segment *fresh = segment_new(index);
    if (atomic_compare_exchange_strong(&bucket->segments[index], &found, fresh))
        return fresh;
    segment_free(&fresh);
    return found;
}

/* FIRST, AGAIN, or FULL for this line. */
static enum replay_answer
use_line(struct line *line, uint64_t tag)
{
    for (int i = 0; i < LINE_SLOTS; i++) {
        uint64_t there = atomic_load_explicit(&line->slots[i], memory_order_acquire);
        if (there == 0 && atomic_compare_exchange_strong(&line->slots[i], &there, tag))
            return REPLAY_FIRST;
        if (there == tag) /* also when another thread was faster just now */
            return REPLAY_AGAIN;
    }
    return REPLAY_FULL;
}

static enum replay_answer
use_tag(struct bucket *bucket, uint64_t tag)
{
    for (int i = 0; i < SEGMENT_COUNT; i++) {
        struct segment *segment = segment_of(bucket, i);
        struct line *line = &segment->lines[tag & (segment_lines(i) - 1)];
        enum replay_answer answer = use_line(line, tag);
        if (answer != REPLAY_FULL)
            return answer;
    }
    return REPLAY_FULL;
}

enum replay_answer
replay_use(struct replay *replay, struct slice token_id,
           const uint8_t digest[SHA256_BYTES], int64_t issued_at_ms)
{
    unsigned char request[TOKEN_ID_MAX_CHARS + SHA256_BYTES];

    if (token_id.len > TOKEN_ID_MAX_CHARS)
        return REPLAY_FULL;
    /* the digest has a fixed length, so no two pairs give the same bytes */
    memcpy(request, token_id.at, token_id.len);
    memcpy(request + token_id.len, digest, SHA256_BYTES);
    uint64_t tag =
        hash_siphash(replay->key, (struct slice){request, token_id.len + SHA256_BYTES});
    struct bucket *bucket = bucket_of(replay, minute_of(issued_at_ms));
    return bucket ? use_tag(bucket, tag == 0 ? 1 : tag) : REPLAY_FULL;
}

/* ---- over a stop: magic ‖ key ‖ (minute ‖ count ‖ tags)… ‖ end ---- */

static const char MAGIC[8] = "THRPLY1\n";
static const char END[8] = "THREND1\n";

static void
add_number(struct buffer *out, uint64_t number)
{
    buffer_add(out, (struct slice){(unsigned char *)&number, sizeof(number)});
}

/* Appends the tags of a segment; gives how many. */
static uint64_t
add_tags(struct buffer *out, const struct segment *segment, size_t line_count)
{
    uint64_t count = 0;

    for (size_t i = 0; i < line_count; i++) {
        for (int j = 0; j < LINE_SLOTS; j++) {
            uint64_t tag = atomic_load(&segment->lines[i].slots[j]);
            if (tag == 0)
                break;
            add_number(out, tag);
            count++;
        }
    }
    return count;
}

static void
add_bucket(struct buffer *out, struct bucket *bucket)
{
    uint64_t count = 0;

    add_number(out, (uint64_t)bucket->minute);
    size_t count_at = out->len;
    add_number(out, 0);
    for (int i = 0; i < SEGMENT_COUNT; i++) {
        struct segment *segment = atomic_load(&bucket->segments[i]);
        if (segment)
            count += add_tags(out, segment, segment_lines(i));
    }
    if (!out->is_short)
        memcpy(out->at + count_at, &count, sizeof(count));
}

enum status
replay_save(const struct replay *replay, const char *path, int64_t now_ms,
            struct failure *failure)
{
    struct buffer out AUTO(buffer_wipe) = buffer_make(FILE_MAX_BYTES);
    int64_t first = minute_of(now_ms) - replay->window_minutes;

    buffer_add(&out, (struct slice){(const unsigned char *)MAGIC, sizeof(MAGIC)});
    buffer_add(&out, (struct slice){replay->key, sizeof(replay->key)});
    for (size_t i = 0; i < replay->ring_count; i++) {
        struct bucket *bucket = atomic_load(&replay->ring[i]);
        if (bucket && bucket->minute >= first)
            add_bucket(&out, bucket);
    }
    buffer_add(&out, (struct slice){(const unsigned char *)END, sizeof(END)});
    if (buffer_check(&out) != STATUS_OK)
        return failure_set(failure, STATUS_TOO_LARGE, NULL,
                           "there are too many used requests to save them in %s", path);
    if (unlink(path) != 0 && errno != ENOENT)
        return failure_set(failure, STATUS_UNAVAILABLE, NULL, "%s cannot be replaced: %s",
                           path, strerror(errno));
    return file_write_new(path, buffer_slice(&out), 0600, failure);
}

static bool
read_bytes(struct slice *rest, void *out, size_t len)
{
    if (rest->len < len)
        return false;
    memcpy(out, rest->at, len);
    *rest = slice_from(*rest, len);
    return true;
}

/* Reads one bucket. False: the file is not whole. */
static bool
read_bucket(struct replay *replay, struct slice *rest, int64_t first)
{
    uint64_t minute;
    uint64_t count;
    uint64_t tag;

    if (!read_bytes(rest, &minute, sizeof(minute)) ||
        !read_bytes(rest, &count, sizeof(count)) || count > rest->len / sizeof(tag))
        return false;
    bool is_wanted = (int64_t)minute >= first;
    struct bucket *bucket = is_wanted ? bucket_of(replay, (int64_t)minute) : NULL;
    for (uint64_t i = 0; i < count; i++) {
        if (!read_bytes(rest, &tag, sizeof(tag)))
            return false;
        if (bucket && use_tag(bucket, tag) == REPLAY_FULL)
            return false;
    }
    return bucket || !is_wanted;
}

static bool
read_all(struct replay *replay, struct slice rest, int64_t now_ms)
{
    int64_t first = minute_of(now_ms) - replay->window_minutes;
    struct slice end = {(const unsigned char *)END, sizeof(END)};
    char magic[sizeof(MAGIC)];

    if (!read_bytes(&rest, magic, sizeof(magic)) ||
        memcmp(magic, MAGIC, sizeof(MAGIC)) != 0 ||
        !read_bytes(&rest, replay->key, sizeof(replay->key)))
        return false;
    while (rest.len > sizeof(END)) {
        if (!read_bucket(replay, &rest, first))
            return false;
    }
    return slice_equal(rest, end);
}

enum status
replay_load(struct replay *replay, const char *path, int64_t now_ms,
            struct failure *failure)
{
    struct buffer bytes AUTO(buffer_wipe) = buffer_make(FILE_MAX_BYTES);

    if (access(path, F_OK) != 0)
        return errno == ENOENT
                   ? STATUS_NOT_FOUND
                   : failure_set(failure, STATUS_UNAVAILABLE, NULL,
                                 "%s cannot be read: %s", path, strerror(errno));
    enum status status = file_read_secret(path, &bytes, failure);
    if (status != STATUS_OK)
        return status;
    /* before it is used: a start that ends without a clean stop must not find it again */
    if (unlink(path) != 0)
        return failure_set(failure, STATUS_UNAVAILABLE, NULL, "%s cannot be removed: %s",
                           path, strerror(errno));
    if (!read_all(replay, buffer_slice(&bytes), now_ms))
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "%s is not a whole list of used requests", path);
    return STATUS_OK;
}
