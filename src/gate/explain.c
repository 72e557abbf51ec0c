/* SPDX-License-Identifier: Apache-2.0
 *
 * A request is described; here it becomes the message that its caller would send, but for
 * the signature, and walks through the gate's own steps. So every limit and every reading
 * is the gate's. */
#include "gate/explain.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "base/clock.h"
#include "gate/inside.h"
#include "json/write.h"

#include <stdio.h>

/* As long as a MAC by HS256; nobody looks at it. */
#define NO_SIGNATURE "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

enum { MESSAGE_MAX_BYTES = 4 * JWS_MAX_BYTES }; /* so that `read` says what is too long */

static void
add_encoded(struct buffer *message, const struct buffer *part)
{
    size_t most = BASE64URL_MAX_CHARS(part->len);
    char *room = (char *)buffer_reserve(message, most);

    if (room)
        message->len += base64url_encode(buffer_slice(part), room);
}

static bool
is_bearer(const struct keyring_entry *entry)
{
    return entry && keyring_entry_alg(entry) == ALG_BEARER;
}

static const char *
alg_of(const struct gate *gate, struct slice token_id)
{
    const struct keyring_entry *entry = keyring_find(gate->keyring, token_id);

    return alg_name(entry && !is_bearer(entry) ? keyring_entry_alg(entry) : ALG_ES256);
}

static void
write_header(const struct gate *gate, const struct explain_request *request,
             struct buffer *out)
{
    struct json_writer w = json_write_into(out);

    json_write_object(&w);
    json_write_member_text(&w, "alg", alg_of(gate, request->token_id));
    json_write_member_string(&w, "kid", request->token_id);
    json_write_member_string(&w, "method", request->method);
    json_write_member_text(&w, "content-type", "application/json");
    json_write_member_string(&w, "uri", request->uri);
    json_write_member_string(&w, "query-string", request->query);
    json_write_member_int(&w, "issuedAt", request->issued_at_ms);
    json_write_end(&w);
}

/* The message; the first byte that does not fit makes it one that is too long. */
static void
write_message(const struct gate *gate, const struct explain_request *request,
              struct buffer *out)
{
    struct buffer part AUTO(buffer_done) = buffer_make(MESSAGE_MAX_BYTES);

    write_header(gate, request, &part);
    add_encoded(out, &part);
    buffer_add_byte(out, '.');
    buffer_clear(&part);
    buffer_add_text(&part, request->body.len > 0 ? "{\"data\":" : "{");
    buffer_add(&part, request->body);
    buffer_add_text(&part, "}");
    add_encoded(out, &part);
    buffer_add_text(out, "." NO_SIGNATURE);
}

/* ---- what was found ---- */

static unsigned
known_after(const struct exchange *x, const struct gate_step *step, bool is_passed,
            unsigned known)
{
    if (step->run == step_read && is_passed)
        known |= KNOWS_MESSAGE;
    if (step->run == step_header && is_passed)
        known |= KNOWS_HEADER;
    if (step->run == step_token && is_passed)
        known |= KNOWS_TOKEN;
    if (x->operation)
        known |= KNOWS_OPERATION;
    return known;
}

static void
copy_text(char *out, size_t size, const char *from)
{
    snprintf(out, size, "%s", from ? from : "");
}

static void
add_needs(struct explanation *out, const struct exchange *x,
          const struct permission_set *wanted, const struct operation_when *when)
{
    const struct permission_set *own =
        x->entry ? keyring_entry_permissions(x->entry) : NULL;

    for (size_t i = 0; i < permission_count(); i++) {
        uint16_t number = permission_at(i)->number;
        if (!permission_set_has(wanted, number) ||
            out->need_count == EXPLAIN_NEED_MAX_COUNT)
            continue;
        struct explain_need *need = &out->needs[out->need_count++];
        *need = (struct explain_need){
            .permission = number,
            .is_missing = x->entry && !permission_set_has(&x->rights, number),
            .is_in_token = own && permission_set_has(own, number),
            .when_kind = when ? (int)when->kind : 0,
        };
        copy_text(need->when, sizeof(need->when), when ? when->name : NULL);
        copy_text(need->equals, sizeof(need->equals), when ? when->equals : NULL);
    }
}

