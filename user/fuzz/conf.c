// SPDX-License-Identifier: GPL-2.0
/* The configuration language: what is accepted must be the same after export and parse. */
#include <string.h>

#include "conf/complete.h"
#include "conf/session.h"
#include "fuzz.h"
#include "storage/uri.h"
#include "zone/model.h"

static char *export(const struct conf *c, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	FUZZ_ASSERT(f);
	conf_export(c, f);
	fclose(f);
	return text;
}

static void round_trip(const char *text, size_t len)
{
	struct zkz_err err = { 0 };
	struct conf *one = conf_parse("z1", text, len, &err), *two;
	struct zone_model *zone;
	char *first, *second;
	size_t n1, n2;

	if (!one) {
		FUZZ_ASSERT(err.id && err.text[0]);
		return;
	}
	first = export(one, &n1);
	two = conf_parse("z1", first, n1, &err);
	FUZZ_ASSERT(two);
	second = export(two, &n2);
	FUZZ_ASSERT(n1 == n2 && !memcmp(first, second, n1));
	zone = calloc(1, sizeof(*zone));
	FUZZ_ASSERT(zone);
	zone_model_from_conf("z1", two, zone, &err);
	free(zone);
	free(first);
	free(second);
	conf_free(one);
	conf_free(two);
}

static struct conf *template(struct conf_session *s, const char *name, struct zkz_err *err)
{
	static const char text[] = "create -b; set kernel=/k; add capped-memory; set physical=256M; end; add virtual-cpu; "
				   "set ncpus=2; end; add device; set storage=file:/d/%{zonename}/%{id}; end";

	return conf_parse_template(s, name, text, sizeof(text) - 1, err);
}

static struct conf *running(struct conf_session *s, struct zkz_err *err)
{
	return template(s, "running", err);
}

static int save(const char *path, const char *text, struct zkz_err *err)
{
	struct zkz_err bad = { 0 };
	struct conf *c = conf_parse("z1", text, strlen(text), &bad);

	/* What is exported is not always complete, but always of the language. */
	FUZZ_ASSERT(c || bad.text[0]);
	FUZZ_ASSERT(path[0]);
	conf_free(c);
	(void)err;
	return 0;
}

static int commit(struct conf_session *s, struct zkz_err *err)
{
	FUZZ_ASSERT(!conf_check(s->conf, err));
	return 0;
}

static bool answer;

static bool sure(const char *question)
{
	FUZZ_ASSERT(question[0]);
	answer = !answer;
	return answer;
}

static void warn(struct conf_session *s, const struct zkz_err *warning)
{
	(void)s;
	FUZZ_ASSERT(warning->text[0]);
}

static void offered(const char *word, bool more, void *arg)
{
	(void)more;
	(void)arg;
	FUZZ_ASSERT(word[0]);
}

/* The whole text at once, as a file has it. */
static void session(const char *text, size_t len)
{
	static const struct conf_hooks hooks = {
		.check_uri = uri_check, .commit = commit, .template = template, .running = running,
		.save = save, .warn = warn,
	};
	struct zkz_err err = { 0 };
	struct conf_session s;
	char *shown = NULL;
	FILE *out;
	size_t n;

	conf_session_init(&s, "z1", NULL, &hooks);
	out = open_memstream(&shown, &n);
	FUZZ_ASSERT(out);
	s.out = out;
	if (conf_session_run(&s, text, len, &err) || conf_session_finish(&s, &err))
		FUZZ_ASSERT(err.id && err.text[0]);
	else
		FUZZ_ASSERT(!conf_session_changed(&s));
	conf_session_fini(&s);
	fclose(out);
	free(shown);
}

/* Line by line, as a person types it: errors end nothing, and each line is completed before. */
static void typed(const char *text, size_t len)
{
	static const struct conf_hooks hooks = {
		.check_uri = uri_check, .commit = commit, .template = template, .running = running,
		.save = save, .warn = warn, .sure = sure,
	};
	struct conf_session s;

	answer = false;
	conf_session_init(&s, "z1", template(&(struct conf_session){ .zone = "z1" }, "z1", NULL), &hooks);
	while (len && !s.ended) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;
		struct zkz_err err = { 0 };
		char *line = strndup(text, n);

		FUZZ_ASSERT(line);
		conf_complete(&s, line, offered, NULL);
		if (conf_session_feed(&s, line, strlen(line), &err))
			FUZZ_ASSERT(err.id && err.text[0]);
		s.next++;
		free(line);
		text += n + !!end;
		len -= n + !!end;
	}
	conf_session_fini(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	round_trip((const char *)data, size);
	session((const char *)data, size);
	typed((const char *)data, size);
	return 0;
}
