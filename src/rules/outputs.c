/* SPDX-License-Identifier: Apache-2.0
 *
 * Adding, changing and removing outputs. */
#include "rules/outputs.h"

#include "base/auto.h"
#include "base/hash.h"
#include "crypto/certificates.h"
#include "crypto/sha256.h"
#include "rules/authority.h"
#include "rules/details.h"
#include "rules/words.h"
#include "store/store_events.h"
#include "store/store_outputs.h"

#include <stdio.h>

static const struct words_rule NAME_RULE = {"name", "the name of an output", 1,
                                            NAME_MAX_CHARS, false};
static const char KEY_LABEL[] = "event output key";

/* What is kept of TLS, as texts. */
struct tls_texts {
    struct buffer ca, certificate, sealed;
};

static struct tls_texts
tls_texts_make(void)
{
    return (struct tls_texts){
        .ca = buffer_make(OUTPUT_PEM_MAX_BYTES),
        .certificate = buffer_make(OUTPUT_PEM_MAX_BYTES),
        .sealed = buffer_make(OUTPUT_PEM_MAX_BYTES + SEAL_EXTRA_BYTES),
    };
}

static void
tls_texts_done(struct tls_texts *texts)
{
    buffer_done(&texts->ca);
    buffer_done(&texts->certificate);
    buffer_done(&texts->sealed);
}

/* ---- events ---- */

static void
write_digest(struct slice text, char out[2 * SHA256_BYTES + 1])
{
    uint8_t digest[SHA256_BYTES];

    out[0] = '\0';
    if (text.len == 0)
        return;
    sha256(text, digest);
    for (size_t i = 0; i < SHA256_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

/* Of a URL scheme, host and port, and a digest that tells whether the rest is another. */
static enum status
details_output(const struct output *output, const struct tls_texts *texts, json_t **out)
{
    struct output_place place = {0};
    char url[2 * SHA256_BYTES + 1];
    char ca[2 * SHA256_BYTES + 1];
    char certificate[2 * SHA256_BYTES + 1];

    if (output->kind != OUTPUT_EXPORT &&
        output_place_read(slice_of(output->url), &place, NULL) != STATUS_OK)
        return STATUS_BROKEN;
    write_digest(slice_of(output->url), url);
    write_digest(buffer_slice(&texts->ca), ca);
    write_digest(buffer_slice(&texts->certificate), certificate);
    *out = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s}", "name", output->name,
                     "kind", output_kind_name(output->kind), "format",
                     output_format_name(output->format), "receiver", place.origin,
                     "urlSha256", url, "isPaused", output->is_paused, "caSha256", ca,
                     "certificateSha256", certificate);
    return *out ? STATUS_OK : STATUS_BROKEN;
}

static enum status
record_change(const struct act *act, const struct output *output, const char *action,
              json_t *before, json_t *after)
{
    struct happening what = {
        .kind = EVENT_OUTPUT_UPDATED,
        .object_kind = "output",
        .object_id = output->uid,
        .object_name = output->name,
    };
    enum status status = history_add_change(act, what, action, before, after);

    return status == STATUS_OK
               ? store_change_add(act->store, CHANGE_SETTING, "event_outputs")
               : status;
}

/* ---- reading what is wanted ---- */

static enum status
read_url(const struct act *act, const struct slice *url, struct output *out)
{
    struct output_place place;
    struct slice typed = url ? slice_trim(*url) : slice_of(out->url);
    enum status status = output_place_read(typed, &place, act->failure);

    if (status != STATUS_OK)
        return status;
    bool is_fitting =
        (place.kind == OUTPUT_WEBHOOK) == (out->format == OUTPUT_JSON) && out->format;
    if (!is_fitting) /* the usual one of its kind */
        out->format = place.kind == OUTPUT_WEBHOOK ? OUTPUT_JSON : OUTPUT_RFC5424;
    out->kind = place.kind;
    if (url) /* not onto itself */
        (void)slice_to_text(typed, out->url, sizeof(out->url));
    return STATUS_OK;
}

