// SPDX-License-Identifier: GPL-2.0
/*
 * A program that is not the guest's own, with whatever it needs, brought by somebody outside. A connection to
 * TCP port 7701 carries lines, each answered by "ok" or "error TEXT":
 *
 *	file MODE SIZE PATH	SIZE bytes follow; MODE is octal, folders are made
 *	run PATH [WORD...]	start it; its output goes to the console
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define WORDS_MAX	32
#define FILE_MAX	(64U << 20)

static void make_folders(char *path)
{
	char *slash;

	for (slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

/* Takes all of it from the connection, also if it cannot be kept. */
static int take_file(FILE *io, int fd, unsigned int size)
{
	char data[65536];
	int ret = fd < 0 ? -1 : 0;

	while (size) {
		size_t n = fread(data, 1, size < sizeof(data) ? size : sizeof(data), io);

		if (!n)
			return -1;
		if (!ret && write(fd, data, n) != (ssize_t)n)
			ret = -1;
		size -= n;
	}
	return ret;
}

static const char *do_file(FILE *io, char *words)
{
	unsigned int mode, size;
	char path[256];
	int fd, ret;

	if (sscanf(words, "%o %u %255s", &mode, &size, path) != 3 || path[0] != '/' || size > FILE_MAX)
		return "file MODE SIZE PATH";
	make_folders(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode & 0777);
	ret = take_file(io, fd, size);
	if (fd >= 0)
		close(fd);
	return ret ? "it cannot be written" : NULL;
}

/* The first process adopts and reaps it. */
static const char *do_run(char *words)
{
	char *argv[WORDS_MAX + 1] = { NULL }, *save, *word;
	int status, n = 0;
	pid_t pid;

	for (word = strtok_r(words, " ", &save); word && n < WORDS_MAX; word = strtok_r(NULL, " ", &save))
		argv[n++] = word;
	if (!n || access(argv[0], X_OK))
		return "no such program";
	pid = fork();
	if (!pid) {
		if (fork())
			_exit(0);
		setsid();
		execv(argv[0], argv);
		_exit(127);
	}
	return pid < 0 || waitpid(pid, &status, 0) != pid ? "no process" : NULL;
}

static void *program_connection(void *arg)
{
	FILE *io = fdopen((intptr_t)arg, "r+");
	char line[1024];

	if (!io) {
		close((intptr_t)arg);
		return NULL;
	}
	fcntl((intptr_t)arg, F_SETFD, FD_CLOEXEC);
	while (fgets(line, sizeof(line), io)) {
		const char *wrong = "file or run";

		line[strcspn(line, "\r\n")] = '\0';
		if (!strncmp(line, "file ", 5))
			wrong = do_file(io, line + 5);
		else if (!strncmp(line, "run ", 4))
			wrong = do_run(line + 4);
		if (fprintf(io, wrong ? "error %s\n" : "ok\n", wrong) < 0 || fflush(io))
			break;
	}
	fclose(io);
	return NULL;
}

void *program_thread(void *arg)
{
	serve(listen_tcp(PROGRAM_PORT), program_connection, "program connection");
	return arg;
}
