// SPDX-License-Identifier: GPL-2.0
/* The control port: "VERB [WORD] [key=value...]" and the answer "ok TEXT" or "error TEXT". */
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "guest.h"
#include "params.h"

static int do_ping(const struct params *p, char *out, size_t len)
{
	(void)p;
	snprintf(out, len, "pong");
	return 0;
}

static int do_uptime(const struct params *p, char *out, size_t len)
{
	char boot[40] = "";
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "r");

	(void)p;
	if (f && fgets(boot, sizeof(boot), f))
		boot[strcspn(boot, "\n")] = '\0';
	if (f)
		fclose(f);
	snprintf(out, len, "ns=%lu cpus=%d available=%lu boot=%s", now_ns(), get_nprocs(), available_memory(), boot);
	return 0;
}

static int do_help(const struct params *p, char *out, size_t len);

static const struct command {
	const char *name;
	command_fn fn;
	const char *options;
} commands[] = {
	{ "ping", do_ping, "" },
	{ "uptime", do_uptime, "" },
	{ "mem start", mem_start, "size= ws= rate= threads= mode=rand|seq write=page|touch|none" },
	{ "mem stop", mem_stop, "" },
	{ "mem verify", mem_verify, "" },
	{ "mem use", mem_use, "page=" },
	{ "mem stat", mem_stat, "" },
	{ "disk start", disk_start, "dev= size= rate= direct=0|1 mode=write|read" },
	{ "disk stop", disk_stop, "" },
	{ "disk verify", disk_verify, "" },
	{ "disk stat", disk_stat, "" },
	{ "fill verify", fill_verify, "" },
	{ "fill free", fill_free, "" },
	{ "fill", fill_make, "size=" },
	{ "tick start", tick_start, "to= every-us=" },
	{ "tick stop", tick_stop, "" },
	{ "net rebind", net_rebind, "" },
	{ "net stat", net_stat, "" },
	{ "net mtu", net_mtu, "" },
	{ "net links", net_links, "" },
	{ "net send", net_send, "hex=" },
	{ "poweroff", power_off, "" },
	{ "reboot", power_reboot, "" },
	{ "kexec", power_kexec, "kernel= initrd=" },
	{ "crash", power_crash, "" },
	{ "button ignore", power_ignore, "" },
	{ "button heed", power_heed, "" },
	{ "help", do_help, "" },
};

static int do_help(const struct params *p, char *out, size_t len)
{
	size_t used = 0, i;

	(void)p;
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]) && used < len; i++)
		used += snprintf(out + used, len - used, "%s%s%s%s", i ? "; " : "", commands[i].name,
				 commands[i].options[0] ? " " : "", commands[i].options);
	return 0;
}

int control_execute(char *line, char *out, size_t len)
{
	struct params p;
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		size_t n = strlen(commands[i].name);

		if (strncmp(line, commands[i].name, n) || (line[n] && line[n] != ' '))
			continue;
		if (params_parse(&p, line + n, " ")) {
			snprintf(out, len, "more than %d options", PARAMS_MAX);
			return -1;
		}
		return commands[i].fn(&p, out, len);
	}
	snprintf(out, len, "unknown command; 'help' lists them");
	return -1;
}

static void *control_connection(void *arg)
{
	char line[512], out[ANSWER_MAX];
	FILE *io = fdopen((intptr_t)arg, "r+");

	if (!io) {
		close((intptr_t)arg);
		return NULL;
	}
	while (fgets(line, sizeof(line), io)) {
		int ret;

		line[strcspn(line, "\r\n")] = '\0';
		out[0] = '\0';
		ret = control_execute(line, out, sizeof(out));
		if (fprintf(io, "%s %s\n", ret ? "error" : "ok", out) < 0 || fflush(io))
			break;
	}
	fclose(io);
	return NULL;
}

void *control_thread(void *arg)
{
	serve(listen_tcp(CONTROL_PORT), control_connection, "control connection");
	return arg;
}
