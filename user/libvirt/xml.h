/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Elements of a description, and which of them have been understood. Whoever reads an element or an attribute marks
 * it by that; left.c tells of all that nobody has marked.
 */
#ifndef ZKZ_LIBVIRT_XML_H
#define ZKZ_LIBVIRT_XML_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

/* A description is no longer than that. */
#define XML_MAX_DOCUMENT	(1024 * 1024)

/* Longest text of an attribute or element that is read. */
#define XML_TEXT	1024

enum xml_mark {
	XML_NOT_SEEN,
	XML_SEEN,	/* of it what was asked for; attributes and elements in it are marked by themselves */
	XML_TAKEN,	/* with all that is in it */
};

/** xml_parse() - a document without a DTD; to free with xmlFreeDoc(). NULL with @err filled. */
xmlDoc *xml_parse(const char *text, size_t len, struct zkz_err *err);

/** xml_is() - has it this name? */
bool xml_is(const xmlNode *n, const char *name);

/** xml_first() - the first element of that name in @n (any, if NULL); NULL if there is none. Marks nothing. */
xmlNode *xml_first(const xmlNode *n, const char *name);

/** xml_next() - the next of the same name; of any, if NULL */
xmlNode *xml_next(const xmlNode *n, const char *name);

/** xml_child() - xml_first(), and it is seen */
xmlNode *xml_child(const xmlNode *n, const char *name);

/** xml_seen() - this element is understood; Return: @n */
xmlNode *xml_seen(xmlNode *n);

/** xml_taken() - with all that is in it */
void xml_taken(xmlNode *n);

/** xml_left() - it is not understood, after all: all of it is told */
void xml_left(xmlNode *n);

/** xml_mark() - what is known of it */
enum xml_mark xml_mark(const xmlNode *n);

/** xml_attr() - an attribute, which is understood by that; XML_TEXT bytes. Return: @out, empty if there is none */
char *xml_attr(xmlNode *n, const char *name, char *out);

/** xml_has() - is the attribute there, and is it @value? It is understood then */
bool xml_has(xmlNode *n, const char *name, const char *value);

/** xml_attr_known() - was it read? */
bool xml_attr_known(const xmlAttr *a);

/** xml_text() - the text in an element, without blanks around it; XML_TEXT bytes. Return: @out */
char *xml_text(const xmlNode *n, char *out);

/** xml_line() - where it stands */
unsigned int xml_line(const xmlNode *n);

#endif
