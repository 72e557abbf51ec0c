/* SPDX-License-Identifier: Apache-2.0
 *
 * A ring for each of many sets of tokens. */
#include "rules/refusals.h"

#include "base/auto.h"
#include "base/hash.h"
#include "base/mem.h"
#include "rules/explanation.h"
#include "store/store_refusal_questions.h"

#include <pthread.h>

enum { SET_COUNT = 128, SET_REFUSAL_COUNT = 64 }; /* about 12 MB when all are full */

struct refusal_set {
    pthread_mutex_t lock;
    uint64_t added; /* ever; the newest is at added - 1 */
    struct refusal refusals[SET_REFUSAL_COUNT];
};

struct refusals {
    struct refusal_set sets[SET_COUNT];
};

struct refusals *
refusals_new(void)
{
    struct refusals *refusals = mem_new(sizeof(*refusals));

    for (size_t i = 0; i < SET_COUNT; i++)
        pthread_mutex_init(&refusals->sets[i].lock, NULL);
    return refusals;
}

void
refusals_free(struct refusals **refusals)
{
    if (!*refusals)
        return;
    for (size_t i = 0; i < SET_COUNT; i++)
        pthread_mutex_destroy(&(*refusals)->sets[i].lock);
    mem_free(refusals);
}

static struct refusal_set *
set_of(struct refusals *refusals, struct slice token_id)
{
    return &refusals->sets[hash_keyed(token_id) % SET_COUNT];
}

void
refusals_add(struct refusals *refusals, const struct refusal *refusal)
{
    struct refusal_set *set = set_of(refusals, slice_of(refusal->token_id));

    pthread_mutex_lock(&set->lock);
    set->refusals[set->added++ % SET_REFUSAL_COUNT] = *refusal;
    pthread_mutex_unlock(&set->lock);
}

size_t
refusals_find(struct refusals *refusals, struct slice token_id,
              struct refusal out[REFUSALS_OF_TOKEN_MAX_COUNT])
{
    struct refusal_set *set = set_of(refusals, token_id);
    size_t count = 0;

    pthread_mutex_lock(&set->lock);
    for (uint64_t back = 1; back <= set->added && back <= SET_REFUSAL_COUNT &&
                            count < REFUSALS_OF_TOKEN_MAX_COUNT;
         back++) {
        const struct refusal *one =
            &set->refusals[(set->added - back) % SET_REFUSAL_COUNT];
        if (slice_equal(slice_of(one->token_id), token_id))
            out[count++] = *one;
    }
    pthread_mutex_unlock(&set->lock);
    return count;
}

static bool
find_in_set(struct refusal_set *set, struct slice request_id, struct refusal *out)
{
    bool is_found = false;

    pthread_mutex_lock(&set->lock);
    for (size_t i = 0; !is_found && i < SET_REFUSAL_COUNT && i < set->added; i++) {
        is_found = slice_equal(slice_of(set->refusals[i].request_id), request_id);
        if (is_found)
            *out = set->refusals[i];
    }
    pthread_mutex_unlock(&set->lock);
    return is_found;
}

enum status
refusals_by_request(struct refusals *refusals, struct slice request_id,
                    struct refusal *out)
{
    for (size_t i = 0; request_id.len > 0 && i < SET_COUNT; i++) {
        if (find_in_set(&refusals->sets[i], request_id, out))
            return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

/* ---- what commands ask ---- */

enum {
    QUESTION_KEEP_MS = 60 * 1000, /* a command waits for seconds */
    QUESTION_ACT_MAX_COUNT = 100,
};

static enum status
answer_one(struct refusals *refusals, struct store *store, const char *request_id)
{
    struct refusal refusal;
    bool is_kept =
        refusals_by_request(refusals, slice_of(request_id), &refusal) == STATUS_OK;

    return store_refusal_answer(store, request_id, is_kept ? &refusal : NULL);
}

enum status
refusals_answer(struct refusals *refusals, const struct act *act)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    char request_id[REFUSAL_REQUEST_ID_BYTES] = "";
    enum status status = store_refusal_asked(act->store, request_id);

    if (status != STATUS_OK) /* nearly always nobody has asked */
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    status = store_begin(act->store);
    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = store_refusal_forget_old(act->store, act->now_ms - QUESTION_KEEP_MS);
    for (int i = 0; status == STATUS_OK && i < QUESTION_ACT_MAX_COUNT; i++) {
        status = store_refusal_asked(act->store, request_id);
        if (status == STATUS_OK)
            status = answer_one(refusals, act->store, request_id);
    }
    if (status == STATUS_OK || status == STATUS_NOT_FOUND)
        status = store_commit(act->store);
    return status;
}

/* ---- telling ---- */

void
refusal_describe(const struct refusal *refusal, struct explain_request *out)
{
    *out = (struct explain_request){
        .token_id = slice_of(refusal->token_id),
        .method = slice_of(refusal->method),
        .uri = slice_of(refusal->uri),
        .query = slice_of(refusal->query),
        .body = slice_of(refusal->body),
        .at_ms = refusal->at_ms,
        .issued_at_ms = refusal->issued_at_ms,
    };
    out->has_address = ip_read(slice_of(refusal->address), &out->address) == STATUS_OK;
}

void
refusal_write(const struct refusal *refusal, struct json_writer *writer)
{
    json_write_object(writer);
    json_write_member_moment(writer, "at", refusal->at_ms);
    json_write_member_text(writer, "requestId", refusal->request_id);
    json_write_member_text(writer, "verdict", verdict_name(refusal->verdict));
    json_write_member_text(writer, "code", verdict_detail(refusal->verdict));
    json_write_member_int(writer, "status", verdict_http(refusal->verdict));
    json_write_member_text(writer, "detail", refusal->words);
    json_write_member_text_or_null(writer, "method", refusal->method);
    json_write_member_text_or_null(writer, "uri", refusal->uri);
    json_write_member_text_or_null(writer, "query", refusal->query);
    json_write_member_text_or_null(writer, "body", refusal->body);
    json_write_member_moment(writer, "issuedAt", refusal->issued_at_ms);
    json_write_member_text(writer, "tokenId", refusal->token_id);
    json_write_member_text(writer, "address", refusal->address);
    json_write_end(writer);
}
