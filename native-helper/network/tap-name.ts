// SPDX-License-Identifier: MIT

/** Taps of ours: `tap-` and the first eight hex digits of the instance's id (15 bytes at most, IFNAMSIZ). */
export function tapNameFor(instanceId: string): string {
  const digits = instanceId.replaceAll('-', '').toLowerCase().slice(0, 8);
  if (!/^[0-9a-f]{8}$/.test(digits)) throw new RangeError(`no tap name comes of the id ${instanceId}`);
  return `tap-${digits}`;
}

export function isTapName(name: string): boolean {
  return /^tap-[0-9a-f]{8}$/.test(name);
}
