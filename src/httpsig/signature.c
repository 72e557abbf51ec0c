/* SPDX-License-Identifier: Apache-2.0
 *
 * Which signature counts, what it covers, and the base over which it is made. */
#include "httpsig/signature.h"

#include "base/auto.h"
#include "base/base64url.h"

/* The last second of the year 9999: what follows is no time that anybody means. */
static const int64_t TIME_MAX_S = 253402300799;

#define SHOWN(s) (int)((s).len < 100 ? (s).len : 100), (const char *)(s).at

enum status
httpsig_alg_read(struct slice name, enum alg *out)
{
    if (slice_equal(name, SLICE("hmac-sha256")))
        *out = ALG_HS256;
    else if (slice_equal(name, SLICE("ecdsa-p256-sha256")))
        *out = ALG_ES256;
    else
        return STATUS_MALFORMED;
    return STATUS_OK;
}

const char *
httpsig_alg_name(enum alg alg)
{
    return alg == ALG_ES256 ? "ecdsa-p256-sha256" : "hmac-sha256";
}

/* ---- the parameters ---- */

static enum status
read_text(const struct sf_member *parameter, struct slice *out, bool *has,
          struct failure *failure)
{
    if (parameter->value.kind != SF_STRING)
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "the parameter \"%.*s\" is not a text in quotes",
                           SHOWN(parameter->key));
    *out = parameter->value.raw;
    *has = true;
    return STATUS_OK;
}

static enum status
read_time(const struct sf_member *parameter, int64_t *out, bool *has,
          struct failure *failure)
{
    int64_t at_s = parameter->value.number;

    if (parameter->value.kind != SF_INTEGER || at_s < 0 || at_s > TIME_MAX_S)
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "the parameter \"%.*s\" is not a whole number of seconds "
                           "since 1970",
                           SHOWN(parameter->key));
    *out = at_s;
    *has = true;
    return STATUS_OK;
}

static enum status
read_parameter(const struct sf_member *parameter, struct httpsig_input *input,
               struct failure *failure)
{
    struct slice key = parameter->key;

    if (slice_equal(key, SLICE("created")))
        return read_time(parameter, &input->created_s, &input->has_created, failure);
    if (slice_equal(key, SLICE("expires")))
        return read_time(parameter, &input->expires_s, &input->has_expires, failure);
    if (slice_equal(key, SLICE("nonce")))
        return read_text(parameter, &input->nonce, &input->has_nonce, failure);
    if (slice_equal(key, SLICE("alg")))
        return read_text(parameter, &input->alg, &input->has_alg, failure);
    if (slice_equal(key, SLICE("keyid")))
        return read_text(parameter, &input->keyid, &input->has_keyid, failure);
    if (slice_equal(key, SLICE("tag")))
        return read_text(parameter, &input->tag, &input->has_tag, failure);
    return STATUS_OK;
}

static enum status
read_component(const struct sf_value *item, struct httpsig_input *input,
               struct failure *failure)
{
    if (input->component_count == HTTPSIG_COMPONENT_MAX_COUNT)
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "more than %d components are covered",
                           HTTPSIG_COMPONENT_MAX_COUNT);

    struct httpsig_component *component = &input->components[input->component_count];
    enum status status = httpsig_component_read(item, component, failure);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < input->component_count; i++) {
        if (httpsig_component_equal(&input->components[i], component))
            return failure_set(failure, STATUS_MALFORMED, NULL,
                               "the component \"%.*s\" is covered twice",
                               SHOWN(component->name));
    }
    input->component_count++;
    return STATUS_OK;
}

enum status
httpsig_input_read(const struct sf_member *member, struct httpsig_input *out,
                   struct failure *failure)
{
    struct slice items = member->value.raw;
    struct slice parameters = member->value.parameters;
    enum status status = STATUS_OK;
    struct sf_member parameter;
    struct sf_value item;

    out->label = member->key;
    out->list = member->value;
    out->component_count = 0;
    out->has_created = out->has_expires = out->has_nonce = false;
    out->has_alg = out->has_keyid = out->has_tag = false;
    if (!member->value.is_list)
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "the member \"%.*s\" is not a list of covered components in "
                           "parentheses",
                           SHOWN(member->key));
    while (status == STATUS_OK && sf_next_item(&items, &item) == SF_ONE)
        status = read_component(&item, out, failure);
    while (status == STATUS_OK && sf_next_parameter(&parameters, &parameter) == SF_ONE)
        status = read_parameter(&parameter, out, failure);
    return status;
}

