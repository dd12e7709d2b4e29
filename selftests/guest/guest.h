/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The test guest: one static program that is the first process of a zone. What its parts offer each other.
 *
 *	init.c		mounts, modules, network; then the agent, and reaping
 *	agent.c		starts the services below
 *	beat.c		a line on the console every 100 ms
 *	echo.c		TCP port 7: every byte comes back
 *	control.c	TCP port 7700: a command a line, an answer a line
 *	mem.c		writes memory all the time and can prove every page
 *	disk.c		the same for a disk
 *	fill.c		memory that is written once
 *	tick.c		a datagram every millisecond
 *	program.c	TCP port 7701: other programs
 *	power.c		power button, crash
 *	kexec.c		another kernel without a reset of the machine
 *	net.c		address of the network interface, its driver away and back
 *	console.c	commands that are typed on the console
 *	hold.c		lets others look at what a writer writes
 *	pace.c		how fast it writes
 *	pattern.c	what a page or block contains
 *	params.c	"key=value" words
 */
#ifndef _GUEST_H
#define _GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ECHO_PORT	7
#define CONTROL_PORT	7700
#define PROGRAM_PORT	7701
#define TICK_PORT	7707
#define ANSWER_MAX	2000

struct params;

/* What a tick is: its number, and the guest's CLOCK_MONOTONIC. Guest and receiver are of one build. */
struct tick {
	uint64_t seq;
	uint64_t ns;
};

/* A command of the control port: fills @out (without a newline); 0 or -1. */
typedef int (*command_fn)(const struct params *p, char *out, size_t len);

int agent_main(void);
void agent_start(void *(*fn)(void *), void *arg, const char *what);

void *beat_thread(void *arg);
void *echo_thread(void *arg);
void *control_thread(void *arg);
void *power_thread(void *arg);
void *console_thread(void *arg);
void *program_thread(void *arg);
int listen_tcp(unsigned short port);
void serve(int listener, void *(*fn)(void *), const char *what);

int mem_start(const struct params *p, char *out, size_t len);
int mem_stop(const struct params *p, char *out, size_t len);
int mem_verify(const struct params *p, char *out, size_t len);
int mem_use(const struct params *p, char *out, size_t len);
int mem_stat(const struct params *p, char *out, size_t len);

int disk_start(const struct params *p, char *out, size_t len);
int disk_stop(const struct params *p, char *out, size_t len);
int disk_verify(const struct params *p, char *out, size_t len);
int disk_stat(const struct params *p, char *out, size_t len);

int fill_make(const struct params *p, char *out, size_t len);
int fill_verify(const struct params *p, char *out, size_t len);
int fill_free(const struct params *p, char *out, size_t len);

int tick_start(const struct params *p, char *out, size_t len);
int tick_stop(const struct params *p, char *out, size_t len);

int power_off(const struct params *p, char *out, size_t len);
int power_reboot(const struct params *p, char *out, size_t len);
int power_crash(const struct params *p, char *out, size_t len);

int power_ignore(const struct params *p, char *out, size_t len);
int power_heed(const struct params *p, char *out, size_t len);
int power_kexec(const struct params *p, char *out, size_t len);

void net_up(void);
int net_rebind(const struct params *p, char *out, size_t len);
int net_send(const struct params *p, char *out, size_t len);
int net_mtu(const struct params *p, char *out, size_t len);
int net_links(const struct params *p, char *out, size_t len);
int net_stat(const struct params *p, char *out, size_t len);

int control_execute(char *line, char *out, size_t len);

uint64_t now_ns(void);
uint64_t available_memory(void);
bool memory_becomes_available(uint64_t bytes);
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
