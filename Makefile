# SPDX-License-Identifier: GPL-2.0
#
# The one door to zkz: 'make help' lists what is behind it. Everything built goes to build/.

VERSION := 0.1.0

PREFIX ?= /usr
SYSCONFDIR ?= /etc
DESTDIR ?=
V ?= 0
TIME ?= 600

TOP := $(CURDIR)
BUILD := $(TOP)/build
# Kernels that are here: installed, or in the folder of another Debian.
KERNELS := $(shell scripts/kversions | cut -d' ' -f1)

ifeq ($(V),1)
Q :=
else
Q := @
MAKEFLAGS += --no-print-directory
endif
say = @printf '  %-7s %s\n' $(1) $(2)
# Several people (or jobs) may build in one tree: one at a time in each room.
locked = $(Q)mkdir -p $(BUILD) && flock $(BUILD)/.$(1).lock
# A room that is not there yet is skipped.
have = $(if $(wildcard $(1)),$(2),@:)

export VERSION PREFIX SYSCONFDIR V

.DEFAULT_GOAL := all
.PHONY: all help deps deps-check roots kmod user guest unit selftests fuzz stage stage-test install uninstall demo check check-hybrid check-full \
	deb bench bench-full lint clean
.PHONY: FORCE

all: deps-check kmod user guest

help:
	@echo 'Building:'
	@echo '  all          module for all kernels that are here, programs and test guest (the default)'
	@echo '  kmod         the module; kmod-6.12 for one kernel (scripts/kversions lists them)'
	@echo '  user         zkz, zkzd, zkz-keeper'
	@echo '  guest        kernel and initramfs of the test guest'
	@echo '  install      programs, manual pages, units, completion and DKMS source (DESTDIR=, PREFIX=$(PREFIX))'
	@echo '  stage        the same into build/stage, for the lab; stage-test with hold points, for the migration tests'
	@echo '  deb          Debian packages zkz, zkz-dkms and zkz-doc, into build/deb'
	@echo '  deps         install the Debian packages that are missing (as root or through sudo)'
	@echo '  roots        folders with other releases of Debian, whose kernels and QEMUs are tested as well (a gigabyte, some minutes)'
	@echo '  clean        remove build/'
	@echo
	@echo 'Trying and testing:'
	@echo '  demo         boot two hosts in the lab and move a busy zone between them'
	@echo '  check        every test on all kernels; FAST=1 leaves out those that boot lab hosts,'
	@echo '               STEPS="lint unit" runs only these steps, BUSY=4 beside so many busy processes,'
	@echo '               TURN=all (or 1 to 8) more migration tests than have their turn at this commit'
	@echo '  check-hybrid what can go wrong with hybrid migrations, all of it (an hour)'
	@echo '  check-full   the same, and every fault at every step of a migration; days, goes on where it was interrupted'
	@echo '  unit         unit tests under AddressSanitizer; T=NAME runs one'
	@echo '  selftests    build the kselftest suites into build/selftests'
	@echo '  fuzz         run every fuzz target for TIME=$(TIME) seconds; T=NAME runs one'
	@echo '  lint         checkpatch, shellcheck, spelling, layers, circles, documents'
	@echo '  bench        QEMU pre-copy against zkz in the lab: a busy and an idle guest, a quarter of an hour'
	@echo '  bench-full   all of QEMU'\''s modes, all workloads; hours, goes on where it was interrupted'
	@echo '               BENCH="--select hot --reps 3" for either: options of scripts/bench'
	@echo
	@echo 'V=1 shows the commands.'

deps:
	$(Q)scripts/deps

roots: deps
	$(Q)for d in 12 13; do scripts/debian path $$d >/dev/null || exit 1; done

deps-check:
	$(Q)scripts/deps --check

# The module is built in a tree of symbolic links, so that each kernel has objects of its own.
kmod: $(KERNELS:%=kmod-%)

kmod-%: FORCE
	$(call have,kmod/Kbuild,$(call locked,kmod-$*) scripts/build-kmod $* $(KFLAGS))

user:
	$(call have,user/Makefile,$(call locked,user) $(MAKE) -C user)

guest:
	$(call have,selftests/guest/Makefile,$(call locked,guest) $(MAKE) -C selftests/guest)

unit:
	$(call have,selftests/unit/Makefile,$(call locked,unit) $(MAKE) -C selftests/unit run $(if $(T),T=$(T)))

selftests:
	$(call have,selftests/Makefile,$(call locked,selftests) $(MAKE) -C selftests)

fuzz:
	$(call have,user/fuzz/Makefile,$(call locked,fuzz) $(MAKE) -C user/fuzz run TIME=$(TIME) $(if $(T),T=$(T)))

stage: user
	$(call locked,user) $(MAKE) install DESTDIR=$(BUILD)/stage PREFIX=/usr SYSCONFDIR=/etc INSTALL_BUILT=1

# With hold points, see user/lib/hold.h.
stage-test:
	$(call locked,user-test) $(MAKE) -C user HOLDS=1
	$(call locked,user-test) scripts/install --built $(BUILD)/user-test --destdir $(BUILD)/stage-test \
		--prefix /usr --sysconfdir /etc

install: $(if $(INSTALL_BUILT),,user)
	$(Q)scripts/install $(if $(DESTDIR),--destdir $(DESTDIR)) --prefix $(PREFIX) --sysconfdir $(SYSCONFDIR)

uninstall:
	$(Q)scripts/install --remove $(if $(DESTDIR),--destdir $(DESTDIR)) --prefix $(PREFIX) --sysconfdir $(SYSCONFDIR)

deb:
	$(call locked,deb) scripts/build-deb

demo: deps
	$(Q)$(MAKE) all stage
	$(Q)scripts/demo

bench: deps
	$(Q)$(MAKE) all stage
	$(Q)scripts/bench $(BENCH)

bench-full: deps
	$(Q)$(MAKE) all stage
	$(Q)scripts/bench --full $(BENCH)

check: roots
	$(Q)scripts/check $(if $(FAST),--fast) $(if $(BUSY),--busy $(BUSY)) $(if $(TURN),--turn $(TURN)) $(STEPS)

check-hybrid: deps
	$(Q)$(MAKE) all stage stage-test
	$(Q)scripts/check 'hybrid-.*'

check-full: deps
	$(Q)$(MAKE) all stage stage-test
	$(Q)scripts/check 'hybrid-.*' faults

lint:
	$(Q)scripts/lint

clean:
	$(call say,CLEAN,build)
	$(Q)rm -rf build
