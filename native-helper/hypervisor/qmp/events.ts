// SPDX-License-Identifier: MIT
import type { MachineEvent } from '../../core/seams/hypervisor.ts';
import type { QmpEvent } from './codec.ts';

/** QEMU's event in the helper's terms; undefined for one that nobody acts on. Its time is QEMU's. */
export function machineEvent({ event, data, timestamp }: QmpEvent): MachineEvent | undefined {
  const at = timeOf(timestamp);
  switch (event) {
    case 'SHUTDOWN':
      return { kind: 'shutdown', byGuest: data['guest'] === true, reason: nameIn(data['reason']) ?? 'unknown', at };
    case 'RESET':
      return { kind: 'reset', at };
    case 'STOP':
      return { kind: 'stop', at };
    case 'RESUME':
      return { kind: 'resume', at };
    case 'BLOCK_IO_ERROR':
      return { kind: 'disk-failed', isPausing: data['action'] === 'stop', isFull: data['nospace'] === true, at };
    case 'POWERDOWN':
      return { kind: 'powerdown', at };
    case 'DEVICE_DELETED':
      return { kind: 'device-deleted', device: nameIn(data['device']) ?? '', at };
    case 'VSERPORT_CHANGE':
      return { kind: 'port-changed', device: nameIn(data['id']) ?? '', isOpen: data['open'] === true, at };
    case 'MIGRATION':
      return { kind: 'migration', status: nameIn(data['status']) ?? 'unknown', at };
    case 'GUEST_PANICKED':
      return { kind: 'guest-panicked', at };
    default:
      return undefined;
  }
}

/** QEMU's time where it is one, else now: a machine may be in an attacker's hands, who says what he likes. */
function timeOf({ seconds, microseconds }: QmpEvent['timestamp']): Date {
  const at = new Date(seconds * 1000 + Math.floor(microseconds / 1000));
  return Number.isNaN(at.getTime()) ? new Date() : at;
}

/** A name of the kind that the helper and QEMU give: it is logged and compared, never used. */
function nameIn(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w./-]{1,100}$/.test(value) ? value : undefined;
}