static enum status
read_format(const struct act *act, struct slice typed, struct output *out)
{
    enum output_format format;

    if (output_format_read(slice_trim(typed), &format) != STATUS_OK)
        return failure_set(act->failure, STATUS_MALFORMED, "format",
                           "there is no format '%.*s'; wanted is rfc5424, cef or json",
                           WORDS_SHORT(typed));
    if ((out->kind == OUTPUT_WEBHOOK) != (format == OUTPUT_JSON))
        return failure_set(act->failure, STATUS_MALFORMED, "format",
                           "the format %s does not go with %s",
                           output_format_name(format),
                           out->kind == OUTPUT_WEBHOOK ? "a webhook, which gets json"
                                                       : "syslog: rfc5424 or cef does");
    out->format = format;
    return STATUS_OK;
}

static void
replace(struct buffer *text, const struct slice *wanted)
{
    if (!wanted)
        return;
    buffer_clear(text);
    buffer_add(text, slice_trim(*wanted));
    if (text->len > 0)
        buffer_add_byte(text, '\n');
}

static enum status
seal_key(const struct act *act, struct slice key, struct buffer *out)
{
    unsigned char *room = NULL;

    buffer_clear(out);
    if (key.len == 0)
        return STATUS_OK;
    if (!act->master_key)
        return STATUS_BROKEN;
    room = buffer_reserve(out, key.len + SEAL_EXTRA_BYTES);
    if (!room)
        return failure_set(act->failure, STATUS_TOO_LARGE, "key",
                           "the private key is longer than %d bytes",
                           OUTPUT_PEM_MAX_BYTES);
    seal_close(act->master_key, SLICE(KEY_LABEL), key, room);
    out->len += key.len + SEAL_EXTRA_BYTES;
    return STATUS_OK;
}

/* A certificate and its key come and go together. */
static enum status
read_pair(const struct act *act, const struct output_wish *wish, struct tls_texts *texts)
{
    struct slice certificate =
        wish->certificate_pem ? slice_trim(*wish->certificate_pem) : (struct slice){0};
    struct slice key = wish->key_pem ? slice_trim(*wish->key_pem) : (struct slice){0};

    if (!wish->certificate_pem && !wish->key_pem)
        return STATUS_OK;
    if ((certificate.len > 0) != (key.len > 0))
        return failure_set(act->failure, STATUS_MALFORMED,
                           certificate.len > 0 ? "key" : "certificate",
                           "a certificate and its private key go together");
    enum status status =
        key.len > 0 ? certificates_check_pair(certificate, key, act->failure) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    replace(&texts->certificate, &certificate);
    return seal_key(act, key, &texts->sealed);
}

static enum status
read_tls(const struct act *act, const struct output_wish *wish,
         const struct output *output, struct tls_texts *texts)
{
    bool is_encrypted = output->kind == OUTPUT_TLS ||
                        slice_starts(slice_of(output->url), SLICE("https://"));
    enum status status = STATUS_OK;

    replace(&texts->ca, wish->ca_pem);
    if (wish->ca_pem && texts->ca.len > 0)
        status = certificates_check(buffer_slice(&texts->ca), "ca", act->failure);
    if (status == STATUS_OK)
        status = read_pair(act, wish, texts);
    if (status != STATUS_OK)
        return status;
    if (texts->ca.is_short || texts->certificate.is_short)
        return failure_set(
            act->failure, STATUS_TOO_LARGE, texts->ca.is_short ? "ca" : "certificate",
            "the certificates are longer than %d bytes", OUTPUT_PEM_MAX_BYTES);
    if (!is_encrypted && (texts->ca.len > 0 || texts->certificate.len > 0))
        return failure_set(act->failure, STATUS_MALFORMED, "url",
                           "certificates go with tls:// and https:// only");
    return STATUS_OK;
}

static enum status
read_wish(const struct act *act, const struct output_wish *wish, struct output *output,
          struct tls_texts *texts)
{
    enum status status = STATUS_OK;

    if (output->kind == OUTPUT_EXPORT && output->id > 0)
        return failure_set(act->failure, STATUS_REFUSED, "url",
                           "this is the cursor of an export; it can only be removed");
    if (wish->name)
        status = words_read(&NAME_RULE, *wish->name, output->name, sizeof(output->name),
                            act->failure);
    if (status == STATUS_OK)
        status = read_url(act, wish->url, output);
    if (status == STATUS_OK && wish->format)
        status = read_format(act, *wish->format, output);
    if (status == STATUS_OK && wish->is_paused)
        output->is_paused = *wish->is_paused;
    return status == STATUS_OK ? read_tls(act, wish, output, texts) : status;
}

/* ---- the acts ---- */

static bool
count_output(void *ctx, const struct output *output)
{
    (void)output;
    ++*(int64_t *)ctx;
    return true;
}

