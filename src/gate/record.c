/* SPDX-License-Identifier: Apache-2.0
 *
 * What happened is on record: use of the token when it was permitted, a count for the
 * metrics; when it was refused a line of the log, and for the owner of a proved token the
 * reason. */
#include "gate/inside.h"

#include "base/log.h"
#include "rules/alarms.h"
#include "rules/policy.h"
#include "rules/redact.h"
#include "rules/refusals.h"

#include <string.h>

enum { LOG_MAX_PER_S = 50 }; /* of one lane: an attack must not fill the disk */

static void
count_verdict(struct exchange *x)
{
    _Atomic int64_t *count = &x->lane->verdicts[x->verdict];

    /* only this lane writes: no atomic addition is needed */
    atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

static bool
may_log(struct gate_lane *lane, int64_t now_s)
{
    if (now_s != lane->log_second_s) {
        if (lane->log_suppressed_count > 0)
            log_event(LOG_WARN, "refused", LOG_TEXT("why", SLICE("many")),
                      LOG_INT("not_logged", lane->log_suppressed_count));
        lane->log_second_s = now_s;
        lane->log_count = 0;
        lane->log_suppressed_count = 0;
    }
    if (lane->log_count < LOG_MAX_PER_S) {
        lane->log_count++;
        return true;
    }
    lane->log_suppressed_count++;
    return false;
}

static void
log_refusal(struct exchange *x)
{
    char peer[IP_TEXT_MAX + 1];

    if (!may_log(x->lane, x->now_ms / 1000))
        return;
    ip_write(&x->address, peer);
    if (x->door->is_request_itself) {
        log_event(LOG_INFO, "refused",
                  LOG_TEXT("why", slice_of(verdict_name(x->verdict))),
                  LOG_TEXT("token", x->header.kid), LOG_TEXT("peer", slice_of(peer)),
                  LOG_TEXT("path", x->header.uri), LOG_TEXT("words", slice_of(x->words)),
                  LOG_TEXT("door", slice_of(x->door->name)), LOG_TEXT("tag", x->tag),
                  LOG_TEXT("id", slice_of(x->request_id)));
        return;
    }
    log_event(LOG_INFO, "refused", LOG_TEXT("why", slice_of(verdict_name(x->verdict))),
              LOG_TEXT("token", x->header.kid), LOG_TEXT("peer", slice_of(peer)),
              LOG_TEXT("path", x->header.uri), LOG_TEXT("words", slice_of(x->words)),
              LOG_TEXT("id", slice_of(x->request_id)));
}

void
keep_text(char *out, size_t size, struct slice from)
{
    size_t len = from.len < size - 1 ? from.len : size - 1;

    while (len < from.len && len > 0 && (from.at[len] & 0xC0) == 0x80)
        len--;
    if (!slice_to_text(slice_head(from, len), out, size))
        out[0] = '\0';
}

/* What explain needs to ask the same again. */
static void
keep_parameters(const struct exchange *x, struct refusal *refusal)
{
    const struct operation *operation = x->operation;
    struct needs_request request = needs_request_of(x);
    struct route_match match;

    if (!operation && /* refused before it was looked for */
        route_map_find(route_table_map(routes_now(x->lane->gate->routes)),
                       x->header.method, x->header.uri, &match) == STATUS_OK)
        operation = match.operation;
    redact_query(x->header.query, operation, refusal->query, sizeof(refusal->query));
    if (operation)
        redact_body(operation, &request, refusal->body, sizeof(refusal->body));
}

/* For its owner, who has proved to be one: what was asked for, and why not. */
static void
keep_refusal(struct exchange *x)
{
    struct refusals *refusals = x->lane->gate->ports.refusals;
    struct refusal refusal = {.at_ms = x->now_ms,
                              .verdict = x->verdict,
                              .issued_at_ms = x->header.issued_at_ms};

    keyring_count_refusal(x->entry, x->verdict);
    if (!refusals)
        return;
    keep_text(refusal.token_id, sizeof(refusal.token_id), keyring_entry_id(x->entry));
    keep_text(refusal.request_id, sizeof(refusal.request_id), slice_of(x->request_id));
    keep_text(refusal.method, sizeof(refusal.method), x->header.method);
    keep_text(refusal.uri, sizeof(refusal.uri), x->header.uri);
    keep_parameters(x, &refusal);
    keep_text(refusal.words, sizeof(refusal.words), slice_of(x->words));
    ip_write(&x->address, refusal.address);
    refusals_add(refusals, &refusal);
}

/* Whoever sends what was caught on its way long ago proves to hold no key. */
static bool
is_fresh(const struct exchange *x)
{
    return policy_fresh(x->header.issued_at_ms, x->now_ms,
                        x->lane->gate->config->freshness_s) == PERMITTED;
}

static void
raise_alarm(struct exchange *x, enum alarm_kind kind)
{
    struct alarms *alarms = x->lane->gate->ports.alarms;
    struct alarm alarm = {.kind = kind, .at_ms = x->now_ms};

    if (!alarms)
        return;
    keep_text(alarm.token_id, sizeof(alarm.token_id), keyring_entry_id(x->entry));
    keep_text(alarm.request_id, sizeof(alarm.request_id), slice_of(x->request_id));
    ip_write(&x->address, alarm.address);
    alarms_add(alarms, &alarm);
}

static bool
is_about_one_device(const struct operation *operation)
{
    return !operation->upstream && strstr(operation->path, "{deviceUid}") != NULL;
}

bool
is_over_all_groups(const struct operation *operation)
{
    return operation->need == OPERATION_NEEDS && !is_about_one_device(operation);
}

void
record_rights(const struct exchange *x)
{
    const struct operation *operation = x->operation;
    struct permission_set most = operation->permissions;

    for (size_t i = 0; i < operation->when_count; i++)
        most = permission_set_either(most, operation->whens[i].permissions);
    if (!keyring_has_used(x->entry, &most)) {
        struct needs_request request = needs_request_of(x);
        struct permission_set needed = {0};
        needs_add(operation, &request, &needed);
        keyring_note_permissions(x->entry, &needed);
    }
    keyring_note_address(x->entry, x->address_place);
    if (is_over_all_groups(operation))
        keyring_note_all_groups(x->entry);
    if (x->shadowed)
        shadow_note(x);
}

void
record(struct exchange *x)
{
    count_verdict(x);
    if (x->verdict == PERMITTED) {
        keyring_count_use(x->entry, x->now_ms / 1000, &x->address);
        if (!x->is_handed_over || !x->operation->upstream)
            record_rights(x);
        return;
    }
    if (x->is_proved && x->entry)
        keep_refusal(x);
    if (x->is_proved && x->entry && x->verdict == REFUSED_REPLACED && is_fresh(x))
        raise_alarm(x, ALARM_USED_LATE);
    log_refusal(x);
}
