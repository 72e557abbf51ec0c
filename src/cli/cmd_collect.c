/* SPDX-License-Identifier: Apache-2.0
 *
 * `tokenhouse collect`: this host as a device, for `device import`. */
#include "base/auto.h"
#include "base/clock.h"
#include "cli/cli_house.h"
#include "cli/commands_all.h"
#include "collect/collect.h"

#include <stdio.h>

static int
collect(const struct options *options)
{
    struct buffer text AUTO(buffer_done) = buffer_make(COLLECT_MAX_BYTES);
    struct collect_host host = {.root = "", .now_ms = clock_now_ms()};
    struct failure failure = {0};

    if (options_has(options, "root"))
        host.root = options_value(options, "root");
    if (collect_write(&host, &text, &failure) != STATUS_OK)
        return cli_failed(options, "%s",
                          failure.text[0] ? failure.text
                                          : "this host has too much on it");
    buffer_add_byte(&text, '\n');
    fwrite(text.at, 1, text.len, stdout); /* what is not written is noticed at the end */
    return EXIT_DONE;
}

int
cmd_collect(int argc, char **argv)
{
    static const struct form_option OPTIONS[] = {
        {"root", "DIR", "read the files below DIR, as of a mounted disk", false, false},
    };
    static const struct form COLLECT = {
        .arguments = "",
        .meaning = "print this host as a device, with its installed packages",
        .options = OPTIONS,
        .option_count = COUNT_OF(OPTIONS),
        .run = collect,
        .more = "Reads /proc, /sys, /etc and dpkg's database, and writes nothing there. "
                "Serial numbers\nare told to root only. One JSON line, ready for\n"
                "  tokenhouse collect | tokenhouse device import -\n",
    };

    return form_run("collect", &COLLECT, argc, argv);
}
