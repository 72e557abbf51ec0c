/* SPDX-License-Identifier: Apache-2.0
 *
 * One's own calendar of coming expiries: /profile/calendar. */
#include "base/secret.h"
#include "console/handlers.h"
#include "rules/calendar.h"
#include "store/store_calendars.h"

#include <stdio.h>

enum status
profile_calendar_show(struct visit *v)
{
    int64_t made_at_s = 0;
    enum status status = store_calendar_made(v->reader, v->user.id, &made_at_s);

    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    struct json_writer writer = visit_json(v, 200);
    json_write_object(&writer);
    visit_write_time(&writer, "madeAt", made_at_s);
    json_write_end(&writer);
    return json_write_done(&writer);
}

/* The only time that the address is told. */
enum status
profile_calendar_renew(struct visit *v)
{
    char secret[CALENDAR_SECRET_CHARS + 1] = "";
    char path[CALENDAR_SECRET_CHARS + 32];
    enum status status = calendar_renew(&v->act, &v->user, secret);

    if (status != STATUS_OK)
        return status;
    snprintf(path, sizeof(path), "/calendar/%s.ics", secret);
    struct json_writer writer = visit_json(v, 201);
    json_write_object(&writer);
    json_write_member_text(&writer, "path", path);
    visit_write_time(&writer, "madeAt", v->now_s);
    json_write_end(&writer);
    secret_wipe(secret, sizeof(secret));
    secret_wipe(path, sizeof(path));
    return json_write_done(&writer);
}

enum status
profile_calendar_remove(struct visit *v)
{
    enum status status = calendar_remove(&v->act, &v->user);

    return status == STATUS_OK ? visit_nothing(v) : status;
}