/* ---- which one counts ---- */

/* What was seen of the members of a field, over all of its lines. */
struct labels {
    struct slice seen[SF_MEMBER_MAX_COUNT];
    size_t count, line_count;
    struct sf_member only, tagged; /* the last one; the last one with our tag */
    size_t tagged_count;
};

static bool
is_tagged(const struct sf_member *member)
{
    struct slice parameters = member->value.parameters;
    struct sf_member parameter;

    while (sf_next_parameter(&parameters, &parameter) == SF_ONE) {
        if (slice_equal(parameter.key, SLICE("tag")))
            return parameter.value.kind == SF_STRING &&
                   slice_equal(parameter.value.raw, SLICE(HTTPSIG_TAG));
    }
    return false;
}

static enum status
keep_label(struct labels *labels, const struct sf_member *member, const char *field,
           struct failure *failure)
{
    if (labels->count == SF_MEMBER_MAX_COUNT)
        return failure_set(failure, STATUS_MALFORMED, NULL, "%s has more than %d members",
                           field, SF_MEMBER_MAX_COUNT);
    for (size_t i = 0; i < labels->count; i++) {
        if (slice_equal(labels->seen[i], member->key))
            return failure_set(failure, STATUS_MALFORMED, NULL,
                               "%s has the label \"%.*s\" twice", field,
                               SHOWN(member->key));
    }
    labels->seen[labels->count++] = member->key;
    return STATUS_OK;
}

/* Reads all members of a field; those of `wanted` (empty = all) are kept. */
static enum status
read_members(const struct httpsig_message *message, const char *field,
             struct slice wanted, struct labels *labels, struct failure *failure)
{
    struct slice name = slice_of(field);
    struct sf_member member;

    for (size_t i = 0; i < message->header_count; i++) {
        const struct http_header *header = &message->headers[i];
        if (header->name.len != name.len || !slice_equal_nocase(header->name, name))
            continue;
        struct slice rest = slice_trim(header->value);
        enum sf_cut cut;
        labels->line_count++;
        while ((cut = sf_next_member(&rest, &member)) == SF_ONE) {
            enum status status = keep_label(labels, &member, field, failure);
            if (status != STATUS_OK)
                return status;
            if (wanted.len > 0 && !slice_equal(member.key, wanted))
                continue;
            labels->only = member;
            if (!is_tagged(&member))
                continue;
            labels->tagged = member;
            labels->tagged_count++;
        }
        if (cut == SF_WRONG)
            return failure_set(failure, STATUS_MALFORMED, NULL,
                               "%s is not a dictionary of structured fields (RFC 9651)",
                               field);
    }
    return STATUS_OK;
}

static enum status
choose(const struct labels *labels, const struct sf_member **out, struct failure *failure)
{
    if (labels->count == 0)
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "there is a Signature without a Signature-Input");
    if (labels->count > 1 && labels->tagged_count != 1)
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "there are %zu signatures, and %zu of them have "
                           "tag=\"" HTTPSIG_TAG
                           "\"; of several, exactly one must have it",
                           labels->count, labels->tagged_count);
    *out = labels->count == 1 ? &labels->only : &labels->tagged;
    return STATUS_OK;
}

bool
httpsig_is_signed(const struct http_request *request)
{
    for (size_t i = 0; i < request->header_count; i++) {
        struct slice name = request->headers[i].name;
        if ((name.len == 9 && slice_equal_nocase(name, SLICE("signature"))) ||
            (name.len == 15 && slice_equal_nocase(name, SLICE("signature-input"))))
            return true;
    }
    return false;
}

enum status
httpsig_find(const struct httpsig_message *message, struct httpsig_input *out,
             struct slice *out_signature, struct failure *failure)
{
    struct labels inputs;
    struct labels signatures;
    const struct sf_member *chosen = NULL;

