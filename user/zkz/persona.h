/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands of Solaris zones: zkz under one of their names takes their words.
 *
 *	zoneadm -z web1 migrate -n ssh://b  -->  zkz migrate -n web1 ssh://b
 */
#ifndef ZKZ_ZKZ_PERSONA_H
#define ZKZ_ZKZ_PERSONA_H

#include <stdbool.h>

struct persona;

/**
 * struct words_out - words for zkz
 * @word: the first is "zkz"; each is one of the arguments, or a constant; NULL at the end
 * @room: for so many, and the end
 * @nr:   how many there are
 * @why:  what is wrong with the arguments, or NULL
 */
struct words_out {
	char **word;
	int room;
	int nr;
	const char *why;
};

/* More words for zkz than it was given. */
#define PERSONA_MORE	8

/** persona_of() - which command is it by @path, argv[0]? NULL: none of them */
const struct persona *persona_of(const char *path);

/** persona_name() - "zoneadm" */
const char *persona_name(const struct persona *p);

/** persona_usage() - what may follow its name */
const char *persona_usage(const struct persona *p);

/**
 * persona_words() - the same for zkz
 * @p:    command
 * @argc: of it
 * @argv: of it, argv[0] too
 * @out:  with room for @argc + PERSONA_MORE words; filled
 *
 * Return: true, or false with @out->why.
 */
bool persona_words(const struct persona *p, int argc, char **argv, struct words_out *out);

#endif
