// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vm.h"

/* Where the programs are; both end with HLT, which leaves the guest. */
#define WRITE_AT	0x100
#define READ_AT		0x110

static const unsigned char write_program[] = { 0x89, 0x07, 0xf4 };	/* mov %eax,(%edi) */
static const unsigned char read_program[] = { 0x8b, 0x07, 0xf4 };	/* mov (%edi),%eax */

/* Protected mode with flat segments, no paging: an address is a place in the memory. */
static int set_mode(struct vm *vm)
{
	struct kvm_segment flat = {
		.limit = 0xffffffff, .selector = 8, .present = 1, .type = 3, .s = 1, .db = 1, .g = 1,
	};
	struct kvm_sregs sregs;

	if (ioctl(vm->vcpu, KVM_GET_SREGS, &sregs))
		return -errno;
	sregs.cr0 |= 1;
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = flat;
	flat.type = 11;
	sregs.cs = flat;
	return ioctl(vm->vcpu, KVM_SET_SREGS, &sregs) ? -errno : 0;
}

static int make(struct vm *vm)
{
	struct kvm_userspace_memory_region slot = {
		.memory_size = vm->size, .userspace_addr = (uintptr_t)vm->mem,
	};
	int size;

	vm->fd = ioctl(vm->kvm, KVM_CREATE_VM, 0);
	if (vm->fd < 0 || ioctl(vm->fd, KVM_SET_TSS_ADDR, 0xfffbd000) ||
	    ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot))
		return -errno;
	vm->vcpu = ioctl(vm->fd, KVM_CREATE_VCPU, 0);
	size = ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (vm->vcpu < 0 || size < 0)
		return -errno;
	vm->run_size = size;
	vm->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu, 0);
	return vm->run == MAP_FAILED ? -errno : set_mode(vm);
}

void vm_program(char *mem)
{
	memcpy(mem + WRITE_AT, write_program, sizeof(write_program));
	memcpy(mem + READ_AT, read_program, sizeof(read_program));
}

int vm_open(struct vm *vm, char *mem, size_t size)
{
	int ret;

	memset(vm, 0, sizeof(*vm));
	vm->mem = mem;
	vm->size = size;
	vm->fd = vm->vcpu = -1;
	vm->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm < 0)
		return -ENOENT;
	vm_program(mem);
	ret = make(vm);
	if (ret)
		vm_close(vm);
	return ret;
}

void vm_close(struct vm *vm)
{
	if (vm->run_size)
		munmap(vm->run, vm->run_size);
	close(vm->vcpu);
	close(vm->fd);
	close(vm->kvm);
}

static int run(struct vm *vm, uint64_t program, uint32_t at, uint32_t *word)
{
	struct kvm_regs regs = { .rip = program, .rdi = at, .rax = *word, .rflags = 2 };

	if (ioctl(vm->vcpu, KVM_SET_REGS, &regs))
		return -errno;
	while (ioctl(vm->vcpu, KVM_RUN, 0)) {
		if (errno != EINTR)
			return -errno;
	}
	if (vm->run->exit_reason != KVM_EXIT_HLT)
		return -ENOTRECOVERABLE;
	if (ioctl(vm->vcpu, KVM_GET_REGS, &regs))
		return -errno;
	*word = regs.rax;
	return 0;
}

int vm_write(struct vm *vm, uint32_t at, uint32_t word)
{
	return run(vm, WRITE_AT, at, &word);
}

int vm_read(struct vm *vm, uint32_t at, uint32_t *word)
{
	return run(vm, READ_AT, at, word);
}
