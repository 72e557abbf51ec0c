/* SPDX-License-Identifier: Apache-2.0
 *
 * The server keeps refusals in memory. The question and its answer go through the store,
 * so whoever may read the data folder may ask, and nobody else. */
#include "cli/cli_refusal.h"

#include "base/auto.h"
#include "base/clock.h"
#include "cli/cli_house.h"
#include "store/store_refusal_questions.h"

#include <time.h>

enum { WAIT_MS = 10 * 1000, POLL_MS = 50, NS_PER_MS = 1000 * 1000 };

static enum status
ask(struct store *store, struct slice request_id)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    enum status status = store_begin(store);

    if (status != STATUS_OK)
        return status;
    begun = store;
    status = store_refusal_ask(store, request_id, clock_now_ms());
    return status == STATUS_OK ? store_commit(store) : status;
}

/* Nothing stays behind. One that fails is dropped by the server a minute later. */
static void
forget(struct store *store, struct slice request_id)
{
    struct store *begun AUTO(store_undo_done) = NULL;

    if (store_begin(store) != STATUS_OK)
        return;
    begun = store;
    if (store_refusal_forget(store, request_id) == STATUS_OK &&
        store_commit(store) == STATUS_OK)
        begun = NULL;
}

static enum status
wait_for_answer(struct store *store, struct slice request_id, bool *out_is_kept,
                struct refusal *out)
{
    int64_t until_ms = clock_monotonic_ms() + WAIT_MS;
    enum status status = STATUS_NOT_FOUND;

    while (status == STATUS_NOT_FOUND && clock_monotonic_ms() < until_ms) {
        nanosleep(&(struct timespec){.tv_nsec = POLL_MS * NS_PER_MS}, NULL);
        status = store_refusal_answered(store, request_id, out_is_kept, out);
    }
    return status;
}

int
cli_find_refusal(const struct options *options, const char *request_id,
                 struct refusal *out)
{
    struct cli_house house AUTO(cli_house_close) = {0};
    struct slice id = slice_of(request_id);
    bool is_kept = false;

    if (cli_house_open(options, CLI_WRITE, &house) != EXIT_DONE)
        return EXIT_FAILED;
    enum status status = ask(house.store, id);
    if (status == STATUS_MALFORMED)
        return cli_failed(options, "'%.48s' is no request id", request_id);
    if (status == STATUS_OK)
        status = wait_for_answer(house.store, id, &is_kept, out);
    if (status == STATUS_OK || status == STATUS_NOT_FOUND)
        forget(house.store, id);
    if (status == STATUS_NOT_FOUND)
        return cli_failed(options,
                          "no server answers over this data folder; refusals are "
                          "kept in its memory");
    if (status != STATUS_OK)
        return cli_house_failed(&house, status, "the server cannot be asked");
    if (!is_kept)
        return cli_failed(options,
                          "no refusal of the request '%s' is kept; the latest of each "
                          "token are, since the start of the server",
                          request_id);
    return EXIT_DONE;
}
