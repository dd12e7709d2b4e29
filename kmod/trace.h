/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stable points for BPF probes and perf. Times come from the tracing clock.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM zkz

#if !defined(_ZKZ_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _ZKZ_TRACE_H

#include <linux/tracepoint.h>

/* A pass begins; total is what it has to send, 0 on a target, which does not know. */
TRACE_EVENT(pass_begin,
	TP_PROTO(u32 id, u32 role, u32 pass, u64 total),
	TP_ARGS(id, role, pass, total),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, role)
		__field(u32, pass)
		__field(u64, total)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->role = role;
		__entry->pass = pass;
		__entry->total = total;
	),
	TP_printk("session=%u role=%u pass=%u total=%llu",
		  __entry->id, __entry->role, __entry->pass, __entry->total)
);

/* A pass is over on all streams and, on a source, acknowledged. */
TRACE_EVENT(pass_end,
	TP_PROTO(u32 id, u32 role, u32 pass, u64 done),
	TP_ARGS(id, role, pass, done),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, role)
		__field(u32, pass)
		__field(u64, done)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->role = role;
		__entry->pass = pass;
		__entry->done = done;
	),
	TP_printk("session=%u role=%u pass=%u done=%llu",
		  __entry->id, __entry->role, __entry->pass, __entry->done)
);

/* Userspace says that the guest is stopped and asks for the final pass. */
TRACE_EVENT(freeze,
	TP_PROTO(u32 id, u32 pass),
	TP_ARGS(id, pass),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, pass)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->pass = pass;
	),
	TP_printk("session=%u pass=%u", __entry->id, __entry->pass)
);

DECLARE_EVENT_CLASS(zkz_stream_byte,
	TP_PROTO(u32 id, u32 role, u32 pass, u16 stream),
	TP_ARGS(id, role, pass, stream),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, role)
		__field(u32, pass)
		__field(u16, stream)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->role = role;
		__entry->pass = pass;
		__entry->stream = stream;
	),
	TP_printk("session=%u role=%u pass=%u stream=%u",
		  __entry->id, __entry->role, __entry->pass, __entry->stream)
);

/* PASS_BEGIN was queued (source) or came (target). */
DEFINE_EVENT(zkz_stream_byte, first_byte,
	TP_PROTO(u32 id, u32 role, u32 pass, u16 stream),
	TP_ARGS(id, role, pass, stream)
);

/* PASS_END was queued (source) or came (target). */
DEFINE_EVENT(zkz_stream_byte, last_byte,
	TP_PROTO(u32 id, u32 role, u32 pass, u16 stream),
	TP_ARGS(id, role, pass, stream)
);

/* A page is asked for, because somebody waits for it. */
TRACE_EVENT(want,
	TP_PROTO(u32 id, u64 page),
	TP_ARGS(id, page),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u64, page)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->page = page;
	),
	TP_printk("session=%u page=%llu", __entry->id, __entry->page)
);

TRACE_EVENT(session_state,
	TP_PROTO(u32 id, u32 role, u32 from, u32 to),
	TP_ARGS(id, role, from, to),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, role)
		__field(u32, from)
		__field(u32, to)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->role = role;
		__entry->from = from;
		__entry->to = to;
	),
	TP_printk("session=%u role=%u from=%u to=%u", __entry->id, __entry->role, __entry->from, __entry->to)
);

#endif /* _ZKZ_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
