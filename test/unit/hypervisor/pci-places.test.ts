// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { keptSlots, placesFor, type DevicePlace } from '../../../native-helper/hypervisor/pci-places.ts';

const own = ['disk', 'seed', 'nic0'];
const at = (device: string, slot: number, bus = 'pcie.0'): DevicePlace => ({ device, bus, slot });
const slotsOf = (places: readonly DevicePlace[]): Record<string, number> =>
  Object.fromEntries(places.map(({ device, slot }) => [device, slot]));

describe('the place of a device', () => {
  it('is its own for what every machine has, whatever was remembered', () => {
    expect(placesFor(own)).toEqual([at('disk', 1), at('seed', 2), at('nic0', 3)]);
    expect(placesFor(own, [at('disk', 12), at('nic0', 13)])).toEqual(placesFor(own));
  });

  it('is a slot that nothing else is kept for, in the order of their coming', () => {
    const slots = slotsOf(placesFor([...own, 'data', 'nic1']));
    expect(slots).toMatchObject({ data: 9, nic1: 10 });
    expect(Object.values(keptSlots)).not.toContain(9);
  });

  it('is the same again, whoever came or went beside it', () => {
    const first = placesFor([...own, 'data', 'nic1', 'more']);
    const fewer = placesFor([...own, 'more', 'nic1'], first);
    expect(slotsOf(fewer)).toEqual({ disk: 1, seed: 2, nic0: 3, nic1: 10, more: 11 });
    expect(slotsOf(placesFor([...own, 'new', 'nic1', 'more'], fewer))).toMatchObject({ new: 9, nic1: 10, more: 11 });
  });

  it('is another where it was on a bus that no machine begins with', () => {
    const remembered = [at('data', 0, 'port3'), at('nic1', 0, 'slot3'), at('more', 11)];
    const slots = placesFor([...own, 'data', 'nic1', 'more'], remembered).slice(3);
    expect(slots).toEqual([at('data', 9), at('nic1', 10), at('more', 11)]);
  });

  it('is another where two remember one, or it is kept for something else', () => {
    const remembered = [at('a', 14), at('b', 14), at('c', keptSlots.serialPorts), at('d', 31)];
    expect(slotsOf(placesFor(['a', 'b', 'c', 'd'], remembered))).toEqual({ a: 14, b: 9, c: 10, d: 11 });
  });

  it('is refused where there is none left', () => {
    const many = Array.from({ length: 22 }, (_, index) => `d${index}`);
    expect(new Set(placesFor(many).map(({ slot }) => slot)).size).toBe(22);
    expect(() => placesFor([...many, 'd22'])).toThrow(expect.objectContaining({ code: 'hardware.unavailable' }));
  });
});
