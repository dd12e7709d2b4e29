# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Storage that all hosts of a lab share.

storage_remove() {
	return 0
}
