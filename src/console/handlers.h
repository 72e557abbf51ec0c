/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers that the route table names, one file for each group. */
#ifndef CONSOLE_HANDLERS_H
#define CONSOLE_HANDLERS_H

#include "console/visit.h"

/* calls.c */
enum status calls_answer(struct visit *v);

/* suggest.c */
enum status tokens_suggestion(struct visit *v);

/* explain.c */
enum status explain_answer(struct visit *v);

/* setup.c */
enum status setup_state(struct visit *v);
enum status setup_first_user(struct visit *v);

/* session.c */
enum status session_show(struct visit *v);
enum status session_log_in(struct visit *v);
enum status session_log_out(struct visit *v);
enum status session_second_factor(struct visit *v);
enum status session_password(struct visit *v);

/* profile.c, profile_factor.c */
enum status profile_show(struct visit *v);
enum status profile_change(struct visit *v);
enum status profile_password(struct visit *v);
enum status profile_sessions(struct visit *v);
enum status profile_sign_out(struct visit *v);
enum status profile_factor_begin(struct visit *v);
enum status profile_factor_prove(struct visit *v);
enum status profile_factor_remove(struct visit *v);
enum status profile_recovery_codes(struct visit *v);

/* profile_calendar.c */
enum status profile_calendar_show(struct visit *v);
enum status profile_calendar_renew(struct visit *v);
enum status profile_calendar_remove(struct visit *v);

/* tokens.c */
enum status tokens_list(struct visit *v);
enum status tokens_show(struct visit *v);
enum status tokens_edit(struct visit *v);
enum status tokens_suspend(struct visit *v);
enum status tokens_resume(struct visit *v);
enum status tokens_delete(struct visit *v);

/* token_new.c */
enum status tokens_new(struct visit *v);
enum status tokens_check_key(struct visit *v);
enum status tokens_check_addresses(struct visit *v);
enum status tokens_make(struct visit *v);

/* token_bulk.c */
enum status tokens_bulk_show(struct visit *v);
enum status tokens_bulk(struct visit *v);

/* token_roll.c */
enum status tokens_roll_show(struct visit *v);
enum status tokens_roll(struct visit *v);
enum status tokens_roll_end(struct visit *v);
enum status tokens_roll_off(struct visit *v);

/* token_shadow.c */
enum status tokens_shadow_show(struct visit *v);
enum status tokens_shadow_start(struct visit *v);
enum status tokens_shadow_stop(struct visit *v);

/* token_history.c */
enum status tokens_events(struct visit *v);
enum status tokens_use(struct visit *v);
enum status tokens_refusals(struct visit *v);

/* events.c */
enum status events_list(struct visit *v);
enum status events_show(struct visit *v);
enum status events_kinds(struct visit *v);
enum status events_export(struct visit *v);

/* catalogue.c */
enum status catalogue_list(struct visit *v);

/* users.c */
enum status users_list(struct visit *v);
enum status users_show(struct visit *v);
enum status users_add(struct visit *v);
enum status users_edit(struct visit *v);
enum status users_suspend(struct visit *v);
enum status users_resume(struct visit *v);
enum status users_password(struct visit *v);
enum status users_factor_reset(struct visit *v);
enum status users_delete(struct visit *v);

/* user_leaving.c */
enum status users_leaving(struct visit *v);

/* roles.c */
enum status roles_list(struct visit *v);
enum status roles_show(struct visit *v);
enum status roles_add(struct visit *v);
enum status roles_edit(struct visit *v);
enum status roles_delete(struct visit *v);

/* groups.c */
enum status groups_list(struct visit *v);
enum status groups_show(struct visit *v);
enum status groups_devices(struct visit *v);
enum status groups_add(struct visit *v);
enum status groups_edit(struct visit *v);
enum status groups_delete(struct visit *v);
enum status groups_members(struct visit *v);

/* devices.c */
enum status devices_list(struct visit *v);
enum status devices_show(struct visit *v);
enum status devices_applications(struct visit *v);

/* account.c */
enum status account_show(struct visit *v);
enum status account_edit(struct visit *v);
enum status licences_list(struct visit *v);
enum status licences_show(struct visit *v);
enum status licences_add(struct visit *v);
enum status licences_edit(struct visit *v);
enum status licences_delete(struct visit *v);

/* mail.c */
enum status mail_list(struct visit *v);
enum status mail_show(struct visit *v);
enum status mail_send_again(struct visit *v);
enum status mail_test(struct visit *v);

/* outputs.c */
enum status outputs_list(struct visit *v);
enum status outputs_show(struct visit *v);
enum status outputs_add(struct visit *v);
enum status outputs_edit(struct visit *v);
enum status outputs_delete(struct visit *v);
enum status outputs_test(struct visit *v);
/* upstreams.c */
enum status upstreams_list(struct visit *v);
enum status upstreams_add(struct visit *v);
enum status upstreams_check(struct visit *v);
enum status upstreams_draft(struct visit *v);
enum status upstreams_show(struct visit *v);
enum status upstreams_health(struct visit *v);
enum status upstreams_use(struct visit *v);
enum status upstreams_texts(struct visit *v);
enum status upstreams_edit(struct visit *v);
enum status upstreams_suspend(struct visit *v);
enum status upstreams_resume(struct visit *v);
enum status upstreams_delete(struct visit *v);

/* search.c */
enum status search_all(struct visit *v);

/* imports.c */
enum status imports_begin(struct visit *v);
enum status imports_take(struct visit *v);
enum status imports_run(struct visit *v);
enum status imports_show(struct visit *v);
enum status imports_delete(struct visit *v);

#endif
