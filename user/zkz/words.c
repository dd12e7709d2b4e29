// SPDX-License-Identifier: GPL-2.0
#include "zkz/words.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "zkz/template.h"

static void add(struct words *w, const char *word)
{
	char **more = realloc(w->word, (w->nr + 1) * sizeof(*more));

	if (!more)
		return;
	w->word = more;
	w->word[w->nr] = strdup(word);
	if (w->word[w->nr])
		w->nr++;
}

static void take(const char *word, bool more, void *arg)
{
	char with[96];

	snprintf(with, sizeof(with), "%s%s", word, more ? "=" : "");
	add(arg, with);
}

static void take_template(const char *name, void *arg)
{
	add(arg, name);
}

static void add_bridges(struct words *w)
{
	DIR *dir = opendir("/sys/class/net");
	struct dirent *d;
	char path[320];

	while (dir && (d = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/class/net/%s/bridge", d->d_name);
		if (d->d_name[0] != '.' && !access(path, F_OK))
			add(w, d->d_name);
	}
	if (dir)
		closedir(dir);
}

/* Those of the host that do not begin as the word at the cursor does. */
static void drop_others(struct words *w, const char *text)
{
	const char *begun = text + strlen(text);
	size_t i, n = 0;

	while (begun > text && !strchr(" \t\n;=", begun[-1]))
		begun--;
	for (i = 0; i < w->nr; i++) {
		if (strncmp(w->word[i], begun, strlen(begun)))
			free(w->word[i]);
		else
			w->word[n++] = w->word[i];
	}
	w->nr = n;
}

void words_at(const struct conf_session *s, const char *text, struct words *w)
{
	memset(w, 0, sizeof(*w));
	w->outside = conf_complete(s, text, take, w);
	if (w->outside == CONF_OUTSIDE_LINKS)
		add_bridges(w);
	if (w->outside == CONF_OUTSIDE_TEMPLATES)
		template_each(take_template, w);
	drop_others(w, text);
}

void words_free(struct words *w)
{
	size_t i;

	for (i = 0; i < w->nr; i++)
		free(w->word[i]);
	free(w->word);
	memset(w, 0, sizeof(*w));
}
