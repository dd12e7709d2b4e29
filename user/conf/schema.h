/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a configuration may contain: resource types, their properties, and how
 * a value of each property is checked and brought to its canonical form. Pure;
 * one table, from which parsing, printing and help all follow.
 */
#ifndef ZKZ_CONF_SCHEMA_H
#define ZKZ_CONF_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

#define CONF_MAX_PROPS	16
#define CONF_MAX_VALUE	2048
/* Ids of devices that are CD drives are below this. */
#define CONF_MAX_CDROMS	6
/* Hot-plug ports of a zone that has them. */
#define CONF_MAX_PORTS	8

enum conf_kind {
	CONF_TEXT,	/* any printable text */
	CONF_BOOL,	/* true or false */
	CONF_NUMBER,	/* decimal, min..max */
	CONF_PORT,	/* the same, or auto */
	CONF_SIZE,	/* bytes with K, M, G or T; min..max, multiple of step */
	CONF_MAC,	/* unicast MAC address, or auto */
	CONF_LINK,	/* network interface name */
	CONF_PATH,	/* absolute path */
	CONF_URI,	/* storage URI; checked by a hook as well */
	CONF_CHOICE,	/* one of @choices */
	CONF_NAME,	/* identifier */
	CONF_Q35,	/* machine type of QEMU, with a version */
	CONF_UUID,	/* identity of a machine, or auto */
	CONF_SET,	/* numbers, min..max: 0-3,8 */
	CONF_WORDS,	/* some of @choices, with commas between */
	CONF_ADDRESSES,	/* IP addresses and networks, with commas between */
};

/** enum conf_class - what does it take for a change of a property to take effect? */
enum conf_class {
	CONF_MACHINE,	/* another machine: the zone has to be booted again */
	CONF_BOOT,	/* the guest reads it when it boots; its machine stays the same */
	CONF_LIVE,	/* nothing: zkz reads it whenever it needs it */
	CONF_HOST,	/* the same as of the machine, on this host; on each host it is its own affair */
};

/**
 * struct conf_prop - one property of a resource type
 * @name:    as written
 * @kind:    how values are checked
 * @class:   what a change needs; that of a type's key, or first property, counts for resources that come and go
 * @builds:  whether it is set at all is a matter of the machine
 * @live:    a zone that runs can be given it, by 'zkz apply'
 * @min:     for numbers, sets of them, and sizes
 * @max:     likewise; below CONF_SET_MAX for sets
 * @step:    for sizes
 * @choices: for CONF_CHOICE and CONF_WORDS, NULL-terminated
 * @dflt:    value a new resource starts with, NULL for none
 * @needed:  verify refuses a resource without it
 * @help:    a few words
 */
struct conf_prop {
	const char *name;
	enum conf_kind kind;
	enum conf_class class;
	bool builds;
	bool live;
	uint64_t min, max, step;
	const char *const *choices;
	const char *dflt;
	bool needed;
	const char *help;
};

/**
 * struct conf_type - one resource type
 * @name:   as written
 * @rank:   its place in texts; a new type gets one between its neighbours
 * @prop:   properties, terminated by an empty name
 * @max:    how many a zone may have
 * @key:    index of the property that tells several apart, -1 if @max is 1
 * @needed: a zone must have one
 */
struct conf_type {
	const char *name;
	int rank;
	struct conf_prop prop[CONF_MAX_PROPS];
	unsigned int max;
	int key;
	bool needed;
};

/* The global properties are the only resource of this unwritten type. */
extern const struct conf_type conf_global;
/* All others, ended by an empty name. */
extern const struct conf_type conf_types[];

/** conf_type_find() - by name, or NULL */
const struct conf_type *conf_type_find(const char *name);

/** conf_prop_find() - index of a property by name, or -1 */
int conf_prop_find(const struct conf_type *type, const char *name);

/** conf_when() - when a change of a property takes effect, for help and manual */
const char *conf_when(const struct conf_prop *prop);

/** conf_values() - the words that a property can be, ended by NULL; NULL if they cannot be counted */
const char *const *conf_values(const struct conf_prop *prop);

/** conf_choices() - those words, with commas between. Return: @out. */
const char *conf_choices(const struct conf_prop *prop, char *out, size_t size);

/** conf_range() - what values there are: "64M to 2T in steps of 2M". Return: @out. */
const char *conf_range(const struct conf_prop *prop, char *out, size_t size);

/**
 * conf_canon() - check a value and bring it to its canonical form
 * @prop: property
 * @val:  value as written
 * @out:  CONF_MAX_VALUE bytes
 * @err:  filled on failure, without line and token
 */
int conf_canon(const struct conf_prop *prop, const char *val, char *out,
	       struct zkz_err *err);

/** conf_parse_size() - "512M" to bytes; false if it is not a size */
bool conf_parse_size(const char *text, uint64_t *bytes);

/** conf_parse_number() - decimal digits only; false otherwise */
bool conf_parse_number(const char *text, uint64_t *value);

/** conf_zone_name_ok() - may a zone be called so? */
bool conf_zone_name_ok(const char *name);

#endif
