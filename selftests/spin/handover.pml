/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two hosts hand a zone over, by the rules that the programs use (rules.pml is made of them). Messages may be lost,
 * come twice, and overtake each other: each is a flag that the sender sets, the receiver may or may not take back, and
 * the network may clear. Workers, the target's QEMU and both hosts fail at any time, as often as FAULTS allows, and so
 * do durable writes.
 *
 * Asserted: one runner at most, nothing stale goes on, nothing complete is discarded, "successful" is true.
 */
#include "rules.pml"

#ifndef FAULTS
#define FAULTS 3
#endif

mtype = { runs, stopped, waits, none };		/* guests */
mtype = { prepares, doubted, wants_commit, wants_answer, asks, over };	/* the source's worker */
mtype = { wants_go, starting, idle };		/* the target's */

byte faults = FAULTS;
/* What the rule says that was looked up last; nothing between two steps. */
hidden byte r_write, r_say, r_guest, r_unless;

byte s_now = IS_HERE, s_disk = IS_HERE;
mtype s_worker = prepares, s_guest = runs;
bool s_lost, sent, success;

byte t_now = IS_COMING, t_disk = IS_COMING;
mtype t_worker = wants_go, t_guest = waits;
bool t_ran, t_booted, streams = true;

/* On their way. */
bool m_go, m_committed, m_last, m_runs, m_back, m_lost;
bool q_ask, q_unsent, a_back, a_owned, a_runs;

inline rule(standing, event)
{
	r_write = rule_write[AT(standing, event)];
	r_say = rule_say[AT(standing, event)];
	r_guest = rule_guest[AT(standing, event)];
	r_unless = rule_unless[AT(standing, event)]
}

inline fail()
{
	faults > 0; faults--
}

inline source_guest()
{
	if
	:: r_guest == GUEST_RUN && s_guest == stopped ->
		assert(!t_ran && !t_booted);
		s_guest = runs
	:: r_guest == GUEST_STILL && s_guest == runs -> s_guest = stopped
	:: r_guest == GUEST_END ->
		assert(s_guest != stopped || s_lost || sent || t_ran || t_booted);
		s_guest = none
	:: else -> skip
	fi;
	assert(!(s_guest == runs && t_guest == runs))
}

/* Afterwards r_say is what to say: SAY_NOTHING if nothing is known to be so. */
inline source(event)
{
	rule(s_now, event);
	if
	:: r_write == NO_RULE -> r_say = SAY_NOTHING; r_guest = GUEST_AS_IS
	:: r_write == s_now ->
		/* What is said must be on disk. */
		if
		:: r_say != SAY_NOTHING && r_say != SAY_ASK -> s_disk = (r_write == IS_UNSENT -> IS_DOUBT : r_write)
		:: else -> skip
		fi
	:: r_write != NO_RULE && r_write != s_now ->
		s_now = r_write;
		s_disk = (r_write == IS_UNSENT -> IS_DOUBT : r_write)
	:: r_write != NO_RULE && r_write != s_now && faults > 0 ->
		/* not done, or not known to be on the disk; the mark of IS_UNSENT is no file of the disk's */
		faults--;
		if
		:: skip
		:: r_write != IS_DOUBT -> s_now = r_write
		fi;
		rule(s_now, r_unless);
		if
		:: r_write == NO_RULE -> r_say = SAY_NOTHING; r_guest = GUEST_AS_IS
		:: else -> s_now = r_write; s_disk = (r_write == IS_UNSENT -> IS_DOUBT : r_write)
		fi
	fi;
	source_guest()
}

