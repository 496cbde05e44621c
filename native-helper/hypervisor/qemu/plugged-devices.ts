// SPDX-License-Identifier: MIT
import type { QmpClient } from '../qmp/client.ts';
import { deviceNames } from './hot-plug.ts';

/** What share-slots.ts and guest-ports.ts call what they plug in. */
const plugged = /^(?:share|port)-/;

/** The devices that were plugged in while the machine ran: a guest's state is bound to them. */
export async function pluggedDevices(qmp: QmpClient, signal: AbortSignal): Promise<readonly string[]> {
  return (await deviceNames(qmp, signal)).filter((name) => plugged.test(name));
}
