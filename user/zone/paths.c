// SPDX-License-Identifier: GPL-2.0
#include "zone/paths.h"

#include <stdio.h>

static const struct {
	const char *before;
	const char *after;
} parts[ZF_FILES] = {
	[ZF_CONFIG]	 = { ZKZ_CONFIG_DIR "/", ".cfg" },
	[ZF_DIR]	 = { ZKZ_STATE_DIR "/", "" },
	[ZF_LOCK]	 = { ZKZ_STATE_DIR "/", "/lock" },
	[ZF_OWNER]	 = { ZKZ_STATE_DIR "/", "/owner" },
	[ZF_OWNER_NEXT]	 = { ZKZ_STATE_DIR "/", "/owner.next" },
	[ZF_JOURNAL]	 = { ZKZ_STATE_DIR "/", "/journal" },
	[ZF_CONFIG_BEFORE] = { ZKZ_STATE_DIR "/", "/config.before" },
	[ZF_INCOMPLETE]	 = { ZKZ_STATE_DIR "/", "/incomplete" },
	[ZF_MADE]	 = { ZKZ_STATE_DIR "/", "/made" },
	[ZF_NVRAM]	 = { ZKZ_STATE_DIR "/", "/nvram" },
	[ZF_ENDED]	 = { ZKZ_STATE_DIR "/", "/ended" },
	[ZF_RUN]	 = { ZKZ_RUN_DIR "/zones/", "" },
	[ZF_RUN_CONFIG]	 = { ZKZ_RUN_DIR "/zones/", "/config" },
	[ZF_COMING]	 = { ZKZ_RUN_DIR "/zones/", "/coming" },
	[ZF_UNSENT]	 = { ZKZ_RUN_DIR "/zones/", "/unsent" },
	[ZF_STATE]	 = { ZKZ_RUN_DIR "/zones/", "/state" },
	[ZF_ALIVE]	 = { ZKZ_RUN_DIR "/zones/", "/alive" },
	[ZF_ALIVE_QEMU]	 = { ZKZ_RUN_DIR "/zones/", "/alive.qemu" },
	[ZF_MOVING]	 = { ZKZ_RUN_DIR "/zones/", "/moving" },
	[ZF_QMP]	 = { ZKZ_RUN_DIR "/zones/", "/qmp.sock" },
	[ZF_QMP_NEXT]	 = { ZKZ_RUN_DIR "/zones/", "/qmp.next" },
	[ZF_KEEPER]	 = { ZKZ_RUN_DIR "/zones/", "/keeper.sock" },
	[ZF_NBD]	 = { ZKZ_RUN_DIR "/zones/", "/nbd.sock" },
	[ZF_CONSOLE]	 = { ZKZ_RUN_DIR "/zones/", "/console.sock" },
	[ZF_CONSOLE_NEXT] = { ZKZ_RUN_DIR "/zones/", "/console.next" },
	[ZF_CONSOLE_LOCK] = { ZKZ_RUN_DIR "/zones/", "/console.lock" },
	[ZF_AGENT]	 = { ZKZ_RUN_DIR "/zones/", "/agent.sock" },
	[ZF_AGENT_NEXT]	 = { ZKZ_RUN_DIR "/zones/", "/agent.next" },
	[ZF_AGENT_LOCK]	 = { ZKZ_RUN_DIR "/zones/", "/agent.lock" },
	[ZF_CONSOLE_LOG] = { ZKZ_LOG_DIR "/", ".console" },
	[ZF_MESSAGES]	 = { ZKZ_LOG_DIR "/", ".messages" },
	[ZF_MEMORY]	 = { ZKZ_MEM_DIR "/", "" },
};

const char *zone_path(enum zone_file which, const char *zone, char *buf)
{
	snprintf(buf, ZONE_PATH_MAX, "%s%.63s%s", parts[which].before, zone,
		 parts[which].after);
	return buf;
}
