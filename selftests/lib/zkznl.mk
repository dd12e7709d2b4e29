# SPDX-License-Identifier: GPL-2.0
#
# What a suite needs that uses zkznl.

CFLAGS += $(shell pkg-config --cflags libnl-genl-3.0)
LDLIBS += $(shell pkg-config --libs libnl-genl-3.0)
