// SPDX-License-Identifier: GPL-2.0
/*
 * The records of both hosts on a disk that fails: every rule that writes, with every system call failing that makes
 * its write durable, once or from then on, and on a disk that is full. What the table says must come true of the
 * files, also after a power cut: that leaves of a folder what it was when it was last synced.
 *
 * It runs in a mount namespace of its own, where the folders of zkz are empty.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/log.h"
#include "migrate/commit/journal.h"
#include "migrate/commit/note.h"
#include "migrate/commit/record.h"
#include "unit.h"
#include "wraps.h"
#include "zone/paths.h"

#define ZONE	"z1"
#define ID	"00112233445566778899aabbccddeeff"
#define EPOCH	7

/* How calls fail: the one of this number, that and all after it, or those that need room. */
enum mode { ONE, FROM, FULL, MODES };

static struct {
	bool armed;
	enum mode mode;
	unsigned int at, calls;
	/* What the folders had when they were last synced. */
	char owner[1024];
	bool journal;
} disk;

static bool on_disk(int fd)
{
	char link[64], path[512];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	return !strncmp(path, "/var/lib/", 9);
}

static bool fails(bool takes_room)
{
	unsigned int call;

	if (!disk.armed)
		return false;
	call = disk.calls++;
	if (disk.mode == FULL)
		errno = ENOSPC;
	else
		errno = EIO;
	return disk.mode == FULL ? takes_room : disk.mode == ONE ? call == disk.at : call >= disk.at;
}

static void read_owner(char *text, size_t size)
{
	char path[ZONE_PATH_MAX], *read = file_read(zone_path(ZF_OWNER, ZONE, path), size - 1, NULL, NULL);

	snprintf(text, size, "%s", read ? read : "");
	free(read);
}

int __wrap_fsync(int fd)
{
	struct stat st;

	if (!on_disk(fd))
		return __real_fsync(fd);
	if (fails(false))
		return -1;
	if (!fstat(fd, &st) && S_ISDIR(st.st_mode)) {
		read_owner(disk.owner, sizeof(disk.owner));
		disk.journal = !access(ZKZ_MIGRATIONS_DIR "/" ID, F_OK);
	}
	return __real_fsync(fd);
}

int __wrap_mkostemp(char *template, int flags)
{
	return !strncmp(template, "/var/lib/", 9) && fails(true) ? -1 : __real_mkostemp(template, flags);
}

int __wrap_rename(const char *from, const char *to)
{
	return !strncmp(to, "/var/lib/", 9) && fails(false) ? -1 : __real_rename(from, to);
}

int __wrap_renameat2(int a, const char *from, int b, const char *to, unsigned int flags)
{
	return !strncmp(to, "/var/lib/", 9) && fails(false) ? -1 : __real_renameat2(a, from, b, to, flags);
}

static bool own_folders(void)
{
	static bool done;

	/* What fails is said there, too, again and again. */
	log_init("test_record", open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_ERROR);
	if (!done)
		done = !unshare(CLONE_NEWNS) && !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
		       !mount("tmpfs", "/var/lib", "tmpfs", 0, NULL) && !mount("tmpfs", "/run", "tmpfs", 0, NULL);
	return done;
}

static struct zone_owner owner(enum zone_owner_kind kind, const char *migration)
{
	struct zone_owner o = { .kind = kind, .epoch = EPOCH };

	snprintf(o.migration, sizeof(o.migration), "%s", migration);
	return o;
}

static void describe(struct commit *c)
{
	memcpy(c->migration, ID, sizeof(ID));
	snprintf(c->peer, sizeof(c->peer), "ssh://root@b");
}

/* What a migration does until its records say that, from a zone that has been on both hosts. */
static bool begin(struct commit *c, enum commit_standing want)
{
	static const enum commit_event source[] = { COMMIT_GO_DUE, COMMIT_SEND, COMMIT_HEARD_RUNS };
	static const enum commit_event target[] = { COMMIT_BEGUN, COMMIT_GO, COMMIT_RAN };
	struct note n = { .before = owner(OWNER_ELSEWHERE, "ffeeddccbbaa99887766554433221100") };
	struct zone_owner here = owner(OWNER_HERE, "ffeeddccbbaa99887766554433221100");
	const struct commit_rule *rule;
	enum commit_standing st;
	bool at_target = want >= COMMIT_NOTHING;
	char path[ZONE_PATH_MAX];
	unsigned int i;

	unlink(zone_path(ZF_UNSENT, ZONE, path));
	unlink(zone_path(ZF_OWNER_NEXT, ZONE, path));
	note_forget(ZONE, NULL);
	journal_forget(ID, NULL);
	if (file_mkdirs(ZKZ_RUN_DIR "/zones/" ZONE, 0700, NULL) || file_mkdirs(ZKZ_STATE_DIR "/" ZONE, 0700, NULL) ||
	    file_mkdirs(ZKZ_MIGRATIONS_DIR, 0700, NULL) ||
	    zone_owner_write(ZONE, at_target ? &n.before : &here, NULL))
		return false;
	memcpy(n.migration, ID, sizeof(ID));
	if (at_target)
		commit_target(c, ZONE, ID, &n.before);
	else
		commit_source(c, ZONE, &here);
	describe(c);
	c->epoch = EPOCH;
	if (at_target ? note_write(ZONE, &n, NULL) : commit_prepare(c, NULL))
		return false;
	for (i = 0; i < 4; i++) {
		if (commit_standing(c, &st, NULL))
			return false;
		if (st == want)
			return true;
		if (i < 3 && commit_do(c, (at_target ? target : source)[i], &rule, NULL))
			return false;
	}
	return false;
}

