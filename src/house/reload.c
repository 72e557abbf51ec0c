/* SPDX-License-Identifier: Apache-2.0
 *
 * SIGHUP: reads the TLS files and the configuration again. What can change while we
 * serve changes; what cannot is named, and waits for the next start. A file that cannot
 * be read changes nothing. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/log.h"

#include <stdio.h>

static void
reload_tls(struct tls_server *tls)
{
    struct failure failure = {0};

    if (!tls)
        return;
    if (tls_server_reload(tls, &failure) == STATUS_OK)
        log_event(LOG_INFO, "reloaded", LOG_TEXT("what", SLICE("tls")));
    else
        log_event(LOG_ERROR, "reload failed, the old files stay in force",
                  LOG_TEXT("what", SLICE("tls")),
                  LOG_TEXT("why", slice_of(failure.text)));
}

/* Settings that take effect at once. */
static const char *const LIVE[] = {"log_level", "event_keep_days", "event_keep_count",
                                   "event_hold_days", "drain_s"};

static bool
is_live(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(LIVE); i++) {
        if (strcmp(LIVE[i], name) == 0)
            return true;
    }
    return false;
}

/* Names the settings that differ from those in force and need a restart. */
static void
tell_what_waits(const struct config *in_force, const struct config *fresh)
{
    for (size_t i = 0; i < config_setting_count(); i++) {
        struct config_view before;
        struct config_view after;

        config_setting_view(in_force, i, &before);
        config_setting_view(fresh, i, &after);
        if (!is_live(before.name) && strcmp(before.value, after.value) != 0)
            log_event(LOG_WARN, "a setting waits for the next start",
                      LOG_TEXT("setting", slice_of(before.name)),
                      LOG_TEXT("in_force", slice_of(before.value)),
                      LOG_TEXT("in_file", slice_of(after.value)));
    }
}

static void
reload_config(struct house *house)
{
    struct config fresh;
    struct failure failure = {0};
    const struct config *config = house->config;

    if (config_read(config->data, house->config_path, &fresh, &failure) != STATUS_OK) {
        log_event(LOG_ERROR, "reload failed, the old settings stay in force",
                  LOG_TEXT("what", SLICE("config")), LOG_INT("line", failure.line),
                  LOG_TEXT("why", slice_of(failure.text)));
        return;
    }
    /* These may have been named on the command line, which goes before the file. */
    snprintf(fresh.data, sizeof(fresh.data), "%s", config->data);
    snprintf(fresh.listen, sizeof(fresh.listen), "%s", config->listen);
    snprintf(fresh.health, sizeof(fresh.health), "%s", config->health);

    log_set_level((enum log_level)fresh.log_level);
    atomic_store(&house->event_keep_days, fresh.event_keep_days);
    atomic_store(&house->event_keep_count, fresh.event_keep_count);
    atomic_store(&house->event_hold_days, fresh.event_hold_days);
    atomic_store(&house->drain_s, fresh.drain_s);
    tell_what_waits(config, &fresh);
    log_event(LOG_INFO, "reloaded", LOG_TEXT("what", SLICE("config")));
}

void
reload(struct house *house)
{
    reload_tls(house->tls);
    reload_tls(house->decide_tls);
    reload_config(house);
}
