// SPDX-License-Identifier: MIT

/**
 * O_PATH of open(2), which Node does not name: what lies at a name is found and can be looked at, and is not opened. To
 * be opened then by `atSelf`. asm-generic/fcntl.h, alike on x86-64 and arm64.
 */
export const oPath = 0o10000000;
