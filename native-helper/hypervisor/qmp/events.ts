// SPDX-License-Identifier: MIT
import type { MachineEvent } from '../../core/seams/hypervisor.ts';
import type { QmpEvent } from './codec.ts';

/** QEMU's event in the helper's terms; undefined for one that nobody acts on. Its time is QEMU's. */
export function machineEvent({ event, data, timestamp }: QmpEvent): MachineEvent | undefined {
  const at = new Date(timestamp.seconds * 1000 + Math.floor(timestamp.microseconds / 1000));
  switch (event) {
    case 'SHUTDOWN': return { kind: 'shutdown', byGuest: data['guest'] === true, reason: typeof data['reason'] === 'string' ? data['reason'] : 'unknown', at };
    case 'RESET': return { kind: 'reset', at };
    case 'STOP': return { kind: 'stop', at };
    case 'RESUME': return { kind: 'resume', at };
    case 'POWERDOWN': return { kind: 'powerdown', at };
    case 'DEVICE_DELETED': return { kind: 'device-deleted', device: typeof data['device'] === 'string' ? data['device'] : '', at };
    case 'VSERPORT_CHANGE': return { kind: 'port-changed', device: typeof data['id'] === 'string' ? data['id'] : '', isOpen: data['open'] === true, at };
    case 'GUEST_PANICKED': return { kind: 'guest-panicked', at };
    default: return undefined;
  }
}
