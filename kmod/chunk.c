// SPDX-License-Identifier: GPL-2.0
/*
 * The harvested pages of one chunk, turned into frames.
 */
#include <linux/bitmap.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "chunk.h"
#include "folio.h"
#include "poison.h"
#include "send.h"
#include "session.h"
#include "track.h"

/*
 * What a page of the send bitmap turns out to be. A page that the target already has as zero, because nothing was ever
 * sent for it and its memory began as holes, is left out.
 */
enum kind { KIND_NONE, KIND_LEAVE_OUT, KIND_DATA, KIND_ZERO, KIND_HOLE, KIND_POISON };

/* The chunk that a stream is sending. */
struct zkz_scratch {
	struct page *page[ZKZ_WIRE_CHUNK_PAGES];	/* KIND_DATA: reference held; otherwise NULL */
	u8 kind[ZKZ_WIRE_CHUNK_PAGES];
};

/**
 * zkz_chunk_scratch() - allocate what a stream needs to send chunks
 *
 * Return: to be freed by kvfree(), or NULL.
 */
struct zkz_scratch *zkz_chunk_scratch(void)
{
	return kvzalloc(sizeof(struct zkz_scratch), GFP_KERNEL);
}

static u8 frame_type(enum kind kind)
{
	static const u8 types[] = {
		[KIND_DATA]	= ZKZ_WIRE_DATA,
		[KIND_ZERO]	= ZKZ_WIRE_ZERO,
		[KIND_HOLE]	= ZKZ_WIRE_HOLE,
		[KIND_POISON]	= ZKZ_WIRE_POISON,
	};

	return types[kind];
}

static bool all_zero(struct page *page)
{
	void *p = kmap_local_page(page);
	bool zero = !memchr_inv(p, 0, PAGE_SIZE);

	kunmap_local(p);
	return zero;
}

static enum kind classify(struct zkz_stream *stream, pgoff_t index, bool detect, bool virgin, struct page **page)
{
	struct folio *folio = zkz_folio_get(stream->session->mem, index);

	*page = NULL;
	/* One that is just being cleared is still the hole it was; whoever writes to it marks the page after that. */
	if (folio && !folio_test_uptodate(folio)) {
		folio_put(folio);
		folio = NULL;
	}
	if (!folio) {
		zkz_count(&stream->flow.hole, 1);
		return virgin ? KIND_LEAVE_OUT : KIND_HOLE;
	}
	*page = folio_page(folio, index - folio->index);
	/* Before anybody, the CPU or a device, reads it. */
	if (PageHWPoison(*page) || zkz_poison_page(stream->session->mem, index)) {
		folio_put(folio);
		*page = NULL;
		zkz_count(&stream->flow.poison, 1);
		return KIND_POISON;
	}
	if (detect && all_zero(*page)) {
		folio_put(folio);
		*page = NULL;
		zkz_count(&stream->flow.zero, 1);
		return virgin ? KIND_LEAVE_OUT : KIND_ZERO;
	}
	zkz_count(&stream->flow.data, 1);
	return KIND_DATA;
}

/*
 * Take the marked ones of some pages of a chunk out of the send bitmap, @from and @to being numbers within the chunk.
 * Returns how many there are.
 */
static unsigned int collect(struct zkz_stream *stream, unsigned long chunk, unsigned int from, unsigned int to,
			    bool detect, bool virgin)
{
	struct zkz_session *session = stream->session;
	struct zkz_scratch *scratch = stream->scratch;
	pgoff_t first = chunk * ZKZ_WIRE_CHUNK_PAGES;
	unsigned long *marks = session->send + first / BITS_PER_LONG;
	unsigned int i = find_next_bit(marks, to, from), nr = 0;

	if (i >= to)
		return 0;
	memset(scratch->kind + from, KIND_NONE, to - from);
	for (; i < to; i = find_next_bit(marks, to, i + 1)) {
		scratch->kind[i] = classify(stream, first + i, detect, virgin, &scratch->page[i]);
		nr++;
	}
	bitmap_clear(marks, from, to - from);
	return nr;
}

/* Consecutive pages of one kind travel in one frame. */
static int send_collected(struct zkz_stream *stream, unsigned long chunk, unsigned int from, unsigned int to, u32 pass,
			  bool urgent)
{
	struct zkz_scratch *scratch = stream->scratch;
	unsigned int i, nr;
	int ret = 0;

	for (i = from; i < to && !ret; i += nr) {
		enum kind kind = scratch->kind[i];

		for (nr = 1; i + nr < to && scratch->kind[i + nr] == kind; nr++)
			;
		if (kind >= KIND_DATA)
			ret = zkz_send_extent(stream, frame_type(kind), pass, chunk * ZKZ_WIRE_CHUNK_PAGES + i, nr,
					      scratch->page + i, urgent);
	}
	for (i = from; i < to; i++) {
		if (scratch->page[i])
			put_page(scratch->page[i]);
		scratch->page[i] = NULL;
	}
	return ret;
}

/**
 * zkz_chunk_send() - send the marked pages of a chunk
 * @stream: source, the one to which the chunk belongs; the caller is its thread
 * @chunk: its number
 * @pass: number of the pass
 * @final: nothing comes after it
 *
 * A page that was written between harvest and now is skipped: it is dirty, so it will come in a later pass, and what
 * would be sent of it now would be replaced then. In the final pass all are sent. A page may be discarded or written
 * between the look at it and the send: then it is dirty again.
 *
 * Return: 0 or the error of the socket.
 */
int zkz_chunk_send(struct zkz_stream *stream, unsigned long chunk, u32 pass, bool final)
{
	struct zkz_session *session = stream->session;
	bool fresh = !session->seen[chunk];
	bool virgin = fresh && READ_ONCE(session->virgin);

	if (!final)
		zkz_count(&stream->flow.skipped,
			  zkz_track_again(session->mem, chunk, session->send + chunk * ZKZ_CHUNK_LONGS));

	if (!collect(stream, chunk, 0, ZKZ_WIRE_CHUNK_PAGES, fresh || session->zero_detect, virgin))
		return 0;
	session->seen[chunk] = true;
	return send_collected(stream, chunk, 0, ZKZ_WIRE_CHUNK_PAGES, pass, false);
}

/**
 * zkz_chunk_send_part() - send the marked ones of some pages, in a fetch
 * @stream: source, the one to which their chunk belongs; the caller is its thread
 * @first: first page
 * @nr: how many, in one chunk
 * @pass: number of the pass
 * @urgent: somebody waits for them
 *
 * Nothing is left out: the target knows which pages are still to come, and waits for each.
 *
 * Return: how many there were, or the error of the socket.
 */
int zkz_chunk_send_part(struct zkz_stream *stream, pgoff_t first, unsigned int nr, u32 pass, bool urgent)
{
	struct zkz_session *session = stream->session;
	unsigned long chunk = first / ZKZ_WIRE_CHUNK_PAGES;
	unsigned int from = first % ZKZ_WIRE_CHUNK_PAGES, to = from + nr;
	unsigned int found;

	found = collect(stream, chunk, from, to, !session->seen[chunk] || session->zero_detect, false);
	return found ? send_collected(stream, chunk, from, to, pass, urgent) ?: found : 0;
}
