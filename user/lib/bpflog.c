// SPDX-License-Identifier: GPL-2.0
#include "lib/bpflog.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/log.h"

static int on_print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char text[400];

	if (level == LIBBPF_DEBUG)
		return 0;
	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	log_debug("%s", text);
	return 0;
}

void bpf_log_here(void)
{
	libbpf_set_print(on_print);
}
