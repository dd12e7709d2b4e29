/* SPDX-License-Identifier: GPL-2.0 */
/*
 * After each pass: send another one, stop the guest and finish, let it run on the
 * target before the rest is there, or give up? Pure: numbers in, decision and
 * reason out.
 *
 * The forecast of the downtime is
 *	pages left / send rate + overhead
 * where "left" includes what the guest will dirty until it is stopped, and the
 * overhead is what device state, commit and round trips take. Passes make only
 * the first part smaller. The overhead is known as a floor, from the shortest
 * measurements, and as a guess. A budget below the floor is refused. One below
 * the guess is not: the guest is stopped once the first part hardly matters,
 * and policy_exceeds() tells that the user has to hear of it before.
 *
 * Once a stop fits, it need not be best now. A short pass more is made while it is
 * expected to leave much less, be it because the guest writes slower than the link
 * sends, or because it wrote a lot just now and less before.
 *
 * Where passes do not get there, because the guest writes as fast as the link
 * sends, its writers are slowed down, as far as the user allows, which is not at all
 * unless he says so. Where that does not help either, the rest can be fetched while
 * the guest runs on the target: then the downtime is the overhead alone.
 */
#ifndef ZKZ_MIGRATE_POLICY_H
#define ZKZ_MIGRATE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

#define POLICY_DOWNTIME_MS	300
#define POLICY_PASSES		30
#define POLICY_PASSES_MAX	1000
#define POLICY_SLOWDOWN_MAX	99	/* percent */

enum policy_mode {
	POLICY_AUTO,		/* copy; fetch where copying cannot meet the budget */
	POLICY_PRECOPY,		/* never fetch */
	POLICY_HYBRID,		/* one pass, then fetch */
	POLICY_MODES
};

/**
 * struct policy_limits - what the user asked for
 * @mode:        may the guest run before all memory is there?
 * @downtime_ms: budget
 * @passes:      passes while the guest runs, the bulk pass included
 * @slowdown:    percent of their time that writers of the guest may be made to wait
 * @pages:       that may travel while the guest runs, because of the keys of the streams; 0: any number
 */
struct policy_limits {
	enum policy_mode mode;
	uint32_t downtime_ms;
	uint32_t passes;
	uint32_t slowdown;
	uint64_t pages;
};

/**
 * struct policy_pass - one pass, as measured
 * @pages:     pages that travelled with their content
 * @skipped:   pages that did not travel, because the guest wrote them again before they left
 * @cheap:     pages that travelled as "zero" or "hole"
 * @ns:        how long the pass took
 * @dirty:     pages dirty at its end
 */
struct policy_pass {
	uint64_t pages;
	uint64_t skipped;
	uint64_t cheap;
	uint64_t ns;
	uint64_t dirty;
};

/**
 * struct policy - state between passes
 * @limits:      what the user asked for
 * @overhead_ns: stop, device state and commit, as they probably will be
 * @floor_ns:    the same, as they will be at least
 * @send_rate:   pages a second, smoothed; 0 while unknown
 * @dirty_rate:  pages a second that the guest dirties, last pass
 * @rewritten:   pages that were skipped in the last pass
 * @least:       fewest pages that a pass has left
 * @forecast_ns: of all of it
 * @passes:      passes seen
 * @sent:        pages that have travelled
 * @spent:       another pass would not leave enough of @limits.pages for the last one
 * @extra:       of them, passes made though a cut-over was possible
 * @slow:        writers are to be slowed down from now on
 * @fetch:       the rest is to be fetched
 */
struct policy {
	struct policy_limits limits;
	uint64_t overhead_ns;
	uint64_t floor_ns;
	uint64_t send_rate;
	uint64_t dirty_rate;
	uint64_t rewritten;
	uint64_t least;
	uint64_t forecast_ns;
	uint32_t passes;
	uint64_t sent;
	bool spent;
	uint32_t extra;
	bool slow;
	bool fetch;
};

enum policy_verdict {
	POLICY_AGAIN,		/* another pass while the guest runs */
	POLICY_CUT,		/* stop the guest, send the rest */
	POLICY_FETCH,		/* stop the guest; the target fetches the rest while it runs there */
	POLICY_GIVE_UP,		/* the budget cannot be met */
};

/** policy_mode_name() - "auto"; NULL for POLICY_MODES */
const char *policy_mode_name(enum policy_mode mode);

/** policy_mode_parse() - the reverse; POLICY_MODES for anything else */
enum policy_mode policy_mode_parse(const char *text);

/** policy_init() - before the bulk pass */
void policy_init(struct policy *p, const struct policy_limits *limits);

/**
 * policy_overhead() - forecast of the part that does not depend on memory
 * @p:      policy
 * @rtt_ns: shortest round trip between the two workers
 * @qmp_ns: shortest round trip of a QEMU monitor command
 * @log_ns: time to write an owner file durably
 */
void policy_overhead(struct policy *p, uint64_t rtt_ns, uint64_t qmp_ns, uint64_t log_ns);

/** policy_after() - decide after a pass */
enum policy_verdict policy_after(struct policy *p, const struct policy_pass *pass);

/**
 * policy_closing_pass() - everything is ready to stop the guest: is a last pass before that of use?
 * @p:     policy
 * @dirty: pages dirty now
 */
bool policy_closing_pass(const struct policy *p, uint64_t dirty);

/**
 * policy_short_stop() - will the last pass be a matter of moments?
 *
 * Then the zone may be put in doubt before it: a failure in the middle of the pass,
 * which makes that matter, is unlikely, and the guest need not wait for the disk.
 */
bool policy_short_stop(const struct policy *p);

/**
 * policy_frozen() - the guest is stopped now: does it still fit?
 * @p:        policy
 * @dirty:    pages to send
 * @spent_ns: since the guest stopped
 *
 * Return: true if the forecast meets the budget, or if letting the guest go
 * could not make it better. It also does if the rest is fetched, which may be
 * decided here: see @fetch.
 */
bool policy_frozen(struct policy *p, uint64_t dirty, uint64_t spent_ns);

/**
 * policy_rest_ms() - how long may the last pass take, before it is given up and the guest let go?
 *
 * At least as long as the guest may be stopped; less than two minutes would only make
 * a longer stop of a shorter one, because all was for nothing.
 */
uint32_t policy_rest_ms(const struct policy *p);

/** policy_exceeds() - is the last forecast above the budget? */
bool policy_exceeds(const struct policy *p);

/** policy_thawed() - the freeze was undone; false if no more passes are allowed */
bool policy_thawed(struct policy *p);

/** policy_why() - the reason for giving up. Return: -1. */
int policy_why(const struct policy *p, struct zkz_err *err);

#endif
