/* SPDX-License-Identifier: GPL-2.0 */
/* What systemd is told of zkzd, if that has started it: for "systemctl status zkzd". */
#ifndef ZKZ_ZKZD_SERVICE_H
#define ZKZ_ZKZD_SERVICE_H

/** service_ready() - clients are served from now on */
void service_ready(void);

/** service_serves() - so many requests are under way */
void service_serves(unsigned int requests);

/** service_stopping() - no more are */
void service_stopping(void);

/** service_not_us() - this process is no longer zkzd itself, and neither is what it starts */
void service_not_us(void);

#endif
