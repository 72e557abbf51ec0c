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

#endif
