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

#endif
