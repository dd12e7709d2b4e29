// SPDX-License-Identifier: GPL-2.0
#include "inode.h"
#include "file.h"
#include "mem.h"
#include "poison.h"

#include <linux/pagemap.h>
#include <linux/slab.h>

static struct kmem_cache *inode_cache;

static void init_once(void *object)
{
	struct zkz_mem *mem = object;

	inode_init_once(&mem->vfs_inode);
}

struct inode *zkz_inode_alloc(struct super_block *sb)
{
	struct zkz_mem *mem = alloc_inode_sb(sb, inode_cache, GFP_KERNEL);

	if (!mem)
		return NULL;
	INIT_LIST_HEAD(&mem->list);
	return &mem->vfs_inode;
}

void zkz_inode_free(struct inode *inode)
{
	kmem_cache_free(inode_cache, zkz_mem_of(inode));
}

void zkz_inode_evict(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	if (S_ISREG(inode->i_mode))
		zkz_mem_exit(zkz_mem_of(inode));
	clear_inode(inode);
}

/*
 * No read_folio and no write_begin: buffered writing and readahead would fill chunks with single pages.
 * Every folio is marked dirty, so that nothing takes it for a copy that can be dropped, and there is no
 * writeback to clean it.
 */
static const struct address_space_operations zkz_aops = {
	.dirty_folio	= noop_dirty_folio,
	.free_folio	= zkz_poison_keep,
};

static const struct inode_operations zkz_dir_inode_ops;

struct inode *zkz_inode_new(struct super_block *sb, struct inode *dir, umode_t mode)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	inode_init_owner(&zkz_nop_idmap, inode, dir, mode);
	zkz_inode_init_ts(inode);
	inode->i_mapping->a_ops = &zkz_aops;
	mapping_set_gfp_mask(inode->i_mapping, GFP_HIGHUSER);
	mapping_set_unevictable(inode->i_mapping);
	if (S_ISREG(mode)) {
		zkz_mapping_init(inode->i_mapping);
		inode->i_op = &zkz_file_inode_ops;
		inode->i_fop = &zkz_file_ops;
		zkz_mem_init(zkz_mem_of(inode));
	} else {
		inode->i_op = &zkz_dir_inode_ops;
		inode->i_fop = &simple_dir_operations;
		inc_nlink(inode);
	}
	return inode;
}

static int make(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	struct inode *inode = zkz_inode_new(dir->i_sb, dir, mode);

	if (!inode)
		return -ENOSPC;
	zkz_make_persistent(dentry, inode);
	if (S_ISDIR(mode))
		inc_nlink(dir);
	return 0;
}

static int zkz_create(ZKZ_CREATE_ARGS)
{
	return make(dir, dentry, mode | S_IFREG);
}

static zkz_mkdir_ret zkz_mkdir(struct zkz_idmap *idmap, struct inode *dir, struct dentry *dentry, umode_t mode)
{
	return zkz_mkdir_err(make(dir, dentry, mode | S_IFDIR));
}

static const struct inode_operations zkz_dir_inode_ops = {
	.create		= zkz_create,
	.lookup		= simple_lookup,
	.link		= simple_link,
	.unlink		= simple_unlink,
	.mkdir		= zkz_mkdir,
	.rmdir		= simple_rmdir,
	.rename		= simple_rename,
};

int __init zkz_inode_init(void)
{
	inode_cache = kmem_cache_create("zkz_inode", sizeof(struct zkz_mem), 0,
					SLAB_HWCACHE_ALIGN | SLAB_RECLAIM_ACCOUNT | SLAB_ACCOUNT, init_once);
	return inode_cache ? 0 : -ENOMEM;
}

void zkz_inode_exit(void)
{
	/* Inodes are freed after a grace period. */
	rcu_barrier();
	kmem_cache_destroy(inode_cache);
}
