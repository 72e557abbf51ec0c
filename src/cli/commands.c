/* SPDX-License-Identifier: Apache-2.0
 *
 * THE COMMAND TABLE: everything that the program can be told to do. */
#include "cli/commands.h"

#include "base/auto.h"
#include "base/secret.h"
#include "cli/commands_all.h"
#include "cli/options.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static int cmd_help(int argc, char **argv);

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv); /* gives the exit status */
    const char *meaning;
} COMMANDS[] = {
    {"init", cmd_init, "make a new data folder with its first user"},
    {"serve", cmd_serve, "open the house and serve until told to stop"},
    {"user", cmd_user, "add, list, suspend, resume and delete users"},
    {"role", cmd_role, "list, add, change and delete user roles"},
    {"upstream", cmd_upstream, "put HTTP APIs behind the door by their descriptions"},
    {"group", cmd_group, "list, add and delete device groups, and assign to them"},
    {"token", cmd_token, "create, list, edit, roll, suspend and delete API tokens"},
    {"account", cmd_account, "show and change the account: name, live rights"},
    {"device", cmd_device, "import devices into the inventory, and list them"},
    {"collect", cmd_collect, "print this host as a device, with its packages"},
    {"keygen", cmd_keygen, "make a P-256 key pair"},
    {"sign", cmd_sign, "print a request as a signed message"},
    {"verify", cmd_verify, "take a signed message apart and say what holds"},
    {"call", cmd_call, "sign a request, send it and print the answer"},
    {"explain", cmd_explain,
     "say whether a request would be let in, and what is missing"},
    {"permissions", cmd_permissions, "find the least permissions for some calls"},
    {"events", cmd_events, "read Event History"},
    {"output", cmd_output, "send Event History to others: syslog, CEF, webhooks"},
    {"mail", cmd_mail, "list letters, send them again, try whether mail works"},
    {"config", cmd_config, "check and show the settings"},
    {"help", cmd_help, "list the commands, or explain one"},
};

static const struct command *
find_command(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(COMMANDS); i++) {
        if (strcmp(COMMANDS[i].name, name) == 0)
            return &COMMANDS[i];
    }
    return NULL;
}

static int
refuse_unknown(const char *name)
{
    fprintf(stderr,
            "tokenhouse: there is no command '%s'; 'tokenhouse help' lists them\n", name);
    return EXIT_ASKED_WRONGLY;
}

static void
print_commands(void)
{
    printf(
        "tokenhouse COMMAND …: API tokens, signed requests, and the record of them\n\n");
    for (size_t i = 0; i < COUNT_OF(COMMANDS); i++)
        printf("  %-11s %s\n", COMMANDS[i].name, COMMANDS[i].meaning);
    printf("\n'tokenhouse help COMMAND' or 'tokenhouse COMMAND --help' explains one.\n");
}

static int
cmd_help(int argc, char **argv)
{
    char help[] = "--help";

    if (argc < 2 || strcmp(argv[1], help) == 0) {
        print_commands();
        return EXIT_DONE;
    }

    const struct command *command = find_command(argv[1]);
    if (!command)
        return refuse_unknown(argv[1]);
    if (command->run == cmd_help) {
        print_commands();
        return EXIT_DONE;
    }
    /* `help token create` asks what `token create --help` asks. */
    if (argc > 2) {
        char *words[] = {argv[1], argv[2], help, NULL};
        return command->run(3, words);
    }
    char *words[] = {argv[1], help, NULL};
    return command->run(2, words);
}

/* What could not be printed was not done. */
static int
check_output(int exit_status)
{
    if ((fflush(stdout) == 0 && !ferror(stdout)) || exit_status != EXIT_DONE)
        return exit_status;
    fprintf(stderr, "tokenhouse: the answer cannot be written to standard output\n");
    return EXIT_FAILED;
}

int
commands_run(int argc, char **argv)
{
    /* A reader that goes away is a write that fails, not the end of the process. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* so is a file at its limit */
    /* Commands hold passwords and keys, as serve does, which warns when this fails. */
    secret_forbid_dumps();

    if (argc < 2) {
        print_commands();
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_commands();
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("tokenhouse %s\n", TOKENHOUSE_VERSION);
        return EXIT_DONE;
    }

    const struct command *command = find_command(argv[1]);
    return command ? check_output(command->run(argc - 1, argv + 1))
                   : refuse_unknown(argv[1]);
}
