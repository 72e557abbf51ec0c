/* SPDX-License-Identifier: Apache-2.0
 *
 * `tokenhouse keygen`: a P-256 key pair in two files. The private one never goes
 * anywhere else. */
#include "base/auto.h"
#include "base/file.h"
#include "cli/cli_house.h"
#include "cli/commands_all.h"
#include "crypto/pem.h"

#include <stdio.h>
#include <string.h>

enum { PEM_MAX_BYTES = 4096 };

static int
write_files(const struct options *options, const char *private_path,
            const char *public_path, struct slice private_pem, struct slice public_pem)
{
    struct failure failure = {0};

    if (file_write_new(private_path, private_pem, 0600, &failure) != STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    if (file_write_new(public_path, public_pem, 0644, &failure) != STATUS_OK) {
        unlink(private_path); /* half a pair would be in the way next time */
        return cli_failed(options, "%s", failure.text);
    }
    return EXIT_DONE;
}

static int
keygen(const struct options *options)
{
    const char *private_path = options_value(options, "out-private");
    const char *public_path = options_value(options, "out-public");
    struct es256_private *key AUTO(es256_private_free) = NULL;
    struct buffer private_pem AUTO(buffer_wipe) = buffer_make(PEM_MAX_BYTES);
    struct buffer public_pem AUTO(buffer_done) = buffer_make(PEM_MAX_BYTES);
    uint8_t point[PUBLIC_KEY_BYTES];

    private_path = private_path ? private_path : "privateKey.pem";
    public_path = public_path ? public_path : "publicKey.pem";
    if (strcmp(private_path, public_path) == 0)
        return options_refuse(options, "both keys cannot go into '%s'", private_path);
    if (es256_private_make(&key) != STATUS_OK ||
        pem_write_private(key, &private_pem) != STATUS_OK)
        return cli_failed(options, "no key could be made: the crypto library failed");
    es256_private_point(key, point);
    pem_write_public(point, &public_pem);
    int exit_status = write_files(options, private_path, public_path,
                                  buffer_slice(&private_pem), buffer_slice(&public_pem));
    if (exit_status != EXIT_DONE)
        return exit_status;
    printf("%s  the private key (mode 0600): keep it where it is, and give it to "
           "nobody\n"
           "%s  the public key\n\n"
           "Next: make a token with the public key, in the console or with\n"
           "  tokenhouse token create --user EMAIL --title TITLE --public-key %s\n"
           "and then\n"
           "  tokenhouse call GET /v3/whoami --token-id ID --private-key %s\n",
           private_path, public_path, public_path, private_path);
    return EXIT_DONE;
}

int
cmd_keygen(int argc, char **argv)
{
    static const struct form_option OPTIONS[] = {
        {"out-private", "FILE", "where the private key goes; else privateKey.pem", false,
         false},
        {"out-public", "FILE", "where the public key goes; else publicKey.pem", false,
         false},
    };
    static const struct form KEYGEN = {
        .arguments = "",
        .meaning = "make a P-256 key pair for an ES256 token",
        .options = OPTIONS,
        .option_count = COUNT_OF(OPTIONS),
        .run = keygen,
        .more = "The private key is PKCS #8 in PEM, readable by you only. A file that is "
                "there\nalready is never overwritten.\n",
    };

    return form_run("keygen", &KEYGEN, argc, argv);
}