inline target(event)
{
	rule(t_now, event);
	if
	:: r_write == NO_RULE -> r_say = SAY_NOTHING; r_guest = GUEST_AS_IS
	:: r_write == t_now ->
		if
		:: r_say != SAY_NOTHING -> t_disk = r_write
		:: else -> skip
		fi
	:: r_write != NO_RULE && r_write != t_now -> t_now = r_write; t_disk = r_write
	:: r_write != NO_RULE && r_write != t_now && faults > 0 ->
		faults--;
		if
		:: skip
		:: t_now = r_write
		fi;
		rule(t_now, r_unless);
		if
		:: r_write == NO_RULE -> r_say = SAY_NOTHING; r_guest = GUEST_AS_IS
		:: else -> t_now = r_write; t_disk = r_write
		fi
	fi;
	if
	:: r_guest == GUEST_END -> t_guest = none
	:: else -> skip
	fi
}

inline cut()
{
	streams = false; m_go = false; m_committed = false; m_runs = false; m_back = false; m_lost = false
}

inline give_up()
{
	cut(); source(EV_SILENCE); s_worker = asks
}

init
{
	atomic {
		load_rules();
		run source_worker();
		run source_asks();
		run source_hears();
		run target_worker();
		run target_qemu();
		run target_answers();
		run trouble()
	}
}

proctype source_worker()
{
	do
	:: atomic { s_worker == prepares ->
		source(EV_GO_DUE);
		if
		:: s_now == IS_UNSENT && r_guest == GUEST_AS_IS -> s_worker = doubted
		:: else -> cut(); s_worker = over
		fi }
	:: atomic { s_worker == doubted && s_guest == runs -> s_guest = stopped }
	:: atomic { s_worker == doubted && s_guest == stopped && streams -> m_go = true; s_worker = wants_commit }
	:: atomic { s_worker == doubted && !streams -> source(EV_CALLED_OFF); s_worker = over }
	:: atomic { s_worker == wants_commit && m_committed ->
		source(EV_SEND);
		if
		:: r_say == SAY_LAST -> sent = true; m_last = true; s_worker = wants_answer
		:: else -> give_up()
		fi }
	:: atomic { (s_worker == wants_commit || s_worker == wants_answer) && m_back ->
		source(EV_HEARD_BACK); s_worker = over }
	:: atomic { s_worker == wants_answer && m_runs ->
		source(EV_HEARD_RUNS); assert(t_ran); success = true; s_worker = over }
	:: atomic { (s_worker == wants_commit || s_worker == wants_answer) && m_lost -> give_up() }
	:: atomic { (s_worker == wants_commit || s_worker == wants_answer) && !streams -> give_up() }
	od
}

/* The worker that gave up, zkzd, and "zkz recover". */
proctype source_asks()
{
	do
	:: atomic { (s_worker == asks || s_worker == over) && (s_now == IS_DOUBT || s_now == IS_UNSENT) ->
		source(EV_LOOK); q_ask = true; q_unsent = (s_now == IS_UNSENT) }
	od
}

proctype source_hears()
{
	do
	:: atomic { a_back && (s_now == IS_DOUBT || s_now == IS_UNSENT) && s_worker != wants_commit && s_worker != wants_answer ->
		source(EV_HEARD_BACK) }
	:: atomic { a_owned && (s_now == IS_DOUBT || s_now == IS_UNSENT) && s_worker != wants_commit && s_worker != wants_answer ->
		source(EV_HEARD_OWNED) }
	:: atomic { a_runs && (s_now == IS_DOUBT || s_now == IS_UNSENT) && s_worker != wants_commit && s_worker != wants_answer ->
		source(EV_HEARD_RUNS) }
	od
}

