// SPDX-License-Identifier: GPL-2.0
/*
 * zkzfs: mounting, options and limits. A file system in memory, much like ramfs, whose regular files are
 * the memory of zones: see mem.h.
 */
#include "fs.h"
#include "inode.h"
#include "mem.h"
#include "selftest/selftest.h"

#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/statfs.h>
#include <linux/utsname.h>

#define ZKZ_ROOT_MODE	0755

/* Without size= a mount leaves a tenth of the machine's memory to others: what is in files here cannot be reclaimed. */
static unsigned long default_max(void)
{
	return max(round_down(totalram_pages() / 10 * 9, ZKZ_CHUNK_PAGES), ZKZ_CHUNK_PAGES);
}

/* What the self-test says about huge folios on this kernel. */
static enum zkz_verdict huge_verdict;
static DEFINE_MUTEX(huge_lock);

/**
 * struct zkz_options - what the mount options said
 * @sb: the values
 * @seen: bits of the options that were given
 */
struct zkz_options {
	struct zkz_sb sb;
	unsigned long seen;
};

enum { Opt_size, Opt_mode, Opt_uid, Opt_gid, Opt_huge };

static const struct constant_table huge_words[] = {
	{ "never", 0 },
	{ "2M", 1 },
	{}
};

static const struct fs_parameter_spec zkz_parameters[] = {
	fsparam_string("size", Opt_size),
	fsparam_u32oct("mode", Opt_mode),
	fsparam_u32("uid", Opt_uid),
	fsparam_u32("gid", Opt_gid),
	fsparam_enum("huge", Opt_huge, huge_words),
	{}
};

bool zkz_fs_huge(const struct zkz_sb *zsb)
{
	return zsb->huge && (READ_ONCE(huge_verdict) == ZKZ_WORKS || zsb->probing);
}

/* As long as no huge page was free to test with, every mount tries again. */
static void probe_huge(void)
{
	mutex_lock(&huge_lock);
	if (huge_verdict == ZKZ_UNKNOWN)
		WRITE_ONCE(huge_verdict, zkz_selftest_track(true));
	mutex_unlock(&huge_lock);
}

static void explain_huge(void)
{
	if (huge_verdict == ZKZ_UNKNOWN)
		pr_notice("zkz: no 2M page could be mapped: 4K pages are used until the next mount (echo 1 >/proc/sys/vm/compact_memory frees some)\n");
	else if (huge_verdict == ZKZ_BROKEN)
		pr_notice("zkz: huge pages do not work as needed on this kernel: files use 4K pages\n");
}

static int parse_size(struct fs_context *fc, const char *text, struct zkz_sb *sb)
{
	unsigned long long bytes;
	char *rest;

	bytes = memparse(text, &rest);
	if (rest == text || *rest || bytes > MAX_LFS_FILESIZE)
		return invalf(fc, "zkzfs: size=%s is not a number of bytes (K, M, G, T may follow it)", text);
	if (bytes && bytes < ZKZ_CHUNK_SIZE)
		return invalf(fc, "zkzfs: size=%s is less than the smallest file, 2M", text);
	sb->max_pages = bytes >> PAGE_SHIFT;
	return 0;
}

static int parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct zkz_options *opts = fc->fs_private;
	struct fs_parse_result result;
	int opt;

	opt = fs_parse(fc, zkz_parameters, param, &result);
	if (opt < 0)
		return opt;
	__set_bit(opt, &opts->seen);
	switch (opt) {
	case Opt_size:
		return parse_size(fc, param->string, &opts->sb);
	case Opt_mode:
		opts->sb.mode = result.uint_32 & 07777;
		return 0;
	case Opt_uid:
		opts->sb.uid = make_kuid(current_user_ns(), result.uint_32);
		return uid_valid(opts->sb.uid) ? 0 : invalf(fc, "zkzfs: no such uid: %u", result.uint_32);
	case Opt_gid:
		opts->sb.gid = make_kgid(current_user_ns(), result.uint_32);
		return gid_valid(opts->sb.gid) ? 0 : invalf(fc, "zkzfs: no such gid: %u", result.uint_32);
	case Opt_huge:
		opts->sb.huge = result.uint_32;
		return 0;
	}
	return -EINVAL;
}

static int zkz_show_options(struct seq_file *m, struct dentry *root)
{
	const struct zkz_sb *zsb = zkz_sb_of(root->d_sb);

	if (zsb->max_pages)
		seq_printf(m, ",size=%luk", zsb->max_pages << (PAGE_SHIFT - 10));
	seq_printf(m, ",mode=%03o", zsb->mode);
	if (!uid_eq(zsb->uid, GLOBAL_ROOT_UID))
		seq_printf(m, ",uid=%u", from_kuid_munged(&init_user_ns, zsb->uid));
	if (!gid_eq(zsb->gid, GLOBAL_ROOT_GID))
		seq_printf(m, ",gid=%u", from_kgid_munged(&init_user_ns, zsb->gid));
	/* What was asked for, which a remount repeats; what came of it is in the log. */
	seq_printf(m, ",huge=%s", zsb->huge ? "2M" : "never");
	return 0;
}

static int zkz_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	struct zkz_sb *zsb = zkz_sb_of(dentry->d_sb);
	unsigned long max = zsb->max_pages ?: totalram_pages();
	unsigned long used = atomic_long_read(&zsb->used);

	buf->f_type = ZKZ_FS_MAGIC;
	buf->f_bsize = PAGE_SIZE;
	buf->f_namelen = NAME_MAX;
	buf->f_blocks = max;
	buf->f_bfree = max - min(max, used);
	buf->f_bavail = buf->f_bfree;
	return 0;
}

