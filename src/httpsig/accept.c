/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads Accept-Signature and signs by it. What cannot be had is passed over: a caller who
 * asked sees that the answer is not signed. */
#include "httpsig/accept.h"

#include "base/auto.h"

enum {
    LIFE_S = 300,           /* of a signature for which "expires" is asked */
    INPUT_MAX_BYTES = 4096, /* what we repeat of a caller's field */
};

/* What a member asks for beside the components. */
struct wishes {
    bool has_expires;
    struct slice nonce, tag; /* escaped; NULL = not asked for */
};

static bool
read_wish(const struct sf_member *wish, const struct httpsig_answerer *answerer,
          struct wishes *wishes)
{
    struct slice key = wish->key;
    const struct sf_value *value = &wish->value;
    bool is_flag = value->kind == SF_BOOLEAN && value->number == 1;
    bool is_text = value->kind == SF_STRING;

    if (slice_equal(key, SLICE("created")))
        return is_flag; /* is always there */
    if (slice_equal(key, SLICE("expires")))
        return wishes->has_expires = is_flag;
    if (slice_equal(key, SLICE("alg")))
        return is_text && slice_equal(value->raw, slice_of(httpsig_alg_name(ALG_ES256)));
    if (slice_equal(key, SLICE("keyid")))
        return is_text && slice_equal(value->raw, answerer->keyid);
    if (!is_text)
        return false;
    if (slice_equal(key, SLICE("nonce")))
        wishes->nonce = value->raw;
    else if (slice_equal(key, SLICE("tag")))
        wishes->tag = value->raw;
    else
        return false;
    return true;
}

static bool
read_wishes(struct slice parameters, const struct httpsig_answerer *answerer,
            struct wishes *out)
{
    struct sf_member wish;

    *out = (struct wishes){0};
    while (sf_next_parameter(&parameters, &wish) == SF_ONE) {
        if (!read_wish(&wish, answerer, out))
            return false;
    }
    return true;
}

static void
add_text(struct buffer *out, const char *name, struct slice raw)
{
    if (!raw.at)
        return;
    buffer_add_text(out, name);
    buffer_add(out, raw); /* as it came, with its escapes */
    buffer_add_byte(out, '"');
}

static void
write_input(const struct sf_value *list, const struct wishes *wishes,
            const struct httpsig_answerer *answerer, struct buffer *out)
{
    struct sf_value components = *list;

    components.parameters = (struct slice){0};
    sf_write_value(out, &components);
    buffer_print(out, ";created=%lld", (long long)answerer->now_s);
    if (wishes->has_expires)
        buffer_print(out, ";expires=%lld", (long long)answerer->now_s + LIFE_S);
    add_text(out, ";keyid=\"", answerer->keyid);
    buffer_print(out, ";alg=\"%s\"", httpsig_alg_name(ALG_ES256));
    add_text(out, ";nonce=\"", wishes->nonce);
    add_text(out, ";tag=\"", wishes->tag);
}

static bool
sign_by(const struct sf_member *member, const struct httpsig_message *answer,
        const struct httpsig_answerer *answerer, struct buffer *out_input,
        struct buffer *out_signature)
{
    struct buffer input AUTO(buffer_done) = buffer_make(INPUT_MAX_BYTES);
    struct httpsig_key key = {.es256 = answerer->key};
    struct wishes wishes;

    if (!member->value.is_list ||
        !read_wishes(member->value.parameters, answerer, &wishes))
        return false;
    write_input(&member->value, &wishes, answerer, &input);
    return buffer_check(&input) == STATUS_OK &&
           httpsig_sign(answer, member->key, buffer_slice(&input), &key, out_input,
                        out_signature, NULL, NULL) == STATUS_OK;
}

enum status
httpsig_answer_sign(const struct httpsig_message *answer,
                    const struct httpsig_answerer *answerer, struct buffer *out_input,
                    struct buffer *out_signature)
{
    const struct httpsig_message *request = answer->request;

    for (size_t i = 0; i < request->header_count; i++) {
        struct slice rest = slice_trim(request->headers[i].value);
        struct sf_member member;
        if (!slice_equal_nocase(request->headers[i].name, SLICE("Accept-Signature")) ||
            !sf_dictionary_is_valid(rest))
            continue;
        while (sf_next_member(&rest, &member) == SF_ONE) {
            if (sign_by(&member, answer, answerer, out_input, out_signature))
                return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}