/* The power is cut and comes back: what was not synced is gone, and so is what is kept in memory. */
static bool after_power_cut(const struct commit *c, enum commit_standing *st)
{
	char path[ZONE_PATH_MAX];
	FILE *f = fopen(zone_path(ZF_OWNER, ZONE, path), "w");

	if (!f)
		return false;
	fputs(disk.owner, f);
	fclose(f);
	unlink(zone_path(ZF_UNSENT, ZONE, path));
	if (!disk.journal)
		journal_forget(ID, NULL);
	return !commit_standing(c, st, NULL);
}

/* What is no more than a file in memory is gone then. */
static enum commit_standing durable(enum commit_standing st)
{
	return st == COMMIT_UNSENT ? COMMIT_DOUBT : st;
}

/* Does what a word promises hold of what is on disk? */
static bool holds(const struct commit_rule *said, enum commit_standing st)
{
	switch (said->say) {
	case COMMIT_SAY_NOTHING:
	case COMMIT_SAY_ASK:
		return true;
	case COMMIT_SAY_BACK:
		return st == COMMIT_COMING || st == COMMIT_NOTHING;
	default:
		return st == durable(said->write);
	}
}

/* What commit_do() has returned, and what the records say then, and after a power cut. */
static void check_outcome(const char *what, const struct commit_rule *r, const struct commit *c, int rc,
			  const struct commit_rule *rule)
{
	enum commit_standing now = COMMIT_STANDINGS, cut = COMMIT_STANDINGS;

	unit_check(!commit_standing(c, &now, NULL), __FILE__, __LINE__, "%s: no standing", what);
	unit_check(rc ? !rule || rule->write == now : rule == r && r->write == now, __FILE__, __LINE__,
		   "%s: %d, and the record says '%s'", what, rc, commit_standing_text(now));
	unit_check(after_power_cut(c, &cut), __FILE__, __LINE__, "%s: no standing after a power cut", what);
	unit_check(!rule || holds(rule, cut), __FILE__, __LINE__, "%s: '%s' is said, and '%s' on disk", what,
		   rule ? commit_word_text(rule->say) : "", commit_standing_text(cut));
	unit_check(rc || r->write == r->standing || cut == durable(r->write), __FILE__, __LINE__,
		   "%s: done, and a power cut leaves '%s'", what, commit_standing_text(cut));
}

/* One rule, one way to fail. Returns false when the failure was not reached any more. */
static bool try(const struct commit_rule *r, enum mode mode, unsigned int at)
{
	const struct commit_rule *rule = NULL;
	struct commit c;
	char what[128];
	bool reached;
	int rc;

	snprintf(what, sizeof(what), "'%s' in '%s', mode %d, call %u", commit_event_text(r->event),
		 commit_standing_text(r->standing), mode, at);
	if (!unit_check(begin(&c, r->standing), __FILE__, __LINE__, "%s: cannot begin", what))
		return false;
	disk.mode = mode;
	disk.at = at;
	disk.calls = 0;
	disk.armed = true;
	rc = commit_do(&c, r->event, &rule, NULL);
	disk.armed = false;
	reached = mode == FULL || disk.calls > at;
	unit_check(!rc || reached, __FILE__, __LINE__, "%s: fails without a failure", what);
	check_outcome(what, r, &c, rc, rule);
	return reached;
}

TEST(what_is_said_is_on_disk)
{
	unsigned int i, at, tried = 0;

	if (geteuid() || !own_folders()) {
		printf("# needs root and a mount namespace\n");
		return;
	}
	for (i = 0; i < commit_nr_rules; i++) {
		/* A keeper that still runs, and the end of a zone, are more than records. */
		if (commit_rules[i].write == COMMIT_NOTHING)
			continue;
		for (at = 0; try(&commit_rules[i], ONE, at); at++)
			tried++;
		for (at = 0; try(&commit_rules[i], FROM, at); at++)
			tried++;
		try(&commit_rules[i], FULL, 0);
	}
	printf("# %u failures\n", tried);
	CHECK(tried > 50);
}

/* Every way back, and the commit itself, take no room on the disk. */
TEST(a_full_disk_takes_nothing)
{
	static const struct {
		enum commit_standing st;
		enum commit_event ev;
	} ways[] = {
		{ COMMIT_HERE, COMMIT_GO_DUE }, { COMMIT_UNSENT, COMMIT_CALLED_OFF },
		{ COMMIT_UNSENT, COMMIT_HEARD_BACK }, { COMMIT_UNSENT, COMMIT_SEND },
		{ COMMIT_DOUBT, COMMIT_HEARD_BACK }, { COMMIT_COMING, COMMIT_GO },
		{ COMMIT_ARRIVED, COMMIT_NEVER_RAN }, { COMMIT_ARRIVED, COMMIT_ASKED_UNSENT },
	};
	const struct commit_rule *rule;
	struct commit c;
	unsigned int i;

	if (geteuid() || !own_folders())
		return;
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		NEED(begin(&c, ways[i].st));
		disk.mode = FULL;
		disk.armed = true;
		unit_check(!commit_do(&c, ways[i].ev, &rule, NULL), __FILE__, __LINE__, "'%s' in '%s' takes room",
			   commit_event_text(ways[i].ev), commit_standing_text(ways[i].st));
		disk.armed = false;
	}
}
