/* SPDX-License-Identifier: GPL-2.0 */
/* The verbs of zkz. */
#ifndef ZKZ_ZKZ_CMDS_H
#define ZKZ_ZKZ_CMDS_H

/* Exit codes. */
#define EXIT_OK		0
#define EXIT_FAILED	1
#define EXIT_USAGE	2
/* A command in a guest could not be run; else zkz ends with its status. */
#define EXIT_LOGIN	125

/**
 * struct cmd - one verb
 * @name:  "boot"
 * @fn:    argv[0] is the verb; returns an exit code
 * @args:  what follows the verb, for the usage line
 * @brief: one line for the list of verbs
 * @help:  the rest of the help text, may be NULL
 */
struct cmd {
	const char *name;
	int (*fn)(int argc, char **argv);
	const char *args;
	const char *brief;
	const char *help;
};

/** cmd_wrong_use() - wrong use of the verb that is served: say why, show its usage; EXIT_USAGE */
int cmd_wrong_use(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

int cmd_config(int argc, char **argv);
int cmd_apply(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_attach(int argc, char **argv);
int cmd_detach(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_install(int argc, char **argv);
int cmd_uninstall(int argc, char **argv);
int cmd_clone(int argc, char **argv);
int cmd_profile(int argc, char **argv);
int cmd_rename(int argc, char **argv);
int cmd_boot(int argc, char **argv);
int cmd_halt(int argc, char **argv);
int cmd_shutdown(int argc, char **argv);
int cmd_reboot(int argc, char **argv);
int cmd_resume(int argc, char **argv);
int cmd_console(int argc, char **argv);
int cmd_login(int argc, char **argv);
int cmd_log(int argc, char **argv);
int cmd_downtime(int argc, char **argv);
int cmd_storage(int argc, char **argv);
int cmd_migrate(int argc, char **argv);
int cmd_upgrade(int argc, char **argv);
int cmd_recover(int argc, char **argv);
int cmd_serve(int argc, char **argv);

#endif
