// SPDX-License-Identifier: GPL-2.0
/* QEMU's command line: the machine is part of the migration contract. */
#include <stdio.h>
#include <stdlib.h>

#include "qemu/cmdline.h"
#include "unit.h"

static struct zone_model full_zone(void)
{
	struct zone_model z = {
		.name = "z1", .memory = 512ULL << 20, .ncpus = 2, .nr_nics = 2, .nr_disks = 2,
		.kernel = "/boot/vmlinuz", .initrd = "/boot/initrd,with,commas",
		.bootargs = "console=ttyS0 quiet",
		.nic = {
			{ .id = 0, .port = -1, .lower_link = "br0", .mac = "02:00:00:00:00:01" },
			{ .id = 3, .port = -1, .lower_link = "br1", .mac = "02:00:00:00:00:02" },
		},
		.disk = {
			{ .id = 0, .port = -1, .storage = "file:/d/a.img", .format = "qcow2", .bootpri = 0 },
			{ .id = 5, .port = -1, .storage = "nbd://10.0.0.9:1/e", .format = "raw", .bootpri = -1 },
		},
	};

	return z;
}

/* One argument a line. */
static char *build_for(const struct zone_model *z, bool incoming, unsigned int can)
{
	const struct ability able = { .can = can };
	struct qemu_env env = {
		.able = &able, .machine = "pc-q35-7.2",
		.binary = "qemu-system-x86_64", .incoming = incoming, .tap_fd = { 20, 21 },
		.keeper_fd = 30, .monitor_fd = 31, .console_fd = 32, .log_fd = 33, .agent_fd = 34,
		.disk_fd = { 40, -1 }, .secret_fd = { -1, 60 }, .initiator = "iqn.me", .kernel_fd = 50, .initrd_fd = 51,
		.firmware_fd = { 70, 71 },
	};
	struct zkz_err err;
	char **argv = qemu_cmdline(z, &env, &err);
	char *text = NULL;
	size_t len, i;
	FILE *f;

	if (!argv)
		return strdup(err.text);
	f = open_memstream(&text, &len);
	for (i = 0; argv[i]; i++)
		fprintf(f, "%s\n", argv[i]);
	fclose(f);
	qemu_cmdline_free(argv);
	return text;
}

static char *build(const struct zone_model *z, bool incoming)
{
	return build_for(z, incoming, 0);
}

TEST(full)
{
	struct zone_model z = full_zone();
	char *text = build(&z, false);

	CHECK_GOLDEN("cmdline-full.txt", text);
	free(text);
}

TEST(disk_boot)
{
	struct zone_model z = {
		.name = "d", .memory = 64ULL << 20, .ncpus = 1, .nr_disks = 1,
		.disk = { { .id = 1, .port = -1, .storage = "file:/d", .format = "raw", .bootpri = 7 } },
	};
	char *text = build(&z, false);

	CHECK_GOLDEN("cmdline-disk.txt", text);
	free(text);
}

/* With a kernel QEMU 7.2 to 11.1 say "The bootindex 0 has already been used", and end. */
TEST(disks_come_after_a_kernel)
{
	struct zone_model z = full_zone();
	char *text = build(&z, false);

	CHECK_HAS(text, "\"bootindex\":1,\"bus\":\"pcie.0\"");
	free(text);
	z.kernel[0] = z.initrd[0] = '\0';
	text = build(&z, false);
	CHECK_HAS(text, "\"bootindex\":0,\"bus\":\"pcie.0\"");
	free(text);
}

TEST(what_is_only_read)
{
	struct zone_model z = full_zone();
	char *text = build(&z, false);

	CHECK(!strstr(text, "read-only"));
	free(text);
	z.disk[0].read_only = true;
	text = build(&z, false);
	CHECK_HAS(text, "\"node-name\":\"disk0-file\",\"read-only\":true}");
	CHECK_HAS(text, "\"node-name\":\"disk0\",\"read-only\":true}");
	CHECK_HAS(text, "\"driver\":\"virtio-blk-pci\",\"id\":\"blk0\"");
	free(text);
	z.disk[1].read_only = z.disk[1].cdrom = true;
	text = build(&z, false);
	CHECK_HAS(text, "\n{\"bus\":\"ide.5\",\"drive\":\"disk5\",\"driver\":\"ide-cd\",\"id\":\"blk5\"}\n");
	free(text);
}

TEST(agent)
{
	struct zone_model z = full_zone();
	char *text = build(&z, false);

	CHECK(!strstr(text, "guest_agent"));
	free(text);
	z.agent = true;
	text = build(&z, false);
	CHECK_HAS(text, "socket,id=agent0,fd=34,server=on,wait=off\n");
	CHECK_HAS(text, "virtio-serial-pci,id=ports0,bus=pcie.0,addr=0x1c,disable-legacy=on,max_ports=2\n");
	CHECK_HAS(text, "virtserialport,bus=ports0.0,nr=1,chardev=agent0,name=org.qemu.guest_agent.0\n");
	free(text);
}

TEST(firmware)
{
	struct zone_model z = full_zone();
	char *text = build(&z, false);

	CHECK(!strstr(text, "pflash"));
	free(text);
	z.uefi = true;
	text = build(&z, false);
	CHECK_HAS(text, ",suppress-vmdesc=on,pflash0=firmware,pflash1=nvram\n");
	CHECK_HAS(text, "\"node-name\":\"firmware\",\"read-only\":true}");
	CHECK_HAS(text, "\"node-name\":\"nvram\",\"read-only\":false}");
	CHECK_HAS(text, "fd=70,set=2\n");
	CHECK_HAS(text, "fd=71,set=3\n");
	free(text);
}

