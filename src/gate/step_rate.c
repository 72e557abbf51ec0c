/* SPDX-License-Identifier: Apache-2.0
 *
 * Is it within the limits of token, operation and account? The token's come first, so
 * that one token that asks too often does not use up what the others have. What is
 * counted one by one (the quota of a day, uses in all) comes last: only who passes all
 * else uses one up. */
#include "gate/inside.h"

#include "base/auto.h"
#include "base/date.h"
#include "gate/rate.h"
#include "keyring/allowance.h"

static const char *
window_words(int64_t window_s)
{
    switch (window_s) {
    case 1:
        return "a second";
    case 60:
        return "a minute";
    case 3600:
        return "an hour";
    default:
        return "a day";
    }
}

static void
show(struct exchange *x, const char *name, struct rate rate,
     const struct rate_answer *answer)
{
    if (x->limit_count < COUNT_OF(x->limits))
        x->limits[x->limit_count++] = (struct limit_shown){
            .name = name, .rate = rate, .left = answer->left, .reset_s = answer->reset_s};
}

static enum go
take_rate(struct exchange *x, const char *name, const char *whose,
          _Atomic int64_t *arrival_ns, struct rate rate)
{
    struct rate_answer answer;

    if (rate.count == 0)
        return GO_ON;
    bool is_within = x->is_described ? rate_peek(arrival_ns, rate, x->now_ns, &answer)
                                     : rate_ask(arrival_ns, rate, x->now_ns, &answer);
    show(x, name, rate, &answer);
    if (is_within)
        return GO_ON;
    x->retry_after_s = answer.wait_s;
    return refuse(x, REFUSED_RATE, NULL,
                  "the %s has made more than %lld requests in %s; try again in %lld s",
                  whose, (long long)rate.count, window_words(rate.window_s),
                  (long long)answer.wait_s);
}

/* The operator's rates of this operation, in place of its description's. */
static enum go
take_operation_rate(struct exchange *x)
{
    static const char WHOSE[] = "account, of this operation,";
    struct gate *gate = x->lane->gate;
    bool is_set = false;

    for (size_t i = 0; i < gate->operation_rate_count; i++) {
        struct operation_rate *one = &gate->operation_rates[i];
        if (strcmp(one->id, x->operation->id) != 0)
            continue;
        is_set = true;
        if (take_rate(x, "operation", WHOSE, &one->arrival_ns, one->rate) == ANSWERED)
            return ANSWERED;
    }
    return is_set ? GO_ON
                  : take_rate(x, "operation", WHOSE, x->operation->rate_ns,
                              x->operation->rate);
}

static enum go
take_rates(struct exchange *x)
{
    struct gate *gate = x->lane->gate;
    const struct config *config = gate->config;
    const struct token_limits *own = keyring_entry_limits(x->entry);
    struct rate token = {config->token_rate_per_s, 1};
    struct rate account = {config->account_rate_per_s, 1};

    if (own && own->rate.count > 0)
        token = own->rate;
    if (take_rate(x, "token", "token", &keyring_entry_use(x->entry)->rate_ns, token) ==
        ANSWERED)
        return ANSWERED;
    if (x->operation && take_operation_rate(x) == ANSWERED)
        return ANSWERED;
    return take_rate(x, "account", "account", &gate->account_rate_ns, account);
}

static enum go
refuse_not_yet(struct exchange *x)
{
    x->retry_after_s = 1;
    return refuse(x, REFUSED_BUSY, NULL,
                  "this server is reserving further uses of the token; try again in 1 s");
}

static enum go
refuse_quota(struct exchange *x, int64_t quota)
{
    int64_t now_s = x->now_ms / 1000;

    x->retry_after_s = DAY_S - now_s % DAY_S;
    return refuse(x, REFUSED_QUOTA, NULL,
                  "the token has made the %lld requests that it may make on a day (UTC); "
                  "try again in %lld s",
                  (long long)quota, (long long)x->retry_after_s);
}

static enum go
take_place(struct exchange *x, const struct token_limits *own)
{
    if (x->is_described || keyring_enter_place(x->entry, &x->place))
        return GO_ON;
    x->retry_after_s = 1;
    return refuse(x, REFUSED_CONCURRENT, NULL,
                  "the token has %lld requests that wait for their answer, as many as it "
                  "may have at the same time",
                  (long long)own->concurrent_max);
}

static void
show_quota(struct exchange *x, const struct token_limits *own)
{
    struct rate rate = {own->quota_per_day, DAY_S};
    struct rate_answer answer = {.left = keyring_left_of_day(x->entry),
                                 .reset_s = DAY_S - x->now_ms / 1000 % DAY_S};

    if (own->quota_per_day > 0)
        show(x, "day", rate, &answer);
}

static enum go
take_counted(struct exchange *x, const struct token_limits *own)
{
    struct keyring *keyring = x->lane->gate->keyring;

    switch (keyring_take_of_day(keyring, x->entry, x->now_ms / 1000)) {
    case KEYRING_TAKEN:
        break;
    case KEYRING_OVER:
        show_quota(x, own);
        return refuse_quota(x, own->quota_per_day);
    case KEYRING_NOT_YET:
        return refuse_not_yet(x);
    }
    show_quota(x, own);
    switch (keyring_take_use(keyring, x->entry)) {
    case KEYRING_TAKEN:
        return GO_ON;
    case KEYRING_OVER:
        keyring_return_of_day(x->entry);
        return refuse_used_up(x);
    case KEYRING_NOT_YET:
        break;
    }
    keyring_return_of_day(x->entry);
    return refuse_not_yet(x);
}

enum go
step_rate(struct exchange *x)
{
    const struct token_limits *own = keyring_entry_limits(x->entry);

    if (own && take_place(x, own) == ANSWERED)
        return ANSWERED;
    if (take_rates(x) == ANSWERED)
        return ANSWERED;
    return own && !x->is_described ? take_counted(x, own) : GO_ON;
}