static enum status
name_is_taken(const struct act *act, enum status status, const struct output *output)
{
    return status == STATUS_CONFLICT
               ? failure_set(act->failure, status, "name",
                             "there is an output with the name '%s'", output->name)
               : status;
}

/* Within the act that is begun: adds it with what it needs. */
static enum status
add_output(const struct act *act, bool is_from_now, const struct tls_texts *texts,
           struct output *output)
{
    struct output_tls tls = {buffer_slice(&texts->ca), buffer_slice(&texts->certificate),
                             buffer_slice(&texts->sealed)};
    json_t *after AUTO(details_done) = NULL;
    int64_t count = 0;
    enum status status = store_output_list(act->store, count_output, &count);

    if (status == STATUS_OK && count >= OUTPUT_MAX_COUNT)
        return failure_set(act->failure, STATUS_CONFLICT, "name",
                           "there are %d outputs and cursors; more are not taken",
                           OUTPUT_MAX_COUNT);
    if (status == STATUS_OK)
        status = store_event_ends(act->store, is_from_now ? NULL : &output->cursor_id,
                                  is_from_now ? &output->cursor_id : NULL);
    if (!is_from_now)
        output->cursor_id--; /* before the first that is there */
    uuid_make(output->uid);
    output->version = 1;
    output->created_at_s = output->changed_at_s = act->now_ms / 1000;
    if (status == STATUS_OK)
        status =
            name_is_taken(act, store_output_add(act->store, output, &output->id), output);
    if (status == STATUS_OK)
        status = store_output_tls_set(act->store, output->id, &tls);
    if (status == STATUS_OK)
        status = details_output(output, texts, &after);
    return status == STATUS_OK ? record_change(act, output, "created", NULL, after)
                               : status;
}

static enum status
need(const struct act *act)
{
    struct authority authority = {0};

    return authority_need(act, PERMISSION_SETTINGS_MANAGE, &authority);
}

enum status
output_add(const struct act *act, const struct output_wish *wish, struct output *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct tls_texts texts AUTO(tls_texts_done) = tls_texts_make();
    struct output output = {0};
    struct slice nothing = {0};
    struct output_wish whole = *wish;
    enum status status = STATUS_OK;

    if (!whole.name)
        whole.name = &nothing; /* which the rules refuse */
    if (!whole.url)
        whole.url = &nothing;
    status = read_wish(act, &whole, &output, &texts);
    if (status == STATUS_OK)
        status = store_begin(act->store);
    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = need(act);
    if (status == STATUS_OK)
        status = add_output(act, wish->is_from_now, &texts, &output);
    if (status == STATUS_OK)
        status = store_output_by_uid(act->store, slice_of(output.uid), &output);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = output;
    return status;
}

enum status
output_find(struct store *store, struct slice which, struct output *out)
{
    enum status status = store_output_by_uid(store, which, out);

    return status == STATUS_NOT_FOUND
               ? store_output_by_name(store, slice_trim(which), out)
               : status;
}

/* The output, and whether it may be touched; within the act that is begun. */
static enum status
find_for_act(const struct act *act, struct slice which, struct output *out)
{
    enum status status = need(act);

    if (status == STATUS_OK)
        status = output_find(act->store, which, out);
    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, status, "name", "there is no output '%.*s'",
                           WORDS_SHORT(which));
    return status;
}

static enum status
read_texts(const struct act *act, const struct output *output, struct tls_texts *texts)
{
    return store_output_tls(act->store, output->id, &texts->ca, &texts->certificate,
                            &texts->sealed);
}

static enum status
change_in_transaction(const struct act *act, struct slice which,
                      const struct output_wish *wish, struct output *output)
{
    struct tls_texts texts AUTO(tls_texts_done) = tls_texts_make();
    json_t *before AUTO(details_done) = NULL;
    json_t *after AUTO(details_done) = NULL;
    enum status status = find_for_act(act, which, output);

    if (status == STATUS_OK && wish->if_version != 0 &&
        wish->if_version != output->version)
        return failure_set(act->failure, STATUS_CONFLICT, "version",
                           "the output has been changed meanwhile; read it again");
    if (status == STATUS_OK)
        status = read_texts(act, output, &texts);
    if (status == STATUS_OK)
        status = details_output(output, &texts, &before);
    if (status == STATUS_OK)
        status = read_wish(act, wish, output, &texts);
    if (status == STATUS_OK)
        status = details_output(output, &texts, &after);
    if (status != STATUS_OK || (json_equal(before, after) && !wish->key_pem))
        return status;
    struct output_tls tls = {buffer_slice(&texts.ca), buffer_slice(&texts.certificate),
                             buffer_slice(&texts.sealed)};
    output->changed_at_s = act->now_ms / 1000;
    status = name_is_taken(act, store_output_change(act->store, output), output);
    if (status == STATUS_OK)
        status = store_output_tls_set(act->store, output->id, &tls);
    if (status == STATUS_OK)
        status = record_change(act, output, "edited", before, after);
    return status == STATUS_OK
               ? store_output_by_uid(act->store, slice_of(output->uid), output)
               : status;
}

