/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A virtual machine of one processor and a few instructions, whose memory is a mapping of the test: each run writes one
 * word, or reads one. No firmware, no devices, no QEMU.
 */
#ifndef _ZKZ_SELFTESTS_VM_H
#define _ZKZ_SELFTESTS_VM_H

#include <stddef.h>
#include <stdint.h>

struct vm {
	int kvm, fd, vcpu;
	struct kvm_run *run;
	size_t run_size;
	char *mem;
	size_t size;
};

/* All return 0 or a negative error; -ENOENT: no KVM here. The first page of the memory is for the program. */
int vm_open(struct vm *vm, char *mem, size_t size);
void vm_close(struct vm *vm);
/* Puts the program there, where memory has been replaced. */
void vm_program(char *mem);
int vm_write(struct vm *vm, uint32_t at, uint32_t word);
int vm_read(struct vm *vm, uint32_t at, uint32_t *word);

#endif
