/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers that the route table names, one file for each group. */
#ifndef CONSOLE_HANDLERS_H
#define CONSOLE_HANDLERS_H

#include "console/visit.h"

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

/* token_history.c */
enum status tokens_events(struct visit *v);
enum status tokens_use(struct visit *v);
enum status tokens_refusals(struct visit *v);

/* events.c */
enum status events_list(struct visit *v);
enum status events_kinds(struct visit *v);
enum status events_export(struct visit *v);

/* catalogue.c */
enum status catalogue_list(struct visit *v);

#endif