enum status
output_change(const struct act *act, struct slice which, const struct output_wish *wish,
              struct output *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct output output = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = change_in_transaction(act, which, wish, &output);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = output;
    return status;
}

enum status
output_delete(const struct act *act, struct slice which)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct tls_texts texts AUTO(tls_texts_done) = tls_texts_make();
    json_t *before AUTO(details_done) = NULL;
    struct output output = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = find_for_act(act, which, &output);
    if (status == STATUS_OK)
        status = read_texts(act, &output, &texts);
    if (status == STATUS_OK)
        status = details_output(&output, &texts, &before);
    if (status == STATUS_OK)
        status = store_output_remove(act->store, output.id);
    if (status == STATUS_OK)
        status = record_change(act, &output, "deleted", before, NULL);
    return status == STATUS_OK ? store_commit(act->store) : status;
}

enum status
output_ask_test(const struct act *act, struct slice which, struct output *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct output output = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = find_for_act(act, which, &output);
    if (status == STATUS_OK && output.kind == OUTPUT_EXPORT)
        return failure_set(
            act->failure, STATUS_REFUSED, "url",
            "this is the cursor of an export: there is nowhere to send to");
    if (status == STATUS_OK)
        status = store_output_test_ask(act->store, output.id, act->now_ms);
    if (status == STATUS_OK)
        status = store_output_by_uid(act->store, slice_of(output.uid), &output);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = output;
    return status;
}

/* ---- cursors ---- */

static enum status
open_cursor(const struct act *act, struct slice name, bool is_from_now,
            struct output *out)
{
    struct tls_texts texts AUTO(tls_texts_done) = tls_texts_make();
    struct output output = {.kind = OUTPUT_EXPORT, .format = OUTPUT_JSON};
    struct output found;
    enum status status =
        words_read(&NAME_RULE, name, output.name, sizeof(output.name), act->failure);

    if (status == STATUS_OK)
        status = store_output_by_name(act->store, slice_of(output.name), &found);
    if (status == STATUS_OK && found.kind != OUTPUT_EXPORT)
        return failure_set(act->failure, STATUS_REFUSED, "name",
                           "'%s' is an output that the server feeds; wanted is another "
                           "name for the cursor of an export",
                           output.name);
    if (status == STATUS_OK)
        *out = found;
    if (status != STATUS_NOT_FOUND)
        return status;
    status = add_output(act, is_from_now, &texts, &output);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = output;
    return status;
}

enum status
output_cursor_open(const struct act *act, struct slice name, bool is_from_now,
                   struct output *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    return open_cursor(act, name, is_from_now, out);
}

enum status
output_advance(const struct act *act, const struct output *output, int64_t to_id)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = store_output_advance(act->store, output->id, output->cursor_id, to_id,
                                  act->now_ms);
    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, STATUS_CONFLICT, "name",
                           "the cursor '%s' was moved by somebody else meanwhile; what "
                           "was written now may come twice",
                           output->name);
    return status == STATUS_OK ? store_commit(act->store) : status;
}

enum status
output_key_open(const struct master_key *master_key, struct slice sealed,
                struct buffer *out)
{
    if (sealed.len <= SEAL_EXTRA_BYTES)
        return STATUS_NOT_FOUND;
    unsigned char *room = buffer_reserve(out, sealed.len - SEAL_EXTRA_BYTES);
    if (!room)
        return STATUS_TOO_LARGE;
    enum status status = seal_open(master_key, SLICE(KEY_LABEL), sealed, room);
    if (status == STATUS_OK)
        out->len += sealed.len - SEAL_EXTRA_BYTES;
    return status;
}
