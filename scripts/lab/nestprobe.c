// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a KVM guest of five bytes. As first process of a machine it tells whether guests really run there:
 * /dev/kvm may open, and the processor's flags may promise, where nothing works.
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PORT 0x77

static int start_state(int vcpu)
{
	struct kvm_regs regs = { .rip = 0x1000, .rflags = 2, .rax = '*' };
	struct kvm_sregs sregs;

	if (ioctl(vcpu, KVM_GET_SREGS, &sregs) < 0)
		return -1;
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs) < 0)
		return -1;
	return ioctl(vcpu, KVM_SET_REGS, &regs);
}

/* Success only if the guest's own instruction reached us. */
static int run(int vcpu, struct kvm_run *r)
{
	int i;

	for (i = 0; i < 100; i++) {
		if (ioctl(vcpu, KVM_RUN, 0) < 0)
			return -1;
		if (r->exit_reason == KVM_EXIT_IO)
			return r->io.port == PORT && *((char *)r + r->io.data_offset) == '*' ? 0 : -1;
		if (r->exit_reason != KVM_EXIT_INTR)
			return -1;
	}
	return -1;
}

int main(void)
{
	static const uint8_t code[] = { 0xe6, PORT, 0xf4, 0xeb, 0xfd }; /* out %al,$PORT; hlt; jmp to hlt */
	struct kvm_userspace_memory_region region = { .guest_phys_addr = 0x1000, .memory_size = 0x1000 };
	int kvm, vm, vcpu, size;
	struct kvm_run *r;
	void *mem;

	kvm = open("/dev/kvm", O_RDWR);
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	mem = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (kvm < 0 || vm < 0 || mem == MAP_FAILED)
		goto fail;
	memcpy(mem, code, sizeof(code));
	region.userspace_addr = (uintptr_t)mem;
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		goto fail;
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (vcpu < 0 || size <= 0)
		goto fail;
	r = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (r == MAP_FAILED || start_state(vcpu) < 0 || run(vcpu, r) < 0)
		goto fail;
	puts("nestprobe: a guest ran");
	return 0;
fail:
	perror("nestprobe: no guest");
	return 1;
}
