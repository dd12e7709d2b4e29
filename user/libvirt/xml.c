// SPDX-License-Identifier: GPL-2.0
#include "libvirt/xml.h"

#include <libxml/parser.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* A description has none of its own entities, and one that has is made by somebody who means ill. */
xmlDoc *xml_parse(const char *text, size_t len, struct zkz_err *err)
{
	const xmlError *last;
	xmlDoc *doc;

	xmlResetLastError();
	doc = len <= XML_MAX_DOCUMENT ? xmlReadMemory(text, (int)len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR |
						     XML_PARSE_NOWARNING | XML_PARSE_NOCDATA) : NULL;
	if (doc && !doc->intSubset && !doc->extSubset)
		return doc;
	xmlFreeDoc(doc);
	last = xmlGetLastError();
	err_import_no_xml(err, last && last->line > 0 ? (unsigned int)last->line : 1);
	return NULL;
}

bool xml_is(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE && (!name || !strcmp((const char *)n->name, name));
}

static xmlNode *from(xmlNode *n, const char *name)
{
	while (n && !xml_is(n, name))
		n = n->next;
	return n;
}

xmlNode *xml_first(const xmlNode *n, const char *name)
{
	return n ? from(n->children, name) : NULL;
}

xmlNode *xml_next(const xmlNode *n, const char *name)
{
	return from(n->next, name);
}

xmlNode *xml_child(const xmlNode *n, const char *name)
{
	return xml_seen(xml_first(n, name));
}

static void mark(xmlNode *n, enum xml_mark m)
{
	if (n)
		n->_private = (void *)(uintptr_t)m;
}

xmlNode *xml_seen(xmlNode *n)
{
	mark(n, XML_SEEN);
	return n;
}

void xml_taken(xmlNode *n)
{
	mark(n, XML_TAKEN);
}

void xml_left(xmlNode *n)
{
	mark(n, XML_NOT_SEEN);
}

enum xml_mark xml_mark(const xmlNode *n)
{
	return (enum xml_mark)(uintptr_t)n->_private;
}

/* Without blanks around it; what is longer is no value that means something here. */
static char *copy(const char *text, char *out)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	if (len >= XML_TEXT)
		len = 0;
	memcpy(out, text, len);
	out[len] = '\0';
	return out;
}

char *xml_attr(xmlNode *n, const char *name, char *out)
{
	xmlAttr *a = n ? xmlHasProp(n, (const xmlChar *)name) : NULL;
	xmlChar *value;

	*out = '\0';
	if (!a)
		return out;
	a->_private = (void *)1;
	value = xmlGetProp(n, (const xmlChar *)name);
	if (value)
		copy((const char *)value, out);
	xmlFree(value);
	return out;
}

bool xml_has(xmlNode *n, const char *name, const char *value)
{
	char text[XML_TEXT];
	xmlAttr *a = n ? xmlHasProp(n, (const xmlChar *)name) : NULL;
	void *before = a ? a->_private : NULL;

	if (a && !strcmp(xml_attr(n, name, text), value))
		return true;
	if (a)
		a->_private = before;
	return false;
}

bool xml_attr_known(const xmlAttr *a)
{
	return a->_private;
}

char *xml_text(const xmlNode *n, char *out)
{
	xmlChar *text = n ? xmlNodeGetContent(n) : NULL;

	*out = '\0';
	if (text)
		copy((const char *)text, out);
	xmlFree(text);
	return out;
}

unsigned int xml_line(const xmlNode *n)
{
	long line = xmlGetLineNo(n);

	return line > 0 ? (unsigned int)line : 0;
}