/* -mon is deprecated from QEMU 11.1 on, where monitors are objects; nothing else differs. */
TEST(monitors_are_objects_where_that_is_known)
{
	struct zone_model z = full_zone();
	char *text = build_for(&z, false, ABLE_MONITOR_OBJECT);

	CHECK(!strstr(text, "-mon\n"));
	CHECK_HAS(text, "socket,id=mon0,fd=30\n-object\nmonitor-qmp,id=qmp0,chardev=mon0\n");
	CHECK_HAS(text, "fd=31,server=on,wait=off\n-object\nmonitor-qmp,id=qmp1,chardev=mon1\n");
	free(text);
}

/* What is not set is not said: the machine of older configurations stays as it was. */
TEST(size_of_packets_and_identity)
{
	struct zone_model z = full_zone();
	char *text = build(&z, false);

	CHECK(!strstr(text, "host_mtu"));
	CHECK(!strstr(text, "-uuid"));
	free(text);
	z.nic[1].mtu = 9000;
	strcpy(z.uuid, "123e4567-e89b-42d3-a456-426614174000");
	text = build(&z, false);
	CHECK_HAS(text, "\"id\":\"net0\",\"mac\"");
	CHECK_HAS(text, "\"host_mtu\":9000,\"id\":\"net3\"");
	CHECK_HAS(text, "-uuid\n123e4567-e89b-42d3-a456-426614174000\n");
	free(text);
}

/* The receiver differs by what it waits for, and by nothing else. */
TEST(incoming_is_the_same_machine)
{
	struct zone_model z = full_zone();
	char *boot = build(&z, false), *in = build(&z, true);
	size_t len = strlen(boot) - strlen("-S\n");

	CHECK(!strncmp(in, boot, len));
	CHECK_STR(boot + len, "-S\n");
	CHECK_STR(in + len, "-incoming\ndefer\n");
	free(boot);
	free(in);
}

/* Taking a device away must not move the others. */
TEST(addresses_depend_on_ids_only)
{
	struct zone_model z = full_zone();
	char *text;

	z.nic[0] = z.nic[1];
	z.nr_nics = 1;
	z.disk[0] = z.disk[1];
	z.nr_disks = 1;
	text = build(&z, false);
	CHECK_HAS(text, "{\"addr\":\"0x05\",\"bus\":\"pcie.0\",\"disable-legacy\":\"on\",\"driver\":\"virtio-net-pci\"");
	CHECK_HAS(text, "{\"addr\":\"0x0f\",\"bus\":\"pcie.0\",\"disable-legacy\":\"on\",\"drive\":\"disk5\"");
	free(text);
}

/* All of them are there from the beginning, and what is at one is nowhere else. */
TEST(hot_plug_ports)
{
	struct zone_model z = full_zone();
	char *text = build(&z, false);

	CHECK(!strstr(text, "pcie-root-port"));
	free(text);
	z.hot_plug = true;
	z.disk[1].port = 7;
	z.nic[0].port = 0;
	text = build(&z, false);
	CHECK_HAS(text, "-device\n{\"addr\":\"0x1d.0\",\"bus\":\"pcie.0\",\"chassis\":1,\"driver\":\"pcie-root-port\","
		  "\"id\":\"port0\",\"io-reserve\":0,\"multifunction\":true,\"port\":0}\n");
	CHECK_HAS(text, "\"chassis\":8,\"driver\":\"pcie-root-port\",\"id\":\"port7\"");
	CHECK_HAS(text, "{\"addr\":\"0x00\",\"bus\":\"port0\",\"disable-legacy\":\"on\",\"driver\":\"virtio-net-pci\"");
	CHECK_HAS(text, "{\"addr\":\"0x00\",\"bus\":\"port7\",\"disable-legacy\":\"on\",\"drive\":\"disk5\"");
	CHECK_HAS(text, "{\"addr\":\"0x0a\",\"bootindex\":1,\"bus\":\"pcie.0\"");
	free(text);
}

/* A disk's objects go with its node, and what QEMU cannot do is said before it is started. */
TEST(drivers)
{
	struct zone_model z = full_zone();
	char *text;

	strcpy(z.disk[1].storage, "iscsi://me@h/target.iqn.a:b");
	CHECK_INT(qemu_needs(&z), ABLE_ISCSI);
	text = build_for(&z, false, ABLE_NFS);
	CHECK_HAS(text, "has no driver for iscsi://me@h/target.iqn.a:b");
	free(text);
	text = build_for(&z, false, ABLE_ISCSI);
	CHECK_HAS(text, "-object\n{\"file\":\"/proc/self/fd/60\",\"id\":\"disk5-secret\",\"qom-type\":\"secret\"}\n"
		  "-blockdev\n");
	CHECK_HAS(text, "\"initiator-name\":\"iqn.me\"");
	free(text);
	strcpy(z.disk[1].storage, "nfs://h/a");
	CHECK_INT(qemu_needs(&z), ABLE_NFS);
	text = build(&z, false);
	CHECK_HAS(text, "has no driver for nfs://h/a");
	free(text);
	strcpy(z.disk[1].storage, "iscsi://h/luname.naa.5000c5000abcdef0");
	CHECK_INT(qemu_needs(&z), 0);
}

TEST(bad_storage_is_refused)
{
	struct zone_model z = full_zone();
	const struct ability able = { 0 };
	struct qemu_env env = { .binary = "q", .able = &able, .machine = "pc-q35-7.2" };
	struct zkz_err err;

	strcpy(z.disk[1].storage, "bad:");
	CHECK(!qemu_cmdline(&z, &env, &err));
	CHECK_HAS(err.text, "bad:");
}
