/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens that are replaced, and how long both work. */
#include "cli/cmd_token_roll.h"

#include "base/auto.h"
#include "base/mem.h"
#include "base/number.h"
#include "cli/cli_limits.h"
#include "cli/cli_permissions.h"
#include "cli/cli_token.h"
#include "cli/cli_token_make.h"
#include "rules/addresses.h"
#include "rules/token_roll.h"
#include "store/store_shadows.h"
#include "store/store_tokens.h"

#include <stdio.h>

/* ---- roll ---- */

/* 0 to 30 days; the rule says so in words of its own. */
static int
read_days(const struct options *options, const char *typed, int64_t *out)
{
    if (number_read(slice_of(typed), out) == STATUS_OK)
        return EXIT_DONE;
    return options_refuse(options, "'%s' is no number of days; wanted are 0 to %d", typed,
                          ROLL_OVERLAP_MAX_DAYS);
}

static enum status
take_back_rolled(const struct act *act, const struct cli_made *made)
{
    struct token *old AUTO(mem_done) = mem_new(sizeof(*old));

    return token_unroll(act, slice_of(made->old->id), 0, old);
}

static void
rolled_done(struct token_rolled **rolled)
{
    if (*rolled)
        secret_done(&(*rolled)->secret);
    mem_free(rolled);
}

/* --shadow: the set that was tried out, running or over. */
static int
read_shadow(struct cli_house *house, const struct options *options,
            struct shadow *out_shadow, struct buffer *out_addresses)
{
    const char *id = options->arguments[0];
    enum status status = store_shadow_of(house->store, slice_of(id), out_shadow);

    if (status == STATUS_NOT_FOUND)
        return cli_failed(options, "there is no token '%s' that has a shadow", id);
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the shadow cannot be read");
    addresses_write(out_shadow->set.addresses, out_shadow->set.address_count,
                    out_addresses);
    return EXIT_DONE;
}

/* The set of the shadow, or the options that name one. */
static int
roll_in(struct cli_house *house, const struct options *options, struct token_roll *roll)
{
    struct token_rolled *rolled AUTO(rolled_done) = mem_new(sizeof(*rolled));
    struct permission_set permissions = {{0}};
    struct token_limits limits = {0};
    size_t group_count = options_count(options, "group");
    int64_t *group_ids AUTO(mem_done) = mem_new_array(group_count + 1, sizeof(int64_t));
    struct buffer addresses AUTO(buffer_done) = buffer_make(CLI_ADDRESSES_MAX_BYTES);
    struct shadow *shadow AUTO(mem_done) = mem_new(sizeof(*shadow));
    struct slice list = {0};

    if (cli_permissions_read(options, "permission", &permissions) != EXIT_DONE ||
        cli_find_groups(house, options, group_ids) != EXIT_DONE)
        return EXIT_FAILED;
    if (options_has(options, "permission"))
        roll->permissions = &permissions;
    roll->group_ids = group_ids;
    roll->group_count = group_count;
    if (cli_has_limits(options)) {
        struct token *old = &rolled->old;
        /* those that are not given stay; of a token that is not there the act says so */
        if (store_token_by_id(house->store, slice_of(options->arguments[0]), old) ==
            STATUS_OK)
            limits = old->limits;
        if (cli_read_limits(options, &limits) != EXIT_DONE)
            return EXIT_FAILED;
        roll->limits = &limits;
    }
    if (options_has(options, "shadow")) {
        if (read_shadow(house, options, shadow, &addresses) != EXIT_DONE)
            return EXIT_FAILED;
        list = buffer_slice(&addresses);
        roll->permissions = &shadow->set.permissions;
        roll->group_ids = shadow->set.group_ids;
        roll->group_count = shadow->set.group_count;
        roll->addresses = list.len > 0 ? &list : NULL;
    }

    enum status status =
        token_roll(&house->act, slice_of(options->arguments[0]), roll, rolled);
    if (status != STATUS_OK)
        return cli_house_failed(house, status, "the token was not rolled");
    struct cli_made made = {
        .token = &rolled->successor,
        .old = &rolled->old,
        .secret = &rolled->secret,
        .take_back = take_back_rolled,
    };
    return cli_hand_out(house, options, &made);
}

int
cmd_token_roll(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct buffer key AUTO(buffer_wipe) = buffer_make(CLI_KEY_FILE_MAX_BYTES);
    struct buffer addresses AUTO(buffer_done) = buffer_make(CLI_ADDRESSES_MAX_BYTES);
    static const char *const NAMES[] = {"title", "description", "expires"};
    struct slice texts[COUNT_OF(NAMES)] = {{0}};
    const char *overlap = options_value(options, "overlap");
    int64_t days = ROLL_OVERLAP_USUAL_DAYS;
    int exit_status = cli_check_out(options);

    if (exit_status == EXIT_DONE && overlap)
        exit_status = read_days(options, overlap, &days);
    if (exit_status != EXIT_DONE)
        return exit_status;
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        const char *text = options_value(options, NAMES[i]);
        texts[i] = text ? slice_of(text) : texts[i];
    }
    if (options_has(options, "expires") && texts[2].len == 0)
        return cli_failed(options, "the expiry date is empty; wanted is YYYY-MM-DD");
    if (options_has(options, "shadow") &&
        (options_has(options, "permission") || options_has(options, "approved-ip") ||
         options_has(options, "group")))
        return options_refuse(options, "--shadow names the set: then no --permission, "
                                       "--approved-ip or --group");
    if (cli_read_key_file(options, &key) != EXIT_DONE)
        return EXIT_FAILED;
    cli_join_addresses(options, &addresses);
    if (addresses.is_short)
        return cli_failed(options, "the approved addresses are too long a list");
    if (cli_house_open(options, CLI_WRITE_WITH_KEY, &house) != EXIT_DONE)
        return EXIT_FAILED;

    struct slice list = buffer_slice(&addresses);
    struct token_roll roll = {
        .title = options_has(options, "title") ? &texts[0] : NULL,
        .description = options_has(options, "description") ? &texts[1] : NULL,
        .public_key = buffer_slice(&key),
        .is_bearer = options_has(options, "bearer"),
        .expires_on = texts[2],
        .addresses = options_has(options, "approved-ip") ? &list : NULL,
        .overlap_days = days,
    };
    return roll_in(&house, options, &roll);
}

/* ---- overlap, unroll ---- */

int
cmd_token_roll_overlap(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct token *token AUTO(mem_done) = mem_new(sizeof(*token));
    int64_t days = 0;
    int exit_status = read_days(options, options->arguments[1], &days);

    if (exit_status != EXIT_DONE)
        return exit_status;
    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status =
        token_roll_end(&house.act, slice_of(options->arguments[0]), days, 0, token);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the overlap was not changed");
    return cli_token_print(&house, options, token);
}

int
cmd_token_roll_off(const struct options *options)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct token *token AUTO(mem_done) = mem_new(sizeof(*token));

    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status =
        token_unroll(&house.act, slice_of(options->arguments[0]), 0, token);
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the roll was not called off");
    return cli_token_print(&house, options, token);
}