    inputs.count = inputs.line_count = inputs.tagged_count = 0;
    signatures.count = signatures.line_count = signatures.tagged_count = 0;
    enum status status =
        read_members(message, "Signature-Input", (struct slice){0}, &inputs, failure);
    if (status == STATUS_OK)
        status = choose(&inputs, &chosen, failure);
    if (status == STATUS_OK)
        status = httpsig_input_read(chosen, out, failure);
    if (status != STATUS_OK)
        return status;
    signatures.only = (struct sf_member){0};
    status = read_members(message, "Signature", out->label, &signatures, failure);
    if (status != STATUS_OK)
        return status;
    if (signatures.only.key.len == 0)
        return failure_set(
            failure, STATUS_MALFORMED, NULL,
            "Signature has no member \"%.*s\", which Signature-Input names",
            SHOWN(out->label));
    if (signatures.only.value.is_list || signatures.only.value.kind != SF_BYTES)
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "the member \"%.*s\" of Signature is not a byte sequence "
                           "(strict base64 between colons)",
                           SHOWN(out->label));
    *out_signature = signatures.only.value.raw;
    return STATUS_OK;
}

bool
httpsig_covers(const struct httpsig_input *input, enum httpsig_part part,
               struct slice name)
{
    for (size_t i = 0; i < input->component_count; i++) {
        const struct httpsig_component *one = &input->components[i];
        if (one->part == part && one->item.parameters.len == 0 &&
            (part != PART_FIELD || slice_equal(one->name, name)))
            return true;
    }
    return false;
}

/* ---- the base ---- */

enum status
httpsig_base_write(const struct httpsig_message *message,
                   const struct httpsig_input *input, struct buffer *out,
                   struct failure *failure)
{
    for (size_t i = 0; i < input->component_count; i++) {
        const struct httpsig_component *component = &input->components[i];
        sf_write_value(out, &component->item);
        buffer_add_text(out, ": ");
        enum status status = httpsig_component_write(message, component, out, failure);
        if (status != STATUS_OK)
            return status;
        buffer_add_byte(out, '\n');
    }
    buffer_add_text(out, "\"@signature-params\": ");
    sf_write_value(out, &input->list);
    if (buffer_check(out) != STATUS_OK)
        return failure_set(failure, STATUS_TOO_LARGE, NULL,
                           "what is covered is longer than %zu bytes", out->max_bytes);
    return STATUS_OK;
}

/* ---- signing ---- */

static enum status
sign_bytes(const struct httpsig_key *key, struct slice base, struct slice label,
           struct buffer *out, struct failure *failure)
{
    uint8_t bytes[ES256_SIGNATURE_BYTES];
    char text[BASE64_MAX_CHARS((size_t)ES256_SIGNATURE_BYTES)];
    size_t len = HMAC_BYTES;

    if (key->hs256) {
        hmac_sign(key->hs256, base, bytes);
    } else {
        len = ES256_SIGNATURE_BYTES;
        if (es256_sign(key->es256, base, bytes) != STATUS_OK)
            return failure_set(failure, STATUS_BROKEN, NULL, "signing failed");
    }
    buffer_add(out, label);
    buffer_add_text(out, "=:");
    buffer_add(out, (struct slice){(unsigned char *)text,
                                   base64_encode((struct slice){bytes, len}, text)});
    buffer_add_byte(out, ':');
    return buffer_check(out);
}

enum status
httpsig_sign(const struct httpsig_message *message, struct slice label,
             struct slice input, const struct httpsig_key *key, struct buffer *out_input,
             struct buffer *out_signature, struct buffer *base, struct failure *failure)
{
    struct buffer own AUTO(buffer_done) = buffer_make(HTTPSIG_BASE_MAX_BYTES);
    struct sf_member member = {.key = label};
    struct httpsig_input read;
    struct slice rest = input;

    if (!base)
        base = &own;
    size_t start = base->len;
    if (sf_next_value(&rest, &member.value) != SF_ONE || rest.len > 0)
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "what is to be covered is not a list (RFC 9651)");
    enum status status = httpsig_input_read(&member, &read, failure);
    if (status == STATUS_OK)
        status = httpsig_base_write(message, &read, base, failure);
    if (status != STATUS_OK)
        return status;
    buffer_add(out_input, label);
    buffer_add_byte(out_input, '=');
    sf_write_value(out_input, &read.list);
    if (buffer_check(out_input) != STATUS_OK)
        return failure_set(failure, STATUS_TOO_LARGE, NULL, "the signature is too large");
    return sign_bytes(key, slice_from(buffer_slice(base), start), label, out_signature,
                      failure);
}