proctype target_worker()
{
	do
	:: atomic { t_worker == wants_go && m_go ->
		target(EV_GO);
		if
		:: r_say == SAY_COMMITTED -> m_committed = streams; t_worker = starting
		:: r_say == SAY_BACK -> m_back = streams; t_worker = idle
		:: else -> cut(); t_worker = idle
		fi }
	:: atomic { t_worker == wants_go && !streams && !m_go -> target(EV_FAILED); t_worker = idle }
	:: atomic { t_worker == starting && t_guest == runs -> target(EV_RUNS); m_runs = streams; t_worker = idle }
	:: atomic { t_worker == starting && t_guest == waits && !streams && !m_last ->
		t_guest = none; target(EV_NEVER_RAN); m_back = (streams && r_say == SAY_BACK); t_worker = idle }
	:: atomic { t_worker == starting && t_guest == none -> target(EV_LOST_SIGHT); m_lost = streams; t_worker = idle }
	/* What a worker leaves, keeper and zkzd look after. */
	:: atomic { t_worker == idle && t_now == IS_COMING -> target(EV_LOOK) }
	:: atomic { t_worker == idle && t_now == IS_ARRIVED && t_guest == runs -> target(EV_RAN) }
	:: atomic { t_worker == idle && t_now == IS_ARRIVED && t_guest == waits && !streams && !m_last ->
		t_guest = none; target(EV_NEVER_RAN) }
	od
}

proctype target_qemu()
{
	do
	:: atomic { m_last && t_guest == waits ->
		m_last = false; t_guest = runs; t_ran = true; assert(s_guest != runs) }
	od
}

/* With the zone's lock: no worker is between GO and its decision, and nothing starts later. */
proctype target_answers()
{
	do
	:: atomic { q_ask && t_worker == idle ->
		if
		:: t_now == IS_ARRIVED && t_guest == waits && (q_unsent || !m_last) ->
			t_guest = none;
			if
			:: q_unsent -> skip
			:: else -> target(EV_NEVER_RAN)
			fi
		:: t_now == IS_ARRIVED && t_guest == runs -> target(EV_RAN)
		:: else -> skip
		fi;
		if
		:: t_now == IS_ARRIVED && t_guest == waits -> skip	/* later */
		:: else ->
			if
			:: q_unsent -> target(EV_ASKED_UNSENT)
			:: else -> target(EV_ASKED)
			fi;
			if
			:: r_say == SAY_BACK -> a_back = true
			:: r_say == SAY_OWNED && t_guest == runs && !t_booted -> a_runs = true
			:: r_say == SAY_OWNED && (t_guest != runs || t_booted) -> a_owned = true
			:: else -> skip
			fi
		fi;
		q_ask = false }
	/* An administrator, or autoboot, when the source has been silent for long. */
	:: atomic { t_worker == idle && t_guest == none && t_now == IS_ARRIVED ->
		rule(t_now, EV_TAKE_HERE); t_now = r_write; t_disk = r_write; t_booted = true }
	:: atomic { t_worker == idle && t_guest == none && t_now == IS_OWNER && t_disk == IS_OWNER ->
		t_guest = runs; t_booted = true; assert(s_guest != runs) }
	od
}

proctype trouble()
{
	do
	:: atomic { fail(); s_worker = over; cut(); source(EV_LOOK) }
	:: atomic { fail(); t_worker = idle; cut() }
	:: atomic { t_guest != none; fail(); t_guest = none }
	:: atomic { fail(); cut() }
	:: atomic { m_last && !streams; fail(); m_last = false }
	/* QEMU of the source is killed: with the run of the zone the mark goes. It may have given all to the worker. */
	:: atomic { s_guest == stopped; fail(); s_guest = none; s_lost = true;
		if
		:: s_now == IS_UNSENT -> s_now = IS_DOUBT
		:: else -> skip
		fi;
		if
		:: s_worker == doubted -> cut()
		:: else -> skip
		fi }
	:: atomic { fail(); cut(); s_now = s_disk; s_worker = over; s_guest = none; s_lost = true }
	:: atomic { fail(); cut(); m_last = false; t_now = t_disk; t_worker = idle; t_guest = none }
	/* Questions are lost, too. */
	:: atomic { q_ask; fail(); q_ask = false }
	:: atomic { s_now == IS_HERE && s_guest == none -> s_guest = runs; assert(t_guest != runs) }
	od
}

/* Every process goes on as long as it can, and what is asked again and again is answered once: nobody stays in doubt. */
ltl settled { <> [] (s_now != IS_DOUBT && s_now != IS_UNSENT && t_now != IS_COMING) }
