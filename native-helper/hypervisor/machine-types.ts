// SPDX-License-Identifier: MIT
import type { Architecture } from '#contract/images.ts';
import type { Accelerator } from '#contract/instances.ts';
import type { LaterValue } from '#contract/open-enum.ts';

/**
 * The versioned machine type, so that a guest sees the same hardware after an update of QEMU. 7.2 is
 * the oldest QEMU that is supported (Debian 12); QEMU keeps a version for at least six years
 * (docs/about/deprecated.rst).
 */
export function machineType(architecture: Architecture): string {
  switch (architecture) {
    case 'x86_64':
      return 'pc-q35-7.2';
    case 'aarch64':
      return 'virt-7.2';
    default:
      return architecture satisfies never;
  }
}

/**
 * The processor that a guest sees: the host's own, or all that QEMU can emulate, without what costs more than it gives.
 */
export function cpuModel(architecture: Architecture, accelerator: Accelerator | LaterValue): string {
  if (accelerator === 'kvm') return 'host';
  switch (architecture) {
    case 'x86_64':
      return 'max,la57=off'; // five-level page tables only make every TLB miss of an emulated CPU dearer
    case 'aarch64':
      return 'max,pauth-impdef=on'; // the architected pointer authentication costs an emulated CPU half its time
    default:
      return architecture satisfies never;
  }
}

/** The program of the closed list that runs machines of an architecture. */
export function qemuProgram(architecture: Architecture | LaterValue): string {
  return `qemu-system-${architecture}`;
}

/**
 * UEFI for Arm, from Debian's qemu-efi-aarch64: read-only, its variables live in memory. x86-64 starts by QEMU's own
 * SeaBIOS.
 */
export const aarch64Firmware = '/usr/share/qemu-efi-aarch64/QEMU_EFI.fd';
