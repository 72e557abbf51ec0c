/* SPDX-License-Identifier: Apache-2.0
 *
 * `tokenhouse sign`: prints a request as a compact JWS, to be sent with any HTTP client.
 */
#include "base/auto.h"
#include "base/clock.h"
#include "base/number.h"
#include "cli/cli_signer.h"
#include "cli/commands_all.h"

#include <stdio.h>

static int
sign(const struct options *options)
{
    struct cli_signer signer AUTO(cli_signer_close) = {0};
    struct cli_request request AUTO(cli_request_done) = {0};
    struct buffer out AUTO(buffer_done) = buffer_make(JWS_MAX_BYTES);
    const char *issued_at = options_value(options, "issued-at");
    int64_t issued_at_ms = clock_now_ms();

    if (issued_at && (number_read(slice_of(issued_at), &issued_at_ms) != STATUS_OK ||
                      issued_at_ms < 0))
        return options_refuse(
            options, "--issued-at '%s' is not a Unix time in milliseconds", issued_at);
    int exit_status = cli_request_read(options, &request);
    if (exit_status == EXIT_DONE)
        exit_status = cli_signer_open(options, &signer);
    if (exit_status == EXIT_DONE)
        exit_status = cli_request_sign(options, &signer, &request, issued_at_ms, &out);
    if (exit_status != EXIT_DONE)
        return exit_status;
    printf("%.*s\n", SLICE_ARG(buffer_slice(&out)));
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}

int
cmd_sign(int argc, char **argv)
{
    static const struct form_option OPTIONS[] = {
        OPTIONS_OF_SIGNER,
        {"issued-at", "MS", "when it was made, Unix time in milliseconds; else now",
         false, false},
    };
    static const struct form SIGN = {
        .arguments = "METHOD PATH[?query]",
        .argument_min = 2,
        .argument_max = 2,
        .meaning = "print a request as a signed message",
        .options = OPTIONS,
        .option_count = COUNT_OF(OPTIONS),
        .run = sign,
        .more = "The message is the body of a POST to /jws/validate:\n"
                "  tokenhouse sign GET /v3/whoami --token x.token |\n"
                "    curl --data-binary @- http://127.0.0.1:8480/jws/validate\n",
    };

    return form_run("sign", &SIGN, argc, argv);
}
