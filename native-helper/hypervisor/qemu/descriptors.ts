// SPDX-License-Identifier: MIT

/**
 * What QEMU is started with, by number: as the launcher hands it on. The last is opened by the launcher itself; taps
 * beyond the first follow it.
 */
export const descriptors = { tap: 3, qmp: 4, serial: 5, consoleLog: 6 } as const;

/** Which descriptor the tap of a NIC is, by the NIC's place in the specification. */
export function tapDescriptor(index: number): number {
  return index === 0 ? descriptors.tap : descriptors.consoleLog + index;
}

/** What is handed to the launcher, from 3 up. It puts what it opens in the place of whatever stands at that number. */
export function passedDescriptors(
  [first, ...others]: readonly number[],
  { qmp, serial }: { readonly qmp: number; readonly serial: number },
): number[] {
  // a machine without a NIC has no use for a tap, but the numbers stay
  return [first ?? qmp, qmp, serial, ...(others.length === 0 ? [] : [serial, ...others])];
}
