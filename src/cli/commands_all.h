/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands, one file cmd_….c each. argv[0] is the command's name; each gives the
 * exit status. THE COMMAND TABLE in commands.c is the only caller. */
#ifndef CLI_COMMANDS_ALL_H
#define CLI_COMMANDS_ALL_H

int cmd_init(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_user(int argc, char **argv);
int cmd_role(int argc, char **argv);
int cmd_group(int argc, char **argv);
int cmd_token(int argc, char **argv);
int cmd_upstream(int argc, char **argv);
int cmd_collect(int argc, char **argv);
int cmd_device(int argc, char **argv);
int cmd_keygen(int argc, char **argv);
int cmd_sign(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_account(int argc, char **argv);
int cmd_call(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_permissions(int argc, char **argv);
int cmd_events(int argc, char **argv);
int cmd_mail(int argc, char **argv);
int cmd_output(int argc, char **argv);
int cmd_config(int argc, char **argv);

#endif
