/* SPDX-License-Identifier: GPL-2.0 */
/* What libbpf says of programs that it loads. */
#ifndef ZKZ_LIB_BPFLOG_H
#define ZKZ_LIB_BPFLOG_H

/** bpf_log_here() - into the log, for those who look for the cause of a failure, and not on the standard error */
void bpf_log_here(void);

#endif