static const struct super_operations zkz_super_ops = {
	.alloc_inode	= zkz_inode_alloc,
	.free_inode	= zkz_inode_free,
	.evict_inode	= zkz_inode_evict,
	.drop_inode	= zkz_drop_inode,
	.statfs		= zkz_statfs,
	.show_options	= zkz_show_options,
};

static int fill_super(struct super_block *sb, struct fs_context *fc)
{
	struct zkz_options *opts = fc->fs_private;
	struct zkz_sb *zsb;
	struct inode *root;

	zsb = kzalloc(sizeof(*zsb), GFP_KERNEL);
	if (!zsb)
		return -ENOMEM;
	*zsb = opts->sb;
	zsb->probing = fc->sb_flags & SB_KERNMOUNT;	/* only the self-test mounts like that */
	sb->s_fs_info = zsb;	/* freed by kill_sb, also after an error */
	sb->s_maxbytes = MAX_LFS_FILESIZE;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_magic = ZKZ_FS_MAGIC;
	sb->s_op = &zkz_super_ops;
	sb->s_time_gran = 1;

	root = zkz_inode_new(sb, NULL, S_IFDIR | zsb->mode);
	if (root) {
		root->i_uid = zsb->uid;
		root->i_gid = zsb->gid;
	}
	sb->s_root = d_make_root(root);
	if (!sb->s_root)
		return -ENOMEM;
	return 0;
}

static int get_tree(struct fs_context *fc)
{
	struct zkz_options *opts = fc->fs_private;

	if (opts->sb.huge && !(fc->sb_flags & SB_KERNMOUNT)) {
		probe_huge();
		explain_huge();
	}
	return get_tree_nodev(fc, fill_super);
}

/* Only what was given changes; files keep the folios they have. */
static int reconfigure(struct fs_context *fc)
{
	struct zkz_options *opts = fc->fs_private;
	struct zkz_sb *zsb = zkz_sb_of(fc->root->d_sb);
	unsigned long max = opts->sb.max_pages;

	/* mount(8) repeats the options that are set already. */
	if ((test_bit(Opt_mode, &opts->seen) && opts->sb.mode != zsb->mode) ||
	    (test_bit(Opt_uid, &opts->seen) && !uid_eq(opts->sb.uid, zsb->uid)) ||
	    (test_bit(Opt_gid, &opts->seen) && !gid_eq(opts->sb.gid, zsb->gid)))
		return invalf(fc, "zkzfs: mode, uid and gid are set at the first mount; use chmod and chown");
	if (test_bit(Opt_size, &opts->seen)) {
		if (max && max < atomic_long_read(&zsb->used))
			return invalf(fc, "zkzfs: more than size= is in use; remove files or choose a larger size");
		zsb->max_pages = max;
	}
	if (test_bit(Opt_huge, &opts->seen))
		zsb->huge = opts->sb.huge;
	return 0;
}

static void free_options(struct fs_context *fc)
{
	kfree(fc->fs_private);
}

static const struct fs_context_operations zkz_context_ops = {
	.free		= free_options,
	.parse_param	= parse_param,
	.get_tree	= get_tree,
	.reconfigure	= reconfigure,
};

static int init_fs_context(struct fs_context *fc)
{
	struct zkz_options *opts = kzalloc(sizeof(*opts), GFP_KERNEL);

	if (!opts)
		return -ENOMEM;
	opts->sb.mode = ZKZ_ROOT_MODE;
	opts->sb.uid = GLOBAL_ROOT_UID;
	opts->sb.gid = GLOBAL_ROOT_GID;
	opts->sb.huge = true;
	opts->sb.max_pages = default_max();
	fc->fs_private = opts;
	fc->ops = &zkz_context_ops;
	return 0;
}

static void kill_sb(struct super_block *sb)
{
	struct zkz_sb *zsb = zkz_sb_of(sb);

	zkz_kill_super(sb);
	if (zsb)
		WARN_ONCE(atomic_long_read(&zsb->used), "zkzfs: %ld pages still charged at unmount\n",
			  atomic_long_read(&zsb->used));
	kfree(zsb);
}

struct file_system_type zkz_fs_type = {
	.owner			= THIS_MODULE,
	.name			= "zkzfs",
	.init_fs_context	= init_fs_context,
	.parameters		= zkz_parameters,
	.kill_sb		= kill_sb,
};
MODULE_ALIAS_FS("zkzfs");

static bool untested = ZKZ_UNTESTED;
module_param(untested, bool, 0);
MODULE_PARM_DESC(untested, "take this kernel for one that zkz was never tested with");

/* Without tracking nothing of the rest is of use. A kernel that is known may leave it open, no memory being free. */
static int __init probe_tracking(void)
{
	enum zkz_verdict verdict = zkz_selftest_track(false);

	if (verdict == ZKZ_BROKEN || (untested && verdict != ZKZ_WORKS)) {
		pr_err("zkz: not loaded: writes cannot be tracked on Linux %s, which %s; boot another kernel\n",
		       utsname()->release, untested ? "zkz was never tested with" : "does not do what it did in tests");
		return -ENOTRECOVERABLE;
	}
	if (untested)
		pr_notice("zkz: untested on Linux %s, but its self-test passes\n", utsname()->release);
	return 0;
}

int __init zkz_fs_init(void)
{
	int err = probe_tracking();

	if (err)
		return err;
	probe_huge();
	explain_huge();
	return register_filesystem(&zkz_fs_type);
}

void zkz_fs_exit(void)
{
	unregister_filesystem(&zkz_fs_type);
}
