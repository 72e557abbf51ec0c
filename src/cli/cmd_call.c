/* SPDX-License-Identifier: Apache-2.0
 *
 * `tokenhouse call`: signs a request, sends it and prints the answer: as a JWS, or with
 * --native as a request that is signed itself. Each attempt is
 * signed anew, because a server takes a signed message that changes something only once.
 * With --all the rows of all pages are printed as they come: what is kept in memory is
 * one page. */
#include "base/auto.h"
#include "base/clock.h"
#include "base/percent.h"
#include "cli/cli_answer_check.h"
#include "cli/cli_client.h"
#include "cli/cli_house.h"
#include "cli/cli_native.h"
#include "cli/cli_signer.h"
#include "cli/commands_all.h"
#include "json/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    TRY_MAX_COUNT = 5,
    WAIT_MAX_S = 60,
    NEXT_PAGE_MAX_BYTES = 4096,
    INDENT = 2,
};

static const char USUAL_SERVER[] = "http://127.0.0.1:8480";

/* One run of the command. */
struct call {
    const struct options *options;
    struct cli_signer signer;
    struct cli_request request;
    struct cli_client *client;
    struct cli_answer answer;
    struct buffer message; /* signed, as a JWS */
    struct cli_native native;
    struct cli_answer_check check;
    struct buffer query; /* of the page being asked for */
    struct buffer next;  /* the text of nextPage, decoded */
    bool is_pretty, is_native;
};

static void
call_done(struct call *call)
{
    cli_signer_close(&call->signer);
    cli_request_done(&call->request);
    cli_client_close(&call->client);
    cli_answer_done(&call->answer);
    buffer_done(&call->message);
    cli_native_done(&call->native);
    cli_answer_check_close(&call->check);
    buffer_done(&call->query);
    buffer_done(&call->next);
}

/* ---- sending ---- */

/* Waits before try number `next_try`: as long as the server asks for, else 1, 2, 4, 8 s.
 */
static void
wait_before(const struct call *call, int next_try)
{
    int64_t wait_s = call->answer.retry_after_s;

    if (wait_s <= 0)
        wait_s = 1 << (next_try - 2);
    if (wait_s > WAIT_MAX_S)
        wait_s = WAIT_MAX_S;
    fprintf(stderr, "tokenhouse call: the server says %ld; try %d of %d in %lld s\n",
            call->answer.http, next_try, TRY_MAX_COUNT, (long long)wait_s);
    nanosleep(&(struct timespec){.tv_sec = wait_s}, NULL);
}

static int
sign_jws(struct call *call, struct cli_send *out)
{
    buffer_clear(&call->message);
    int exit_status = cli_request_sign(call->options, &call->signer, &call->request,
                                       clock_now_ms(), &call->message);
    *out = (struct cli_send){
        .method = "POST",
        .target = "/jws/validate",
        .body = buffer_slice(&call->message),
        .headers = {{SLICE("Content-Type"), SLICE("text/plain")}},
        .header_count = 1,
    };
    return exit_status;
}

static int
sign_native(struct call *call, struct cli_send *out)
{
    int exit_status = cli_native_sign(call->options, &call->signer, &call->request,
                                      call->client, clock_now_s(), &call->native, out);

    if (exit_status == EXIT_DONE && options_has(call->options, "print-base"))
        fprintf(stderr, "%.*s\n", SLICE_ARG(buffer_slice(&call->native.base)));
    return exit_status;
}

/* Signs and sends until there is an answer that is not "later". */
static int
ask(struct call *call)
{
    struct failure failure = {0};

    for (int try = 1;; try++) {
        struct cli_send send;
        int exit_status =
            call->is_native ? sign_native(call, &send) : sign_jws(call, &send);
        if (exit_status != EXIT_DONE)
            return exit_status;
        if (call->check.key)
            cli_answer_check_ask(&call->check, call->is_native, &send);
        if (cli_client_send(call->client, &send, &call->answer, &failure) != STATUS_OK)
            return cli_failed(call->options, "%s", failure.text);
        bool is_later = call->answer.http == 429 || call->answer.http == 503;
        if (!is_later || try == TRY_MAX_COUNT)
            return call->check.key
                       ? cli_answer_check_run(call->options, &call->check, call->client,
                                              &send, &call->answer)
                       : EXIT_DONE;
        wait_before(call, try + 1);
    }
}

static bool
is_good(const struct call *call)
{
    return call->answer.http >= 200 && call->answer.http < 300;
}

/* ---- printing ---- */

static void
print_slice(struct slice text)
{
    fwrite(text.at, 1, text.len, stdout);
}

