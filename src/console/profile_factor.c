/* SPDX-License-Identifier: Apache-2.0
 *
 * One's own second factor: /profile/second-factor, /profile/recovery-codes. What changes
 * it asks for the password again: a screen left open is not enough. */
#include "base/auto.h"
#include "base/percent.h"
#include "console/handlers.h"
#include "console/login.h"
#include "rules/second_factor.h"

enum { URI_MAX_BYTES_OF_FACTOR = 2048 };

/* Reads {"password"} and checks it. */
static enum status
read_password(struct visit *v)
{
    struct slice password = {0};
    const struct body_member members[] = {
        {.name = "password", .kind = BODY_TEXT, BODY_REQUIRED, .text = &password},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    return status == STATUS_OK ? login_check_password(v, "password", password) : status;
}

/* otpauth://totp/Tokenhouse:ada%40example.com?secret=…&issuer=Tokenhouse, the form that
 * authenticator apps read out of a QR code (Key URI Format). */
static void
write_uri(const struct visit *v, struct slice secret, struct buffer *out)
{
    buffer_add_text(out, "otpauth://totp/Tokenhouse:");
    percent_encode(out, slice_of(v->user.email));
    buffer_add_text(out, "?secret=");
    buffer_add(out, secret);
    buffer_add_text(out, "&issuer=Tokenhouse");
}

enum status
profile_factor_begin(struct visit *v)
{
    struct secret secret AUTO(secret_done) = {0};
    struct buffer uri AUTO(buffer_wipe) = buffer_make(URI_MAX_BYTES_OF_FACTOR);
    enum status status = read_password(v);

    if (status == STATUS_OK)
        status = second_factor_begin(&v->act, &v->user, &secret);
    if (status != STATUS_OK)
        return status;

    struct json_writer writer = visit_json(v, 200);
    write_uri(v, secret_slice(&secret), &uri);
    json_write_object(&writer);
    json_write_member_string(&writer, "secret", secret_slice(&secret));
    json_write_member_string(&writer, "uri", buffer_slice(&uri));
    json_write_end(&writer);
    return json_write_done(&writer);
}

static enum status
answer_codes(struct visit *v, const struct recovery_codes *codes)
{
    struct json_writer writer = visit_json(v, 200);

    json_write_object(&writer);
    json_write_key(&writer, "recoveryCodes");
    json_write_array(&writer);
    for (size_t i = 0; i < RECOVERY_CODE_COUNT; i++)
        json_write_text(&writer, codes->texts[i]);
    json_write_end(&writer);
    json_write_end(&writer);
    return json_write_done(&writer);
}

enum status
profile_factor_prove(struct visit *v)
{
    struct recovery_codes codes AUTO(recovery_codes_done) = {0};
    struct slice code = {0};
    struct slice who = slice_of(v->user.uid);
    const struct body_member members[] = {
        {.name = "code", .kind = BODY_TEXT, BODY_REQUIRED, .text = &code},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status == STATUS_OK)
        status = login_attempt(v, THROTTLE_CODE, who);
    if (status == STATUS_OK)
        status = second_factor_prove(&v->act, &v->user, slice_trim(code), &codes);
    if (status != STATUS_OK)
        return status;
    login_was_good(v, THROTTLE_CODE, who);
    return answer_codes(v, &codes);
}

enum status
profile_factor_remove(struct visit *v)
{
    enum status status = read_password(v);

    if (status == STATUS_OK)
        status = second_factor_remove(&v->act, &v->user);
    return status == STATUS_OK ? visit_nothing(v) : status;
}

enum status
profile_recovery_codes(struct visit *v)
{
    struct recovery_codes codes AUTO(recovery_codes_done) = {0};
    enum status status = read_password(v);

    if (status == STATUS_OK)
        status = second_factor_recovery(&v->act, &v->user, &codes);
    return status == STATUS_OK ? answer_codes(v, &codes) : status;
}