/* All that the operation needs for this request, whether or not it is missing. */
static void
tell_operation(struct explanation *out, const struct exchange *x)
{
    const struct operation *operation = x->operation;
    struct needs_request request = needs_request_of(x);

    out->has_operation = true;
    out->is_closed = operation->need == OPERATION_CLOSED;
    copy_text(out->method, sizeof(out->method), operation->method);
    copy_text(out->path, sizeof(out->path), operation->path);
    copy_text(out->summary, sizeof(out->summary), operation->summary);
    for (size_t i = 0; i < operation->licence_count; i++)
        copy_text(out->licences[i].name, sizeof(out->licences[i].name),
                  operation->licences[i]);
    out->licence_count = operation->licence_count;
    if (operation->need == OPERATION_NEEDS)
        add_needs(out, x, &operation->permissions, NULL);
    for (size_t i = 0; i < operation->when_count; i++) {
        if (needs_is_asked(&operation->whens[i], &request))
            add_needs(out, x, &operation->whens[i].permissions, &operation->whens[i]);
    }
}

/* The methods that this path has instead of the one that was asked for. */
static void
tell_methods(struct explanation *out, const struct exchange *x)
{
    static const char *const METHODS[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    const struct route_map *map = route_table_map(routes_now(x->lane->gate->routes));
    struct route_match match;
    size_t len = 0;

    for (size_t i = 0; i < COUNT_OF(METHODS); i++) {
        if (route_map_find(map, slice_of(METHODS[i]), x->header.uri, &match) != STATUS_OK)
            continue;
        int added = snprintf(out->other_methods + len, sizeof(out->other_methods) - len,
                             "%s%s", len > 0 ? ", " : "", METHODS[i]);
        len += added > 0 ? (size_t)added : 0;
    }
}

/* ---- the way ---- */

/* Who asks here may know of the token: it is their own, or they manage all. A bearer
 * token states no algorithm, so its message cannot state it either. */
static enum go
run_step(struct exchange *x, const struct gate_step *step)
{
    enum go go = step->run(x);

    if (go == GO_ON && step->run == step_header &&
        is_bearer(keyring_find(x->lane->gate->keyring, x->header.kid)))
        x->header.alg = ALG_BEARER;
    if (go == GO_ON && step->run == step_token && x->hidden != PERMITTED)
        go = refuse(x, x->hidden, "kid", "there is no token with this ID");
    return go;
}

static void
take_step(struct exchange *x, const struct gate_step *step, unsigned *known,
          struct explanation *out)
{
    struct explain_step *told = &out->steps[out->step_count++];
    unsigned lacks = step->needs & ~*known;

    told->name = step->name;
    if (step->explains == EXPLAIN_LEAVES_OUT || lacks == KNOWS_ADDRESS)
        told->outcome = EXPLAIN_NOT_ASKED;
    if (step->explains == EXPLAIN_LEAVES_OUT || lacks != 0)
        return;
    told->outcome = run_step(x, step) == GO_ON ? EXPLAIN_PASSED : EXPLAIN_FAILED;
    *known = known_after(x, step, told->outcome == EXPLAIN_PASSED, *known);
    if (told->outcome == EXPLAIN_PASSED)
        return;
    told->verdict = x->verdict;
    copy_text(told->words, sizeof(told->words), x->words);
    if (out->verdict == PERMITTED)
        out->verdict = x->verdict;
}

static void
walk(struct exchange *x, bool has_address, struct explanation *out)
{
    unsigned known = has_address ? KNOWS_ADDRESS : 0;
    const struct gate_step *step;

    out->verdict = PERMITTED;
    for (size_t i = 0; (step = gate_step(i)); i++) {
        if (out->step_count < EXPLAIN_STEP_MAX_COUNT)
            take_step(x, step, &known, out);
    }
    out->has_token = (known & KNOWS_TOKEN) != 0;
    if (x->operation)
        tell_operation(out, x);
    else if (known & KNOWS_HEADER)
        tell_methods(out, x);
}

void
gate_explain(struct gate_lane *lane, const struct explain_request *request,
             struct explanation *out)
{
    struct buffer message AUTO(buffer_done) = buffer_make(2 * MESSAGE_MAX_BYTES);

    *out = (struct explanation){0};
    slice_to_text(slice_head(request->token_id, TOKEN_ID_MAX_CHARS), out->token_id,
                  sizeof(out->token_id));
    keyring_enter();
    write_message(lane->gate, request, &message);
    struct exchange *x = gate_begin(lane);
    x->message = buffer_slice(&message);
    x->address = request->address;
    x->now_ms = request->at_ms;
    x->now_ns = clock_monotonic_ns();
    x->is_described = true;
    walk(x, request->has_address, out);
    keyring_leave();
}