static void
break_line(int depth)
{
    printf("\n%*s", depth * INDENT, "");
}

/* Prints JSON that was scanned, with line breaks; every value stays as it was written. */
static void
print_pretty(struct slice json)
{
    bool is_in_text = false;
    int depth = 0;

    for (size_t i = 0; i < json.len; i++) {
        unsigned char c = json.at[i];
        if (is_in_text) {
            putchar(c);
            if (c == '\\' && i + 1 < json.len)
                putchar(json.at[++i]);
            is_in_text = c != '"';
            continue;
        }
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            continue;
        struct slice rest = slice_trim((struct slice){json.at + i + 1, json.len - i - 1});
        if (c == '}' || c == ']')
            break_line(--depth);
        putchar(c);
        bool is_empty = rest.len > 0 && ((c == '{' && rest.at[0] == '}') ||
                                         (c == '[' && rest.at[0] == ']'));
        if (is_empty) { /* {} and [] stay together */
            putchar(rest.at[0]);
            i = (size_t)(rest.at - json.at);
        } else if (c == '{' || c == '[') {
            break_line(++depth);
        } else if (c == ',') {
            break_line(depth);
        } else if (c == ':') {
            putchar(' ');
        }
        is_in_text = c == '"';
    }
}

static void
print_answer(const struct call *call)
{
    struct slice body = buffer_slice(&call->answer.body);
    struct json_value value;

    if (options_has(call->options, "include"))
        print_slice(buffer_slice(&call->answer.head));
    if (call->is_pretty && json_scan(body, &value) == STATUS_OK) {
        print_pretty(body);
        putchar('\n');
        return;
    }
    print_slice(body);
    if (body.len > 0 && body.at[body.len - 1] != '\n' && isatty(STDOUT_FILENO))
        putchar('\n');
}

/* The exit status of the whole command, once all is printed. */
static int
finish(const struct call *call)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        return cli_failed(call->options, "the answer could not be written");
    if (!is_good(call))
        return cli_failed(call->options, "the server refused: status %ld",
                          call->answer.http);
    return EXIT_DONE;
}

/* ---- all pages ---- */

/* The query without its nextPage, and with the one of the last answer. */
static void
make_query(struct call *call, struct slice first_query)
{
    struct slice rest = first_query;

    buffer_clear(&call->query);
    while (rest.len > 0) {
        struct slice pair = rest;
        if (!slice_cut(&rest, '&', &pair))
            rest.len = 0;
        if (pair.len == 0 || slice_starts(pair, SLICE("nextPage=")))
            continue;
        buffer_add(&call->query, pair);
        buffer_add_byte(&call->query, '&');
    }
    buffer_add_text(&call->query, "nextPage=");
    percent_encode(&call->query, buffer_slice(&call->next));
    call->request.query = buffer_slice(&call->query);
}

/* Reads metadata.pagination.nextPage. False when this was the last page: there is none,
 * or it is the one that we came with. */
static bool
read_next(struct call *call, const struct json_value *root)
{
    struct json_value next;
    unsigned char text[NEXT_PAGE_MAX_BYTES];

    if (json_pointer(root, SLICE("/metadata/pagination/nextPage"), &next) != STATUS_OK ||
        next.kind != JSON_KIND_STRING || next.raw.len == 0 || next.raw.len > sizeof(text))
        return false;
    struct slice decoded = {text, json_unescape(&next, text)};
    if (slice_equal(decoded, buffer_slice(&call->next)))
        return false;
    buffer_clear(&call->next);
    buffer_add(&call->next, decoded);
    return true;
}

/* Prints the rows of one page; gives their number. */
static size_t
print_rows(const struct json_value *data, bool is_first_page)
{
    struct json_walk walk = json_walk_of(data);
    struct json_member row;
    size_t count = 0;

    while (json_walk_next(&walk, &row)) {
        fputs(is_first_page && count == 0 ? "\n" : ",\n", stdout);
        if (row.value.kind == JSON_KIND_STRING)
            putchar('"');
        print_slice(row.value.raw);
        if (row.value.kind == JSON_KIND_STRING)
            putchar('"');
        count++;
    }
    return count;
}

