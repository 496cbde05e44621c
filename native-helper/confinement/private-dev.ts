// SPDX-License-Identifier: MIT
import { lstat } from 'node:fs/promises';
import type { AccessMode } from '#contract/security.ts';
import { sentence } from '#messages/say.ts';
import { HelperError, messageOf } from '../core/errors.ts';

export interface DeviceNode {
  readonly name: string;
  readonly mode: AccessMode;
  readonly type: 'c' | 'b';
  readonly major: number;
  readonly minor: number;
}

/** What every private /dev holds; the launcher makes them. */
export const baseDevices = ['null', 'zero', 'full', 'random', 'urandom'] as const;

/** Their numbers on every Linux (Documentation/admin-guide/devices.txt). */
export const baseDeviceNumbers: readonly Omit<DeviceNode, 'name'>[] = [3, 5, 7, 8, 9].map((minor) => ({
  mode: 'rw',
  type: 'c',
  major: 1,
  minor,
}));

/**
 * The numbers of the host's nodes, for the launcher to make its own of.
 * @throws HelperError confinement.unavailable when one is missing or no device: the machine could not do what it is for
 */
export function deviceNodes(devices: readonly Pick<DeviceNode, 'name' | 'mode'>[]): Promise<DeviceNode[]> {
  return Promise.all(
    devices.map(async ({ name, mode }) => {
      const stats = await lstat(`/dev/${name}`).catch((error: unknown) => {
        throw new HelperError(
          'confinement.unavailable',
          { layer: 'private-dev', reason: messageOf(error) },
          { cause: error },
        );
      });
      if (!stats.isCharacterDevice() && !stats.isBlockDevice())
        throw new HelperError('confinement.unavailable', {
          layer: 'private-dev',
          reason: sentence('security.no-device', { name }),
        });
      return {
        name,
        mode,
        type: stats.isCharacterDevice() ? 'c' : 'b',
        major: majorOf(stats.rdev),
        minor: minorOf(stats.rdev),
      };
    }),
  );
}

/** The groups that may open the host's own nodes, for a machine that sees these. */
export async function groupsOf(devices: readonly Pick<DeviceNode, 'name'>[]): Promise<number[]> {
  const gids = await Promise.all(devices.map(async ({ name }) => (await lstat(`/dev/${name}`)).gid));
  return [...new Set(gids)].filter((gid) => gid !== 0);
}

/** makedev(3): the kernel's 12 bits of major and 20 bits of minor as glibc packs them. */
function majorOf(device: number): number {
  return (device >>> 8) & 0xfff;
}

function minorOf(device: number): number {
  return (device & 0xff) | ((device >>> 12) & 0xfff00);
}
