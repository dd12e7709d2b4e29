// SPDX-License-Identifier: GPL-2.0
/* The glue between readline and a session; what can be completed, and how, is not known here. */
#include "zkz/terminal.h"

#include <readline/history.h>
#include <readline/readline.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zkz/client.h"
#include "zkz/past.h"
#include "zkz/words.h"

/* Readline knows no argument for its callbacks. */
static const struct conf_session *session;
static struct words words;
/* The input has ended: who is asked whether to leave cannot say anything else. */
static bool at_end;

static char *next_word(const char *text, int state)
{
	static size_t at;

	(void)text;
	if (!state)
		at = 0;
	return at < words.nr ? strdup(words.word[at++]) : NULL;
}

static bool ends_in_equals(const char *word)
{
	return word[0] && word[strlen(word) - 1] == '=';
}

static char **complete(const char *text, int start, int end)
{
	char *line = strndup(rl_line_buffer, (size_t)end);
	char **found;

	(void)start;
	rl_attempted_completion_over = 1;
	if (!line)
		return NULL;
	words_at(session, line, &words);
	free(line);
	rl_completion_append_character = words.nr == 1 && ends_in_equals(words.word[0]) ? '\0' : ' ';
	if (words.outside == CONF_OUTSIDE_FILES)
		found = rl_completion_matches(text, rl_filename_completion_function);
	else
		found = rl_completion_matches(text, next_word);
	words_free(&words);
	return found;
}

static bool sure(const char *question)
{
	char prompt[128], *answer;
	bool yes;

	snprintf(prompt, sizeof(prompt), "%s (y/[n])? ", question);
	answer = readline(prompt);
	if (!answer)
		putchar('\n');
	/* Ctrl-D is no consent, but where it has said "exit" before; to ask again would be for ever. */
	yes = answer ? answer[0] == 'y' || answer[0] == 'Y' : at_end;
	free(answer);
	return yes;
}

static char *read_line(const struct conf_session *s)
{
	char prompt[160];
	char *line;

	if (s->open)
		snprintf(prompt, sizeof(prompt), "%s:%s:%s> ", client_name, s->zone, s->open->type->name);
	else
		snprintf(prompt, sizeof(prompt), "%s:%s> ", client_name, s->zone);
	line = readline(prompt);
	if (line && line[0])
		add_history(line);
	at_end = !line;
	if (at_end)
		puts("exit");
	return line;
}

/* The person knows which zone it is. */
static void tell(const struct zkz_err *err)
{
	client_print(stdout, err->text);
	if (err->remedy[0])
		fputs(".\n", stdout);
	client_print(stdout, err->remedy);
	putchar('\n');
}

void terminal_run(struct edit *e)
{
	struct conf_session *s = &e->s;

	session = s;
	s->out = stdout;
	s->endless = true;
	e->hooks.sure = sure;
	rl_readline_name = "zkz";
	rl_completer_word_break_characters = " \t\n;=";
	rl_attempted_completion_function = complete;
	past_load();
	if (!s->conf && !s->damaged.id)
		printf("%s: No such zone configured\nUse 'create' to begin configuring a new zone.\n", s->zone);
	if (s->damaged.id)
		tell(&s->damaged);
	while (!s->ended) {
		char *line = read_line(s);
		const char *text = line ? line : "exit";
		struct zkz_err err = { 0 };

		if (conf_session_feed(s, text, strlen(text), &err))
			tell(&err);
		/* Lines are counted as they were typed. */
		s->next++;
		free(line);
	}
	past_keep();
}