static int
print_all(struct call *call)
{
    struct slice first_query = call->request.query;
    struct json_value root;
    struct json_value data;

    for (size_t rows = 0;;) {
        bool is_first_page = call->next.len == 0;
        int exit_status = ask(call);
        if (exit_status != EXIT_DONE)
            return exit_status;
        bool is_list = is_good(call) &&
                       json_scan(buffer_slice(&call->answer.body), &root) == STATUS_OK &&
                       json_find(&root, SLICE("data"), &data) == STATUS_OK &&
                       data.kind == JSON_KIND_ARRAY;
        if (!is_list && is_first_page) { /* nothing to follow */
            print_answer(call);
            return finish(call);
        }
        if (!is_list) { /* what is printed stays cut: nobody shall take it for all */
            fputc('\n', stdout);
            fflush(stdout);
            return cli_failed(
                call->options, "after %zu rows the server answered with status %ld: %.*s",
                rows, call->answer.http,
                SLICE_ARG(slice_head(buffer_slice(&call->answer.body), 300)));
        }
        if (is_first_page)
            fputs("{\"data\":[", stdout);
        size_t count = print_rows(&data, rows == 0);
        rows += count;
        if (count == 0 || !read_next(call, &root) || ferror(stdout))
            break;
        make_query(call, first_query);
    }
    fputs("\n]}\n", stdout);
    return finish(call);
}

static int
call_server(const struct options *options)
{
    struct call call AUTO(call_done) = {
        .options = options,
        .answer = cli_answer_make(),
        .message = buffer_make(JWS_MAX_BYTES),
        .native = cli_native_make(),
        .is_native = options_has(options, "native"),
        .query = buffer_make(JWS_HEADER_MAX_BYTES),
        .next = buffer_make(NEXT_PAGE_MAX_BYTES),
        .is_pretty = options_has(options, "pretty"),
    };
    const char *server = options_value(options, "server");
    struct failure failure = {0};

    if (!server)
        server = getenv("TOKENHOUSE_SERVER");
    int exit_status = cli_request_read(options, &call.request);
    if (exit_status == EXIT_DONE)
        exit_status = cli_signer_open(options, &call.signer);
    if (exit_status != EXIT_DONE)
        return exit_status;
    bool is_all = options_has(options, "all");
    if (is_all && strcmp(call.request.method, "GET") != 0)
        return options_refuse(options, "--all is for GET, and this is %s",
                              call.request.method);
    if (!call.is_native && options_has(options, "print-base"))
        return options_refuse(options, "--print-base is for --native");
    const char *key = options_value(options, "verify-answer");
    exit_status = key ? cli_answer_check_open(options, key, &call.check) : EXIT_DONE;
    if (exit_status != EXIT_DONE)
        return exit_status;
    if (cli_client_open(server && server[0] ? server : USUAL_SERVER,
                        options_value(options, "ca"), options_has(options, "insecure"),
                        &call.client, &failure) != STATUS_OK)
        return options_refuse(options, "%s", failure.text);
    if (is_all)
        return print_all(&call);
    exit_status = ask(&call);
    if (exit_status != EXIT_DONE)
        return exit_status;
    print_answer(&call);
    return finish(&call);
}

int
cmd_call(int argc, char **argv)
{
    static const struct form_option OPTIONS[] = {
        OPTIONS_OF_SIGNER,
        {"server", "URL", "else $TOKENHOUSE_SERVER, else http://127.0.0.1:8480", false,
         false},
        {"native", NULL, "sign the request itself (RFC 9421) instead of sending a JWS",
         false, false},
        {"print-base", NULL, "with --native: write what is signed to standard error",
         false, false},
        {"verify-answer", "FILE",
         "the server's public key in PEM: the answer must be signed by it", false, false},
        {"all", NULL, "follow nextPage to the end; prints {\"data\":[…]}", false, false},
        {"pretty", NULL, "print JSON with line breaks", false, false},
        {"include", NULL, "print the head of the answer too", false, false},
        {"ca", "FILE", "trust the certificates in FILE instead of the system's", false,
         false},
        {"insecure", NULL, "do not check the server's certificate", false, false},
    };
    static const struct form CALL = {
        .arguments = "METHOD PATH[?query]",
        .argument_min = 2,
        .argument_max = 2,
        .meaning = "sign a request, send it and print the answer",
        .options = OPTIONS,
        .option_count = COUNT_OF(OPTIONS),
        .run = call_server,
        .more =
            "Exit status 0 for an answer of 2xx, 1 for others. 429 and 503 are tried "
            "again, five\ntries in all, after the seconds of Retry-After (60 at most), "
            "else after 1, 2, 4 and 8;\neach try is signed anew.\n  tokenhouse call GET "
            "'/v3/reporting/devices?pageSize=500' --token "
            "x.token --all\n\n'tokenhouse events key', at the server, prints the key for "
            "--verify-answer. An answer that is not\nto be believed is not printed.\n",
    };

    return form_run("call", &CALL, argc, argv);
}
