// SPDX-License-Identifier: GPL-2.0
/* The table of a migration's steps is what the design says, what the target answers and what the user is shown. */
#include <stdio.h>
#include <stdlib.h>

#include "migrate/source/steps.h"
#include "unit.h"

#define MOST	(1 << 18)
#define DESIGN	UNIT_TOP "/Documentation/design.rst"
#define README	UNIT_TOP "/README.md"
#define HOLDS	UNIT_TOP "/selftests/migrate/holds"
#define TARGET	UNIT_TOP "/user/migrate/target/"

static char *slurp(const char *path)
{
	char *text = calloc(1, MOST);
	FILE *f = fopen(path, "r");

	if (!text || !f)
		abort();
	CHECK(fread(text, 1, MOST - 1, f) > 0);
	fclose(f);
	return text;
}

/* "3. **Passes**" in the section of the design, for each part once and in order. */
TEST(the_parts_are_those_of_the_design)
{
	char *text = slurp(DESIGN), want[40], none[8];
	const char *part = "", *at = strstr(text, "\nMigration\n===");
	unsigned int i, nr = 0;

	NEED(at);
	for (i = 0; i < source_steps_nr; i++) {
		if (!strcmp(part, source_steps[i].part))
			continue;
		part = source_steps[i].part;
		snprintf(want, sizeof(want), "\n%u. **%s", ++nr, part);
		at = strstr(at, want);
		CHECK(at);
		NEED(at);
	}
	snprintf(none, sizeof(none), "\n%u. **", nr + 1);
	CHECK(!strstr(at, none));
	free(text);
}

/* What the target insists on comes in that order; this is all of it. */
TEST(the_target_is_asked_in_its_order)
{
	char *text = slurp(TARGET "target.c"), frames[400] = " ", type[40], want[48];
	const char *at = strstr(text, "} handlers[] = {"), *end, *frame = frames;
	unsigned int i;

	NEED(at);
	end = strstr(at, "};");
	for (i = 0; i < source_steps_nr; i++) {
		strncat(frames, source_steps[i].target, sizeof(frames) - strlen(frames) - 2);
		strcat(frames, " ");
	}
	while ((at = strstr(at, "{ \"")) && at < end) {
		NEED(sscanf(at, "{ \"%39[a-z]\"", type) == 1);
		snprintf(want, sizeof(want), " %s ", type);
		frame = strstr(frame, want);
		unit_check(frame, __FILE__, __LINE__, "no step asks for '%s' in time", type);
		NEED(frame);
		frame += strlen(type) + 1;
		at++;
	}
	free(text);
}

TEST(the_target_knows_each_frame)
{
	char *one = slurp(TARGET "target.c"), *two = slurp(TARGET "receive.c"), frames[100], want[40], *f, *rest;
	unsigned int i;

	for (i = 0; i < source_steps_nr; i++) {
		snprintf(frames, sizeof(frames), "%s", source_steps[i].target);
		for (f = strtok_r(frames, " ", &rest); f; f = strtok_r(NULL, " ", &rest)) {
			snprintf(want, sizeof(want), "\"%s\"", f);
			unit_check(strstr(one, want) || strstr(two, want), __FILE__, __LINE__,
				   "the target does not know '%s'", f);
		}
	}
	free(one);
	free(two);
}

TEST(the_user_is_shown_them_in_order)
{
	char *text = slurp(README);
	const char *at = text;
	unsigned int i;

	for (i = 0; i < source_steps_nr; i++) {
		if (!source_steps[i].says)
			continue;
		at = strstr(at, source_steps[i].says);
		unit_check(at, __FILE__, __LINE__, "README.md does not show '%s'", source_steps[i].says);
		NEED(at);
	}
	free(text);
}

static int step_named(const char *name)
{
	unsigned int i;

	for (i = 0; i < source_steps_nr; i++)
		if (!strcmp(source_steps[i].name, name))
			return (int)i;
	return -1;
}

/* From the step on whose owner file says that the zone is on its way, a fault can be made to strike in each. */
TEST(each_step_can_be_held)
{
	char *text = slurp(HOLDS), point[40], mode[40], step[40], *line, *rest;
	int attach = step_named("attach"), last = 0, at;

	NEED(attach > 0);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (*line == '#')
			continue;
		NEED(sscanf(line, "%39s %*s %39s %39s", point, mode, step) == 3);
		/* Not a migration. */
		if (!strcmp(mode, "upgrade"))
			continue;
		at = step_named(step);
		unit_check(at >= last, __FILE__, __LINE__, "'%s' comes in the order of steps", point);
		for (last++; last < at; last++)
			unit_check(last < attach || !*source_steps[last].target, __FILE__, __LINE__,
				   "'%s' has no hold point", source_steps[last].name);
		last = at;
	}
	CHECK(last == (int)source_steps_nr - 1);
	free(text);
}

/* A dry run is the beginning; what the target owns is the end, and is not taken back. */
TEST(what_is_taken_back)
{
	const struct source_step *first = source_steps, *last = &source_steps[source_steps_nr - 1];
	const struct source_step *step;

	CHECK(first->undo && first->kind == STEP_TRIED);
	CHECK(last->kind == STEP_OVER && !last->undo);
	for (step = first; step < last; step++) {
		CHECK(step->run && *step->name);
		CHECK(step->kind <= step[1].kind && step->kind != STEP_OVER);
		/* The first is undone before the others, once. */
		CHECK(step == first || step->undo != first->undo);
	}
}
