/* SPDX-License-Identifier: Apache-2.0
 *
 * Making tokens by command: what create and roll have in common. */
#include "cli/cli_token_make.h"

#include "base/auto.h"
#include "base/file.h"
#include "cli/cli_table.h"
#include "cli/cli_token.h"
#include "jose/token_file.h"
#include "store/store_people.h"

#include <stdio.h>
#include <sys/stat.h>

enum {
    TOKEN_FILE_MAX_BYTES = 1024,
    TOKEN_FILE_MODE = 0600,
};

/* ---- what is typed ---- */

void
cli_join_addresses(const struct options *options, struct buffer *out)
{
    for (size_t i = 0; i < options_count(options, "approved-ip"); i++) {
        buffer_add_text(out, options_value_at(options, "approved-ip", i));
        buffer_add_byte(out, '\n');
    }
}

int
cli_read_key_file(const struct options *options, struct buffer *out)
{
    const char *path = options_value(options, "public-key");
    struct failure failure = {0};

    if (!path)
        return EXIT_DONE;
    if (file_read(path, out, &failure) != STATUS_OK)
        return cli_failed(options, "%s", failure.text);
    if (out->len == 0)
        return cli_failed(options, "'%s' is empty; wanted is a P-256 public key in PEM",
                          path);
    return EXIT_DONE;
}

int
cli_find_groups(struct cli_house *house, const struct options *options, int64_t *ids)
{
    for (size_t i = 0; i < options_count(options, "group"); i++) {
        const char *name = options_value_at(options, "group", i);
        struct device_group group = {0};
        enum status status =
            store_group_by_name(house->store, slice_trim(slice_of(name)), &group);

        if (status == STATUS_NOT_FOUND)
            return cli_failed(options, "there is no device group '%s'", name);
        if (status != STATUS_OK)
            return cli_house_failed(house, status, "the device groups cannot be read");
        ids[i] = group.id;
    }
    return EXIT_DONE;
}

/* ---- handing out ---- */

/* A file that is there is never overwritten. */
int
cli_check_out(const struct options *options)
{
    const char *path = options_value(options, "out");
    struct stat facts;

    if (!path)
        return EXIT_DONE;
    if (options_has(options, "public-key"))
        return options_refuse(options, "--out keeps a secret key, and a token with "
                                       "--public-key has none");
    if (lstat(path, &facts) == 0)
        return cli_failed(options, "'%s' exists already; wanted is a new file", path);
    return EXIT_DONE;
}

static int
take_back(struct cli_house *house, const struct options *options,
          const struct cli_made *made, const char *why)
{
    if (made->take_back(&house->act, made) != STATUS_OK)
        return cli_failed(options, "%s; delete the token %s, whose secret key is lost",
                          why, made->token->id);
    return cli_failed(options, "%s; no token was made", why);
}

/* Writes the .token file. When that fails the token goes again: nobody could use it. */
static int
write_token_file(struct cli_house *house, const struct options *options,
                 const struct cli_made *made)
{
    const char *path = options_value(options, "out");
    struct buffer text AUTO(buffer_wipe) = buffer_make(TOKEN_FILE_MAX_BYTES);
    struct failure failure = {0};

    if (!path)
        return EXIT_DONE;
    if (made->token->alg == ALG_BEARER) {
        buffer_add(&text, secret_slice(made->secret));
        buffer_add_byte(&text, '\n');
    } else {
        token_file_write(slice_of(made->token->id), secret_slice(made->secret), &text);
    }
    if (file_write_new(path, buffer_slice(&text), TOKEN_FILE_MODE, &failure) == STATUS_OK)
        return EXIT_DONE;
    return take_back(house, options, made, failure.text);
}

static void
add_old(json_t *json, const struct token *old)
{
    json_object_set_new(json, "old",
                        json_pack("{s:s, s:s, s:o}", "id", old->id, "title", old->title,
                                  "endsAt", cli_json_date_time(old->expires_at_s)));
}

static void
print_old(const struct token *old)
{
    char ends[CLI_TIME_CHARS + 1] = "";

    cli_time_write(old->expires_at_s, ends);
    cli_show_text("Replaces:", old->id);
    printf("%-20s%s UTC\n", "Which ends:", ends);
}

static int
print_made(struct cli_house *house, const struct options *options,
           const struct cli_made *made)
{
    const struct token *token = made->token;
    const struct secret *secret = made->secret;
    const char *path = options_value(options, "out");
    char expires[DATE_CHARS + 1] = "";

    if (options_has(options, "json")) {
        json_t *json = NULL;
        enum status status = cli_token_json(house, token, &json);
        if (status != STATUS_OK)
            return cli_house_failed(house, status, "the token was made, but not shown");
        if (secret->len > 0)
            json_object_set_new(json, "secret",
                                json_stringn((const char *)secret->at, secret->len));
        if (made->old)
            add_old(json, made->old);
        return cli_print_json(json);
    }
    date_write(token->expires_on, expires);
    cli_show_text("Token ID:", token->id);
    if (secret->len > 0 && !path)
        printf("%-20s%.*s\n", token->alg == ALG_BEARER ? "Bearer token:" : "Secret key:",
               SLICE_ARG(secret_slice(secret)));
    printf("%-20s%s (through 23:59:59 UTC)\n", "Expires:", expires);
    if (made->old)
        print_old(made->old);
    if (token->alg == ALG_BEARER)
        printf("%s. It signs nothing: whoever sees it may use it. A token with a key is "
               "safer.\n",
               path ? "The bearer token is in the file, and cannot be read again"
                    : "Keep the bearer token now: it cannot be read again");
    else if (path)
        printf("The token ID and the secret key are in %s. The secret key cannot be read "
               "again.\n",
               path);
    else if (secret->len > 0)
        printf("Keep the secret key now: it cannot be read again.\n");
    if (fflush(stdout) != 0 || ferror(stdout))
        return cli_failed(options, "the token cannot be shown: standard output is gone");
    return EXIT_DONE;
}

/* A secret key that nobody has seen can never be seen: the token goes again. */
int
cli_hand_out(struct cli_house *house, const struct options *options,
             const struct cli_made *made)
{
    if (write_token_file(house, options, made) != EXIT_DONE)
        return EXIT_FAILED;
    int exit_status = print_made(house, options, made);
    if (exit_status == EXIT_DONE || made->secret->len == 0 || options_has(options, "out"))
        return exit_status;
    return take_back(house, options, made, "the secret key cannot be shown");
}
